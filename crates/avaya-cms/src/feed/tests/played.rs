//! Two hours of agents in every shipped layout: every edge within one period of what happened.

use super::*;
use std::collections::BTreeMap;

const PERIOD_MS: i64 = 15_000;
const AGENTS: u32 = 60;
const HOURS: i64 = 2;

/// One stretch of an agent, milliseconds since the start; `None`: logged out.
#[derive(Clone, Copy)]
struct Stretch {
    from: i64,
    code: Option<u32>,
}

fn story(login: u32) -> Vec<Stretch> {
    let mut random = u64::from(login).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |below: i64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        i64::try_from(random >> 12).unwrap() % below
    };
    let mut story = vec![Stretch {
        from: -60_000 - next(600_000),
        code: Some(20),
    }];
    let mut at = next(60_000);
    while at < HOURS * 3_600_000 {
        let last = story.last().unwrap().code;
        let code = match (last, next(12)) {
            (None, _) => Some(50),
            (_, 0) => None,
            (Some(20), _) => Some(if next(4) == 0 { 50 } else { 32 }),
            (Some(32), _) => Some(40),
            _ => Some(20),
        };
        story.push(Stretch { from: at, code });
        let length = if code.is_none() { 120_000 } else { 5_000 };
        at += length + next(300_000);
        at -= at % 1_000;
    }
    story
}

fn at(story: &[Stretch], now: i64) -> Stretch {
    *story
        .iter()
        .rev()
        .find(|stretch| stretch.from <= now)
        .unwrap()
}

fn text(code: u32) -> &'static str {
    match code {
        20 => "AVAIL",
        32 => "ACD",
        40 => "ACW",
        _ => "AUX",
    }
}

fn snapshot(profile: &str, shown: &[(u32, u32, i64)]) -> String {
    let mut sheet = String::new();
    match profile {
        "cisco-49" => {
            for (login, code, _) in shown {
                sheet.push_str(&cisco(
                    *login,
                    *code,
                    3 * u32::from(*code == 50),
                    117 * u32::from(*code == 32),
                ));
            }
        }
        "rta-codes-delimited" => {
            for (login, code, seconds) in shown {
                let reason = if *code == 50 { "3" } else { "" };
                sheet.push_str(&format!("1|{login}|{code}|{reason}||117|{seconds}\n"));
            }
            sheet.push('\n');
        }
        "csv-names" => {
            sheet.push_str("Login,Name,State,Reason,Skill,Seconds\r\n");
            for (login, code, seconds) in shown {
                let direction = if *code == 32 { "IN" } else { "" };
                sheet.push_str(&format!(
                    "{login},\"N, {login}\",{}{direction},,,{seconds}\r\n",
                    text(*code)
                ));
            }
            sheet.push_str("\r\n");
        }
        _ => {
            sheet.push_str(
                "\x0cAgent Status by Skill   ACD   1   06/02/2026 09:30:05   Page   1\n\n",
            );
            for (login, code, seconds) in shown {
                let direction = if *code == 32 { "IN" } else { "" };
                for skill in [117, 118] {
                    let state = if skill == 118 && matches!(code, 32 | 40) {
                        "OTHER"
                    } else {
                        text(*code)
                    };
                    sheet.push_str(&format!(
                        "{:>4} {login:<10} {:<7} {skill:>5} {state:<9} {direction:<4} {:>4} {:>5} {:>3} {seconds:>9}\n",
                        1, "", "", "", 1
                    ));
                }
            }
            sheet.push_str(&format!(
                "End of report: {} agents, {} rows\n",
                shown.len(),
                shown.len() * 2
            ));
        }
    }
    sheet
}

fn state_code(state: WorkState) -> Option<u32> {
    match state {
        WorkState::Available => Some(20),
        WorkState::Acd => Some(32),
        WorkState::AfterCall => Some(40),
        WorkState::Aux => Some(50),
        WorkState::Unstaffed => None,
        other => panic!("{other:?} never happened"),
    }
}

#[test]
fn edges_lie_within_one_period() {
    for profile in [
        "cisco-49",
        "rta-codes-delimited",
        "csv-names",
        "report-text",
    ] {
        play(profile);
    }
}

fn play(profile: &str) {
    let stories: BTreeMap<u32, Vec<Stretch>> =
        (1..=AGENTS).map(|login| (login, story(login))).collect();
    let mut desk = Desk::new(profile);
    while desk.now - START < HOURS * 3_600_000 {
        let now = desk.now - START;
        let shown: Vec<(u32, u32, i64)> = stories
            .iter()
            .filter_map(|(login, story)| {
                let stretch = at(story, now);
                Some((*login, stretch.code?, (now - stretch.from) / 1_000))
            })
            .collect();
        desk.send(snapshot(profile, &shown)).wait(PERIOD_MS);
    }
    assert_eq!(losses(&desk.events), [], "{profile}");
    let mut told: BTreeMap<u32, Vec<(i64, Option<u32>)>> = BTreeMap::new();
    for event in &desk.events {
        if let LiveChange::Status {
            login,
            since_utc_ms,
            status,
            ..
        } = &event.change
        {
            let edge = (since_utc_ms - START, state_code(status.state));
            told.entry(login.parse().unwrap()).or_default().push(edge);
        }
    }
    for (login, story) in &stories {
        // What a snapshot every period can show, and until when it must have been told.
        let edges = &told[login];
        for (from, code) in edges.iter().skip(1) {
            let truth = story
                .iter()
                .filter(|stretch| stretch.code == *code)
                .map(|stretch| (from - stretch.from).abs());
            let nearest = truth.min().unwrap();
            assert!(
                nearest <= PERIOD_MS,
                "{profile} {login}: {code:?} at {from}, off by {nearest}"
            );
        }
        for pair in story.windows(2).filter(|pair| pair[0].from > 0) {
            let end = pair[1].from;
            // Nothing shows when the snapshots before and after have the same.
            let before = at(story, (pair[0].from - 1) / PERIOD_MS * PERIOD_MS).code;
            let is_long = before != pair[0].code
                && end - pair[0].from >= 3 * PERIOD_MS
                && end < (HOURS * 3_600 - 60) * 1_000;
            let found = edges.iter().any(|(from, code)| {
                *code == pair[0].code && (from - pair[0].from).abs() <= PERIOD_MS
            });
            assert!(
                found || !is_long,
                "{profile} {login}: {:?} at {} is missing",
                pair[0].code,
                pair[0].from
            );
        }
    }
}
