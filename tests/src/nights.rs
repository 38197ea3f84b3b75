//! Nights in which a clock changes: small sites around the clock, and what must be true of every day of them.
//!
//! A site has three ACDs in one zone, with intervals of 15, 30 and 60 minutes and equal split and login numbers, so that
//! one installation shows a night in all three cuts.

use crate::cms::{CmsDatabase, Simulator, Truth};
use crate::compare::{FIGURES, Figures, slot_start, start_utc_s};
use crate::hub::HubStore;
use crate::site::Site;
use anyhow::{Context, ensure};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

/// How long the import of a night may take.
const LIMIT: Duration = Duration::from_secs(300);
/// Interval lengths of the ACDs 1, 2 and 3, minutes.
pub const INTERVALS: [u16; 3] = [15, 30, 60];

/// What happens to the clock of a zone.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// IANA zone.
    pub zone: &'static str,
    /// First of three days; the clock changes on the second.
    pub first_day: &'static str,
    /// Quarter hours of the second day.
    pub quarter_hours: usize,
}

const fn change(zone: &'static str, first_day: &'static str, quarter_hours: usize) -> Change {
    Change {
        zone,
        first_day,
        quarter_hours,
    }
}

/// Paris goes back by an hour.
pub const PARIS_BACK: Change = change("Europe/Paris", "2026-10-24", 100);
/// Paris goes forward by an hour.
pub const PARIS_FORWARD: Change = change("Europe/Paris", "2026-03-28", 92);
/// New York goes back by an hour.
pub const NEW_YORK_BACK: Change = change("America/New_York", "2026-10-31", 100);
/// New York goes forward by an hour.
pub const NEW_YORK_FORWARD: Change = change("America/New_York", "2026-03-07", 92);
/// Lord Howe Island goes back by half an hour.
pub const LORD_HOWE_BACK: Change = change("Australia/Lord_Howe", "2026-04-04", 98);
/// Lord Howe Island goes forward by half an hour.
pub const LORD_HOWE_FORWARD: Change = change("Australia/Lord_Howe", "2026-10-03", 94);
/// Nothing happens.
pub const NO_CHANGE: Change = change("Europe/Paris", "2026-06-12", 96);

/// A site over three days in one zone.
#[derive(Clone, Copy, Debug)]
pub struct Night {
    /// Where and when.
    pub change: Change,
    /// Whether interval tables have `starttime_utc`.
    pub starttime_utc: bool,
    /// Agent tables are stamped in UTC, while calls are in local time.
    pub agents_in_utc: bool,
    /// Somebody sets the clock back by a minute at six in the evening of the second day; it is brought back at 7:17 on the
    /// third.
    pub manual_steps: bool,
    /// Of the simulation.
    pub seed: u64,
}

/// A night on a CMS that has `starttime_utc`.
pub fn with_utc(change: Change) -> Night {
    Night {
        change,
        starttime_utc: true,
        agents_in_utc: false,
        manual_steps: false,
        seed: 71,
    }
}

/// A night on a CMS that has not.
pub fn without_utc(change: Change) -> Night {
    Night {
        starttime_utc: false,
        ..with_utc(change)
    }
}

/// A night with agent tables in UTC.
pub fn agents_in_utc(change: Change) -> Night {
    Night {
        agents_in_utc: true,
        ..with_utc(change)
    }
}

/// The same with a clock that is set by hand.
pub fn manual_steps(night: Night) -> Night {
    Night {
        manual_steps: true,
        ..night
    }
}

/// Every night that is tried.
pub fn all() -> Vec<Night> {
    let changes = [
        PARIS_BACK,
        PARIS_FORWARD,
        NEW_YORK_BACK,
        NEW_YORK_FORWARD,
        LORD_HOWE_BACK,
        LORD_HOWE_FORWARD,
    ];
    let mut nights: Vec<Night> = Vec::new();
    for change in changes {
        nights.extend([with_utc(change), without_utc(change), agents_in_utc(change)]);
    }
    nights.push(manual_steps(with_utc(NO_CHANGE)));
    nights.push(manual_steps(without_utc(NO_CHANGE)));
    nights
}

/// What an import of a night was like.
#[derive(Debug)]
pub struct Golden {
    /// Queues, and their intervals with calls.
    pub queues: (usize, usize),
    /// Slots of agents, spans of traced agents, sessions.
    pub agents: [usize; 3],
    /// What the days were like.
    pub days: Days,
    /// What differs from the event log, one line each.
    pub differences: Vec<String>,
}

/// Imports a night with real programs and holds everything against the event log.
pub async fn imported(night: &Night, (database, store): (&str, &str)) -> anyhow::Result<Golden> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::named(database, folder.path())?;
    let scenario = folder.path().join("night.toml");
    std::fs::write(&scenario, night.scenario()?)?;
    let scenario = scenario.display().to_string();
    Simulator::new(&database, folder.path()).init(&["--scenario", &scenario])?;
    shuffle(&database).await?;
    let store = HubStore::named(store)?;
    let mut site = Site::start_at(folder.path(), database, store, night.afterwards()?).await?;
    let truth = site.simulator.truth(&["--agents", "--statuses"])?;
    site.configure_with(night.settings()).await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;

    let queues = site.compare_with(&truth, night.starttime_utc).await?;
    let mut agents = site.compare_agents(&truth, night.starttime_utc).await?;
    if night.manual_steps {
        // The trace has the switch's time and nothing else; what was stamped while it was wrong is wrong by as much.
        agents
            .differences
            .retain(|line| !line.starts_with("timeline"));
    }
    let mut days = days(&site, night, &truth).await?;
    site.end()?;
    let mut differences = queues.differences;
    differences.append(&mut agents.differences);
    differences.append(&mut days.differences);
    Ok(Golden {
        queues: (queues.queues, queues.intervals),
        agents: agents.counts,
        days,
        differences,
    })
}

impl Night {
    /// Noon of the day after, when all of it can be read.
    pub fn afterwards(&self) -> anyhow::Result<Timestamp> {
        let [.., last] = self.days()?;
        let noon = last.checked_add(1.day())?.at(12, 0, 0, 0);
        Ok(noon.to_zoned(self.time_zone()?)?.timestamp())
    }

    /// The scenario as TOML.
    pub fn scenario(&self) -> anyhow::Result<String> {
        let mut text = format!(
            "name = \"golden-night\"\ntitle = \"a night in {}\"\nseed = {}\nfirst-day = \"{}\"\ndays = 3\n\n\
            [variants]\nstarttime-utc = {}\nagent-clock = \"{}\"\n",
            self.change.zone,
            self.seed,
            self.change.first_day,
            self.starttime_utc,
            if self.agents_in_utc { "utc" } else { "switch" },
        );
        for (acd, minutes) in (1..).zip(INTERVALS) {
            text.push_str(&acd_text(acd, self.change.zone, minutes));
            text.push_str(&self.steps(acd)?);
        }
        Ok(text)
    }

    fn steps(&self, acd: i32) -> anyhow::Result<String> {
        let [_, second, third] = self.days()?;
        let mut text = String::new();
        for (at, seconds, cause) in [
            (format!("{second}T18:00:00"), -60, "manual"),
            (format!("{third}T07:17:00"), 60, "resynchronised"),
        ]
        .into_iter()
        .filter(|_| self.manual_steps)
        {
            write!(
                text,
                "\n[[event]]\nkind = \"clock-set\"\nacd = {acd}\nat = \"{at}\"\nby-seconds = {seconds}\ncause = \"{cause}\"\n"
            )?;
        }
        Ok(text)
    }

    /// What an administrator enters.
    pub fn settings(&self) -> Value {
        let mut settings = json!({"zone": self.change.zone, "agentScope": {"kind": "all"}});
        if self.agents_in_utc {
            settings["agentTables"] = json!({"intervalZone": "UTC", "traceZone": "UTC"});
        }
        settings
    }

    fn time_zone(&self) -> anyhow::Result<TimeZone> {
        Ok(TimeZone::get(self.change.zone)?)
    }

    /// The three days.
    pub fn days(&self) -> anyhow::Result<[Date; 3]> {
        let first: Date = self.change.first_day.parse()?;
        Ok([
            first,
            first.checked_add(1.day())?,
            first.checked_add(2.days())?,
        ])
    }
}

/// An ACD around the clock: two skills, seven agents in three shifts, half of them traced.
pub fn acd_text(number: i32, zone: &str, minutes: u16) -> String {
    format!(
        r#"
[[acd]]
number = {number}
zone = "{zone}"
interval-minutes = {minutes}
traced-share = 0.5
aux-reasons = {{ 0 = "System", 1 = "Break", 2 = "Meal" }}

[[acd.skill]]
number = 11
name = "Emergency {number}"
talk-median = 170
hold-share = 0.2

[[acd.skill]]
number = 12
name = "Dispatch {number}"
talk-median = 120

[[acd.vdn]]
number = 112
name = "Emergency"
calls-per-day = 420
skills = [11, 12]
widen-after = 10

[[acd.vdn]]
number = 113
name = "Dispatch"
calls-per-day = 260
skills = [12]

[[acd.group]]
agents = 7
first-login = 101
first-extension = 501
location = 1
names = ["North", "South"]
skills = [[11, 1], [12, 2]]
shifts = [{{ days = "mon-sun", from = "22:00", to = "06:00" }}, {{ days = "mon-sun", from = "06:00", to = "14:00" }}, {{ days = "mon-sun", from = "14:00", to = "22:00" }}]
breaks = [{{ after = 130, minutes = 15, reason = 1 }}, {{ after = 250, minutes = 35, reason = 2 }}]
"#
    )
}

/// Writes the rows of the interval tables and of the trace anew, in an order that has nothing to do with time.
pub async fn shuffle(database: &CmsDatabase) -> anyhow::Result<()> {
    for (table, key) in [
        (
            "hsplit",
            "starttime % 997 * 7919 + split * 31 + i_stafftime % 97",
        ),
        (
            "hagent",
            "starttime % 997 * 7919 + split * 31 + i_stafftime % 97",
        ),
        ("haglog", "login % 997 * 7919"),
        ("ag_actv", "event_time % 997 * 7919 + duration % 997 * 31"),
    ] {
        let statements = format!(
            "CREATE TABLE shuffled AS SELECT * FROM {table};
             DELETE FROM {table};
             INSERT INTO {table} SELECT * FROM shuffled ORDER BY ({key}) % 10007;
             DROP TABLE shuffled;"
        );
        database.sql(&statements).await?;
    }
    Ok(())
}

/// What the days of all queues of a night were like.
#[derive(Debug, Default)]
pub struct Days {
    /// Quarter hours of the three days, as the API gives them for the ACD of quarter hours.
    pub quarter_hours: [usize; 3],
    /// Slots that are marked ambiguous, over all queues.
    pub ambiguous: usize,
    /// What is wrong, one line each.
    pub differences: Vec<String>,
}

/// Looks at every day of every queue: its slots are as many as the zone says and lie end to end, its total is the event
/// log's, and exactly the slots are marked ambiguous whose name the clock showed twice, if nothing tells them apart.
pub async fn days(site: &Site, night: &Night, truth: &Truth) -> anyhow::Result<Days> {
    let mut found = Days::default();
    let path = format!("/queues?integration={}&limit=500", site.integration);
    for queue in site.api.all(&path).await? {
        let (id, acd) = (&queue["id"], queue["acd"].as_i64().context("no acd")?);
        let split: i64 = queue["number"].as_str().context("no number")?.parse()?;
        let minutes = INTERVALS[usize::try_from(acd - 1)?];
        for (index, day) in night.days()?.into_iter().enumerate() {
            let period = format!("from={day}&to={}", day.tomorrow()?);
            let answer = site
                .api
                .get(&format!("/queues/{id}/intervals?{period}"))
                .await?;
            let place = format!("acd {acd} split {split} on {day}");
            let slots = answer["slots"].as_array().context("no slots")?;
            if minutes == 15 {
                found.quarter_hours[index] = slots.len();
            }
            found
                .differences
                .extend(gaps(&place, slots, &night.time_zone()?, day)?);
            let names = names_of_day(truth, night, acd, split, day, minutes)?;
            for slot in slots {
                let start = start_utc_s(slot)?;
                let is = slot["quality"] == "ambiguous";
                found.ambiguous += usize::from(is);
                if let Some(due) = names.get(&start).copied().unwrap_or(Some(false))
                    && due != is
                {
                    let at = Timestamp::from_second(start)?;
                    let line = format!("{place}: the slot at {at} is {}", slot["quality"]);
                    found.differences.push(line);
                }
            }
            let day_answer = site
                .api
                .get(&format!("/queues/{id}/intervals?{period}&step=1d"))
                .await?;
            ensure!(
                day_answer["slots"]
                    .as_array()
                    .is_some_and(|days| days.len() == 1)
            );
            let expected = day_total(truth, acd, split, day);
            for shown in [&day_answer["slots"][0], &answer["totals"]] {
                let shown: Vec<Option<i64>> =
                    FIGURES.iter().map(|name| shown[*name].as_i64()).collect();
                let expected: Vec<Option<i64>> = expected.iter().copied().map(Some).collect();
                if shown != expected {
                    let line = format!("{place}: {shown:?} in all, should be {expected:?}");
                    found.differences.push(line);
                }
            }
        }
    }
    Ok(found)
}

/// Slots must follow each other from midnight to midnight.
fn gaps(place: &str, slots: &[Value], zone: &TimeZone, day: Date) -> anyhow::Result<Vec<String>> {
    let midnight = |day: Date| anyhow::Ok(day.to_zoned(zone.clone())?.timestamp().as_second());
    let mut lines = Vec::new();
    let mut expected = midnight(day)?;
    for slot in slots {
        let start = start_utc_s(slot)?;
        if start != expected {
            lines.push(format!("{place}: a slot begins at {start}, not {expected}"));
        }
        expected = start + slot["lengthSeconds"].as_i64().context("no length")?;
    }
    if expected != midnight(day.tomorrow()?)? {
        lines.push(format!(
            "{place}: the slots end at {expected}, not at midnight"
        ));
    }
    Ok(lines)
}

/// The sum of all archived intervals that the CMS dates to that day.
fn day_total(truth: &Truth, acd: i64, split: i64, day: Date) -> Figures {
    let date = day.to_string();
    let mut total = Figures::default();
    for row in &truth.intervals {
        let here = (row.when.acd, row.split) == (acd, split) && row.when.row_date == date;
        if !here || row.when.quality == "absent" {
            continue;
        }
        let own = [
            row.offered,
            row.answered,
            row.abandoned,
            row.within_threshold,
            row.talk_seconds,
            row.hold_seconds,
            row.acw_seconds,
            row.wait_seconds,
        ];
        for (sum, figure) in total.iter_mut().zip(own) {
            *sum += figure;
        }
    }
    total
}

/// For slots of a day whose name occurs twice: whether they must be ambiguous, `None` where either is right (a name that
/// the queue has no calls in). Slots that are not mentioned must not be.
fn names_of_day(
    truth: &Truth,
    night: &Night,
    acd: i64,
    split: i64,
    day: Date,
    minutes: u16,
) -> anyhow::Result<BTreeMap<i64, Option<bool>>> {
    let mut due = BTreeMap::new();
    if night.starttime_utc {
        return Ok(due);
    }
    let zone = night.time_zone()?;
    let date = day.to_string();
    // The starts of the intervals of each name, over all queues, and the names with calls in this one.
    let mut starts: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut with_calls: BTreeSet<&str> = BTreeSet::new();
    for row in &truth.intervals {
        if row.when.acd != acd || row.when.row_date != date {
            continue;
        }
        let name = row.when.start_local.as_str();
        starts.entry(name).or_default().insert(row.when.start_utc);
        if row.split == split && row.offered > 0 {
            with_calls.insert(name);
        }
    }
    for (name, starts) in starts.into_iter().filter(|(_, starts)| starts.len() > 1) {
        for start in starts {
            let slot = slot_start(&zone, i64::from(minutes), start)?;
            due.insert(slot, with_calls.contains(name).then_some(true));
        }
    }
    Ok(due)
}
