//! The rows that Floorwire derives: what planners read, whatever ACD they came from.

use crate::ids::AcdNumber;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Name of the stream of [`QueueInterval`]s.
pub const QUEUE_INTERVALS: &str = "queue_intervals";
/// Name of the stream of [`QueueInterval`]s of VDNs. It has a ledger of its own, since an ACD can have rows of skills in
/// a slot and none of VDNs.
pub const VDN_INTERVALS: &str = "vdn_intervals";
/// Name of the stream of [`QueueDay`]s.
pub const QUEUE_DAYS: &str = "queue_days";
/// Name of the stream of [`DictionaryEntry`]s.
pub const DICTIONARY: &str = "dictionary";

/// How far a slot's figures can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Complete as the source reported it.
    Final,
    /// The source says that it did not see everything. Source: `incomplete` <> 0.
    Incomplete,
    /// The local time occurs twice and nothing tells the two apart; the entry spans both.
    Ambiguous,
    /// The source stamped the row with a local time that does not exist; it was shifted forward.
    Shifted,
}

impl Quality {
    /// The stable name used in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Incomplete => "incomplete",
            Self::Ambiguous => "ambiguous",
            Self::Shifted => "shifted",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Final,
            Self::Incomplete,
            Self::Ambiguous,
            Self::Shifted,
        ]
        .into_iter()
        .find(|quality| quality.as_str() == name)
    }
}

/// What a queue is in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueKind {
    /// A split or skill.
    Split,
    /// A vector directory number.
    Vdn,
}

impl QueueKind {
    /// The stable name used in the database and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Vdn => "vdn",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        let mut known = [Self::Split, Self::Vdn].into_iter();
        known.find(|kind| kind.as_str() == name)
    }

    /// The stream of this kind's intervals.
    pub const fn interval_stream(self) -> &'static str {
        match self {
            Self::Split => QUEUE_INTERVALS,
            Self::Vdn => VDN_INTERVALS,
        }
    }
}

/// A queue as the source names it; the Hub gives it an id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct QueueKey {
    /// The ACD.
    pub acd: AcdNumber,
    /// Split/skill or VDN.
    pub kind: QueueKind,
    /// Its number as text, without padding.
    pub number: String,
}

/// Calls and times of one queue in one slot. Times are whole seconds, counts are calls.
///
/// Call counters are booked where the call and its after-call work end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueInterval {
    /// The queue.
    pub queue: QueueKey,
    /// The local date of the source row; with table and ACD it names the partition the row came from.
    pub row_date: Date,
    /// Start of the slot, seconds since 1970 UTC.
    pub start_utc_s: i64,
    /// Length of the slot in seconds.
    pub length_s: i64,
    /// How far the figures can be trusted.
    pub quality: Quality,
    /// The figures, in the order of [`Measures::NAMES`].
    pub measures: Measures,
}

/// Calls and times of one queue on one local day, where its intervals have aged out at the source. Never spread over slots;
/// the source may have summed its configured hours only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueDay {
    /// The queue.
    pub queue: QueueKey,
    /// The local date.
    pub row_date: Date,
    /// How far the figures can be trusted. *Incomplete* when the source calls an interval of the day so.
    pub quality: Quality,
    /// The figures.
    pub measures: Measures,
}

macro_rules! measures {
    ($($(#[$doc:meta])+ $name:ident),+ $(,)?) => {
        /// The figures of a queue in a slot. `None` is "the source did not say", never zero.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct Measures {
            $($(#[$doc])+ pub $name: Option<i64>,)+
        }

        impl Measures {
            /// The stable names, in storage order.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];
            /// How many figures there are.
            pub const COUNT: usize = Self::NAMES.len();

            /// The figures in the order of [`Self::NAMES`].
            pub fn values(&self) -> [Option<i64>; Self::COUNT] {
                [$(self.$name),+]
            }

            /// The inverse of [`Self::values`].
            pub fn from_values(values: [Option<i64>; Self::COUNT]) -> Self {
                let [$($name),+] = values;
                Self { $($name),+ }
            }
        }
    };
}

measures! {
    /// Calls offered, by the definition in force. Source: hsplit.acdcalls + hsplit.abncalls by default; hvdn.incalls.
    offered,
    /// Calls answered. Source: hsplit.acdcalls, hvdn.acdcalls.
    answered,
    /// Calls abandoned in queue or ringing. Source: hsplit.abncalls.
    abandoned,
    /// Calls answered within the service level threshold. Source: hsplit.acceptable.
    within_threshold,
    /// Talk time of the answered calls without hold, seconds. Source: hsplit.acdtime.
    talk_seconds,
    /// Hold time of the answered calls, seconds. Source: hsplit.holdtime.
    hold_seconds,
    /// After-call work of the answered calls, seconds. Source: hsplit.acwtime.
    acw_seconds,
    /// Queue and ring time of the answered calls, seconds. Source: hsplit.anstime.
    wait_seconds,
    /// Staffed time in the slot, seconds; not additive over queues. Source: hsplit.i_stafftime.
    staffed_seconds,
    /// Available time in the slot, seconds; not additive over queues. Source: hsplit.i_availtime.
    available_seconds,
    /// The service level threshold in force, seconds; not additive at all. Source: hsplit.servicelevel.
    threshold_seconds,
}

/// A name the source has for a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DictionaryEntry {
    /// The ACD.
    pub acd: AcdNumber,
    /// Kind of thing named, as in the source: `split`, `vdn`, `agname`, `aux_rsn`, ... without padding.
    pub item_type: String,
    /// The number named, as text without padding.
    pub value: String,
    /// The name without padding.
    pub name: String,
    /// The description without padding; empty when there is none.
    pub description: String,
    /// True for entries shipped with the CMS. Source: synonyms.standard = 1.
    pub standard: bool,
}
