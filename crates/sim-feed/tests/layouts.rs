//! The bytes of each layout against lines written by hand.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

use floorwire_sim_centre::event::{
    Acd, Activity, AgentSkill, Direction, Event, FORMAT, Header, Level, Login, SkillSettings, What,
};
use floorwire_sim_centre::variants::Variants;
use floorwire_sim_feed::{Action, Feed, FeedOptions};

/// 2 June 2026, 09:00:00 in Paris.
const NINE: i64 = 1_780_383_600;

fn header() -> Header {
    let skill = |skill, name: &str| SkillSettings {
        skill,
        name: name.into(),
        service_level_s: 20,
        periods_s: [5, 10, 15, 20, 30, 40, 60, 90, 120],
    };
    Header {
        format: FORMAT,
        simulation: "test".into(),
        scenario: "test".into(),
        from_utc_s: NINE,
        acds: vec![Acd {
            acd: 1,
            zone: "Europe/Paris".into(),
            interval_minutes: 30,
            phantom_s: 0,
            skills: vec![skill(117, "Orders, new"), skill(232, "Claims")],
            vdns: Vec::new(),
            agents: vec![
                (4021, "Zoë \"Z\" Åberg".into()),
                (4022, "Agent 4022".into()),
            ],
            aux_reasons: vec![(0, "System".into()), (3, "Lunch".into())],
        }],
        variants: Variants::default(),
    }
}

fn log_in(at: i64, login: Login, skills: &[i16]) -> Event {
    let held = skills.iter().zip(1..).map(|(skill, level)| AgentSkill {
        skill: *skill,
        level: Level::Normal(level),
    });
    Event {
        utc_s: NINE + at,
        acd: 1,
        what: What::LoggedIn {
            login,
            extension: login + 2_000,
            location: 1,
            skills: held.collect(),
        },
    }
}

fn state(at: i64, login: Login, activity: Activity) -> Event {
    Event {
        utc_s: NINE + at,
        acd: 1,
        what: What::State { login, activity },
    }
}

/// What the two agents of the tests do.
fn events() -> Vec<Event> {
    vec![
        log_in(5, 4022, &[232, 117]),
        state(5, 4022, Activity::Other),
        log_in(6, 4021, &[117]),
        state(6, 4021, Activity::Other),
        state(
            8,
            4021,
            Activity::Auxiliary {
                reason: 3,
                extension_call: None,
            },
        ),
        state(10, 4022, Activity::Available),
        state(12, 4022, Activity::Ringing { skill: Some(117) }),
        state(20, 4022, Activity::Talking { skill: Some(117) }),
        state(
            260,
            4021,
            Activity::Auxiliary {
                reason: 3,
                extension_call: Some(Direction::Out),
            },
        ),
    ]
}

/// What a feed sends until so many seconds after nine.
fn sent(options: &str, events: &[Event], begin_s: i64, end_s: i64) -> String {
    let options: FeedOptions = options.parse().unwrap();
    let mut feed = Feed::new(&options, &[], &header(), 1, 0).unwrap();
    let mut events = events.iter().peekable();
    let mut sent = Vec::new();
    let mut hand_over = |feed: &mut Feed, until_s: i64| {
        while let Some(event) = events.next_if(|event| event.utc_s <= NINE + until_s) {
            feed.event(event);
        }
    };
    hand_over(&mut feed, begin_s);
    feed.begin((NINE + begin_s) * 1_000);
    while feed.next_utc_ms() < (NINE + end_s) * 1_000 {
        let now_s = feed.next_utc_ms() / 1_000 - NINE;
        hand_over(&mut feed, now_s);
        feed.step(&mut |step| {
            if let Action::Send { bytes, .. } = step.action {
                sent.extend(bytes);
            }
        });
    }
    String::from_utf8(sent).unwrap()
}

#[test]
fn rta_codes_delimited() {
    assert_eq!(
        sent("acd=1,layout=rta-codes-delimited", &events(), 260, 261),
        "1|4021|51|3||117|00:00:00\n1|4022|32|||117|00:04:00\n\n"
    );
    // In AUX the reason 0 is said; nobody there is an empty line alone.
    let zero = [
        log_in(0, 4021, &[117]),
        state(
            0,
            4021,
            Activity::Auxiliary {
                reason: 0,
                extension_call: None,
            },
        ),
    ];
    let line = sent("acd=1,layout=rta-codes-delimited", &zero, 360_000, 360_001);
    assert_eq!(line, "1|4021|50|0||117|100:00:00\n\n");
    assert_eq!(sent("acd=1,layout=rta-codes-delimited", &[], 0, 1), "\n");
}

#[test]
fn cisco_49() {
    let zeros = |pairs| " 0 0".repeat(pairs);
    assert_eq!(
        sent("acd=1,layout=cisco-49", &events(), 260, 261),
        format!(
            "4021 51 3 0 0 0 0 1 6021 117 1{}\n4022 32 0 0 0 117 0 1 6022 232 1 117 2{}\n",
            zeros(19),
            zeros(18)
        )
    );
    let line = sent("acd=1,layout=cisco-49", &events(), 260, 261);
    assert!(line.lines().all(|line| line.split(' ').count() == 49));
}

#[test]
fn report_text() {
    assert_eq!(
        sent("acd=1,layout=report-text", &events(), 260, 261),
        "\x0cAgent Status by Skill          ACD   1   06/02/2026 09:04:20   Page   1\n\
         \n\
         \x20ACD Login      Extn    Skill State     Dir  Rsn  Work  Lvl      Time\n\
         ---- ---------- ------- ----- --------- ---- ---- ----- --- ---------\n\
         \x20  1 4021       6021      117 AUX       OUT     3         1      0:00\n\
         \x20  1 4022       6022      232 OTHER     IN          117   1      4:00\n\
         \x20  1 4022       6022      117 ACD       IN          117   2      4:00\n\
         End of report: 2 agents, 3 rows\n"
    );
    // 60 agents of one skill: a second page after 56 rows.
    let many: Vec<Event> = (4_001..4_061)
        .map(|login| log_in(0, login, &[117]))
        .collect();
    let text = sent("acd=1,layout=report-text", &many, 3_723, 3_724);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("\x0cAgent") && lines[0].ends_with("Page   1"));
    assert!(lines[60].starts_with("\x0cAgent") && lines[60].ends_with("Page   2"));
    assert_eq!(lines[4].len(), 69);
    assert!(lines[4].ends_with("  1:02:03"), "{}", lines[4]);
    assert_eq!(lines[68], "End of report: 60 agents, 60 rows");
    assert_eq!(lines.len(), 69);
}

#[test]
fn csv_names() {
    assert_eq!(
        sent(
            "acd=1,layout=csv-names,names=dictionary",
            &events(),
            260,
            261
        ),
        "Login,Name,State,Reason,Skill,Seconds\r\n\
         4021,\"Zoë \"\"Z\"\" Åberg\",AUXOUT,Lunch,,0\r\n\
         4022,\"Agent 4022\",ACDIN,,\"Orders, new\",240\r\n\
         \r\n"
    );
    let invented = sent("acd=1,layout=csv-names", &events(), 260, 261);
    assert!(
        invented.contains("4021,\"Lindqvist, L\",AUXOUT,"),
        "{invented}"
    );
}

#[test]
fn delta_events() {
    let mut all = events();
    all.push(Event {
        utc_s: NINE + 300,
        acd: 1,
        what: What::LoggedOut {
            login: 4021,
            reason: 0,
        },
    });
    assert_eq!(
        sent("acd=1,layout=delta-events,period=3", &all, 0, 310),
        "09:00:05;1;4022;100;\n\
         09:00:05;1;4022;220;\n\
         09:00:06;1;4021;100;\n\
         09:00:06;1;4021;220;\n\
         09:00:08;1;4021;50;3\n\
         09:00:10;1;4022;20;\n\
         09:00:12;1;4022;80;\n\
         09:00:20;1;4022;32;\n\
         09:04:20;1;4021;51;3\n\
         09:05:00;1;4021;110;\n"
    );
    // Who was there is told only if asked for.
    assert_eq!(sent("acd=1,layout=delta-events", &all, 30, 200), "");
    assert_eq!(
        sent("acd=1,layout=delta-events,resync=yes", &all, 30, 200),
        "09:00:08;1;4021;50;3\n09:00:20;1;4022;32;\n"
    );
}

#[test]
fn changes_alone_in_other_layouts() {
    let mut all = events();
    all.push(Event {
        utc_s: NINE + 300,
        acd: 1,
        what: What::LoggedOut {
            login: 4021,
            reason: 0,
        },
    });
    assert_eq!(
        sent(
            "acd=1,layout=rta-codes-delimited,mode=delta,period=10",
            &all,
            1,
            400
        ),
        "1|4022|220|||232|00:00:06\n1|4021|220|||117|00:00:05\n1|4021|50|3||117|00:00:03\n\
         1|4022|20|||232|00:00:01\n\n\
         1|4022|80|||117|00:00:09\n1|4022|32|||117|00:00:01\n\n\
         1|4021|51|3||117|00:00:01\n\n\
         1|4021|10|||117|00:00:01\n\n"
    );
}

#[test]
fn who_logs_out_vanishes_or_is_shown_until_the_interval_ends() {
    let all = [
        log_in(0, 4021, &[117]),
        state(0, 4021, Activity::Available),
        Event {
            utc_s: NINE + 1_790,
            acd: 1,
            what: What::LoggedOut {
                login: 4021,
                reason: 0,
            },
        },
    ];
    let shown = |options: &str| {
        let all = sent(options, &all, 1_780, 1_820);
        all.matches('\n').count() - all.matches("\n\n").count()
    };
    // Refreshes at 1,780, 1,790, 1,800 and 1,810 seconds after nine; the interval ends at 1,800.
    assert_eq!(shown("acd=1,layout=cisco-49,period=10"), 1);
    assert_eq!(shown("acd=1,layout=cisco-49,period=10,logout=unstaff"), 2);
}

#[test]
fn an_acd_that_is_not_there_is_named_with_those_that_are() {
    let options: FeedOptions = "acd=3,layout=cisco-49".parse().unwrap();
    let refused = Feed::new(&options, &[], &header(), 1, 0).err().unwrap();
    assert_eq!(refused.to_string(), "the site has no ACD 3; it has 1");
}
