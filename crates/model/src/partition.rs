//! The unit of import, storage and replacement.

use crate::ids::{AcdNumber, IntegrationId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One source table of one ACD on one `row_date`; tables without `row_date` have one partition per ACD.
///
/// A completed task replaces exactly its partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourcePartition {
    /// The integration the rows belong to.
    pub integration: IntegrationId,
    /// The source table, lower case, without owner: `hsplit`, `synonyms`.
    pub table: String,
    /// The ACD. Numbers of splits, VDNs and logins are unique within it only.
    pub acd: AcdNumber,
    /// The local date the source gives its rows; `None` for tables without `row_date`.
    pub row_date: Option<Date>,
}

impl fmt::Display for SourcePartition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of acd {}", self.table, self.acd)?;
        match self.row_date {
            Some(date) => write!(formatter, " on {date}"),
            None => Ok(()),
        }
    }
}
