//! Queues by split or by VDN, and days where intervals have aged out.

use crate::stage::*;
use floorwire_hub::configuration::Grouping;
use floorwire_hub::ingest::difference::day_number;
use floorwire_hub::status::{State, overview};
use floorwire_hub::store::{intervals, queue_days, queues};
use floorwire_model::columns::{ColumnValues, SourceColumn, SourceColumns};
use floorwire_model::ids::{AccountId, QueueId};
use floorwire_model::queue_settings::CountedDirection;
use floorwire_protocol::capabilities::{Capabilities, TableCapability};
use floorwire_protocol::messages::{LeasedTask, Outcome};
use jiff::civil::date;

const OPEN_TASKS: &str =
    "SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND state IN ('waiting', 'leased')";
const JOURNAL: &str = "SELECT COUNT(*) FROM journal WHERE account_id = $1";

/// A table like `hsplit` of a site.
fn like_hsplit(name: &str, site: &Capabilities) -> TableCapability {
    TableCapability {
        name: name.into(),
        ..site.table("hsplit").unwrap().clone()
    }
}

fn both_tables(oldest: &str, newest: &str) -> Capabilities {
    let mut found = site(oldest, newest);
    let vdns = like_hsplit("hvdn", &found);
    found.tables.push(vdns);
    found
}

/// Rows of `hvdn`: VDN, starttime (HHMM), calls. One was sent on to or by another VDN.
fn hvdn(rows: &[(&str, i32, i32)]) -> SourceColumns {
    let text = ColumnValues::Text {
        values: rows.iter().map(|row| format!("{:<16}", row.0)).collect(),
        nulls: vec![],
    };
    let column = |name: &str, value: fn(&(&str, i32, i32)) -> i32| SourceColumn {
        name: name.into(),
        values: ColumnValues::Int32 {
            values: rows.iter().map(value).collect(),
            nulls: vec![],
        },
    };
    SourceColumns {
        format_version: 1,
        rows: rows.len() as u64,
        columns: vec![
            SourceColumn {
                name: "vdn".into(),
                values: text,
            },
            column("starttime", |row| row.1),
            column("intrvl", |_| 30),
            column("incomplete", |_| 0),
            column("incalls", |row| row.2 + 2),
            column("acdcalls", |row| row.2),
            column("abncalls", |_| 1),
            column("acdtime", |row| row.2 * 60),
            column("acwtime", |row| row.2 * 5),
            column("anstime", |row| row.2 * 9),
        ],
    }
}

async fn load_all(link: &SimulatedLink<'_>) -> Vec<LeasedTask> {
    let mut loaded = Vec::new();
    while link.stage.count(OPEN_TASKS).await > 0 {
        for task in link.lease(8).await {
            let columns = match task.table.as_str() {
                "synonyms" => synonyms(),
                "hvdn" => hvdn(&[("6001", 900, 8), ("6002", 900, 3), ("6002", 930, 4)]),
                "dsplit" => dsplit(),
                _ => hsplit(&day_of(12, 4)),
            };
            let answer = link.deliver(&task, &columns).await;
            assert_eq!(answer.outcome, Outcome::Applied, "{task:?}");
            loaded.push(task);
        }
    }
    loaded
}

/// The queues that are shown, with their rows.
async fn shown(stage: &Stage) -> Vec<String> {
    let store = &stage.state.store;
    let wanted = queues::Wanted::default();
    let mut lines = Vec::new();
    for queue in queues::list(store, ACCOUNT, wanted, 0, 100).await.unwrap() {
        let id = QueueId(queue.queue_id);
        let rows = intervals::of_queue(store, ACCOUNT, id, 0, i64::MAX).await;
        for row in rows.unwrap() {
            let figures = row.measures.values();
            lines.push(format!(
                "{} {} {} {figures:?}",
                queue.kind, queue.number, row.start_utc_s
            ));
        }
    }
    lines
}

async fn letters(stage: &Stage, stream: &str, day: &str) -> String {
    use floorwire_hub::store::ledger_days;
    use floorwire_model::ledger::to_letters;
    let day: jiff::civil::Date = day.parse().unwrap();
    let next = day.tomorrow().unwrap();
    let store = &stage.state.store;
    let days = ledger_days::range(store, ACCOUNT, stage.integration, stream, day, next).await;
    let days = days.unwrap();
    days.first()
        .map(|day| to_letters(day.states.iter().copied()))
        .unwrap_or_default()
}

async fn settle(stage: &Stage) {
    for _ in 0..8 {
        stage.plan().await;
    }
}

async fn group_by_vdn(stage: &Stage, numbers: &[&str]) {
    let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
    stage
        .configure(|configuration| {
            configuration.grouping = Grouping::Vdn;
            configuration.vdns = [(1, numbers)].into();
        })
        .await;
    settle(stage).await;
}

async fn state(stage: &Stage) -> State {
    let integration = stage.integration().await;
    let now = clock_ms(&stage.state);
    let found = overview(&stage.state.store, ACCOUNT, &integration, now).await;
    found.unwrap().state
}

pub async fn switching_to_vdns_and_back_ends_as_a_fresh_import(stage: Stage) {
    let link = SimulatedLink::connected(&stage, both_tables("2026-11-20", "2026-11-21")).await;
    let loaded = load_all(&link).await;
    assert!(loaded.iter().all(|task| task.table != "hvdn"), "{loaded:?}");
    let by_split = shown(&stage).await;
    assert_eq!(by_split.len(), 48);
    let ledger_by_split = letters(&stage, "queue_intervals", "2026-11-21").await;

    // Nothing is chosen yet: all is read, nothing is a queue, and that is said.
    group_by_vdn(&stage, &[]).await;
    assert_eq!(state(&stage).await, State::Importing);
    let loaded = load_all(&link).await;
    assert!(loaded.iter().all(|task| task.table == "hvdn"), "{loaded:?}");
    settle(&stage).await;
    assert!(shown(&stage).await.is_empty());
    assert_eq!(state(&stage).await, State::Problem);

    // A choice derives what is stored; nothing is read again.
    group_by_vdn(&stage, &["6001"]).await;
    assert_eq!(stage.count(OPEN_TASKS).await, 0);
    assert_eq!(state(&stage).await, State::Operational);
    let by_vdn = shown(&stage).await;
    assert_eq!(by_vdn.len(), 2);
    assert!(by_vdn[0].starts_with("vdn 6001 "), "{by_vdn:?}");
    assert!(
        by_vdn[0].contains("[Some(10), Some(8), Some(1), None"),
        "{by_vdn:?}"
    );
    // The other VDN shows that the CMS was there at half past nine.
    assert_eq!(
        &letters(&stage, "vdn_intervals", "2026-11-21").await[17..21],
        "mrrm"
    );
    group_by_vdn(&stage, &["6001", "6002"]).await;
    assert_eq!(shown(&stage).await.len(), 6);
    group_by_vdn(&stage, &["6001"]).await;
    assert_eq!(shown(&stage).await, by_vdn);

    // What changed meanwhile counts for what comes back.
    stage
        .configure(|configuration| {
            configuration.grouping = Grouping::Split;
            configuration.zone = Some("Europe/London".into());
        })
        .await;
    settle(&stage).await;
    assert_eq!(stage.count(OPEN_TASKS).await, 0);
    let later = shown(&stage).await;
    assert_eq!(later.len(), by_split.len());
    assert_ne!(later, by_split);
    stage
        .configure(|configuration| configuration.zone = Some("Europe/Paris".into()))
        .await;
    settle(&stage).await;
    assert_eq!(shown(&stage).await, by_split);
    assert_eq!(
        letters(&stage, "queue_intervals", "2026-11-21").await,
        ledger_by_split
    );
    assert_eq!(stage.count(JOURNAL).await, 0);
}

pub async fn inbound_only_derives_history_anew(stage: Stage) {
    let link = SimulatedLink::connected(&stage, both_tables("2026-11-21", "2026-11-21")).await;
    load_all(&link).await;
    let all = shown(&stage).await;
    stage
        .configure(|configuration| configuration.call_direction = CountedDirection::Inbound)
        .await;
    settle(&stage).await;
    // These rows have no outbound columns, so that it is not known which calls were inbound.
    let inbound = shown(&stage).await;
    assert!(inbound[0].contains("[None, None, None"), "{inbound:?}");
    stage
        .configure(|configuration| configuration.call_direction = CountedDirection::All)
        .await;
    settle(&stage).await;
    assert_eq!(shown(&stage).await, all);
    assert_eq!(stage.count(JOURNAL).await, 0);
}

/// A day of two splits.
fn dsplit() -> SourceColumns {
    let mut columns = hsplit(&[(12, 0, 40), (13, 0, 9)]);
    columns
        .columns
        .retain(|column| !["starttime", "intrvl"].contains(&column.name.as_str()));
    columns
}

pub async fn days_stand_in_where_intervals_have_aged_out(stage: Stage) {
    let mut found = site("2026-11-20", "2026-11-21");
    let mut days = like_hsplit("dsplit", &found);
    days.interval_minutes = None;
    for acd in &mut days.acds {
        acd.oldest_date = Some("2026-11-15".into());
    }
    found.tables.push(days);
    let link = SimulatedLink::connected(&stage, found).await;
    let loaded = load_all(&link).await;
    let of_days: Vec<_> = loaded
        .iter()
        .filter(|task| task.table == "dsplit")
        .collect();
    let dates: Vec<_> = of_days
        .iter()
        .filter_map(|task| task.row_date.clone())
        .collect();
    assert_eq!(
        dates,
        [
            "2026-11-19",
            "2026-11-18",
            "2026-11-17",
            "2026-11-16",
            "2026-11-15"
        ]
    );
    settle(&stage).await;
    assert_eq!(stage.count(OPEN_TASKS).await, 0);
    let store = &stage.state.store;
    let listed = queues::list(store, ACCOUNT, queues::Wanted::default(), 0, 100).await;
    let listed = listed.unwrap();
    let numbers: Vec<_> = listed.iter().map(|queue| queue.number.as_str()).collect();
    assert_eq!(numbers, ["12", "13"]);
    assert_eq!(listed[0].first_daily, Some(day_number(date(2026, 11, 15))));
    assert_eq!(listed[1].first_day, None);
    let all = (0, i64::MAX);
    let rows = queue_days::of_queue(store, ACCOUNT, QueueId(listed[0].queue_id), all).await;
    let rows = rows.unwrap();
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0].measures.answered, Some(40));
    assert_eq!(rows[0].measures.offered, Some(41));
    assert!(letters(&stage, "queue_days", "2026-11-19").await.is_empty());

    // Another definition counts for days too, and a hidden queue is there on request.
    stage
        .configure(|configuration| configuration.call_direction = CountedDirection::Inbound)
        .await;
    settle(&stage).await;
    let rows = queue_days::of_queue(store, ACCOUNT, QueueId(listed[0].queue_id), all).await;
    assert_eq!(rows.unwrap()[0].measures.answered, None);
    let mut transaction = store.begin().await.unwrap();
    let id = QueueId(listed[1].queue_id);
    assert!(
        queues::set_hidden(&mut transaction, ACCOUNT, id, true)
            .await
            .unwrap()
    );
    assert!(
        !queues::set_hidden(&mut transaction, AccountId(9), id, true)
            .await
            .unwrap()
    );
    transaction.commit().await.unwrap();
    for (with_hidden, count) in [(false, 1), (true, 2)] {
        let wanted = queues::Wanted {
            with_hidden,
            ..queues::Wanted::default()
        };
        let listed = queues::list(store, ACCOUNT, wanted, 0, 100).await.unwrap();
        assert_eq!(listed.len(), count);
    }
}

/// The dictionary with another name for the split.
fn renamed() -> SourceColumns {
    let mut columns = synonyms();
    for column in &mut columns.columns {
        if let (true, ColumnValues::Text { values, .. }) =
            (column.name == "item_name", &mut column.values)
        {
            *values = vec!["Sales   ".into()];
        }
    }
    columns
}

pub async fn a_number_with_another_name_is_renamed_or_reused(stage: Stage) {
    use floorwire_hub::store::queue_names::{self, NewUse};
    let link = SimulatedLink::connected(&stage, site("2026-11-19", "2026-11-21")).await;
    load_all(&link).await;
    settle(&stage).await;
    let before = shown(&stage).await;
    let store = &stage.state.store;
    assert!(queue_names::all(store, ACCOUNT).await.unwrap().is_empty());

    // The dictionary is read daily.
    stage.clock.advance(86_400_000);
    stage.plan().await;
    for task in link.lease(8).await {
        let columns = match task.row_date {
            None => renamed(),
            Some(_) => hsplit(&day_of(12, 4)),
        };
        let outcome = link.deliver(&task, &columns).await.outcome;
        assert!(matches!(outcome, Outcome::Applied | Outcome::Unchanged));
    }
    let names = queue_names::all(store, ACCOUNT).await.unwrap();
    let number = (stage.integration.0, 1, "split".to_owned(), "12".to_owned());
    let told: Vec<_> = names[&number]
        .iter()
        .map(|former| (former.name.as_str(), former.answer.as_str()))
        .collect();
    assert_eq!(told, [("Service", "")]);
    let wanted = queues::Wanted::default();
    let listed = queues::list(store, ACCOUNT, wanted, 0, 100).await.unwrap();
    assert_eq!(listed[0].name, "Sales");
    let rows = shown(&stage).await;

    // Something else from the 21st on: two queues, and no figure lost.
    let from = date(2026, 11, 21);
    let new = NewUse {
        from_day: day_number(from),
        from_utc_s: instant_ms("2026-11-20T23:00:00Z") / 1000,
        former_name: "Service",
    };
    let queue = QueueId(listed[0].queue_id);
    let mut transaction = store.begin().await.unwrap();
    let made = queue_names::split(&mut transaction, ACCOUNT, queue, &number, new).await;
    assert!(made.unwrap().is_some());
    let again = queue_names::split(&mut transaction, ACCOUNT, queue, &number, new).await;
    assert_eq!(again.unwrap(), None);
    transaction.commit().await.unwrap();
    let listed = queues::list(store, ACCOUNT, wanted, 0, 100).await.unwrap();
    let told: Vec<_> = listed
        .iter()
        .map(|queue| (queue.name.as_str(), queue.first_day, queue.last_day))
        .collect();
    let day = |day| Some(day_number(date(2026, 11, day)));
    assert_eq!(told[0], ("Service", day(19), day(20)));
    assert_eq!((told[1].0, told[1].1), ("Sales", day(21)));
    assert_eq!(told.len(), 2);
    let after = shown(&stage).await;
    assert_eq!(after, rows);
    assert!(after.len() > before.len());

    // Deriving anew and reading again find each day at its queue.
    for zone in ["Europe/London", "Europe/Paris"] {
        stage
            .configure(|configuration| configuration.zone = Some(zone.into()))
            .await;
        settle(&stage).await;
        assert_eq!(shown(&stage).await.len(), after.len());
    }
    assert_eq!(shown(&stage).await, after);
    assert_eq!(
        stage
            .count("SELECT COUNT(*) FROM queues WHERE account_id = $1")
            .await,
        2
    );
}
