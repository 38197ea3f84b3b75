//! The timeline of one partition under given answers.
//!
//! Rows of one state without a gap become one span. Where rows of one agent overlap, the later row holds from its start and the
//! earlier is cut there and marked ambiguous; rows alike but for the skill are one span (a source may write a row per skill). Spans of no
//! length are dropped, but for the moments of logging on and off.

use super::repeated::{Choice, choose};
use super::rows::{Trace, TraceRow, second_of_day};
use crate::agents::agent;
use crate::problems::Problems;
use floorwire_model::agents::settings::{Stamp, TimeForm, TraceSettings};
use floorwire_model::agents::{AgentStatus, Hold, StatusSource, WorkState};
use floorwire_model::derivation::UNKNOWN_CODE;
use floorwire_model::streams::Quality;
use floorwire_model::time::{LocalMinute, Resolved, resolve};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Builds the spans of all agents, sorted by agent and start.
pub fn timeline(
    trace: &Trace<'_>,
    answers: &TraceSettings,
    zone: &TimeZone,
) -> (Vec<AgentStatus>, Problems) {
    let mut problems = Problems::default();
    let detail = "ag_actv rows without logid, event_time or workmode";
    problems.reject_rows("key-is-null", detail, trace.without_key);
    let mut spans = Vec::with_capacity(trace.row_count());
    for (login, rows) in &trace.agents {
        let of_agent = Agent {
            trace,
            login,
            answers,
            zone,
        }
        .spans(rows, &mut problems);
        spans.extend(of_agent);
    }
    (spans, problems)
}

struct Agent<'a> {
    trace: &'a Trace<'a>,
    login: &'a str,
    answers: &'a TraceSettings,
    zone: &'a TimeZone,
}

/// A row with its instants still open.
struct Open<'a> {
    row: &'a TraceRow,
    choice: Choice,
    shifted: bool,
}

impl Agent<'_> {
    fn spans(&self, rows: &[TraceRow], problems: &mut Problems) -> Vec<AgentStatus> {
        let form = self.answers.time_form.unwrap_or(TimeForm::Hhmmss);
        let stamp = self.answers.stamp.unwrap_or(Stamp::Start);
        let mut open: Vec<Open<'_>> = Vec::with_capacity(rows.len());
        for (index, row) in rows.iter().enumerate() {
            let Some(second) = second_of_day(row.event_time, form) else {
                problems.reject(
                    "impossible-time",
                    "ag_actv rows whose event_time is no time of a day",
                );
                continue;
            };
            let Some((first, later, shifted)) = instants(self.trace.row_date, second, self.zone)
            else {
                problems.reject(
                    "impossible-time",
                    "ag_actv rows whose event_time is no time of a day",
                );
                continue;
            };
            let Some(duration) = self.duration(rows, index, form, stamp, problems) else {
                continue;
            };
            let span = |at: i64| match stamp {
                Stamp::Start => (at, at + duration),
                Stamp::End => (at - duration, at),
            };
            let choice = Choice {
                first: span(first),
                second: span(later),
            };
            open.push(Open {
                row,
                choice,
                shifted,
            });
        }
        let choices: Vec<Choice> = open.iter().map(|open| open.choice).collect();
        let mut placed: Vec<(AgentStatus, &TraceRow)> = open
            .iter()
            .zip(choose(&choices))
            .map(|(open, chosen)| {
                if !self.answers.work_modes.contains_key(&open.row.mode) {
                    problems.doubt(
                        UNKNOWN_CODE,
                        "ag_actv rows with a workmode whose meaning is not known",
                    );
                }
                if !chosen.certain {
                    problems.doubt(
                        "repeated-hour",
                        "ag_actv rows of a repeated hour that no other row tells apart",
                    );
                }
                let quality = match (chosen.certain, open.shifted) {
                    (false, _) => Quality::Ambiguous,
                    (true, true) => Quality::Shifted,
                    (true, false) => Quality::Final,
                };
                (
                    self.status(open.row, chosen.start, chosen.end, quality),
                    open.row,
                )
            })
            .collect();
        placed.sort_by_key(|(span, row)| (span.start_utc_s, span.end_utc_s, row.sequence, row.row));
        join(placed, problems)
    }

    /// The stated duration, or where there is none the time to the neighbour that the span reaches to.
    fn duration(
        &self,
        rows: &[TraceRow],
        index: usize,
        form: TimeForm,
        stamp: Stamp,
        problems: &mut Problems,
    ) -> Option<i64> {
        let row = &rows[index];
        match row.duration_s {
            Some(seconds) if seconds >= 0 => return Some(seconds),
            Some(_) => {
                problems.reject(
                    "impossible-duration",
                    "ag_actv rows with a negative duration",
                );
                return None;
            }
            None => {}
        }
        if !self.state(row).is_staffed() {
            return Some(0);
        }
        let neighbour = match stamp {
            Stamp::Start => rows.get(index + 1),
            Stamp::End => index.checked_sub(1).and_then(|before| rows.get(before)),
        };
        let seconds = neighbour
            .and_then(|other| second_of_day(other.event_time, form))
            .zip(second_of_day(row.event_time, form))
            .map(|(other, own)| i64::from(other - own).abs());
        match seconds {
            Some(_) => problems.doubt(
                "no-duration",
                "ag_actv rows without duration; taken from the neighbouring row",
            ),
            None => problems.reject(
                "no-duration",
                "ag_actv rows without duration and without a neighbour",
            ),
        }
        seconds
    }

    fn state(&self, row: &TraceRow) -> WorkState {
        let known = self.answers.work_modes.get(&row.mode);
        known.copied().unwrap_or(WorkState::Unknown)
    }

    fn status(
        &self,
        row: &TraceRow,
        start_utc_s: i64,
        end_utc_s: i64,
        quality: Quality,
    ) -> AgentStatus {
        let state = self.state(row);
        AgentStatus {
            agent: agent(self.trace.acd, self.login),
            row_date: self.trace.row_date,
            start_utc_s,
            end_utc_s,
            state,
            direction: row
                .direction
                .and_then(|code| self.answers.directions.get(&code).copied()),
            aux_reason: row.aux_reason.filter(|_| state == WorkState::Aux),
            skill: row
                .skill
                .filter(|_| state.has_skill())
                .map(|skill| skill.to_string()),
            logout_reason: row.logout_reason.filter(|_| state == WorkState::LogOff),
            hold: Hold::No,
            source_mode: Some(row.mode),
            source_direction: row.direction,
            source: StatusSource::Trace,
            quality,
        }
    }
}

/// The instants of a second of the local day, first and second pass, and whether the time was skipped by the clock.
fn instants(date: Date, second: i32, zone: &TimeZone) -> Option<(i64, i64, bool)> {
    let minute = LocalMinute::new(date, i16::try_from(second / 60).ok()?)?;
    let beyond = i64::from(second % 60);
    match resolve(minute, zone) {
        Resolved::Once(at) => Some((at.0 + beyond, at.0 + beyond, false)),
        Resolved::Twice { first, second } => Some((first.0 + beyond, second.0 + beyond, false)),
        Resolved::Never { shifted } => Some((shifted.0 + beyond, shifted.0 + beyond, true)),
        Resolved::OutOfRange => None,
    }
}

/// Cuts overlaps, reads the hold flags, merges what is one state.
fn join(placed: Vec<(AgentStatus, &TraceRow)>, problems: &mut Problems) -> Vec<AgentStatus> {
    let mut spans: Vec<AgentStatus> = Vec::with_capacity(placed.len());
    let mut holding = false;
    for (mut span, row) in placed {
        let is_moment = matches!(span.state, WorkState::LogOn | WorkState::LogOff);
        let last = spans.iter().rposition(|earlier| earlier.length_s() > 0);
        if span.length_s() > 0
            && let Some(earlier) = last.and_then(|at| spans.get_mut(at))
            && earlier.end_utc_s > span.start_utc_s
        {
            if is_same_but_for_skill(earlier, &span) {
                problems.doubt(
                    "row-per-skill",
                    "ag_actv rows alike but for the skill; counted once",
                );
                continue;
            }
            problems.doubt(
                "overlap",
                "ag_actv rows that overlap another of the same agent; the earlier one was cut",
            );
            earlier.end_utc_s = span.start_utc_s;
            earlier.quality = Quality::Ambiguous;
        }
        holding = row.caller_hold
            || (holding && !row.reconnect && span.state != WorkState::Available && !is_moment);
        if span.length_s() == 0 && !is_moment {
            continue;
        }
        let before = spans
            .last()
            .filter(|earlier| earlier.end_utc_s == span.start_utc_s);
        if span.state == WorkState::Other {
            let after_call = before.is_some_and(|earlier| {
                matches!(earlier.state, WorkState::Acd | WorkState::DirectAcd)
                    || (earlier.state == WorkState::Other && earlier.hold != Hold::No)
            });
            span.hold = match (holding, after_call) {
                (true, _) => Hold::Flagged,
                (false, true) => Hold::Probable,
                (false, false) => Hold::No,
            };
        }
        match spans.last_mut() {
            Some(last) if last.is_continued_by(&span) => last.end_utc_s = span.end_utc_s,
            _ => spans.push(span),
        }
    }
    spans.retain(|span| {
        span.length_s() > 0 || matches!(span.state, WorkState::LogOn | WorkState::LogOff)
    });
    spans
}

fn is_same_but_for_skill(one: &AgentStatus, other: &AgentStatus) -> bool {
    let mut alike = other.clone();
    alike.skill.clone_from(&one.skill);
    alike.hold = one.hold;
    *one == alike
}
