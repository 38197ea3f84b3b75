//! Sends what the OpenAPI document allows, and much that it does not, to every operation, and looks for server errors.
//!
//! The program `schemathesis` (PyPI) makes the requests, from a fixed seed. `FLOORWIRE_SCHEMATHESIS` names it; `cargo xtask test`
//! installs it into a virtual environment below `target/` and sets the variable.

use crate::app::TestApp;
use crate::queues::filled;
use floorwire_hub::auth::role::{Role, Scope};
use std::process::Stdio;
use tokio::process::Command;

/// Requests made up per operation and phase.
const EXAMPLES: &str = "15";

/// Runs it and shows what it did; fails on a server error.
#[allow(clippy::print_stdout)]
async fn run(app: &TestApp, seconds: &str, arguments: &[&str]) {
    let program = std::env::var("FLOORWIRE_SCHEMATHESIS").unwrap();
    let done = Command::new(program)
        .args(["run", &app.url("/api/v1/openapi.json")])
        .args(["--url", &app.url("")])
        .args(["--checks", "not_a_server_error"])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", EXAMPLES])
        .args([
            "--seed",
            "20261122",
            "--request-timeout",
            "20",
            "--no-color",
        ])
        .args(["--generation-with-security-parameters", "false"])
        .args(["--generation-database", "none", "--max-time", seconds])
        .args(arguments)
        .current_dir(app.folder.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(
        done.status.success(),
        "{text}\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
    println!("{text}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the program schemathesis: `cargo xtask test` installs it"]
async fn no_request_meets_a_server_error() {
    let app = TestApp::start().await;
    filled(&app).await;
    let token = app.token("A", Role::Owner, Scope::All).await;
    // before made-up sign-ins use up what the throttle leaves
    let browser = app.browser("A", Role::Owner).await;
    let bearer = format!("Authorization: Bearer {token}");
    // a stream does not end
    let stream = "/api/v1/integrations/stream";
    run(&app, "75", &["--header", &bearer, "--exclude-path", stream]).await;
    // what an access token may not; ending sessions comes last, since it finds its own
    let (cookie, origin) = (
        format!("Cookie: {}", browser.cookie),
        format!("Origin: {}", app.url("")),
    );
    let headers = ["--header", &cookie, "--header", &origin];
    let path = ["--include-path-regex", "^/api/v1/me/"];
    let ending = ["--exclude-operation-id", "end_session"];
    run(&app, "30", &[&headers[..], &path, &ending].concat()).await;
    browser.get("/session").await.is_ok();
    let only = ["--include-operation-id", "end_session"];
    run(&app, "10", &[&headers[..], &only].concat()).await;
}
