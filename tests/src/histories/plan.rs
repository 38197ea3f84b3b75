//! A random small site: where it is, how its CMS writes, and which rows are late or wrong at first.

use crate::timelines::{DIRECTIONS, EVENT_TIMES, FORMATS, WORK_MODES};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use std::fmt::Write;

/// Zone and first day; in half of them a clock changes on the second or third day.
const PLACES: [(&str, &str); 8] = [
    ("Europe/Paris", "2026-06-08"),
    ("Europe/Paris", "2026-10-23"),
    ("Europe/Paris", "2026-03-28"),
    ("America/New_York", "2026-02-10"),
    ("America/New_York", "2026-10-31"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Asia/Kolkata", "2026-05-05"),
    ("UTC", "2026-09-01"),
];
/// Hour of the last night at which everybody has gone home and all rows are right.
const END_HOUR: i8 = 4;

/// Rows of intervals that may change after they could be read: from, and to before, on the clock of an ACD.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touched {
    pub acd: i64,
    pub from: DateTime,
    pub to: DateTime,
}

/// A site and what happens to it by itself.
#[derive(Debug)]
pub(super) struct Plan {
    pub zone: &'static str,
    pub acds: i64,
    pub minutes: i64,
    pub starttime_utc: bool,
    pub agents_in_utc: bool,
    pub first_day: Date,
    /// Days that are there before anything is read.
    pub history_days: i64,
    /// Days that pass while the import runs.
    pub live_days: i64,
    /// What the simulator itself does to rows of `hsplit`.
    pub touched: Vec<Touched>,
    /// The scenario as TOML.
    pub scenario: String,
}

impl Plan {
    pub fn random(seed: u64, random: &mut ChaCha8Rng) -> anyhow::Result<Self> {
        let (zone, first_day) = PLACES.choose(random).copied().unwrap_or(PLACES[0]);
        let agents_in_utc = random.random_bool(0.25);
        let mut plan = Self {
            zone,
            acds: random.random_range(1..=2),
            minutes: [15, 30, 60].choose(random).copied().unwrap_or(30),
            starttime_utc: agents_in_utc || random.random_bool(0.6),
            agents_in_utc,
            first_day: first_day.parse()?,
            history_days: random.random_range(1..=3),
            live_days: random.random_range(1..=2),
            touched: Vec::new(),
            scenario: String::new(),
        };
        plan.scenario = plan.write(seed, random)?;
        Ok(plan)
    }

    fn write(&mut self, seed: u64, random: &mut ChaCha8Rng) -> anyhow::Result<String> {
        let mut one = |of: &[&'static str]| of.choose(random).copied().unwrap_or_default();
        let mut text = format!(
            "name = \"history\"\ntitle = \"a random history\"\nseed = {seed}\nfirst-day = \"{}\"\ndays = {}\n\n[variants]\n\
            starttime-utc = {}\nagent-clock = \"{}\"\nevent-time = \"{}\"\nevent-time-format = \"{}\"\nwork-modes = \"{}\"\n\
            directions = \"{}\"\nsessions = \"{}\"\n",
            self.first_day,
            self.history_days,
            self.starttime_utc,
            if self.agents_in_utc { "utc" } else { "switch" },
            one(&EVENT_TIMES),
            one(&FORMATS),
            one(&WORK_MODES),
            one(&DIRECTIONS),
            one(&["at-login", "at-logout"]),
        );
        for acd in 1..=self.acds {
            text.push_str(&acd_text(acd, self.zone, self.minutes));
        }
        for day in self.history_days..self.history_days + self.live_days {
            let date = self.first_day.checked_add(day.days())?;
            for acd in 1..=self.acds {
                for table in ["hsplit", "hvdn", "hagent"] {
                    if random.random_bool(0.6) {
                        text.push_str(&self.trouble(table, acd, date, random)?);
                    }
                }
            }
        }
        Ok(text)
    }

    fn trouble(
        &mut self,
        table: &str,
        acd: i64,
        date: Date,
        random: &mut ChaCha8Rng,
    ) -> anyhow::Result<String> {
        let kinds = ["late", "corrected", "spurious", "deleted", "swapped"];
        let kind = kinds.choose(random).copied().unwrap_or("late");
        let from = date.at(random.random_range(3..16), 0, 0, 0);
        let to = from.checked_add(random.random_range(1..6).hours())?;
        let healed_after = random.random_range(10..180) * 60;
        let mut text = String::new();
        write!(
            text,
            "\n[[trouble]]\nkind = \"{kind}\"\nacd = {acd}\ntable = \"{table}\"\nfrom = \"{from}\"\nto = \"{to}\"\n\
            healed-after = {healed_after}\n"
        )?;
        if table == "hsplit" {
            self.touched.push(Touched { acd, from, to });
        }
        Ok(text)
    }

    /// The instant of a local time of the site.
    pub fn instant(&self, local: DateTime) -> anyhow::Result<Timestamp> {
        Ok(local.to_zoned(TimeZone::get(self.zone)?)?.timestamp())
    }

    /// When the history ends and the import begins: seven minutes past midnight, so that nothing becomes readable while
    /// somebody looks.
    pub fn begin(&self) -> anyhow::Result<Timestamp> {
        let day = self.first_day.checked_add(self.history_days.days())?;
        self.instant(day.at(0, 7, 0, 0))
    }

    /// When everything is compared.
    pub fn end(&self) -> anyhow::Result<Timestamp> {
        let days = self.history_days + self.live_days;
        let day = self.first_day.checked_add(days.days())?;
        self.instant(day.at(END_HOUR, 7, 0, 0))
    }

    /// What an administrator enters.
    pub fn settings(&self) -> Value {
        // Data that a trouble keeps back would be an alarm in hours that are known to be open.
        let mut settings = json!({"zone": self.zone, "agentScope": {"kind": "all"},
            "businessHours": {"useLearned": false}});
        if self.agents_in_utc {
            settings["agentTables"] = json!({"intervalZone": "UTC", "traceZone": "UTC"});
        }
        settings
    }
}

/// Two skills and six agents from 6:00 to 22:00; callers come at night as well.
fn acd_text(number: i64, zone: &str, minutes: i64) -> String {
    format!(
        r#"
[[acd]]
number = {number}
zone = "{zone}"
interval-minutes = {minutes}
traced-share = 0.6
aux-reasons = {{ 0 = "System", 1 = "Break", 2 = "Meal" }}

[[acd.skill]]
number = 11
name = "Service {number}"
hold-share = 0.2

[[acd.skill]]
number = 12
name = "Orders {number}"
talk-median = 120

[[acd.vdn]]
number = 111
name = "Service"
calls-per-day = 180
skills = [11, 12]
widen-after = 10

[[acd.vdn]]
number = 112
name = "Orders"
calls-per-day = 90
hours = [{{ days = "mon-sun", from = "07:00", to = "21:00" }}]
skills = [12]

[[acd.group]]
agents = 6
first-login = 101
first-extension = 501
location = 1
names = ["East", "West"]
skills = [[11, 1], [12, 2]]
shifts = [{{ days = "mon-sun", from = "06:00", to = "14:00" }}, {{ days = "mon-sun", from = "13:30", to = "21:30" }}]
breaks = [{{ after = 130, minutes = 15, reason = 1 }}, {{ after = 250, minutes = 35, reason = 2 }}]
extension-calls = 1
paperwork = 1
"#
    )
}
