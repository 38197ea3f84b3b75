//! The program as an operator starts it.
#![allow(clippy::unwrap_used)] // a helper that fails fails its test

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

fn program(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_floorwire-hub"));
    command.env_clear().env("FLOORWIRE_DATA_DIR", data_dir);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn output(command: &mut Command, input: &str) -> Output {
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

const ADD: [&str; 6] = [
    "user",
    "add",
    "--account",
    "Demo",
    "--email",
    "owner@demo.example",
];
const TOKEN: [&str; 8] = [
    "token",
    "create",
    "--account",
    "Demo",
    "--email",
    "owner@demo.example",
    "--name",
    "test",
];

#[test]
fn users_and_tokens_are_made_before_the_first_start() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let early = output(program(&data_dir).args(TOKEN), "");
    assert_eq!(early.status.code(), Some(1));
    let text = String::from_utf8(early.stderr).unwrap();
    assert!(
        text.contains("there is no account `Demo`; `user add` creates it"),
        "{text}"
    );
    let short = output(
        program(&data_dir).args(ADD).arg("--password-stdin"),
        "short\n",
    );
    assert_eq!(short.status.code(), Some(1));
    let made = output(program(&data_dir).args(ADD), "");
    let text = String::from_utf8(made.stdout).unwrap();
    assert!(
        text.starts_with("password of owner@demo.example (shown once): "),
        "{text}"
    );
    let again = output(program(&data_dir).args(ADD), "");
    assert!(
        String::from_utf8(again.stderr)
            .unwrap()
            .contains("already has a user")
    );
    let token = output(program(&data_dir).args(TOKEN), "");
    let text = String::from_utf8(token.stdout).unwrap();
    assert!(
        text.starts_with("fwp_1_") && text.lines().count() == 1,
        "{text}"
    );
    let wrong = output(program(&data_dir).args(TOKEN).args(["--scope", "more"]), "");
    assert_eq!(wrong.status.code(), Some(2));
}

/// Ends the program when a test fails half way.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

#[test]
fn the_hub_says_where_it_listens_and_ends_on_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(&folder.path().join("data"));
    command.args(["serve", "--listen", "127.0.0.1:0"]);
    let mut running = Running(command.spawn().unwrap());
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let prefix = "floorwire-hub listens on http://127.0.0.1:";
    assert!(line.starts_with(prefix), "{line}");
    let url = line
        .trim_start_matches("floorwire-hub listens on ")
        .trim()
        .to_owned();
    let mut setup = String::new();
    out.read_line(&mut setup).unwrap();
    let link = setup
        .trim()
        .strip_prefix("set this hub up (once, within 24 hours): ")
        .unwrap();
    let token = link.strip_prefix(&format!("{url}setup/")).unwrap();
    assert!(token.starts_with("fwo_0_"), "{setup}");
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").arg(&pid).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
    let mut log = String::new();
    std::io::Read::read_to_string(&mut running.0.stderr.take().unwrap(), &mut log).unwrap();
    assert!(
        log.contains("nobody can sign in yet; open the set-up link"),
        "{log}"
    );
    assert!(!log.contains(token), "the link is for the console alone");
    assert!(log.contains("hub has ended"), "{log}");
}

#[test]
fn wrong_starts_are_explained_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let refused = [
        (
            vec!["serve", "--nats-url", "nats://127.0.0.1"],
            "one node only",
        ),
        (
            vec!["serve", "--tls-cert", "cert.pem"],
            "tls-key must be given",
        ),
        (
            vec!["serve", "--database-url", "mysql://a:h7nter2@host/db"],
            "database address is not usable",
        ),
        (
            vec!["serve", "--public-url", "ftp://host"],
            "must begin with https://",
        ),
    ];
    for (arguments, expected) in refused {
        let ended = output(program(&folder.path().join("data")).args(&arguments), "");
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        let text =
            String::from_utf8(ended.stderr).unwrap() + &String::from_utf8_lossy(&ended.stdout);
        assert!(text.contains(expected), "{arguments:?}: {text}");
        assert!(!text.contains("h7nter2"), "{text}");
    }
}
