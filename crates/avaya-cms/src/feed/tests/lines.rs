//! Lines, whatever reads and senders make of them.

use super::*;
use crate::feed::{has_record, preview};

fn profile(change: impl Fn(String) -> String) -> Profile {
    let text = crate::feed::SHIPPED
        .iter()
        .find(|profile| profile.name == "rta-codes-delimited")
        .unwrap()
        .text;
    Profile::parse(&change(text.to_owned())).unwrap()
}

#[test]
fn all_line_ends_are_found_out() {
    for end in ["\n", "\r\n", "\r", "\0"] {
        let mut desk = Desk::new("cisco-49");
        let lines: String = (1..4)
            .map(|login| cisco(login, 20, 0, 0).replace('\n', end))
            .collect();
        for _ in 0..2 {
            for byte in lines.as_bytes() {
                desk.send([*byte]);
            }
            desk.wait(15_000);
        }
        assert_eq!(desk.events.len(), 3, "{end:?}");
        assert_eq!(desk.feed.health().counters.records, 6, "{end:?}");
    }
}

#[test]
fn records_of_equal_length_need_no_line_ends() {
    let text = |text: String| {
        text.replace(
            "line_end = \"auto\"",
            "line_end = \"fixed\"\nrecord_bytes = 20",
        )
        .replace("blank_ends = true", "")
    };
    let mut desk = Desk::with(profile(text), context(AgentScope::All));
    let records = "1|4021|50|3||117|0121|4022|20|||117|0034";
    for _ in 0..2 {
        for piece in records.as_bytes().chunks(7) {
            desk.send(piece);
        }
        desk.wait(15_000);
    }
    assert_eq!(
        desk.told(),
        ["4021 aux #3 s-12000", "4022 available s-34000"]
    );
}

#[test]
fn a_line_without_end_is_dropped_once() {
    let mut desk = Desk::new("rta-codes-delimited");
    for _ in 0..100 {
        desk.send([b'x'; 1_000]);
    }
    desk.send("\n1|4021|50|3||117|12\n\n");
    assert_eq!(desk.told(), ["4021 aux #3 s-12000"]);
    assert_eq!(desk.feed.health().counters.rejected["too_long"], 1);
}

#[test]
fn escapes_and_stray_control_characters_are_taken_out() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send("\x1b[2J\x1b[1;1H1|40\x0021|\x1b(B50|3\x07||117|\x1b[7m12\x1b[0m\n\n");
    assert_eq!(desk.told(), ["4021 aux #3 s-12000"]);
}

#[test]
fn names_are_decoded_and_what_cannot_be_is_replaced() {
    let sheet = |name: &[u8]| {
        let mut bytes = b"Login,Name,State,Reason,Skill,Seconds\r\n7,\"".to_vec();
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(b"\",AVAIL,,,5\r\n\r\n");
        bytes
    };
    for (encoding, bytes, expected) in [
        ("utf-8", "Łukasz, Ü".as_bytes(), "Łukasz, Ü"),
        ("utf-8", &b"M\xfcller"[..], "M\u{fffd}ller"),
        ("latin1", &b"M\xfcller"[..], "Müller"),
        ("latin9", &b"\xa4\xbd"[..], "€œ"),
    ] {
        let text = crate::feed::SHIPPED
            .iter()
            .find(|profile| profile.name == "csv-names")
            .unwrap()
            .text;
        let text = text.replace("\"utf-8\"", &format!("\"{encoding}\""));
        let mut desk = Desk::with(Profile::parse(&text).unwrap(), context(AgentScope::All));
        desk.send(sheet(bytes));
        let LiveChange::Status { name, .. } = &desk.events[0].change else {
            panic!()
        };
        assert_eq!(name.as_deref(), Some(expected), "{encoding}");
    }
}

#[test]
fn the_end_of_a_closed_connection_is_read_only_when_its_fields_are_all_there() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send("1|1|20|||117|5\n\n")
        .wait(15_000)
        .send("1|1|32|||117|3");
    let now = desk.now;
    desk.feed.disconnected(now, &mut desk.events);
    assert_eq!(
        desk.told(),
        ["1 available s-5000", "1 acd in skill 117 s12000"]
    );
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send("1|1|20|||117|5\n\n1|1|32|||11");
    let now = desk.now;
    desk.feed.disconnected(now, &mut desk.events);
    assert_eq!(desk.told(), ["1 available s-5000"]);
    assert_eq!(desk.feed.health().counters.rejected["cut_off"], 1);
}

#[test]
fn a_second_connection_is_judged_by_a_whole_record() {
    let profile = Profile::shipped("cisco-49").unwrap();
    let line = cisco(301_204, 80, 0, 232);
    assert!(has_record(&profile, format!("hello\n{line}").as_bytes()));
    assert!(!has_record(&profile, line.trim_end().as_bytes()));
    assert!(!has_record(&profile, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
}

#[test]
fn previews_and_samples_name_nobody() {
    let profile = Profile::shipped("csv-names").unwrap();
    let lines = "Login,Name,State,Reason,Skill,Seconds\r\n\
        402117,\"Smith, Anna\",AUXOUT,Lunch,Billing,252\r\n\
        402117,\"Smith, Anna\",ACDIN,,Billing,2\r\n402118,Jones,AVAIL\r\n\r\n";
    let read = preview(&profile, lines.as_bytes());
    let readings: Vec<&str> = read.iter().map(|line| line.reading).collect();
    assert_eq!(
        readings,
        ["header", "record", "record", "field_count", "footer"]
    );
    let shown = format!("{read:?}");
    for secret in ["402117", "402118", "Smith", "Anna", "Jones"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(read[1].fields["login"], read[2].fields["login"]);
    assert_eq!(read[2].fields["state"], "acd");
    let mut desk = Desk::new("csv-names");
    desk.send("402118,Jones,AVAIL\r\n");
    let samples: Vec<_> = desk.feed.samples().collect();
    assert_eq!(samples[0].reason, "field_count");
    assert!(!samples[0].text.contains("402118") && !samples[0].text.contains("Jones"));
}
