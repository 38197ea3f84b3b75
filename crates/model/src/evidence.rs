//! What a site's own data says about a question that no document answers.
//!
//! A question (is `event_time` the start or the end of a state?) is put to several tests. Each test counts
//! what speaks for and against each answer. The verdict names the best answer and whether it is certain;
//! an administrator may confirm or override it, and the evidence stays visible beside the answer.

use serde::{Deserialize, Serialize};

/// Observations below this many never make an answer certain.
pub const ENOUGH: u64 = 20;
/// Of a hundred observations, so many may speak against a certain answer (cut chains, late rows).
pub const TOLERATED_PERCENT: u64 = 5;

/// The outcome of one test for one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// Stable name of the test: `chain`, `dictionary-name`, `interval-totals`.
    pub test: String,
    /// The answer tested, by its stable name.
    pub answer: String,
    /// Observations that speak for it.
    pub in_favour: u64,
    /// Observations that speak against it.
    pub against: u64,
}

impl Evidence {
    /// From counts.
    pub fn new(test: &str, answer: &str, in_favour: u64, against: u64) -> Self {
        Self {
            test: test.to_owned(),
            answer: answer.to_owned(),
            in_favour,
            against,
        }
    }

    /// True when it alone would make the answer certain.
    pub fn is_conclusive(&self) -> bool {
        conclusive(self.in_favour, self.against)
    }
}

/// Whether so many observations settle a question.
pub fn conclusive(in_favour: u64, against: u64) -> bool {
    in_favour >= ENOUGH
        && against.saturating_mul(100)
            <= in_favour
                .saturating_add(against)
                .saturating_mul(TOLERATED_PERCENT)
}

/// An answer with what speaks for and against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict<T> {
    /// The answer to use; `None` while nothing speaks for any.
    pub answer: Option<T>,
    /// False: pages say that the answer is not certain, and ask.
    pub certain: bool,
    /// True: an administrator set the answer; the evidence may still disagree.
    pub overridden: bool,
    /// All tests, those that lost included.
    pub evidence: Vec<Evidence>,
}

impl<T> Default for Verdict<T> {
    fn default() -> Self {
        Self {
            answer: None,
            certain: false,
            overridden: false,
            evidence: Vec::new(),
        }
    }
}

impl<T: PartialEq> Verdict<T> {
    /// The better of two answers by one test that counts observations for each; observations that fit both
    /// are to be left out. Equal counts give no answer.
    pub fn of_two(test: &str, one: (T, &str, u64), other: (T, &str, u64)) -> Self {
        let evidence = vec![
            Evidence::new(test, one.1, one.2, other.2),
            Evidence::new(test, other.1, other.2, one.2),
        ];
        let (answer, for_it, against_it) = match one.2.cmp(&other.2) {
            std::cmp::Ordering::Greater => (Some(one.0), one.2, other.2),
            std::cmp::Ordering::Less => (Some(other.0), other.2, one.2),
            std::cmp::Ordering::Equal => (None, 0, 0),
        };
        Self {
            certain: answer.is_some() && conclusive(for_it, against_it),
            answer,
            overridden: false,
            evidence,
        }
    }

    /// The verdict after an administrator's word, if there is one. The evidence is kept.
    #[must_use]
    pub fn overridden_by(mut self, setting: Option<T>) -> Self {
        if let Some(answer) = setting {
            self.answer = Some(answer);
            self.certain = true;
            self.overridden = true;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_or_contradicted_observations_are_not_certain() {
        let start = |yes, no| Verdict::of_two("chain", ("start", "start", yes), ("end", "end", no));
        assert_eq!(start(0, 0).answer, None);
        assert_eq!(start(7, 7).answer, None);
        assert_eq!(
            (start(3, 0).answer, start(3, 0).certain),
            (Some("start"), false)
        );
        assert!(start(ENOUGH, 0).certain);
        assert!(start(200, 10).certain);
        assert!(!start(200, 11).certain);
        assert_eq!(start(1, 40).answer, Some("end"));
    }

    #[test]
    fn an_administrator_decides_and_the_evidence_stays() {
        let verdict =
            Verdict::of_two("chain", (1, "one", 50), (2, "two", 0)).overridden_by(Some(2));
        assert_eq!(verdict.answer, Some(2));
        assert!(verdict.certain && verdict.overridden);
        assert_eq!(verdict.evidence[0].in_favour, 50);
        let kept = Verdict::of_two("chain", (1, "one", 50), (2, "two", 0)).overridden_by(None);
        assert_eq!((kept.answer, kept.overridden), (Some(1), false));
    }
}
