//! `cargo xtask soak`: what the test command samples, in full. Every pairing of three CMS databases and two Hub stores gets
//! every golden night, the pauses, ten random histories, and timelines of 200 agents over 14 days in all 24 ways of writing a
//! trace (spread over the pairings). Every layout of a real-time feed gets 1,000 agents over two hours with each of its faults,
//! and a hundred over two minutes through real sockets. Each round takes new seeds; a table says what was tried with which
//! seed, so that a failure can be had again with `--seed`.
//!
//! Bounded: nothing is begun after `--minutes`; what was begun is finished. `--case` takes the cases whose name has the text,
//! in one round.

use crate::progress::step;
use crate::{build, install};
use anyhow::{Context, bail};
use floorwire_tests::feeds::{self, Show};
use floorwire_tests::histories::lived;
use floorwire_tests::nights::{self, Night};
use floorwire_tests::pauses::pauses;
use floorwire_tests::timelines::{self, Variant};
use std::time::{Duration, Instant};

const DATABASES: [&str; 3] = ["sqlite", "postgresql", "mariadb"];
const STORES: [&str; 2] = ["sqlite", "postgresql"];
const AGENTS: u32 = 200;
const DAYS: u32 = 14;
/// Random histories of a round on each pairing.
const HISTORIES: usize = 10;
/// Agents, minutes and seconds between refreshes of played feeds.
const FEEDS: (u32, i64, i64) = (1_000, 120, 15);
/// So many differences of a case are shown.
const SHOWN: usize = 5;

type Pairing = (&'static str, &'static str);

/// What is tried.
enum Case {
    Night(Night),
    Pauses,
    History,
    Timeline(Variant),
    Feeds(Show),
    FeedSockets,
}

impl Case {
    fn name(&self) -> String {
        match self {
            Self::Night(night) => {
                let marks = [
                    (night.starttime_utc, "utc"),
                    (night.agents_in_utc, "agents in utc"),
                    (night.manual_steps, "set by hand"),
                ];
                let marks = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark);
                let marks: Vec<&str> = marks.collect();
                let change = night.change;
                format!(
                    "night: {} {} ({})",
                    change.zone,
                    change.first_day,
                    marks.join(", ")
                )
            }
            Self::Pauses => "pauses of 10 minutes, 30 hours, 10 days".to_owned(),
            Self::History => "random history".to_owned(),
            Self::Timeline(variant) => format!("timeline: {variant}"),
            Self::Feeds(show) => format!("feeds: {show}"),
            Self::FeedSockets => "feed sockets: all layouts, two minutes".to_owned(),
        }
    }

    /// What was compared, and what differs.
    async fn run(&self, seed: u64, pairing: Pairing) -> anyhow::Result<(String, Vec<String>)> {
        match self {
            Self::Night(night) => {
                let night = Night { seed, ..*night };
                let found = nights::imported(&night, pairing).await?;
                let mut differences = found.differences;
                let quarter_hours = [96, night.change.quarter_hours, 96];
                if found.days.quarter_hours != quarter_hours {
                    let days = found.days.quarter_hours;
                    differences.push(format!("{days:?} quarter hours, not {quarter_hours:?}"));
                }
                let what = format!("{} intervals, {:?} of agents", found.queues.1, found.agents);
                Ok((what, differences))
            }
            Self::Pauses => Ok((String::new(), pauses(seed, pairing).await?)),
            Self::History => {
                let found = lived(seed, pairing).await?;
                let what = format!("{:?} compared, {} steps", found.counts, found.steps.len());
                Ok((what, found.differences))
            }
            Self::Timeline(variant) => {
                let size = (AGENTS, DAYS, seed);
                let found = timelines::imported(*variant, size, pairing).await?;
                let [slots, spans, sessions] = found.counts;
                let what = format!("{slots} slots, {spans} spans, {sessions} sessions");
                Ok((what, found.differences))
            }
            Self::Feeds(show) => {
                let show = Show {
                    seed,
                    ..show.clone()
                };
                let (mut what, mut differences) = (String::new(), Vec::new());
                for (layout, found) in feeds::played(&show)? {
                    what.push_str(&format!("\n         {layout:<20} {found}"));
                    let of_layout = found.differences.into_iter();
                    differences.extend(of_layout.map(|line| format!("{layout}: {line}")));
                }
                Ok((what, differences))
            }
            Self::FeedSockets => {
                let mut tests = std::process::Command::new(env!("CARGO"));
                tests.args(["test", "--workspace", "--test", "feed", "simulated"]);
                let output = tests.env("FLOORWIRE_FEED_SECONDS", "120").output()?;
                let text = String::from_utf8_lossy(&output.stdout);
                let differences = match output.status.success() {
                    true => Vec::new(),
                    false => text.lines().map(str::to_owned).collect(),
                };
                Ok((String::new(), differences))
            }
        }
    }
}

/// All cases of one round: the small ones on every pairing, each way of writing a trace on one.
fn round() -> Vec<(Case, Pairing)> {
    let pairings = || {
        DATABASES
            .into_iter()
            .flat_map(|cms| STORES.map(|store| (cms, store)))
    };
    let mut cases = Vec::new();
    for pairing in pairings() {
        cases.push((Case::Pauses, pairing));
        cases.extend((0..HISTORIES).map(|_| (Case::History, pairing)));
        cases.extend(
            nights::all()
                .into_iter()
                .map(|night| (Case::Night(night), pairing)),
        );
    }
    let (agents, minutes, period_s) = FEEDS;
    let nowhere = ("none", "none");
    let shows = feeds::faults(minutes * 60, period_s)
        .into_iter()
        .map(|fault| Show {
            agents,
            minutes,
            period_s,
            fault,
            seed: 0,
        });
    cases.extend(shows.map(|show| (Case::Feeds(show), nowhere)));
    cases.push((Case::FeedSockets, nowhere));
    let timelines = Variant::all().into_iter().map(Case::Timeline);
    let mut large: Vec<(Case, Pairing)> = timelines.zip(pairings().cycle()).collect();
    // Large and small by turns, so that a short soak has some of both.
    let step = cases.len() / large.len().max(1) + 1;
    let mut mixed = Vec::new();
    for (index, case) in cases.into_iter().enumerate() {
        if index % step == 0 {
            mixed.extend(large.pop());
        }
        mixed.push(case);
    }
    mixed.extend(large);
    mixed
}

/// Runs rounds until the time is over, or one round of the cases that are asked for.
pub fn run(minutes: u64, seed: u64, wanted: Option<&str>) -> anyhow::Result<()> {
    install::packages(install::FOR_DEMO)?;
    install::packages(install::FOR_SERVERS)?;
    step("web application", build::web)?;
    step("programs (hub, link, simulator)", || build::programs(false))?;
    let limit = Duration::from_secs(minutes * 60);
    let begin = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (mut tried, mut failed) = (0, Vec::new());
    println!("\nseconds  CMS         hub store   seed    differences  what");
    'rounds: for number in 0.. {
        for (index, (case, pairing)) in round().into_iter().enumerate() {
            if begin.elapsed() > limit {
                break 'rounds;
            }
            if wanted.is_some_and(|wanted| !case.name().contains(wanted)) {
                continue;
            }
            // The same seed for the same case, wherever a soak was cut short.
            let seed = seed + number * 1_000 + u64::try_from(index)?;
            let begun = Instant::now();
            let (what, differences) = runtime
                .block_on(case.run(seed, pairing))
                .with_context(|| format!("{}, seed {seed}, {pairing:?}", case.name()))?;
            tried += 1;
            println!(
                "{:>7.1}  {:<10}  {:<10}  {seed:<6}  {:>11}  {}  {what}",
                begun.elapsed().as_secs_f64(),
                pairing.0,
                pairing.1,
                differences.len(),
                case.name(),
            );
            if !differences.is_empty() {
                for line in differences.iter().take(SHOWN) {
                    println!("         {line}");
                }
                failed.push(format!("{}, seed {seed}, {pairing:?}", case.name()));
            }
        }
        if wanted.is_some() {
            break;
        }
    }
    println!("\n{tried} cases, {} with differences.", failed.len());
    if !failed.is_empty() {
        bail!("differences in:\n{}", failed.join("\n"));
    }
    Ok(())
}
