//! The settings of one integration, as stored (JSON) and as the parts of the hub use them.
//!
//! Secrets: the hub keeps the sealed part as it came and cannot read it. `Debug` does not show it.

use crate::quiet_hours::{QuietHours, quiet_until};
use crate::rereading::Rereading;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::agents::settings::{AgentFindings, AgentSettings, TableFamily};
use floorwire_model::derivation::{DerivationSettings, OfferedDefinition, TableRule};
use floorwire_model::hours::BusinessHours;
use floorwire_model::ids::AcdNumber;
use floorwire_model::queue_settings::{CountedDirection, VdnOffered, VdnSettings};
use floorwire_model::streams::{QUEUE_INTERVALS, QueueKind};
use floorwire_model::time::{UtcSecond, zone};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Stands in the open part for each secret value.
pub const SEALED_PLACEHOLDER: &str = "{sealed}";

/// The settings of one integration. Everything has a default, so that an integration can exist before it is
/// configured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Configuration {
    /// How the Link reaches the source.
    #[serde(default)]
    pub connection: Option<SealedConnection>,
    /// IANA zone of the clock that stamps the rows; nothing is derived or planned before it is set.
    #[serde(default)]
    pub zone: Option<String>,
    /// IANA zones of ACDs whose clock shows another time, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub acd_zones: BTreeMap<i32, String>,
    /// What becomes a queue.
    #[serde(default)]
    pub grouping: Grouping,
    /// How calls become offered calls.
    #[serde(default)]
    pub offered_definition: OfferedDefinition,
    /// Which calls of a split or skill count.
    #[serde(default)]
    pub call_direction: CountedDirection,
    /// What counts as an offered call of a VDN.
    #[serde(default)]
    pub vdn_offered_definition: VdnOffered,
    /// Numbers of the VDNs that are queues where calls are grouped by VDN, by ACD.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vdns: BTreeMap<i32, BTreeSet<String>>,
    /// First local date to import; `None`: as far back as the source stores, at most three years.
    #[serde(default)]
    pub start_date: Option<Date>,
    /// When only what is urgent is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quiet_hours: Vec<QuietHours>,
    /// Whose intervals, sessions and statuses are imported.
    #[serde(default, skip_serializing_if = "is_off")]
    pub agent_scope: AgentScope,
    /// What an administrator knows of the agent tables; what is left open is found out from their rows.
    #[serde(default, skip_serializing_if = "AgentSettings::is_default")]
    pub agents: AgentSettings,
    /// When the site is open.
    #[serde(default, skip_serializing_if = "BusinessHours::is_default")]
    pub business_hours: BusinessHours,
    /// When dates that were read are read again.
    #[serde(default, skip_serializing_if = "Rereading::is_default")]
    pub rereading: Rereading,
    /// The real-time feeds.
    #[serde(default, skip_serializing_if = "RealtimeSettings::is_default")]
    pub realtime: RealtimeSettings,
    /// AUX reasons are dropped at the Link: all are one generic absence.
    #[serde(default, skip_serializing_if = "is_false")]
    pub generic_absence: bool,
    /// Skills are shown with the statuses that have one. They are stored anyway.
    #[serde(default, skip_serializing_if = "is_false")]
    pub agent_detail: bool,
}

/// The real-time feeds of an integration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RealtimeSettings {
    /// Whether the Link listens.
    pub enabled: bool,
    /// The ports; kept while it does not.
    #[serde(default)]
    pub feeds: Vec<FeedSettings>,
    /// Ports are closed while the integration is paused.
    #[serde(default)]
    pub close_while_paused: bool,
}

impl RealtimeSettings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedSettings {
    /// The port.
    pub port: u16,
    /// The address to listen on; `None`: all.
    #[serde(default)]
    pub bind: Option<String>,
    /// Addresses and networks that may connect; empty: all.
    #[serde(default)]
    pub allow_from: Vec<String>,
    /// The ACD of records that do not name one.
    pub acd: AcdNumber,
    /// Name of the profile; its latest version counts.
    pub profile: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
fn is_false(value: &bool) -> bool {
    !value
}

fn is_off(scope: &AgentScope) -> bool {
    *scope == AgentScope::Off
}

/// A connection string in two parts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SealedConnection {
    /// Every secret value is [`SEALED_PLACEHOLDER`].
    pub open: String,
    /// Sealed to the Link's key, base64. `None`: to be entered again, since another Link serves the integration now.
    #[serde(default)]
    pub sealed: Option<String>,
}

impl std::fmt::Debug for SealedConnection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SealedConnection")
            .field("open", &self.open)
            .finish_non_exhaustive()
    }
}

impl SealedConnection {
    /// True when a Link can connect with it: Links take nothing that was not sealed to their key, secret or not, so that
    /// the hub cannot redirect them.
    pub fn is_complete(&self) -> bool {
        self.sealed.is_some()
    }
}

/// What becomes a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Grouping {
    /// Each split or skill.
    #[default]
    Split,
    /// Each VDN that is chosen.
    Vdn,
}

impl Grouping {
    /// The stable name in the API.
    pub fn as_str(self) -> &'static str {
        self.kind().as_str()
    }

    /// The inverse of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        match QueueKind::from_name(name)? {
            QueueKind::Split => Some(Self::Split),
            QueueKind::Vdn => Some(Self::Vdn),
        }
    }

    /// What queues are.
    pub fn kind(self) -> QueueKind {
        match self {
            Self::Split => QueueKind::Split,
            Self::Vdn => QueueKind::Vdn,
        }
    }
}

impl Configuration {
    /// The zone of the clock that stamps an ACD's rows; `None` while none is set.
    pub fn zone_of(&self, acd: AcdNumber) -> Option<&str> {
        self.acd_zones
            .get(&acd.0)
            .or(self.zone.as_ref())
            .map(String::as_str)
    }

    /// What derivation of a table of an ACD needs; `None` while the zone is not set. `found` is what the ACD's rows say of
    /// its agent tables.
    pub fn derivation(
        &self,
        family: TableFamily,
        acd: AcdNumber,
        found: Option<&AgentFindings>,
    ) -> Option<DerivationSettings> {
        let agents = match family {
            TableFamily::Calls => AgentSettings::default(),
            TableFamily::AgentIntervals | TableFamily::SessionsAndTrace => {
                let mut settings = self.agent_settings(found);
                settings.outage_stamp = None;
                settings
            }
        };
        Some(DerivationSettings {
            zone: self.zone_of(acd)?.to_owned(),
            offered: self.offered_definition,
            direction: match family {
                TableFamily::Calls => self.call_direction,
                TableFamily::AgentIntervals | TableFamily::SessionsAndTrace => {
                    CountedDirection::default()
                }
            },
            vdn: VdnSettings::default(),
            agents,
        })
    }

    /// The same for a table: what is said of VDNs counts for tables of VDNs, and there alone.
    pub fn derivation_of(
        &self,
        rule: &TableRule,
        acd: AcdNumber,
        found: Option<&AgentFindings>,
    ) -> Option<DerivationSettings> {
        let settings = self.derivation(rule.family, acd, found)?;
        if rule.queues != Some(QueueKind::Vdn) {
            return Some(settings);
        }
        Some(DerivationSettings {
            offered: OfferedDefinition::default(),
            direction: CountedDirection::default(),
            vdn: VdnSettings {
                offered: self.vdn_offered_definition,
                chosen: self.vdns.get(&acd.0).cloned().unwrap_or_default(),
            },
            ..settings
        })
    }

    /// Whether a table belongs to the import, as far as the grouping of calls decides.
    pub fn reads(&self, rule: &TableRule) -> bool {
        rule.queues.is_none_or(|kind| kind == self.grouping.kind())
    }

    /// The stream meant by a name: `queue_intervals` is whatever the grouping in force makes of it.
    pub fn stream<'a>(&self, name: &'a str) -> &'a str {
        match name {
            QUEUE_INTERVALS => self.grouping.kind().interval_stream(),
            other => other,
        }
    }

    /// Whether a number at an ACD is a queue.
    pub fn is_queue(&self, acd: i64, kind: &str, number: &str) -> bool {
        if kind != self.grouping.as_str() {
            return false;
        }
        match self.grouping {
            Grouping::Split => true,
            Grouping::Vdn => {
                let acd = i32::try_from(acd).ok();
                let chosen = acd.and_then(|acd| self.vdns.get(&acd));
                chosen.is_some_and(|chosen| chosen.contains(number))
            }
        }
    }

    /// True when calls are grouped by VDN and none is chosen, so that there is no queue.
    pub fn lacks_vdns(&self) -> bool {
        self.grouping == Grouping::Vdn && self.vdns.values().all(BTreeSet::is_empty)
    }

    /// How calls become offered calls, and which count, for the name of a kind of queue.
    pub fn counted(&self, kind: &str) -> (&'static str, &'static str) {
        match QueueKind::from_name(kind) {
            // No column of a VDN tells outbound calls apart.
            Some(QueueKind::Vdn) => (
                self.vdn_offered_definition.as_str(),
                CountedDirection::All.as_str(),
            ),
            _ => (
                self.offered_definition.as_str(),
                self.call_direction.as_str(),
            ),
        }
    }

    fn agent_settings(&self, found: Option<&AgentFindings>) -> AgentSettings {
        let found = found.cloned().unwrap_or_default();
        let epoch = found.session_epoch.overridden_by(self.agents.session_epoch);
        AgentSettings {
            session_epoch: epoch.answer,
            trace: found.trace.overridden_by(&self.agents.trace).answers(),
            ..self.agents.clone()
        }
    }

    /// The settings of an ACD as an administrator made them, without what its rows say.
    pub fn examination(&self, acd: AcdNumber) -> Option<DerivationSettings> {
        Some(DerivationSettings {
            zone: self.zone_of(acd)?.to_owned(),
            offered: OfferedDefinition::default(),
            direction: CountedDirection::default(),
            vdn: VdnSettings::default(),
            agents: self.agents.clone(),
        })
    }

    /// When what is not urgent may be read again; `None`: now.
    pub fn quiet_until(&self, now: UtcSecond) -> Option<UtcSecond> {
        let zone = zone(self.zone.as_deref()?)?;
        quiet_until(&self.quiet_hours, &zone, now)
    }

    /// True when a Link can connect and its rows can be derived.
    pub fn is_complete(&self) -> bool {
        self.zone.is_some()
            && self
                .connection
                .as_ref()
                .is_some_and(SealedConnection::is_complete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_queue_follows_the_grouping() {
        let mut configuration = Configuration {
            vdns: [(1, ["6001".to_owned()].into())].into(),
            ..Configuration::default()
        };
        assert!(configuration.is_queue(1, "split", "12"));
        assert!(!configuration.is_queue(1, "vdn", "6001"));
        configuration.grouping = Grouping::Vdn;
        assert!(!configuration.is_queue(1, "split", "12"));
        assert!(configuration.is_queue(1, "vdn", "6001"));
        assert!(!configuration.is_queue(2, "vdn", "6001"));
        assert!(!configuration.lacks_vdns());
        configuration.vdns.insert(1, BTreeSet::new());
        assert!(configuration.lacks_vdns());
        assert_eq!(configuration.stream(QUEUE_INTERVALS), "vdn_intervals");
        assert_eq!(configuration.counted("vdn"), ("incalls", "all"));
    }

    #[test]
    fn stored_settings_round_trip_and_the_sealed_part_is_not_printed() {
        let connection = SealedConnection {
            open: "DSN=A;PWD={sealed}".into(),
            sealed: Some("c2VhbGVk".into()),
        };
        let configuration = Configuration {
            connection: Some(connection),
            zone: Some("Europe/Paris".into()),
            start_date: Some(jiff::civil::date(2025, 1, 31)),
            ..Configuration::default()
        };
        let stored = serde_json::to_string(&configuration).unwrap();
        assert_eq!(
            serde_json::from_str::<Configuration>(&stored).unwrap(),
            configuration
        );
        assert!(configuration.is_complete());
        assert!(!format!("{configuration:?}").contains("c2VhbGVk"));
        assert_eq!(
            serde_json::from_str::<Configuration>("{}").unwrap(),
            Configuration::default()
        );
    }
}
