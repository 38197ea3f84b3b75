//! First load, cycle, corrections, settings that change history.

use crate::stage::*;
use floorwire_hub::status::{State, overview};
use floorwire_hub::store::Store;
use floorwire_hub::store::partitions;
use floorwire_model::agents::settings::TableFamily;
use floorwire_protocol::messages::{LeasedTask, Outcome};

const JOURNAL: &str = "SELECT COUNT(*) FROM journal WHERE account_id = $1";
const OPEN_TASKS: &str =
    "SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND state IN ('waiting', 'leased')";

async fn load(link: &SimulatedLink<'_>, task: &LeasedTask) -> Outcome {
    let columns = match task.row_date.as_deref() {
        None => synonyms(),
        Some("2026-11-22") => hsplit(&[(12, 800, 5), (12, 1100, 7), (12, 1130, 2)]),
        Some(_) => hsplit(&day_of(12, 4)),
    };
    link.deliver(task, &columns).await.outcome
}

async fn load_all(link: &SimulatedLink<'_>) -> usize {
    let mut loaded = 0;
    loop {
        if link.stage.count(OPEN_TASKS).await == 0 {
            return loaded;
        }
        for task in link.lease(8).await {
            assert_eq!(load(link, &task).await, Outcome::Applied, "{task:?}");
            loaded += 1;
        }
    }
}

async fn state(stage: &Stage) -> State {
    let integration = stage.integration().await;
    overview(
        &stage.state.store,
        ACCOUNT,
        &integration,
        clock_ms(&stage.state),
    )
    .await
    .unwrap()
    .state
}

/// The ACD of the simulated site.
const ACD: floorwire_model::ids::AcdNumber = floorwire_model::ids::AcdNumber(1);

pub async fn a_first_load_then_a_cycle_with_a_correction(stage: Stage) {
    assert_eq!(state(&stage).await, State::Connecting);
    let link = SimulatedLink::connected(&stage, site("2026-11-20", "2026-11-22")).await;
    assert_eq!(state(&stage).await, State::Importing);
    let first = link.lease(3).await;
    let order: Vec<_> = first.iter().map(|task| task.row_date.clone()).collect();
    assert_eq!(
        order,
        [
            None,
            Some("2026-11-22".to_owned()),
            Some("2026-11-21".to_owned())
        ]
    );
    for task in &first {
        assert_eq!(load(&link, task).await, Outcome::Applied);
        // The same call again gives the same answer.
        assert_eq!(
            link.complete_with(task, &link.completion(1, 0))
                .await
                .outcome,
            Outcome::Applied
        );
    }
    assert_eq!(load_all(&link).await, 1);
    // Until what is stored was looked after, it may change by itself.
    assert_eq!(state(&stage).await, State::Importing);
    stage.plan().await;
    assert_eq!(state(&stage).await, State::Operational);
    assert_eq!(stage.dump().await.len(), 24 + 24 + 3);
    assert_eq!(stage.count(JOURNAL).await, 0);
    // 12:02 in Paris: intervals up to 11:00 are readable, the one that began at 11:30 not before 12:30.
    let today = stage.letters("2026-11-22").await;
    assert_eq!(
        &today[..24],
        format!("{}r{}r-", "m".repeat(16), "m".repeat(5))
    );
    assert_eq!(
        stage.letters("2026-11-21").await,
        format!("{}{}{}", "m".repeat(16), "r".repeat(24), "m".repeat(8))
    );

    stage.clock.set(instant_ms("2026-11-22T11:31:30Z"));
    stage.plan().await;
    let again = link.lease(8).await;
    assert_eq!(again.len(), 1, "{again:?}");
    let changed = hsplit(&[(12, 800, 6), (12, 1100, 7), (12, 1130, 3), (12, 1200, 1)]);
    assert_eq!(
        link.deliver(&again[0], &changed).await.outcome,
        Outcome::Applied
    );
    // 8:00 was settled and all its figures but abandoned and the threshold changed; 11:30 was not; 12:00 is new.
    assert_eq!(stage.count(JOURNAL).await, 6);
    let today = stage.letters("2026-11-22").await;
    assert_eq!(&today[16..25], "cmmmmmrr-");
    let rows = stage.dump().await;
    let start = instant_ms("2026-11-22T07:00:00Z") / 1000;
    assert!(
        rows.contains(&format!(
            "(\"12\", {start}, \"final\", Some(7), Some(6), Some(360))"
        )),
        "{rows:?}"
    );

    // The same rows in another order are the same content.
    stage.clock.set(instant_ms("2026-11-22T12:01:30Z"));
    stage.plan().await;
    let again = link.lease(8).await;
    let reordered = hsplit(&[(12, 1200, 1), (12, 1100, 7), (12, 1130, 3), (12, 800, 6)]);
    assert_eq!(
        link.deliver(&again[0], &reordered).await.outcome,
        Outcome::Unchanged
    );
    assert_eq!(stage.dump().await, rows);
    assert_eq!(stage.count(JOURNAL).await, 6);
    assert_eq!(&stage.letters("2026-11-22").await[16..26], "cmmmmmrrr-");
    assert_eq!(
        stage
            .count("SELECT COUNT(*) FROM attempt_parts WHERE account_id = $1")
            .await,
        0
    );
}

pub async fn a_changed_zone_derives_history_anew(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-18", "2026-11-22")).await;
    load_all(&link).await;
    let before = stage.dump().await;
    let journal = stage.count(JOURNAL).await;
    stage
        .configure(|configuration| configuration.zone = Some("Europe/London".into()))
        .await;
    for _ in 0..8 {
        stage.plan().await;
    }
    let after = stage.dump().await;
    let starts = |rows: &[String]| -> Vec<i64> {
        rows.iter()
            .map(|row| row.split(", ").nth(1).unwrap().parse().unwrap())
            .collect()
    };
    let moved: Vec<i64> = starts(&before).iter().map(|start| start + 3600).collect();
    assert_eq!(starts(&after), moved);
    assert_eq!(stage.count(JOURNAL).await, journal);
    let settings = stage
        .integration()
        .await
        .configuration
        .derivation(TableFamily::Calls, ACD, None)
        .unwrap();
    let left = partitions::outdated(
        &stage.state.store,
        ACCOUNT,
        stage.integration,
        ("hsplit", ACD),
        &settings,
    )
    .await
    .unwrap();
    assert_eq!(left, None);
    stage
        .configure(|configuration| configuration.zone = Some("Europe/Paris".into()))
        .await;
    for _ in 0..8 {
        stage.plan().await;
    }
    assert_eq!(stage.dump().await, before);

    // A zone of its own moves the rows of this ACD; one of another ACD does not.
    for (acd, moved_to) in [(ACD.0, &after), (ACD.0 + 1, &before)] {
        stage
            .configure(|configuration| {
                configuration.acd_zones = [(acd, "Europe/London".to_owned())].into();
            })
            .await;
        for _ in 0..8 {
            stage.plan().await;
        }
        assert_eq!(stage.dump().await, *moved_to);
    }
}

pub async fn a_night_without_calls_is_read_and_missing(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    load_all(&link).await;
    stage.clock.set(instant_ms("2026-11-23T01:02:00Z"));
    stage.plan().await;
    let tasks = link.lease(8).await;
    let mut dates: Vec<_> = tasks
        .iter()
        .map(|task| task.row_date.clone().unwrap())
        .collect();
    dates.sort();
    assert_eq!(dates, ["2026-11-22", "2026-11-23"]);
    for task in &tasks {
        let rows = if task.row_date.as_deref() == Some("2026-11-22") {
            day_of(12, 4)
        } else {
            vec![]
        };
        assert_eq!(
            link.deliver(task, &hsplit(&rows)).await.outcome,
            Outcome::Applied
        );
    }
    // 2:02 in Paris: two intervals of the new day are readable (0:00 and 0:30, and 1:00).
    assert_eq!(&stage.letters("2026-11-23").await[..5], "mmm--");
    // What was settled at noon has other figures now, what was not is new.
    let expected = format!(
        "{}{}{}{}",
        "m".repeat(16),
        "c".repeat(7),
        "r".repeat(17),
        "m".repeat(8)
    );
    assert_eq!(stage.letters("2026-11-22").await, expected);
    stage.plan().await;
    assert_eq!(stage.count(OPEN_TASKS).await, 0);
}

pub async fn the_plan_is_repeated_without_effect(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-01", "2026-11-22")).await;
    let planned = stage.count(OPEN_TASKS).await;
    assert_eq!(planned, 23);
    for _ in 0..3 {
        stage.plan().await;
    }
    assert_eq!(stage.count(OPEN_TASKS).await, planned);
    load_all(&link).await;
    // A Link that falls silent would have to be noticed before.
    let next = stage.plan().await.unwrap();
    assert_eq!(next, clock_ms(&stage.state) + 60_000);
    stage.clock.advance(120_000);
    let next = stage.plan().await.unwrap();
    assert_eq!(stage.count(OPEN_TASKS).await, 0);
    // The interval that began at 11:00 in Paris is readable at 12:00 UTC+1, the next one half an hour later.
    let readable = instant_ms("2026-11-22T11:30:00Z");
    assert!(
        (readable..readable + 61_000).contains(&next),
        "{}",
        next - readable
    );
}

pub async fn many_partitions_at_once_give_each_queue_one_number(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-01", "2026-11-22")).await;
    let tasks = link.lease(64).await;
    let queues: Vec<i32> = (1..=20).collect();
    let deliveries = tasks
        .iter()
        .filter(|task| task.row_date.is_some())
        .map(|task| {
            let rows: Vec<_> = queues.iter().flat_map(|split| day_of(*split, 3)).collect();
            let link = &link;
            async move { link.deliver(task, &hsplit(&rows)).await.outcome }
        });
    let outcomes = futures::future::join_all(deliveries).await;
    assert_eq!(outcomes, vec![Outcome::Applied; 22]);
    assert_eq!(
        stage
            .count("SELECT COUNT(*) FROM queues WHERE account_id = $1")
            .await,
        20
    );
    assert_eq!(stage.dump().await.len(), 22 * 20 * 24);
    if let Store::Sqlite(_) = &stage.state.store {
        stage.state.store.probe().await.unwrap();
    }
}

pub async fn the_repeated_hour_is_not_lost(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-10-25", "2026-10-25")).await;
    let tasks = link.lease(64).await;
    let day = tasks
        .iter()
        .find(|task| task.row_date.as_deref() == Some("2026-10-25"))
        .unwrap();
    // Two rows of the same key: without `starttime_utc` they become one entry over both slots.
    let rows = hsplit(&[(12, 130, 1), (12, 200, 2), (12, 200, 4), (12, 300, 8)]);
    assert_eq!(link.deliver(day, &rows).await.outcome, Outcome::Applied);
    let rows = stage.dump().await;
    assert_eq!(rows.len(), 3);
    assert!(rows[1].contains("ambiguous"), "{rows:?}");
    let letters = stage.letters("2026-10-25").await;
    assert_eq!((letters.len(), &letters[..9]), (50, "mmmrrmrmr"));
}
