//! The same on PostgreSQL and MariaDB: what init writes, runs that are killed, and servers that are killed under a run.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::process::Stdio;
use std::time::Duration;

use floorwire_odbc::{ColumnData, ColumnKind};
use floorwire_test_servers::{MariaDb, Postgres};
use support::crash::{TO, check, init, killed_again_and_again, lines_of};
use support::{booked, expected, fail, read, simulator, succeed};

/// A server that can be killed and started again.
trait Server {
    fn connection(&self, database: &str) -> String;
    fn kill(&mut self);
    fn restart(&mut self);
}

impl Server for Postgres {
    fn connection(&self, database: &str) -> String {
        self.create_database(database).unwrap();
        self.odbc(database)
    }
    fn kill(&mut self) {
        Postgres::kill(self).unwrap();
    }
    fn restart(&mut self) {
        Postgres::restart(self).unwrap();
    }
}

impl Server for MariaDb {
    fn connection(&self, database: &str) -> String {
        self.create_database(database).unwrap();
        self.odbc(database)
    }
    fn kill(&mut self) {
        MariaDb::kill(self).unwrap();
    }
    fn restart(&mut self) {
        MariaDb::restart(self).unwrap();
    }
}

fn everything(mut server: impl Server) {
    history(&server.connection("history"));
    killed_again_and_again(&server.connection("killed"));
    let connection = server.connection("outage");
    outage(&mut server, &connection);
}

fn history(connection: &str) {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.jsonl");
    let until = "2026-10-25T23:10:00Z";
    let mut command = simulator(connection);
    command
        .args([
            "init",
            "--days",
            "2",
            "--skills",
            "3",
            "--until",
            until,
            "--event-log",
        ])
        .arg(&events);
    succeed(&mut command);
    let truth = succeed(
        simulator(connection)
            .args(["truth", "--until-published-at", until, "--event-log"])
            .arg(&events),
    );
    assert_eq!(booked(connection), expected(&truth));
    assert!(fail(&mut command).contains("--replace"));
    succeed(command.arg("--replace"));
    assert_eq!(booked(connection), expected(&truth));

    let kinds = [ColumnKind::Text { max_bytes: 400 }];
    let names = read(
        connection,
        "synonyms",
        &["item_name"],
        &kinds,
        "WHERE item_type = 'split' ORDER BY value",
    );
    let [ColumnData::Text { values, .. }] = &names.columns[..] else {
        panic!("{names:?}")
    };
    let padded: Vec<String> = ["Customer service", "Orders", "Billing"]
        .iter()
        .map(|name| format!("{name:100}"))
        .collect();
    assert_eq!(*values, padded);
}

/// The server is killed under a run, stays away for a while, comes back: the run goes on by itself.
fn outage(server: &mut impl Server, connection: &str) {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.jsonl");
    init(connection, &events);
    let mut run = simulator(connection)
        .args(["run", "--speed", "60000", "--until", TO])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = lines_of(&mut run);
    let next = || lines.recv_timeout(Duration::from_secs(120)).unwrap();
    for _ in 0..4 {
        assert!(next().contains("published"));
    }
    server.kill();
    // Once when the connection breaks, once when the server is still away.
    for _ in 0..2 {
        while !next().contains("trying again") {}
    }
    server.restart();
    let output = run.wait_with_output().unwrap();
    let rest: Vec<String> = lines.try_iter().collect();
    assert!(output.status.success(), "{rest:?}");
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["reconnects"], 1);
    check(connection, &events);
}

#[test]
fn on_postgresql() {
    everything(Postgres::start().unwrap());
}

#[test]
fn on_mariadb() {
    everything(MariaDb::start().unwrap());
}
