//! Queues and their intervals, over rows written straight into the store.

use crate::app::{Client, TestApp};
use floorwire_hub::change;
use floorwire_hub::store::{StoreResult, counters};
use serde_json::{Value, json};

/// 2026-10-25 in Paris: the clock is set back at 03:00, the day has 25 hours. Midnight is 22:00 UTC of the day before.
const MIDNIGHT: i64 = 1_792_879_200;
const HALF: i64 = 1800;

/// Writes two queues of one ACD. Queue 1 has calls in slots 0, 1 and 3; slot 2 has calls of queue 2 only, slot 4 is missing,
/// the rest of the day was not read.
async fn fill(app: &TestApp, account: i64, integration: i64) -> StoreResult<()> {
    let mut transaction = app.running.state.store.begin().await?;
    for (queue, number) in [(1_i64, "12"), (2, "13")] {
        let sql = "INSERT INTO queues (account_id, queue_id, integration_id, acd, kind, number) VALUES ($1, $2, $3, 1, 'split', $4)";
        change!(&mut transaction, sql, account, queue, integration, number)?;
    }
    let sql = "INSERT INTO dictionary_entries (account_id, integration_id, acd, item_type, value, name, description, standard)
        VALUES ($1, $2, 1, 'split', '12', $3, '', $4)";
    change!(
        &mut transaction,
        sql,
        account,
        integration,
        "Hotline Été 100%",
        false
    )?;
    let sql = "INSERT INTO queue_intervals (account_id, queue_id, start_utc_s, length_s, row_day, quality, offered, answered,
        abandoned, within_threshold, talk_seconds, hold_seconds, acw_seconds, wait_seconds, threshold_seconds)
        VALUES ($1, $2, $3, 1800, 20751, $4, $5, $6, $7, 1, $8, 0, 30, 12, 20)";
    for (queue, slot, quality, answered) in [
        (1_i64, 0, "final", 2_i64),
        (1, 1, "incomplete", 3),
        (1, 3, "final", 0),
        (2, 2, "final", 1),
    ] {
        let start = MIDNIGHT + slot * HALF;
        change!(
            &mut transaction,
            sql,
            account,
            queue,
            start,
            quality,
            answered + 1,
            answered,
            1_i64,
            answered * 90
        )?;
    }
    let letters = format!("rirrm{}", "-".repeat(45));
    let sql = "INSERT INTO ledger_days (account_id, integration_id, stream, acd, local_date, slot_minutes, zone, letters,
        set_aside, closed, read_begin_utc_ms)
        VALUES ($1, $2, 'queue_intervals', 1, '2026-10-25', 30, 'Europe/Paris', $3, $4, $4, 1)";
    change!(&mut transaction, sql, account, integration, letters, false)?;
    transaction.commit().await
}

pub async fn filled(app: &TestApp) -> Client<'_> {
    let owner = app.owner("A").await;
    let account = owner.get("/session").await.is_ok()["account"]["id"]
        .as_i64()
        .unwrap();
    let body = json!({"name": "Paris", "source": "avaya-cms"});
    let integration = owner.post("/integrations", body).await.is_ok()["id"]
        .as_i64()
        .unwrap();
    fill(app, account, integration).await.unwrap();
    owner
}

fn column(slots: &[Value], field: &str) -> Vec<Value> {
    slots.iter().map(|slot| slot[field].clone()).collect()
}

#[tokio::test]
async fn queues_are_listed_and_found() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let all = owner.get("/queues").await.is_ok();
    assert_eq!(
        column(all["items"].as_array().unwrap(), "name"),
        ["Hotline Été 100%", "13"]
    );
    assert_eq!(all["items"][0]["firstDate"], "2026-10-25");
    assert_eq!(all["items"][0]["integrationName"], "Paris");
    for (search, found) in [
        ("hotline", 1),
        ("100%25", 1),
        ("%25", 1),
        ("_", 0),
        ("12", 1),
        ("nothing", 0),
    ] {
        let answer = owner.get(&format!("/queues?search={search}")).await.is_ok();
        assert_eq!(answer["items"].as_array().unwrap().len(), found, "{search}");
    }
    assert_eq!(
        owner.get("/queues?integration=99").await.is_ok()["items"],
        json!([])
    );
    let first = owner.get("/queues?limit=1").await.is_ok();
    let rest = owner
        .get(&format!(
            "/queues?limit=1&cursor={}",
            first["nextCursor"].as_str().unwrap()
        ))
        .await
        .is_ok();
    assert_eq!(
        (&rest["items"][0]["number"], &rest["nextCursor"]),
        (&json!("13"), &Value::Null)
    );
    assert_eq!(owner.get("/queues/1").await.is_ok()["number"], "12");
    owner.get("/queues/99").await.is_problem(404, "not-found");
}

#[tokio::test]
async fn a_number_with_another_name_asks_what_became_of_it() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let queue = owner.get("/queues/1").await.is_ok();
    assert_eq!(
        (&queue["formerNames"], &queue["nameInQuestion"]),
        (&json!([]), &json!(false))
    );
    let session = owner.get("/session").await.is_ok();
    let account = session["account"]["id"].as_i64().unwrap();
    let mut transaction = app.running.state.store.begin().await.unwrap();
    // The two queues were written past the counter.
    counters::next_ids(&mut transaction, account, "queue", 2)
        .await
        .unwrap();
    let sql = "INSERT INTO queue_names (account_id, integration_id, acd, kind, number, until_utc_ms, name, answer)
        SELECT account_id, integration_id, acd, kind, number, $1, 'Winter', '' FROM queues WHERE queue_id = 1";
    change!(&mut transaction, sql, 1_792_879_200_000_i64).unwrap();
    transaction.commit().await.unwrap();
    let queue = owner.get("/queues/1").await.is_ok();
    assert_eq!(queue["nameInQuestion"], true);
    assert_eq!(
        queue["formerNames"],
        json!([{"name": "Winter", "until": "2026-10-24T22:00:00Z", "answer": null}])
    );
    let path = "/queues/1/identity";
    for wrong in [
        json!({"answer": "reused"}),
        json!({"answer": "renamed", "from": "2026-10-25"}),
        json!({"answer": "reused", "from": "25.10.2026"}),
    ] {
        owner
            .post(path, wrong)
            .await
            .is_problem(422, "invalid-date");
    }
    let reused = json!({"answer": "reused", "from": "2026-10-25"});
    let new = owner.post(path, reused.clone()).await.is_ok();
    assert_eq!(
        (&new["name"], &new["fromDate"], &new["firstDate"]),
        (
            &json!("Hotline Été 100%"),
            &json!("2026-10-25"),
            &json!("2026-10-25")
        )
    );
    assert_eq!(new["formerNames"][0]["answer"], "reused");
    let old = owner.get("/queues/1").await.is_ok();
    assert_eq!(
        (&old["name"], &old["firstDate"], &old["formerNames"]),
        (&json!("Winter"), &Value::Null, &json!([]))
    );
    owner
        .post(path, reused)
        .await
        .is_problem(422, "invalid-date");
}

#[tokio::test]
async fn a_queue_can_be_hidden_and_one_of_another_grouping_is_not_there() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let hide = owner.patch("/queues/1", json!({"hidden": true})).await;
    assert_eq!(hide.is_ok()["hidden"], true);
    let count = |answer: Value| answer["items"].as_array().unwrap().len();
    assert_eq!(count(owner.get("/queues").await.is_ok()), 1);
    assert_eq!(count(owner.get("/queues?hidden=true").await.is_ok()), 2);
    owner.get("/queues/1").await.is_ok();
    let change = json!({"configuration": {"grouping": "vdn", "vdns": {"1": ["6001"]}}});
    let changed = owner.patch("/integrations/1", change).await.is_ok();
    assert_eq!(changed["configuration"]["vdns"], json!({"1": ["6001"]}));
    assert_eq!(count(owner.get("/queues?hidden=true").await.is_ok()), 0);
    owner.get("/queues/1").await.is_problem(404, "not-found");
    let vdns = owner.get("/integrations/1/vdns").await.is_ok();
    assert_eq!(vdns["noneChosen"], false);
    let change = json!({"configuration": {"grouping": "split"}});
    owner.patch("/integrations/1", change).await.is_ok();
    assert_eq!(count(owner.get("/queues?hidden=true").await.is_ok()), 2);
}

/// Says that the integrations have data up to so many days after the test's day.
async fn has_data_until(app: &TestApp, days: i64) {
    let mut transaction = app.running.state.store.begin().await.unwrap();
    let sql = "UPDATE integration_status SET latest_data_utc_s = $1";
    change!(&mut transaction, sql, MIDNIGHT + days * 86_400 + 43_200).unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_queue_without_rows_for_30_days_is_inactive() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let count = async |query: &str| {
        let answer = owner.get(&format!("/queues{query}")).await.is_ok();
        answer["items"].as_array().unwrap().len()
    };
    // Nothing is newer than what the queues have: an import that stands still says nothing about them.
    for (days, inactive) in [(0, 0), (30, 0), (31, 2)] {
        has_data_until(&app, days).await;
        assert_eq!(count("?inactive=true").await, inactive, "after {days} days");
        assert_eq!(count("?inactive=false").await, 2 - inactive);
        assert_eq!(count("").await, 2);
        let one = owner.get("/queues/1").await.is_ok();
        assert_eq!(one["inactive"], inactive > 0);
    }
}

#[tokio::test]
async fn a_day_of_25_hours_has_50_slots_and_says_what_is_known_of_each() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let answer = owner
        .get("/queues/1/intervals?from=2026-10-25&to=2026-10-26")
        .await
        .is_ok();
    assert_eq!(
        (&answer["zone"], &answer["intervalMinutes"]),
        (&json!("Europe/Paris"), &json!(30))
    );
    assert_eq!(
        (
            &answer["sourceIntervalMinutes"],
            &answer["offeredDefinition"]
        ),
        (&json!(30), &json!("acdcalls+abncalls"))
    );
    let slots = answer["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 50);
    assert_eq!(slots[0]["start"], "2026-10-24T22:00:00Z");
    assert_eq!(
        slots
            .iter()
            .map(|slot| slot["lengthSeconds"].as_i64().unwrap())
            .sum::<i64>(),
        25 * 3600
    );
    assert_eq!(
        column(&slots[..6], "quality"),
        [
            "final",
            "incomplete",
            "zero",
            "final",
            "missing",
            "expected"
        ]
    );
    assert_eq!(
        column(&slots[..5], "answered"),
        [json!(2), json!(3), json!(0), json!(0), Value::Null]
    );
    assert_eq!(
        column(&slots[..4], "averageHandleSeconds"),
        [json!(105.0), json!(100.0), Value::Null, Value::Null]
    );
    assert_eq!(slots[0]["serviceLevel"], json!(1.0 / 3.0));
    let totals = &answer["totals"];
    assert_eq!(
        (
            &totals["answered"],
            &totals["offered"],
            &totals["abandoned"]
        ),
        (&json!(5), &json!(8), &json!(3))
    );
    let coverage = json!({"slots": 50, "withData": 4, "doubtful": 1, "missing": 46, "notYetDue": 0, "outOfRange": 0});
    assert_eq!(totals["coverage"], coverage);
}

#[tokio::test]
async fn steps_are_sums_and_never_finer_than_the_source() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let hours = owner
        .get("/queues/1/intervals?from=2026-10-25&to=2026-10-26&step=1h")
        .await
        .is_ok();
    let slots = hours["slots"].as_array().unwrap();
    assert_eq!(slots.len(), 25);
    assert_eq!(
        column(&slots[..3], "quality"),
        ["incomplete", "final", "missing"]
    );
    assert_eq!(
        column(&slots[..3], "answered"),
        [json!(5), json!(0), Value::Null]
    );
    let day = owner
        .get("/queues/1/intervals?from=2026-10-25&to=2026-10-26&step=1d")
        .await
        .is_ok();
    assert_eq!(
        (&day["intervalMinutes"], &day["slots"][0]["lengthSeconds"]),
        (&json!(1440), &json!(90_000))
    );
    assert_eq!(
        (&day["slots"][0]["quality"], &day["slots"][0]["answered"]),
        (&json!("incomplete"), &json!(5))
    );
    let period = "/queues/1/intervals?from=2026-10-25&to=2026-10-26";
    owner
        .get(&format!("{period}&step=15m"))
        .await
        .is_problem(422, "step-finer-than-source");
    owner
        .get(&format!("{period}&step=7m"))
        .await
        .is_problem(422, "invalid-step");
    owner
        .get(&format!("{period}&zone=Nowhere"))
        .await
        .is_problem(422, "invalid-zone");
    // 45 minutes past the hour cuts half hours in two
    owner
        .get(&format!("{period}&zone=Asia/Kathmandu"))
        .await
        .is_problem(422, "zone-does-not-fit");
    let utc = owner
        .get("/queues/1/intervals?from=2026-10-24&to=2026-10-25&zone=UTC")
        .await
        .is_ok();
    assert_eq!(utc["slots"].as_array().unwrap().len(), 48);
    assert_eq!(utc["totals"]["answered"], 5);
    owner
        .get("/queues/1/intervals?from=2026-10-25&to=2026-10-25")
        .await
        .is_problem(422, "invalid-period");
    owner
        .get("/queues/1/intervals?from=2020-10-25&to=2026-10-25")
        .await
        .is_problem(422, "invalid-period");
    owner
        .get("/queues/1/intervals?from=2026-10-25")
        .await
        .is_problem(422, "invalid-query");
}

#[tokio::test]
async fn figures_leave_as_csv() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let path = "/queues/1/intervals?from=2026-10-25&to=2026-10-26";
    let by_accept = owner
        .request(reqwest::Method::GET, path)
        .header("accept", "text/csv");
    let by_accept = crate::app::send(by_accept).await;
    let by_format = owner.get(&format!("{path}&format=csv")).await;
    assert_eq!(by_accept.text, by_format.text);
    assert_eq!(
        by_format.headers["content-type"],
        "text/csv; charset=utf-8; header=present"
    );
    let disposition = "attachment; filename=\"queue-12-2026-10-25-to-2026-10-26.csv\"";
    assert_eq!(by_format.headers["content-disposition"], disposition);
    let lines: Vec<&str> = by_format.text.lines().collect();
    assert_eq!(lines.len(), 51);
    assert_eq!(
        lines[0],
        "start_utc,start_local,length_s,quality,offered,answered,abandoned,within_threshold,threshold_s,talk_s,hold_s,acw_s,wait_s,aht_s,service_level_ratio,source"
    );
    let first = "2026-10-24T22:00:00Z,2026-10-25T00:00:00+02:00,1800,final,3,2,1,1,20,180,0,30,12,105.0000,0.3333,intervals";
    assert_eq!(lines[1], first);
    assert_eq!(
        lines[5],
        "2026-10-25T00:00:00Z,2026-10-25T02:00:00+02:00,1800,missing,,,,,,,,,,,,intervals"
    );
    assert!(
        lines[7].starts_with("2026-10-25T01:00:00Z,2026-10-25T02:00:00+01:00,"),
        "{}",
        lines[7]
    );
    owner
        .get(&format!("{path}&format=xml"))
        .await
        .is_problem(422, "invalid-format");
}

#[tokio::test]
async fn the_ledger_shows_each_slot_of_the_day() {
    let app = TestApp::start().await;
    let owner = filled(&app).await;
    let ledger = owner
        .get("/integrations/1/ledger?from=2026-10-01&to=2026-11-01")
        .await
        .is_ok();
    assert_eq!(
        (&ledger["zone"], ledger["days"].as_array().unwrap().len()),
        (&json!("Europe/Paris"), 1)
    );
    let day = &ledger["days"][0];
    assert_eq!(day["states"], format!("rirrm{}", "e".repeat(45)));
    assert_eq!(
        (&day["counts"]["received"], &day["counts"]["expected"]),
        (&json!(3), &json!(45))
    );
    owner
        .get("/integrations/1/ledger?from=2026-10-01&to=2026-11-01&stream=x")
        .await
        .is_problem(422, "invalid-stream");
}
