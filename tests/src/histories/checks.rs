//! What is looked up in the Hub's database at the end of a history.

use super::plan::{Plan, Touched};
use crate::hub::Hub;
use crate::site::Site;
use anyhow::{Context, ensure};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

const OPEN: &str =
    "SELECT COUNT(*) FROM tasks WHERE state IN ('waiting', 'leased') AND purpose <> 'cycle'";
const APPLIED: &str = "SELECT '' || task_id FROM tasks WHERE state = 'done' AND purpose = 'reimport' AND outcome = 'applied'";
const TWICE: [&str; 2] = [
    "SELECT 'twice: queue ' || queue_id || ' at ' || start_utc_s FROM queue_intervals
        GROUP BY account_id, queue_id, start_utc_s HAVING COUNT(*) > 1",
    "SELECT 'twice: ' || stream || ' of agent ' || agent_id || ' on ' || row_day FROM agent_records
        GROUP BY account_id, agent_id, stream, row_day HAVING COUNT(*) > 1",
];
const JOURNAL: &str = "SELECT acd || ' ' || queue_id || ' ' || start_utc_s || ' ' || measure || ' '
        || COALESCE('' || old_value, '-') || ' ' || COALESCE('' || new_value, '-') FROM journal ORDER BY journal_id";
/// Figures that the journal knows.
const MEASURES: [&str; 11] = [
    "offered",
    "answered",
    "abandoned",
    "within_threshold",
    "talk_seconds",
    "hold_seconds",
    "acw_seconds",
    "wait_seconds",
    "staffed_seconds",
    "available_seconds",
    "threshold_seconds",
];

/// Place of the letters in a line of a ledger.
const LETTERS: usize = 6;

/// Lines of a dump without the mark of slots that were corrected: a fresh import knows of no correction.
pub(super) fn uncorrected(lines: BTreeSet<String>) -> BTreeSet<String> {
    let line = |line: String| {
        if !line.starts_with("ledger ") {
            return line;
        }
        let words = line.split(' ').enumerate();
        let words = words.map(|(place, word)| match place {
            LETTERS => word.replace('c', "r"),
            _ => word.to_owned(),
        });
        words.collect::<Vec<String>>().join(" ")
    };
    lines.into_iter().map(line).collect()
}

/// Waits until nothing is left to read but the next cycle.
pub(super) async fn nothing_open(site: &Site, limit: Duration) -> anyhow::Result<()> {
    let begin = Instant::now();
    while site.hub.number(OPEN).await? > 0 {
        ensure!(
            begin.elapsed() < limit,
            "tasks stay open: {:#}",
            site.shown().await?
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Tasks of re-imports that wrote something.
pub(super) async fn applied(hub: &Hub) -> anyhow::Result<Vec<String>> {
    let mut tasks = hub.texts(APPLIED).await?;
    tasks.sort();
    Ok(tasks)
}

/// Rows that are there twice.
pub(super) async fn twice(hub: &Hub) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    for query in TWICE {
        lines.extend(hub.texts(query).await?);
    }
    Ok(lines)
}

/// An entry of the journal.
#[derive(Debug)]
pub(super) struct Entry {
    acd: i64,
    queue: i64,
    start_utc_s: i64,
    measure: String,
    old: Option<i64>,
    new: Option<i64>,
}

/// All entries, in order.
pub(super) async fn journal(hub: &Hub) -> anyhow::Result<Vec<Entry>> {
    let lines = hub.texts(JOURNAL).await?;
    let entry = |line: &String| {
        let words: Vec<&str> = line.split(' ').collect();
        let [acd, queue, start, measure, old, new] = words[..] else {
            anyhow::bail!("an entry of the journal is `{line}`")
        };
        let figure = |text: &str| (text != "-").then(|| text.parse()).transpose();
        Ok(Entry {
            acd: acd.parse()?,
            queue: queue.parse()?,
            start_utc_s: start.parse()?,
            measure: measure.to_owned(),
            old: figure(old)?,
            new: figure(new)?,
        })
    };
    lines.iter().map(entry).collect()
}

/// Entries that say nothing, that do not go on from the one before, and, where only rows changed, that are about slots
/// whose rows nobody touched.
pub(super) fn judge(
    entries: &[Entry],
    touched: Option<(&Plan, &Vec<Touched>)>,
) -> anyhow::Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut last: BTreeMap<(i64, i64, &str), Option<i64>> = BTreeMap::new();
    for entry in entries {
        if entry.old == entry.new {
            lines.push(format!("the journal names what did not change: {entry:?}"));
        }
        let Some((plan, touched)) = touched else {
            continue;
        };
        let key = (entry.queue, entry.start_utc_s, entry.measure.as_str());
        if let Some(before) = last.insert(key, entry.new)
            && before != entry.old
        {
            lines.push(format!("the journal skips from {before:?} to {entry:?}"));
        }
        let zone = TimeZone::get(plan.zone).context("no such zone")?;
        let local = zone.to_datetime(Timestamp::from_second(entry.start_utc_s)?);
        let is_touched = |touched: &Touched| {
            touched.acd == entry.acd && (touched.from..touched.to).contains(&local)
        };
        if !touched.iter().any(is_touched) {
            lines.push(format!(
                "the journal names an untouched slot, at {local}: {entry:?}"
            ));
        }
    }
    Ok(lines)
}

/// The last entry of each figure must be the figure that is stored.
pub(super) async fn leads_to_figures(hub: &Hub, entries: &[Entry]) -> anyhow::Result<Vec<String>> {
    let mut last: BTreeMap<(i64, i64, &str), Option<i64>> = BTreeMap::new();
    for entry in entries {
        last.insert(
            (entry.queue, entry.start_utc_s, entry.measure.as_str()),
            entry.new,
        );
    }
    let mut lines = Vec::new();
    for measure in MEASURES {
        let query = format!(
            "SELECT queue_id || ' ' || start_utc_s || ' ' || {measure} FROM queue_intervals WHERE {measure} IS NOT NULL"
        );
        let mut stored: BTreeMap<(i64, i64), i64> = BTreeMap::new();
        for line in hub.texts(&query).await? {
            let numbers: Vec<i64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
            if let [queue, start, figure] = numbers[..] {
                stored.insert((queue, start), figure);
            }
        }
        let own = last.iter().filter(|(key, _)| key.2 == measure);
        for ((queue, start, _), said) in own {
            let figure = stored.get(&(*queue, *start)).copied();
            if figure != *said {
                lines.push(format!(
                    "{measure} of queue {queue} at {start} is {figure:?}, the journal ends with {said:?}"
                ));
            }
        }
    }
    Ok(lines)
}
