//! Identifiers as types of their own, so that an ACD number cannot be passed where a queue is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! number_id {
    ($(#[$doc:meta] $name:ident($inner:ty)),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )+};
}

number_id! {
    /// One customer of a Hub. Every table and every unique key starts with it.
    AccountId(i64),
    /// One connection to one CMS, unique within its account.
    IntegrationId(i64),
    /// One Link installation, unique within its account.
    LinkId(i64),
    /// One unit of the import plan, unique within its account.
    TaskId(i64),
    /// The count of a task's leases; results of an older attempt are refused.
    Attempt(i64),
    /// One queue (a split/skill or a VDN of one ACD), unique within its account.
    QueueId(i64),
    /// The number a CMS gives an ACD. Source: `acd` of every table (SMALLINT).
    AcdNumber(i32),
}
