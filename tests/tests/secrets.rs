//! After a run with a marked password, nothing that anybody could read contains it: not logs, errors, API
//! answers, the Hub's database or its traffic.
#![allow(clippy::expect_used)] // a test may end by panic

use anyhow::ensure;
use floorwire_tests::cms::CmsDatabase;
use floorwire_tests::hub::{Hub, HubStore};
use floorwire_tests::site::Site;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ZONE: &str = "Europe/Paris";
const MARK: &str = "Mark3dPassw0rd";

/// Passes connections on and keeps every byte of both directions.
async fn recording_proxy(target: String) -> anyhow::Result<(String, Arc<Mutex<Vec<u8>>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let record = recorded.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (target, record) = (target.clone(), record.clone());
            tokio::spawn(async move {
                let Ok(server) = TcpStream::connect(target).await else {
                    return;
                };
                let (client_read, client_write) = client.into_split();
                let (server_read, server_write) = server.into_split();
                tokio::join!(
                    copy(client_read, server_write, record.clone()),
                    copy(server_read, client_write, record)
                );
            });
        }
    });
    Ok((address, recorded))
}

async fn copy(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    record: Arc<Mutex<Vec<u8>>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        record
            .lock()
            .expect("no thread panicked")
            .extend(&buffer[..length]);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

fn contains(bytes: &[u8], mark: &str) -> bool {
    bytes
        .windows(mark.len())
        .any(|window| window.eq_ignore_ascii_case(mark.as_bytes()))
}

fn check_files(folder: &Path) -> anyhow::Result<usize> {
    let mut checked = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            checked += check_files(&path)?;
        } else if path.is_file() {
            ensure!(
                !contains(&std::fs::read(&path)?, MARK),
                "{} contains the password",
                path.display()
            );
            checked += 1;
        }
    }
    Ok(checked)
}

#[tokio::test]
async fn a_password_is_nowhere_to_be_found() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::postgres()?;
    let CmsDatabase::Postgres(server) = &database else {
        unreachable!()
    };
    server.sql(
        "postgres",
        &format!("CREATE ROLE reader LOGIN SUPERUSER PASSWORD '{MARK}'"),
    )?;
    let right = format!(
        "DRIVER={{PostgreSQL Unicode}};SERVER=127.0.0.1;PORT={};DATABASE=cms;UID=reader;PWD={MARK};",
        server.port()
    );
    let wrong = right.replace(MARK, &format!("{MARK}-not"));

    // Everything is logged that can be.
    let environment = vec![(
        "FLOORWIRE_LOG".to_owned(),
        "debug,hyper=info,sqlx=info".to_owned(),
    )];
    let mut hub =
        Hub::start_with(folder.path(), HubStore::Sqlite, None, environment.clone()).await?;
    let target = hub.url().trim_start_matches("http://").to_owned();
    let (proxied, recorded) = recording_proxy(target).await?;
    hub.answer_through(&proxied);
    let mut site = Site::with_hub(folder.path(), database, hub, "Avaya", environment).await?;
    site.simulator.init(&["--days", "2", "--zone", ZONE])?;

    let mut answers = String::new();
    site.api.configure(site.integration, &wrong, ZONE).await?;
    let shown = site
        .wait_for("problem", Duration::from_secs(60), |_| {})
        .await?;
    ensure!(
        shown["status"]["problem"]["code"] == "wrong-password",
        "{shown:#}"
    );
    answers.push_str(&shown.to_string());
    let unsealed =
        serde_json::json!({"configuration": {"connectionString": {"open": right, "sealed": ""}}});
    let refused = site
        .api
        .patch(&format!("/integrations/{}", site.integration), &unsealed)
        .await;
    let refusal = format!("{:#}", refused.expect_err("an unsealed secret is refused"));
    ensure!(refusal.contains("422"), "{refusal}");
    answers.push_str(&refusal);
    // That one request carried it by the test's own doing.
    recorded.lock().expect("no thread panicked").clear();

    site.api.configure(site.integration, &right, ZONE).await?;
    answers.push_str(
        &site
            .wait_for("operational", Duration::from_secs(120), |_| {})
            .await?
            .to_string(),
    );
    for path in [
        "",
        "/ledger?from=2026-01-01&to=2026-01-02",
        "/journal",
        "/capabilities",
        "/setAside",
    ] {
        let path = format!("/integrations/{}{path}", site.integration);
        answers.push_str(&site.api.get(&path).await?.to_string());
    }
    answers.push_str(&site.link.status()?.to_string());
    site.end()?;

    ensure!(
        !contains(answers.as_bytes(), MARK),
        "an answer contains the password"
    );
    let traffic = recorded.lock().expect("no thread panicked").clone();
    ensure!(
        traffic.len() > 10_000,
        "only {} bytes of traffic were recorded",
        traffic.len()
    );
    ensure!(
        !contains(&traffic, MARK),
        "the traffic contains the password"
    );
    let checked = check_files(folder.path())?;
    ensure!(checked >= 5, "only {checked} files were searched");
    Ok(())
}
