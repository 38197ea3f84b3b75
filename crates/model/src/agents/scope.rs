//! Whose data may be read. Enforced where the source is read; a partition remembers the scope it was read under.

use super::AgentKey;
use crate::ids::AcdNumber;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The agents whose intervals, sessions and statuses may leave the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "kind",
    deny_unknown_fields
)]
pub enum AgentScope {
    /// Nobody. Default.
    #[default]
    Off,
    /// Everybody.
    All,
    /// Everybody of these ACDs.
    Acds {
        /// The ACDs.
        acds: BTreeSet<AcdNumber>,
    },
    /// Agents with a row for one of these skills on the date; all rows of theirs, since an agent's own seconds may be
    /// booked on any skill.
    Skills {
        /// ACD and number of split or skill.
        skills: BTreeSet<(AcdNumber, i32)>,
    },
    /// These login IDs: a list, or the people mapped so far.
    Logins {
        /// The agents.
        logins: BTreeSet<AgentKey>,
    },
}

impl AgentScope {
    /// True when not one row of the ACD may be read, so that it need not be asked for.
    pub fn excludes_acd(&self, acd: AcdNumber) -> bool {
        match self {
            Self::Off => true,
            Self::All => false,
            Self::Acds { acds } => !acds.contains(&acd),
            Self::Skills { skills } => !skills.iter().any(|(of, _)| *of == acd),
            Self::Logins { logins } => !logins.iter().any(|agent| agent.acd == acd),
        }
    }

    /// What of it concerns one ACD: a partition is of one.
    #[must_use]
    pub fn of_acd(&self, acd: AcdNumber) -> Self {
        match self {
            _ if self.excludes_acd(acd) => Self::Off,
            Self::Off | Self::All | Self::Acds { .. } => Self::All,
            Self::Skills { skills } => Self::Skills {
                skills: skills
                    .iter()
                    .filter(|(of, _)| *of == acd)
                    .copied()
                    .collect(),
            },
            Self::Logins { logins } => Self::Logins {
                logins: logins
                    .iter()
                    .filter(|agent| agent.acd == acd)
                    .cloned()
                    .collect(),
            },
        }
    }

    /// True when everything `other` allows is allowed here too: a partition read under this scope needs no new reading.
    /// Skills are compared with skills only, since who has a skill is the source's to say.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::Off) | (Self::All, _) => true,
            (Self::Acds { acds }, Self::Acds { acds: wanted }) => wanted.is_subset(acds),
            (Self::Acds { acds }, Self::Skills { skills }) => {
                skills.iter().all(|(acd, _)| acds.contains(acd))
            }
            (Self::Acds { acds }, Self::Logins { logins }) => {
                logins.iter().all(|agent| acds.contains(&agent.acd))
            }
            (Self::Skills { skills }, Self::Skills { skills: wanted }) => wanted.is_subset(skills),
            (Self::Logins { logins }, Self::Logins { logins: wanted }) => wanted.is_subset(logins),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logins(names: &[(i32, &str)]) -> AgentScope {
        AgentScope::Logins {
            logins: names
                .iter()
                .map(|(acd, login)| AgentKey {
                    acd: AcdNumber(*acd),
                    login: (*login).to_owned(),
                })
                .collect(),
        }
    }

    #[test]
    fn nobody_is_the_default() {
        assert!(AgentScope::default().excludes_acd(AcdNumber(1)));
    }

    #[test]
    fn a_wider_scope_covers_and_a_narrower_does_not() {
        let acd = AgentScope::Acds {
            acds: [AcdNumber(1)].into(),
        };
        let one = logins(&[(1, "100")]);
        let two = logins(&[(1, "100"), (2, "100")]);
        assert!(two.covers(&one) && !one.covers(&two));
        assert!(acd.covers(&one) && !acd.covers(&two));
        assert!(AgentScope::All.covers(&acd) && !acd.covers(&AgentScope::All));
        assert_eq!(acd.of_acd(AcdNumber(1)), AgentScope::All);
        assert_eq!(acd.of_acd(AcdNumber(2)), AgentScope::Off);
        assert_eq!(two.of_acd(AcdNumber(1)), one);
        assert!(one.covers(&AgentScope::Off));
        assert!(one.excludes_acd(AcdNumber(2)) && !two.excludes_acd(AcdNumber(2)));
    }
}
