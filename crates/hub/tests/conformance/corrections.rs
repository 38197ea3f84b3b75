//! Rows that change at the source after they were read: they arrive by their tier and not before, the journal names every
//! figure that changed and nothing else, and reading the same again writes nothing.

use crate::stage::*;
use floorwire_hub::planner;
use floorwire_hub::store::journal;
use floorwire_protocol::messages::Outcome;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

const WAITING: &str = "SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND state = 'waiting'";
const ASIDE: &str = "SELECT COUNT(*) FROM set_aside WHERE account_id = $1";
const ROWS: &str = "SELECT COUNT(*) FROM queue_intervals WHERE account_id = $1";
const SPLIT: i32 = 12;

/// The rows of a source: calls by start (HHMM), by date.
pub struct Source {
    pub days: BTreeMap<Date, BTreeMap<i32, i32>>,
}

/// `(start, measure, before, after)`.
type Entry = (i64, &'static str, Option<i64>, Option<i64>);

impl Source {
    /// Each interval from 8:00 to 20:00 of each date has a number of calls of its own; today ends at 11:00.
    pub fn new(oldest: &str, today: &str) -> Self {
        let (mut date, today): (Date, Date) = (oldest.parse().unwrap(), today.parse().unwrap());
        let mut days = BTreeMap::new();
        while date <= today {
            let last = if date == today { 1100 } else { 1930 };
            let rows = day_of(SPLIT, 0).into_iter().map(|row| row.1);
            let rows = rows.filter(|start| *start <= last);
            days.insert(date, rows.map(|start| (start, 5 + start / 100)).collect());
            date = date.tomorrow().unwrap();
        }
        Self { days }
    }

    fn columns(&self, date: Date) -> floorwire_model::columns::SourceColumns {
        let rows = self.days.get(&date).into_iter().flatten();
        let rows: Vec<_> = rows.map(|(start, calls)| (SPLIT, *start, *calls)).collect();
        hsplit(&rows)
    }

    /// Plans and reads until nothing waits; the dates read with what became of them.
    pub async fn serve(&self, link: &SimulatedLink<'_>) -> BTreeMap<Date, Outcome> {
        let mut served = BTreeMap::new();
        loop {
            link.stage.plan().await;
            if link.stage.count(WAITING).await == 0 {
                return served;
            }
            for task in link.lease(64).await {
                let Some(date) = &task.row_date else {
                    link.deliver(&task, &synonyms()).await;
                    continue;
                };
                let date: Date = date.parse().unwrap();
                let outcome = link.deliver(&task, &self.columns(date)).await.outcome;
                served.insert(date, outcome);
            }
        }
    }

    /// Changes one row, swaps two, deletes one and adds one; what the journal must say of it.
    fn correct(&mut self, date: &str, [changed, one, other, gone, new]: [i32; 5]) -> Vec<Entry> {
        let date: Date = date.parse().unwrap();
        let day = self.days.get_mut(&date).unwrap();
        let before = day.clone();
        *day.get_mut(&changed).unwrap() += 3;
        let (first, second) = (day[&one], day[&other]);
        assert_ne!(first, second);
        day.insert(one, second);
        day.insert(other, first);
        day.remove(&gone).unwrap();
        assert_eq!(day.insert(new, 4), None);
        let starts: BTreeSet<i32> = before.keys().chain(day.keys()).copied().collect();
        starts
            .into_iter()
            .flat_map(|start| entries(date, start, before.get(&start), day.get(&start)))
            .collect()
    }
}

/// What [`hsplit`] says of a row with so many calls.
fn figures(calls: i32) -> [(&'static str, i64); 9] {
    let calls = i64::from(calls);
    [
        ("offered", calls + 1),
        ("answered", calls),
        ("abandoned", 1),
        ("within_threshold", calls),
        ("talk_seconds", calls * 60),
        ("hold_seconds", 0),
        ("acw_seconds", calls * 5),
        ("wait_seconds", calls * 9),
        ("threshold_seconds", 20),
    ]
}

fn entries(date: Date, start: i32, before: Option<&i32>, after: Option<&i32>) -> Vec<Entry> {
    let paris = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let (hour, minute) = (
        i8::try_from(start / 100).unwrap(),
        i8::try_from(start % 100).unwrap(),
    );
    let local = date.at(hour, minute, 0, 0).to_zoned(paris).unwrap();
    let start_utc_s = local.timestamp().as_second();
    let of = |calls: Option<&i32>| calls.map(|calls| figures(*calls));
    let (old, new) = (of(before), of(after));
    (0..9)
        .map(|index| {
            let name = figures(0)[index].0;
            let value = |side: &Option<[(&str, i64); 9]>| side.map(|figures| figures[index].1);
            (start_utc_s, name, value(&old), value(&new))
        })
        .filter(|(_, _, old, new)| old != new)
        .collect()
}

async fn journal_of(stage: &Stage) -> BTreeSet<(i64, String, Option<i64>, Option<i64>)> {
    let entries = journal::list(&stage.state.store, ACCOUNT, stage.integration, None, 5_000).await;
    let entries = entries.unwrap();
    let count = entries.len();
    let set: BTreeSet<_> = entries
        .into_iter()
        .map(|entry| {
            (
                entry.start_utc_s,
                entry.measure,
                entry.old_value,
                entry.new_value,
            )
        })
        .collect();
    assert_eq!(set.len(), count, "an entry was written twice");
    set
}

fn as_journal(expected: &[Entry]) -> BTreeSet<(i64, String, Option<i64>, Option<i64>)> {
    expected
        .iter()
        .map(|(start, measure, old, new)| (*start, (*measure).to_owned(), *old, *new))
        .collect()
}

fn dates(served: &BTreeMap<Date, Outcome>) -> Vec<String> {
    served.keys().map(Date::to_string).collect()
}

fn has(served: &BTreeMap<Date, Outcome>, date: &str) -> bool {
    served.contains_key(&date.parse::<Date>().unwrap())
}

pub async fn corrections_arrive_by_their_tier(stage: Stage) {
    let mut source = Source::new("2026-10-05", "2026-11-22");
    let link = SimulatedLink::connected(&stage, site("2026-10-05", "2026-11-22")).await;
    assert_eq!(source.serve(&link).await.len(), 49);
    assert_eq!(journal_of(&stage).await.len(), 0);

    // At 12:02 in Paris: an hour, a day, five days and a month old.
    let rows = [900, 1000, 1100, 1330, 2030];
    let hour = source.correct("2026-11-22", [800, 900, 1000, 1030, 730]);
    let day = source.correct("2026-11-21", rows);
    let five_days = source.correct("2026-11-17", rows);
    let month = source.correct("2026-10-22", rows);
    assert_eq!((hour.len(), day.len()), (36, 36));
    let mut expected = Vec::new();

    stage.clock.set(instant_ms("2026-11-22T11:29:00Z"));
    assert_eq!(dates(&source.serve(&link).await), [""; 0]);
    stage.clock.set(instant_ms("2026-11-22T11:31:00Z"));
    assert_eq!(dates(&source.serve(&link).await), ["2026-11-22"]);
    expected.extend(hour);
    assert_eq!(journal_of(&stage).await, as_journal(&expected));

    stage.clock.set(instant_ms("2026-11-22T12:01:30Z"));
    assert_eq!(dates(&source.serve(&link).await), ["2026-11-22"]);
    stage.clock.set(instant_ms("2026-11-22T12:03:30Z"));
    assert_eq!(dates(&source.serve(&link).await), ["2026-11-21"]);
    expected.extend(day);
    assert_eq!(journal_of(&stage).await, as_journal(&expected));

    stage.clock.set(instant_ms("2026-11-23T01:59:00Z"));
    assert!(!has(&source.serve(&link).await, "2026-11-17"));
    stage.clock.set(instant_ms("2026-11-23T02:01:00Z"));
    let night = source.serve(&link).await;
    let unchanged = night
        .iter()
        .filter(|(_, outcome)| **outcome == Outcome::Unchanged);
    assert!(
        has(&night, "2026-11-17") && !has(&night, "2026-10-22"),
        "{night:?}"
    );
    // The rest of the week, and the Mondays before it; the oldest is a Monday.
    assert_eq!(unchanged.count(), night.len() - 1);
    assert!(has(&night, "2026-11-16") && has(&night, "2026-10-05") && !has(&night, "2026-11-15"));
    expected.extend(five_days);
    assert_eq!(journal_of(&stage).await, as_journal(&expected));

    stage.clock.set(instant_ms("2026-11-26T01:59:00Z"));
    assert!(!has(&source.serve(&link).await, "2026-10-22"));
    stage.clock.set(instant_ms("2026-11-26T02:01:00Z"));
    assert!(has(&source.serve(&link).await, "2026-10-22"));
    expected.extend(month);
    assert_eq!(journal_of(&stage).await, as_journal(&expected));

    // A second run of any re-import writes nothing.
    let before = everything(&stage).await;
    stage.clock.advance(60_000);
    let integration = stage.integration().await;
    let period: (Date, Date) = ("2026-10-05".parse().unwrap(), "2026-11-26".parse().unwrap());
    let planned = planner::reimport(
        &stage.state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        period.0,
        period.1,
    );
    assert_eq!(planned.await.unwrap(), 52);
    let again = source.serve(&link).await;
    assert_eq!(again.len(), 52);
    assert!(again.values().all(|outcome| *outcome == Outcome::Unchanged));
    assert_eq!(everything(&stage).await, before);
}

/// Every stored row but for times of reading and attempts; on PostgreSQL with the version of each derived row.
async fn everything(stage: &Stage) -> Vec<String> {
    const SQLS: [&str; 5] = [
        "SELECT queue_id || '|' || start_utc_s || '|' || row_day || '|' || quality || '|' || COALESCE(offered, -1)
            || '|' || COALESCE(answered, -1) || '|' || COALESCE(talk_seconds, -1) || '|' || COALESCE(wait_seconds, -1)
            FROM queue_intervals WHERE account_id = $1 ORDER BY 1",
        "SELECT journal_id || '|' || start_utc_s || '|' || measure || '|' || COALESCE(old_value, -1) || '|'
            || COALESCE(new_value, -1) FROM journal WHERE account_id = $1 ORDER BY 1",
        "SELECT stream || '|' || acd || '|' || local_date || '|' || letters || '|' || closed || '|' || set_aside
            FROM ledger_days WHERE account_id = $1 ORDER BY 1",
        "SELECT source_table || '|' || acd || '|' || row_date || '|' || row_count || '|' || derived_under || '|' || fingerprint
            FROM source_partitions WHERE account_id = $1 ORDER BY 1",
        "SELECT item_type || '|' || value || '|' || name FROM dictionary_entries WHERE account_id = $1 ORDER BY 1",
    ];
    let mut rows = Vec::new();
    for sql in SQLS {
        rows.extend(stage.texts(sql).await);
    }
    if let floorwire_hub::store::Store::Postgres(_) = &stage.state.store {
        let versions = "SELECT queue_id || '|' || start_utc_s || '|' || xmin FROM queue_intervals
            WHERE account_id = $1 ORDER BY 1";
        rows.extend(stage.texts(versions).await);
    }
    rows
}

pub async fn what_the_source_deletes_stays(stage: Stage) {
    let mut source = Source::new("2026-10-05", "2026-11-22");
    let link = SimulatedLink::connected(&stage, site("2026-10-05", "2026-11-22")).await;
    source.serve(&link).await;
    let rows = stage.count(ROWS).await;

    // Three weeks are purged; the oldest day that is left is half gone.
    let left: Date = "2026-10-26".parse().unwrap();
    source.days.retain(|date, _| *date >= left);
    source
        .days
        .get_mut(&left)
        .unwrap()
        .retain(|start, _| *start >= 1400);
    planner::request_examination(&stage.state, ACCOUNT, stage.integration)
        .await
        .unwrap();
    link.report(site("2026-10-26", "2026-11-22")).await;
    for day in 23..=30 {
        stage
            .clock
            .set(instant_ms(&format!("2026-11-{day}T02:05:00Z")));
        let served = source.serve(&link).await;
        assert!(served.keys().all(|date| *date > left), "{served:?}");
    }
    assert_eq!(stage.count(ROWS).await, rows);
    assert_eq!(stage.count(ASIDE).await, 0);
    assert!(journal_of(&stage).await.is_empty());
    // A person may ask for it, and is told.
    let integration = stage.integration().await;
    let to = left.tomorrow().unwrap();
    planner::reimport(
        &stage.state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        left,
        to,
    )
    .await
    .unwrap();
    assert_eq!(source.serve(&link).await[&left], Outcome::SetAside);
    assert_eq!(stage.count(ROWS).await, rows);
}

pub async fn an_emptied_table_is_set_aside_and_heals(stage: Stage) {
    let source = Source::new("2026-10-05", "2026-11-22");
    let link = SimulatedLink::connected(&stage, site("2026-10-05", "2026-11-22")).await;
    source.serve(&link).await;
    let before = stage.dump().await;
    let emptied = Source {
        days: BTreeMap::new(),
    };
    stage.clock.set(instant_ms("2026-11-22T12:03:30Z"));
    let served = emptied.serve(&link).await;
    assert_eq!(dates(&served), ["2026-11-21", "2026-11-22"]);
    assert!(served.values().all(|outcome| *outcome == Outcome::SetAside));
    // Not again at once: today with its next interval, yesterday in an hour.
    stage.clock.advance(60_000);
    assert!(emptied.serve(&link).await.is_empty());
    stage.clock.set(instant_ms("2026-11-22T12:31:00Z"));
    assert_eq!(dates(&emptied.serve(&link).await), ["2026-11-22"]);
    assert_eq!(stage.count(ASIDE).await, 2);
    assert_eq!(stage.dump().await, before);
    assert!(journal_of(&stage).await.is_empty());

    // The rows are back.
    stage.clock.set(instant_ms("2026-11-22T13:05:00Z"));
    source.serve(&link).await;
    assert_eq!(stage.count(ASIDE).await, 0);
    assert_eq!(stage.dump().await, before);
    assert!(journal_of(&stage).await.is_empty());
    let aside = "SELECT COUNT(*) FROM ledger_days WHERE account_id = $1 AND set_aside";
    assert_eq!(stage.count(aside).await, 0);
}

pub async fn a_tier_does_not_hold_up_the_cycle(stage: Stage) {
    let source = Source::new("2026-11-16", "2026-11-22");
    stage
        .configure(|configuration| configuration.rereading.recent_days_minutes = 20)
        .await;
    let link = SimulatedLink::connected(&stage, site("2026-11-16", "2026-11-22")).await;
    source.serve(&link).await;
    let today = "SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND state = 'waiting' AND row_date = '2026-11-22'
        AND purpose = 'reread'";
    stage.clock.set(instant_ms("2026-11-22T11:23:00Z"));
    stage.plan().await;
    assert_eq!(stage.count(today).await, 1);
    assert_eq!(stage.count(WAITING).await, 2);
    // The interval has become readable, and the same task is moved forward; planning again changes nothing.
    stage.clock.set(instant_ms("2026-11-22T11:31:00Z"));
    for _ in 0..2 {
        stage.plan().await;
        assert_eq!(stage.count(today).await, 0);
        assert_eq!(stage.count(WAITING).await, 2);
    }
    let first = link.lease(1).await.remove(0);
    assert_eq!(first.row_date.as_deref(), Some("2026-11-22"));
    assert_eq!(first.fingerprint, None, "a cycle comes for news");
    // A leased one is left alone.
    stage.plan().await;
    assert_eq!(stage.count(WAITING).await, 1);
}
