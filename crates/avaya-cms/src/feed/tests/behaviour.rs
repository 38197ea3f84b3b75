//! What becomes an event, and with which times.

use super::*;
use crate::feed::{HealthState, KnownAgent};
use floorwire_model::agents::{AgentKey, Hold};

/// `1|login|code|reason||skill|duration`, then the empty line.
fn rta(rows: &[(&str, &str, &str, &str)]) -> String {
    let line = |(login, code, reason, duration): &(&str, &str, &str, &str)| {
        format!("1|{login}|{code}|{reason}||117|{duration}\n")
    };
    rows.iter().map(line).chain(["\n".to_owned()]).collect()
}

#[test]
fn differences_only_and_the_duration_gives_the_start() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(&[
        ("4021", "50", "3", "00:04:12"),
        ("4022", "20", "", "00:00:10"),
    ]));
    assert_eq!(
        desk.told(),
        ["4021 aux #3 s-252000", "4022 available s-10000"]
    );
    desk.wait(15_000).send(rta(&[
        ("4021", "50", "3", "00:04:27"),
        ("4022", "32", "", "00:00:03"),
    ]));
    assert_eq!(desk.told(), ["4022 acd in skill 117 s12000"]);
    assert_eq!(desk.feed.health().state, HealthState::Receiving);
    assert_eq!(desk.feed.health().agents, 2);
    assert_eq!(desk.feed.health().period_ms, Some(15_000));
    assert_eq!(desk.feed.health().confirmed_utc_ms, Some(START + 15_000));
}

#[test]
fn a_blank_reason_is_not_reason_zero() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(&[
        ("1", "50", "", "0"),
        ("2", "50", "0", "0"),
        ("3", "20", "7", "0"),
    ]));
    assert_eq!(desk.told(), ["1 aux s0", "2 aux #0 s0", "3 available s0"]);
}

#[test]
fn a_duration_that_does_not_speak_of_the_change_gives_way_to_the_receipt() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(&[("1", "50", "3", "00:01:00")])).told();
    // The reason changes, the work mode does not: its duration goes on.
    desk.wait(15_000).send(rta(&[("1", "50", "5", "00:01:15")]));
    assert_eq!(desk.told(), ["1 aux #5 r15000"]);
}

#[test]
fn absence_logs_out_after_two_whole_snapshots_since_the_first() {
    let mut desk = Desk::new("rta-codes-delimited");
    let both = rta(&[("1", "20", "", "5"), ("2", "20", "", "5")]);
    desk.send(&both).told();
    desk.wait(15_000).send(rta(&[("1", "20", "", "20")]));
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(15_000).send(rta(&[("1", "20", "", "35")]));
    assert_eq!(desk.told(), ["2 unstaffed r15000"]);
    desk.wait(15_000).send(&both);
    assert_eq!(desk.told(), ["2 available s40000"]);
}

#[test]
fn unstaffed_rows_that_vanish_at_the_end_of_the_interval_are_no_news() {
    let mut desk = Desk::new("rta-codes-delimited");
    let names: Vec<String> = (1..=9).map(|login| login.to_string()).collect();
    let rows = |code: &'static str| -> Vec<(&str, &str, &str, &str)> {
        names
            .iter()
            .map(|name| (name.as_str(), code, "", "7"))
            .collect()
    };
    desk.send(rta(&rows("20"))).told();
    // Everybody goes home at once and is shown as unstaffed: said, not missing.
    desk.wait(15_000).send(rta(&rows("10")));
    assert_eq!(logouts(&desk.events), 9);
    desk.told();
    for _ in 0..4 {
        desk.wait(15_000).send(rta(&[]));
    }
    assert_eq!(desk.told(), [""; 0]);
    assert_eq!(desk.feed.health().state, HealthState::Receiving);
}

#[test]
fn other_counts_when_it_lasts() {
    let mut desk = Desk::new("rta-codes-delimited");
    let of = |code| rta(&[("1", code, "", "0")]);
    desk.send(of("32")).told();
    desk.wait(3_000).send(of("220")).wait(3_000).send(of("20"));
    assert_eq!(desk.told(), ["1 available s6000"]);
    desk.wait(3_000).send(of("220")).wait(4_000);
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(2_000);
    assert_eq!(desk.told(), ["1 other s9000"]);
}

#[test]
fn other_after_a_call_is_probably_hold_and_600_certainly() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(&[("1", "32", "", "9")])).told();
    desk.wait(3_000)
        .send(rta(&[("1", "220", "", "2")]))
        .wait(6_000);
    assert_eq!(desk.told(), ["1 other hold s1000"]);
    desk.send(rta(&[("1", "600", "0", "1")]));
    assert!(matches!(
        &desk.events[0].change,
        LiveChange::Status { status, .. } if status.hold == Hold::Flagged && status.state == WorkState::Aux
    ));
}

#[test]
fn unknown_codes_keep_what_was_said_and_are_counted() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(&[("1", "81", "", "4")]));
    assert_eq!(desk.told(), ["1 unknown raw 81 s-4000"]);
    assert_eq!(desk.feed.health().counters.unknown_codes, 1);
    let mut desk = Desk::new("csv-names");
    desk.send(
        "Login,Name,State,Reason,Skill,Seconds\r\n1,\"A \"\"B\"\", C\",AUXOUT,Lunch,,5\r\n\r\n",
    );
    let LiveChange::Status { name, .. } = &desk.events[0].change else {
        panic!()
    };
    assert_eq!(name.as_deref(), Some("A \"B\", C"));
    assert_eq!(desk.told(), ["1 aux out raw Lunch s-5000"]);
}

#[test]
fn a_generic_absence_has_no_reason_by_number_or_name() {
    let generic = FeedContext {
        generic_absence: true,
        ..context(AgentScope::All)
    };
    let mut desk = Desk::with(Profile::shipped("csv-names").unwrap(), generic);
    let sheet = |reason: &str, state: &str, seconds: u32| {
        format!("Login,Name,State,Reason,Skill,Seconds\r\n1,A,{state},{reason},,{seconds}\r\n\r\n")
    };
    desk.send(sheet("3", "AUX", 5));
    assert_eq!(desk.told(), ["1 aux s-5000"]);
    desk.wait(15_000)
        .send(sheet("Lunch", "AUX", 20))
        .wait(15_000)
        .send(sheet("4", "AUX", 35));
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(15_000).send(sheet("", "LUNCH", 5));
    assert_eq!(desk.told(), ["1 unknown s40000"]);
}

#[test]
fn only_who_is_in_scope_is_told() {
    let logins = AgentScope::Logins {
        logins: [AgentKey {
            acd: AcdNumber(1),
            login: "2".into(),
        }]
        .into(),
    };
    let mut desk = Desk::with(Profile::shipped("cisco-49").unwrap(), context(logins));
    let sheet = [cisco(1, 20, 0, 0), cisco(2, 20, 0, 0)].concat();
    desk.send(&sheet).wait(15_000).send(&sheet);
    assert_eq!(desk.told(), ["2 available e0"]);
    assert_eq!(desk.feed.health().counters.out_of_scope, 2);
    let skills = AgentScope::Skills {
        skills: [(AcdNumber(1), 232)].into(),
    };
    let mut desk = Desk::with(Profile::shipped("cisco-49").unwrap(), context(skills));
    let sheet = [cisco(1, 32, 0, 117), cisco(2, 32, 0, 232)].concat();
    desk.send(&sheet)
        .wait(15_000)
        .send([cisco(1, 32, 0, 117), cisco(2, 20, 0, 0)].concat());
    assert_eq!(
        desk.told(),
        ["2 acd in skill 232 level 1 e0", "2 available r15000"]
    );
    let mut desk = Desk::with(
        Profile::shipped("cisco-49").unwrap(),
        context(AgentScope::Off),
    );
    desk.send(&sheet).wait(15_000).send(&sheet);
    assert_eq!(desk.told(), [""; 0]);
}

fn report(rows: &[(&str, &str, &str, &str)], seconds: u32) -> String {
    let mut text = String::from(
        "\x0cAgent Status by Skill          ACD   1   06/02/2026 09:30:05   Page   1\n\n",
    );
    text.push_str(" ACD Login      Extn    Skill State     Dir  Rsn  Work  Lvl      Time\n");
    text.push_str("---- ---------- ------- ----- --------- ---- ---- ----- --- ---------\n");
    for (login, skill, state, work) in rows {
        text.push_str(&format!(
            "{:>4} {login:<10} {:<7} {skill:>5} {state:<9} {:<4} {:>4} {work:>5} {:>3} {:>9}\n",
            1,
            "6021",
            "",
            "",
            1,
            format!("0:{seconds:02}")
        ));
    }
    text.push_str(&format!("End of report: 2 agents, {} rows\n", rows.len()));
    text
}

#[test]
fn rows_of_skills_become_one_status_and_unstaffed_in_one_is_no_logout() {
    let mut desk = Desk::new("report-text");
    desk.send(report(
        &[
            ("1", "117", "OTHER", ""),
            ("1", "118", "ACD", "118"),
            ("2", "117", "UNSTAFF", ""),
            ("2", "118", "AVAIL", ""),
        ],
        4,
    ));
    assert_eq!(
        desk.told(),
        ["1 acd skill 118 level 1 s-4000", "2 available s-4000"]
    );
    // A skill is taken away; the agent stays.
    for round in 1..4 {
        let rows = [("1", "118", "ACD", "118"), ("2", "118", "AVAIL", "")];
        desk.wait(15_000).send(report(&rows, 4 + 15 * round));
    }
    assert_eq!(desk.told(), [""; 0]);
    assert_eq!(desk.feed.health().counters.truncated_snapshots, 0);
}

#[test]
fn changes_only_never_log_out_by_absence() {
    let mut desk = Desk::new("delta-events");
    desk.wait(5_000)
        .send("09:30:05;1;4021;100;\n09:30:05;1;4021;220;\n");
    assert_eq!(desk.told(), ["4021 other r5000"]);
    desk.wait(3_000)
        .send("09:30:08;1;4021;50;0\n")
        .wait(900_000);
    assert_eq!(desk.told(), ["4021 aux #0 r8000"]);
    desk.send("09:31:00;1;4021;110;\n");
    assert_eq!(desk.told(), ["4021 unstaffed r908000"]);
    desk.wait(1_799_000);
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(1_000);
    assert_eq!(desk.told(), ["lost Silent Some(908000)"]);
    desk.send("10:31:00;1;4022;20;\n");
    assert_eq!(desk.told(), ["4022 available r2708000"]);
}

#[test]
fn after_a_restart_the_unchanged_are_confirmed_and_the_vanished_logged_out() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(&[
        ("1", "50", "3", "00:01:00"),
        ("2", "20", "", "5"),
        ("3", "20", "", "5"),
    ]));
    let known: Vec<KnownAgent> = desk
        .events
        .drain(..)
        .filter_map(|event| match event.change {
            LiveChange::Status {
                login,
                since_utc_ms,
                status,
                ..
            } => Some(KnownAgent {
                acd: event.acd,
                login,
                since_utc_ms,
                status,
            }),
            _ => None,
        })
        .collect();
    let mut desk = Desk::new("rta-codes-delimited");
    desk.feed.restore(known);
    desk.feed.restore_confirmation(Some(START));
    desk.wait(20_000);
    desk.feed
        .lost(LossCause::NotListening, desk.now, &mut desk.events);
    assert_eq!(desk.told(), ["lost NotListening Some(0)"]);
    desk.send(rta(&[("1", "50", "3", "00:01:21"), ("3", "32", "", "4")]));
    assert_eq!(
        desk.told(),
        ["1 aux #3 s-60000", "3 acd in skill 117 s16000"]
    );
    desk.wait(15_000)
        .send(rta(&[("1", "50", "3", "00:01:36"), ("3", "32", "", "19")]));
    assert_eq!(desk.told(), ["2 unstaffed r20000"]);
}
