//! Readings that must not replace what is stored.

use crate::stage::*;
use floorwire_protocol::messages::{CompleteRequest, LeasedTask, Outcome};

const ASIDE: &str = "SELECT COUNT(*) FROM set_aside WHERE account_id = $1";

async fn reimport(link: &SimulatedLink<'_>, date: &str) -> LeasedTask {
    let stage = link.stage;
    let from: jiff::civil::Date = date.parse().unwrap();
    let integration = stage.integration().await;
    let to = from.tomorrow().unwrap();
    let planned = floorwire_hub::planner::reimport(
        &stage.state,
        ACCOUNT,
        &integration,
        "queue_intervals",
        from,
        to,
    )
    .await;
    assert_eq!(planned.unwrap(), 1);
    let task = link.lease(1).await.remove(0);
    assert_eq!(task.row_date.as_deref(), Some(date));
    task
}

pub async fn what_cannot_be_trusted_is_set_aside(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-18", "2026-11-21")).await;
    let mut open = link.lease(64).await;
    while let Some(task) = open.pop() {
        let columns = if task.row_date.is_some() {
            hsplit(&day_of(12, 2))
        } else {
            synonyms()
        };
        assert_eq!(
            link.deliver(&task, &columns).await.outcome,
            Outcome::Applied
        );
    }
    let before = stage.dump().await;
    stage.clock.advance(60_000);

    // The source deletes from its oldest date on.
    let task = reimport(&link, "2026-11-18").await;
    assert_eq!(
        link.deliver(&task, &hsplit(&day_of(12, 2)[..5]))
            .await
            .outcome,
        Outcome::SetAside
    );
    assert_eq!(stage.count(ASIDE).await, 1);
    assert_eq!(stage.dump().await, before);

    // Nothing where something was: the login may have lost its rights.
    let task = reimport(&link, "2026-11-21").await;
    assert_eq!(
        link.deliver(&task, &hsplit(&[])).await.outcome,
        Outcome::SetAside
    );
    assert_eq!(stage.count(ASIDE).await, 2);

    // Not whole.
    let task = reimport(&link, "2026-11-20").await;
    link.put_part(&task, 0, &hsplit(&day_of(12, 9))).await;
    let limited = CompleteRequest {
        hit_row_limit: true,
        ..link.completion(1, 24)
    };
    assert_eq!(
        link.complete_with(&task, &limited).await.outcome,
        Outcome::SetAside
    );
    assert_eq!(stage.dump().await, before);

    // Well inside of what the source holds, fewer rows are a correction.
    let task = reimport(&link, "2026-11-21").await;
    assert_eq!(
        link.deliver(&task, &hsplit(&day_of(12, 2)[1..]))
            .await
            .outcome,
        Outcome::Applied
    );
    assert_eq!(stage.dump().await.len(), before.len() - 1);
    assert_eq!(stage.count(ASIDE).await, 2);
    // Without rows nothing may be called zero; what was there is in the journal.
    assert_eq!(stage.letters("2026-11-21").await[16..18], *"mr");
    assert!(
        stage
            .count("SELECT COUNT(*) FROM journal WHERE account_id = $1 AND new_value IS NULL")
            .await
            > 0
    );
}

async fn decide(
    stage: &Stage,
    id: i64,
    accepted: bool,
) -> Result<(), floorwire_hub::ingest::decide::DecisionError> {
    use floorwire_hub::ingest::decide::{Decider, accept, discard};
    let integration = stage.integration().await;
    let decider = Decider {
        email: "admin@floorwire.example",
        why: "the switch was replaced",
        actor: &floorwire_hub::audit::Actor::console(),
    };
    match accepted {
        true => accept(&stage.state, ACCOUNT, &integration, id, decider).await,
        false => discard(&stage.state, ACCOUNT, &integration, id, decider).await,
    }
}

async fn waiting(stage: &Stage) -> Vec<floorwire_hub::store::partitions::SetAside> {
    let integration = stage.integration().await.id;
    let list = floorwire_hub::store::partitions::list_aside;
    list(&stage.state.store, ACCOUNT, integration, None, 10)
        .await
        .unwrap()
}

pub async fn people_decide_about_what_was_set_aside(stage: Stage) {
    use floorwire_hub::ingest::decide::DecisionError;
    let link = SimulatedLink::connected(&stage, site("2026-11-18", "2026-11-21")).await;
    let mut open = link.lease(64).await;
    while let Some(task) = open.pop() {
        let columns = match task.row_date {
            Some(_) => hsplit(&day_of(12, 2)),
            None => synonyms(),
        };
        link.deliver(&task, &columns).await;
    }
    let before = stage.dump().await;
    let fewer = hsplit(&day_of(12, 2)[..5]);
    stage.clock.advance(60_000);

    // Discarded: everything is as it was, and the same rows do not ask again, while others do.
    let task = reimport(&link, "2026-11-18").await;
    assert_eq!(link.deliver(&task, &fewer).await.outcome, Outcome::SetAside);
    assert_eq!(stage.count(ASIDE).await, 1);
    let reading = waiting(&stage).await.remove(0);
    decide(&stage, reading.id, false).await.unwrap();
    assert_eq!(stage.dump().await, before);
    assert_eq!(stage.count(ASIDE).await, 0);
    let again = decide(&stage, reading.id, false).await;
    assert!(matches!(again, Err(DecisionError::Gone)));
    const MARKED: &str = "SELECT COUNT(*) FROM ledger_days WHERE account_id = $1 AND set_aside";
    assert_eq!(stage.count(MARKED).await, 0);
    let task = reimport(&link, "2026-11-18").await;
    assert_eq!(link.deliver(&task, &fewer).await.outcome, Outcome::SetAside);
    assert_eq!(stage.count(ASIDE).await, 0);
    let task = reimport(&link, "2026-11-18").await;
    let fewest = hsplit(&day_of(12, 2)[..4]);
    link.deliver(&task, &fewest).await;
    assert_eq!(stage.count(ASIDE).await, 1);
    assert_eq!(stage.count(MARKED).await, 1);

    // Accepted: the rows of the reading and no others, with what is gone in the journal.
    const GONE: &str = "SELECT COUNT(DISTINCT start_utc_s) FROM journal WHERE account_id = $1 AND new_value IS NULL";
    let reading = waiting(&stage).await.remove(0);
    decide(&stage, reading.id, true).await.unwrap();
    let lost = day_of(12, 2).len() - 4;
    assert_eq!(stage.dump().await.len(), before.len() - lost);
    assert_eq!(stage.count(GONE).await, lost as i64);
    assert_eq!(stage.count(ASIDE).await, 0);
    assert_eq!(stage.count(MARKED).await, 0);
    // Read once more, they are what is stored.
    let task = reimport(&link, "2026-11-18").await;
    assert_eq!(
        link.deliver(&task, &fewest).await.outcome,
        Outcome::Unchanged
    );

    // Not whole: never.
    let task = reimport(&link, "2026-11-20").await;
    link.put_part(&task, 0, &hsplit(&day_of(12, 9))).await;
    let limited = CompleteRequest {
        hit_row_limit: true,
        ..link.completion(1, 24)
    };
    link.complete_with(&task, &limited).await;
    let reading = waiting(&stage).await.remove(0);
    let refused = decide(&stage, reading.id, true).await;
    assert!(matches!(refused, Err(DecisionError::NotUsable(_))));
    assert_eq!(stage.count(ASIDE).await, 1);

    let integration = stage.integration().await.id;
    let list = floorwire_hub::store::decisions::list;
    let decided = list(&stage.state.store, ACCOUNT, integration, None, 10).await;
    let decided = decided.unwrap();
    let told: Vec<(bool, &str, &str)> = decided
        .iter()
        .map(|one| (one.accepted, one.why.as_str(), one.by.as_str()))
        .collect();
    let (why, by) = ("the switch was replaced", "admin@floorwire.example");
    assert_eq!(told, [(true, why, by), (false, why, by)]);
}
