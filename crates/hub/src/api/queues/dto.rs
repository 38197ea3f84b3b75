//! Queues and their figures as the API shows them.

use crate::api::extract::Paging;
use crate::api::types::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A split, skill or VDN of one ACD.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Queue {
    /// Unique within the account.
    pub id: i64,
    /// Its name in the source's dictionary, or its number.
    pub name: String,
    /// Its number at the ACD.
    pub number: String,
    /// The ACD.
    pub acd: i64,
    /// `split` or `vdn`.
    pub kind: String,
    /// The integration it came from.
    pub integration_id: i64,
    /// That integration's name.
    pub integration_name: String,
    /// Local date of the first figures, `YYYY-MM-DD`.
    #[schema(required)]
    pub first_date: Option<String>,
    /// Local date of the last figures, `YYYY-MM-DD`.
    #[schema(required)]
    pub last_date: Option<String>,
    /// Local date of the last figures known by the day only; null: there are none.
    #[schema(required)]
    pub last_daily_date: Option<String>,
    /// First local date of this use of the number, where it had been something else before; null for its first use.
    #[schema(required)]
    pub from_date: Option<String>,
    /// Names the number had before in the source's dictionary, oldest first.
    pub former_names: Vec<FormerName>,
    /// The number got another name, and nobody said yet whether it is the same queue.
    pub name_in_question: bool,
    /// A person does not want to see it in lists.
    pub hidden: bool,
    /// It has had no figures for 30 days, while its integration has newer ones.
    pub inactive: bool,
}

/// A name that a number had.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FormerName {
    /// The name.
    pub name: String,
    /// When a dictionary with another name was read.
    pub until: Instant,
    /// `renamed` or `reused`; null while nobody said so.
    #[schema(required)]
    pub answer: Option<String>,
}

/// Changes to a queue.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueuePatch {
    /// True: lists leave it out unless they are asked for hidden ones. Its figures go on.
    pub hidden: bool,
}

/// Which queues to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// Of this integration only.
    pub integration: Option<i64>,
    /// Name contains this text, or number is this text.
    pub search: Option<String>,
    /// True: hidden ones too.
    pub hidden: Option<bool>,
    /// True: inactive ones only; false: none of them; both when left out.
    pub inactive: Option<bool>,
    /// Most things wanted, 1 to 1000; 100 when left out.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
    /// `nextCursor` of the page before.
    pub cursor: Option<String>,
}

impl QueueQuery {
    /// The paging part.
    pub fn paging(&self) -> Paging {
        Paging {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }
}

/// Which figures to give.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct IntervalQuery {
    /// First local day, `YYYY-MM-DD`.
    pub from: String,
    /// Day after the last, `YYYY-MM-DD`.
    pub to: String,
    /// `15m`, `30m`, `1h` or `1d`; the source's interval when left out. Never finer than the source's.
    pub step: Option<String>,
    /// IANA zone that cuts the days; the source's when left out.
    pub zone: Option<String>,
    /// `json` or `csv`; what `Accept` asks for when left out.
    pub format: Option<String>,
}

/// The figures of a queue, slot by slot.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueIntervals {
    /// The queue.
    pub queue: QueueOfIntervals,
    /// IANA zone that cuts the days.
    pub zone: String,
    /// Length of a slot of this answer, minutes; 1440 for whole days, whatever their length.
    pub interval_minutes: u16,
    /// Length of an interval at the source, minutes; null while nothing was imported.
    #[schema(required)]
    pub source_interval_minutes: Option<u16>,
    /// First local day.
    pub from: String,
    /// Day after the last.
    pub to: String,
    /// How calls become offered calls.
    pub offered_definition: String,
    /// Which calls count: `all`, or `inbound`; then hold, wait and calls within the threshold are null where outbound calls
    /// were answered, since the source does not split them.
    pub call_direction: String,
    /// Every slot of every local day, in order.
    pub slots: Vec<QueueSlot>,
    /// Sums over the slots.
    pub totals: QueueTotals,
}

/// The queue of an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueOfIntervals {
    /// Unique within the account.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its number at the ACD.
    pub number: String,
    /// The ACD.
    pub acd: i64,
    /// `split` or `vdn`.
    pub kind: String,
    /// The integration it came from.
    pub integration_id: i64,
}

/// Where the figures of a slot come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SlotSource {
    /// Interval rows, or the ledger of intervals.
    Intervals,
    /// The source's sum over the day, whose intervals have aged out; it may cover its configured hours only.
    Daily,
}

impl SlotSource {
    /// The name in CSV, the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Intervals => "intervals",
            Self::Daily => "daily",
        }
    }
}

/// How far the figures of a slot can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SlotQuality {
    /// Complete as the source reported it.
    Final,
    /// The source did not see everything, or only a part of the slot is known.
    Incomplete,
    /// The source's clock does not say which of two slots the figures belong to; the first of them has the figures.
    Ambiguous,
    /// Read, and the ACD has no row at all in it.
    Missing,
    /// Not readable at the source yet.
    NotYetDue,
    /// Readable, not read yet.
    Expected,
    /// The ACD has rows in it, this queue has none: nothing happened.
    Zero,
    /// The site was closed, with rows before and after: nothing happened.
    Closed,
    /// The source was blind, and the queue has no row: nothing is known.
    Outage,
    /// The source does not hold it any more, or it lies before the start date: nothing is known, and never will be.
    OutOfRange,
}

/// Why a slot is zero, or why nothing is known of it or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum SlotReason {
    /// Zero: other queues of the ACD have rows.
    OtherRows,
    /// Zero: closed by the hours that are set.
    ClosingHours,
    /// Zero: closed on a holiday.
    Holiday,
    /// Zero: closed by the hours that its rows of at least eight weeks show.
    LearnedHours,
    /// Unknown: an outage of the source.
    Outage,
    /// Unknown: the source says that it did not see everything.
    SourceIncomplete,
    /// Unknown: the ACD has no row though it is open.
    NoRows,
    /// Unknown: the ACD has no row, and whether it is open is neither set nor learned.
    HoursUnknown,
    /// Unknown: closed, but without rows before and after that would show that the source was well.
    Unconfirmed,
    /// Unknown: a reading waits for a decision.
    SetAside,
}

impl SlotQuality {
    /// The name in CSV, the same as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Incomplete => "incomplete",
            Self::Ambiguous => "ambiguous",
            Self::Missing => "missing",
            Self::NotYetDue => "notYetDue",
            Self::Expected => "expected",
            Self::Zero => "zero",
            Self::Closed => "closed",
            Self::Outage => "outage",
            Self::OutOfRange => "outOfRange",
        }
    }
}

/// Calls and times; null where nothing is known, never zero for unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Calls offered, by the definition named in the answer.
    #[schema(required)]
    pub offered: Option<i64>,
    /// Calls answered.
    #[schema(required)]
    pub answered: Option<i64>,
    /// Calls abandoned in queue or ringing.
    #[schema(required)]
    pub abandoned: Option<i64>,
    /// Calls answered within the threshold.
    #[schema(required)]
    pub within_threshold: Option<i64>,
    /// Service level threshold, seconds; null where it changed.
    #[schema(required)]
    pub threshold_seconds: Option<i64>,
    /// Talk time of answered calls without hold, seconds.
    #[schema(required)]
    pub talk_seconds: Option<i64>,
    /// Hold time of answered calls, seconds.
    #[schema(required)]
    pub hold_seconds: Option<i64>,
    /// After-call work of answered calls, seconds.
    #[schema(required)]
    pub acw_seconds: Option<i64>,
    /// Waiting time of answered calls, seconds.
    #[schema(required)]
    pub wait_seconds: Option<i64>,
    /// Talk, hold and after-call work per answered call, seconds; null when nothing was answered.
    #[schema(required)]
    pub average_handle_seconds: Option<f64>,
    /// Calls answered within the threshold per answered or abandoned call, 0 to 1; null when there was none.
    #[schema(required)]
    pub service_level: Option<f64>,
}

/// One slot.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueSlot {
    /// Start.
    pub start: Instant,
    /// Length in seconds; differs from the interval where the clock changes.
    pub length_seconds: i64,
    /// How far the figures can be trusted.
    pub quality: SlotQuality,
    /// Why it is zero, or why it or a part of it is unknown; null otherwise.
    #[schema(required)]
    pub reason: Option<SlotReason>,
    /// Where the figures come from.
    pub source: SlotSource,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Sums over the slots of an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueTotals {
    /// The sums; null where no slot has figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// What the sums cover.
    pub coverage: Coverage,
}

/// How many slots stand behind a sum. `slots` = `withData` + `missing` + `notYetDue` + `outOfRange`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// All slots of the period.
    pub slots: u32,
    /// Slots with figures, zero included.
    pub with_data: u32,
    /// Of those with figures: incomplete or ambiguous.
    pub doubtful: u32,
    /// Slots that should have figures and have none.
    pub missing: u32,
    /// Slots that lie ahead.
    pub not_yet_due: u32,
    /// Slots that the source does not hold, or before the start date.
    pub out_of_range: u32,
}
