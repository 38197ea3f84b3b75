//! Holds the Hub's answers against the simulator's truth, interval by interval.

use crate::api::Api;
use crate::cms::{TrueAcd, TrueInterval, TrueWhen, Truth};
use anyhow::Context;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde_json::Value;
use std::collections::BTreeMap;

/// ACD, split or VDN, start in seconds since 1970 UTC.
pub type Key = (i64, i64, i64);
/// Offered, answered, abandoned, within threshold, talk, hold, ACW, wait; calls and seconds.
pub type Figures = [i64; 8];
/// Names of [`Figures`] in the API.
pub const FIGURES: [&str; 8] = [
    "offered",
    "answered",
    "abandoned",
    "withinThreshold",
    "talkSeconds",
    "holdSeconds",
    "acwSeconds",
    "waitSeconds",
];

/// The slots in which the Hub shows intervals: a slot begins at a multiple of the interval on the zone's clock. Where the
/// CMS has no `starttime_utc`, intervals of one name are one entry, at the first of them.
pub struct SlotStarts<'a> {
    clocks: BTreeMap<i64, (TimeZone, i64)>,
    first_of_name: Option<BTreeMap<(i64, &'a str, &'a str), i64>>,
}

impl<'a> SlotStarts<'a> {
    /// From all intervals of one kind; `zone` is that of the clock that stamps them.
    pub fn of(
        truth: &Truth,
        zone: fn(&TrueAcd) -> &str,
        intervals: impl Iterator<Item = &'a TrueWhen>,
        with_utc: bool,
    ) -> anyhow::Result<Self> {
        let mut clocks = BTreeMap::new();
        for acd in &truth.acds {
            let zone = TimeZone::get(zone(acd))?;
            clocks.insert(acd.acd, (zone, i64::from(acd.interval_minutes)));
        }
        let mut first_of_name = BTreeMap::new();
        for when in intervals {
            let first = first_of_name.entry(name_of(when)).or_insert(when.start_utc);
            // Nothing may have happened in the first of two intervals of a name, which is as good a place for its row.
            let named = clocks
                .get(&when.acd)
                .and_then(|(zone, _)| first_named(zone, when));
            *first = when
                .start_utc
                .min(*first)
                .min(named.unwrap_or(when.start_utc));
        }
        Ok(Self {
            clocks,
            first_of_name: (!with_utc).then_some(first_of_name),
        })
    }

    /// The start of the slot of an interval.
    pub fn of_interval(&self, when: &TrueWhen) -> anyhow::Result<i64> {
        let (zone, minutes) = self.clocks.get(&when.acd).context("an acd has no clock")?;
        let first = match &self.first_of_name {
            Some(first_of_name) => *first_of_name
                .get(&name_of(when))
                .context("an interval has no name")?,
            None => when.start_utc,
        };
        slot_start(zone, *minutes, first)
    }
}

/// The first instant of an interval's name, where a clock that is set back shows it twice.
fn first_named(zone: &TimeZone, when: &TrueWhen) -> Option<i64> {
    let local = format!("{}T{}", when.row_date, when.start_local);
    let local: jiff::civil::DateTime = local.parse().ok()?;
    let twice = zone.to_ambiguous_timestamp(local);
    match twice.offset() {
        AmbiguousOffset::Fold { .. } => Some(twice.earlier().ok()?.as_second()),
        _ => None,
    }
}

fn name_of(when: &TrueWhen) -> (i64, &str, &str) {
    (when.acd, &when.row_date, &when.start_local)
}

/// The truth's intervals with calls answered or abandoned that the CMS has archived, by the slots in which the Hub shows
/// them.
pub fn true_figures(truth: &Truth, with_utc: bool) -> anyhow::Result<BTreeMap<Key, Figures>> {
    true_intervals(truth, with_utc, |interval| {
        let figures = [
            interval.offered,
            interval.answered,
            interval.abandoned,
            interval.within_threshold,
            interval.talk_seconds,
            interval.hold_seconds,
            interval.acw_seconds,
            interval.wait_seconds,
        ];
        (interval.offered > 0).then_some(figures)
    })
}

/// The truth's calls offered by another definition, in archived intervals with such calls.
pub fn true_offered(
    truth: &Truth,
    with_utc: bool,
    definition: &str,
) -> anyhow::Result<BTreeMap<Key, [i64; 1]>> {
    let calls: fn(&TrueInterval) -> i64 = match definition {
        "i_arrived" => |interval| interval.arrived,
        "callsoffered-dequecalls-inflowcalls" => |interval| interval.entry_demand,
        _ => |interval| interval.offered,
    };
    true_intervals(truth, with_utc, |interval| {
        Some([calls(interval)]).filter(|calls| calls[0] != 0)
    })
}

fn true_intervals<const N: usize>(
    truth: &Truth,
    with_utc: bool,
    take: impl Fn(&TrueInterval) -> Option<[i64; N]>,
) -> anyhow::Result<BTreeMap<Key, [i64; N]>> {
    let starts = SlotStarts::of(
        truth,
        |acd| &acd.zone,
        truth.intervals.iter().map(|row| &row.when),
        with_utc,
    )?;
    let mut figures = BTreeMap::new();
    for interval in &truth.intervals {
        let Some(own) = take(interval).filter(|_| interval.when.quality != "absent") else {
            continue;
        };
        let start = starts.of_interval(&interval.when)?;
        let key = (interval.when.acd, interval.split, start);
        let sums = figures.entry(key).or_insert([0; N]);
        for (sum, figure) in sums.iter_mut().zip(own) {
            *sum += figure;
        }
    }
    Ok(figures)
}

/// Back from an instant to the last multiple of `minutes` that the zone's clock showed, or to the last change of the zone,
/// which begins a slot as well.
pub fn slot_start(zone: &TimeZone, minutes: i64, utc_s: i64) -> anyhow::Result<i64> {
    let instant = jiff::Timestamp::from_second(utc_s)?;
    let local = zone.to_datetime(instant);
    let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
    let multiple = utc_s - minute % minutes * 60 - i64::from(local.second());
    // A change at the instant itself is not before it, so look from a second later.
    let change = zone
        .preceding(jiff::Timestamp::from_second(utc_s + 1)?)
        .next();
    Ok(change.map_or(multiple, |change| {
        multiple.max(change.timestamp().as_second())
    }))
}

/// Every interval of an integration at the Hub in which something was offered, over the truth's days and
/// one more on either side; and the names of its queues.
pub async fn hub_figures<T>(
    api: &Api,
    integration: i64,
    truth: &Truth,
    take: fn(&Value) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<(BTreeMap<Key, T>, BTreeMap<(i64, i64), String>)> {
    let days = truth
        .intervals
        .iter()
        .map(|interval| interval.when.row_date.parse::<Date>());
    let days: Vec<Date> = days.collect::<Result<_, _>>()?;
    let from = days
        .iter()
        .min()
        .context("the truth has no interval")?
        .checked_sub(1.day())?;
    let to = days
        .iter()
        .max()
        .context("the truth has no interval")?
        .checked_add(2.days())?;
    let steps: BTreeMap<i64, String> = truth
        .acds
        .iter()
        .map(|acd| match acd.interval_minutes {
            60 => (acd.acd, "1h".to_owned()),
            minutes => (acd.acd, format!("{minutes}m")),
        })
        .collect();
    let mut found = BTreeMap::new();
    let mut names = BTreeMap::new();
    for queue in api
        .all(&format!("/queues?integration={integration}&limit=500"))
        .await?
    {
        let id = queue["id"].as_i64().context("a queue has no id")?;
        let acd = queue["acd"].as_i64().context("a queue has no acd")?;
        let split: i64 = queue["number"]
            .as_str()
            .context("a queue has no number")?
            .parse()?;
        names.insert(
            (acd, split),
            queue["name"].as_str().unwrap_or_default().to_owned(),
        );
        let step = steps
            .get(&acd)
            .context("a queue of an ACD that is not in the truth")?;
        let mut day = from;
        // A month per call keeps answers small.
        while day < to {
            let end = day.checked_add(31.days())?.min(to);
            let answer = api
                .get(&format!(
                    "/queues/{id}/intervals?from={day}&to={end}&step={step}"
                ))
                .await?;
            for slot in answer["slots"].as_array().context("no slots")? {
                if let Some(figures) = take(slot)? {
                    found.insert((acd, split, start_utc_s(slot)?), figures);
                }
            }
            day = end;
        }
    }
    Ok((found, names))
}

/// The figures of a slot; `None` where nothing was offered or nothing is known.
pub fn slot_figures(slot: &Value) -> anyhow::Result<Option<Figures>> {
    if slot["offered"].as_i64().unwrap_or(0) == 0 && slot["answered"].as_i64().unwrap_or(0) == 0 {
        return Ok(None);
    }
    let mut figures = Figures::default();
    for (figure, name) in figures.iter_mut().zip(FIGURES) {
        *figure = slot[name]
            .as_i64()
            .with_context(|| format!("a slot with calls has no {name}: {slot}"))?;
    }
    Ok(Some(figures))
}

/// The offered calls of a slot; `None` where there are none or nothing is known.
pub fn slot_offered(slot: &Value) -> anyhow::Result<Option<[i64; 1]>> {
    let offered = slot["offered"].as_i64();
    Ok(offered.filter(|calls| *calls != 0).map(|calls| [calls]))
}

/// Start of a slot of an answer, seconds since 1970 UTC.
pub fn start_utc_s(slot: &Value) -> anyhow::Result<i64> {
    let start = slot["start"].as_str().context("a slot has no start")?;
    Ok(start.parse::<jiff::Timestamp>()?.as_second())
}

/// What differs, one line each; empty when both are equal.
pub fn differences<T: PartialEq + std::fmt::Debug>(
    truth: &BTreeMap<Key, T>,
    hub: &BTreeMap<Key, T>,
) -> Vec<String> {
    let mut lines = Vec::new();
    let name = |key: &Key| {
        let start = jiff::Timestamp::from_second(key.2)
            .map(|at| at.to_string())
            .unwrap_or_default();
        format!("acd {} queue {} at {start}", key.0, key.1)
    };
    for (key, expected) in truth {
        match hub.get(key) {
            None => lines.push(format!(
                "{}: missing at the hub, should be {expected:?}",
                name(key)
            )),
            Some(found) if found != expected => {
                lines.push(format!(
                    "{}: hub has {found:?}, should be {expected:?}",
                    name(key)
                ));
            }
            Some(_) => {}
        }
    }
    let surplus = hub.keys().filter(|key| !truth.contains_key(key));
    lines.extend(surplus.map(|key| format!("{}: at the hub, but never happened", name(key))));
    lines
}
