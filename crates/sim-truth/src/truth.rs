//! The answer, in the shape that is printed.

use crate::agents::{AgentFigures, Agents, Session, Status, Wanted};
use crate::calls::Calls;
use crate::live::{LiveSpan, LiveTimelines};
use crate::site::{Quality, Survey, UnknownZone, agent_zone};
use crate::slots::{Slot, Slots};
use floorwire_sim_centre::event::{CallId, Header, Login, Named, Skill, Vdn, What};
use floorwire_sim_centre::log::{LogError, Reader};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum TruthError {
    /// The log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A zone.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Only intervals that could be read at this instant, Unix seconds.
    pub published_at_utc_s: Option<i64>,
    /// Intervals of agents as well.
    pub agents: bool,
    /// Timelines and sessions of agents as well.
    pub statuses: bool,
    /// What every agent was shown to do, as a real-time feed has it.
    pub live: bool,
}

/// What a correct import must show.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// Name of the scenario.
    pub scenario: String,
    /// Zone of the first ACD.
    pub zone: String,
    /// Interval of the first ACD, minutes.
    pub interval_minutes: i32,
    /// The log is complete up to this instant, Unix seconds.
    pub through_utc: i64,
    /// The ACDs.
    pub acds: Vec<Acd>,
    /// Queues with their last names.
    pub queues: Vec<Queue>,
    /// Intervals of queues in which something happened, in order of ACD, split, start.
    pub intervals: Vec<QueueInterval>,
    /// VDNs with their last names.
    pub vdns: Vec<VdnName>,
    /// Intervals of VDNs in which something happened.
    pub vdn_intervals: Vec<VdnInterval>,
    /// Breaks of the link.
    pub outages: Vec<Outage>,
    /// When clocks of switches were wrong, by ACD and start.
    pub clock_errors: Vec<ClockError>,
    /// Names of agents and AUX reasons, if agents are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// Intervals of agents, if they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agent_intervals: Vec<AgentInterval>,
    /// Logins, if statuses are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<Session>,
    /// Timelines, if they are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Status>,
    /// What every agent was shown to do, if that is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub live_spans: Vec<LiveSpan>,
}

/// An ACD.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Acd {
    /// Its number.
    pub acd: i16,
    /// IANA zone.
    pub zone: String,
    /// IANA zone of the clock that stamps the agent tables.
    pub agent_zone: String,
    /// Minutes.
    pub interval_minutes: i32,
}

/// A queue.
#[derive(Clone, Debug, Serialize)]
pub struct Queue {
    /// Its ACD.
    pub acd: i16,
    /// Its number.
    pub split: Skill,
    /// Its name; empty: it has none.
    pub name: String,
}

/// A VDN.
#[derive(Clone, Debug, Serialize)]
pub struct VdnName {
    /// Its ACD.
    pub acd: i16,
    /// Its number.
    pub vdn: Vdn,
    /// Its name; empty: it has none.
    pub name: String,
}

/// A name in the dictionary.
#[derive(Clone, Debug, Serialize)]
pub struct Name {
    /// The ACD.
    pub acd: i16,
    /// What is named.
    pub item: Named,
    /// Its number.
    pub number: u32,
    /// Its last name.
    pub name: String,
}

/// When an interval was, and how far it can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct When {
    /// Unix seconds.
    pub start_utc: i64,
    /// Seconds.
    pub length_seconds: i64,
    /// Date on the clock of the rows.
    pub row_date: String,
    /// Time on that clock.
    pub start_local: String,
    /// How far the figures can be trusted.
    pub quality: Quality,
}

/// Figures of a queue in an interval. Calls are counted where their after-call work ends.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // named as in the API, explained in docs/semantics.md
pub struct QueueInterval {
    pub acd: i16,
    pub split: Skill,
    #[serde(flatten)]
    pub when: When,
    pub offered: i64,
    pub answered: i64,
    pub abandoned: i64,
    pub within_threshold: i64,
    pub talk_seconds: i64,
    pub hold_seconds: i64,
    pub acw_seconds: i64,
    pub wait_seconds: i64,
    pub abandoned_wait_seconds: i64,
    pub arrived: i64,
    pub entry_demand: i64,
    pub phantom_abandoned: i64,
    pub outbound_answered: i64,
    pub outbound_abandoned: i64,
    pub outbound_talk_seconds: i64,
    pub outbound_acw_seconds: i64,
    pub staffed_seconds: i64,
    pub available_seconds: i64,
}

/// Figures of a VDN in an interval.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // named as in the API, explained in docs/semantics.md
pub struct VdnInterval {
    pub acd: i16,
    pub vdn: Vdn,
    #[serde(flatten)]
    pub when: When,
    pub offered: i64,
    pub from_other_vdn: i64,
    pub answered: i64,
    pub connected: i64,
    pub abandoned: i64,
    pub abandoned_in_vector: i64,
    pub sent_on: i64,
    pub turned_away: i64,
    pub within_threshold: i64,
    pub talk_seconds: i64,
    pub hold_seconds: i64,
    pub acw_seconds: i64,
    pub wait_seconds: i64,
    pub arrived: i64,
}

/// Seconds of an agent in an interval.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)] // explained at AgentFigures
pub struct AgentInterval {
    pub acd: i16,
    pub login: Login,
    #[serde(flatten)]
    pub when: When,
    #[serde(flatten)]
    pub figures: AgentFigures,
}

/// A time in which the switch's clock was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockError {
    /// The ACD.
    pub acd: i16,
    /// Unix seconds.
    pub start_utc: i64,
    /// Unix seconds; `None`: nobody put it right.
    pub end_utc: Option<i64>,
    /// So many seconds more than its zone's time.
    pub by_seconds: i64,
}

/// A break of the link.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outage {
    /// The ACD.
    pub acd: i16,
    /// Unix seconds.
    pub start_utc: i64,
    /// Unix seconds; `None`: not mended by the end of the log.
    pub end_utc: Option<i64>,
    /// As `linkex.reason`.
    pub reason: i16,
}

/// Reads a log twice, and says what follows from it.
///
/// # Errors
/// The log cannot be read, or names an unknown zone.
pub fn truth(path: &Path, question: &Question) -> Result<Truth, TruthError> {
    let mut reader = Reader::open(path)?;
    let header = reader.header.clone();
    let mut survey = Survey::new(&header);
    let mut acd_of_call: HashMap<CallId, i16> = HashMap::new();
    while let Some(event) = reader.next_event()? {
        survey.feed(&event);
        match event.what {
            What::Arrived { call, .. } => {
                acd_of_call.insert(call, event.acd);
            }
            What::Worked { call, .. } | What::Abandoned { call } => {
                acd_of_call.remove(&call);
            }
            _ => {}
        }
    }
    let through = reader.through_utc_s();
    let site = survey.site(&header, through)?;

    let mut calls = Calls::default();
    let mut agents = Agents::new(Wanted {
        intervals: question.agents,
        statuses: question.statuses,
    });
    let mut live = question.live.then(LiveTimelines::default);
    let mut reader = Reader::open(path)?;
    while let Some(event) = reader.next_event()? {
        if event.utc_s >= through {
            break;
        }
        if let Some(live) = &mut live {
            live.feed(&event);
        }
        calls.feed(&site, &event);
        agents.feed(&site, &event);
    }
    calls.finish(&site, |call| acd_of_call.get(&call).copied().unwrap_or(0));
    agents.finish(&site, through);

    let readable_by = question.published_at_utc_s.unwrap_or(through);
    let when = |acd: i16, slots: Option<&Slots>, index: usize| {
        let slots = slots?;
        let (quality, readable) = site.readable(acd, slots, index);
        let slot = slots.get(index)?;
        let in_time = quality == Quality::Absent || readable <= readable_by;
        // What was not archived is told as soon as it would have been.
        let due = slots.get(index + 1)?.end_utc_s <= readable_by;
        (in_time && due).then(|| described(slot, quality))
    };
    let name = |acd: i16, item: Named, number: u32| {
        site.names
            .get(&(acd, item, number))
            .cloned()
            .unwrap_or_default()
    };
    let mut queue_places: BTreeMap<(i16, Skill, usize), ()> = BTreeMap::new();
    queue_places.extend(calls.queues.keys().map(|place| (*place, ())));
    queue_places.extend(agents.skills.keys().map(|place| (*place, ())));
    let intervals = queue_places
        .keys()
        .filter_map(|place| {
            let (acd, split, index) = *place;
            let when = when(acd, site.call_slots(acd), index)?;
            let calls = calls.queues.get(place).cloned().unwrap_or_default();
            let time = agents.skills.get(place).cloned().unwrap_or_default();
            Some(QueueInterval {
                acd,
                split,
                when,
                offered: calls.answered + calls.abandoned,
                answered: calls.answered,
                abandoned: calls.abandoned,
                within_threshold: calls.within_threshold,
                talk_seconds: calls.talk_s,
                hold_seconds: calls.hold_s,
                acw_seconds: calls.acw_s,
                wait_seconds: calls.wait_s,
                abandoned_wait_seconds: calls.abandoned_wait_s,
                arrived: calls.arrived,
                entry_demand: calls.entry_demand,
                phantom_abandoned: calls.phantom,
                outbound_answered: calls.outbound,
                outbound_abandoned: calls.outbound_abandoned,
                outbound_talk_seconds: calls.outbound_talk_s,
                outbound_acw_seconds: calls.outbound_acw_s,
                staffed_seconds: time.staffed_s,
                available_seconds: time.available_s,
            })
        })
        .collect();
    let vdn_intervals = calls
        .vdns
        .iter()
        .filter_map(|((acd, vdn, index), calls)| {
            Some(VdnInterval {
                acd: *acd,
                vdn: *vdn,
                when: when(*acd, site.call_slots(*acd), *index)?,
                offered: calls.calls,
                from_other_vdn: calls.from_other_vdn,
                answered: calls.answered,
                connected: calls.connected,
                abandoned: calls.abandoned,
                abandoned_in_vector: calls.abandoned_in_vector,
                sent_on: calls.sent_on,
                turned_away: calls.turned_away,
                within_threshold: calls.within_threshold,
                talk_seconds: calls.talk_s,
                hold_seconds: calls.hold_s,
                acw_seconds: calls.acw_s,
                wait_seconds: calls.wait_s,
                arrived: calls.arrived,
            })
        })
        .collect();
    let agent_intervals = agents
        .agents
        .iter()
        .filter_map(|((acd, login, index), figures)| {
            Some(AgentInterval {
                acd: *acd,
                login: *login,
                when: when(*acd, site.agent_slots(*acd), *index)?,
                figures: figures.clone(),
            })
        })
        .collect();
    let outages = site.breaks().map(|(acd, gap)| Outage {
        acd,
        start_utc: gap.from,
        end_utc: (gap.to < i64::MAX).then_some(gap.to),
        reason: gap.reason,
    });
    let clock_errors = site.clock_errors().map(|(acd, error)| ClockError {
        acd,
        start_utc: error.from,
        end_utc: (error.to < i64::MAX).then_some(error.to),
        by_seconds: error.by_s,
    });
    let people = site
        .names
        .iter()
        .filter(|((_, item, _), _)| matches!(item, Named::Agent | Named::AuxReason));
    let names = people.map(|((acd, item, number), name)| Name {
        acd: *acd,
        item: *item,
        number: *number,
        name: name.clone(),
    });
    let first = header.acds.first();
    Ok(Truth {
        scenario: header.scenario.clone(),
        zone: first.map(|acd| acd.zone.clone()).unwrap_or_default(),
        interval_minutes: first.map_or(30, |acd| acd.interval_minutes),
        through_utc: through,
        acds: acds(&header),
        queues: queues(&header, &name),
        intervals,
        vdns: vdns(&header, &name),
        vdn_intervals,
        outages: outages.collect(),
        clock_errors: clock_errors.collect(),
        names: if question.agents {
            names.collect()
        } else {
            Vec::new()
        },
        agent_intervals,
        sessions: if question.statuses {
            agents.sessions
        } else {
            Vec::new()
        },
        statuses: agents.statuses,
        live_spans: live.map_or(Vec::new(), |live| live.finish(through)),
    })
}

fn described(slot: &Slot, quality: Quality) -> When {
    When {
        start_utc: slot.start_utc_s,
        length_seconds: slot.end_utc_s - slot.start_utc_s,
        row_date: slot.row_date.to_string(),
        start_local: format!("{:02}:{:02}", slot.minute / 60, slot.minute % 60),
        quality,
    }
}

fn acds(header: &Header) -> Vec<Acd> {
    header
        .acds
        .iter()
        .map(|acd| Acd {
            acd: acd.acd,
            zone: acd.zone.clone(),
            agent_zone: agent_zone(header, &acd.zone).to_owned(),
            interval_minutes: acd.interval_minutes,
        })
        .collect()
}

fn queues(header: &Header, name: &impl Fn(i16, Named, u32) -> String) -> Vec<Queue> {
    let skills = header
        .acds
        .iter()
        .flat_map(|acd| acd.skills.iter().map(|skill| (acd.acd, skill.skill)));
    skills
        .map(|(acd, split)| Queue {
            acd,
            split,
            name: name(acd, Named::Skill, u32::try_from(split).unwrap_or(0)),
        })
        .collect()
}

fn vdns(header: &Header, name: &impl Fn(i16, Named, u32) -> String) -> Vec<VdnName> {
    let vdns = header
        .acds
        .iter()
        .flat_map(|acd| acd.vdns.iter().map(|vdn| (acd.acd, vdn.vdn)));
    vdns.map(|(acd, vdn)| VdnName {
        acd,
        vdn,
        name: name(acd, Named::Vdn, vdn),
    })
    .collect()
}
