//! What is sent against what agents really did, with a played clock: without faults, and with each of them.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::collections::BTreeMap;

use floorwire_sim_feed::{Action, Closing, Lane};
use support::{LAYOUTS, Read, Show, TEN, as_said, read, show};

/// Compares a refresh with the truth of its moment; returns how many agents it has.
fn is_true(show: &Show, layout: &str, utc_ms: i64, agents: &BTreeMap<u32, Read>) -> usize {
    let utc_s = utc_ms / 1_000;
    let truth = show.truth_at(utc_s);
    let logins: Vec<_> = agents.keys().collect();
    assert_eq!(logins, truth.keys().collect::<Vec<_>>(), "{layout} {utc_s}");
    for (login, read) in agents {
        let span = truth[login];
        let said = (read.code, read.reason);
        assert_eq!(
            said,
            (as_said(layout, span.code), span.aux_reason),
            "{layout} {span:?}"
        );
        if let Some(duration_s) = read.duration_s {
            assert_eq!(utc_s - duration_s, span.since_utc, "{layout} {span:?}");
        }
        if let Some(skill) = read.skill {
            assert_eq!(skill, span.skill, "{layout} {span:?}");
        }
    }
    agents.len()
}

fn all_true(show: &Show, layout: &str) -> usize {
    let mut rows = 0;
    for (utc_ms, bytes) in show.refreshes(Lane::Main) {
        let (agents, strange) = read(layout, &bytes);
        rows += is_true(show, layout, utc_ms, &agents);
        let pages = agents.len() / 56;
        assert!(layout == "report-text" || strange <= 1 + pages, "{strange}");
    }
    rows
}

#[test]
fn every_snapshot_is_the_truth_of_its_second() {
    for layout in LAYOUTS {
        let show = show(150, 40, &format!("acd=1,layout={layout},period=7"), &[]);
        let refreshes = show.refreshes(Lane::Main);
        assert_eq!(refreshes.len(), 40 * 60 / 7 + 1);
        assert_eq!(refreshes[1].0 - refreshes[0].0, 7_000);
        assert!(all_true(&show, layout) > 20_000, "{layout}");
    }
}

#[test]
fn changes_are_the_edges_of_the_truth() {
    let show = show(150, 40, "acd=1,layout=delta-events,period=2", &[]);
    let mut told = Vec::new();
    for (_, bytes) in show.refreshes(Lane::Main) {
        for line in String::from_utf8(bytes).unwrap().lines() {
            let fields: Vec<&str> = line.split(';').collect();
            assert_eq!(fields.len(), 5);
            told.push((
                fields[0].to_owned(),
                fields[2].parse::<u32>().unwrap(),
                fields[3].parse::<u16>().unwrap(),
                fields[4].parse::<u8>().ok(),
            ));
        }
    }
    let face = |utc_s: i64| {
        let paris = (utc_s + 7_200) % 86_400;
        format!(
            "{:02}:{:02}:{:02}",
            paris / 3_600,
            paris / 60 % 60,
            paris % 60
        )
    };
    let last_tick = show.refreshes(Lane::Main).last().unwrap().0 / 1_000;
    let mut edges = 0;
    let spans = show.spans.values().flatten();
    for span in spans.filter(|span| span.start_utc > TEN && span.start_utc <= last_tick) {
        if span.since_utc == span.start_utc {
            edges += 1;
            let edge = (face(span.start_utc), span.login, span.code, span.aux_reason);
            assert!(told.contains(&edge), "{span:?}");
        }
    }
    assert!(edges > 1_000, "{edges}");
    // More is told only where states came and went within a second, and at login and logout.
    let extra = told
        .iter()
        .filter(|(_, _, code, _)| !matches!(code, 100 | 110))
        .count()
        - edges;
    assert!(extra < told.len() / 10, "{extra} of {}", told.len());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let faults = ["garbage", "cut:20", "reskill", "page-headers", "restart"];
    let options = "acd=1,layout=csv-names,period=3";
    let (first, again) = (
        show(60, 10, options, &faults),
        show(60, 10, options, &faults),
    );
    assert_eq!(first.steps, again.steps);
    assert_ne!(first.steps, show(60, 10, options, &faults[..2]).steps);
}

#[test]
fn a_cut_is_inside_a_record_and_the_next_connection_begins_anew() {
    for layout in LAYOUTS {
        let options = format!("acd=1,layout={layout},period=3");
        let show = show(60, 20, &options, &["cut@60+600:20"]);
        let cuts = show.closings();
        assert!(cuts.len() > 10, "{}", cuts.len());
        assert_eq!(cuts[0].0, TEN * 1_000 + 60_250);
        for (utc_ms, why) in &cuts {
            assert_eq!(*why, Closing::Cut);
            let refreshes = show.refreshes(Lane::Main);
            let (_, bytes) = refreshes.iter().find(|(at, _)| at == utc_ms).unwrap();
            assert!(!bytes.ends_with(b"\n"));
        }
        let whole = show
            .refreshes(Lane::Main)
            .into_iter()
            .filter(|(_, bytes)| bytes.ends_with(b"\n"));
        for (utc_ms, bytes) in whole {
            is_true(&show, layout, utc_ms, &read(layout, &bytes).0);
        }
        let connects = show
            .steps
            .iter()
            .filter(|step| step.action == Action::Connect)
            .count();
        assert!(connects > cuts.len());
    }
}

#[test]
fn a_restart_pauses_after_a_whole_refresh() {
    let show = show(
        60,
        10,
        "acd=1,layout=cisco-49,period=3",
        &["restart@30+300:10"],
    );
    let closings = show.closings();
    assert!((4..=11).contains(&closings.len()), "{closings:?}");
    for (utc_ms, why) in &closings {
        assert_eq!(*why, Closing::Restart);
        let silent = |step: &&floorwire_sim_feed::Step| {
            matches!(step.action, Action::Send { .. })
                && (utc_ms + 1..utc_ms + 10_000).contains(&step.utc_ms)
        };
        assert_eq!(show.steps.iter().find(silent), None);
    }
    all_true(&show, "cisco-49");
}

#[test]
fn a_frozen_feed_repeats_itself_and_an_empty_one_has_nobody() {
    for layout in LAYOUTS {
        let options = format!("acd=1,layout={layout},period=3");
        let played = show(
            60,
            10,
            &options,
            &["frozen@60+60", "empty@180+60", "empty@300+60:0.4"],
        );
        let refreshes = played.refreshes(Lane::Main);
        let within = |from: i64, to: i64| {
            let from_ms = TEN * 1_000 + 250 + from * 1_000;
            let to_ms = from_ms + (to - from) * 1_000;
            let found = refreshes
                .iter()
                .filter(move |(at, _)| (from_ms..to_ms).contains(at));
            found.cloned().collect::<Vec<_>>()
        };
        let before = within(57, 60);
        for (_, bytes) in within(60, 120) {
            assert_eq!(bytes, before[0].1);
        }
        let present = played.truth_at(TEN + 180).len();
        for (_, bytes) in within(180, 240) {
            assert_eq!(read(layout, &bytes).0.len(), 0);
        }
        // Without header and footer there is nothing to send.
        assert_eq!(within(180, 240).is_empty(), layout == "cisco-49");
        for (_, bytes) in within(300, 360) {
            let left = read(layout, &bytes).0.len();
            assert!(
                left > present / 5 && left < present * 3 / 5,
                "{left} of {present}"
            );
        }
        for (utc_ms, bytes) in within(120, 180).into_iter().chain(within(240, 300)) {
            is_true(&played, layout, utc_ms, &read(layout, &bytes).0);
        }
    }
}

#[test]
fn a_duplicate_sender_says_the_same() {
    let show = show(
        60,
        5,
        "acd=1,layout=csv-names,period=3",
        &["duplicate@60+60:1"],
    );
    let (main, second) = (show.refreshes(Lane::Main), show.refreshes(Lane::Second));
    assert_eq!(second.len(), 20);
    for (utc_ms, bytes) in &second {
        assert!(main.contains(&(utc_ms - 1_000, bytes.clone())));
    }
    let lane = |lane| show.steps.iter().filter(move |step| step.lane == lane);
    assert_eq!(lane(Lane::Second).next().unwrap().action, Action::Connect);
    assert_eq!(show.closings(), [(TEN * 1_000 + 121_250, Closing::Over)]);
}

#[test]
fn garbage_and_page_headers_leave_records_whole() {
    for layout in LAYOUTS {
        let options = format!("acd=1,layout={layout},period=3");
        for fault in ["garbage:0.2", "page-headers:0.2"] {
            let show = show(60, 10, &options, &[fault]);
            let mut strange = 0;
            for (utc_ms, bytes) in show.refreshes(Lane::Main) {
                let (agents, lines) = read(layout, &bytes);
                is_true(&show, layout, utc_ms, &agents);
                strange += lines;
                let empty = bytes.windows(2).filter(|pair| pair == b"\n\n").count();
                let expected = usize::from(layout == "rta-codes-delimited")
                    + bytes.iter().filter(|byte| **byte == 0x0c).count()
                        * usize::from(layout == "report-text" && fault.starts_with('g'));
                assert!(
                    empty <= expected.max(1) || layout == "report-text",
                    "{layout} {fault}"
                );
            }
            assert!(strange > 200, "{layout} {fault} {strange}");
        }
    }
}

#[test]
fn skills_change_and_states_do_not() {
    for layout in LAYOUTS {
        let options = format!("acd=1,layout={layout},period=3");
        let plain = show(60, 5, &options, &[]);
        let changed = show(60, 5, &options, &["reskill:0.5"]);
        all_true(&changed, layout);
        let differs = plain.refreshes(Lane::Main) != changed.refreshes(Lane::Main);
        assert_eq!(differs, layout != "csv-names", "{layout}");
    }
}

#[test]
fn another_dictionary_has_other_texts() {
    let text = |layout: &str| {
        let options = format!("acd=1,layout={layout},period=3");
        let show = show(60, 5, &options, &["renamed"]);
        let all: Vec<u8> = show
            .refreshes(Lane::Main)
            .into_iter()
            .flat_map(|(_, bytes)| bytes)
            .collect();
        String::from_utf8(all).unwrap()
    };
    for layout in ["report-text", "csv-names"] {
        let text = text(layout);
        assert!(text.contains("READY") && text.contains("PAUSE") && text.contains("ALERT"));
        assert!(!text.contains("AVAIL") && !text.contains("AUX") && !text.contains("RING"));
    }
    assert!(text("csv-names").contains(",*"));
    let codes = text("rta-codes-delimited");
    assert!(codes.contains("|81|") && !codes.contains("|80|"));
}

#[test]
fn a_trickle_is_the_same_bytes_in_small_pieces_within_half_a_period() {
    let options = "acd=1,layout=rta-codes-delimited,period=4";
    let (plain, trickles) = (
        show(60, 3, options, &[]),
        show(60, 3, options, &["trickle:50"]),
    );
    assert_eq!(plain.refreshes(Lane::Main), trickles.refreshes(Lane::Main));
    let sends = trickles.steps.iter().filter_map(|step| match &step.action {
        Action::Send { bytes, .. } => Some((step.utc_ms, bytes.len())),
        _ => None,
    });
    for (utc_ms, length) in sends {
        assert!(length <= 50);
        assert!((utc_ms - TEN * 1_000 - 250) % 4_000 < 2_000);
    }
}

#[test]
fn a_burst_holds_back_and_sends_all() {
    let options = "acd=1,layout=rta-codes-delimited,period=4";
    let (plain, bursts) = (
        show(60, 4, options, &[]),
        show(60, 4, options, &["burst@0+200:5"]),
    );
    let all = |show: &Show| {
        show.refreshes(Lane::Main)
            .into_iter()
            .flat_map(|(_, bytes)| bytes)
            .collect::<Vec<u8>>()
    };
    assert_eq!(all(&plain), all(&bursts));
    assert_eq!(bursts.refreshes(Lane::Main).len(), 10 + 10);
}

#[test]
fn a_clock_that_is_off_shifts_durations_and_times() {
    let options = "acd=1,layout=report-text,period=4";
    let show = show(60, 2, options, &["clock-skew@60+60:-30"]);
    for (utc_ms, bytes) in show.refreshes(Lane::Main) {
        let truth = show.truth_at(utc_ms / 1_000);
        let skew_s = if utc_ms < TEN * 1_000 + 60_250 {
            0
        } else {
            -30
        };
        for (login, read) in read("report-text", &bytes).0 {
            let true_s = utc_ms / 1_000 - truth[&login].since_utc;
            assert_eq!(read.duration_s, Some((true_s + skew_s).max(0)));
        }
        if skew_s != 0 && utc_ms < TEN * 1_000 + 61_000 {
            assert!(
                String::from_utf8(bytes)
                    .unwrap()
                    .contains("06/02/2026 10:00:30")
            );
        }
    }
}

#[test]
fn a_link_that_is_down_puts_everybody_into_other() {
    for (fault, layout) in [
        ("link-down@60+60", "rta-codes-delimited"),
        ("link-down@60+60:restart", "report-text"),
    ] {
        let played = show(60, 5, &format!("acd=1,layout={layout},period=3"), &[fault]);
        for (utc_ms, bytes) in played.refreshes(Lane::Main) {
            let agents = read(layout, &bytes).0;
            let at_s = utc_ms / 1_000 - TEN;
            if (60..120).contains(&at_s) {
                assert_eq!(agents.len(), played.truth_at(TEN + at_s).len());
                assert!(agents.values().all(|agent| agent.code == 220));
            } else if at_s < 60 || !fault.ends_with("restart") {
                is_true(&played, layout, utc_ms, &agents);
            } else {
                let longest = agents.values().map(|agent| agent.duration_s).max().unwrap();
                assert_eq!(longest, Some(at_s - 120));
            }
        }
    }
    let events = show(60, 5, "acd=1,layout=delta-events", &["link-down@60+60"]);
    let at = |at_s: i64| {
        let found = events.refreshes(Lane::Main);
        let found = found
            .into_iter()
            .find(|(utc_ms, _)| utc_ms / 1_000 == TEN + at_s);
        String::from_utf8(found.unwrap().1).unwrap()
    };
    let present = events.truth_at(TEN + 60).len();
    assert!(at(60).matches(";220;").count() >= present);
    let present = events.truth_at(TEN + 120).len();
    assert!(at(120).lines().count() >= present);
}
