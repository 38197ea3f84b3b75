//! Which pass of a repeated hour a row belongs to.
//!
//! The clock's face shows a time twice; the durations are true seconds. So rows of which one ends, on the clock's face, exactly
//! where one other begins belong to the same pass: they make a *chain*, decided as a whole. A chain that would overlap known spans
//! in one pass belongs to the other. Otherwise it belongs where more of its two ends join known spans: those of the hours
//! before and after, and chains decided already, the surest first. Moments without length take part in no chain: they belong where a
//! run of spans begins or ends. Where the passes are equal, the first is taken and its spans are marked ambiguous.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// Start and end.
type Span = (i64, i64);

/// A row's span by each reading of its local time; both the same outside of repeated hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Start and end if the time is of the first pass.
    pub first: Span,
    /// Start and end if it is of the second.
    pub second: Span,
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
    let mut chosen: Vec<Option<Span>> = choices
        .iter()
        .map(|choice| (choice.first == choice.second).then_some(choice.first))
        .collect();
    if chosen.iter().any(Option::is_none) {
        let mut chains = chains(choices, &chosen);
        while let Some((at, second)) = surest(choices, &chains, &known(&chosen)) {
            for row in chains.swap_remove(at) {
                chosen[row] = Some(if second {
                    choices[row].second
                } else {
                    choices[row].first
                });
            }
        }
        place_moments(choices, &mut chosen);
    }
    let picked = chosen.iter().zip(choices);
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

fn is_moment(span: Span) -> bool {
    span.0 == span.1
}

fn known(chosen: &[Option<Span>]) -> Vec<Span> {
    let spans = chosen.iter().flatten().copied();
    spans.filter(|span| !is_moment(*span)).collect()
}

/// The open rows of length, in chains: each row's successor is the only row that begins where it, and no other, ends.
fn chains(choices: &[Choice], chosen: &[Option<Span>]) -> Vec<Vec<usize>> {
    let open: Vec<usize> = (0..choices.len())
        .filter(|&row| chosen[row].is_none() && !is_moment(choices[row].first))
        .collect();
    let mut by_start: HashMap<i64, Vec<usize>> = HashMap::new();
    let mut by_end: HashMap<i64, Vec<usize>> = HashMap::new();
    for &row in &open {
        by_start.entry(choices[row].first.0).or_default().push(row);
        by_end.entry(choices[row].first.1).or_default().push(row);
    }
    let joint = |at: i64| match (
        by_end.get(&at).map(Vec::as_slice),
        by_start.get(&at).map(Vec::as_slice),
    ) {
        (Some([before]), Some([after])) if before != after => Some((*before, *after)),
        _ => None,
    };
    let heads = open
        .iter()
        .filter(|&&row| joint(choices[row].first.0).is_none());
    heads
        .map(|&head| {
            let mut chain = vec![head];
            let mut last = head;
            while let Some((_, next)) = joint(choices[last].first.1) {
                chain.push(next);
                last = next;
            }
            chain
        })
        .collect()
}

/// The chain whose pass is the surest, and whether it is the second; `None` when nothing tells any.
fn surest(choices: &[Choice], chains: &[Vec<usize>], known: &[Span]) -> Option<(usize, bool)> {
    let starts: HashSet<i64> = known.iter().map(|span| span.0).collect();
    let ends: HashSet<i64> = known.iter().map(|span| span.1).collect();
    // How many ends join known spans; `None` where the chain would overlap one.
    let fitness = |(start, end): Span| {
        let is_free = known.iter().all(|known| end <= known.0 || known.1 <= start);
        is_free.then_some(u8::from(ends.contains(&start)) + u8::from(starts.contains(&end)))
    };
    let mut best: Option<(u8, usize, bool)> = None;
    for (at, chain) in chains.iter().enumerate() {
        let (Some(head), Some(tail)) = (chain.first(), chain.last()) else {
            continue;
        };
        let first = fitness((choices[*head].first.0, choices[*tail].first.1));
        let second = fitness((choices[*head].second.0, choices[*tail].second.1));
        // Sureness: where one reading is impossible, more than where both ends join in one alone, more than one end.
        let verdict = match (first, second) {
            (Some(one), Some(other)) if one != other => Some((one.abs_diff(other), other > one)),
            (Some(joined), None) => Some((2 + joined, false)),
            (None, Some(joined)) => Some((2 + joined, true)),
            _ => None,
        };
        if let Some((sureness, second)) = verdict
            && best.is_none_or(|(known, _, _)| sureness > known)
        {
            best = Some((sureness, at, second));
        }
    }
    best.map(|(_, at, second)| (at, second))
}

/// Moments belong to the edge of a run of spans, rather than between two of them or inside one.
fn place_moments(choices: &[Choice], chosen: &mut [Option<Span>]) {
    let known = known(chosen);
    let fitness = |(at, _): Span| {
        let begins = known.iter().any(|span| span.0 == at);
        let ends = known.iter().any(|span| span.1 == at);
        match (begins, ends) {
            (true, true) => 1,
            (false, false) => 0,
            _ => 2,
        }
    };
    for (row, choice) in choices.iter().enumerate() {
        if chosen[row].is_none() && is_moment(choice.first) {
            let (first, second) = (fitness(choice.first), fitness(choice.second));
            chosen[row] = match first.cmp(&second) {
                Ordering::Greater => Some(choice.first),
                Ordering::Less => Some(choice.second),
                Ordering::Equal => None,
            };
        }
    }
}
