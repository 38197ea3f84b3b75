//! From what is observed of an agent to an event.

use super::agent::{Agent, Observed, Pending};
use super::{Engine, RESYNC_MS};
use floorwire_model::agents::WorkState;
use floorwire_model::live::{LiveChange, LiveEvent, LossCause, Since};

/// Durations are whole seconds and reports take a moment: starts that differ by less are the same, milliseconds.
const JITTER_MS: i64 = 2_500;

impl Engine {
    /// Reports an agent when there is something to report. `grace`: *Other* must last before it counts.
    pub(super) fn apply(
        &mut self,
        at: usize,
        login: &str,
        now: i64,
        grace: bool,
        events: &mut Vec<LiveEvent>,
    ) {
        let is_delta = self.is_delta();
        let period_ms = self.profile.period_ms;
        let grace_ms = self.profile.limits.other_grace_ms;
        let confirmed = self.confirmed_utc_ms;
        let fresh_connection = now - self.connected_utc_ms < RESYNC_MS;
        let Some(acd) = self.acds.get_mut(at) else {
            return;
        };
        let generation = acd.generation;
        let Some(agent) = acd.agents.get_mut(login) else {
            return;
        };
        agent.is_back();
        let observed = agent.now;
        let is_first_word = agent.generation != generation;
        if let Some(shown) = &agent.shown
            && shown.is_same(&observed)
        {
            agent.seen_utc_ms = observed.received_utc_ms;
            if !is_first_word {
                agent.pending = None;
                return;
            }
        }
        let earlier = is_first_word && (!is_delta || fresh_connection);
        let (mut since_utc_ms, mut since) =
            start(agent, &observed, is_first_word, earlier, period_ms);
        let is_absent_no_more = !is_first_word && !agent.is_staffed();
        if is_absent_no_more && confirmed.is_some_and(|last| since_utc_ms < last - JITTER_MS) {
            // The duration began before the last snapshot, in which nobody of that name was: the clock it counts by is off.
            (since_utc_ms, since) = (observed.received_utc_ms, Since::Receipt);
        }
        if grace && grace_ms > 0 && observed.state == WorkState::Other && !observed.signs_on {
            let due_utc_ms = observed.received_utc_ms + grace_ms;
            if agent.pending.is_none() {
                agent.pending = Some(Pending {
                    since_utc_ms,
                    since,
                    due_utc_ms,
                });
                let due = self.other_due_utc_ms.unwrap_or(i64::MAX);
                self.other_due_utc_ms = Some(due.min(due_utc_ms));
            }
            return;
        }
        agent.pending = None;
        self.report(at, login, since_utc_ms, since, now, events);
    }

    /// Sends the status of an agent as it is now.
    pub(super) fn report(
        &mut self,
        at: usize,
        login: &str,
        since_utc_ms: i64,
        since: Since,
        now: i64,
        events: &mut Vec<LiveEvent>,
    ) {
        let Some(acd) = self.acds.get_mut(at) else {
            return;
        };
        let (number, generation) = (acd.number, acd.generation);
        let Some(agent) = acd.agents.get_mut(login) else {
            return;
        };
        let observed = agent.now;
        let after_call = agent.shown.as_ref().is_some_and(Observed::is_call);
        let since_utc_ms = since_utc_ms.max(agent.since_utc_ms);
        agent.since_utc_ms = since_utc_ms;
        agent.seen_utc_ms = observed.received_utc_ms;
        agent.generation = generation;
        agent.shown = Some(observed);
        events.push(LiveEvent {
            port: self.context.port,
            acd: number,
            received_utc_ms: now,
            change: LiveChange::Status {
                login: login.to_owned(),
                name: agent.name.as_deref().map(str::to_owned),
                since_utc_ms,
                since,
                status: observed.status(after_call, &self.texts),
            },
        });
    }

    /// Reports *Other* that has lasted for its grace; finds when the next one will.
    pub(super) fn other_lasted(&mut self, now: i64, events: &mut Vec<LiveEvent>) {
        if self.other_due_utc_ms.is_none_or(|due| due > now) {
            return;
        }
        let concluded = self.concluded_segment();
        let mut due: Vec<(usize, Box<str>, Pending)> = Vec::new();
        let mut next: Option<i64> = None;
        for (at, acd) in self.acds.iter_mut().enumerate() {
            for (login, agent) in &mut acd.agents {
                let Some(pending) = agent.pending else {
                    continue;
                };
                if agent.segment > concluded {
                    continue; // Whether everybody is in *Other* shows at the end of the snapshot.
                }
                if pending.due_utc_ms <= now {
                    agent.pending = None;
                    due.push((at, login.clone(), pending));
                } else {
                    next = Some(next.unwrap_or(i64::MAX).min(pending.due_utc_ms));
                }
            }
        }
        self.other_due_utc_ms = next;
        due.sort_by(|a, b| (a.2.since_utc_ms, &a.1).cmp(&(b.2.since_utc_ms, &b.1)));
        for (at, login, pending) in due {
            self.report(at, &login, pending.since_utc_ms, pending.since, now, events);
        }
    }

    /// Looks again for *Other* that waits, after a snapshot ended.
    pub(super) fn other_to_be_looked_at(&mut self) {
        let pending = self
            .acds
            .iter()
            .flat_map(|acd| acd.agents.values())
            .filter_map(|agent| agent.pending);
        self.other_due_utc_ms = pending.map(|pending| pending.due_utc_ms).min();
    }

    /// Where only changes are told: most agents in *Other* at once is the link to the switch.
    pub(super) fn other_in_changes(&mut self, at: usize, now: i64, events: &mut Vec<LiveEvent>) {
        if self.other_due_utc_ms.is_none() {
            return;
        }
        let minimum = self.profile.limits.drop_minimum as usize;
        let Some(acd) = self.acds.get(at) else { return };
        let generation = acd.generation;
        let told =
            |agent: &&Agent| agent.in_scope && agent.generation == generation && agent.is_staffed();
        let staffed = acd.agents.values().filter(told).count();
        let waiting = acd
            .agents
            .values()
            .filter(told)
            .filter(|agent| agent.pending.is_some())
            .count();
        if waiting >= minimum && waiting * 2 > staffed {
            let first = acd
                .agents
                .values()
                .filter_map(|agent| agent.pending)
                .map(|pending| pending.since_utc_ms)
                .min();
            self.lose(at, LossCause::SwitchLink, first, now, events);
            self.other_to_be_looked_at();
        }
    }
}

/// Since when an agent has been so, and how that is known.
fn start(
    agent: &Agent,
    observed: &Observed,
    is_first_word: bool,
    earlier: bool,
    period_ms: i64,
) -> (i64, Since) {
    let received = observed.received_utc_ms;
    let by_receipt = match earlier {
        true => (received, Since::Earlier),
        false => (received, Since::Receipt),
    };
    let (since, how) = match observed
        .duration_s
        .and_then(|seconds| i64::try_from(seconds).ok())
    {
        Some(seconds) => (received - seconds * 1_000, Since::Source),
        None => by_receipt,
    };
    if how != Since::Source {
        return (since.max(agent.since_utc_ms), how);
    }
    let is_same = agent
        .shown
        .as_ref()
        .is_some_and(|shown| shown.is_same(observed));
    if is_first_word && is_same && (since - agent.since_utc_ms).abs() <= period_ms.max(JITTER_MS) {
        return (agent.since_utc_ms, Since::Source); // It went on all the while.
    }
    if !is_same && agent.shown.is_some() && since < agent.seen_utc_ms.saturating_sub(JITTER_MS) {
        // The duration began while the agent was seen in another status: it does not speak of what changed.
        return (received.max(agent.since_utc_ms), by_receipt.1);
    }
    (since.max(agent.since_utc_ms), Since::Source)
}
