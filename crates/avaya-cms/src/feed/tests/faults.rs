//! What goes wrong with feeds: nobody is logged out who was not.

use super::*;
use crate::feed::HealthState;

fn sheet(logins: std::ops::Range<u32>, code: u32) -> String {
    logins.map(|login| cisco(login, code, 0, 0)).collect()
}

/// With a footer, and a duration that grows.
fn rta(logins: std::ops::Range<u32>, code: u32, seconds: u32) -> String {
    let mut text: String = logins
        .map(|login| format!("1|{login}|{code}|||117|{seconds}\n"))
        .collect();
    text.push('\n');
    text
}

#[test]
fn silence_in_the_middle_of_a_snapshot_is_not_its_end() {
    let mut desk = Desk::new("cisco-49");
    for _ in 0..3 {
        desk.send(sheet(1..20, 20)).wait(15_000);
    }
    desk.told();
    for _ in 0..12 {
        // Each takes longer than the silence that may end one, always torn at another place.
        desk.send(sheet(1..7, 20))
            .wait(7_000)
            .send(sheet(7..13, 20))
            .wait(7_000);
        desk.send(sheet(13..20, 20)).wait(1_000);
    }
    assert_eq!(desk.told(), [""; 0]);
}

#[test]
fn a_snapshot_that_is_cut_off_logs_nobody_out() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..20, 20, 5)).told();
    for round in 1..6 {
        desk.wait(5_000);
        let whole = rta(1..20, 20, 5 + 5 * round);
        let part = &whole[..whole.len() / 3];
        desk.send(part);
        let now = desk.now;
        desk.feed.disconnected(now, &mut desk.events);
        desk.feed.connected(now, &mut desk.events);
    }
    assert_eq!(desk.told(), [""; 0]);
    assert_eq!(desk.feed.health().counters.truncated_snapshots, 5);
    desk.wait(20_000);
    assert_eq!(desk.told(), ["lost Silent Some(0)"]);
}

#[test]
fn who_disconnects_and_stays_away_is_lost_and_comes_back_whole() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..3, 20, 5)).told();
    let now = desk.now;
    desk.feed.disconnected(now, &mut desk.events);
    desk.wait(44_000);
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(1_000);
    assert_eq!(desk.told(), ["lost Disconnected Some(0)"]);
    assert_eq!(
        desk.feed.health().state,
        HealthState::Lost {
            cause: LossCause::Disconnected
        }
    );
    let now = desk.now;
    desk.feed.connected(now, &mut desk.events);
    desk.send(rta(1..3, 20, 50));
    assert_eq!(desk.told(), ["1 available s-5000", "2 available s-5000"]);
}

#[test]
fn a_frozen_feed_is_told_and_heals() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..20, 20, 5)).told();
    desk.wait(15_000).send(rta(1..20, 20, 5));
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(15_000).send(rta(1..20, 20, 5));
    assert_eq!(desk.told(), ["lost Frozen Some(0)"]);
    desk.wait(15_000).send(rta(1..20, 20, 5));
    assert_eq!(desk.told(), [""; 0]);
    desk.wait(15_000).send(rta(1..20, 20, 65));
    assert_eq!(desk.events.len(), 19);
    assert_eq!(logouts(&desk.events), 0);
}

#[test]
fn without_durations_equal_snapshots_are_no_frozen_feed() {
    let mut desk = Desk::new("cisco-49");
    for _ in 0..200 {
        desk.send(sheet(1..20, 20)).wait(15_000);
    }
    assert_eq!(losses(&desk.events), []);
}

#[test]
fn an_empty_feed_and_one_with_too_few_agents_are_lost_not_gone() {
    for rest in [1..1, 1..4] {
        let mut desk = Desk::new("rta-codes-delimited");
        desk.send(rta(1..20, 20, 5)).told();
        let mut seconds = 5;
        for _ in 0..10 {
            seconds += 15;
            desk.wait(15_000).send(rta(rest.clone(), 20, seconds));
        }
        assert_eq!(losses(&desk.events), [LossCause::Emptied]);
        assert_eq!(logouts(&desk.events), 0);
        desk.told();
        desk.wait(15_000).send(rta(1..20, 20, seconds + 15));
        assert_eq!(desk.events.len(), 19);
        assert_eq!(logouts(&desk.events), 0);
    }
}

#[test]
fn a_smaller_content_that_lasts_is_believed() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..20, 20, 5)).told();
    for round in 1..50 {
        desk.wait(15_000).send(rta(1..4, 20, 5 + 15 * round));
    }
    assert_eq!(logouts(&desk.events), 16);
    assert_eq!(desk.feed.health().agents, 3);
}

#[test]
fn everybody_in_other_is_the_link_to_the_switch() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..20, 20, 5)).told();
    for round in 1..4 {
        desk.wait(15_000).send(rta(1..20, 220, 15 * round));
    }
    assert_eq!(desk.told(), ["lost SwitchLink Some(0)"]);
    desk.wait(15_000).send(rta(1..20, 20, 3));
    assert_eq!(desk.events.len(), 19);
    let mut desk = Desk::new("delta-events");
    let lines = |code: u32| -> String {
        (1..20)
            .map(|login| format!("09:30:00;1;{login};{code};\n"))
            .collect()
    };
    desk.wait(5_000).send(lines(20)).told();
    desk.wait(5_000).send(lines(220)).wait(20_000);
    assert_eq!(losses(&desk.events), [LossCause::SwitchLink]);
    assert_eq!(desk.events.len(), 1);
    desk.send(lines(20));
    assert_eq!(desk.events.len(), 20);
}

#[test]
fn a_line_that_cannot_be_read_may_be_the_agents() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..4, 20, 5)).told();
    for round in 1..9 {
        desk.wait(15_000);
        desk.send(format!(
            "1|1|20|||117|{0}\n1|2#20||117|{0}\n1|3|20|||117|{0}\n\n",
            5 + 15 * round
        ));
    }
    assert_eq!(desk.told(), [""; 0]);
    assert_eq!(desk.feed.health().counters.rejected["field_count"], 8);
    assert!(desk.feed.samples().count() >= 1);
}

#[test]
fn everything_twice_changes_nothing() {
    let mut desk = Desk::new("cisco-49");
    for _ in 0..6 {
        desk.send(sheet(1..9, 20))
            .send(sheet(1..9, 20))
            .wait(15_000);
    }
    assert_eq!(desk.events.len(), 8);
    let doubled: String = (1..9)
        .map(|login| cisco(login, 20, 0, 0).repeat(2))
        .collect();
    for _ in 0..9 {
        desk.send(&doubled).wait(15_000);
    }
    assert_eq!(logouts(&desk.events), 0);
}

#[test]
fn a_burst_of_late_snapshots_logs_nobody_out() {
    let mut desk = Desk::new("rta-codes-delimited");
    desk.send(rta(1..9, 20, 5)).told();
    desk.wait(14_000);
    desk.send(rta(1..8, 20, 7))
        .send(rta(1..8, 20, 10))
        .send(rta(1..8, 20, 13))
        .send(rta(1..9, 20, 16));
    assert_eq!(logouts(&desk.events), 0);
}
