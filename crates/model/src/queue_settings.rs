//! What an administrator decides about the calls of queues, besides [`crate::derivation::OfferedDefinition`].

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which calls of a split or skill count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedDirection {
    /// Inbound calls, and outbound calls that an adjunct placed for agents. Default.
    #[default]
    All,
    /// Inbound calls only. What the source does not split is known where no outbound call ended, else unknown.
    Inbound,
}

impl CountedDirection {
    /// The name printed with every number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Inbound => "inbound",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        let mut known = [Self::All, Self::Inbound].into_iter();
        known.find(|direction| direction.as_str() == name)
    }

    /// True for the default.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// What counts as an offered call of a VDN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VdnOffered {
    /// Every call that the VDN finished. Default.
    #[default]
    #[serde(rename = "incalls")]
    Incalls,
    /// The same without callers who hung up before the vector had put them into a queue; they are no abandoned calls
    /// either.
    #[serde(rename = "incalls-vector abandons")]
    WithoutVectorAbandons,
}

impl VdnOffered {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Incalls, Self::WithoutVectorAbandons];

    /// The name printed with every number.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incalls => "incalls",
            Self::WithoutVectorAbandons => "incalls-vector abandons",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// How the calls of an ACD's VDNs are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VdnSettings {
    /// What counts as an offered call.
    #[serde(default)]
    pub offered: VdnOffered,
    /// Numbers of the VDNs that are queues. None chosen: there is no queue.
    #[serde(default)]
    pub chosen: BTreeSet<String>,
}

impl VdnSettings {
    /// True while nothing is set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for offered in VdnOffered::ALL {
            assert_eq!(VdnOffered::from_name(offered.as_str()), Some(offered));
        }
        for direction in [CountedDirection::All, CountedDirection::Inbound] {
            assert_eq!(
                CountedDirection::from_name(direction.as_str()),
                Some(direction)
            );
        }
    }
}
