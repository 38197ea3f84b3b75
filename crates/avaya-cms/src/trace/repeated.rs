//! Which pass of a repeated hour a row belongs to.
//!
//! The clock's face shows a time twice; the durations are true seconds. So a span whose instant is known tells where its
//! neighbours begin and end: a row that can begin exactly where a known span ends does begin there, and likewise backwards.
//! Known spans spread from the hours before and after. Where a neighbour is known already, or two rows could be it, the chain says
//! nothing. What no chain reaches is given the pass that overlaps no known span. Moments without length take part in no chain: they
//! belong where a span begins or ends. Where two passes are left, the first is taken and the span is marked ambiguous.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// A row's span by each reading of its local time; both the same outside of repeated hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Start and end if the time is of the first pass.
    pub first: (i64, i64),
    /// Start and end if it is of the second.
    pub second: (i64, i64),
}

/// A span, and whether its pass is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Start.
    pub start: i64,
    /// End.
    pub end: i64,
    /// False where the first pass was taken for want of evidence.
    pub certain: bool,
}

/// Chooses a pass for every row of one agent.
pub fn choose(choices: &[Choice]) -> Vec<Chosen> {
    let mut spans = Spans {
        choices,
        chosen: choices
            .iter()
            .map(|choice| (choice.first == choice.second).then_some(choice.first))
            .collect(),
    };
    if spans.chosen.iter().any(Option::is_none) {
        spans.spread();
        while spans.avoid_one_overlap() {
            spans.spread();
        }
        spans.place_moments();
    }
    let picked = spans.chosen.iter().zip(choices);
    picked
        .map(|(chosen, choice)| {
            let (start, end) = chosen.unwrap_or(choice.first);
            Chosen {
                start,
                end,
                certain: chosen.is_some(),
            }
        })
        .collect()
}

type Span = (i64, i64);

fn is_moment(span: Span) -> bool {
    span.0 == span.1
}

struct Spans<'a> {
    choices: &'a [Choice],
    chosen: Vec<Option<Span>>,
}

impl Spans<'_> {
    /// The rows of length whose pass is open, with both readings.
    fn open(&self) -> impl Iterator<Item = (usize, &Choice)> {
        let rows = self.choices.iter().enumerate();
        rows.filter(|(row, choice)| self.chosen[*row].is_none() && !is_moment(choice.first))
    }

    fn known(&self) -> impl Iterator<Item = Span> {
        self.chosen
            .iter()
            .flatten()
            .copied()
            .filter(|span| !is_moment(*span))
    }

    /// Goes from known spans to the rows that join them.
    fn spread(&mut self) {
        let mut by_start: HashMap<i64, Vec<(usize, Span)>> = HashMap::new();
        let mut by_end: HashMap<i64, Vec<(usize, Span)>> = HashMap::new();
        for (row, choice) in self.open() {
            for span in [choice.first, choice.second] {
                by_start.entry(span.0).or_default().push((row, span));
                by_end.entry(span.1).or_default().push((row, span));
            }
        }
        let mut starts: HashSet<i64> = self.known().map(|span| span.0).collect();
        let mut ends: HashSet<i64> = self.known().map(|span| span.1).collect();
        let mut unexplored: Vec<Span> = self.known().collect();
        while let Some((start, end)) = unexplored.pop() {
            let after = by_start.get(&end).filter(|_| !starts.contains(&end));
            let before = by_end.get(&start).filter(|_| !ends.contains(&start));
            for claimants in [after, before].into_iter().flatten() {
                let mut waiting = claimants
                    .iter()
                    .filter(|(row, _)| self.chosen[*row].is_none());
                if let (Some(&(row, span)), None) = (waiting.next(), waiting.next()) {
                    self.chosen[row] = Some(span);
                    starts.insert(span.0);
                    ends.insert(span.1);
                    unexplored.push(span);
                }
            }
        }
    }

    /// Chooses one row of which one reading alone is free.
    fn avoid_one_overlap(&mut self) -> bool {
        let known: Vec<Span> = self.known().collect();
        let is_free = |span: Span| {
            known
                .iter()
                .all(|known| span.1 <= known.0 || known.1 <= span.0)
        };
        let found = self.open().find_map(|(row, choice)| {
            match (is_free(choice.first), is_free(choice.second)) {
                (true, false) => Some((row, choice.first)),
                (false, true) => Some((row, choice.second)),
                _ => None,
            }
        });
        if let Some((row, span)) = found {
            self.chosen[row] = Some(span);
        }
        found.is_some()
    }

    /// Moments belong to the edge of a run of spans, rather than between two of them or inside one.
    fn place_moments(&mut self) {
        let known: Vec<Span> = self.known().collect();
        let fitness = |(at, _): Span| {
            let (begins, ends) = (
                known.iter().any(|span| span.0 == at),
                known.iter().any(|span| span.1 == at),
            );
            match (begins, ends) {
                (true, true) => 1,
                (false, false) => 0,
                _ => 2,
            }
        };
        for (row, choice) in self.choices.iter().enumerate() {
            if self.chosen[row].is_none() && is_moment(choice.first) {
                let (first, second) = (fitness(choice.first), fitness(choice.second));
                self.chosen[row] = match first.cmp(&second) {
                    Ordering::Greater => Some(choice.first),
                    Ordering::Less => Some(choice.second),
                    Ordering::Equal => None,
                };
            }
        }
    }
}
