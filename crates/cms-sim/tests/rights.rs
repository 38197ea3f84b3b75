//! A reader's rights: taken by a trouble, given back whatever happens to the run, and never taken from the wrong one.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use std::process::Command;

use floorwire_test_servers::{MariaDb, Postgres};
use support::{fail, simulator, succeed};

/// In the middle of the revocation, and after it.
const TAKEN: &str = "2026-07-09T14:30:00Z";
const OVER: &str = "2026-07-09T15:15:00Z";

/// A server on which somebody reads.
struct Place<'a> {
    connection: String,
    sql: &'a dyn Fn(&str) -> anyhow::Result<String>,
    /// Gives the reader what it reads by, once the tables are there.
    grants: &'a str,
    /// Succeeds if the reader `wfm` may read `hsplit`.
    read: &'a dyn Fn() -> bool,
}

impl Place<'_> {
    fn init(&self) {
        succeed(simulator(&self.connection).args([
            "init",
            "--scenario",
            "corrections",
            "--until",
            "2026-07-09T13:50:00Z",
        ]));
    }

    fn run(&self, reader: Option<&str>, until: &str) -> Command {
        let mut run = simulator(&self.connection);
        run.args(["run", "--speed", "100000", "--until", until]);
        if let Some(reader) = reader {
            run.args(["--reader", reader]);
        }
        run
    }

    /// What a run that must succeed says.
    fn said(&self, reader: Option<&str>, until: &str) -> String {
        let output = self.run(reader, until).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    }

    fn try_everything(&self, wide_reader: &str) {
        self.init();
        (self.sql)(self.grants).unwrap();
        // Nothing is changed before it is clear that it can be.
        let unknown = fail(&mut self.run(Some("nobody_at_all"), OVER));
        assert!(unknown.contains("knows no such user"), "{unknown}");
        let wide = fail(&mut self.run(Some(wide_reader), OVER));
        assert!(wide.contains("wider right"), "{wide}");
        assert!((self.read)());

        let said = self.said(Some("wfm"), TAKEN);
        assert!(said.contains("may not read"), "{said}");
        // The run ends in the middle, and says so.
        assert!(said.contains("GRANT SELECT ON hsplit TO"), "{said}");
        assert!(!(self.read)());
        // As after a kill: the rights are gone, and the next run finds it so.
        let again = self.said(Some("wfm"), "2026-07-09T14:40:00Z");
        assert!(again.contains("may not read"), "{again}");
        assert!(!(self.read)());
        // Somebody forgets the reader: it is said, and nothing is lost.
        let forgotten = self.said(None, "2026-07-09T14:45:00Z");
        assert!(forgotten.contains("were taken from wfm"), "{forgotten}");
        assert!(!(self.read)());
        let over = self.said(None, OVER);
        assert!(over.contains("wfm may read hsplit again"), "{over}");
        assert!((self.read)());
        // A run that is killed before it grants is made up for by the next one.
        (self.sql)("REVOKE SELECT ON hsplit FROM wfm").unwrap();
        assert!(!(self.read)());
        self.said(None, "2026-07-09T15:30:00Z");
        assert!((self.read)());
    }
}

#[test]
fn on_postgresql() {
    let server = Postgres::start().unwrap();
    server.create_database("rights").unwrap();
    let sql = |statements: &str| server.sql("rights", statements);
    let place = Place {
        connection: server.odbc("rights"),
        sql: &sql,
        grants: "GRANT SELECT ON hsplit TO wfm; GRANT SELECT ON hsplit TO club",
        read: &|| sql("SET ROLE wfm; SELECT count(*) FROM hsplit").is_ok(),
    };
    sql("CREATE ROLE wfm; CREATE ROLE club; CREATE ROLE member IN ROLE club").unwrap();
    place.try_everything("member");
}

#[test]
fn on_mariadb() {
    let server = MariaDb::start().unwrap();
    server.create_database("rights").unwrap();
    let sql = |statements: &str| server.sql("rights", statements);
    let as_wfm = {
        let whole = server.odbc("rights");
        let (address, _) = whole.split_once("UID=").unwrap();
        format!("{address}UID=wfm;PWD=secret;")
    };
    let read = || {
        floorwire_odbc::direct::Connection::connect(&as_wfm)
            .is_ok_and(|mut reader| reader.execute("SELECT COUNT(*) FROM hsplit").is_ok())
    };
    let place = Place {
        connection: server.odbc("rights"),
        sql: &sql,
        grants: "GRANT SELECT ON hsplit TO wfm",
        read: &read,
    };
    // Without a right of its own somewhere, nobody gets into the database there.
    sql("CREATE USER wfm IDENTIFIED BY 'secret'; CREATE USER wide; GRANT SELECT ON rights.* TO wide; \
         CREATE TABLE other (one INT); GRANT SELECT ON other TO wfm")
    .unwrap();
    place.try_everything("wide");
}

#[test]
fn a_run_with_a_time_limit_ends_while_a_table_is_locked() {
    let server = Postgres::start().unwrap();
    server.create_database("locks").unwrap();
    let connection = server.odbc("locks");
    succeed(simulator(&connection).args([
        "init",
        "--scenario",
        "corrections",
        "--until",
        "2026-07-10T06:59:30Z",
    ]));
    let begun = std::time::Instant::now();
    // Locked for ten simulated minutes: 200 seconds at this speed.
    let output = simulator(&connection)
        .args(["run", "--speed", "3", "--for", "25s"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("hsplit is locked"), "{said}");
    assert!(begun.elapsed().as_secs() < 100, "{:?}", begun.elapsed());
}
