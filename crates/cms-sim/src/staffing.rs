//! Agents of one split over one day: who is on shift, who is free next, how long each was staffed.
//!
//! Agents are numbered; agent `n` is on shift in every slot whose planned level is above `n`. A call goes to the agent
//! who can take it first, among equals to the one idle longest. A call begun in the shift is finished after it, and
//! the agent counts as staffed until then.

use crate::calendar::Slot;

/// Agents of a split that is open around the clock stay this long after midnight, until those of the new day are in.
const HANDOVER_S: i64 = 600;
/// Share of the planned agents who are staffed in addition but in an AUX mode (breaks, training and so on).
const AUX_SHARE_PERCENT: usize = 14;

/// Time during which an agent was staffed in a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StaffSpan {
    pub from_utc_s: i64,
    pub to_utc_s: i64,
    /// The AUX reason (0 to 9) if the whole span was spent in AUX.
    pub aux_reason: Option<usize>,
}

/// The agents of one split and day.
pub(crate) struct Pool {
    agents: Vec<Agent>,
    aux: Vec<StaffSpan>,
}

#[derive(Default)]
struct Agent {
    shifts: Vec<(i64, i64)>,
    /// First shift that has not ended before the last call asked for.
    next_shift: usize,
    free_utc_s: i64,
    busy: Vec<(i64, i64)>,
}

impl Agent {
    /// When this agent could take a call that came at `arrival_utc_s`. Arrivals must not go back in time.
    fn available(&mut self, arrival_utc_s: i64) -> Option<i64> {
        let earliest = self.free_utc_s.max(arrival_utc_s);
        while let Some((from, to)) = self.shifts.get(self.next_shift) {
            if *to > earliest {
                return Some(earliest.max(*from));
            }
            self.next_shift += 1;
        }
        None
    }
}

impl Pool {
    /// Shifts from the planned number of agents per slot of the day.
    pub fn planned(levels: &[(Slot, usize)]) -> Self {
        let most = levels.iter().map(|(_, level)| *level).max().unwrap_or(0);
        let mut agents: Vec<Agent> = (0..most).map(|_| Agent::default()).collect();
        let mut aux = Vec::new();
        for (position, (slot, level)) in levels.iter().enumerate() {
            for agent in agents.iter_mut().take(*level) {
                match agent.shifts.last_mut() {
                    Some((_, to)) if *to == slot.start_utc_s => *to = slot.end_utc_s,
                    _ => agent.shifts.push((slot.start_utc_s, slot.end_utc_s)),
                }
            }
            let in_aux = (level * AUX_SHARE_PERCENT).div_ceil(100).min(level / 2);
            aux.extend((0..in_aux).map(|number| StaffSpan {
                from_utc_s: slot.start_utc_s,
                to_utc_s: slot.end_utc_s,
                aux_reason: Some(aux_reason(slot, position + number)),
            }));
        }
        let midnight = levels.last().map(|(slot, _)| slot.end_utc_s);
        for agent in &mut agents {
            if let Some((_, to)) = agent.shifts.last_mut()
                && Some(*to) == midnight
            {
                *to += HANDOVER_S;
            }
        }
        Self { agents, aux }
    }

    /// The agent who can take a call first, and when. Arrivals must not go back in time.
    pub fn first_available(&mut self, arrival_utc_s: i64) -> Option<(usize, i64)> {
        let mut best: Option<(usize, i64, i64)> = None;
        for (number, agent) in self.agents.iter_mut().enumerate() {
            let Some(at) = agent.available(arrival_utc_s) else {
                continue;
            };
            let idle_since = agent.free_utc_s;
            if best.is_none_or(|(_, best_at, best_idle)| (at, idle_since) < (best_at, best_idle)) {
                best = Some((number, at, idle_since));
            }
        }
        best.map(|(number, at, _)| (number, at))
    }

    /// Keeps an agent busy from the first ring to the end of the after-call work.
    pub fn occupy(&mut self, agent: usize, from_utc_s: i64, to_utc_s: i64) {
        if let Some(agent) = self.agents.get_mut(agent) {
            agent.busy.push((from_utc_s, to_utc_s));
            agent.free_utc_s = to_utc_s;
        }
    }

    /// Everybody's staffed time: shifts, calls finished after them, AUX.
    pub fn into_staffed(self) -> Vec<StaffSpan> {
        let mut staffed = self.aux;
        for agent in self.agents {
            let mut spans = agent.shifts;
            spans.extend(agent.busy);
            staffed.extend(
                merged(spans)
                    .into_iter()
                    .map(|(from_utc_s, to_utc_s)| StaffSpan {
                        from_utc_s,
                        to_utc_s,
                        aux_reason: None,
                    }),
            );
        }
        staffed
    }
}

/// Joins spans that touch or overlap.
fn merged(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, last_to)) if from <= *last_to => *last_to = (*last_to).max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Lunch around noon, else one of the other reasons in turn (see `synonyms`).
fn aux_reason(slot: &Slot, turn: usize) -> usize {
    if (1130..1400).contains(&slot.hhmm) {
        1
    } else {
        [2, 3, 4, 0, 5][turn % 5]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_idle_agent_is_first_and_overtime_counts() {
        let calendar = crate::calendar::Calendar::new("UTC", 30).unwrap();
        let slots = calendar
            .slots_of_day(jiff::civil::date(1970, 1, 2))
            .unwrap();
        let open = slots[18].start_utc_s;
        let levels: Vec<_> = slots
            .iter()
            .map(|slot| (*slot, usize::from(slot.hhmm == 900) * 2))
            .collect();
        let mut pool = Pool::planned(&levels);
        assert_eq!(pool.first_available(open - 50), Some((0, open)));
        pool.occupy(0, open, open + 100);
        assert_eq!(pool.first_available(open + 10), Some((1, open + 10)));
        pool.occupy(1, open + 10, open + 40);
        assert_eq!(pool.first_available(open + 200), Some((1, open + 200)));
        pool.occupy(1, open + 1700, open + 1900);
        assert_eq!(pool.first_available(open + 1800), None);
        let worked: i64 = pool
            .into_staffed()
            .iter()
            .filter(|span| span.aux_reason.is_none())
            .map(|span| span.to_utc_s - span.from_utc_s)
            .sum();
        assert_eq!(worked, 2 * 1800 + 100);
    }
}
