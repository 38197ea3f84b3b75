//! Holds what the Hub says of agents against the simulator's truth: times per interval, sessions, every second of the trace.

use crate::api::Api;
use crate::cms::{TrueActivity, TrueAgentInterval, TrueClockError, TrueSession, Truth};
use crate::compare::{SlotStarts, start_utc_s};
use anyhow::Context;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;

/// ACD and login ID.
pub type Agent = (i64, String);
/// Names of [`Times`] in the API.
const TIMES: [&str; 9] = [
    "staffedSeconds",
    "availableSeconds",
    "acdSeconds",
    "directAcdSeconds",
    "ringingSeconds",
    "acwSeconds",
    "directAcwSeconds",
    "auxSeconds",
    "otherSeconds",
];
const NO_TIME: [i64; 9] = [0; 9];
/// Seconds of an agent in a slot, by state, and AUX by reason.
pub type Times = ([i64; 9], BTreeMap<i64, i64>);

/// A span of a timeline: start, end, state, AUX reason, skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    start: i64,
    end: i64,
    state: String,
    reason: Option<i64>,
    skill: Option<i64>,
}

/// What is known of all agents, from one side.
#[derive(Debug, Default)]
pub struct Known {
    times: BTreeMap<(Agent, i64), Times>,
    spans: BTreeMap<Agent, Vec<Span>>,
    sessions: BTreeMap<Agent, Vec<(i64, i64)>>,
    /// Known to the truth alone.
    clock_errors: Vec<TrueClockError>,
}

/// What the truth says, as far as it can be at the Hub: ended states of traced agents, ended sessions, archived intervals.
pub fn truth(truth: &Truth, with_utc: bool) -> anyhow::Result<Known> {
    let mut known = Known {
        clock_errors: truth.clock_errors.clone(),
        ..Known::default()
    };
    let starts = SlotStarts::of(
        truth,
        |acd| &acd.agent_zone,
        truth.agent_intervals.iter().map(|row| &row.when),
        with_utc,
    )?;
    for row in &truth.agent_intervals {
        if row.when.quality == "absent" {
            continue;
        }
        let key = (
            (row.when.acd, row.login.to_string()),
            starts.of_interval(&row.when)?,
        );
        let (times, reasons) = known.times.entry(key).or_default();
        add_times(times, reasons, row);
    }
    known.times.retain(|_, (times, _)| *times != NO_TIME);
    for status in truth.statuses.iter().filter(|status| status.traced) {
        if status.end_utc >= truth.through_utc {
            continue;
        }
        let (state, reason, skill) = booked(&status.activity);
        let spans = known.spans.entry((status.acd, status.login.to_string()));
        add(
            spans.or_default(),
            Span {
                start: status.start_utc,
                end: status.end_utc,
                state: state.to_owned(),
                reason,
                skill,
            },
        );
    }
    for session in &truth.sessions {
        if let Some(logout) = session.logout_utc.filter(|at| *at < truth.through_utc) {
            let sessions = known
                .sessions
                .entry((session.acd, session.login.to_string()));
            sessions.or_default().extend(seen(truth, session, logout));
        }
    }
    Ok(known)
}

/// The sums over each day of each agent, by the dates of the archived intervals.
pub fn true_days(truth: &Truth) -> BTreeMap<(Agent, String), Times> {
    let mut days: BTreeMap<(Agent, String), Times> = BTreeMap::new();
    for row in &truth.agent_intervals {
        if row.when.quality == "absent" {
            continue;
        }
        let agent = (row.when.acd, row.login.to_string());
        let (times, reasons) = days.entry((agent, row.when.row_date.clone())).or_default();
        add_times(times, reasons, row);
    }
    days
}

fn add_times(times: &mut [i64; 9], reasons: &mut BTreeMap<i64, i64>, row: &TrueAgentInterval) {
    let own = [
        row.staffed_seconds,
        row.available_seconds,
        row.talk_seconds,
        row.direct_talk_seconds,
        row.ring_seconds,
        row.acw_seconds,
        row.direct_acw_seconds,
        row.aux_seconds.values().sum(),
        row.other_seconds,
    ];
    for (sum, seconds) in times.iter_mut().zip(own) {
        *sum += seconds;
    }
    for (reason, seconds) in &row.aux_seconds {
        *reasons.entry(*reason).or_default() += seconds;
    }
}

/// A session as the CMS sees it: while the link is broken it sees nobody.
fn seen(truth: &Truth, session: &TrueSession, logout: i64) -> Vec<(i64, i64)> {
    let mut parts = Vec::new();
    let mut from = session.login_utc;
    for outage in truth
        .outages
        .iter()
        .filter(|outage| outage.acd == session.acd)
    {
        let end = outage.end_utc.unwrap_or(i64::MAX);
        if end <= from || outage.start_utc >= logout {
            continue;
        }
        if from < outage.start_utc {
            parts.push((from, outage.start_utc));
        }
        from = end;
    }
    if from < logout {
        parts.push((from, logout));
    }
    parts
}

/// The state in which a CMS books an activity.
fn booked(activity: &TrueActivity) -> (&'static str, Option<i64>, Option<i64>) {
    let skill = activity.skill;
    match activity.kind.as_str() {
        "available" => ("available", None, None),
        "ringing" => ("ringing", None, skill),
        "talking" if skill.is_none() => ("directAcd", None, None),
        "talking" => ("acd", None, skill),
        "afterCall" if skill.is_none() => ("directAfterCall", None, None),
        "afterCall" => ("afterCall", None, skill),
        "standAloneAfterCall" => ("afterCall", None, None),
        "auxiliary" => ("aux", activity.reason, None),
        "consulting" => ("aux", Some(0), None),
        _ => ("other", None, None),
    }
}

/// States without a call of a skill that a CMS books on some skill of the agent.
fn may_have_any_skill(state: &str) -> bool {
    matches!(state, "afterCall" | "ringing")
}

/// Adds a span, joined to the one before where nothing changed, or nothing but such a skill.
fn add(spans: &mut Vec<Span>, span: Span) {
    let goes_on = |last: &&mut Span| {
        let same_skill = last.skill == span.skill || may_have_any_skill(&span.state);
        last.end == span.start
            && (&last.state, last.reason) == (&span.state, span.reason)
            && same_skill
    };
    match spans.last_mut().filter(goes_on) {
        Some(last) => last.end = span.end,
        None => spans.push(span),
    }
}

/// What the Hub says of every agent of an integration over the truth's days and one more on either side.
pub async fn hub(api: &Api, integration: i64, truth: &Truth) -> anyhow::Result<Known> {
    let days = truth
        .agent_intervals
        .iter()
        .map(|row| row.when.row_date.parse::<Date>());
    let days: Vec<Date> = days.collect::<Result<_, _>>()?;
    let first = days.iter().min().context("the truth has no agent")?;
    let last = days.iter().max().context("the truth has no agent")?;
    let (from, to) = (first.checked_sub(1.day())?, last.checked_add(2.days())?);
    let mut known = Known::default();
    for agent in api
        .all(&format!("/agents?integration={integration}&limit=500"))
        .await?
    {
        let id = agent["id"].as_i64().context("an agent has no id")?;
        let login = agent["login"].as_str().context("an agent has no login")?;
        let acd = agent["acd"].as_i64().context("an agent has no acd")?;
        let key: Agent = (acd, login.to_owned());
        let mut day = from;
        while day < to {
            let end = day.checked_add(31.days())?.min(to);
            let period = format!("from={day}&to={end}");
            let answer = api.get(&format!("/agents/{id}/intervals?{period}")).await?;
            for slot in answer["slots"].as_array().context("no slots")? {
                if let Some(times) = times_of(slot)? {
                    known.times.insert((key.clone(), start_utc_s(slot)?), times);
                }
            }
            let answer = api.get(&format!("/agents/{id}/statuses?{period}")).await?;
            for status in answer["statuses"].as_array().context("no statuses")? {
                if status["source"] == "trace" && status["start"] != status["end"] {
                    add(
                        known.spans.entry(key.clone()).or_default(),
                        span_of(status)?,
                    );
                }
            }
            let answer = api.get(&format!("/agents/{id}/sessions?{period}")).await?;
            for session in answer["sessions"].as_array().context("no sessions")? {
                let sessions = known.sessions.entry(key.clone()).or_default();
                if let (Some(login), Some(logout)) =
                    (instant(&session["login"])?, instant(&session["logout"])?)
                    && !sessions.contains(&(login, logout))
                {
                    sessions.push((login, logout));
                }
            }
            day = end;
        }
    }
    Ok(known)
}

fn instant(value: &Value) -> anyhow::Result<Option<i64>> {
    let at = value
        .as_str()
        .map(str::parse::<jiff::Timestamp>)
        .transpose()?;
    Ok(at.map(jiff::Timestamp::as_second))
}

/// The times of a slot, or of a day, in which the agent was there: a call is booked where its after-call work ended, and where
/// that was the agent's last second, the next interval has a row with calls and no time.
///
/// # Errors
/// A figure is missing.
pub fn times_of(slot: &Value) -> anyhow::Result<Option<Times>> {
    if slot["quality"] == "zero" || slot["staffedSeconds"].is_null() {
        return Ok(None);
    }
    let mut times = [0; 9];
    for (seconds, name) in times.iter_mut().zip(TIMES) {
        *seconds = slot[name]
            .as_i64()
            .with_context(|| format!("a slot of an agent has no {name}: {slot}"))?;
    }
    if times == NO_TIME {
        return Ok(None);
    }
    let mut reasons = BTreeMap::new();
    for reason in slot["auxByReason"].as_array().into_iter().flatten() {
        let code = reason["reason"].as_i64().context("a reason has no code")?;
        *reasons.entry(code).or_default() += reason["seconds"].as_i64().unwrap_or(0);
    }
    Ok(Some((times, reasons)))
}

fn span_of(status: &Value) -> anyhow::Result<Span> {
    let state = status["state"].as_str().context("a status has no state")?;
    let reason = status["reason"].as_i64();
    let skill = status["skill"]
        .as_str()
        .and_then(|skill| skill.parse().ok());
    Ok(Span {
        start: instant(&status["start"])?.context("a status has no start")?,
        end: instant(&status["end"])?.context("a status has no end")?,
        state: state.to_owned(),
        reason,
        skill,
    })
}

/// What differs, one line each.
pub fn differences(truth: &Known, hub: &Known) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, expected) in &truth.times {
        let found = hub.times.get(key);
        if found != Some(expected) {
            lines.push(format!(
                "times of {key:?}: hub has {found:?}, should be {expected:?}"
            ));
        }
    }
    for key in hub
        .times
        .keys()
        .filter(|key| !truth.times.contains_key(*key))
    {
        lines.push(format!("times of {key:?}: at the hub, but never happened"));
    }
    for (agent, expected) in &truth.spans {
        let none = Vec::new();
        let found = hub.spans.get(agent).unwrap_or(&none);
        let (expected, found) = (
            truth.stamped_right(agent, expected),
            truth.stamped_right(agent, found),
        );
        let same = |one: &Span, other: &Span| {
            one == other
                || (one.skill.is_none()
                    && may_have_any_skill(&other.state)
                    && Span {
                        skill: None,
                        ..other.clone()
                    } == *one)
        };
        let first = expected
            .iter()
            .zip(&found)
            .find(|(one, other)| !same(one, other));
        if first.is_some() || expected.len() != found.len() {
            lines.push(format!(
                "timeline of {agent:?}: {} spans, should be {}; first difference (truth, hub) {first:?}",
                found.len(),
                expected.len()
            ));
        }
    }
    for agent in hub
        .spans
        .keys()
        .filter(|agent| !truth.spans.contains_key(*agent))
    {
        lines.push(format!("timeline of {agent:?}: nobody traced it"));
    }
    for (agent, expected) in &truth.sessions {
        let found = hub.sessions.get(agent).cloned().unwrap_or_default();
        if found != *expected {
            let first = expected
                .iter()
                .zip(&found)
                .find(|(one, other)| one != other);
            lines.push(format!(
                "sessions of {agent:?}: {} of {}; first difference (truth, hub) {first:?}",
                found.len(),
                expected.len()
            ));
        }
    }
    lines
}

impl Known {
    /// The spans that a trace can have right. It has the switch's time and nothing else: a span that touches a time in
    /// which the clock was wrong is stamped wrong by as much, and so may be what lies within that much of it, and the edge that
    /// its neighbours share with it.
    fn stamped_right(&self, agent: &Agent, spans: &[Span]) -> Vec<Span> {
        let wrong = |span: &Span| {
            self.clock_errors.iter().any(|error| {
                let shift = error.by_seconds.abs();
                error.acd == agent.0
                    && span.end >= error.start_utc - shift
                    && span.start <= error.end_utc.map_or(i64::MAX, |end| end + shift)
            })
        };
        let is_wrong: Vec<bool> = spans.iter().map(wrong).collect();
        let is_near = |index: usize| {
            let neighbours = index.saturating_sub(1)..=(index + 1).min(is_wrong.len() - 1);
            is_wrong[neighbours].contains(&true)
        };
        let right = (0..spans.len()).filter(|index| !is_near(*index));
        right.map(|index| spans[index].clone()).collect()
    }

    /// Counts for messages: slots of agents, spans, sessions.
    pub fn counts(&self) -> [usize; 3] {
        [
            self.times.len(),
            self.spans.values().map(Vec::len).sum(),
            self.sessions.values().map(Vec::len).sum(),
        ]
    }
}
