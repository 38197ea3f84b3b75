//! What the numbers of work modes and directions mean.
//!
//! Four kinds of evidence. *Totals*: in slots that the trace covers, the seconds of a number equal one figure of the agent's
//! interval. *Position*: rows of no length that only begin, or only end, an unbroken run of states are logging on and off.
//! *Reason*: AUX alone comes with a reason. *Name*: the dictionary's string for the number, which a site may have edited. Known codes of
//! the real-time feed are a guess of last resort, and never certain.
//!
//! Data decides over names; where the two disagree the answer is not certain.

use super::rows::Trace;
use super::spans;
use floorwire_model::agents::settings::{TraceFindings, TraceSettings};
use floorwire_model::agents::{
    AgentInterval, AgentKey, AgentSkillInterval, AgentStatus, CallDirection, WorkState,
};
use floorwire_model::evidence::{Evidence, Verdict};
use floorwire_model::streams::{DictionaryEntry, Quality};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Seconds by which a total may differ in a slot.
const TOTAL_TOLERANCE_S: i64 = 2;

/// What else is known of the days of the traces.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The dictionary of the ACD.
    pub dictionary: &'a [DictionaryEntry],
    /// The agents' intervals.
    pub intervals: &'a [AgentInterval],
    /// Their parts by skill.
    pub skill_intervals: &'a [AgentSkillInterval],
}

/// Adds the verdicts on numbers to findings that have the times.
pub fn of_numbers(
    traces: &[&Trace<'_>],
    mut findings: TraceFindings,
    context: &Context<'_>,
    zone: &TimeZone,
) -> TraceFindings {
    let times = TraceSettings {
        work_modes: BTreeMap::new(),
        directions: BTreeMap::new(),
        ..findings.answers()
    };
    let raw: Vec<AgentStatus> = traces
        .iter()
        .flat_map(|trace| spans::timeline(trace, &times, zone).0)
        .collect();
    let modes: BTreeSet<i32> = traces
        .iter()
        .flat_map(|trace| trace.agents.values())
        .flatten()
        .map(|row| row.mode)
        .collect();
    let mut evidence: BTreeMap<i32, Vec<Evidence>> =
        modes.iter().map(|mode| (*mode, Vec::new())).collect();
    totals(&raw, context.intervals, &mut evidence);
    positions(traces, &mut evidence);
    reasons(traces, &mut evidence);
    for (mode, evidence) in evidence {
        let verdict = work_mode(mode, evidence, context.dictionary);
        findings.work_modes.insert(mode, verdict);
    }
    for mode in shipped_modes(context.dictionary).filter(|mode| !modes.contains(mode)) {
        let verdict = work_mode(mode, Vec::new(), context.dictionary);
        findings.work_modes.insert(mode, verdict);
    }
    let answers = findings.answers();
    findings.directions = directions(traces, &raw, &answers, context);
    findings
}

fn by_agent(spans: &[AgentStatus]) -> HashMap<&AgentKey, Vec<&AgentStatus>> {
    let mut agents: HashMap<&AgentKey, Vec<&AgentStatus>> = HashMap::new();
    for span in spans {
        agents.entry(&span.agent).or_default().push(span);
    }
    for spans in agents.values_mut() {
        spans.sort_by_key(|span| (span.start_utc_s, span.end_utc_s));
    }
    agents
}

fn within<'a>(
    spans: &'a [&'a AgentStatus],
    from: i64,
    to: i64,
) -> impl Iterator<Item = (&'a AgentStatus, i64)> {
    let first = spans.partition_point(|span| span.end_utc_s <= from);
    spans
        .iter()
        .skip(first)
        .take_while(move |span| span.start_utc_s < to)
        .map(move |span| (*span, span.seconds_within(from, to)))
}

fn totals(
    raw: &[AgentStatus],
    intervals: &[AgentInterval],
    evidence: &mut BTreeMap<i32, Vec<Evidence>>,
) {
    let agents = by_agent(raw);
    let mut counts: BTreeMap<(i32, WorkState), (u64, u64)> = BTreeMap::new();
    for row in intervals.iter().filter(|row| row.quality == Quality::Final) {
        let (Some(spans), Some(staffed)) = (agents.get(&row.agent), row.figures.staffed_seconds)
        else {
            continue;
        };
        let mut seconds: BTreeMap<i32, i64> = BTreeMap::new();
        for (span, length) in within(spans, row.start_utc_s, row.start_utc_s + row.length_s) {
            *seconds
                .entry(span.source_mode.unwrap_or_default())
                .or_default() += length;
        }
        // A slot that is traced in part says nothing about any number.
        if staffed == 0 || seconds.values().sum::<i64>() + TOTAL_TOLERANCE_S < staffed {
            continue;
        }
        let figures = &row.figures;
        for (state, figure) in [
            (WorkState::Available, figures.available_seconds),
            (WorkState::Acd, figures.acd_seconds),
            (WorkState::AfterCall, figures.acw_seconds),
            (WorkState::Aux, figures.aux_seconds),
            (WorkState::DirectAcd, figures.direct_acd_seconds),
            (WorkState::DirectAfterCall, figures.direct_acw_seconds),
            (WorkState::Ringing, figures.ringing_seconds),
            (WorkState::Other, figures.other_seconds),
        ] {
            let Some(figure) = figure else { continue };
            for mode in evidence.keys() {
                let traced = seconds.get(mode).copied().unwrap_or(0);
                if traced.max(figure) <= TOTAL_TOLERANCE_S {
                    continue;
                }
                let count = counts.entry((*mode, state)).or_default();
                match (traced - figure).abs() <= TOTAL_TOLERANCE_S {
                    true => count.0 += 1,
                    false => count.1 += 1,
                }
            }
        }
    }
    for ((mode, state), (in_favour, against)) in counts {
        // What never fits is not worth showing; eight states times all numbers would hide what does.
        if in_favour > 0
            && let Some(list) = evidence.get_mut(&mode)
        {
            list.push(Evidence::new(
                "interval-totals",
                state.as_str(),
                in_favour,
                against,
            ));
        }
    }
}

/// Rows of no length: those between two states say nothing, those at the edges of a run are logging on and off.
fn positions(traces: &[&Trace<'_>], evidence: &mut BTreeMap<i32, Vec<Evidence>>) {
    let mut counts: BTreeMap<i32, (u64, u64, u64)> = BTreeMap::new();
    for rows in traces.iter().flat_map(|trace| trace.agents.values()) {
        for (index, row) in rows.iter().enumerate() {
            let count = counts.entry(row.mode).or_default();
            if row.duration_s.is_some_and(|seconds| seconds > 0) {
                count.2 += 1;
                continue;
            }
            let neighbour = |other: Option<&super::rows::TraceRow>| {
                other.is_some_and(|other| other.duration_s.is_some_and(|s| s > 0))
            };
            let before = neighbour(index.checked_sub(1).and_then(|at| rows.get(at)));
            let after = neighbour(rows.get(index + 1));
            match (index == 0 || !before, index + 1 == rows.len() || !after) {
                (true, false) => count.0 += 1,
                (false, true) => count.1 += 1,
                _ => {}
            }
        }
    }
    for (mode, (begins, ends, has_length)) in counts {
        let Some(list) = evidence.get_mut(&mode) else {
            continue;
        };
        if begins > 0 {
            list.push(Evidence::new(
                "position",
                WorkState::LogOn.as_str(),
                begins,
                ends + has_length,
            ));
        }
        if ends > 0 {
            list.push(Evidence::new(
                "position",
                WorkState::LogOff.as_str(),
                ends,
                begins + has_length,
            ));
        }
    }
}

fn reasons(traces: &[&Trace<'_>], evidence: &mut BTreeMap<i32, Vec<Evidence>>) {
    let mut with_reason: BTreeMap<i32, u64> = BTreeMap::new();
    for row in traces
        .iter()
        .flat_map(|trace| trace.agents.values())
        .flatten()
    {
        if row.aux_reason.is_some_and(|reason| reason > 0) {
            *with_reason.entry(row.mode).or_default() += 1;
        }
    }
    let all: u64 = with_reason.values().sum();
    for (mode, count) in with_reason {
        if let Some(list) = evidence.get_mut(&mode) {
            list.push(Evidence::new(
                "reason",
                WorkState::Aux.as_str(),
                count,
                all - count,
            ));
        }
    }
}

fn work_mode(
    mode: i32,
    mut evidence: Vec<Evidence>,
    dictionary: &[DictionaryEntry],
) -> Verdict<WorkState> {
    let conclusive: BTreeSet<WorkState> = evidence
        .iter()
        .filter(|test| test.is_conclusive())
        .filter_map(|test| WorkState::from_name(&test.answer))
        .collect();
    let by_data = match conclusive.len() {
        1 => conclusive.first().copied(),
        _ => None,
    };
    let named = name_of(dictionary, "workmode", mode);
    let by_name = named.and_then(|entry| Some((state_named(&entry.name)?, entry.standard)));
    if let Some((state, _)) = by_name {
        evidence.push(Evidence::new("name", state.as_str(), 1, 0));
    }
    let by_feed = known_code(mode);
    if let Some(state) = by_feed {
        evidence.push(Evidence::new("known-code", state.as_str(), 1, 0));
    }
    // The best of the tests that are not conclusive, if nothing else speaks.
    let best = evidence
        .iter()
        .filter(|test| {
            !matches!(test.test.as_str(), "name" | "known-code") && test.in_favour > test.against
        })
        .max_by_key(|test| test.in_favour)
        .and_then(|test| WorkState::from_name(&test.answer));
    let (answer, certain) = match (by_data, by_name) {
        (Some(data), Some((name, _))) => (Some(data), data == name),
        (Some(data), None) => (Some(data), true),
        (None, Some((name, standard))) => (Some(name), standard && conclusive.is_empty()),
        (None, None) => (best.or(by_feed), false),
    };
    Verdict {
        answer,
        certain,
        overridden: false,
        evidence,
    }
}

/// Numbers of states that the dictionary has as shipped, whether they have occurred yet or not.
fn shipped_modes(dictionary: &[DictionaryEntry]) -> impl Iterator<Item = i32> {
    let states = dictionary.iter().filter(|entry| {
        let is_mode = entry.item_type.eq_ignore_ascii_case("workmode");
        is_mode && entry.standard && state_named(&entry.name).is_some()
    });
    states.filter_map(|entry| entry.value.parse().ok())
}

fn name_of<'a>(
    dictionary: &'a [DictionaryEntry],
    item_type: &str,
    code: i32,
) -> Option<&'a DictionaryEntry> {
    let value = code.to_string();
    let is_it = |entry: &&DictionaryEntry| {
        entry.item_type.eq_ignore_ascii_case(item_type) && entry.value == value
    };
    dictionary.iter().find(is_it)
}

/// The shipped strings and close spellings of them.
fn state_named(name: &str) -> Option<WorkState> {
    Some(match name.trim().to_ascii_uppercase().as_str() {
        "AVAIL" | "AVAILABLE" => WorkState::Available,
        "ACD" => WorkState::Acd,
        "ACW" => WorkState::AfterCall,
        "AUX" => WorkState::Aux,
        "DACD" => WorkState::DirectAcd,
        "DACW" => WorkState::DirectAfterCall,
        "RING" | "RINGING" => WorkState::Ringing,
        "OTHER" => WorkState::Other,
        "UNKNOWN" => WorkState::Unknown,
        "UNSTAFF" | "UNSTAFFED" => WorkState::Unstaffed,
        "LOGON" | "LOGIN" => WorkState::LogOn,
        "LOGOFF" | "LOGOUT" => WorkState::LogOff,
        _ => return None,
    })
}

/// Codes seen in the real-time feed of other sites.
fn known_code(mode: i32) -> Option<WorkState> {
    Some(match mode {
        10 => WorkState::Unstaffed,
        20 => WorkState::Available,
        30 => WorkState::Acd,
        40 => WorkState::AfterCall,
        50 => WorkState::Aux,
        60 => WorkState::DirectAcd,
        70 => WorkState::DirectAfterCall,
        80 => WorkState::Ringing,
        100 => WorkState::LogOn,
        110 => WorkState::LogOff,
        220 => WorkState::Other,
        _ => return None,
    })
}

/// *Totals*: AUX seconds of a direction against the AUX-in and AUX-out seconds, which run in parallel in all skills. *Calls*: skill
/// calls come in. Numbers that occur while an agent waits for a call are no direction and get no verdict.
fn directions(
    traces: &[&Trace<'_>],
    raw: &[AgentStatus],
    answers: &TraceSettings,
    context: &Context<'_>,
) -> BTreeMap<i32, Verdict<CallDirection>> {
    let state = |mode: i32| answers.work_modes.get(&mode).copied();
    let mut waiting: BTreeMap<i32, u64> = BTreeMap::new();
    let mut on_call: BTreeMap<i32, u64> = BTreeMap::new();
    let mut all: BTreeMap<i32, u64> = BTreeMap::new();
    for row in traces
        .iter()
        .flat_map(|trace| trace.agents.values())
        .flatten()
    {
        let Some(code) = row.direction else { continue };
        *all.entry(code).or_default() += 1;
        match state(row.mode) {
            Some(WorkState::Available) => *waiting.entry(code).or_default() += 1,
            Some(WorkState::Acd | WorkState::Ringing) => *on_call.entry(code).or_default() += 1,
            _ => {}
        }
    }
    let calls: u64 = on_call
        .iter()
        .filter(|(code, _)| !waiting.contains_key(code))
        .map(|(_, count)| count)
        .sum();
    let totals = aux_totals(raw, &state, context);
    let mut verdicts = BTreeMap::new();
    for code in all.keys().filter(|code| !waiting.contains_key(code)) {
        let own = on_call.get(code).copied().unwrap_or(0);
        let count = |direction| totals.get(&(*code, direction)).copied().unwrap_or_default();
        let (into, out) = (count(CallDirection::In), count(CallDirection::Out));
        let mut verdict = Verdict::of_two(
            "all",
            (CallDirection::In, "in", own + into),
            (
                CallDirection::Out,
                "out",
                (calls - own).min(all[code]) * u64::from(own == 0) + out,
            ),
        );
        verdict.evidence = vec![
            Evidence::new("calls-come-in", "in", own, calls - own),
            Evidence::new("interval-totals", "in", into, out),
            Evidence::new("interval-totals", "out", out, into),
        ];
        let named = name_of(context.dictionary, "ag_dir", *code);
        let by_name =
            named.and_then(
                |entry| match entry.name.trim().to_ascii_uppercase().as_str() {
                    "IN" => Some((CallDirection::In, entry.standard)),
                    "OUT" => Some((CallDirection::Out, entry.standard)),
                    _ => None,
                },
            );
        if let Some((direction, standard)) = by_name {
            verdict
                .evidence
                .push(Evidence::new("name", direction.as_str(), 1, 0));
            match verdict.answer {
                Some(data) if verdict.certain => verdict.certain = data == direction,
                _ => {
                    verdict.answer = Some(direction);
                    verdict.certain = standard;
                }
            }
        }
        verdicts.insert(*code, verdict);
    }
    verdicts
}

fn aux_totals(
    raw: &[AgentStatus],
    state: &dyn Fn(i32) -> Option<WorkState>,
    context: &Context<'_>,
) -> BTreeMap<(i32, CallDirection), u64> {
    let mut parallel: BTreeMap<(&AgentKey, i64), (i64, i64, i64)> = BTreeMap::new();
    for row in context
        .skill_intervals
        .iter()
        .filter(|row| row.quality == Quality::Final)
    {
        let (Some(into), Some(out)) = (row.figures.aux_in_seconds, row.figures.aux_out_seconds)
        else {
            continue;
        };
        let most = parallel
            .entry((&row.agent, row.start_utc_s))
            .or_insert((row.length_s, 0, 0));
        *most = (row.length_s, most.1.max(into), most.2.max(out));
    }
    let agents = by_agent(raw);
    let mut counts = BTreeMap::new();
    for ((agent, start), (length, into, out)) in parallel {
        let Some(spans) = agents.get(agent) else {
            continue;
        };
        let mut seconds: BTreeMap<i32, i64> = BTreeMap::new();
        for (span, length) in within(spans, start, start + length) {
            if let (Some(code), Some(WorkState::Aux)) = (
                span.source_direction,
                state(span.source_mode.unwrap_or_default()),
            ) {
                *seconds.entry(code).or_default() += length;
            }
        }
        for (code, traced) in seconds
            .into_iter()
            .filter(|(_, traced)| *traced > TOTAL_TOLERANCE_S)
        {
            let fits = |figure: i64| (traced - figure).abs() <= TOTAL_TOLERANCE_S;
            match (fits(into), fits(out)) {
                (true, false) => *counts.entry((code, CallDirection::In)).or_default() += 1,
                (false, true) => *counts.entry((code, CallDirection::Out)).or_default() += 1,
                _ => {}
            }
        }
    }
    counts
}
