//! Avaya CMS as the Hub sees it.

use crate::{agents, catalogue, examine_agents, outages, queue_intervals, scope, synonyms, trace};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::agents::settings::{AgentFindings, TableFamily};
use floorwire_model::agents::{AGENT_INTERVALS, AGENT_SESSIONS, AGENT_STATUSES};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{
    Cut, DerivationError, DerivationSettings, Derived, TableRule, Vendor,
};
use floorwire_model::ids::AcdNumber;
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::{DICTIONARY, QUEUE_INTERVALS};
use std::collections::BTreeSet;

/// The vendor to register at the Hub.
#[derive(Clone, Copy, Debug, Default)]
pub struct AvayaCms;

const RULES: &[TableRule] = &[
    TableRule {
        table: catalogue::SYNONYMS.name,
        stream: DICTIONARY,
        cut: Cut::Whole,
        family: TableFamily::Calls,
    },
    TableRule {
        table: catalogue::HSPLIT.name,
        stream: QUEUE_INTERVALS,
        cut: ARCHIVED,
        family: TableFamily::Calls,
    },
];

/// At the end of interval N the one before it is archived: N is readable when N+1 ends.
const ARCHIVED: Cut = Cut::Intervals { until_readable: 1 };

/// What is read under a scope for agent data only. Logins and changes of state are there as they happen.
const SCOPED_RULES: &[TableRule] = &[
    TableRule {
        table: catalogue::HAGENT.name,
        stream: AGENT_INTERVALS,
        cut: ARCHIVED,
        family: TableFamily::AgentIntervals,
    },
    TableRule {
        table: catalogue::HAGLOG.name,
        stream: AGENT_SESSIONS,
        cut: Cut::Events,
        family: TableFamily::SessionsAndTrace,
    },
    TableRule {
        table: catalogue::AG_ACTV.name,
        stream: AGENT_STATUSES,
        cut: Cut::Events,
        family: TableFamily::SessionsAndTrace,
    },
];

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

    fn keep(
        &self,
        rows: SourceColumns,
        scope: &AgentScope,
        acd: AcdNumber,
    ) -> Result<SourceColumns, DerivationError> {
        Ok(scope::keep(rows, scope, acd, &BTreeSet::new())?)
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
