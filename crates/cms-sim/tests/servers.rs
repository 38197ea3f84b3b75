//! The same on PostgreSQL and MariaDB: what init writes, runs that are killed, and servers that are killed under a run.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::process::Stdio;
use std::time::Duration;

use floorwire_odbc::{ColumnData, ColumnKind};
use floorwire_sim_booking::{Column, Kind, Table, tables};
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

/// All rows of a table as text, in an order of their own.
fn dump(connection: &str, table: &Table) -> Vec<String> {
    let columns: Vec<&Column> = table.columns().collect();
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let kinds: Vec<ColumnKind> = columns
        .iter()
        .map(|column| match column.kind {
            Kind::SmallInt | Kind::Integer => ColumnKind::Int32,
            Kind::Date => ColumnKind::Date,
            Kind::Char(width) => ColumnKind::Text {
                max_bytes: 4 * width,
            },
        })
        .collect();
    let batch = read(connection, table.id.name(), &names, &kinds, "");
    let mut rows = vec![String::new(); batch.rows];
    for column in &batch.columns {
        for (at, row) in rows.iter_mut().enumerate() {
            let (value, nulls) = match column {
                ColumnData::Int32 { values, nulls } => (values[at].to_string(), nulls),
                ColumnData::Date {
                    days_since_1970,
                    nulls,
                } => (days_since_1970[at].to_string(), nulls),
                ColumnData::Text { values, nulls } => (values[at].clone(), nulls),
            };
            let null = nulls.contains(&u32::try_from(at).unwrap());
            row.push_str(if null { "NULL" } else { &value });
            row.push('|');
        }
    }
    rows.sort();
    rows
}

#[test]
fn the_same_seed_gives_the_same_tables_and_truth_on_three_databases() {
    let folder = tempfile::tempdir().unwrap();
    let (postgres, mariadb) = (Postgres::start().unwrap(), MariaDb::start().unwrap());
    let connections = [
        support::sqlite(folder.path()),
        postgres.connection("same"),
        mariadb.connection("same"),
    ];
    let scenario = floorwire_sim_centre::scenario::shipped("multi-site-bank").unwrap();
    let mut first: Option<(serde_json::Value, Vec<Vec<String>>)> = None;
    for (number, connection) in connections.iter().enumerate() {
        let events = folder.path().join(format!("{number}.jsonl"));
        succeed(
            simulator(connection)
                .args(["init", "--scenario", "multi-site-bank", "--event-log"])
                .arg(&events),
        );
        let truth = succeed(
            simulator(connection)
                .args(["truth", "--agents", "--statuses", "--event-log"])
                .arg(&events),
        );
        let dumps: Vec<_> = tables(&scenario.variants)
            .iter()
            .map(|table| dump(connection, table))
            .collect();
        assert!(dumps.iter().map(Vec::len).sum::<usize>() > 20_000);
        match &first {
            None => first = Some((truth, dumps)),
            Some((first_truth, first_dumps)) => {
                assert_eq!(truth, *first_truth, "{number}");
                for (mine, other) in dumps.iter().zip(first_dumps) {
                    let differing = mine.iter().zip(other).find(|(mine, other)| mine != other);
                    assert!(
                        mine.len() == other.len() && differing.is_none(),
                        "{number}: {differing:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_owner_is_found_without_its_name_on_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let server = Postgres::start().unwrap();
    let connection = server.connection("owned");
    let text = floorwire_sim_centre::scenario::SHIPPED[0].1.replacen(
        "\n[[acd]]",
        "\n[variants]\nowner = \"root\"\n\n[[acd]]",
        1,
    );
    let file = folder.path().join("owned.toml");
    std::fs::write(&file, text).unwrap();
    succeed(
        simulator(&connection)
            .args(["init", "--scenario"])
            .arg(&file),
    );
    let with_owner = support::integers(&connection, "root.hsplit", &["split", "acdcalls"], "");
    assert!(with_owner.len() > 20);
    assert_eq!(
        support::integers(&connection, "hsplit", &["split", "acdcalls"], "").len(),
        with_owner.len()
    );
    let refused = fail(
        simulator(&support::sqlite(folder.path()))
            .args(["init", "--scenario"])
            .arg(&file),
    );
    assert!(refused.contains("only PostgreSQL"), "{refused}");
}

/// Starts `run` on the database as somebody whose readers are the role `wfm`.
fn run_with_reader(connection: &str, arguments: &[&str]) -> std::process::Command {
    let mut run = simulator(connection);
    run.args(["run", "--reader", "wfm"]).args(arguments);
    run
}

#[test]
fn a_reader_loses_its_rights_and_gets_them_back() {
    let server = Postgres::start().unwrap();
    let connection = server.connection("rights");
    succeed(simulator(&connection).args([
        "init",
        "--scenario",
        "corrections",
        "--until",
        "2026-07-09T13:50:00Z",
    ]));
    server
        .sql(
            "rights",
            "CREATE ROLE wfm; GRANT SELECT ON ALL TABLES IN SCHEMA public TO wfm",
        )
        .unwrap();
    let read_as_reader = || {
        server.sql(
            "rights",
            "SET ROLE wfm; SELECT count(*) FROM hsplit WHERE acd = 1",
        )
    };
    read_as_reader().unwrap();
    let run_until = |until| {
        succeed(&mut run_with_reader(
            &connection,
            &["--speed", "100000", "--until", until],
        ))
    };
    run_until("2026-07-09T14:30:00Z");
    let refused = read_as_reader().unwrap_err().to_string();
    assert!(refused.contains("permission denied"), "{refused}");
    // A run that begins in the middle of it knows how it ends.
    run_until("2026-07-09T15:15:00Z");
    read_as_reader().unwrap();
}

#[test]
fn a_locked_table_is_free_again() {
    let server = Postgres::start().unwrap();
    let connection = server.connection("locks");
    succeed(simulator(&connection).args([
        "init",
        "--scenario",
        "corrections",
        "--until",
        "2026-07-10T06:50:00Z",
    ]));
    let mut run = run_with_reader(
        &connection,
        &["--speed", "150", "--until", "2026-07-10T07:30:00Z"],
    )
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let lines = lines_of(&mut run);
    let wait_for = |text: &str| {
        while !lines
            .recv_timeout(Duration::from_secs(60))
            .unwrap()
            .contains(text)
        {}
    };
    let read = || {
        server.sql(
            "locks",
            "SET lock_timeout = '100ms'; SELECT count(*) FROM hsplit",
        )
    };
    wait_for("hsplit is locked");
    // The announcement comes first, the lock a moment later.
    let refused = (0..100).find_map(|_| read().err());
    let refused = refused.unwrap().to_string();
    assert!(refused.contains("lock timeout"), "{refused}");
    wait_for("hsplit is free again");
    read().unwrap();
    assert!(run.wait().unwrap().success());
}
