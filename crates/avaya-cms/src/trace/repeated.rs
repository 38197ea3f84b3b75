//! Which pass of a repeated hour a row belongs to.
//!
//! The clock's face shows a time twice; the durations are true seconds. So a span whose instant is known tells where its
//! neighbours begin and end: a row that can begin exactly where a known span ends does begin there, and likewise backwards.
//! Known spans spread from the hours before and after. What no chain reaches is given the pass that overlaps no known span; where
//! that leaves two, the first is taken and the span is marked ambiguous.

use std::collections::HashMap;

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
    let mut chosen: Vec<Option<(i64, i64)>> = choices
        .iter()
        .map(|choice| (choice.first == choice.second).then_some(choice.first))
        .collect();
    if chosen.iter().any(Option::is_none) {
        spread(choices, &mut chosen);
        avoid_overlaps(choices, &mut chosen);
        spread(choices, &mut chosen);
    }
    chosen
        .iter()
        .zip(choices)
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

fn is_moment(span: (i64, i64)) -> bool {
    span.0 == span.1
}

/// Goes from known spans to the rows that join them.
fn spread(choices: &[Choice], chosen: &mut [Option<(i64, i64)>]) {
    let mut starts: HashMap<i64, Vec<(usize, (i64, i64))>> = HashMap::new();
    let mut ends: HashMap<i64, Vec<(usize, (i64, i64))>> = HashMap::new();
    for (row, choice) in choices.iter().enumerate() {
        if chosen[row].is_none() {
            for span in [choice.first, choice.second] {
                starts.entry(span.0).or_default().push((row, span));
                ends.entry(span.1).or_default().push((row, span));
            }
        }
    }
    let mut open: Vec<(i64, i64)> = chosen.iter().flatten().copied().collect();
    while let Some((start, end)) = open.pop() {
        for claimants in [starts.get(&end), ends.get(&start)].into_iter().flatten() {
            let waiting: Vec<_> = claimants
                .iter()
                .filter(|(row, _)| chosen[*row].is_none())
                .copied()
                .collect();
            // Two spans of length cannot both join here: then the chain says nothing.
            if waiting.iter().filter(|(_, span)| !is_moment(*span)).count() > 1 {
                continue;
            }
            for (row, span) in waiting {
                chosen[row] = Some(span);
                open.push(span);
            }
        }
    }
}

fn avoid_overlaps(choices: &[Choice], chosen: &mut [Option<(i64, i64)>]) {
    let known: Vec<(i64, i64)> = chosen
        .iter()
        .flatten()
        .copied()
        .filter(|span| !is_moment(*span))
        .collect();
    let is_free = |span: (i64, i64)| {
        known
            .iter()
            .all(|known| span.1 <= known.0 || known.1 <= span.0)
    };
    for (row, choice) in choices.iter().enumerate() {
        if chosen[row].is_none() && !is_moment(choice.first) {
            chosen[row] = match (is_free(choice.first), is_free(choice.second)) {
                (true, false) => Some(choice.first),
                (false, true) => Some(choice.second),
                _ => None,
            };
        }
    }
}
