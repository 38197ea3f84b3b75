//! What happens when the storage fails, and at the end.

use crate::app::{TestApp, send};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_store_that_is_gone_is_said_and_the_hub_goes_on() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    app.running.state.store.close().await;
    let answer = owner.get("/integrations").await;
    answer.is_problem(503, "storage-unavailable");
    assert!(answer.json()["remedy"].is_string());
    assert!(answer.headers.contains_key("retry-after"));
    send(app.http.get(app.url("/readyz")))
        .await
        .is_problem(503, "storage-unavailable");
    assert_eq!(send(app.http.get(app.url("/healthz"))).await.text, "ok\n");
    assert!(app.running.state.storage.trouble().is_some());
}

#[tokio::test]
async fn shutting_down_ends_within_its_limit() {
    let app = TestApp::start().await;
    let owner = app.owner("A").await;
    let stream = owner
        .request(reqwest::Method::GET, "/integrations/stream")
        .send()
        .await
        .unwrap();
    assert!(stream.status().is_success());
    let begin = Instant::now();
    app.running.shutdown().await;
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
}
