//! What a site really has, found by looking. Everything that depends on release, rights or set-up is here,
//! so that a missing thing degrades its stream only and can be shown.

mod consequences;

pub use consequences::consequences;

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the Link found in the CMS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capabilities {
    /// Kind of database by its driver: `informix`, `postgresql`, `sqlite`, `mariadb`, `other`.
    pub database_kind: String,
    /// The tables the Link's catalogue knows.
    pub tables: Vec<TableCapability>,
    /// What follows, for people.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Clock of the database minus clock of the Link, seconds, to the second; absent where it cannot be read.
    #[serde(default)]
    pub clock_difference_s: Option<i64>,
}

/// One table of the catalogue at this site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TableCapability {
    /// Table, lower case.
    pub name: String,
    /// False when the site does not have it, or the login may not read it.
    pub present: bool,
    /// Columns of the catalogue that the site lacks.
    #[serde(default)]
    pub columns_missing: Vec<String>,
    /// Rows carry `starttime_utc`.
    #[serde(default)]
    pub start_time_utc: bool,
    /// Interval length of the newest rows of the first ACD that has any, minutes.
    #[serde(default)]
    pub interval_minutes: Option<u16>,
    /// The ACDs with rows.
    #[serde(default)]
    pub acds: Vec<AcdExtent>,
    /// Who owns the table, where the database's catalogue says so: an owner in Informix and PostgreSQL, a database in
    /// MariaDB.
    #[serde(default)]
    pub owner: Option<String>,
    /// AUX reasons with a column of their own, 10 or 100; absent for tables without them.
    #[serde(default)]
    pub aux_reasons: Option<u16>,
    /// Kinds of names in the dictionary, lower case; empty for other tables.
    #[serde(default)]
    pub dictionary_types: BTreeSet<String>,
}

/// Which dates an ACD has in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AcdExtent {
    /// ACD number.
    pub acd: i32,
    /// Oldest `row_date`, `YYYY-MM-DD`; absent for tables without it.
    #[serde(default)]
    pub oldest_date: Option<String>,
    /// Newest `row_date`, `YYYY-MM-DD`.
    #[serde(default)]
    pub newest_date: Option<String>,
    /// Interval length of its newest rows, minutes; it is set per ACD.
    #[serde(default)]
    pub interval_minutes: Option<u16>,
    /// Date of the ACD's own newest interval, `YYYY-MM-DD`; absent where the newest dates of the table have none of it.
    #[serde(default)]
    pub newest_interval_date: Option<String>,
    /// Start of that interval on the ACD's clock, HHMM.
    #[serde(default)]
    pub newest_interval_hhmm: Option<i32>,
    /// Agents with rows in the trace on the newest date; absent for other tables.
    #[serde(default)]
    pub traced_agents: Option<u32>,
    /// Keys that occur more than once on the newest date; absent for tables without a key.
    #[serde(default)]
    pub duplicate_keys: Option<u32>,
}

/// One consequence of what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// Stable code; pages translate by it.
    pub code: String,
    /// English text.
    pub text: String,
    /// Values for the translated text.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

impl Capabilities {
    /// A table that the site has.
    pub fn table(&self, name: &str) -> Option<&TableCapability> {
        self.tables
            .iter()
            .find(|table| table.name == name && table.present)
    }

    /// The interval length of an ACD, minutes: that of its own rows in the table, else of the table, else, for tables
    /// without intervals, of its rows elsewhere.
    pub fn interval_minutes(&self, table: &str, acd: i32) -> Option<u16> {
        let of_acd = |table: &TableCapability| {
            let extent = table.acds.iter().find(|extent| extent.acd == acd)?;
            extent.interval_minutes
        };
        let own = self.tables.iter().find(|other| other.name == table);
        own.and_then(|own| of_acd(own).or(own.interval_minutes))
            .or_else(|| self.tables.iter().find_map(of_acd))
    }
}
