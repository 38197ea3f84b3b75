//! The truth by other settings of calls: by VDN, and inbound only.

use crate::cms::{TrueInterval, TrueVdnInterval, TrueWhen, Truth};
use crate::compare::{FIGURES, Key, SlotStarts};
use serde_json::Value;
use std::collections::BTreeMap;

/// As [`crate::compare::Figures`]; `None`: not to be known.
pub type Known = [Option<i64>; 8];

/// The truth by VDN, in archived intervals with calls.
pub fn by_vdn(truth: &Truth, vector_abandons: bool) -> anyhow::Result<BTreeMap<Key, Known>> {
    let figures = |row: &TrueVdnInterval| -> Known {
        let in_vector = if vector_abandons {
            0
        } else {
            row.abandoned_in_vector
        };
        [
            Some(row.offered - in_vector),
            Some(row.answered),
            Some(row.abandoned - in_vector),
            // The source counts calls connected to a station among those answered in time.
            (row.connected == 0).then_some(row.within_threshold),
            Some(row.talk_seconds),
            Some(row.hold_seconds),
            Some(row.acw_seconds),
            Some(row.wait_seconds),
        ]
    };
    let rows = truth.vdn_intervals.iter();
    in_slots(truth, rows.map(|row| (&row.when, row.vdn, figures(row))))
}

/// The truth by split without outbound calls, in archived intervals with others.
pub fn inbound(truth: &Truth) -> anyhow::Result<BTreeMap<Key, Known>> {
    let figures = |row: &TrueInterval| -> Known {
        let (answered, abandoned) = (row.outbound_answered, row.outbound_abandoned);
        let unsplit = |figure: i64| (answered == 0).then_some(figure);
        [
            Some(row.offered - answered - abandoned),
            Some(row.answered - answered),
            Some(row.abandoned - abandoned),
            unsplit(row.within_threshold),
            Some(row.talk_seconds - row.outbound_talk_seconds),
            unsplit(row.hold_seconds),
            Some(row.acw_seconds - row.outbound_acw_seconds),
            unsplit(row.wait_seconds),
        ]
    };
    let rows = truth.intervals.iter();
    in_slots(truth, rows.map(|row| (&row.when, row.split, figures(row))))
}

fn in_slots<'a>(
    truth: &'a Truth,
    rows: impl Iterator<Item = (&'a TrueWhen, i64, Known)> + Clone,
) -> anyhow::Result<BTreeMap<Key, Known>> {
    let starts = SlotStarts::of(truth, |acd| &acd.zone, rows.clone().map(|row| row.0), true)?;
    let mut sums: BTreeMap<Key, Known> = BTreeMap::new();
    for (when, queue, figures) in rows.filter(|row| row.0.quality != "absent") {
        let key = (when.acd, queue, starts.of_interval(when)?);
        let sum = sums.entry(key).or_insert([Some(0); 8]);
        for (sum, figure) in sum.iter_mut().zip(figures) {
            *sum = sum.zip(figure).map(|(sum, figure)| sum + figure);
        }
    }
    sums.retain(|_, figures| has_calls(figures));
    Ok(sums)
}

fn has_calls(figures: &Known) -> bool {
    figures[..2].iter().any(|calls| calls.unwrap_or(0) != 0)
}

/// The figures of a slot; `None` without calls.
pub fn slot_known(slot: &Value) -> anyhow::Result<Option<Known>> {
    let figures = FIGURES.map(|name| slot[name].as_i64());
    Ok(Some(figures).filter(has_calls))
}
