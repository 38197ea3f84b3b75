//! Who may work on what, and whose result counts.

use crate::stage::*;
use floorwire_hub::status::{State, overview};
use floorwire_protocol::messages::{LeaseResponse, LinkReport, Outcome, RunningTask};
use reqwest::StatusCode;
use std::time::Duration;

const LEASED: &str = "SELECT COUNT(*) FROM tasks WHERE account_id = $1 AND state = 'leased'";

pub async fn an_expired_lease_comes_back_and_its_late_result_is_refused(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    let first = link.lease(1).await.remove(0);
    stage.clock.advance(119_000);
    assert_eq!(
        link.put_part(&first, 0, &synonyms()).await,
        StatusCode::NO_CONTENT
    );
    stage.clock.advance(119_000);
    let running = vec![RunningTask {
        task: first.task,
        attempt: first.attempt,
    }];
    link.sync(LinkReport {
        running,
        ..LinkReport::default()
    })
    .await;
    stage.clock.advance(119_000);
    assert_eq!(stage.count(LEASED).await, 1);
    stage.clock.advance(2_000);
    let second = link.lease(1).await.remove(0);
    assert_eq!(
        (second.task, second.attempt),
        (first.task, first.attempt + 1)
    );
    assert_eq!(
        link.put_part(&first, 1, &synonyms()).await,
        StatusCode::CONFLICT
    );
    assert_eq!(
        link.complete_with(&first, &link.completion(1, 1))
            .await
            .outcome,
        Outcome::Refused
    );
    assert_eq!(link.fail(&first, "late").await, StatusCode::CONFLICT);
    assert_eq!(
        link.deliver(&second, &synonyms()).await.outcome,
        Outcome::Applied
    );
    assert_eq!(
        link.complete_with(&first, &link.completion(1, 1))
            .await
            .outcome,
        Outcome::Refused
    );
    assert_eq!(
        stage
            .count("SELECT COUNT(*) FROM dictionary_entries WHERE account_id = $1")
            .await,
        1
    );
}

pub async fn a_new_start_of_the_link_gives_leases_back(stage: Stage) {
    let mut link = SimulatedLink::connected(&stage, site("2026-11-20", "2026-11-22")).await;
    let before = link.lease(4).await;
    assert_eq!(stage.count(LEASED).await, 4);
    link.boot_id = "boot-2".into();
    let desired = link.sync(LinkReport::default()).await.desired;
    assert_eq!(stage.count(LEASED).await, 0);
    assert!(desired.examine.is_some());
    let after = link.lease(4).await;
    assert_eq!(after.len(), 4);
    for (one, other) in before.iter().zip(&after) {
        assert_eq!((one.task, one.attempt + 1), (other.task, other.attempt));
    }
    // A lease call names what is still worked on; the rest is given back.
    let again = link.lease(4).await;
    assert_eq!(
        again.iter().map(|task| task.attempt).collect::<Vec<_>>(),
        [3, 3, 3, 3]
    );
}

pub async fn another_configuration_refuses_what_was_read_before(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    let task = link.lease(2).await.remove(1);
    stage
        .configure(|configuration| configuration.start_date = Some(jiff::civil::date(2026, 1, 1)))
        .await;
    assert_eq!(
        link.deliver(&task, &hsplit(&day_of(12, 1))).await.outcome,
        Outcome::Refused
    );
    assert!(stage.dump().await.is_empty());
    let again = link.lease(2).await;
    let same = again.iter().find(|other| other.task == task.task).unwrap();
    assert_eq!(
        link.deliver(same, &hsplit(&day_of(12, 1))).await.outcome,
        Outcome::Applied
    );
}

pub async fn a_paused_integration_gives_no_work(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    stage.set_paused(true).await;
    assert!(link.sync(LinkReport::default()).await.desired.paused);
    let waiting = tokio::time::timeout(Duration::from_millis(300), link.try_lease(1)).await;
    assert!(waiting.is_err(), "a paused integration gave an answer");
    let integration = stage.integration().await;
    let shown = overview(
        &stage.state.store,
        ACCOUNT,
        &integration,
        clock_ms(&stage.state),
    )
    .await
    .unwrap();
    assert_eq!(shown.state, State::Paused);
    stage.set_paused(false).await;
    assert_eq!(link.lease(1).await.len(), 1);
}

pub async fn a_failed_task_waits_and_shows_its_cause(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    let task = link.lease(2).await.remove(0);
    assert_eq!(
        link.fail(&task, "wrong-password").await,
        StatusCode::NO_CONTENT
    );
    let integration = stage.integration().await;
    let shown = overview(
        &stage.state.store,
        ACCOUNT,
        &integration,
        clock_ms(&stage.state),
    )
    .await
    .unwrap();
    assert_eq!(shown.state, State::Problem);
    assert_eq!(shown.problem.unwrap().problem.code, "wrong-password");
    let others = link.lease(2).await;
    assert!(others.iter().all(|other| other.task != task.task));
    stage.clock.advance(5_000);
    let again = link.lease(2).await;
    let again = again.iter().find(|other| other.task == task.task).unwrap();
    assert_eq!(
        link.deliver(again, &synonyms()).await.outcome,
        Outcome::Applied
    );
    let shown = overview(
        &stage.state.store,
        ACCOUNT,
        &integration,
        clock_ms(&stage.state),
    )
    .await
    .unwrap();
    assert!(shown.problem.is_none());
}

pub async fn parts_are_checked_and_idempotent(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    let task = link.lease(2).await.remove(1);
    let (morning, evening) = (hsplit(&[(12, 800, 1)]), hsplit(&[(12, 2000, 2)]));
    for _ in 0..2 {
        assert_eq!(
            link.put_part(&task, 1, &evening).await,
            StatusCode::NO_CONTENT
        );
    }
    assert_eq!(
        link.put_part(&task, 1, &morning).await,
        StatusCode::CONFLICT
    );
    let path = format!("tasks/{}/attempts/{}/complete", task.task, task.attempt);
    let missing = link.post(&path, &link.completion(2, 2)).await;
    assert_eq!(missing.status(), StatusCode::CONFLICT);
    assert_eq!(
        link.put_part(&task, 0, &morning).await,
        StatusCode::NO_CONTENT
    );
    // The source counted another number of rows: the attempt cannot be used.
    assert_eq!(
        link.complete_with(&task, &link.completion(2, 3))
            .await
            .outcome,
        Outcome::Refused
    );
    assert!(stage.dump().await.is_empty());
    stage.clock.advance(5_000);
    let again = link.lease(2).await;
    let again = again.iter().find(|other| other.task == task.task).unwrap();
    assert_eq!(
        link.put_part(again, 0, &morning).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        link.put_part(again, 1, &evening).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        link.complete_with(again, &link.completion(2, 2))
            .await
            .outcome,
        Outcome::Applied
    );
    assert_eq!(stage.dump().await.len(), 2);
}

pub async fn a_waiting_lease_call_wakes_up(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    for task in link.lease(8).await {
        let columns = if task.row_date.is_some() {
            hsplit(&day_of(12, 1))
        } else {
            synonyms()
        };
        assert_eq!(
            link.deliver(&task, &columns).await.outcome,
            Outcome::Applied
        );
    }
    let (answer, ()) = tokio::join!(link.try_lease(8), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        stage.clock.set(instant_ms("2026-11-22T11:32:00Z"));
        stage.plan().await;
    });
    assert_eq!(json::<LeaseResponse>(answer).await.tasks.len(), 1);
}
