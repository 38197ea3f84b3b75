//! The settings of one integration, as stored (JSON) and as the parts of the hub use them.
//!
//! Secrets: the hub keeps the sealed part as it came and cannot read it. `Debug` does not show it.

use crate::quiet_hours::{QuietHours, quiet_until};
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::agents::settings::{AgentFindings, AgentSettings, TableFamily};
use floorwire_model::derivation::{DerivationSettings, OfferedDefinition};
use floorwire_model::ids::AcdNumber;
use floorwire_model::time::{UtcSecond, zone};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
}

impl Grouping {
    /// The stable name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Split => "split",
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
                self.agent_settings(found)
            }
        };
        Some(DerivationSettings {
            zone: self.zone_of(acd)?.to_owned(),
            offered: self.offered_definition,
            agents,
        })
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
