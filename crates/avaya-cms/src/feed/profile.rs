//! A feed's layout and behaviour as a site has it: everything that is not known from Avaya in general.
//!
//! A [`Profile`] is checked: patterns are compiled, columns fit the layout, tables are whole. It is read from TOML by
//! [`Profile::parse`], which names every fault at once with line and key (`docs/feed-profiles.md` describes the keys).

mod columns;
mod read;
mod sections;
mod toml_text;

pub use columns::{Column, Columns, SkillPairs};

use super::codes::Vocabulary;
use encoding_rs::Encoding;
use floorwire_model::agents::WorkState;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{ProfileFault, ShippedProfile};
use regex::Regex;
use std::collections::HashSet;

/// The profiles that come with the product.
pub const SHIPPED: &[ShippedProfile] = &[
    ShippedProfile {
        name: "rta-codes-delimited",
        text: include_str!("../../profiles/rta-codes-delimited.toml"),
    },
    ShippedProfile {
        name: "cisco-49",
        text: include_str!("../../profiles/cisco-49.toml"),
    },
    ShippedProfile {
        name: "report-text",
        text: include_str!("../../profiles/report-text.toml"),
    },
    ShippedProfile {
        name: "csv-names",
        text: include_str!("../../profiles/csv-names.toml"),
    },
    ShippedProfile {
        name: "delta-events",
        text: include_str!("../../profiles/delta-events.toml"),
    },
];

/// Whether a feed repeats everything or tells changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All agents again and again.
    Snapshot,
    /// Changes only; absence means nothing.
    Delta,
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// Whatever ends the first line of a connection.
    Auto,
    /// `\n`, also after `\r`.
    Lf,
    /// `\r`, also before `\n`.
    Cr,
    /// A zero byte.
    Nul,
    /// So many bytes, whatever they are.
    Fixed(usize),
}

/// How a line becomes fields.
#[derive(Clone, Debug)]
pub enum Layout {
    /// Fields between separators.
    Delimited {
        /// What separates them.
        separator: Separator,
        /// A field may be put in double quotes, a quote in it doubled.
        quotes: bool,
        /// Fewest fields.
        min_fields: usize,
        /// Most fields.
        max_fields: usize,
    },
    /// Fields at positions, in characters.
    FixedWidth,
    /// Groups of a pattern.
    Pattern(Regex),
}

/// What separates fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// Any number of spaces and tabs.
    Spaces,
    /// One such character each.
    Byte(u8),
}

/// Lines that are no records, and what begins and ends a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Begins a snapshot.
    pub header: Option<Regex>,
    /// Ends a snapshot; a group `rows` says how many records it has.
    pub footer: Option<Regex>,
    /// An empty line ends a snapshot.
    pub blank_ends: bool,
    /// No records, to be passed over.
    pub skip: Vec<Regex>,
}

impl Lines {
    /// Whether a snapshot ends with a line of its own.
    pub fn has_end(&self) -> bool {
        self.footer.is_some() || self.blank_ends
    }
}

/// Who a record is of.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Login IDs are digits only, so that titles and error texts are no agents.
    pub digits_only: bool,
    /// `0042` is `42`.
    pub strip_leading_zeros: bool,
    /// The ACD of all records instead of the port's.
    pub acd: Option<AcdNumber>,
}

/// When the engine believes what.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Whole snapshots without an agent who was there, until the agent counts as logged out.
    pub absent_snapshots: u32,
    /// Silence that may end a snapshot, milliseconds.
    pub idle_end_ms: i64,
    /// *Other* counts when it has lasted so long, milliseconds.
    pub other_grace_ms: i64,
    /// Without a confirmation for so long nothing is known, milliseconds.
    pub stale_after_ms: i64,
    /// Share of agents that may vanish at once, percent.
    pub drop_percent: u32,
    /// Fewer than so many are never too many at once.
    pub drop_minimum: u32,
    /// A smaller content that lasts so long is believed, milliseconds; 0: never.
    pub drop_accept_ms: i64,
    /// Whole snapshots with equal content and equal durations, until the feed counts as frozen.
    pub frozen_snapshots: u32,
    /// Without durations: equal content for so long counts as frozen, milliseconds; 0: never.
    pub frozen_after_ms: i64,
}

/// A checked profile.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) description: String,
    pub(crate) mode: Mode,
    pub(crate) period_ms: i64,
    pub(crate) connection_per_snapshot: bool,
    pub(crate) line_end: LineEnd,
    pub(crate) max_line_bytes: usize,
    pub(crate) encoding: &'static Encoding,
    pub(crate) layout: Layout,
    pub(crate) lines: Lines,
    pub(crate) columns: Columns,
    pub(crate) empty_values: Vec<String>,
    pub(crate) identity: Identity,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) rows_per_skill: bool,
    /// Lower is stronger, by the place of the state in [`WorkState::ALL`].
    pub(crate) precedence: [u8; 16],
    pub(crate) limits: Limits,
    /// Words of the profile, lower case, which samples and previews show as they are.
    pub(crate) words: HashSet<String>,
}

impl Profile {
    /// Reads and checks a profile. Errors: everything that is wrong with it, in the order of its lines.
    pub fn parse(text: &str) -> Result<Self, Vec<ProfileFault>> {
        sections::profile(text)
    }

    /// A shipped profile.
    pub fn shipped(name: &str) -> Option<Self> {
        let shipped = SHIPPED.iter().find(|profile| profile.name == name)?;
        Self::parse(shipped.text).ok()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version its author gave it.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What it is for.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether the feed repeats everything.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Expected time between snapshots, milliseconds.
    pub fn period_ms(&self) -> u64 {
        self.period_ms.unsigned_abs()
    }

    /// Without a confirmation for so long nothing is known, milliseconds.
    pub fn stale_after_ms(&self) -> u64 {
        self.limits.stale_after_ms.unsigned_abs()
    }

    /// The sender connects for every snapshot anew, so that the end of a connection is nothing to worry about.
    pub fn connects_per_snapshot(&self) -> bool {
        self.connection_per_snapshot
    }

    pub(crate) fn rank(&self, state: WorkState) -> u8 {
        self.precedence
            .get(state as usize)
            .copied()
            .unwrap_or(u8::MAX)
    }
}
