//! What each database can provoke, and the cause it must be given.

use std::{net::TcpListener, time::Instant};

use floorwire_connection_string::{ConnectionString, Refusal};
use floorwire_odbc::{Cause, ColumnKind, ColumnSpec, OdbcError, Query, Supervisor, direct};
use floorwire_test_servers::free_port;

use crate::site::{Site, assert_no_secret, parse, query, read_error, settings, supervisor, with};

fn one_number() -> Vec<ColumnSpec> {
    vec![ColumnSpec::new("n", ColumnKind::Int32)]
}

/// The cause that a connection or a statement fails with, and no secret in what it prints.
async fn cause(
    supervisor: &mut Supervisor,
    connection: &ConnectionString,
    sql: &str,
) -> (Cause, OdbcError) {
    let limited = Query {
        timeout_s: 2,
        ..query(sql, one_number())
    };
    let error = read_error(supervisor, connection, limited).await;
    for (keyword, value) in connection.pairs() {
        if keyword == "PWD" {
            assert_no_secret(&error, value);
        }
    }
    let Some(cause) = error.cause() else {
        panic!("no cause: {error:?}");
    };
    (cause, error)
}

#[tokio::test]
async fn without_a_database() {
    let mut supervisor = supervisor();
    let refused = |error: OdbcError| match error {
        OdbcError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    let select = query("SELECT 1", one_number());
    for (text, expected) in [
        (
            "DRIVER={No Such Driver};UID=u;PWD=marked-1",
            "not registered",
        ),
        ("DRIVER=/tmp/x.so;UID=u;PWD=marked-1", "is a path"),
        ("DSN=NoSuchSource;UID=u;PWD=marked-1", "odbc.ini"),
        (
            "DRIVER=SQLite3;Database=/tmp/x;LoadExt=/tmp/x.so",
            "LoadExt",
        ),
    ] {
        let error = read_error(&mut supervisor, &parse(text), select.clone()).await;
        assert_no_secret(&error, "marked-1");
        let refusal = refused(error);
        assert!(refusal.to_string().contains(expected), "{refusal}");
    }
    assert!(matches!(
        refused(
            read_error(
                &mut supervisor,
                &parse("DSN=a;DRIVER=SQLite3"),
                select.clone()
            )
            .await
        ),
        Refusal::DsnWithDriver
    ));
    // The driver manager's own words, for whoever connects without that check.
    for (text, expected) in [
        (
            "DRIVER={No Such Driver};PWD=marked-1",
            Cause::DriverNotRegistered,
        ),
        ("DSN=NoSuchSource;PWD=marked-1", Cause::DataSourceUnknown),
    ] {
        let error = direct::Connection::connect(text).err().unwrap();
        assert_no_secret(&error, "marked-1");
        assert_eq!(error.cause(), Some(expected), "{error}");
    }
}

#[tokio::test]
async fn sqlite() {
    let site = Site::sqlite();
    site.fill_numbers(10);
    let mut supervisor = supervisor();
    let connection = site.connection();
    let (found, error) = cause(&mut supervisor, &connection, "SELECT n FROM hsplit").await;
    assert_eq!(found, Cause::TableMissing, "{error}");
    let (found, error) = cause(&mut supervisor, &connection, "SELECT acdcalls FROM numbers").await;
    assert_eq!(found, Cause::ColumnMissing, "{error}");

    let missing = with(&site.odbc(), "Database", "/nonexistent/cms.db");
    let (found, error) = cause(&mut supervisor, &missing, "SELECT n FROM numbers").await;
    assert_eq!(found, Cause::DatabaseMissing, "{error}");

    // The driver knows no statement time limit: the supervisor ends it.
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
                   SELECT count(*) FROM c";
    let started = Instant::now();
    let (found, error) = cause(&mut supervisor, &connection, endless).await;
    assert_eq!(found, Cause::StatementTimeout, "{error}");
    assert!(started.elapsed().as_secs() < 10);

    let mut writer = direct::Connection::connect(&site.odbc()).unwrap();
    writer.execute("BEGIN EXCLUSIVE").unwrap();
    let impatient = with(&site.odbc(), "Timeout", "300");
    let (found, error) = cause(&mut supervisor, &impatient, "SELECT n FROM numbers").await;
    assert_eq!(found, Cause::DatabaseLocked, "{error}");
    writer.execute("ROLLBACK").unwrap();
    let again = query("SELECT n FROM numbers", one_number());
    let (batch, _) = crate::site::read_all(&mut supervisor, &impatient, again)
        .await
        .unwrap();
    assert_eq!(batch.rows, 10, "it goes on by itself when the lock is gone");
}

#[tokio::test]
async fn postgres() {
    let site = Site::postgres();
    site.fill_numbers(10);
    site.execute(&[
        "CREATE ROLE planner LOGIN PASSWORD 'marked-planner'",
        "CREATE DATABASE closed",
        "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
    ]);
    on_a_server(&site, "SELECT 1 FROM pg_sleep(9)").await;
    let closed = with(&site.odbc(), "UID", "planner")
        .with("PWD", "marked-planner")
        .with("DATABASE", "closed");
    let (found, error) = cause(&mut supervisor(), &closed, "SELECT 1").await;
    assert_eq!(found, Cause::MissingRights, "{error}");
}

#[tokio::test]
async fn mariadb() {
    let site = Site::mariadb();
    site.fill_numbers(10);
    site.execute(&[
        "CREATE USER planner IDENTIFIED BY 'marked-planner'",
        "GRANT SELECT ON mysql.help_topic TO planner",
        "CREATE DATABASE closed",
        "CREATE TABLE cms.open_table (n INTEGER)",
        "GRANT SELECT ON cms.open_table TO planner",
    ]);
    on_a_server(&site, "SELECT SLEEP(9)").await;
    let closed = with(&site.odbc(), "UID", "planner")
        .with("PWD", "marked-planner")
        .with("DATABASE", "closed");
    let (found, error) = cause(&mut supervisor(), &closed, "SELECT 1").await;
    assert_eq!(found, Cause::MissingRights, "{error}");
}

/// Everything that PostgreSQL and MariaDB have in common.
async fn on_a_server(site: &Site, sleep: &str) {
    let mut supervisor = supervisor();
    let text = site.odbc();
    let right = parse(&text);
    let select = "SELECT n FROM numbers";
    for (connection, sql, expected) in [
        (right.clone(), "SELECT n FROM hsplit", Cause::TableMissing),
        (
            right.clone(),
            "SELECT acdcalls FROM numbers",
            Cause::ColumnMissing,
        ),
        (
            with(&text, "PWD", "marked-wrong"),
            select,
            Cause::WrongPassword,
        ),
        (
            with(&text, "UID", "nobody-here"),
            select,
            Cause::WrongPassword,
        ),
        (
            with(&text, "DATABASE", "nowhere"),
            select,
            Cause::DatabaseMissing,
        ),
        (
            with(&text, "PORT", &free_port().to_string()),
            select,
            Cause::HostUnreachable,
        ),
        (
            with(&text, "SERVER", "no-such-host.invalid"),
            select,
            Cause::HostUnreachable,
        ),
        (
            with(&text, "UID", "planner").with("PWD", "marked-planner"),
            select,
            Cause::MissingRights,
        ),
        (right.clone(), sleep, Cause::StatementTimeout),
    ] {
        let started = Instant::now();
        let (found, error) = cause(&mut supervisor, &connection, sql).await;
        assert_eq!(found, expected, "{sql} on {connection}: {error:?}");
        assert!(started.elapsed().as_secs() < 8, "{sql} took too long");
    }

    // Somebody takes the call and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let mut hasty = Supervisor::new(floorwire_odbc::WorkerSettings {
        login_timeout: std::time::Duration::from_secs(2),
        stall_timeout: std::time::Duration::from_secs(20),
        ..settings()
    });
    let started = Instant::now();
    let (found, error) = cause(&mut hasty, &with(&text, "PORT", &port), select).await;
    assert_eq!(found, Cause::LoginTimeout, "{error:?}");
    assert!(started.elapsed().as_secs() < 8);
}
