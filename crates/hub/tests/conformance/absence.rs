//! Absent rows: outages, hours that are set and learned, the alarm, and dates that the source does not hold.

use crate::stage::*;
use floorwire_hub::completeness::gaps::{Cause, gaps};
use floorwire_hub::completeness::{Completeness, proposal};
use floorwire_hub::status::{Overview, State, overview};
use floorwire_hub::store::outages;
use floorwire_model::absence::{Absent, ZeroBecause};
use floorwire_model::columns::{ColumnValues, SourceColumn, SourceColumns};
use floorwire_model::hours::{Basis, Span, WeeklyHours};
use floorwire_model::ids::AcdNumber;
use floorwire_model::ledger::to_letters;
use floorwire_model::outages::OutageReason;
use floorwire_protocol::capabilities::{AcdExtent, Capabilities, TableCapability};
use floorwire_protocol::messages::{LeasedTask, LinkReport};
use jiff::civil::{Date, date};

const OPEN_TASKS: &str =
    "SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND state IN ('waiting', 'leased')";
const ACD: AcdNumber = AcdNumber(1);
const TODAY: Date = date(2026, 11, 22);

fn with_linkex(mut site: Capabilities, oldest: &str, newest: &str) -> Capabilities {
    let intervals = site.tables.iter_mut();
    for table in intervals.filter(|table| table.interval_minutes.is_some()) {
        for extent in &mut table.acds {
            extent.interval_minutes = table.interval_minutes;
        }
    }
    site.tables.push(TableCapability {
        name: "linkex".into(),
        present: true,
        acds: vec![AcdExtent {
            acd: 1,
            oldest_date: Some(oldest.into()),
            newest_date: Some(newest.into()),
            interval_minutes: None,
            ..AcdExtent::default()
        }],
        ..TableCapability::default()
    });
    site
}

/// Rows of `linkex`: HHMM, reason, seconds.
fn linkex(rows: &[(i32, i32, i32)]) -> SourceColumns {
    let column = |name: &str, value: fn(&(i32, i32, i32)) -> i32| SourceColumn {
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
            column("row_time", |row| row.0),
            column("reason", |row| row.1),
            column("duration", |row| row.2),
        ],
    }
}

async fn load_all(link: &SimulatedLink<'_>, rows: impl Fn(&LeasedTask) -> SourceColumns) {
    while link.stage.count(OPEN_TASKS).await > 0 {
        for task in link.lease(8).await {
            link.deliver(&task, &rows(&task)).await;
        }
    }
    link.stage.plan().await;
}

/// Open from 8 to 20 every day.
async fn set_hours(stage: &Stage) {
    let hours = WeeklyHours::new(std::array::from_fn(|_| vec![Span::new(480, 1200).unwrap()]));
    stage
        .configure(|configuration| {
            configuration.business_hours.acds.insert(1, hours);
        })
        .await;
    stage.plan().await;
}

async fn read(stage: &Stage, from: Date, to: Date) -> Completeness {
    let integration = stage.integration().await;
    let state = &stage.state;
    Completeness::read(
        state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        (from, to),
        None,
    )
    .await
    .unwrap()
}

async fn letters(stage: &Stage, day: Date) -> String {
    let mut known = read(stage, day, day.tomorrow().unwrap()).await;
    let slots = known.slots(ACD, true, 30).unwrap();
    to_letters(slots.iter().map(|slot| slot.judged.state))
}

async fn shown(stage: &Stage) -> Overview {
    let integration = stage.integration().await;
    overview(
        &stage.state.store,
        ACCOUNT,
        &integration,
        clock_ms(&stage.state),
    )
    .await
    .unwrap()
}

fn of_today(task: &LeasedTask, today: &[(i32, i32, i32)]) -> SourceColumns {
    match (task.table.as_str(), task.row_date.as_deref()) {
        ("synonyms", _) => synonyms(),
        ("linkex", Some("2026-11-21")) => linkex(&[(2100, 95, 3600), (400, 96, 0)]),
        ("linkex", _) => linkex(&[]),
        (_, Some("2026-11-22")) => hsplit(today),
        _ => hsplit(&day_of(12, 4)),
    }
}

pub async fn absent_rows_are_judged_by_hours_and_outages(stage: Stage) {
    let site = with_linkex(site("2026-11-20", "2026-11-22"), "2026-11-20", "2026-11-22");
    let link = SimulatedLink::connected(&stage, site).await;
    let today = [(12, 800, 5), (12, 830, 1), (12, 1100, 7)];
    load_all(&link, |task| of_today(task, &today)).await;
    // Nobody knows when the site is open: nothing is called closed.
    assert_eq!(
        letters(&stage, date(2026, 11, 21)).await,
        format!("{}{}ooooommm", "m".repeat(16), "r".repeat(24))
    );
    assert_eq!(shown(&stage).await.state, State::Operational);
    set_hours(&stage).await;
    // Before the first rows of all nothing shows that the source was well.
    assert_eq!(
        letters(&stage, date(2026, 11, 20)).await,
        format!("{}{}{}", "m".repeat(16), "r".repeat(24), "z".repeat(8))
    );
    // 21:00 for an hour, stamped at its start or its end; the clock set at 4:00 is no outage.
    assert_eq!(
        letters(&stage, date(2026, 11, 21)).await,
        format!("{}{}ooooozzz", "z".repeat(16), "r".repeat(24))
    );
    assert_eq!(
        letters(&stage, TODAY).await,
        format!("{}rrmmmmr{}", "z".repeat(16), "n".repeat(25))
    );
    let mut known = read(&stage, date(2026, 11, 20), date(2026, 11, 23)).await;
    let slots = known.slots(ACD, true, 30).unwrap();
    let zero = Absent::Zero(ZeroBecause::Closed(Basis::Hours));
    assert!(
        slots[47 + 6].judged.absent == zero
            && slots[18].judged.absent == Absent::Zero(ZeroBecause::OtherRows)
    );
    let now = stage.state.clock.now_utc_s();
    let causes: Vec<_> = gaps(ACD, &slots, now)
        .iter()
        .map(|gap| (gap.cause, gap.slots, gap.first_date.day()))
        .collect();
    assert_eq!(
        causes,
        [
            (Cause::Unconfirmed, 16, 20),
            (Cause::Outage, 5, 21),
            (Cause::NoRows, 4, 22)
        ]
    );
    let range = (0, i64::MAX);
    let stored = outages::within(&stage.state.store, ACCOUNT, stage.integration, range)
        .await
        .unwrap();
    let reasons: Vec<_> = stored.iter().map(|outage| outage.reason).collect();
    assert_eq!(reasons, [OutageReason::ClockReset, OutageReason::TimedOut]);
    assert_eq!(stored[1].end_utc_s - stored[1].start_utc_s, 2 * 3600 + 60);

    // A source that says which of both it is: 21:00 to 22:00 and the minute.
    stage
        .configure(|configuration| {
            configuration.agents.outage_stamp =
                Some(floorwire_model::agents::settings::Stamp::Start);
        })
        .await;
    for _ in 0..4 {
        stage.plan().await;
    }
    assert_eq!(
        letters(&stage, date(2026, 11, 21)).await,
        format!("{}{}zzooozzz", "z".repeat(16), "r".repeat(24))
    );
}

pub async fn no_rows_in_open_hours_are_a_problem_until_there_are_some(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-20", "2026-11-22")).await;
    load_all(&link, |task| of_today(task, &[(12, 800, 5)])).await;
    assert_eq!(shown(&stage).await.state, State::Operational);
    set_hours(&stage).await;
    let found = shown(&stage).await;
    assert_eq!(found.state, State::Problem);
    let problem = found.problem.unwrap();
    assert_eq!(problem.problem.code, "no-rows-in-open-hours");
    let detail = &problem.problem.detail;
    assert!(
        detail.contains("acd 1") && detail.contains("2026-11-22 08:30") && detail.contains("11:30"),
        "{detail}"
    );
    // The site was closed after all.
    stage
        .configure(|configuration| {
            let holidays = &mut configuration.business_hours.holidays;
            holidays.added.insert(TODAY, String::new());
        })
        .await;
    stage.plan().await;
    assert_eq!(shown(&stage).await.state, State::Operational);
    stage
        .configure(|configuration| configuration.business_hours.holidays.added.clear())
        .await;
    stage.plan().await;
    assert_eq!(shown(&stage).await.state, State::Problem);
    // It goes on, and since when is kept.
    stage.clock.set(instant_ms("2026-11-22T11:31:30Z"));
    stage.plan().await;
    load_all(&link, |task| of_today(task, &[(12, 800, 5)])).await;
    let later = shown(&stage).await.problem.unwrap();
    assert_eq!(later.occurred_utc_ms, instant_ms("2026-11-22T11:02:00Z"));
    assert!(
        later.problem.detail.contains("12:00"),
        "{}",
        later.problem.detail
    );
    // Rows come: it clears by itself.
    stage.clock.set(instant_ms("2026-11-22T12:01:30Z"));
    stage.plan().await;
    load_all(&link, |task| of_today(task, &[(12, 800, 5), (12, 1200, 3)])).await;
    link.sync(LinkReport::default()).await;
    let found = shown(&stage).await;
    assert_eq!((found.state, found.problem), (State::Operational, None));
}

pub async fn hours_are_learned_from_eight_weeks_and_not_from_seven(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-10-05", "2026-11-22")).await;
    let of = |task: &LeasedTask| of_today(task, &[(12, 800, 5), (12, 830, 5)]);
    load_all(&link, of).await;
    let night = date(2026, 11, 10);
    assert_eq!(&letters(&stage, night).await[..16], "m".repeat(16));
    let integration = stage.integration().await;
    let learned = || proposal(&stage.state, ACCOUNT, &integration, ACD, TODAY);
    let (seven, ..) = learned().await.unwrap().unwrap();
    assert!(!seven.is_unambiguous());
    // The source turns out to hold more.
    link.stage.clock.set(instant_ms("2026-11-22T11:03:00Z"));
    floorwire_hub::planner::request_examination(&stage.state, ACCOUNT, stage.integration)
        .await
        .unwrap();
    link.report(site("2026-09-07", "2026-11-22")).await;
    stage.plan().await;
    load_all(&link, of).await;
    assert_eq!(
        letters(&stage, night).await,
        format!("{}{}{}", "z".repeat(16), "r".repeat(24), "z".repeat(8))
    );
    let (eleven, from, _) = learned().await.unwrap().unwrap();
    assert_eq!(from, date(2026, 9, 7));
    assert_eq!(
        eleven.open.of(jiff::civil::Weekday::Monday),
        [Span::new(480, 1200).unwrap()]
    );
    // Somebody does not want it.
    stage
        .configure(|configuration| configuration.business_hours.use_learned = false)
        .await;
    assert_eq!(&letters(&stage, night).await[..16], "m".repeat(16));
}

pub async fn what_the_source_does_not_hold_is_not_expected(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-20", "2026-11-22")).await;
    assert_eq!(letters(&stage, date(2026, 11, 19)).await, "x".repeat(48));
    assert_eq!(letters(&stage, date(2026, 11, 20)).await, "e".repeat(48));
    load_all(&link, |task| of_today(task, &[(12, 800, 5)])).await;
    assert_eq!(letters(&stage, date(2026, 11, 19)).await, "x".repeat(48));
    stage
        .configure(|configuration| configuration.start_date = Some(date(2026, 11, 21)))
        .await;
    // What was read stays.
    assert_eq!(
        &letters(&stage, date(2026, 11, 20)).await[16..40],
        "r".repeat(24)
    );
    assert_eq!(letters(&stage, date(2026, 11, 24)).await, "n".repeat(48));
    let known = read(&stage, TODAY, TODAY.tomorrow().unwrap()).await;
    assert_eq!(known.acds[&ACD].first, Some(date(2026, 11, 21)));
}
