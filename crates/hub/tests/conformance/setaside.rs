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
