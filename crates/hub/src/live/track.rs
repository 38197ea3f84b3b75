//! From events to spans: what one agent did by one feed. Pure.
//!
//! A status holds until the next one, or until the feed is lost: then it ends at its last confirmation. A status that is
//! there again after a loss, and that by the source's own duration began before the confirmation, went on all the time:
//! its span goes on too. No span begins before the one before ended, so spans of an agent never overlap. Where two statuses
//! begin at the same moment, the later word counts.

use floorwire_model::live::{LiveStatus, Since};

/// One status over some time, milliseconds since 1970 UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Start.
    pub start_utc_ms: i64,
    /// End, exclusive; `None` while it lasts.
    pub end_utc_ms: Option<i64>,
    /// How the start is known.
    pub since: Since,
    /// True when it ended because the feed was lost. Such a span may have no length: the floor for what follows.
    pub lost: bool,
    /// The status.
    pub status: LiveStatus,
}

/// The latest span of an agent, and those that changed since it was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    last: Option<Span>,
    changed: Vec<Span>,
}

impl Track {
    /// From the latest span that is stored.
    pub fn from(last: Option<Span>) -> Self {
        Self {
            last,
            changed: Vec::new(),
        }
    }

    /// The latest span.
    pub fn last(&self) -> Option<&Span> {
        self.last.as_ref()
    }

    /// What has to be written, the ends of earlier spans first; of one start only the last word.
    pub fn into_changes(self) -> Vec<Span> {
        self.changed
    }

    /// Remembers the latest span as changed.
    fn note(&mut self) {
        let Some(last) = &self.last else { return };
        match self.changed.last_mut() {
            Some(changed) if changed.start_utc_ms == last.start_utc_ms => *changed = last.clone(),
            _ => self.changed.push(last.clone()),
        }
    }

    /// The agent is in a status.
    pub fn status(&mut self, since_utc_ms: i64, since: Since, status: &LiveStatus) {
        let mut start = since_utc_ms;
        if let Some(last) = &mut self.last {
            let same = last.status == *status;
            match last.end_utc_ms {
                None if same && (since == Since::Earlier || start <= last.start_utc_ms) => return,
                None => {
                    start = start.max(last.start_utc_ms);
                    if start > last.start_utc_ms {
                        last.end_utc_ms = Some(start);
                        self.note();
                    }
                }
                Some(end) if last.lost && same && start <= end => {
                    last.end_utc_ms = None;
                    last.lost = false;
                    return self.note();
                }
                Some(end) => start = start.max(end),
            }
        }
        self.last = Some(Span {
            start_utc_ms: start,
            end_utc_ms: None,
            since,
            lost: false,
            status: status.clone(),
        });
        self.note();
    }

    /// Nothing is known after the last confirmation.
    pub fn lost(&mut self, confirmed_utc_ms: Option<i64>) {
        if let Some(last) = &mut self.last
            && last.end_utc_ms.is_none()
        {
            let end = confirmed_utc_ms.unwrap_or(last.start_utc_ms);
            last.end_utc_ms = Some(end.max(last.start_utc_ms));
            last.lost = true;
            self.note();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use floorwire_model::agents::{Hold, WorkState};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn status(state: WorkState) -> LiveStatus {
        LiveStatus {
            state,
            direction: None,
            aux_reason: None,
            skill: None,
            skill_level: None,
            hold: Hold::No,
            raw: None,
        }
    }

    const STATES: [WorkState; 3] = [WorkState::Available, WorkState::Aux, WorkState::Unstaffed];

    #[derive(Clone, Debug)]
    enum Step {
        Status(i64, u8, Since),
        Lost(i64),
    }

    /// The same by painting a line of time, moment by moment: slow and plain.
    #[derive(Default)]
    struct Painted {
        line: BTreeMap<i64, WorkState>,
        /// State, start, and when it was confirmed last if the feed was lost then.
        present: Option<(WorkState, i64, Option<i64>)>,
        floor: i64,
    }

    impl Painted {
        fn paint(&mut self, to: i64) {
            if let Some((state, start, None)) = self.present {
                for at in start..to {
                    self.line.insert(at, state);
                }
            }
        }

        fn step(&mut self, step: &Step) {
            match *step {
                Step::Lost(confirmed) => {
                    if let Some((state, start, None)) = self.present {
                        let end = confirmed.max(start);
                        self.paint(end);
                        self.floor = end;
                        self.present = Some((state, start, Some(end)));
                    }
                }
                Step::Status(since, state, kind) => {
                    let state = STATES[usize::from(state)];
                    match self.present {
                        Some((same, start, None))
                            if same == state && (kind == Since::Earlier || since <= start) => {}
                        Some((same, start, Some(end))) if same == state && since <= end => {
                            // One span, painted anew as a whole when it ends; what follows may begin anywhere in it.
                            self.floor = start;
                            self.line.retain(|at, _| *at < start);
                            self.present = Some((state, start, None));
                        }
                        _ => {
                            let start = since.max(self.floor);
                            self.paint(start);
                            self.floor = start;
                            self.present = Some((state, start, None));
                        }
                    }
                }
            }
        }
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let kind = prop_oneof![
            Just(Since::Source),
            Just(Since::Receipt),
            Just(Since::Earlier)
        ];
        let step = prop_oneof![
            4 => (0_i64..60, 0_u8..3, kind).prop_map(|(since, state, kind)| Step::Status(since, state, kind)),
            1 => (0_i64..60).prop_map(Step::Lost),
        ];
        prop::collection::vec(step, 0..40)
    }

    proptest! {
        #[test]
        fn spans_equal_the_painted_line(steps in steps(), cut in 0_usize..40) {
            let mut painted = Painted::default();
            let mut stored: BTreeMap<i64, Span> = BTreeMap::new();
            let mut track = Track::default();
            for (at, step) in steps.iter().enumerate() {
                painted.step(step);
                match step {
                    Step::Status(since, state, kind) => track.status(*since, *kind, &status(STATES[usize::from(*state)])),
                    Step::Lost(confirmed) => track.lost(Some(*confirmed)),
                }
                // Written and loaded again, as at the end of a batch.
                if at == cut {
                    let last = track.last().cloned();
                    let changes = std::mem::replace(&mut track, Track::from(last)).into_changes();
                    stored.extend(changes.into_iter().map(|span| (span.start_utc_ms, span)));
                }
            }
            stored.extend(track.into_changes().into_iter().map(|span| (span.start_utc_ms, span)));
            painted.paint(100);
            let mut line = BTreeMap::new();
            let mut floor = i64::MIN;
            for span in stored.values() {
                prop_assert!(span.start_utc_ms >= floor);
                floor = span.end_utc_ms.unwrap_or(100);
                for at in span.start_utc_ms..floor {
                    line.insert(at, span.status.state);
                }
            }
            prop_assert_eq!(line, painted.line);
            prop_assert!(stored.values().filter(|span| span.end_utc_ms.is_none()).count() <= 1);
        }
    }

    #[test]
    fn a_status_that_went_on_over_a_loss_is_one_span() {
        let (ready, away) = (status(WorkState::Available), status(WorkState::Aux));
        let mut track = Track::default();
        track.status(100, Since::Source, &ready);
        track.lost(Some(130));
        assert_eq!(track.last().unwrap().end_utc_ms, Some(130));
        track.status(100, Since::Source, &ready);
        assert_eq!(track.clone().into_changes().len(), 1);
        track.lost(Some(160));
        track.status(170, Since::Earlier, &ready);
        track.status(150, Since::Source, &away);
        let spans = track.into_changes();
        assert_eq!(spans.len(), 2);
        assert_eq!(
            (spans[0].start_utc_ms, spans[0].end_utc_ms, spans[0].lost),
            (100, Some(160), true)
        );
        assert_eq!((spans[1].start_utc_ms, &spans[1].status), (170, &away));
    }
}
