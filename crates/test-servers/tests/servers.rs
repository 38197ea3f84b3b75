//! The servers start, keep their data through a kill, and do not outlive their owner.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail like tests

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpStream,
    process::{Command, Stdio},
};

use floorwire_test_servers::{MariaDb, Postgres, SqliteCms, free_port};

#[test]
fn postgres_keeps_what_was_committed_through_a_kill() {
    let mut server = Postgres::start().unwrap();
    server.create_database("cms").unwrap();
    server
        .sql("cms", "CREATE TABLE t (a int); INSERT INTO t VALUES (7)")
        .unwrap();
    let port = server.port();
    server.kill().unwrap();
    assert_eq!(server.pid(), 0);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.restart().unwrap();
    assert_eq!(server.port(), port);
    assert_eq!(server.sql("cms", "SELECT a FROM t").unwrap().trim(), "7");
    let pid = server.pid();
    drop(server);
    assert!(!process_is_there(pid));
}

#[test]
fn mariadb_keeps_what_was_committed_through_a_kill() {
    let mut server = MariaDb::start().unwrap();
    server.create_database("cms").unwrap();
    server
        .sql("cms", "CREATE TABLE t (a int); INSERT INTO t VALUES (7)")
        .unwrap();
    let port = server.port();
    server.kill().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    server.restart().unwrap();
    assert_eq!(server.sql("cms", "SELECT a FROM t").unwrap().trim(), "7");
    let pid = server.pid();
    drop(server);
    assert!(!process_is_there(pid));
}

#[test]
fn sqlite_is_a_file_in_a_folder_that_disappears() {
    let cms = SqliteCms::new().unwrap();
    let path = cms.path();
    std::fs::write(&path, b"").unwrap();
    assert!(cms.odbc().contains("StepAPI=1"));
    drop(cms);
    assert!(!path.try_exists().unwrap());
    assert_ne!(free_port(), 0);
}

/// Runs only as the child of the next test: starts a server, says where, and waits to be killed.
#[test]
#[ignore = "started by a_killed_test_leaves_no_server"]
fn owner_that_gets_killed() {
    let server = Postgres::start().unwrap();
    println!("\nserver {}", server.pid());
    let _ = std::io::stdin().read(&mut [0; 1]);
}

#[test]
fn a_killed_test_leaves_no_server() {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "owner_that_gets_killed",
            "--ignored",
            "--nocapture",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(owner.stdout.take().unwrap());
    let pid: u32 = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("server ")?.parse().ok())
        .unwrap();
    assert!(process_is_there(pid));
    owner.kill().unwrap();
    owner.wait().unwrap();
    // The guard needs a moment; the server's pipe is closed by then, so there is nothing to wait on.
    let mut waited = Command::new("sh")
        .args([
            "-c",
            "for i in $(seq 100); do kill -0 $0 2>/dev/null || exit 0; sleep 0.1; done; exit 1",
        ])
        .arg(pid.to_string())
        .spawn()
        .unwrap();
    assert!(
        waited.wait().unwrap().success(),
        "the server is still there"
    );
}

fn process_is_there(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}"))
        .try_exists()
        .unwrap()
}
