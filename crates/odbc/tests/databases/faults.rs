//! Workers that are killed, servers that stop answering, parents that die.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use floorwire_odbc::{Cause, OdbcError, Supervisor, WorkerSettings};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::site::{
    Site, all_numbers, assert_no_secret, number_columns, query, read_all, read_error, settings,
    supervisor,
};

/// Enough rows that none of the queues on the way holds them all.
const MANY: i32 = 300_000;

fn signal(pid: u32, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(pid).unwrap()), signal).unwrap();
}

#[tokio::test]
async fn sqlite_worker_killed_in_mid_read() {
    worker_killed_in_mid_read(&Site::sqlite()).await;
}

#[tokio::test]
async fn postgres_worker_killed_in_mid_read() {
    worker_killed_in_mid_read(&Site::postgres()).await;
}

#[tokio::test]
async fn mariadb_worker_killed_in_mid_read() {
    worker_killed_in_mid_read(&Site::mariadb()).await;
}

async fn worker_killed_in_mid_read(site: &Site) {
    site.fill_numbers(MANY);
    let mut supervisor = supervisor();
    let connection = site.connection();
    for fault in [Signal::SIGKILL, Signal::SIGABRT, Signal::SIGSTOP] {
        let mut reader = supervisor.read(&connection, all_numbers()).await.unwrap();
        reader.next().await.unwrap().unwrap();
        let worker = worker_of_this_process();
        signal(worker, fault);
        let error = loop {
            match reader.next().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("a killed read came to an end"),
                Err(error) => break error,
            }
        };
        let as_expected = match fault {
            Signal::SIGSTOP => matches!(error, OdbcError::Stalled { .. }),
            _ => matches!(error, OdbcError::WorkerDied { .. }),
        };
        assert!(as_expected, "{fault}: {error:?}");
        assert!(reader.end().is_none());
        assert!(matches!(reader.next().await, Err(OdbcError::ReadOver)));
        drop(reader);
        assert!(!is_there(worker), "{fault}: the worker is still there");
        let (found, _) = read_all(&mut supervisor, &connection, all_numbers())
            .await
            .unwrap();
        assert_eq!(i32::try_from(found.rows).unwrap(), MANY, "after {fault}");
    }
}

#[tokio::test]
async fn postgres_backend_stopped_in_mid_read_is_a_stall() {
    let site = Site::postgres();
    site.fill_numbers(MANY);
    let mut supervisor = supervisor();
    let connection = site.connection();
    let mut reader = supervisor.read(&connection, all_numbers()).await.unwrap();
    reader.next().await.unwrap().unwrap();
    let Site::Postgres(server) = &site else {
        panic!("another kind")
    };
    let backend: u32 = server
        .sql(
            "cms",
            "SELECT pid FROM pg_stat_activity WHERE datname = 'cms' AND pid <> pg_backend_pid()",
        )
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    signal(backend, Signal::SIGSTOP);
    let started = Instant::now();
    let error = loop {
        match reader.next().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("a stopped read came to an end"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, OdbcError::Stalled { .. }), "{error:?}");
    let waited = started.elapsed();
    assert!(waited < Duration::from_secs(7), "noticed after {waited:?}");
    assert_no_secret(&error, server.password());
    drop(reader);
    signal(backend, Signal::SIGCONT);
    let (found, _) = read_all(&mut supervisor, &connection, all_numbers())
        .await
        .unwrap();
    assert_eq!(i32::try_from(found.rows).unwrap(), MANY);
}

#[tokio::test]
async fn mariadb_server_stopped_runs_into_the_statement_limit() {
    let site = Site::mariadb();
    site.fill_numbers(10);
    let mut supervisor = supervisor();
    let connection = site.connection();
    read_all(&mut supervisor, &connection, all_numbers())
        .await
        .unwrap();
    let Site::MariaDb(server) = &site else {
        panic!("another kind")
    };
    signal(server.pid(), Signal::SIGSTOP);
    let mut short = all_numbers();
    short.timeout_s = 2;
    let error = read_error(&mut supervisor, &connection, short).await;
    assert_eq!(error.cause(), Some(Cause::StatementTimeout), "{error:?}");
    signal(server.pid(), Signal::SIGCONT);
    let (found, _) = read_all(&mut supervisor, &connection, all_numbers())
        .await
        .unwrap();
    assert_eq!(found.rows, 10);
}

#[tokio::test]
async fn postgres_killed_and_started_again() {
    let mut site = Site::postgres();
    server_killed_and_started_again(&mut site).await;
}

#[tokio::test]
async fn mariadb_killed_and_started_again() {
    let mut site = Site::mariadb();
    server_killed_and_started_again(&mut site).await;
}

async fn server_killed_and_started_again(site: &mut Site) {
    site.fill_numbers(MANY);
    let mut supervisor = supervisor();
    let connection = site.connection();
    let mut reader = supervisor.read(&connection, all_numbers()).await.unwrap();
    reader.next().await.unwrap().unwrap();
    kill_server(site);
    let ended = loop {
        match reader.next().await {
            Ok(Some(_)) => {}
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    match (&*site, ended, reader.end()) {
        // Its driver had loaded the whole result before the first row.
        (Site::MariaDb(_), None, Some(end)) => assert_eq!(end.rows, MANY.unsigned_abs().into()),
        // Its driver crashes now and then when the server dies while it asks for the next rows of a cursor.
        (Site::Postgres(_), Some(OdbcError::WorkerDied { .. }), None) => {}
        (_, Some(error), None) => {
            assert_eq!(error.cause(), Some(Cause::ConnectionLost), "{error:?}")
        }
        (_, ended, end) => panic!("{ended:?} {end:?}"),
    }
    drop(reader);
    let gone = read_error(&mut supervisor, &connection, all_numbers()).await;
    assert_eq!(gone.cause(), Some(Cause::HostUnreachable), "{gone:?}");
    restart_server(site);
    let (found, _) = read_all(&mut supervisor, &connection, all_numbers())
        .await
        .unwrap();
    assert_eq!(i32::try_from(found.rows).unwrap(), MANY);
    // The connection that is kept turns out dead at its next use, and nobody notices.
    let worker = supervisor.worker_pid();
    kill_server(site);
    restart_server(site);
    let (found, _) = read_all(&mut supervisor, &connection, all_numbers())
        .await
        .unwrap();
    assert_eq!(i32::try_from(found.rows).unwrap(), MANY);
    assert_eq!(supervisor.worker_pid(), worker);
}

fn kill_server(site: &mut Site) {
    match site {
        Site::Postgres(server) => server.kill().unwrap(),
        Site::MariaDb(server) => server.kill().unwrap(),
        Site::Sqlite(_) => {}
    }
}

fn restart_server(site: &mut Site) {
    match site {
        Site::Postgres(server) => server.restart().unwrap(),
        Site::MariaDb(server) => server.restart().unwrap(),
        Site::Sqlite(_) => {}
    }
}

#[tokio::test]
async fn a_program_that_is_no_worker_is_refused_with_growing_pauses() {
    for (program, arguments) in [
        ("/nonexistent/worker", vec![]),
        ("/bin/true", vec![]),
        (
            "/bin/sh",
            vec!["-c".into(), "echo hello; echo cannot load >&2; cat".into()],
        ),
    ] {
        let mut supervisor = Supervisor::new(WorkerSettings {
            program: program.into(),
            arguments,
            ..settings()
        });
        let started = Instant::now();
        for _ in 0..3 {
            let error = supervisor.registered().await.unwrap_err();
            assert!(
                matches!(
                    error,
                    OdbcError::WorkerStart(_)
                        | OdbcError::WorkerDied { .. }
                        | OdbcError::Protocol(_)
                ),
                "{program}: {error:?}"
            );
        }
        // 50 ms after the first failure, 100 ms after the second.
        assert!(started.elapsed() >= Duration::from_millis(150), "{program}");
    }
}

#[tokio::test]
async fn the_connection_string_is_neither_argument_nor_environment() {
    let site = Site::postgres();
    site.fill_numbers(10);
    let mut supervisor = supervisor();
    read_all(&mut supervisor, &site.connection(), all_numbers())
        .await
        .unwrap();
    let Site::Postgres(server) = &site else {
        panic!("another kind")
    };
    let worker = supervisor.worker_pid().unwrap();
    for file in ["cmdline", "environ"] {
        let text = std::fs::read(format!("/proc/{worker}/{file}")).unwrap();
        assert!(
            !String::from_utf8_lossy(&text).contains(server.password()),
            "{file}"
        );
    }
}

/// Runs only as the child of the next test: reads for ever, says who its worker is.
#[tokio::test]
#[ignore = "started by a_worker_dies_with_its_parent"]
async fn parent_that_gets_killed() {
    let site = Site::sqlite();
    let mut supervisor = supervisor();
    supervisor.registered().await.unwrap();
    println!("\nworker {}", supervisor.worker_pid().unwrap());
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
                   SELECT x, x, x FROM c WHERE x < 0";
    let mut forever = query(endless, number_columns());
    forever.timeout_s = 600;
    let _ = read_all(&mut supervisor, &site.connection(), forever).await;
}

#[test]
fn a_worker_dies_with_its_parent() {
    // The killed parent cannot tidy up; this folder is removed here.
    let folder = tempfile::tempdir().unwrap();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .env("TMPDIR", folder.path())
        .args([
            "--exact",
            "faults::parent_that_gets_killed",
            "--ignored",
            "--nocapture",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let worker: u32 = BufReader::new(parent.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("worker ")?.parse().ok())
        .unwrap();
    // Give it a moment to be deep in the driver.
    assert!(wait_shell(worker, 10).is_err());
    parent.kill().unwrap();
    parent.wait().unwrap();
    wait_shell(worker, 50).unwrap();
}

/// Waits up to so many tenths of a second for a process that is not ours to be gone.
fn wait_shell(pid: u32, tenths: u32) -> Result<(), ()> {
    let script = "i=0; while [ $i -lt $1 ]; do kill -0 $0 2>/dev/null || exit 0; \
                  i=$((i+1)); sleep 0.1; done; exit 1";
    let status = Command::new("sh")
        .args(["-c", script, &pid.to_string(), &tenths.to_string()])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    if status.success() { Ok(()) } else { Err(()) }
}

/// The worker among the children of this process: the one that runs the example.
fn worker_of_this_process() -> u32 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_whitespace()
                .map(|child| child.parse::<u32>().unwrap())
                .collect::<Vec<u32>>()
        })
        .find(|child| {
            std::fs::read_to_string(format!("/proc/{child}/comm"))
                .is_ok_and(|name| name.trim() == "worker")
        })
        .unwrap()
}

fn is_there(pid: u32) -> bool {
    std::path::Path::new(&format!("/proc/{pid}"))
        .try_exists()
        .unwrap()
}
