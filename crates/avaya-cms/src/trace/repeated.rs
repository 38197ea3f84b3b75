//! Which pass of a repeated hour a row belongs to.
//!
//! The clock's face shows a time twice; the durations are true seconds. So rows of which one ends, on the clock's face, exactly
//! where one other begins belong to the same pass, unless somebody logged on or off there: they make a *chain*, decided as a
//! whole. Of all ways to give each chain a pass without an overlap, those in which most spans begin where another ends (or where
//! somebody logs on or off) are the likely ones. What all of these agree on is certain; the rest is taken from the first of them
//! and marked ambiguous. Moments without length belong where a run of spans begins or ends.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// Chains that are tried in all combinations; more than these (a source that does not state durations truly) stay ambiguous.
const MOST_CHAINS: usize = 14;

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

impl Choice {
    fn pass(self, second: bool) -> Span {
        if second { self.second } else { self.first }
    }

    fn is_open(self) -> bool {
        self.first != self.second
    }

    fn is_moment(self) -> bool {
        self.first.0 == self.first.1
    }
}

/// A span, and whether its pass is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Start.
    pub start: i64,
    /// End.
    pub end: i64,
    /// False where a pass was taken for want of evidence.
    pub certain: bool,
}

/// Chooses a pass for every row of one agent.
pub fn choose(choices: &[Choice]) -> Vec<Chosen> {
    let first_reading = |certain: bool| {
        let rows = choices.iter();
        rows.map(|choice| Chosen {
            start: choice.first.0,
            end: choice.first.1,
            certain: certain || !choice.is_open(),
        })
        .collect()
    };
    if !choices.iter().any(|choice| choice.is_open()) {
        return first_reading(true);
    }
    let chains = chains(choices);
    let mut likely = likeliest(choices, &chains).into_iter();
    let Some(passes) = likely.next() else {
        return first_reading(false);
    };
    let mut chosen = place(choices, &chains, &passes);
    for passes in likely {
        let other = place(choices, &chains, &passes);
        for (one, other) in chosen.iter_mut().zip(other) {
            one.certain &= (one.start, one.end, other.certain) == (other.start, other.end, true);
        }
    }
    chosen
}

/// The open rows of length, in chains: each row's successor is the only row that begins where it, and no other, ends.
fn chains(choices: &[Choice]) -> Vec<Vec<usize>> {
    let open: Vec<usize> = (0..choices.len())
        .filter(|&row| choices[row].is_open() && !choices[row].is_moment())
        .collect();
    let logging = moments(choices);
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
        (Some([before]), Some([after])) if before != after && !logging.contains(&at) => {
            Some(*after)
        }
        _ => None,
    };
    let heads = open
        .iter()
        .filter(|&&row| joint(choices[row].first.0).is_none());
    heads
        .map(|&head| {
            let follow = |row: &usize| joint(choices[*row].first.1);
            std::iter::successors(Some(head), follow).collect()
        })
        .collect()
}

/// Where somebody may have logged on or off: both readings of every moment.
fn moments(choices: &[Choice]) -> HashSet<i64> {
    let moments = choices.iter().filter(|choice| choice.is_moment());
    moments
        .flat_map(|choice| [choice.first.0, choice.second.0])
        .collect()
}

/// The passes of the chains (true: second) in which no spans overlap and most ends are explained; empty if there are none.
fn likeliest(choices: &[Choice], chains: &[Vec<usize>]) -> Vec<Vec<bool>> {
    if chains.len() > MOST_CHAINS {
        return Vec::new();
    }
    let logging = moments(choices);
    let known: Vec<Span> = choices
        .iter()
        .filter(|choice| !choice.is_open() && !choice.is_moment())
        .map(|choice| choice.first)
        .collect();
    let whole = |chain: &Vec<usize>, second| {
        let (head, tail) = (chain.first().copied(), chain.last().copied());
        let start = head.map_or(0, |row| choices[row].pass(second).0);
        (start, tail.map_or(0, |row| choices[row].pass(second).1))
    };
    let readings: Vec<[Span; 2]> = chains
        .iter()
        .map(|chain| [whole(chain, false), whole(chain, true)])
        .collect();
    // Only what lies next to an open row can be evidence.
    let from = readings.iter().map(|spans| spans[0].0).min();
    let to = readings.iter().map(|spans| spans[1].1).max();
    let near = |span: &&Span| Some(span.1) >= from && to >= Some(span.0);
    let near: Vec<Span> = known.iter().filter(near).copied().collect();
    let mut best = (0, Vec::new());
    for number in 0_u32..1 << chains.len() {
        let passes: Vec<bool> = (0..chains.len()).map(|at| number >> at & 1 == 1).collect();
        let picked = readings.iter().zip(&passes);
        let mut spans = near.clone();
        spans.extend(picked.map(|(spans, second)| spans[usize::from(*second)]));
        spans.sort_unstable();
        if spans.windows(2).any(|pair| pair[0].1 > pair[1].0) {
            continue;
        }
        let explained = explained_ends(&spans, &logging);
        match explained.cmp(&best.0) {
            Ordering::Greater => best = (explained, vec![passes]),
            Ordering::Equal => best.1.push(passes),
            Ordering::Less => {}
        }
    }
    best.1
}

/// How many of the spans' ends, of both kinds, lie where another span begins or ends, or where somebody logs on or off.
fn explained_ends(sorted: &[Span], logging: &HashSet<i64>) -> usize {
    let mut explained = 0;
    for (at, span) in sorted.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| sorted.get(before));
        let begins_at_another = before.is_some_and(|before| before.1 == span.0);
        let ends_at_another = sorted.get(at + 1).is_some_and(|after| after.0 == span.1);
        explained += usize::from(begins_at_another || logging.contains(&span.0));
        explained += usize::from(ends_at_another || logging.contains(&span.1));
    }
    explained
}

/// All rows, when each chain has its pass.
fn place(choices: &[Choice], chains: &[Vec<usize>], passes: &[bool]) -> Vec<Chosen> {
    let mut chosen: Vec<Option<Span>> = choices
        .iter()
        .map(|choice| (!choice.is_open()).then_some(choice.first))
        .collect();
    for (chain, second) in chains.iter().zip(passes) {
        for &row in chain {
            chosen[row] = Some(choices[row].pass(*second));
        }
    }
    place_moments(choices, &mut chosen);
    let rows = chosen.iter().zip(choices);
    rows.map(|(chosen, choice)| {
        let (start, end) = chosen.unwrap_or(choice.first);
        Chosen {
            start,
            end,
            certain: chosen.is_some(),
        }
    })
    .collect()
}

/// Moments belong to the edge of a run of spans, rather than between two of them or inside one.
fn place_moments(choices: &[Choice], chosen: &mut [Option<Span>]) {
    let known: Vec<Span> = chosen
        .iter()
        .flatten()
        .copied()
        .filter(|(start, end)| start < end)
        .collect();
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
        if chosen[row].is_none() && choice.is_moment() {
            let (first, second) = (fitness(choice.first), fitness(choice.second));
            chosen[row] = match first.cmp(&second) {
                Ordering::Greater => Some(choice.first),
                Ordering::Less => Some(choice.second),
                Ordering::Equal => None,
            };
        }
    }
}
