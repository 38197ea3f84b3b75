//! What calls come to: figures of queues and of VDNs.

use crate::site::Site;
use floorwire_sim_centre::event::{CallId, Event, Skill, Vdn, What};
use std::collections::{BTreeMap, HashMap};

/// Figures of one queue in one interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct QueueFigures {
    pub answered: i64,
    pub abandoned: i64,
    pub within_threshold: i64,
    pub talk_s: i64,
    pub hold_s: i64,
    pub acw_s: i64,
    pub wait_s: i64,
    pub abandoned_wait_s: i64,
    pub arrived: i64,
    pub entry_demand: i64,
    pub phantom: i64,
    pub outbound: i64,
    pub outbound_abandoned: i64,
    pub outbound_talk_s: i64,
    pub outbound_acw_s: i64,
}

/// Figures of one VDN in one interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VdnFigures {
    pub calls: i64,
    pub from_other_vdn: i64,
    pub answered: i64,
    pub connected: i64,
    pub abandoned: i64,
    pub abandoned_in_vector: i64,
    pub sent_on: i64,
    pub turned_away: i64,
    pub within_threshold: i64,
    pub talk_s: i64,
    pub hold_s: i64,
    pub acw_s: i64,
    pub wait_s: i64,
    pub arrived: i64,
}

/// The life of a call, as it is told.
#[derive(Default)]
struct Life {
    adjunct: bool,
    begun: i64,
    vdns: Vec<(Vdn, i64)>,
    queued: Vec<(Skill, i64)>,
    direct: bool,
    rings_in: Option<Option<Skill>>,
    answered: Option<(Option<Skill>, i64)>,
    holds: Vec<(i64, Option<i64>)>,
    released: i64,
    station: Option<i64>,
}

enum Fate {
    Worked,
    Abandoned,
    TurnedAway,
    Left,
    StationEnded,
}

/// ACD, number, interval.
pub(crate) type Place<N> = (i16, N, usize);

/// Adds up calls.
#[derive(Default)]
pub(crate) struct Calls {
    lives: HashMap<CallId, Life>,
    pub queues: BTreeMap<Place<Skill>, QueueFigures>,
    pub vdns: BTreeMap<Place<Vdn>, VdnFigures>,
}

impl Calls {
    pub fn feed(&mut self, site: &Site, event: &Event) {
        let now = event.utc_s;
        let life = |lives: &mut HashMap<CallId, Life>, call: CallId, tell: &dyn Fn(&mut Life)| {
            if let Some(life) = lives.get_mut(&call) {
                tell(life);
            }
        };
        let lives = &mut self.lives;
        match event.what {
            What::Arrived { call, vdn, adjunct } => {
                let begun = Life {
                    adjunct,
                    begun: now,
                    vdns: vec![(vdn, now)],
                    ..Life::default()
                };
                lives.insert(call, begun);
            }
            What::Routed { call, vdn } => life(lives, call, &|life| life.vdns.push((vdn, now))),
            What::Queued {
                call,
                skill,
                again: false,
                ..
            } => life(lives, call, &|life| life.queued.push((skill, now))),
            What::DirectQueued { call, .. } => life(lives, call, &|life| life.direct = true),
            What::Ringing { call, skill, .. } => {
                life(lives, call, &|life| life.rings_in = Some(skill));
            }
            What::Unanswered { call, .. } => life(lives, call, &|life| life.rings_in = None),
            What::Answered { call, skill, .. } => {
                life(lives, call, &|life| life.answered = Some((skill, now)));
            }
            What::Held { call, .. } => life(lives, call, &|life| life.holds.push((now, None))),
            What::Retrieved { call, .. } => life(lives, call, &|life| {
                if let Some(hold) = life.holds.last_mut() {
                    hold.1 = Some(now);
                }
            }),
            What::Released { call, .. } => life(lives, call, &|life| life.released = now),
            What::Connected { call, .. } => life(lives, call, &|life| life.station = Some(now)),
            What::Worked { call, .. } => self.end(site, event, call, &Fate::Worked),
            What::Abandoned { call } => self.end(site, event, call, &Fate::Abandoned),
            What::Busied { call } | What::Disconnected { call } => {
                self.end(site, event, call, &Fate::TurnedAway);
            }
            What::LeftAcd { call } => self.end(site, event, call, &Fate::Left),
            What::Ended { call } => self.end(site, event, call, &Fate::StationEnded),
            _ => {}
        }
    }

    /// Calls that never ended have arrived all the same.
    pub fn finish(&mut self, site: &Site, acd_of: impl Fn(CallId) -> i16) {
        let lives = std::mem::take(&mut self.lives);
        for (call, life) in lives {
            self.count_arrival(site, acd_of(call), &life, i64::MAX);
        }
    }

    fn end(&mut self, site: &Site, event: &Event, call: CallId, fate: &Fate) {
        let (acd, now) = (event.acd, event.utc_s);
        let Some(life) = self.lives.remove(&call) else {
            return;
        };
        self.count_arrival(site, acd, &life, now);
        if site.blind_during(acd, life.begun, now).is_some() {
            return;
        }
        let slots = site.call_slots(acd);
        let Some(slot) = slots.and_then(|slots| slots.index_of(now)) else {
            return;
        };
        self.count_in_queues(site, acd, slot, now, &life, fate);
        self.count_in_vdns(site, acd, slot, now, &life, fate);
    }

    /// An arrival is counted where it happened, unless the CMS lost the call before that interval was over.
    fn count_arrival(&mut self, site: &Site, acd: i16, life: &Life, end: i64) {
        let Some(slots) = site.call_slots(acd) else {
            return;
        };
        let lost_at = site.blind_during(acd, life.begun, end);
        let counts = |at: i64| {
            let index = slots.index_of(at)?;
            let over = slots.get(index)?.end_utc_s;
            lost_at
                .is_none_or(|lost| at < lost && over <= lost)
                .then_some(index)
        };
        for (skill, at) in &life.queued {
            if let Some(index) = counts(*at) {
                self.queues.entry((acd, *skill, index)).or_default().arrived += 1;
            }
        }
        for (vdn, at) in &life.vdns {
            if let Some(index) = counts(*at) {
                self.vdns.entry((acd, *vdn, index)).or_default().arrived += 1;
            }
        }
    }

    fn count_in_queues(
        &mut self,
        site: &Site,
        acd: i16,
        slot: usize,
        now: i64,
        life: &Life,
        fate: &Fate,
    ) {
        let Some((first, queued)) = life.queued.first().copied() else {
            return;
        };
        self.queues
            .entry((acd, first, slot))
            .or_default()
            .entry_demand += 1;
        match fate {
            Fate::Worked => {
                let Some((Some(skill), answered)) = life.answered else {
                    return;
                };
                let figures = self.queues.entry((acd, skill, slot)).or_default();
                let hold = life.hold_s();
                if life.released - answered < site.phantom_s(acd) {
                    figures.abandoned += 1;
                    figures.phantom += 1;
                    figures.outbound_abandoned += i64::from(life.adjunct);
                    figures.abandoned_wait_s += life.released - queued;
                    return;
                }
                figures.answered += 1;
                if life.adjunct {
                    figures.outbound += 1;
                    figures.outbound_talk_s += life.released - answered - hold;
                    figures.outbound_acw_s += now - life.released;
                }
                let threshold = site.service_level_s(acd, skill, answered);
                figures.within_threshold += i64::from(answered - queued <= threshold);
                figures.talk_s += life.released - answered - hold;
                figures.hold_s += hold;
                figures.acw_s += now - life.released;
                figures.wait_s += answered - queued;
            }
            Fate::Abandoned => {
                let skill = life.rings_in.flatten().unwrap_or(first);
                let figures = self.queues.entry((acd, skill, slot)).or_default();
                figures.abandoned += 1;
                figures.outbound_abandoned += i64::from(life.adjunct);
                figures.abandoned_wait_s += now - queued;
            }
            Fate::TurnedAway | Fate::Left | Fate::StationEnded => {}
        }
    }

    fn count_in_vdns(
        &mut self,
        site: &Site,
        acd: i16,
        slot: usize,
        now: i64,
        life: &Life,
        fate: &Fate,
    ) {
        // Each VDN that sent the call on is done with it at that moment.
        for (index, pair) in life.vdns.windows(2).enumerate() {
            let ((vdn, _), (_, left)) = (pair[0], pair[1]);
            let slots = site.call_slots(acd);
            if let Some(slot) = slots.and_then(|slots| slots.index_of(left)) {
                let figures = self.vdns.entry((acd, vdn, slot)).or_default();
                figures.calls += 1;
                figures.sent_on += 1;
                figures.from_other_vdn += i64::from(index > 0);
            }
        }
        let Some((vdn, reached)) = life.vdns.last().copied() else {
            return;
        };
        let threshold = site.vdn_service_level_s(acd, vdn);
        let figures = self.vdns.entry((acd, vdn, slot)).or_default();
        figures.calls += 1;
        figures.from_other_vdn += i64::from(life.vdns.len() > 1);
        match fate {
            Fate::Worked => {
                let Some((_, answered)) = life.answered else {
                    return;
                };
                if life.released - answered < site.phantom_s(acd) {
                    figures.abandoned += 1;
                    return;
                }
                let hold = life.hold_s();
                figures.answered += 1;
                figures.within_threshold += i64::from(answered - reached <= threshold);
                figures.talk_s += life.released - answered - hold;
                figures.hold_s += hold;
                figures.acw_s += now - life.released;
                figures.wait_s += answered - reached;
            }
            Fate::Abandoned => {
                figures.abandoned += 1;
                figures.abandoned_in_vector += i64::from(life.queued.is_empty() && !life.direct);
            }
            Fate::TurnedAway => figures.turned_away += 1,
            Fate::Left => figures.sent_on += 1,
            Fate::StationEnded => {
                figures.connected += 1;
                let wait = life.station.unwrap_or(now) - reached;
                figures.within_threshold += i64::from(wait <= threshold);
            }
        }
    }
}

impl Life {
    fn hold_s(&self) -> i64 {
        let holds = self.holds.iter();
        holds
            .map(|(from, to)| to.unwrap_or(self.released) - from)
            .sum()
    }
}
