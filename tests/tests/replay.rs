//! A real day of a bank's call centre, replayed into a CMS and imported, against a count over the call log
//! made here by other means: plain sums over the file's rows.
#![allow(clippy::expect_used)] // a test may end by panic

use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::compare::{hub_figures, slot_figures};
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use jiff::civil::{Date, date};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

const ZONE: &str = "Asia/Jerusalem";
const DAY: Date = date(2026, 8, 2);

/// Per service and slot: answered, talk seconds, waiting seconds, abandoned.
type Counted = BTreeMap<(String, i64), [i64; 4]>;

fn count(file: &Path) -> anyhow::Result<Counted> {
    let mut counted = Counted::new();
    let mut reader = csv::Reader::from_path(file)?;
    for row in reader.records() {
        let row = row?;
        let second_of_day = |column: usize| -> i64 {
            row[column]
                .split(':')
                .fold(0, |sum, part| sum * 60 + part.parse::<i64>().unwrap_or(0))
        };
        let number = |column: usize| row[column].parse::<i64>().unwrap_or(0);
        let never_started = second_of_day(10) == 0 && second_of_day(11) == 0;
        let (slot, figures) = match (&row[9], &row[13]) {
            ("AGENT", "NO_SERVER") => continue,
            // One service has no times at all: it ends where its queueing ends.
            ("AGENT", _) if never_started => {
                (second_of_day(7) / 1800, [1, number(12), number(8), 0])
            }
            ("AGENT", _) => (second_of_day(11) / 1800, [1, number(12), number(8), 0]),
            ("HANG", _) if number(8) > 0 => (second_of_day(7) / 1800, [0, 0, 0, 1]),
            _ => continue,
        };
        let sums = counted.entry((row[2].to_owned(), slot)).or_default();
        for (sum, figure) in sums.iter_mut().zip(figures) {
            *sum += figure;
        }
    }
    Ok(counted)
}

#[tokio::test]
async fn a_banks_day_arrives_call_by_call() -> anyhow::Result<()> {
    let data =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/bank-calls-one-day.csv");
    if !data.try_exists()? {
        eprintln!("skipped: {} is absent", data.display());
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let mut site = Site::start(
        folder.path(),
        CmsDatabase::sqlite(folder.path()),
        HubStore::Sqlite,
    )
    .await?;
    let file = data.to_str().expect("the path is UTF-8").to_owned();
    let summary =
        site.simulator
            .init(&["--calls", &file, "--date", &DAY.to_string(), "--zone", ZONE])?;
    site.configure(ZONE).await?;
    site.wait_for("operational", Duration::from_secs(120), |_| {})
        .await?;

    let expected = count(&data)?;
    let truth = site.simulator.truth(&[])?;
    let (found, names) = hub_figures(&site.api, site.integration, &truth, slot_figures).await?;
    assert_eq!(
        names.len(),
        6,
        "six services are six queues: {names:?}, {summary}"
    );
    let midnight = DAY.in_tz(ZONE)?.timestamp().as_second();
    let found: Counted = found
        .into_iter()
        .map(|((acd, split, start), figures)| {
            let [_, answered, abandoned, _, talk, _, _, wait] = figures;
            let service = service_of(&names[&(acd, split)]);
            (
                (service, (start - midnight) / 1800),
                [answered, talk, wait, abandoned],
            )
        })
        .collect();
    let keys: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let differing = keys
        .into_iter()
        .filter(|key| found.get(*key) != expected.get(*key));
    let differing: Vec<_> = differing
        .map(|key| (key, found.get(key), expected.get(key)))
        .collect();
    assert!(
        differing.is_empty(),
        "service and slot, found, expected: {differing:?}"
    );
    site.end()
}

/// The simulator names a queue after its service; the type of the call log is part of the name.
fn service_of(name: &str) -> String {
    let types = ["PS", "PE", "NE", "NW", "IN", "TT"];
    let found = types
        .into_iter()
        .find(|code| name.split_whitespace().any(|word| word == *code));
    found.unwrap_or(name).to_owned()
}
