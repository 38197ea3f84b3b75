//! Partitions of which the source says that nothing changed, and previews of re-imports.

use crate::corrections::Source;
use crate::stage::*;
use floorwire_hub::planner;
use floorwire_hub::store::previews;
use floorwire_model::fingerprint;
use floorwire_protocol::messages::{CompleteRequest, Outcome};
use jiff::civil::Date;

const JOURNAL: &str = "SELECT COUNT(*) FROM journal WHERE account_id = $1";

pub async fn what_the_source_says_is_unchanged_is_not_read(stage: Stage) {
    let source = Source::new("2026-11-16", "2026-11-22");
    let link = SimulatedLink::connected(&stage, site("2026-11-16", "2026-11-22")).await;
    source.serve(&link).await;
    let before = stage.dump().await;
    stage.clock.set(instant_ms("2026-11-22T12:03:30Z"));
    stage.plan().await;
    let tasks = link.lease(64).await;
    let of = |date: &str| {
        let task = tasks
            .iter()
            .find(|task| task.row_date.as_deref() == Some(date));
        task.unwrap().clone()
    };
    assert_eq!(tasks.len(), 2);
    let (today, yesterday) = (of("2026-11-22"), of("2026-11-21"));
    assert_eq!(today.fingerprint, None);
    let held = yesterday.fingerprint.clone().unwrap();
    assert_eq!(
        Some(&held),
        fingerprint::of_rows(&hsplit_of(&source, "2026-11-21")).as_ref()
    );

    // A word about other rows than those stored is not taken, and the task comes again.
    let said = |fingerprint: &str| CompleteRequest {
        unchanged: Some(fingerprint.to_owned()),
        ..link.completion(0, 0)
    };
    let wrong = link.complete_with(&yesterday, &said("1:0:0:0:0:0")).await;
    assert_eq!(wrong.outcome, Outcome::Refused);
    let leased = link.lease(64).await;
    let again = |task: i64| leased.iter().find(|again| again.task == task).unwrap();
    let outcome = link
        .deliver(again(today.task), &hsplit_of(&source, "2026-11-22"))
        .await
        .outcome;
    assert_eq!(outcome, Outcome::Unchanged);
    let again = again(yesterday.task);
    assert_eq!(again.attempt, yesterday.attempt + 1);
    let taken = link.complete_with(again, &said(&held)).await;
    assert_eq!(taken.outcome, Outcome::Unchanged, "{taken:?}");
    assert_eq!(stage.dump().await, before);
    assert_eq!(stage.count(JOURNAL).await, 0);

    // It counts as read, and a Link that reads all the same is as welcome.
    stage.clock.set(instant_ms("2026-11-22T13:01:00Z"));
    let served = source.serve(&link).await;
    assert_eq!(served.len(), 1, "{served:?}");
    stage.clock.set(instant_ms("2026-11-22T13:05:00Z"));
    let yesterday: Date = "2026-11-21".parse().unwrap();
    assert_eq!(source.serve(&link).await[&yesterday], Outcome::Unchanged);
}

pub async fn an_integration_may_do_without_fingerprints(stage: Stage) {
    let source = Source::new("2026-11-16", "2026-11-22");
    stage
        .configure(|configuration| configuration.rereading.fingerprints = false)
        .await;
    let link = SimulatedLink::connected(&stage, site("2026-11-16", "2026-11-22")).await;
    source.serve(&link).await;
    let before = stage.dump().await;
    stage.clock.set(instant_ms("2026-11-22T12:03:30Z"));
    let integration = stage.integration().await;
    let period: (Date, Date) = ("2026-11-17".parse().unwrap(), "2026-11-19".parse().unwrap());
    planner::reimport(
        &stage.state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        period.0,
        period.1,
    )
    .await
    .unwrap();
    stage.plan().await;
    let tasks = link.lease(64).await;
    // Today, yesterday, and the two dates asked for.
    assert_eq!(tasks.len(), 4);
    assert!(tasks.iter().all(|task| task.fingerprint.is_none()));
    for task in &tasks {
        let date = task.row_date.as_deref().unwrap();
        let outcome = link.deliver(task, &hsplit_of(&source, date)).await.outcome;
        assert_eq!(outcome, Outcome::Unchanged, "{date}");
    }
    assert_eq!(stage.dump().await, before);
}

fn hsplit_of(source: &Source, date: &str) -> floorwire_model::columns::SourceColumns {
    let day = &source.days[&date.parse::<Date>().unwrap()];
    let rows: Vec<_> = day
        .iter()
        .map(|(start, calls)| (12, *start, *calls))
        .collect();
    hsplit(&rows)
}

pub async fn a_preview_says_what_would_change_and_changes_nothing(stage: Stage) {
    let mut source = Source::new("2026-10-05", "2026-11-22");
    let link = SimulatedLink::connected(&stage, site("2026-10-05", "2026-11-22")).await;
    source.serve(&link).await;
    let before = stage.dump().await;
    let partitions = "SELECT MAX(read_end_utc_ms) FROM source_partitions WHERE account_id = $1";
    let read = stage.count(partitions).await;

    let changed: Date = "2026-11-10".parse().unwrap();
    *source
        .days
        .get_mut(&changed)
        .unwrap()
        .get_mut(&900)
        .unwrap() += 2;
    let emptied: Date = "2026-11-12".parse().unwrap();
    source.days.remove(&emptied);
    let added: Date = "2026-11-13".parse().unwrap();
    source.days.get_mut(&added).unwrap().insert(2130, 1);
    stage.clock.set(instant_ms("2026-11-22T11:10:00Z"));
    let integration = stage.integration().await;
    let period: (Date, Date) = ("2026-11-10".parse().unwrap(), "2026-11-15".parse().unwrap());
    let planned = planner::preview(
        &stage.state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        period.0,
        period.1,
    );
    let (number, count) = planned.await.unwrap();
    assert_eq!(count, 5);
    // A re-import of the same date does not stand in its way, nor it in the re-import's.
    let first = link.lease(1).await;
    assert_eq!(first[0].row_date.as_deref(), Some("2026-11-14"));
    assert!(first[0].fingerprint.is_some());
    let open = previews::partitions(&stage.state.store, ACCOUNT, number)
        .await
        .unwrap();
    assert!(open.iter().all(|partition| partition.outcome.is_none()));
    // The Link starts anew in between.
    source.serve(&link).await;
    let found = previews::partitions(&stage.state.store, ACCOUNT, number)
        .await
        .unwrap();
    let outcomes: Vec<_> = found
        .iter()
        .map(|one| one.outcome.as_deref().unwrap())
        .collect();
    assert_eq!(
        outcomes,
        ["changed", "unchanged", "setAside", "changed", "unchanged"]
    );
    let counts: Vec<i64> = found
        .iter()
        .map(|one| one.finding.figures_changed)
        .collect();
    assert_eq!(counts, [6, 0, 0, 9, 0]);
    let answered = &found[0]
        .finding
        .figures
        .iter()
        .find(|one| one.measure == "answered")
        .unwrap();
    assert_eq!(
        (
            answered.number.as_str(),
            answered.old_value,
            answered.new_value
        ),
        ("12", Some(14), Some(16))
    );
    assert!(
        found[3]
            .finding
            .figures
            .iter()
            .all(|one| one.old_value.is_none())
    );
    assert_eq!(stage.dump().await, before);
    assert_eq!(stage.count(JOURNAL).await, 0);
    assert_eq!(stage.count(partitions).await, read);
    let aside = "SELECT COUNT(*) FROM set_aside WHERE account_id = $1";
    assert_eq!(stage.count(aside).await, 0);

    // What it said is what a re-import does.
    planner::reimport(
        &stage.state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        period.0,
        period.1,
    )
    .await
    .unwrap();
    source.serve(&link).await;
    assert_eq!(stage.count(JOURNAL).await, 15);
    assert_eq!(stage.count(aside).await, 1);
}
