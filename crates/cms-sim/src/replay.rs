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
//! Whatever else is odd (an unknown outcome, an unreadable time, a served call without any end) stops the replay with
//! the line number.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::Calendar;
use crate::calls::{Call, Ending, SplitKey};
use crate::error::SimError;
use crate::source::Queue;

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

/// A call log ready to be booked.
pub(crate) struct Replay {
    pub queues: Vec<Queue>,
    pub calls: Vec<Call>,
    pub counts: ReplayCounts,
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

/// Reads the log at `path` and places its calls on the local day `date`.
pub(crate) fn read(path: &Path, date: Date, calendar: &Calendar) -> Result<Replay, SimError> {
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
        let place = |seconds_of_day| placed(calendar, date, seconds_of_day);
        if let Some(moments) = moments(&record, &mut counts, &place).map_err(bad)? {
            calls.push(Call {
                name: format!("line-{line}"),
                key: SplitKey { acd: 1, split },
                queued_utc_s: moments.queued_utc_s,
                ringing_utc_s: None,
                ending: moments.ending,
            });
        }
    }
    let queues = splits
        .into_iter()
        .map(|(code, split)| Queue {
            key: SplitKey { acd: 1, split },
            description: description(&code),
            name: code,
        })
        .collect::<Vec<_>>();
    calls.sort_by(|a: &Call, b: &Call| (a.ended_utc_s(), &a.name).cmp(&(b.ended_utc_s(), &b.name)));
    Ok(Replay {
        queues,
        calls,
        counts,
    })
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

struct Moments {
    queued_utc_s: i64,
    ending: Ending,
}

/// Applies the rules above to one row. `None` means that the row is no call of a queue.
fn moments(
    record: &Record,
    counts: &mut ReplayCounts,
    place: &impl Fn(i64) -> Result<i64, String>,
) -> Result<Option<Moments>, String> {
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
            Ok(Some(Moments {
                queued_utc_s: abandoned_utc_s - record.q_time,
                ending: Ending::Abandoned { abandoned_utc_s },
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
            Ok(Some(Moments {
                queued_utc_s: answered_utc_s - record.q_time,
                ending: Ending::Answered {
                    answered_utc_s,
                    hold_utc_s: None,
                    released_utc_s,
                    completed_utc_s: released_utc_s,
                },
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
fn placed(calendar: &Calendar, date: Date, seconds_of_day: i64) -> Result<i64, String> {
    calendar
        .instant_of(date, seconds_of_day)
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
        let calendar = Calendar::new("Asia/Jerusalem", 30).unwrap();
        read(file.path(), jiff::civil::date(2026, 6, 7), &calendar)
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
        let first = &replay.calls[0];
        assert_eq!(first.ended_utc_s(), midnight + 8 * 3_600 + 84);
        assert_eq!(first.queued_utc_s, midnight + 8 * 3_600 + 4);
        let at_q_exit = replay
            .calls
            .iter()
            .find(|call| call.name == "line-5")
            .unwrap();
        assert_eq!(at_q_exit.ended_utc_s(), midnight + 8 * 3_600 + 300);
        assert_eq!(
            replay
                .queues
                .iter()
                .map(|queue| queue.key.split)
                .collect::<Vec<_>>(),
            [4, 1, 6]
        );
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
