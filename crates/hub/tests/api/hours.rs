//! Business hours, holidays, gaps and outages over HTTP.

use crate::app::TestApp;
use serde_json::json;

#[tokio::test]
async fn hours_and_holidays_are_kept_and_shown() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let body = json!({"name": "Paris", "source": "avaya-cms"});
    let created = owner.post("/integrations", body).await.is_ok();
    let path = format!("/integrations/{}", created["id"]);
    let shown = &created["configuration"]["businessHours"];
    assert_eq!(
        (&shown["useLearned"], &shown["quietMinutes"]),
        (&json!(true), &json!(60))
    );
    let change = json!({"configuration": {"zone": "Europe/Paris", "outageTime": "start", "businessHours": {
        "acds": {"1": [{"day": "monday", "from": "08:00", "to": "18:30"}]},
        "holidays": {"country": "FR", "added": {"2026-06-04": "outing"}, "removed": ["2026-05-08"]},
        "quietMinutes": 90,
    }}});
    let changed = owner.patch(&path, change).await.is_ok();
    assert_eq!(changed["configuration"]["outageTime"], "start");
    assert_eq!(
        changed["configuration"]["businessHours"]["holidays"]["country"],
        "FR"
    );
    // Another setting leaves them alone.
    let other = json!({"configuration": {"agentTables": {}}});
    let same = owner.patch(&path, other).await.is_ok();
    assert_eq!(same["configuration"], changed["configuration"]);

    let hours = owner
        .get(&format!("{path}/businessHours?year=2026"))
        .await
        .is_ok();
    assert_eq!(hours["acds"][0]["inForce"], "set");
    assert_eq!(hours["acds"][0]["set"][0]["to"], "18:30");
    assert!(hours["acds"][0]["learned"].is_null());
    let dates: Vec<&str> = hours["holidays"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["date"].as_str().unwrap())
        .collect();
    assert!(dates.contains(&"2026-07-14") && dates.contains(&"2026-06-04"));
    assert!(!dates.contains(&"2026-05-08"));
    let countries = owner.get("/holidays/countries").await.is_ok();
    let countries = countries["countries"].as_array().unwrap();
    let germany = countries
        .iter()
        .find(|country| country["code"] == "DE")
        .unwrap();
    let regions = germany["regions"].as_array().unwrap();
    assert!(regions.iter().any(|region| region["name"] == "Bayern"));

    let wrong = json!({"configuration": {"businessHours": {"holidays": {"country": "XX"}}}});
    owner
        .patch(&path, wrong)
        .await
        .is_problem(422, "invalid-business-hours");
    owner
        .get(&format!("{path}/businessHours?year=9000"))
        .await
        .is_problem(422, "invalid-year");
}

#[tokio::test]
async fn gaps_and_outages_of_an_empty_integration_are_none() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let body = json!({"name": "Paris", "source": "avaya-cms"});
    let id = owner.post("/integrations", body).await.is_ok()["id"].clone();
    let of = |part: &str| format!("/integrations/{id}/{part}from=2026-01-01&to=2026-01-08");
    let gaps = owner.get(&of("gaps?")).await.is_ok();
    assert_eq!(
        (&gaps["items"], &gaps["nextCursor"]),
        (&json!([]), &json!(null))
    );
    assert_eq!(
        owner.get(&of("outages?")).await.is_ok(),
        json!({"outages": []})
    );
    owner
        .get(&of("gaps?cursor=1&"))
        .await
        .is_problem(422, "invalid-cursor");
    owner
        .get(&of("gaps?stream=calls&"))
        .await
        .is_problem(422, "invalid-stream");
}
