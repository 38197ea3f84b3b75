#![doc = include_str!("../README.md")]

pub mod absence;
pub mod agents;
pub mod columns;
pub mod derivation;
pub mod evidence;
pub mod fingerprint;
pub mod hours;
pub mod ids;
pub mod ledger;
pub mod outages;
pub mod partition;
pub mod queue_settings;
pub mod streams;
pub mod time;
pub mod vdns;
pub mod zone_guess;
