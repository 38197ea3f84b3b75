//! Avaya CMS as the Hub sees it.

use crate::{
    agents, catalogue, examine_agents, feed, newest, outages, queue_days, queue_intervals, scope,
    synonyms, trace, vdn_use,
};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::agents::settings::{AgentFindings, TableFamily};
use floorwire_model::agents::{AGENT_DAYS, AGENT_INTERVALS, AGENT_SESSIONS, AGENT_STATUSES};
use floorwire_model::columns::SourceColumns;
use floorwire_model::derivation::{
    Cut, DerivationError, DerivationSettings, Derived, StatedInterval, TableRule, Vendor,
};
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{ProfileFault, ShippedProfile};
use floorwire_model::outages::OUTAGES;
use floorwire_model::partition::SourcePartition;
use floorwire_model::streams::{DICTIONARY, QUEUE_DAYS, QueueKind};
use floorwire_model::vdns::VdnUse;
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
        queues: None,
    },
    interval_rule(catalogue::HSPLIT.name, QueueKind::Split),
    interval_rule(catalogue::HVDN.name, QueueKind::Vdn),
    day_rule(
        catalogue::DSPLIT.name,
        catalogue::HSPLIT.name,
        QueueKind::Split,
    ),
    day_rule(catalogue::DVDN.name, catalogue::HVDN.name, QueueKind::Vdn),
    TableRule {
        table: catalogue::LINKEX.name,
        stream: OUTAGES,
        cut: Cut::Events,
        family: TableFamily::Calls,
        queues: None,
    },
];

const fn interval_rule(table: &'static str, kind: QueueKind) -> TableRule {
    TableRule {
        table,
        stream: kind.interval_stream(),
        cut: ARCHIVED,
        family: TableFamily::Calls,
        queues: Some(kind),
    }
}

const fn day_rule(table: &'static str, instead_of: &'static str, kind: QueueKind) -> TableRule {
    TableRule {
        table,
        stream: QUEUE_DAYS,
        cut: Cut::Days { instead_of },
        family: TableFamily::Calls,
        queues: Some(kind),
    }
}

/// At the end of interval N the one before it is archived: N is readable when N+1 ends.
const ARCHIVED: Cut = Cut::Intervals { until_readable: 1 };

/// What is read under a scope for agent data only. Logins and changes of state are there as they happen.
const SCOPED_RULES: &[TableRule] = &[
    TableRule {
        table: catalogue::HAGENT.name,
        stream: AGENT_INTERVALS,
        cut: ARCHIVED,
        family: TableFamily::AgentIntervals,
        queues: None,
    },
    TableRule {
        table: catalogue::HAGLOG.name,
        stream: AGENT_SESSIONS,
        cut: Cut::Events,
        family: TableFamily::SessionsAndTrace,
        queues: None,
    },
    TableRule {
        table: catalogue::AG_ACTV.name,
        stream: AGENT_STATUSES,
        cut: Cut::Events,
        family: TableFamily::SessionsAndTrace,
        queues: None,
    },
    TableRule {
        table: catalogue::DAGENT.name,
        stream: AGENT_DAYS,
        cut: Cut::Days {
            instead_of: catalogue::HAGENT.name,
        },
        family: TableFamily::AgentIntervals,
        queues: None,
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
        sample: &mut dyn Iterator<Item = (SourcePartition, SourceColumns)>,
        settings: &DerivationSettings,
    ) -> Result<Option<AgentFindings>, DerivationError> {
        examine_agents::examine(sample, settings).map(Some)
    }

    fn feed_profiles(&self) -> &'static [ShippedProfile] {
        feed::SHIPPED
    }

    fn check_feed_profile(&self, text: &str) -> Result<(), Vec<ProfileFault>> {
        feed::Profile::parse(text).map(|_| ())
    }

    fn vdn_use(
        &self,
        partition: &SourcePartition,
        rows: &SourceColumns,
    ) -> Result<Vec<VdnUse>, DerivationError> {
        match partition.table == catalogue::HVDN.name {
            true => Ok(vdn_use::of(rows)?),
            false => Ok(Vec::new()),
        }
    }

    fn newest_interval(
        &self,
        partition: &SourcePartition,
        rows: &SourceColumns,
    ) -> Option<StatedInterval> {
        newest::newest(partition, rows)
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
                queue_intervals::derive((name, QueueKind::Split), partition, rows, settings)
            }
            Some(name) if name == catalogue::HVDN.name => {
                queue_intervals::derive((name, QueueKind::Vdn), partition, rows, settings)
            }
            Some(name) if name == catalogue::DSPLIT.name => {
                queue_days::derive((name, QueueKind::Split), partition, rows, settings)
            }
            Some(name) if name == catalogue::DVDN.name => {
                queue_days::derive((name, QueueKind::Vdn), partition, rows, settings)
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
