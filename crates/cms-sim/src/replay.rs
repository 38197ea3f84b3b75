//! Replay of a call log: a day of a real call centre, placed on a local day of the simulated ACD.
//!
//! # Format
//! CSV with a header line and the columns `vru+line, call_id, type, vru_entry, vru_exit, vru_time, q_start, q_exit,
//! q_time, outcome, ser_start, ser_exit, ser_time, server` (more are ignored): one call a line, times of day as
//! `H:MM:SS` local time, durations in seconds, `0:00:00` where a stage was not reached.
//!
//! # Rules
//! Each `type` is one split. Waiting is `q_time`, talk is `ser_time`; there is no hold and no after-call work. A call
//! ends at `ser_exit` if it was served, at `q_exit` if it was abandoned; its other moments are counted back from there,
//! because the two clocks of the source differ by seconds (a service can start before the queue is left).
//!
//! | Row | Rule | Counted as |
//! |---|---|---|
//! | AGENT, queued | answered, even if the service took 0 seconds | `answered` |
//! | AGENT, not queued (`q_time` 0) | answered with waiting 0 | `servedWithoutQueueing` |
//! | AGENT, not queued, served by NO_SERVER | left out | also `servedWithoutQueueingByNobody` |
//! | AGENT, queued, served by NO_SERVER | left out | `servedByNobody` |
//! | AGENT without `ser_start` and `ser_exit` | answered; ends at `q_exit` | `servedWithoutServiceTimes` |
//! | HANG with queue time | abandoned at `q_exit`; service times, if any, are ignored | `abandoned`, `abandonedWithServiceTimes` |
//! | HANG without queue time | not a call of the queue, left out | `hungUpWithoutQueueTime` |
//! | PHANTOM | left out | `phantom` |
//!
//! The log says nothing about logins: for each service an agent logs in, the lowest number that is free, and logs out
//! when it ends.
//!
//! Whatever else is odd (an unknown outcome, an unreadable time, a served call without any end) stops the replay with
//! the line number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use floorwire_sim_booking::Booking;
use floorwire_sim_centre::event::{
    Acd, Activity, AgentSkill, Event, FORMAT, Header, Level, Login, SkillSettings, VdnSettings,
    What,
};
use floorwire_sim_centre::scenario::Size;
use floorwire_sim_centre::variants::Variants;
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::desk::{Action, Desk};
use crate::error::SimError;
use crate::schema::Schema;
use floorwire_sim_booking::TableId;

/// Known services, in the order of their split numbers (from 1): code and description.
const SERVICES: [(&str, &str); 6] = [
    ("PS", "Regular service"),
    ("PE", "Regular service in English"),
    ("NE", "Stock exchange"),
    ("NW", "New customers"),
    ("IN", "Internet support"),
    ("TT", "Call-back"),
];

const NO_SERVER: &str = "NO_SERVER";

/// How many rows of the log were what; part of the printed summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplayCounts {
    pub rows: u64,
    /// Calls booked as answered, those served without queueing included.
    pub answered: u64,
    /// Calls booked as abandoned.
    pub abandoned: u64,
    pub served_without_queueing: u64,
    /// Of `served_without_queueing`: nobody served them, left out.
    pub served_without_queueing_by_nobody: u64,
    pub served_by_nobody: u64,
    pub served_without_service_times: u64,
    pub zero_second_services: u64,
    pub abandoned_with_service_times: u64,
    pub hung_up_without_queue_time: u64,
    pub phantom: u64,
}

/// A call log as events.
pub(crate) struct Replay {
    pub header: Header,
    pub events: Vec<Event>,
    pub counts: ReplayCounts,
}

/// What a replay comes to in the tables.
pub(crate) struct Played {
    pub actions: Vec<(TableId, Action)>,
    /// Everything is published by then.
    pub end_utc_s: i64,
    pub published_through_utc_s: i64,
}

/// A line of the file, as far as it is used. No number of a caller is in it.
#[derive(Debug, Deserialize)]
struct Record {
    #[serde(rename = "type")]
    service: String,
    q_exit: String,
    q_time: i64,
    outcome: String,
    ser_start: String,
    ser_exit: String,
    ser_time: i64,
    server: String,
}

/// One call of a queue.
struct Call {
    split: i16,
    queued_utc_s: i64,
    /// Answered and released, or abandoned.
    served: Option<(i64, i64)>,
    ended_utc_s: i64,
}

/// Reads the log at `path` and places its calls on the local day `date` of the site.
pub(crate) fn read(
    path: &Path,
    date: Date,
    site: &Size,
    simulation: &str,
) -> Result<Replay, SimError> {
    let zone = TimeZone::get(&site.zone)?;
    let file = std::fs::File::open(path).map_err(SimError::file(path))?;
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let mut splits: BTreeMap<String, i16> = BTreeMap::new();
    let mut counts = ReplayCounts::default();
    let mut calls = Vec::new();
    for (index, record) in reader.deserialize::<Record>().enumerate() {
        let line = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(2);
        let bad = |reason: String| SimError::CallLog {
            path: path.to_path_buf(),
            line,
            reason,
        };
        let record = record.map_err(|cause| bad(cause.to_string()))?;
        counts.rows += 1;
        let split = split_of(&mut splits, &record.service)
            .ok_or_else(|| bad("more services than a database of splits can number".to_owned()))?;
        let place = |seconds_of_day| placed(&zone, date, seconds_of_day);
        calls.extend(moments(&record, split, &mut counts, &place).map_err(bad)?);
    }
    let events = events_of(calls);
    let midnight = date.to_zoned(zone)?.timestamp().as_second();
    let from_utc_s = events
        .first()
        .map_or(midnight, |event| event.utc_s.min(midnight));
    Ok(Replay {
        header: header(site, &splits, from_utc_s, simulation),
        events,
        counts,
    })
}

/// The rows of a replayed day, all of them.
pub(crate) fn book(header: &Header, schema: &Schema, events: &[Event]) -> Result<Played, SimError> {
    let mut desk = Desk::default();
    let mut out = |write| desk.take(schema, write);
    let mut booking = Booking::new(header, &mut out)?;
    for event in events {
        booking.feed(event, &mut out)?;
    }
    let last = events.last().map_or(header.from_utc_s, |event| event.utc_s);
    let minutes = header.acds.first().map_or(30, |acd| acd.interval_minutes);
    let (whole_day, two) = (header.from_utc_s + 86_400, 2 * i64::from(minutes) * 60);
    let end_utc_s = last.max(whole_day) + two;
    booking.advance(end_utc_s, &mut out)?;
    let (published_through_utc_s, _) = booking.archived();
    Ok(Played {
        actions: desk.due_by(end_utc_s),
        end_utc_s,
        published_through_utc_s,
    })
}

fn header(
    site: &Size,
    splits: &BTreeMap<String, i16>,
    from_utc_s: i64,
    simulation: &str,
) -> Header {
    let periods_s = [5, 10, 15, 20, 30, 45, 60, 90, 120];
    let skills = splits.iter().map(|(code, split)| SkillSettings {
        skill: *split,
        name: code.clone(),
        service_level_s: 20,
        periods_s,
    });
    let vdns = splits.iter().map(|(code, split)| VdnSettings {
        vdn: vdn_of(*split),
        name: description(code),
        vector: 1,
        service_level_s: 20,
        periods_s,
    });
    Header {
        format: FORMAT,
        simulation: simulation.to_owned(),
        scenario: "replay".to_owned(),
        from_utc_s,
        acds: vec![Acd {
            acd: 1,
            zone: site.zone.clone(),
            interval_minutes: site.interval_minutes,
            phantom_s: 0,
            skills: skills.collect(),
            vdns: vdns.collect(),
            agents: Vec::new(),
            aux_reasons: Vec::new(),
        }],
        variants: Variants::default(),
    }
}

/// The VDN through which the calls of a service come.
fn vdn_of(split: i16) -> u32 {
    1_000 + u32::from(split.unsigned_abs())
}

/// The calls as events, in order: those who end a service are gone before others begin one in the same second.
fn events_of(mut calls: Vec<Call>) -> Vec<Event> {
    calls.sort_by_key(|call| (call.queued_utc_s, call.ended_utc_s));
    // Instant, order within it, call.
    let mut steps: Vec<(i64, u8, usize)> = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        steps.push((call.queued_utc_s, 1, index));
        match call.served {
            Some((answered, released)) if answered == released => steps.push((answered, 4, index)),
            Some((answered, released)) => {
                steps.extend([(answered, 2, index), (released, 0, index)])
            }
            None => steps.push((call.ended_utc_s, 3, index)),
        }
    }
    steps.sort_unstable();
    let mut free: BTreeSet<Login> = BTreeSet::new();
    let mut agents: BTreeMap<usize, Login> = BTreeMap::new();
    let mut hired: Login = 0;
    let mut events = Vec::new();
    for (utc_s, order, index) in steps {
        let (call, number) = (&calls[index], index as u64 + 1);
        let mut tell = |what| {
            events.push(Event {
                utc_s,
                acd: 1,
                what,
            })
        };
        match order {
            1 => {
                tell(What::Arrived {
                    call: number,
                    vdn: vdn_of(call.split),
                    adjunct: false,
                });
                tell(What::Queued {
                    call: number,
                    skill: call.split,
                    rank: 1,
                    again: false,
                });
            }
            3 => tell(What::Abandoned { call: number }),
            _ => {
                if order != 0 {
                    let login = free.pop_first().unwrap_or_else(|| {
                        hired += 1;
                        hired
                    });
                    agents.insert(index, login);
                    answer(&mut tell, call, number, login);
                }
                if order != 2
                    && let Some(login) = agents.remove(&index)
                {
                    tell(What::Released {
                        call: number,
                        login,
                        by_agent: false,
                    });
                    tell(What::Worked {
                        call: number,
                        login,
                    });
                    tell(What::LoggedOut { login, reason: 0 });
                    free.insert(login);
                }
            }
        }
    }
    events
}

fn answer(tell: &mut impl FnMut(What), call: &Call, number: u64, login: Login) {
    let skill = Some(call.split);
    tell(What::LoggedIn {
        login,
        extension: 100 + login,
        location: 1,
        skills: vec![AgentSkill {
            skill: call.split,
            level: Level::Normal(1),
        }],
    });
    tell(What::Ringing {
        call: number,
        login,
        skill,
    });
    tell(What::State {
        login,
        activity: Activity::Ringing { skill },
    });
    tell(What::Answered {
        call: number,
        login,
        skill,
    });
    tell(What::State {
        login,
        activity: Activity::Talking { skill },
    });
}

/// Known services have fixed numbers; others follow in order of appearance.
fn split_of(splits: &mut BTreeMap<String, i16>, service: &str) -> Option<i16> {
    if let Some(split) = splits.get(service) {
        return Some(*split);
    }
    let known = SERVICES.iter().position(|(code, _)| *code == service);
    let unknown_so_far = splits
        .keys()
        .filter(|code| SERVICES.iter().all(|(known, _)| known != code))
        .count();
    let split = i16::try_from(known.unwrap_or(SERVICES.len() + unknown_so_far))
        .ok()?
        .checked_add(1)?;
    splits.insert(service.to_owned(), split);
    Some(split)
}

fn description(code: &str) -> String {
    SERVICES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or_else(String::new, |(_, description)| (*description).to_owned())
}

/// Applies the rules above to one row. `None` means that the row is no call of a queue.
fn moments(
    record: &Record,
    split: i16,
    counts: &mut ReplayCounts,
    place: &impl Fn(i64) -> Result<i64, String>,
) -> Result<Option<Call>, String> {
    if record.q_time < 0 || record.ser_time < 0 {
        return Err("a negative duration".to_owned());
    }
    let queue_exit = seconds_of_day(&record.q_exit)?;
    let service = (
        seconds_of_day(&record.ser_start)?,
        seconds_of_day(&record.ser_exit)?,
    );
    match record.outcome.as_str() {
        "PHANTOM" => {
            counts.phantom += 1;
            Ok(None)
        }
        "HANG" if record.q_time == 0 => {
            counts.hung_up_without_queue_time += 1;
            Ok(None)
        }
        "HANG" => {
            counts.abandoned += 1;
            counts.abandoned_with_service_times += u64::from(service != (0, 0));
            let abandoned_utc_s = place(queue_exit)?;
            Ok(Some(Call {
                split,
                queued_utc_s: abandoned_utc_s - record.q_time,
                served: None,
                ended_utc_s: abandoned_utc_s,
            }))
        }
        "AGENT" => {
            let nobody = record.server == NO_SERVER;
            if record.q_time == 0 {
                counts.served_without_queueing += 1;
                counts.served_without_queueing_by_nobody += u64::from(nobody);
            } else {
                counts.served_by_nobody += u64::from(nobody);
            }
            if nobody {
                return Ok(None);
            }
            counts.answered += 1;
            counts.zero_second_services += u64::from(record.ser_time == 0);
            let end = if service == (0, 0) {
                if queue_exit == 0 {
                    return Err("a served call with neither service nor queue times".to_owned());
                }
                counts.served_without_service_times += 1;
                queue_exit
            } else {
                service.1
            };
            let released_utc_s = place(end)?;
            let answered_utc_s = released_utc_s - record.ser_time;
            Ok(Some(Call {
                split,
                queued_utc_s: answered_utc_s - record.q_time,
                served: Some((answered_utc_s, released_utc_s)),
                ended_utc_s: released_utc_s,
            }))
        }
        other => Err(format!("outcome {other} is none of AGENT, HANG, PHANTOM")),
    }
}

/// `H:MM:SS` as seconds since midnight.
fn seconds_of_day(text: &str) -> Result<i64, String> {
    let parts: Vec<i64> = text
        .split(':')
        .filter_map(|part| part.parse().ok())
        .collect();
    match parts[..] {
        [hours @ 0..=23, minutes @ 0..=59, seconds @ 0..=59] if text.matches(':').count() == 2 => {
            Ok(hours * 3_600 + minutes * 60 + seconds)
        }
        _ => Err(format!("{text} is not a time of day such as 9:05:00")),
    }
}

/// The instant of a local time; in the missing hour the one an hour later, in the repeated hour the first.
fn placed(zone: &TimeZone, date: Date, seconds_of_day: i64) -> Result<i64, String> {
    let local = date
        .to_datetime(Time::midnight())
        .checked_add(SignedDuration::from_secs(seconds_of_day));
    local
        .and_then(|local| local.to_zoned(zone.clone()))
        .map(|zoned| zoned.timestamp().as_second())
        .map_err(|cause| cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const HEAD: &str = "vru+line,call_id,type,vru_entry,vru_exit,vru_time,q_start,q_exit,q_time,outcome,ser_start,ser_exit,ser_time,server,server_abv";

    fn replay(lines: &[&str]) -> Result<Replay, SimError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        writeln!(file, "{HEAD}\n{}", lines.join("\n")).unwrap();
        let site = Size {
            acds: 1,
            skills: 0,
            agents: None,
            skills_per_agent: 1,
            zone: "Asia/Jerusalem".into(),
            interval_minutes: 30,
            days: 1,
            seed: 1,
            traced_percent: 0,
        };
        read(file.path(), jiff::civil::date(2026, 6, 7), &site, "test")
    }

    #[test]
    fn each_odd_row_has_its_rule() {
        let replay = replay(&[
            "A,1,PS,8:00:00,8:00:05,5,8:00:05,8:00:25,20,AGENT,8:00:24,8:01:24,60,ANNA,A",
            "A,2,PS,8:00:00,8:00:05,5,0:00:00,0:00:00,0,AGENT,8:00:05,8:30:00,1795,ANNA,A",
            "A,3,TT,8:00:00,8:00:05,5,0:00:00,0:00:00,0,AGENT,8:00:05,8:00:10,5,NO_SERVER,N",
            "A,4,NW,8:00:00,8:00:05,5,8:00:05,8:05:00,295,AGENT,0:00:00,0:00:00,0,ANNA,A",
            "A,5,NW,8:00:00,8:00:05,5,8:00:05,8:05:00,295,HANG,8:04:00,8:06:00,120,NO_SERVER,N",
            "A,6,NW,8:00:00,8:00:05,5,8:00:05,8:00:05,0,HANG,0:00:00,0:00:00,0,NO_SERVER,N",
            "A,7,NW,8:00:00,8:00:05,5,8:00:05,8:01:05,60,PHANTOM,8:01:05,8:01:09,4,NO_SERVER,N",
        ])
        .unwrap();
        let expected = ReplayCounts {
            rows: 7,
            answered: 3,
            abandoned: 1,
            served_without_queueing: 2,
            served_without_queueing_by_nobody: 1,
            served_by_nobody: 0,
            served_without_service_times: 1,
            zero_second_services: 1,
            abandoned_with_service_times: 1,
            hung_up_without_queue_time: 1,
            phantom: 1,
        };
        assert_eq!(replay.counts, expected);
        let midnight = 1_780_779_600; // 2026-06-07 00:00 at UTC+3
        floorwire_sim_centre::grammar::check(&replay.events).unwrap();
        let times = |wanted: fn(&What) -> bool| {
            let found = replay.events.iter().filter(|event| wanted(&event.what));
            found
                .map(|event| event.utc_s - midnight)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            times(|what| matches!(what, What::Queued { .. })),
            [28_804, 28_805, 28_805, 28_805]
        );
        assert_eq!(
            times(|what| matches!(what, What::Worked { .. })),
            [28_884, 29_100, 30_600]
        );
        assert_eq!(
            times(|what| matches!(what, What::Abandoned { .. })),
            [29_100]
        );
        let splits: Vec<_> = replay.header.acds[0]
            .skills
            .iter()
            .map(|skill| skill.skill)
            .collect();
        assert_eq!(splits, [4, 1, 6]);
    }

    #[test]
    fn what_cannot_be_read_stops_the_replay() {
        for line in [
            "A,1,PS,8:00:00,8:00:05,5,8:00:05,8:00:25,20,LOST,8:00:24,8:01:24,60,ANNA,A",
            "A,1,PS,8:00:00,8:00:05,5,8:00:05,8:00:25,20,AGENT,8:00:24,8:61:24,60,ANNA,A",
            "A,1,PS,8:00:00,8:00:05,5,8:00:05,8:00:25,20,AGENT,8:00:24,801:24,60,ANNA,A",
            "A,1,PS,8:00:00,8:00:05,5,8:00:05,8:00:25,x,AGENT,8:00:24,8:01:24,60,ANNA,A",
            "A,1,PS,8:00:00,8:00:05,5,8:00:05,8:00:25,20,AGENT,8:00:24,8:01:24,-60,ANNA,A",
        ] {
            assert!(
                matches!(replay(&[line]), Err(SimError::CallLog { line: 2, .. })),
                "{line}"
            );
        }
    }
}
