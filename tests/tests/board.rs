//! From the CMS's socket to the interface: what it says of agents now is what they do, also after Link and Hub were killed.
//!
//! The simulator sends a feed each second; at some moments the answer of `/live/agents` is kept and later held against the
//! event log. A machine may be slow, so a status counts as right that the agent had within the seconds before.
#![allow(clippy::expect_used)] // a test may end by panic

use anyhow::{Context, ensure};
use floorwire_sim_truth::LiveSpan;
use floorwire_tests::cms::{CmsDatabase, Simulator};
use floorwire_tests::feeds::working_zone;
use floorwire_tests::feeds_compare::spans_of;
use floorwire_tests::hub::HubStore;
use floorwire_tests::site::Site;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::time::{Duration, Instant};

const LAYOUT: &str = "rta-codes-delimited";
const LIMIT: Duration = Duration::from_secs(120);
/// How late an answer may be, seconds: a period, and a busy machine.
const LATE_S: i64 = 6;

/// An answer of the interface, and when it was given, Unix seconds.
struct Seen {
    at_utc_s: i64,
    agents: Vec<Value>,
}

#[derive(Clone, Copy, Debug)]
enum Victim {
    Link,
    Hub,
}

#[tokio::test]
async fn over_sqlite() -> anyhow::Result<()> {
    agents_now(HubStore::Sqlite).await
}

#[tokio::test]
async fn over_postgresql() -> anyhow::Result<()> {
    agents_now(HubStore::named("postgresql")?).await
}

async fn agents_now(store: HubStore) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::sqlite(folder.path());
    let zone = working_zone();
    let size = ["--days", "1", "--skills", "4", "--agents", "60"];
    let arguments: Vec<&str> = size
        .into_iter()
        .chain(["--zone", &zone, "--until", "now"])
        .collect();
    Simulator::new(&database, folder.path()).init(&arguments)?;
    let mut site = Site::start(folder.path(), database, store).await?;
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    site.configure_with(json!({
        "zone": zone,
        "agentScope": {"kind": "all"},
        "businessHours": {"useLearned": false},
        "realtime": {
            "enabled": true,
            "feeds": [{"port": port, "bind": "127.0.0.1", "acd": 1, "profile": LAYOUT}],
        },
    }))
    .await?;
    let feed = format!("acd=1,to=127.0.0.1:{port},layout={LAYOUT},period=1");
    let run = site.simulator.run(&["--feed", &feed])?;

    let mut seen = vec![known(&site, Timestamp::now()).await?];
    for victim in [Victim::Link, Victim::Hub, Victim::Link] {
        match victim {
            Victim::Link => {
                site.link.kill()?;
                site.link.restart()?;
            }
            Victim::Hub => {
                site.hub.kill()?;
                site.hub.restart().await?;
            }
        }
        let again = known(&site, Timestamp::now()).await;
        seen.push(again.with_context(|| format!("after {victim:?} was killed"))?);
    }
    let doubled = twice(&site).await?;
    let spans = spans_of(&truth_through(&site, Timestamp::now()).await?)?;
    run.end()?;
    site.end()?;
    let mut wrong = doubled;
    for seen in &seen {
        wrong.extend(seen.differences(&spans));
    }
    assert!(
        wrong.is_empty(),
        "{} faults: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(12)]
    );
    Ok(())
}

/// Waits until the event log, which is written later than the feed, says what happened until an instant.
async fn truth_through(site: &Site, until: Timestamp) -> anyhow::Result<Value> {
    let begin = Instant::now();
    loop {
        let truth = site.simulator.live_truth()?;
        let through = truth["throughUtc"].as_i64();
        if through.context("the truth has no end")? > until.as_second() {
            return Ok(truth);
        }
        ensure!(begin.elapsed() < LIMIT, "the event log ends at {through:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until the feed has told everybody's status after an instant.
async fn known(site: &Site, after: Timestamp) -> anyhow::Result<Seen> {
    let begin = Instant::now();
    let address = format!("/live/agents?integration={}&limit=500", site.integration);
    loop {
        let answer = site.api.get(&address).await?;
        let at_utc_s = Timestamp::now().as_second();
        let agents = answer["items"].as_array().context("no list of agents")?;
        let is_known = |agent: &Value| agent["unknownCause"].is_null();
        let feed = &answer["feeds"][0];
        let confirmed = feed["confirmedAt"].as_str().map(str::parse::<Timestamp>);
        let receives = feed["state"] == "receiving" && confirmed.transpose()? > Some(after);
        if receives && agents.len() > 10 && agents.iter().all(is_known) {
            return Ok(Seen {
                at_utc_s,
                agents: agents.clone(),
            });
        }
        ensure!(begin.elapsed() < LIMIT, "nobody is known: {answer}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Agents whose timeline says two things of one moment.
async fn twice(site: &Site) -> anyhow::Result<Vec<String>> {
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let (from, to) = (today.yesterday()?, today.tomorrow()?.tomorrow()?);
    let mut lines = Vec::new();
    for agent in site
        .api
        .all(&format!(
            "/agents?integration={}&limit=500",
            site.integration
        ))
        .await?
    {
        let id = &agent["id"];
        let answer = site
            .api
            .get(&format!("/agents/{id}/statuses?from={from}&to={to}"))
            .await?;
        let statuses = answer["statuses"].as_array().context("no statuses")?;
        let fed = statuses.iter().filter(|status| status["source"] == "feed");
        let mut end = String::new();
        for status in fed {
            let start = status["start"].as_str().unwrap_or_default();
            if start < end.as_str() {
                lines.push(format!(
                    "agent {}: {status} begins before {end}",
                    agent["login"]
                ));
            }
            end = status["end"].as_str().unwrap_or_default().to_owned();
        }
    }
    Ok(lines)
}

impl Seen {
    /// What no agent did within the seconds before, and who should be there and is not.
    fn differences(&self, spans: &[LiveSpan]) -> Vec<String> {
        let (from, to) = (self.at_utc_s - LATE_S, self.at_utc_s + 1);
        let mut lines = Vec::new();
        for agent in &self.agents {
            let login: u32 = agent["login"]
                .as_str()
                .and_then(|login| login.parse().ok())
                .unwrap_or(0);
            let own: Vec<&LiveSpan> = spans
                .iter()
                .filter(|span| span.login == login && span.start_utc < to && span.end_utc > from)
                .collect();
            let state = agent["state"].as_str().unwrap_or_default();
            let absent = own
                .iter()
                .map(|span| span.end_utc - span.start_utc.max(from))
                .sum::<i64>()
                < to - from;
            let right = match state {
                "unstaffed" => absent,
                state => own.iter().any(|span| state_of(span.code) == state),
            };
            if !right {
                lines.push(format!(
                    "{login} is `{state}` at {}; did {own:?}",
                    self.at_utc_s
                ));
            }
        }
        let throughout = spans
            .iter()
            .filter(|span| span.start_utc <= from && span.end_utc >= to);
        for span in throughout {
            let login = span.login.to_string();
            if !self
                .agents
                .iter()
                .any(|agent| agent["login"] == login.as_str())
            {
                lines.push(format!("{login} is missing at {}", self.at_utc_s));
            }
        }
        lines
    }
}

/// The interface's word for a two-digit code.
fn state_of(code: u16) -> &'static str {
    match code {
        20 => "available",
        30..=32 => "acd",
        40..=42 => "afterCall",
        50..=52 | 600 => "aux",
        60..=62 => "directAcd",
        70..=72 => "directAfterCall",
        80 => "ringing",
        _ => "other",
    }
}
