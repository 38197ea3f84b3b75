//! The invariants hold in every shipped scenario, and find mistakes that are made on purpose.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

use floorwire_sim_booking::{Booking, Invariants, Mistake, Row, TableId, Value, Write, tables};
use floorwire_sim_centre::event::{Activity, Direction, Event, Header, What};
use floorwire_sim_centre::scenario::{SHIPPED, shipped};
use floorwire_sim_centre::world::World;
use std::collections::{BTreeMap, BTreeSet};

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
    let mut invariants = Invariants::new(&header.variants);
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

#[test]
fn arrival_booking_is_found() {
    let (header, events) = play("small-site");
    let found = broken(&header, &book(&header, &events, Mistake::ArrivalBooking));
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
        let Value::Int(number) = write.row.keys[split] else {
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

/// Sum of a figure over all rows of a table.
fn sum(header: &Header, writes: &[Write], table: TableId, name: &str) -> i64 {
    let layouts = tables(&header.variants);
    let layout = layouts.iter().find(|layout| layout.id == table).unwrap();
    let at = layout.figures.iter().position(|column| column.name == name);
    let rows = writes.iter().filter(|write| write.table == table);
    rows.map(|write| write.row.figures[at.unwrap()]).sum()
}

#[test]
fn extension_calls_are_booked_by_the_work_that_they_were_made_in() {
    let (header, events) = play("multi-site-bank");
    let writes = book(&header, &events, Mistake::None);
    let mut activities = BTreeMap::new();
    let mut begun = BTreeMap::new();
    // Calls and seconds: in or out, after a direct call or after another.
    let mut expected: BTreeMap<(bool, bool), (i64, i64)> = BTreeMap::new();
    let (mut external, mut dialled) = (0, 0);
    for event in &events {
        match event.what {
            What::State { login, activity } => {
                activities.insert((event.acd, login), activity);
            }
            What::ExtensionCall {
                login,
                direction,
                external,
                adjunct,
                ..
            } => {
                begun.insert(
                    (event.acd, login),
                    (event.utc_s, direction, external, adjunct),
                );
            }
            What::ExtensionCallEnded { login, .. } => {
                let (since, direction, over_trunk, adjunct) = begun[&(event.acd, login)];
                let direct = match activities[&(event.acd, login)] {
                    Activity::AfterCall { skill, .. } => skill.is_none(),
                    Activity::StandAloneAfterCall { .. } => false,
                    _ => continue,
                };
                let made = direction == Direction::Out;
                let entry = expected.entry((made, direct)).or_default();
                entry.0 += 1;
                entry.1 += event.utc_s - since;
                if made && direct {
                    external += i64::from(over_trunk);
                    dialled += i64::from(adjunct);
                }
            }
            _ => {}
        }
    }
    let columns = [
        ((false, false), "acwincalls", "acwintime"),
        ((true, false), "acwoutcalls", "acwouttime"),
        ((false, true), "da_acwincalls", "da_acwintime"),
        ((true, true), "da_acwocalls", "da_acwotime"),
    ];
    for table in [TableId::Hsplit, TableId::Hagent] {
        for (kind, calls, seconds) in columns {
            let booked = (
                sum(&header, &writes, table, calls),
                sum(&header, &writes, table, seconds),
            );
            let (count, time) = expected[&kind];
            assert!(count > 0, "{calls} was not tried");
            assert_eq!(booked, (count, time), "{table:?} {calls}");
        }
        let passed = sum(&header, &writes, table, "i_acwouttime");
        assert_eq!(
            passed,
            expected[&(true, false)].1 + expected[&(true, true)].1
        );
    }
    let of_agents = |name| sum(&header, &writes, TableId::Hagent, name);
    assert_eq!(of_agents("da_acwooffcalls"), external);
    assert_eq!(of_agents("da_acwoadjcalls"), dialled);
    assert!(external > 0 && dialled > 0, "{external} {dialled}");
}

/// Whether a value says something.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Int(number) => *number != 0,
        Value::Text(text) => !text.is_empty() && text != "n",
        Value::Date(_) => true,
    }
}

#[test]
fn every_column_is_filled_in_some_scenario_or_its_page_says_that_it_never_is() {
    let mut silent: BTreeMap<(TableId, String), &'static str> = BTreeMap::new();
    let mut spoken = BTreeSet::new();
    for (name, _) in SHIPPED {
        let (header, events) = play(name);
        for table in tables(&header.variants) {
            // Daily tables have the columns of the interval tables.
            if [TableId::Dsplit, TableId::Dvdn, TableId::Dagent].contains(&table.id) {
                continue;
            }
            for column in table.columns() {
                silent.insert((table.id, column.name.clone()), column.doc);
            }
        }
        let layouts: BTreeMap<_, _> = tables(&header.variants)
            .into_iter()
            .map(|table| (table.id, table))
            .collect();
        for write in book(&header, &events, Mistake::None) {
            let table = &layouts[&write.table];
            let keys = write.row.keys.iter().map(says_something);
            let figures = write.row.figures.iter().map(|figure| *figure != 0);
            for (column, says) in table.columns().zip(keys.chain(figures)) {
                if says {
                    spoken.insert((write.table, column.name.clone()));
                }
            }
        }
    }
    // Which reasons and how many skills there are is the site's business.
    let of_the_site = |name: &str| {
        ["auxtime", "logonskill", "sklevel", "skilltype"]
            .iter()
            .any(|stem| name.contains(stem) && name.ends_with(|sign: char| sign.is_ascii_digit()))
    };
    silent.retain(|key, doc| {
        !spoken.contains(key) && !doc.trim().starts_with("Always") && !of_the_site(&key.1)
    });
    assert!(
        silent.is_empty(),
        "{:#?}",
        silent.keys().collect::<Vec<_>>()
    );
}

#[test]
fn a_clock_that_is_set_leaves_a_row_in_linkex() {
    let (header, events) = play("clock-steps");
    let sets = events
        .iter()
        .filter(|event| matches!(event.what, What::ClockSet { .. }));
    let writes = book(&header, &events, Mistake::None);
    let rows: Vec<&[Value]> = writes
        .iter()
        .filter(|write| write.table == TableId::Linkex)
        .map(|write| &write.row.keys[2..5])
        .collect();
    assert_eq!(rows.len(), sets.count());
    // Set back at nine by a minute: the new face, reason 96, collection not off.
    assert_eq!(rows[0], [859, 96, 0].map(Value::Int));
}
