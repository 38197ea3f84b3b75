//! The invariants hold in every shipped scenario, and find mistakes that are made on purpose.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

use floorwire_sim_booking::{Booking, Invariants, Mistake, Row, TableId, Write, tables};
use floorwire_sim_centre::event::{Event, Header, What};
use floorwire_sim_centre::scenario::{SHIPPED, shipped};
use floorwire_sim_centre::world::World;
use std::collections::BTreeMap;

fn play(name: &str) -> (Header, Vec<Event>) {
    let scenario = shipped(name).unwrap();
    let (mut world, header) = World::new(&scenario, scenario.first_day.unwrap(), "test").unwrap();
    let mut events = Vec::new();
    let end = header.from_utc_s + i64::from(scenario.days) * 86_400;
    world.advance(end, &mut |event| events.push(event));
    (header, events)
}

fn book(header: &Header, events: &[Event], mistake: Mistake) -> Vec<Write> {
    let mut writes = Vec::new();
    let mut out = |write| writes.push(write);
    let mut booking = Booking::with_mistake(header, mistake, &mut out).unwrap();
    for event in events {
        booking.feed(event, &mut out).unwrap();
    }
    let end = events.last().unwrap().utc_s;
    booking.advance(end + 3 * 86_400, &mut out).unwrap();
    writes
}

fn broken(header: &Header, writes: &[Write]) -> Vec<String> {
    let mut invariants = Invariants::new(&tables(&header.variants));
    for write in writes {
        invariants.look(write.table, &write.row);
    }
    invariants.finish()
}

#[test]
fn invariants_hold_in_every_scenario_and_every_figure_fits_its_column() {
    let mut filled: BTreeMap<TableId, u64> = BTreeMap::new();
    for (name, _) in SHIPPED {
        let (header, events) = play(name);
        let writes = book(&header, &events, Mistake::None);
        let found = broken(&header, &writes);
        assert!(
            found.is_empty(),
            "{name}: {} broken, first {:?}",
            found.len(),
            &found[..found.len().min(5)]
        );
        let layouts: BTreeMap<_, _> = tables(&header.variants)
            .into_iter()
            .map(|table| (table.id, table))
            .collect();
        for write in &writes {
            *filled.entry(write.table).or_default() += 1;
            let table = &layouts[&write.table];
            assert_eq!(
                write.row.keys.len(),
                table.keys.len(),
                "{name} {:?}",
                write.table
            );
            assert_eq!(
                write.row.figures.len(),
                table.figures.len(),
                "{name} {:?}",
                write.table
            );
            for (column, figure) in table.figures.iter().zip(&write.row.figures) {
                assert!(
                    column.kind.holds(*figure),
                    "{name}: {}.{} = {figure}",
                    write.table.name(),
                    column.name
                );
            }
        }
        assert!(
            writes.is_sorted_by_key(|write| (write.acd, write.ready_utc_s))
                || header.acds.len() > 1
        );
    }
    assert_eq!(filled.len(), TableId::ALL.len(), "{filled:?}");
}

#[test]
fn hold_inside_talk_time_is_found() {
    let (header, events) = play("small-site");
    let found = broken(&header, &book(&header, &events, Mistake::HoldInTalk));
    assert!(
        found.iter().any(|text| text.contains("more talk booked")),
        "{found:?}"
    );
}

#[test]
fn totals_on_every_skill_are_found() {
    let (header, events) = play("small-site");
    let found = broken(
        &header,
        &book(&header, &events, Mistake::TotalsOnEverySkill),
    );
    assert!(
        found.iter().any(|text| text.contains("time logged in")),
        "{found:?}"
    );
}

/// A call that was answered in the only queue it was in.
#[derive(Default)]
struct Simple {
    skill: Option<i16>,
    queued: i64,
    answered: i64,
    held: i64,
    hold_s: i64,
    released: i64,
    worked: i64,
}

/// Moves what is booked for a call from the interval in which its work ends to the one in which it was queued.
fn booked_on_arrival(events: &[Event], writes: &mut [Write], columns: &[String]) -> u64 {
    let mut calls: BTreeMap<u64, Simple> = BTreeMap::new();
    for event in events {
        let now = event.utc_s;
        match event.what {
            What::Queued {
                call,
                rank: 1,
                again: false,
                ..
            } => calls.entry(call).or_default().queued = now,
            What::Queued { call, .. } => calls.entry(call).or_default().queued = i64::MAX,
            What::Answered { call, skill, .. } => {
                let entry = calls.entry(call).or_default();
                (entry.answered, entry.skill) = (now, skill);
            }
            What::Held { call, .. } => calls.entry(call).or_default().held = now,
            What::Retrieved { call, .. } => {
                let entry = calls.entry(call).or_default();
                entry.hold_s += now - std::mem::take(&mut entry.held);
            }
            What::Released { call, .. } => {
                let entry = calls.entry(call).or_default();
                if entry.held > 0 {
                    entry.hold_s += now - entry.held;
                }
                entry.released = now;
            }
            What::Worked { call, .. } => calls.entry(call).or_default().worked = now,
            _ => {}
        }
    }
    let periods = [5, 10, 15, 20, 30, 45, 60, 90, 120];
    let mut moved = 0;
    for call in calls
        .values()
        .filter(|call| call.worked > 0 && call.queued < i64::MAX)
    {
        let Some(skill) = call.skill else { continue };
        let wait = call.answered - call.queued;
        let class = periods.iter().filter(|bound| wait > **bound).count() + 1;
        let figures = [
            ("acdcalls".to_owned(), 1),
            ("callsoffered".to_owned(), 1),
            (format!("acdcalls{class}"), 1),
            ("anstime".to_owned(), wait),
            (
                "acdtime".to_owned(),
                call.released - call.answered - call.hold_s,
            ),
            ("acwtime".to_owned(), call.worked - call.released),
            ("acceptable".to_owned(), i64::from(wait <= 20)),
        ];
        for (moment, sign) in [(call.worked, -1), (call.queued, 1)] {
            let row = writes.iter_mut().find(|write| {
                write.table == TableId::Hsplit
                    && write
                        .interval
                        .is_some_and(|(from, to)| (from..to).contains(&moment))
                    && write
                        .row
                        .keys
                        .contains(&floorwire_sim_booking::Value::Int(i64::from(skill)))
            });
            let Some(row) = row else { continue };
            for (name, figure) in &figures {
                let at =
                    columns.iter().position(|column| column == name).unwrap() - row.row.keys.len();
                row.row.figures[at] += sign * figure;
            }
        }
        moved += 1;
    }
    moved
}

#[test]
fn arrival_booking_is_found() {
    let (header, events) = play("small-site");
    let mut writes = book(&header, &events, Mistake::None);
    let splits = tables(&header.variants)
        .into_iter()
        .find(|table| table.id == TableId::Hsplit)
        .unwrap();
    let columns: Vec<String> = splits.columns().map(|column| column.name.clone()).collect();
    assert!(booked_on_arrival(&events, &mut writes, &columns) > 500);
    let found = broken(&header, &writes);
    assert!(
        found.iter().any(|text| text.contains("more talk booked")),
        "{found:?}"
    );
    assert!(
        !found.iter().any(|text| text.contains("callsoffered")),
        "rows are consistent in themselves: {found:?}"
    );
}

/// ACD and skill.
type Skill = (i16, i16);

#[test]
fn calls_are_booked_where_their_work_ends() {
    let (header, events) = play("small-site");
    let writes = book(&header, &events, Mistake::None);
    let splits = tables(&header.variants)
        .into_iter()
        .find(|table| table.id == TableId::Hsplit)
        .unwrap();
    let position = splits
        .columns()
        .position(|column| column.name == "acdcalls")
        .unwrap();
    let answered = |row: &Row| row.figures[position - row.keys.len()];
    let split = splits
        .keys
        .iter()
        .position(|column| column.name == "split")
        .unwrap();
    let mut skill_of = BTreeMap::new();
    let mut ended: Vec<(Skill, i64)> = Vec::new();
    for event in &events {
        match event.what {
            What::Answered {
                call,
                skill: Some(skill),
                ..
            } => {
                skill_of.insert(call, (event.acd, skill));
            }
            What::Worked { call, .. } => {
                if let Some(skill) = skill_of.remove(&call) {
                    ended.push((skill, event.utc_s));
                }
            }
            _ => {}
        }
    }
    let mut compared = 0;
    for write in writes.iter().filter(|write| write.table == TableId::Hsplit) {
        let (from, to) = write.interval.unwrap();
        let floorwire_sim_booking::Value::Int(number) = write.row.keys[split] else {
            panic!("no split");
        };
        let here = (write.acd, i16::try_from(number).unwrap());
        let expected = ended
            .iter()
            .filter(|(skill, at)| *skill == here && (from..to).contains(at))
            .count();
        assert_eq!(
            answered(&write.row),
            expected as i64,
            "{:?}",
            write.row.keys
        );
        compared += 1;
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn the_number_of_columns_is_that_of_the_reference() {
    let recent = tables(&floorwire_sim_centre::variants::Variants::default());
    let splits = recent
        .iter()
        .find(|table| table.id == TableId::Hsplit)
        .unwrap();
    assert_eq!(splits.columns().count(), 274);
}
