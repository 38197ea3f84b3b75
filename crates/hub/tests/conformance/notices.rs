//! Notices: what changed at the source between two looks, and a zone that does not fit.

use crate::stage::*;
use floorwire_hub::store::notices::{self, NewNotice};
use floorwire_model::ids::AcdNumber;
use floorwire_model::zone_guess::NewestSeen;
use floorwire_protocol::messages::Outcome;
use jiff::civil::date;

const ACD: AcdNumber = AcdNumber(1);

async fn open(stage: &Stage) -> Vec<notices::Notice> {
    notices::open(&stage.state.store, ACCOUNT, stage.integration)
        .await
        .unwrap()
}

async fn codes(stage: &Stage) -> Vec<String> {
    let name =
        |stored: &notices::Notice| format!("{} {}", stored.notice.code, stored.notice.subject);
    open(stage).await.iter().map(name).collect()
}

async fn dismiss(stage: &Stage, id: i64) -> bool {
    let mut transaction = stage.state.store.begin().await.unwrap();
    let done = notices::dismiss(&mut transaction, ACCOUNT, stage.integration, id, 9).await;
    transaction.commit().await.unwrap();
    done.unwrap()
}

pub async fn a_changed_source_raises_notices_until_dismissed(stage: Stage) {
    let whole = || site("2026-11-20", "2026-11-22");
    let link = SimulatedLink::connected(&stage, whole()).await;
    link.report(whole()).await;
    assert_eq!(codes(&stage).await, Vec::<String>::new());
    let mut changed = whole();
    changed.tables[1].columns_missing = vec!["o_acdcalls".into()];
    link.report(changed.clone()).await;
    link.report(changed.clone()).await;
    assert_eq!(codes(&stage).await, ["columns-gone hsplit"]);
    changed.tables[1].columns_missing.push("tenant".into());
    link.report(changed).await;
    let found = open(&stage).await;
    assert_eq!(found.len(), 1, "one subject has one open notice: {found:?}");
    assert_eq!(found[0].notice.parameters["columns"], "tenant");
    assert!(dismiss(&stage, found[0].id).await);
    assert!(!dismiss(&stage, found[0].id).await);
    link.report(whole()).await;
    assert_eq!(codes(&stage).await, ["columns-new hsplit"]);
}

pub async fn a_condition_is_said_once_and_taken_back(stage: Stage) {
    let said =
        |zone: &str| NewNotice::new("zone-doubtful", "1", "doubtful".into()).with("likely", zone);
    let mut raised = Vec::new();
    for (zone, dismissed) in [
        ("Asia/Tokyo", false),
        ("Asia/Tokyo", true),
        ("Asia/Tokyo", false),
        ("UTC", false),
    ] {
        let mut transaction = stage.state.store.begin().await.unwrap();
        let notice = said(zone);
        let new =
            notices::raise_condition(&mut transaction, ACCOUNT, stage.integration, &notice, 5);
        raised.push(new.await.unwrap());
        transaction.commit().await.unwrap();
        if dismissed {
            let id = open(&stage).await[0].id;
            assert!(dismiss(&stage, id).await);
        }
    }
    assert_eq!(raised, [true, false, false, true]);
    let mut transaction = stage.state.store.begin().await.unwrap();
    for expected in [true, false] {
        let place = ("zone-doubtful", "1");
        let gone = notices::retract(&mut transaction, ACCOUNT, stage.integration, place).await;
        assert_eq!(gone.unwrap(), expected);
    }
    // Old looks are forgotten.
    for look in 0..300 {
        let seen = NewestSeen {
            seen_utc_s: look,
            start_local: date(2026, 6, 1).at(0, 0, 0, 0),
            start_utc_s: None,
            length_s: 1800,
        };
        let kept = notices::see(&mut transaction, ACCOUNT, stage.integration, ACD, &seen);
        kept.await.unwrap();
    }
    let looks = notices::looks(&mut transaction, ACCOUNT, stage.integration, ACD);
    let times: Vec<i64> = looks
        .await
        .unwrap()
        .iter()
        .map(|look| look.seen_utc_s)
        .collect();
    assert_eq!(times, (60..300).collect::<Vec<_>>());
    transaction.commit().await.unwrap();
    assert!(open(&stage).await.is_empty());
}

pub async fn rows_from_the_future_name_the_likely_zone(stage: Stage) {
    let link = SimulatedLink::connected(&stage, site("2026-11-22", "2026-11-22")).await;
    for task in link.lease(8).await {
        let columns = match task.row_date {
            None => synonyms(),
            Some(_) => hsplit(&[(12, 800, 1)]),
        };
        assert_eq!(
            link.deliver(&task, &columns).await.outcome,
            Outcome::Applied
        );
    }
    // It is noon in Paris; the clock of this ACD is that of Tokyo.
    for newest in [1900, 1930, 2000, 2030] {
        stage.clock.advance(30 * 60_000);
        let day = date(2026, 11, 22);
        let integration = stage.integration().await;
        let (state, stream) = (&stage.state, "queue_intervals");
        let next = day.tomorrow().unwrap();
        floorwire_hub::planner::reimport(state, ACCOUNT, &integration, stream, day, next)
            .await
            .unwrap();
        let task = link.lease(1).await.remove(0);
        let rows = hsplit(&[(12, 800, 1), (12, newest, 3)]);
        assert_eq!(link.deliver(&task, &rows).await.outcome, Outcome::Applied);
    }
    assert_eq!(codes(&stage).await, ["zone-doubtful 1"]);
    let notice = open(&stage).await.remove(0).notice;
    assert_eq!(notice.parameters["cause"], "future");
    assert_eq!(notice.parameters["likely"], "Asia/Tokyo");
}
