//! Sums of figures. Unknown is not zero: a sum over a row that lacks a figure lacks it too.

use super::dto::Figures;
use floorwire_model::streams::Measures;

/// Adds rows up.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    /// The additive figures; `None` once a part lacked one.
    counts: [Option<i64>; COUNTS],
    threshold: Threshold,
}

const COUNTS: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Threshold {
    Unseen,
    Same(i64),
    Differs,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            counts: [Some(0); COUNTS],
            threshold: Threshold::Unseen,
        }
    }
}

impl Sum {
    /// Adds the figures of a stored row.
    pub fn add_row(&mut self, row: &Measures) {
        self.add([
            row.offered,
            row.answered,
            row.abandoned,
            row.within_threshold,
            row.talk_seconds,
            row.hold_seconds,
            row.acw_seconds,
            row.wait_seconds,
        ]);
        self.add_threshold(row.threshold_seconds);
    }

    /// Adds the sum of a slot.
    pub fn add_figures(&mut self, figures: &Figures) {
        self.add([
            figures.offered,
            figures.answered,
            figures.abandoned,
            figures.within_threshold,
            figures.talk_seconds,
            figures.hold_seconds,
            figures.acw_seconds,
            figures.wait_seconds,
        ]);
        self.add_threshold(figures.threshold_seconds);
    }

    fn add(&mut self, parts: [Option<i64>; COUNTS]) {
        for (sum, part) in self.counts.iter_mut().zip(parts) {
            *sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
        }
    }

    fn add_threshold(&mut self, seconds: Option<i64>) {
        let Some(seconds) = seconds else { return };
        self.threshold = match self.threshold {
            Threshold::Unseen => Threshold::Same(seconds),
            Threshold::Same(before) if before == seconds => self.threshold,
            Threshold::Same(_) | Threshold::Differs => Threshold::Differs,
        };
    }

    /// The sums with what follows from them.
    pub fn figures(&self) -> Figures {
        let [offered, answered, abandoned, within, talk, hold, acw, wait] = self.counts;
        let ended = answered
            .zip(abandoned)
            .map(|(answered, abandoned)| answered + abandoned);
        let handled = talk
            .zip(hold)
            .zip(acw)
            .map(|((talk, hold), acw)| talk + hold + acw);
        Figures {
            offered,
            answered,
            abandoned,
            within_threshold: within,
            threshold_seconds: match self.threshold {
                Threshold::Same(seconds) => Some(seconds),
                Threshold::Unseen | Threshold::Differs => None,
            },
            talk_seconds: talk,
            hold_seconds: hold,
            acw_seconds: acw,
            wait_seconds: wait,
            average_handle_seconds: ratio(handled, answered),
            // Whatever counts as offered: these are the calls that were, or were not, answered in time.
            service_level: ratio(within, ended),
        }
    }
}

/// A quotient, `None` when a part is unknown or the divisor is not positive. Exact below 2^53, far above any count here.
#[allow(clippy::cast_precision_loss)]
fn ratio(part: Option<i64>, whole: Option<i64>) -> Option<f64> {
    let (part, whole) = part.zip(whole)?;
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(answered: Option<i64>, talk: i64, threshold: i64) -> Figures {
        Figures {
            offered: answered.map(|answered| answered + 1),
            answered,
            abandoned: Some(1),
            within_threshold: answered,
            threshold_seconds: Some(threshold),
            talk_seconds: Some(talk),
            hold_seconds: Some(0),
            acw_seconds: Some(10),
            wait_seconds: Some(5),
            ..Figures::default()
        }
    }

    #[test]
    fn handle_time_is_a_quotient_of_sums_and_empty_without_answered_calls() {
        let mut sum = Sum::default();
        sum.add_figures(&figures(Some(1), 100, 20));
        sum.add_figures(&figures(Some(3), 60, 20));
        let both = sum.figures();
        assert_eq!(both.average_handle_seconds, Some(180.0 / 4.0));
        assert_eq!(both.service_level, Some(4.0 / 6.0));
        assert_eq!(both.threshold_seconds, Some(20));
        assert_eq!(Sum::default().figures().average_handle_seconds, None);
        assert_eq!(Sum::default().figures().offered, Some(0));
    }

    #[test]
    fn an_unknown_part_makes_the_sum_unknown_and_thresholds_do_not_add() {
        let mut sum = Sum::default();
        sum.add_figures(&figures(Some(1), 100, 20));
        sum.add_figures(&figures(None, 60, 30));
        let both = sum.figures();
        assert_eq!(
            (
                both.answered,
                both.average_handle_seconds,
                both.threshold_seconds
            ),
            (None, None, None)
        );
        assert_eq!(both.talk_seconds, Some(160));
    }
}
