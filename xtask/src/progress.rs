//! What the console shows: steps with their time, and a bar with a forecast for the import.

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::time::{Duration, Instant};

/// Runs a step and says how long it took.
pub fn step<Result_>(
    title: &str,
    work: impl FnOnce() -> anyhow::Result<Result_>,
) -> anyhow::Result<Result_> {
    println!("\n== {title}");
    let begin = Instant::now();
    let result = work();
    let verdict = if result.is_ok() { "done" } else { "failed" };
    println!(
        "== {title}: {verdict} in {:.1} s",
        begin.elapsed().as_secs_f64()
    );
    result
}

/// A spinner for a step of unknown length.
pub fn spinner(message: &str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(message.to_owned());
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// A bar for the import.
pub fn import_bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let template = "importing {bar:40} {pos}/{len} partitions  {msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Moves the bar to what the integration says of itself.
pub fn show_import(bar: &ProgressBar, integration: &Value) {
    let progress = &integration["progress"];
    if let Some(total) = progress["partitionsTotal"].as_u64() {
        bar.set_length(total);
        bar.set_position(progress["partitionsDone"].as_u64().unwrap_or(0));
        let rows = progress["rowsImported"].as_u64().unwrap_or(0);
        let end = progress["estimatedEnd"]
            .as_str()
            .map(|end| format!(", ready about {end}"));
        bar.set_message(format!("{rows} rows{}", end.unwrap_or_default()));
    } else {
        bar.set_message(
            integration["status"]["state"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        );
    }
}
