//! The source is spared in quiet hours, and what was asked of it is counted.

use crate::stage::*;
use floorwire_hub::quiet_hours::{QuietHours, time_of_day};
use floorwire_hub::store::load;
use floorwire_protocol::messages::{HourLoad, LeaseResponse, LinkReport};
use std::time::Duration;

pub async fn quiet_hours_leave_only_what_is_urgent(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-20", "2026-11-22")).await;
    let quiet = QuietHours {
        from: time_of_day("08:00").unwrap(),
        to: time_of_day("18:00").unwrap(),
    };
    stage
        .configure(|configuration| configuration.quiet_hours = vec![quiet])
        .await;
    // 12:02 in Paris: the dictionary is read, first loads wait.
    let urgent = link.lease(8).await;
    let tables: Vec<_> = urgent.iter().map(|task| task.table.as_str()).collect();
    assert_eq!(tables, ["synonyms"]);
    link.deliver(&urgent[0], &synonyms()).await;
    let waiting = tokio::time::timeout(Duration::from_millis(300), link.try_lease(8)).await;
    assert!(waiting.is_err(), "quiet hours gave an answer");
    stage.clock.set(instant_ms("2026-11-22T17:00:00Z"));
    let answer: LeaseResponse = json(link.try_lease(8).await).await;
    let dates = answer.tasks.iter().filter(|task| task.table == "hsplit");
    assert_eq!(dates.count(), 3);
}

pub async fn totals_of_an_hour_count_once(stage: Stage) {
    let mut link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    let hour_utc_s = instant_ms("2026-11-22T11:00:00Z") / 1000;
    let total = |statements, busy_ms| HourLoad {
        hour_utc_s,
        statements,
        rows: 10 * statements,
        busy_ms,
        longest_ms: 40,
        ..HourLoad::default()
    };
    let report = |load| LinkReport {
        load: vec![load],
        ..LinkReport::default()
    };
    for load in [total(1, 40), total(3, 90), total(3, 90)] {
        link.sync(report(load)).await;
    }
    link.boot_id = "boot-2".into();
    link.sync(report(HourLoad {
        budget_used: true,
        ..total(2, 60)
    }))
    .await;
    let hours = load::hours(&stage.state.store, ACCOUNT, stage.integration, 0).await;
    let [hour] = hours.unwrap()[..] else {
        panic!("not one hour")
    };
    assert_eq!(
        (
            hour.statements,
            hour.row_count,
            hour.busy_ms,
            hour.longest_ms
        ),
        (5, 50, 150, 40)
    );
    assert!(hour.budget_used);
    // After 36 days it has gone.
    stage.clock.advance(36 * 86_400_000);
    link.sync(report(HourLoad {
        hour_utc_s: hour_utc_s + 36 * 86_400,
        ..total(1, 1)
    }))
    .await;
    let hours = load::hours(&stage.state.store, ACCOUNT, stage.integration, 0).await;
    assert_eq!(hours.unwrap().len(), 1);
}
