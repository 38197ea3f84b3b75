//! Figures as CSV, for spreadsheets: one line per slot, units in the header, empty where nothing is known.
//!
//! Cells are numbers, instants and the fixed names of qualities; nothing typed by a person gets into the file, so no cell
//! can be taken for a formula. The file name holds the queue's number, letters and digits only, and the dates.

use super::dto::{QueueIntervals, QueueSlot};
use crate::error::{ApiResult, Problem};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;

const HEADER: [&str; 16] = [
    "start_utc",
    "start_local",
    "length_s",
    "quality",
    "offered",
    "answered",
    "abandoned",
    "within_threshold",
    "threshold_s",
    "talk_s",
    "hold_s",
    "acw_s",
    "wait_s",
    "aht_s",
    "service_level_ratio",
    "source",
];

/// The answer as a file.
pub fn answer(intervals: &QueueIntervals, zone: &TimeZone) -> ApiResult<Response> {
    let text = write(intervals, zone).map_err(Problem::internal)?;
    let number: String = intervals
        .queue
        .number
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let name = format!("queue-{number}-{}-to-{}.csv", intervals.from, intervals.to);
    let headers = [
        (
            header::CONTENT_TYPE,
            "text/csv; charset=utf-8; header=present".to_owned(),
        ),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::VARY, "accept".to_owned()),
    ];
    Ok((headers, text).into_response())
}

fn write(intervals: &QueueIntervals, zone: &TimeZone) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for slot in &intervals.slots {
        writer.write_record(cells(slot, zone))?;
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn cells(slot: &QueueSlot, zone: &TimeZone) -> [String; 16] {
    let figures = &slot.figures;
    let whole = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let fraction =
        |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let local = slot.start.0.to_zoned(zone.clone());
    [
        slot.start.0.to_string(),
        local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        slot.length_seconds.to_string(),
        slot.quality.as_str().to_owned(),
        whole(figures.offered),
        whole(figures.answered),
        whole(figures.abandoned),
        whole(figures.within_threshold),
        whole(figures.threshold_seconds),
        whole(figures.talk_seconds),
        whole(figures.hold_seconds),
        whole(figures.acw_seconds),
        whole(figures.wait_seconds),
        fraction(figures.average_handle_seconds),
        fraction(figures.service_level),
        slot.source.as_str().to_owned(),
    ]
}
