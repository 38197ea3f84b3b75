//! Avaya CMS as the Hub sees it.

use crate::{agents, catalogue, examine_agents, outages, queue_intervals, synonyms, trace};
use floorwire_model::agents::settings::AgentFindings;
use floorwire_model::agents::{AGENT_DAYS, AGENT_INTERVALS, AGENT_SESSIONS, AGENT_STATUSES};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{
    DerivationError, DerivationSettings, Derived, TableRule, Vendor,
};
use floorwire_model::outages::OUTAGES;
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

/// What is read under a scope for agent data only. Events (logins, changes of state, outages) are there as they happen.
const SCOPED_RULES: &[TableRule] = &[
    by_date(catalogue::HAGENT.name, AGENT_INTERVALS, 1),
    by_date(catalogue::HAGLOG.name, AGENT_SESSIONS, 0),
    by_date(catalogue::AG_ACTV.name, AGENT_STATUSES, 0),
    by_date(catalogue::DAGENT.name, AGENT_DAYS, 0),
    by_date(catalogue::LINKEX.name, OUTAGES, 0),
];

const fn by_date(
    table: &'static str,
    stream: &'static str,
    intervals_until_readable: i64,
) -> TableRule {
    TableRule {
        table,
        stream,
        by_date: true,
        intervals_until_readable,
    }
}

impl Vendor for AvayaCms {
    fn source(&self) -> &'static str {
        "avaya-cms"
    }

    fn tables(&self) -> &'static [TableRule] {
        RULES
    }

    fn scoped_tables(&self) -> &'static [TableRule] {
        SCOPED_RULES
    }

    fn examine_agents(
        &self,
        sample: &[(&SourcePartition, &SourceColumns)],
        settings: &DerivationSettings,
    ) -> Result<Option<AgentFindings>, DerivationError> {
        examine_agents::examine(sample, settings).map(Some)
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
        match catalogue::any_table(&partition.table).map(|table| table.name) {
            Some(name) if name == catalogue::HSPLIT.name => {
                queue_intervals::derive(partition, rows, settings)
            }
            Some(name) if name == catalogue::SYNONYMS.name => synonyms::derive(partition, rows),
            Some(name) if name == catalogue::HAGENT.name => {
                agents::intervals::derive(partition, rows, settings)
            }
            Some(name) if name == catalogue::HAGLOG.name => {
                agents::sessions::derive(partition, rows, settings)
            }
            Some(name) if name == catalogue::AG_ACTV.name => {
                trace::derive(partition, rows, settings)
            }
            Some(name) if name == catalogue::DAGENT.name => agents::days::derive(partition, rows),
            Some(name) if name == catalogue::LINKEX.name => {
                outages::derive(partition, rows, settings)
            }
            _ => Err(DerivationError::UnknownTable(partition.table.clone())),
        }
    }
}
