//! Avaya CMS as the Hub sees it.

use crate::{catalogue, queue_intervals, synonyms};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{
    DerivationError, DerivationSettings, Derived, TableRule, Vendor,
};
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::{DICTIONARY, QUEUE_INTERVALS};

/// The vendor to register at the Hub.
#[derive(Clone, Copy, Debug, Default)]
pub struct AvayaCms;

const RULES: &[TableRule] = &[
    TableRule {
        table: catalogue::SYNONYMS.name,
        stream: DICTIONARY,
        by_date: false,
        intervals_until_readable: 0,
    },
    TableRule {
        table: catalogue::HSPLIT.name,
        stream: QUEUE_INTERVALS,
        by_date: true,
        // At the end of interval N the one before it is archived: N is readable when N+1 ends.
        intervals_until_readable: 1,
    },
];

impl Vendor for AvayaCms {
    fn source(&self) -> &'static str {
        "avaya-cms"
    }

    fn tables(&self) -> &'static [TableRule] {
        RULES
    }

    fn derive(
        &self,
        partition: &SourcePartition,
        rows: &SourceColumns,
        settings: &DerivationSettings,
    ) -> Result<Derived, DerivationError> {
        if rows.columns.is_empty() {
            return Ok(Derived::default());
        }
        match catalogue::table(&partition.table).map(|table| table.name) {
            Some(name) if name == catalogue::HSPLIT.name => {
                queue_intervals::derive(partition, rows, settings)
            }
            Some(name) if name == catalogue::SYNONYMS.name => synonyms::derive(partition, rows),
            _ => Err(DerivationError::UnknownTable(partition.table.clone())),
        }
    }
}
