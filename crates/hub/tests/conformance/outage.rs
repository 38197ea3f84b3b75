//! A database that goes away and comes back.

use floorwire_hub::store::{Store, StoreError};
use floorwire_test_servers::Postgres;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_killed_is_used_again_when_it_is_back() {
    let mut server = Postgres::start().unwrap();
    server.create_database("hub").unwrap();
    let store = Store::open(&server.url("hub")).await.unwrap();
    store.probe().await.unwrap();
    server.kill().unwrap();
    let down = store.probe().await;
    assert!(matches!(down, Err(StoreError::Unavailable(_))), "{down:?}");
    server.restart().unwrap();
    store.probe().await.unwrap();
    store.close().await;
}
