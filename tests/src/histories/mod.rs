//! Random histories: a small site whose rows are late, wrong, swapped, gone and mended, while time passes, periods are read
//! again, the import pauses, settings change and come back, and programs are killed.
//!
//! Everything follows from a seed, except where programs are when they die. In the end, when everything is mended and was
//! read again, the Hub must hold the event log and what a fresh import gives, nothing twice; reading it all once more must
//! write nothing; and the journal must lead, entry by entry, to the figures that are shown, and name nothing that was not
//! touched.

mod changes;
mod checks;
mod plan;

use crate::cms::{CmsDatabase, Simulator};
use crate::dump;
use crate::hub::HubStore;
use crate::pauses::fresh_import;
use crate::site::Site;
use anyhow::{Context, ensure};
use changes::Change;
use jiff::{Timestamp, ToSpan};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use plan::{Plan, Touched};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long anything that is waited for may take.
const LIMIT: Duration = Duration::from_secs(240);
/// Steps of a history.
const STEPS: usize = 20;
/// What a person can ask to be read again.
const STREAMS: [&str; 6] = [
    "queue_intervals",
    "agent_intervals",
    "agent_sessions",
    "agent_statuses",
    "queue_days",
    "agent_days",
];
/// Settings of another kind, and as they were.
const OTHER_SETTINGS: [(&str, &str); 3] = [
    (
        r#"{"offeredDefinition": "i_arrived"}"#,
        r#"{"offeredDefinition": "acdcalls+abncalls"}"#,
    ),
    (
        r#"{"agentScope": {"kind": "off"}}"#,
        r#"{"agentScope": {"kind": "all"}}"#,
    ),
    (r#"{"zone": "Asia/Tokyo"}"#, r#"{"zone": "ZONE"}"#),
];

/// What became of a history.
#[derive(Debug)]
pub struct Lived {
    /// What happened, one line each.
    pub steps: Vec<String>,
    /// Queue intervals, then slots of agents, spans, sessions that were compared, then entries of the journal.
    pub counts: [usize; 5],
    /// What is wrong, one line each.
    pub differences: Vec<String>,
}

/// Lives through the history of a seed.
pub async fn lived(seed: u64, (database, store): (&str, &str)) -> anyhow::Result<Lived> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let plan = Plan::random(seed, &mut random)?;
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::named(database, folder.path())?;
    let file = folder.path().join("history.toml");
    std::fs::write(&file, &plan.scenario)?;
    let simulator = Simulator::new(&database, folder.path());
    simulator.init(&["--scenario", &file.display().to_string()])?;
    let now = plan.begin()?;
    simulator.go_on_until(now)?;
    let hub_store = HubStore::named(store)?;
    let site = Site::start_at(folder.path(), database, hub_store, now).await?;
    site.configure_with(plan.settings()).await?;
    let place = format!(
        "{} acd in {}, intervals of {} min, starttime_utc {}, agents in utc {}, from {}",
        plan.acds, plan.zone, plan.minutes, plan.starttime_utc, plan.agents_in_utc, plan.first_day
    );
    let mut history = History {
        touched: plan.touched.clone(),
        steps: vec![place],
        plan,
        random,
        site,
        now,
        changes: Vec::new(),
        changed: 0,
        is_paused: false,
        settings_back: None,
        settings_changed: false,
    };
    for _ in 0..STEPS {
        history.step().await?;
    }
    let lived = history.end(store).await;
    lived.with_context(|| format!("history of seed {seed}"))
}

/// A history on its way.
struct History {
    plan: Plan,
    random: ChaCha8Rng,
    site: Site,
    now: Timestamp,
    steps: Vec<String>,
    changes: Vec<Change>,
    changed: usize,
    touched: Vec<Touched>,
    is_paused: bool,
    settings_back: Option<Value>,
    settings_changed: bool,
}

impl History {
    async fn step(&mut self) -> anyhow::Result<()> {
        match self.random.random_range(0..20) {
            0..=3 => self.change().await,
            4 => self.heal().await,
            5..=8 => self.time_passes().await,
            9..=11 => self.read_again().await,
            12..=13 => self.kill().await,
            14 => self.pause_or_resume().await,
            15 => self.other_settings().await,
            16 => self.preview().await,
            _ => self.settle().await,
        }
        .with_context(|| format!("after {:#?}", self.steps))
    }

    fn note(&mut self, step: impl Into<String>) {
        self.steps.push(format!("{} {}", self.now, step.into()));
    }

    fn path(&self, rest: &str) -> String {
        format!("/integrations/{}{rest}", self.site.integration)
    }

    async fn change(&mut self) -> anyhow::Result<()> {
        self.changed += 1;
        let Some(change) = Change::random(&self.plan, self.changed, &mut self.random)? else {
            return Ok(());
        };
        self.note(format!("changed: {}", change.what));
        self.site.database.sql(&change.make).await?;
        self.touched.extend(change.touched);
        self.changes.push(change);
        Ok(())
    }

    /// The last change first, since a later one may have kept rows that an earlier one changed.
    async fn heal(&mut self) -> anyhow::Result<()> {
        let Some(change) = self.changes.pop() else {
            return Ok(());
        };
        self.note(format!("mended: {}", change.what));
        self.site.database.sql(&change.heal).await
    }

    /// Minutes or hours pass, with a Hub that is ended or killed meanwhile.
    async fn time_passes(&mut self) -> anyhow::Result<()> {
        let minutes = [15, 60, 180, 300, 420].choose(&mut self.random);
        let later = self
            .now
            .checked_add(minutes.copied().unwrap_or(30).minutes())?;
        let later = later.min(self.plan.end()?.checked_sub(6.hours())?);
        if later <= self.now {
            return Ok(());
        }
        self.go_to(later).await
    }

    async fn go_to(&mut self, later: Timestamp) -> anyhow::Result<()> {
        self.now = later;
        self.note("it is later");
        self.site.simulator.go_on_until(later)?;
        self.site.hub.restart_at(later).await
    }

    fn random_period(&mut self) -> anyhow::Result<(jiff::civil::Date, jiff::civil::Date)> {
        let days = self.plan.history_days + self.plan.live_days;
        let from = self.random.random_range(-1..days);
        let to = self.random.random_range(from + 1..=days + 1);
        let day = |days: i64| self.plan.first_day.checked_add(days.days());
        Ok((day(from)?, day(to)?))
    }

    /// Where the source is not known yet, or has no such stream, nothing is asked for.
    async fn ask(
        &mut self,
        stream: &str,
        (from, to): (jiff::civil::Date, jiff::civil::Date),
        preview: bool,
    ) -> anyhow::Result<bool> {
        let body = json!({"stream": stream, "from": from.to_string(), "to": to.to_string(), "preview": preview});
        match self.site.api.post(&self.path("/reimport"), &body).await {
            Ok(_) => Ok(true),
            Err(error) if error.to_string().contains("not-examined") => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn read_again(&mut self) -> anyhow::Result<()> {
        let stream = STREAMS
            .choose(&mut self.random)
            .copied()
            .unwrap_or(STREAMS[0]);
        let period = self.random_period()?;
        self.note(format!("{stream} from {} to {} again", period.0, period.1));
        // Streams of agents are none while nobody is in scope.
        if self.settings_back.is_some() && stream.starts_with("agent") {
            return Ok(());
        }
        self.ask(stream, period, false).await.map(drop)
    }

    async fn preview(&mut self) -> anyhow::Result<()> {
        let period = self.random_period()?;
        self.note(format!("preview from {} to {}", period.0, period.1));
        self.ask("queue_intervals", period, true).await.map(drop)
    }

    async fn kill(&mut self) -> anyhow::Result<()> {
        let wait = self.random.random_range(0..400);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        match self.random.random_range(0..3) {
            0 => {
                self.note("the hub dies");
                self.site.hub.kill()?;
                self.site.hub.restart().await
            }
            1 => {
                self.note("the link dies");
                self.site.link.kill()?;
                self.site.link.restart()
            }
            _ => {
                let worker = self.site.link.worker_pid()?;
                self.note(format!("the worker dies ({})", worker.is_some()));
                if let Some(pid) = worker {
                    // It may just have ended by itself.
                    let _ = kill(Pid::from_raw(i32::try_from(pid)?), Signal::SIGKILL);
                }
                Ok(())
            }
        }
    }

    async fn pause_or_resume(&mut self) -> anyhow::Result<()> {
        let what = if self.is_paused { "resume" } else { "pause" };
        self.note(what);
        let path = self.path(&format!("/{what}"));
        self.site.api.post(&path, &json!({})).await?;
        self.is_paused = !self.is_paused;
        Ok(())
    }

    async fn other_settings(&mut self) -> anyhow::Result<()> {
        let change = match self.settings_back.take() {
            Some(back) => back,
            None => {
                let (other, back) = OTHER_SETTINGS
                    .choose(&mut self.random)
                    .copied()
                    .unwrap_or(OTHER_SETTINGS[0]);
                let back = back.replace("ZONE", self.plan.zone);
                self.settings_back = Some(serde_json::from_str(&back)?);
                self.settings_changed = true;
                serde_json::from_str(other)?
            }
        };
        self.note(format!("settings: {change}"));
        let change = json!({"configuration": change});
        self.site.api.patch(&self.path(""), &change).await.map(drop)
    }

    /// Everything comes to rest; what was changed in the tables stays changed.
    async fn settle(&mut self) -> anyhow::Result<()> {
        if self.settings_back.is_some() {
            self.other_settings().await?;
        }
        if self.is_paused {
            self.pause_or_resume().await?;
        }
        self.note("everything settles");
        self.caught_up().await
    }

    async fn caught_up(&mut self) -> anyhow::Result<()> {
        let now = self.now;
        self.site
            .wait_until(LIMIT, |shown| {
                let at = shown["lastImportAt"].as_str();
                let at = at.and_then(|at| at.parse::<Timestamp>().ok());
                shown["status"]["state"] == "operational" && at.is_some_and(|at| at >= now)
            })
            .await?;
        checks::nothing_open(&self.site, LIMIT).await
    }

    async fn everything_again(&mut self) -> anyhow::Result<()> {
        let day = |days: i64| self.plan.first_day.checked_add(days.days());
        let days = self.plan.history_days + self.plan.live_days;
        let period = (day(-1)?, day(days + 1)?);
        for stream in STREAMS {
            ensure!(
                self.ask(stream, period, false).await?,
                "the source is not known"
            );
        }
        self.note("everything is read again");
        checks::nothing_open(&self.site, LIMIT).await?;
        let site = &mut self.site;
        site.wait_for("operational", LIMIT, |_| {}).await?;
        checks::nothing_open(&self.site, LIMIT).await
    }

    async fn end(mut self, store: &str) -> anyhow::Result<Lived> {
        let steps = self.steps.clone();
        self.come_to_the_end()
            .await
            .with_context(|| format!("after {steps:#?}"))?;
        self.everything_again().await?;
        self.decide().await?;
        let begun = Instant::now();
        let at = self.now.to_string();
        let arguments = ["--agents", "--statuses", "--until-published-at", &at];
        let truth = self.site.simulator.truth(&arguments)?;
        let with_utc = self.plan.starttime_utc;
        let queues = self.site.compare_with(&truth, with_utc).await?;
        let agents = self.site.compare_agents(&truth, with_utc).await?;
        let mut differences = queues.differences;
        differences.extend(agents.differences);
        let found = dump::of(&self.site.hub).await?;
        differences.extend(checks::twice(&self.site.hub).await?);
        let entries = checks::journal(&self.site.hub).await?;
        differences.extend(checks::judge(
            &entries,
            (!self.settings_changed).then_some((&self.plan, &self.touched)),
        )?);
        if !self.settings_changed {
            differences.extend(checks::leads_to_figures(&self.site.hub, &entries).await?);
        }
        let applied = checks::applied(&self.site.hub).await?;
        self.everything_again().await?;
        if checks::applied(&self.site.hub).await? != applied {
            differences.push("reading everything once more wrote something".to_owned());
        }
        if checks::journal(&self.site.hub).await?.len() != entries.len() {
            differences.push("reading everything once more is in the journal".to_owned());
        }
        let once_more = dump::of(&self.site.hub).await?;
        differences.extend(dump::differences(&found, &once_more));
        let connection = self.site.database.connection();
        let fresh = fresh_import(&connection, self.plan.settings(), store, self.now).await?;
        // Of their own accord imports read days only where intervals have aged out.
        let asked_for = |line: &String| line.contains(" agent_days ");
        let others =
            dump::differences(&checks::uncorrected(found), &checks::uncorrected(fresh)).into_iter();
        differences.extend(others.filter(|line| !asked_for(line)));
        self.note(format!("compared in {:?}", begun.elapsed()));
        self.site.end()?;
        let [slots, spans, sessions] = agents.counts;
        Ok(Lived {
            steps: self.steps,
            counts: [queues.intervals, slots, spans, sessions, entries.len()],
            differences,
        })
    }

    /// What the source of today shows is right: a row that was one too many on its oldest date waits for this word.
    async fn decide(&mut self) -> anyhow::Result<()> {
        let path = self.path("/setAside");
        for reading in self.site.api.all(&path).await? {
            self.note(format!(
                "accepted: {} of {}",
                reading["table"], reading["rowDate"]
            ));
            let accept = format!("{path}/{}/accept", reading["id"]);
            self.site.api.post(&accept, &json!({})).await?;
        }
        Ok(())
    }

    /// Everything is mended, everybody has gone home, and it was read.
    async fn come_to_the_end(&mut self) -> anyhow::Result<()> {
        while !self.changes.is_empty() {
            self.heal().await?;
        }
        self.go_to(self.plan.end()?).await?;
        self.settle().await
    }
}
