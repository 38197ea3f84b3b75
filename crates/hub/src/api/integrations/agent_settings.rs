//! Whose data is imported and how the tables with it are read, as the API shows and takes them.

use crate::api::agents::{AgentState, Direction};
use crate::api::dates;
use crate::error::{ApiResult, Problem};
use floorwire_model::agents::AgentKey;
use floorwire_model::agents::scope::AgentScope as Scope;
use floorwire_model::agents::settings::{AgentSettings, EpochBase, Stamp, TimeForm, TraceSettings};
use floorwire_model::ids::AcdNumber;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Longest login ID, characters; wide releases have 15.
const LONGEST_LOGIN: usize = 20;
const MOST_ENTRIES: usize = 50_000;

/// Whose intervals, sessions and statuses are imported. The Link lets nothing else out of the site; what was imported of
/// others before is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum AgentScope {
    /// Nobody's.
    Off,
    /// Everybody's.
    All,
    /// Everybody's of some ACDs.
    Acds {
        /// Numbers of ACDs.
        acds: Vec<i32>,
    },
    /// Everybody's with a row for one of these skills on the day.
    Skills {
        /// The skills.
        skills: Vec<SkillOfAcd>,
    },
    /// Some agents'.
    Logins {
        /// The agents.
        logins: Vec<LoginOfAcd>,
    },
}

/// A split or skill of an ACD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillOfAcd {
    /// The ACD.
    pub acd: i32,
    /// The skill's number.
    pub skill: i32,
}

/// An agent of an ACD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginOfAcd {
    /// The ACD.
    pub acd: i32,
    /// The login ID.
    pub login: String,
}

/// How the agent tables are read. Null and numbers left out: found out from the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AgentTables {
    /// IANA zone of the clock that stamps agent intervals; null: that of the calls.
    #[schema(required)]
    pub interval_zone: Option<String>,
    /// IANA zone of the clock that stamps sessions and trace; null: that of the calls.
    #[schema(required)]
    pub trace_zone: Option<String>,
    /// What seconds of logins count from.
    #[schema(required)]
    pub session_epoch: Option<SessionEpoch>,
    /// Whether a row of the trace is stamped with the start or the end of a state.
    #[schema(required)]
    pub event_time: Option<EventTime>,
    /// How the trace writes a time of day.
    #[schema(required)]
    pub event_time_form: Option<EventTimeForm>,
    /// States by their number in the trace.
    pub work_modes: BTreeMap<String, AgentState>,
    /// Directions by their number in the trace.
    pub directions: BTreeMap<String, Direction>,
}

macro_rules! mirrored {
    ($(#[$doc:meta])+ $mirror:ident of $of:ident { $($(#[$variant_doc:meta])+ $variant:ident),+ $(,)? }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "camelCase")]
        pub enum $mirror {
            $($(#[$variant_doc])+ $variant,)+
        }

        impl From<$of> for $mirror {
            fn from(value: $of) -> Self {
                match value { $($of::$variant => Self::$variant,)+ }
            }
        }

        impl From<$mirror> for $of {
            fn from(value: $mirror) -> Self {
                match value { $($mirror::$variant => Self::$variant,)+ }
            }
        }
    };
}
pub(crate) use mirrored;

mirrored! {
    /// What seconds of logins count from.
    SessionEpoch of EpochBase {
        /// 1970 in UTC.
        Utc,
        /// 1970 on the local clock.
        Local,
    }
}

mirrored! {
    /// What a row of the trace is stamped with.
    EventTime of Stamp {
        /// The start of the state.
        Start,
        /// The end of the state.
        End,
    }
}

mirrored! {
    /// How a time of day is written.
    EventTimeForm of TimeForm {
        /// 9:05:07 is 90507.
        Hhmmss,
        /// 9:05:07 is 32707.
        SecondsOfDay,
    }
}

fn invalid_scope(detail: String) -> Problem {
    Problem::invalid("invalid-agent-scope", detail)
}

fn acd(number: i32) -> ApiResult<AcdNumber> {
    if (1..=32_767).contains(&number) {
        return Ok(AcdNumber(number));
    }
    let detail = format!("`agentScope`: {number} is not the number of an acd, 1 to 32767");
    Err(invalid_scope(detail))
}

impl AgentScope {
    /// Checked, as the hub keeps it.
    pub fn checked(self) -> ApiResult<Scope> {
        let count = match &self {
            Self::Off | Self::All => {
                return Ok(if self == Self::All {
                    Scope::All
                } else {
                    Scope::Off
                });
            }
            Self::Acds { acds } => acds.len(),
            Self::Skills { skills } => skills.len(),
            Self::Logins { logins } => logins.len(),
        };
        if count == 0 || count > MOST_ENTRIES {
            let detail =
                format!("`agentScope` names {count} of them; it can be 1 to {MOST_ENTRIES}");
            return Err(invalid_scope(detail).remedy("for nobody, use the kind `off`"));
        }
        match self {
            Self::Off => Ok(Scope::Off),
            Self::All => Ok(Scope::All),
            Self::Acds { acds } => Ok(Scope::Acds {
                acds: acds.into_iter().map(acd).collect::<ApiResult<_>>()?,
            }),
            Self::Skills { skills } => Ok(Scope::Skills {
                skills: skills
                    .into_iter()
                    .map(|of| Ok((acd(of.acd)?, of.skill)))
                    .collect::<ApiResult<_>>()?,
            }),
            Self::Logins { logins } => Ok(Scope::Logins {
                logins: logins.into_iter().map(login).collect::<ApiResult<_>>()?,
            }),
        }
    }
}

fn login(of: LoginOfAcd) -> ApiResult<AgentKey> {
    let login = of.login.trim().to_owned();
    if login.is_empty() || login.chars().count() > LONGEST_LOGIN {
        let detail = format!("`agentScope`: a login ID has 1 to {LONGEST_LOGIN} characters");
        return Err(invalid_scope(detail));
    }
    Ok(AgentKey {
        acd: acd(of.acd)?,
        login,
    })
}

impl From<Scope> for AgentScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Off => Self::Off,
            Scope::All => Self::All,
            Scope::Acds { acds } => Self::Acds {
                acds: acds.into_iter().map(|acd| acd.0).collect(),
            },
            Scope::Skills { skills } => Self::Skills {
                skills: skills
                    .into_iter()
                    .map(|(acd, skill)| SkillOfAcd { acd: acd.0, skill })
                    .collect(),
            },
            Scope::Logins { logins } => Self::Logins {
                logins: logins
                    .into_iter()
                    .map(|agent| LoginOfAcd {
                        acd: agent.acd.0,
                        login: agent.login,
                    })
                    .collect(),
            },
        }
    }
}

/// Meanings by number, from JSON keys.
fn by_number<T, U: From<T>>(
    field: &'static str,
    meanings: BTreeMap<String, T>,
) -> ApiResult<BTreeMap<i32, U>> {
    let number = |text: &String| {
        text.parse::<i32>().map_err(|_| {
            let detail = format!("`agentTables.{field}`: `{text}` is not a whole number");
            Problem::invalid("invalid-agent-tables", detail)
        })
    };
    meanings
        .into_iter()
        .map(|(text, meaning)| Ok((number(&text)?, meaning.into())))
        .collect()
}

impl AgentTables {
    /// Checked, as the hub keeps it.
    pub fn checked(self) -> ApiResult<AgentSettings> {
        for zone in [&self.interval_zone, &self.trace_zone]
            .into_iter()
            .flatten()
        {
            dates::zone(zone)?;
        }
        Ok(AgentSettings {
            interval_zone: self.interval_zone,
            trace_zone: self.trace_zone,
            session_epoch: self.session_epoch.map(EpochBase::from),
            trace: TraceSettings {
                stamp: self.event_time.map(Stamp::from),
                time_form: self.event_time_form.map(TimeForm::from),
                work_modes: by_number("workModes", self.work_modes)?,
                directions: by_number("directions", self.directions)?,
            },
            outage_stamp: None,
        })
    }
}

impl From<AgentSettings> for AgentTables {
    fn from(settings: AgentSettings) -> Self {
        let trace = settings.trace;
        Self {
            interval_zone: settings.interval_zone,
            trace_zone: settings.trace_zone,
            session_epoch: settings.session_epoch.map(SessionEpoch::from),
            event_time: trace.stamp.map(EventTime::from),
            event_time_form: trace.time_form.map(EventTimeForm::from),
            work_modes: trace
                .work_modes
                .into_iter()
                .map(|(number, state)| (number.to_string(), state.into()))
                .collect(),
            directions: trace
                .directions
                .into_iter()
                .map(|(number, direction)| (number.to_string(), direction.into()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_round_trip_and_impossible_ones_are_refused() {
        for text in [
            r#"{"kind":"off"}"#,
            r#"{"kind":"all"}"#,
            r#"{"kind":"acds","acds":[1,3]}"#,
            r#"{"kind":"skills","skills":[{"acd":1,"skill":11}]}"#,
            r#"{"kind":"logins","logins":[{"acd":1,"login":"4021"}]}"#,
        ] {
            let scope: AgentScope = serde_json::from_str(text).unwrap();
            let stored = scope.clone().checked().unwrap();
            assert_eq!(AgentScope::from(stored), scope);
        }
        for text in [
            r#"{"kind":"acds","acds":[]}"#,
            r#"{"kind":"acds","acds":[0]}"#,
            r#"{"kind":"logins","logins":[{"acd":1,"login":"  "}]}"#,
        ] {
            let scope: AgentScope = serde_json::from_str(text).unwrap();
            assert_eq!(scope.checked().unwrap_err().code(), "invalid-agent-scope");
        }
        assert!(serde_json::from_str::<AgentScope>(r#"{"kind":"some"}"#).is_err());
    }

    #[test]
    fn what_somebody_says_of_the_tables_is_kept() {
        let text = r#"{"traceZone":"UTC","eventTime":"end","workModes":{"30":"afterCall"},"directions":{"2":"in"}}"#;
        let tables: AgentTables = serde_json::from_str(text).unwrap();
        let stored = tables.clone().checked().unwrap();
        assert_eq!(stored.trace.stamp, Some(Stamp::End));
        assert_eq!(AgentTables::from(stored), tables);
        let wrong: AgentTables = serde_json::from_str(r#"{"directions":{"x":"in"}}"#).unwrap();
        assert_eq!(wrong.checked().unwrap_err().code(), "invalid-agent-tables");
        let wrong: AgentTables = serde_json::from_str(r#"{"intervalZone":"Mars"}"#).unwrap();
        assert_eq!(wrong.checked().unwrap_err().code(), "invalid-zone");
    }
}
