//! Timelines of agents on sites whose CMS writes the trace in every way that is thinkable, each to be found out from the
//! site's own data.

use crate::cms::{CmsDatabase, Simulator};
use crate::hub::HubStore;
use crate::site::{ComparedAgents, Site};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::json;
use std::fmt;
use std::time::Duration;

const ZONE: &str = "Europe/Paris";
/// A Monday well away from any change of the clock.
const FIRST_DAY: Date = date(2026, 9, 7);
/// Where agents are traced, six of ten are.
const TRACED: &str = "0.6";
/// How long the import of one site may take.
const LIMIT: Duration = Duration::from_secs(900);

/// What `ag_actv.event_time` says.
pub const EVENT_TIMES: [&str; 2] = ["start", "end"];
/// How it is written.
pub const FORMATS: [&str; 2] = ["hhmmss", "seconds-of-day"];
/// Numbers of work modes.
pub const WORK_MODES: [&str; 3] = ["tens", "illustrated", "alphabetic"];
/// Numbers of directions.
pub const DIRECTIONS: [&str; 2] = ["in-one-out-two", "out-one-in-two"];

/// How one site writes its trace.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Of [`EVENT_TIMES`].
    pub event_time: &'static str,
    /// Of [`FORMATS`].
    pub format: &'static str,
    /// Of [`WORK_MODES`].
    pub work_modes: &'static str,
    /// Of [`DIRECTIONS`].
    pub directions: &'static str,
}

impl fmt::Display for Variant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            event_time,
            format,
            work_modes,
            directions,
        } = self;
        write!(
            formatter,
            "{event_time}, {format}, {work_modes}, {directions}"
        )
    }
}

impl Variant {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for event_time in EVENT_TIMES {
            for format in FORMATS {
                for work_modes in WORK_MODES {
                    for directions in DIRECTIONS {
                        all.push(Self {
                            event_time,
                            format,
                            work_modes,
                            directions,
                        });
                    }
                }
            }
        }
        all
    }

    /// A site of so many agents over so many days, as TOML: three skills, hold, consultation, transfers, direct calls,
    /// re-skilling, and work without a call.
    pub fn scenario(&self, agents: u32, days: u32, seed: u64) -> String {
        let half = agents / 2;
        let (rest, second_login, second_extension) = (agents - half, 4001 + half, 7001 + half);
        let (main, other) = (agents * 12, agents * 7);
        format!(
            r#"name = "timeline"
title = "a trace to be understood"
seed = {seed}
first-day = "{FIRST_DAY}"
days = {days}

[variants]
event-time = "{}"
event-time-format = "{}"
work-modes = "{}"
directions = "{}"
trace-capacity-rows = 4000000

[[acd]]
number = 1
zone = "{ZONE}"
traced-share = {TRACED}
aux-reasons = {{ 0 = "System", 1 = "Break", 2 = "Meal", 3 = "Training" }}

[[acd.skill]]
number = 21
name = "Service"
hold-share = 0.2
consult-share = 0.3
transfer-share = 0.05
unanswered-share = 0.02

[[acd.skill]]
number = 22
name = "Sales"
talk-median = 240

[[acd.skill]]
number = 23
name = "Contracts"
talk-median = 300
acw-median = 90

[[acd.vdn]]
number = 5001
name = "Service"
calls-per-day = {main}
hours = [{{ days = "mon-sun", from = "07:00", to = "22:00" }}]
skills = [21, 22]
widen-after = 15
direct-share = 0.03

[[acd.vdn]]
number = 5002
name = "Sales"
calls-per-day = {other}
hours = [{{ days = "mon-sat", from = "08:00", to = "20:00" }}]
skills = [22, 23]

[[acd.group]]
agents = {half}
first-login = 4001
first-extension = 7001
location = 1
names = ["Oak", "Ash"]
skills = [[21, 1], [22, 2], [23, 3]]
shifts = [{{ days = "mon-sun", from = "07:00", to = "15:00" }}, {{ days = "mon-sun", from = "14:00", to = "22:00" }}]
breaks = [{{ after = 130, minutes = 15, reason = 1 }}, {{ after = 250, minutes = 35, reason = 2 }}]
extension-calls = 2
paperwork = 1
reskill-share = 0.05
extra-skill = 23

[[acd.group]]
agents = {rest}
first-login = {second_login}
first-extension = {second_extension}
location = 1
names = ["Elm", "Yew"]
skills = [[22, 1], [21, 2]]
shifts = [{{ days = "mon-sat", from = "08:00", to = "16:00" }}, {{ days = "mon-fri", from = "22:00", to = "06:00" }}]
breaks = [{{ after = 200, minutes = 30, reason = 2 }}, {{ after = 350, minutes = 45, reason = 3 }}]
extension-calls = 1
paperwork = 1
"#,
            self.event_time, self.format, self.work_modes, self.directions
        )
    }
}

/// Imports such a site with real programs, which are told nothing about its trace, and holds every interval, session and
/// second of every agent against the event log.
pub async fn imported(
    variant: Variant,
    (agents, days, seed): (u32, u32, u64),
    (database, store): (&str, &str),
) -> anyhow::Result<ComparedAgents> {
    let folder = tempfile::tempdir()?;
    let database = CmsDatabase::named(database, folder.path())?;
    let scenario = folder.path().join("timeline.toml");
    std::fs::write(&scenario, variant.scenario(agents, days, seed))?;
    let scenario = scenario.display().to_string();
    Simulator::new(&database, folder.path()).init(&["--scenario", &scenario])?;
    let now = FIRST_DAY
        .checked_add(i64::from(days + 1).days())?
        .in_tz(ZONE)?
        .timestamp();
    let store = HubStore::named(store)?;
    let mut site = Site::start_at(folder.path(), database, store, now).await?;
    let truth = site.simulator.truth(&["--agents", "--statuses"])?;
    site.configure_with(json!({"zone": ZONE, "agentScope": {"kind": "all"}}))
        .await?;
    site.wait_for("operational", LIMIT, |_| {}).await?;
    let compared = site.compare_agents(&truth, true).await?;
    site.end()?;
    Ok(compared)
}
