//! A reader of the five layouts, as small as can be and by other code than the writer's, and the site that is played.

#![allow(dead_code)] // each test file uses its part

use std::collections::BTreeMap;

use floorwire_sim_centre::scenario::{Scenario, Size, generated};
use floorwire_sim_feed::{
    Action, Closing, Fault, FeedOptions, Lane, Performance, Played, Step, play,
};
use floorwire_sim_truth::{LiveSpan, LiveTimelines};

pub const LAYOUTS: [&str; 4] = [
    "rta-codes-delimited",
    "cisco-49",
    "report-text",
    "csv-names",
];

/// Tuesday, 2 June 2026, 10:00 in Paris.
pub const TEN: i64 = 1_780_387_200;

/// What is read of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    pub code: u16,
    pub reason: Option<u8>,
    pub duration_s: Option<i64>,
    /// Skill of the call, where the layout has it.
    pub skill: Option<Option<i16>>,
}

pub struct Show {
    pub steps: Vec<Step>,
    pub spans: BTreeMap<u32, Vec<LiveSpan>>,
}

pub fn site(agents: u32) -> Scenario {
    generated(&Size {
        acds: 1,
        skills: 6,
        agents: Some(agents),
        skills_per_agent: 3,
        zone: "Europe/Paris".into(),
        interval_minutes: 30,
        days: 1,
        seed: 7,
        traced_percent: 0,
    })
}

/// Plays a site from ten o'clock on.
pub fn show(agents: u32, minutes: i64, options: &str, faults: &[&str]) -> Show {
    let site = site(agents);
    let feeds: [FeedOptions; 1] = [options.parse().unwrap()];
    let faults: Vec<Fault> = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    let performance = Performance {
        scenario: &site,
        first_day: jiff::civil::date(2026, 6, 1),
        from_utc_ms: TEN * 1_000 + 250,
        to_utc_ms: (TEN + minutes * 60) * 1_000,
        feeds: &feeds,
        faults: &faults,
        seed: 3,
    };
    let mut live = LiveTimelines::default();
    let mut steps = Vec::new();
    play(&performance, &mut |played| match played {
        Played::Event(event) => live.feed(event),
        Played::Step(_, step) => steps.push(step),
    })
    .unwrap();
    let mut spans: BTreeMap<u32, Vec<LiveSpan>> = BTreeMap::new();
    for span in live.finish(TEN + minutes * 60) {
        spans.entry(span.login).or_default().push(span);
    }
    Show { steps, spans }
}

impl Show {
    /// Bytes of each refresh of a connection, with the moment of their first piece.
    pub fn refreshes(&self, lane: Lane) -> Vec<(i64, Vec<u8>)> {
        let mut refreshes: Vec<(u64, i64, Vec<u8>)> = Vec::new();
        for step in self.steps.iter().filter(|step| step.lane == lane) {
            if let Action::Send { refresh, bytes } = &step.action {
                match refreshes.last_mut() {
                    Some((number, _, all)) if number == refresh => all.extend(bytes),
                    _ => refreshes.push((*refresh, step.utc_ms, bytes.clone())),
                }
            }
        }
        let parts = refreshes.into_iter();
        parts.map(|(_, utc_ms, bytes)| (utc_ms, bytes)).collect()
    }

    pub fn closings(&self) -> Vec<(i64, Closing)> {
        let closings = self.steps.iter().filter_map(|step| match step.action {
            Action::Close(closing) => Some((step.utc_ms, closing)),
            _ => None,
        });
        closings.collect()
    }

    /// Who did what at a moment.
    pub fn truth_at(&self, utc_s: i64) -> BTreeMap<u32, &LiveSpan> {
        let mut present = BTreeMap::new();
        for (login, spans) in &self.spans {
            let at = spans.partition_point(|span| span.end_utc <= utc_s);
            if let Some(span) = spans.get(at).filter(|span| span.start_utc <= utc_s) {
                present.insert(*login, span);
            }
        }
        present
    }
}

/// The agents of a refresh; lines that are no records are counted.
pub fn read(layout: &str, bytes: &[u8]) -> (BTreeMap<u32, Read>, usize) {
    let mut agents: BTreeMap<u32, Read> = BTreeMap::new();
    let mut strange = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(line) = std::str::from_utf8(line) else {
            strange += 1;
            continue;
        };
        let read = match layout {
            "rta-codes-delimited" => rta(line),
            "cisco-49" => cisco(line),
            "report-text" => report(line),
            "csv-names" => csv(line),
            other => panic!("{other}"),
        };
        match read {
            Some((login, read)) => match agents.get_mut(&login) {
                Some(before) if layout == "report-text" => {
                    // Of rows alike the one that changed last is the agent's.
                    let place = |read: &Read| (rank(read.code), read.duration_s);
                    if place(&read) < place(before) {
                        *before = read;
                    }
                }
                Some(_) => panic!("{login} comes twice"),
                None => {
                    agents.insert(login, read);
                }
            },
            None => strange += usize::from(!line.is_empty()),
        }
    }
    (agents, strange)
}

fn rta(line: &str) -> Option<(u32, Read)> {
    let fields: Vec<&str> = line.split('|').collect();
    let [_, login, code, reason, "", _, time] = fields[..] else {
        return None;
    };
    let time: Vec<i64> = time
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [hours, minutes, seconds] = time[..] else {
        return None;
    };
    let read = Read {
        code: code.parse().ok()?,
        reason: reason.parse().ok(),
        duration_s: Some(hours * 3_600 + minutes * 60 + seconds),
        skill: None,
    };
    Some((login.parse().ok()?, read))
}

fn cisco(line: &str) -> Option<(u32, Read)> {
    let fields = line.split(' ').map(|field| field.parse().ok());
    let fields: Vec<i64> = fields.collect::<Option<_>>()?;
    if fields.len() != 49 {
        return None;
    }
    let code = u16::try_from(fields[1]).ok()?;
    let aux = matches!(code, 50..=52 | 600);
    let skill = i16::try_from(fields[5]).ok()?;
    let read = Read {
        code,
        reason: aux.then(|| u8::try_from(fields[2]).unwrap()),
        duration_s: None,
        skill: Some((skill != 0).then_some(skill)),
    };
    Some((u32::try_from(fields[0]).ok()?, read))
}

fn report(line: &str) -> Option<(u32, Read)> {
    if line.len() < 69 || !line.is_ascii() {
        return None;
    }
    let field = |from: usize, width: usize| line[from - 1..from - 1 + width].trim();
    let time = field(61, 9)
        .split(':')
        .try_fold(0, |sum, part| Some(sum * 60 + part.parse::<i64>().ok()?))?;
    let code = code_of(&format!("{}{}", field(31, 9), field(41, 4)))?;
    let read = Read {
        code,
        reason: field(46, 4).parse().ok(),
        duration_s: Some(time),
        skill: Some(field(51, 5).parse().ok()),
    };
    Some((field(6, 10).parse().ok()?, read))
}

fn csv(line: &str) -> Option<(u32, Read)> {
    let (login, rest) = line.split_once(",\"")?;
    let (_, rest) = rest.split_once("\",")?;
    let fields: Vec<&str> = rest.split(',').collect();
    let [state, reason, _, seconds] = fields[..] else {
        return None;
    };
    let names = [
        "System", "Break", "Lunch", "Training", "Meeting", "Coaching",
    ];
    let reason = names.iter().zip(0..).find(|(name, _)| **name == reason);
    let read = Read {
        code: code_of(state)?,
        reason: reason.map(|(_, number)| number),
        duration_s: Some(seconds.parse().ok()?),
        skill: None,
    };
    Some((login.parse().ok()?, read))
}

fn code_of(text: &str) -> Option<u16> {
    let codes = [
        ("AVAIL", 20),
        ("ACDIN", 32),
        ("ACW", 40),
        ("ACWOUT", 41),
        ("ACWIN", 42),
        ("AUX", 50),
        ("AUXOUT", 51),
        ("AUXIN", 52),
        ("DACD", 62),
        ("DACDIN", 62),
        ("DACW", 70),
        ("DACWOUT", 71),
        ("DACWIN", 72),
        ("RING", 80),
        ("RINGING", 80),
        ("OTHER", 220),
        ("OTHERIN", 220),
        ("OTHEROUT", 220),
        ("UNSTAFF", 10),
    ];
    let found = codes.iter().find(|(known, _)| *known == text);
    found.map(|(_, code)| *code)
}

/// Which row of an agent counts.
fn rank(code: u16) -> usize {
    let order = [62, 32, 80, 70, 71, 72, 40, 41, 42, 51, 52, 20, 50, 220, 10];
    order.iter().position(|known| *known == code).unwrap()
}

/// How a layout says a code: texts do not know a caller on hold.
pub fn as_said(layout: &str, code: u16) -> u16 {
    match (layout, code) {
        ("report-text" | "csv-names", 600) => 51,
        _ => code,
    }
}
