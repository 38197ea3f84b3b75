//! What a person reads when something is wrong, and how much there is to read when nothing is.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests fail by panicking

mod support;

use support::{fail, simulator, sqlite};

#[test]
fn an_error_of_the_database_is_said_once_and_with_a_remedy_for_this_host() {
    let refused =
        fail(simulator("DRIVER={No Such Driver};Database=x").args(["init", "--days", "1"]));
    assert_eq!(refused.matches("the database:").count(), 1, "{refused}");
    assert!(refused.contains("on this host"), "{refused}");
    assert!(!refused.contains("link's server"), "{refused}");
    let cause = "not installed on this host";
    assert_eq!(refused.matches(cause).count(), 1, "{refused}");
}

#[test]
fn a_database_that_cannot_be_written_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    support::succeed(simulator(&connection).args(["init", "--days", "0"]));
    let file = folder.path().join("cms.sqlite");
    let read_only = format!("DRIVER=SQLite3;Database=file:{}?mode=ro", file.display());
    let refused = fail(simulator(&read_only).args(["init", "--days", "1", "--replace"]));
    assert!(
        refused.contains("make it writable") || refused.contains("rights"),
        "{refused}"
    );
}

#[test]
fn days_beyond_four_bytes_of_seconds_are_named_with_their_column() {
    let folder = tempfile::tempdir().unwrap();
    let connection = sqlite(folder.path());
    let refused = fail(simulator(&connection).args([
        "init",
        "--days",
        "1",
        "--skills",
        "1",
        "--until",
        "2045-01-02T00:00:00Z",
    ]));
    assert!(refused.contains("before 2038"), "{refused}");
    assert!(!refused.contains("column ."), "{refused}");
}

#[test]
fn bulk_rows_are_told_of_in_twentieths() {
    let folder = tempfile::tempdir().unwrap();
    let output = simulator(&sqlite(folder.path()))
        .args(["init", "--volume", "3000", "--days", "30"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    let lines = told.lines().filter(|line| line.contains("of 3000 rows"));
    assert!((2..=20).contains(&lines.count()), "{told}");
}

#[test]
fn every_option_has_a_help_text() {
    for command in ["init", "run", "truth"] {
        let output = simulator("").args([command, "--help"]).output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = help.lines().collect();
        for (at, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.trim_start().starts_with("--"))
        {
            let same_line = line
                .trim()
                .split("  ")
                .nth(1)
                .is_some_and(|text| !text.trim().starts_with('['));
            let next_line = lines.get(at + 1).is_some_and(|next| {
                let next = next.trim();
                !next.is_empty() && !next.starts_with('-') && !next.starts_with('[')
            });
            assert!(same_line || next_line, "{command}: {line}");
        }
    }
}
