//! The Floorwire Hub as a library: accounts, integrations, import plan, storage, interface, web application.
//!
//! [`server::Hub::start`] runs a hub; the program `floorwire-hub` and the tests use it alike. The library knows no vendor:
//! the program registers them ([`state::Vendors`]).
//!
//! Parts. [`http`] puts the routes together: [`api`] for people and scripts, [`link_api`] for Links, [`assets`] for browsers.
//! [`planner`] decides what is read when, [`ingest`] stores and derives it, [`store`] keeps it, [`bus`] wakes whoever waits.

pub mod admin;
pub mod agent_records;
pub mod api;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod bus;
pub mod capability_changes;
pub mod clock;
pub mod completeness;
pub mod config;
pub mod configuration;
pub mod error;
pub mod health;
pub mod holidays;
pub mod http;
pub mod ingest;
pub mod ledger;
pub mod link_api;
pub mod live;
pub mod metrics;
pub mod planner;
pub mod quiet_hours;
pub mod rereading;
pub mod row_memory;
pub mod server;
pub mod shutdown;
pub mod state;
pub mod status;
pub mod store;
pub mod tls;

pub use config::Config;
pub use server::{Hub, Running};
pub use state::{AppState, Vendors};
