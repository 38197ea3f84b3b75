//! What every handler and task of one hub shares.

use crate::auth::Auth;
use crate::bus::Bus;
use crate::clock::Clock;
use crate::config::Config;
use crate::health::StorageWatch;
use crate::live::Live;
use crate::row_memory::RowMemory;
use crate::shutdown::Shutdown;
use crate::store::Store;
use floorwire_model::derivation::Vendor;
use std::fmt;
use std::sync::Arc;

/// Handles only: cloning is cheap.
#[derive(Clone, Debug)]
pub struct AppState {
    /// The database.
    pub store: Store,
    /// The sources this hub can derive from.
    pub vendors: Vendors,
    /// Hints that something changed.
    pub bus: Bus,
    /// The signal on which streams and tasks end.
    pub shutdown: Shutdown,
    /// What the hub was started with.
    pub config: Arc<Config>,
    /// The present.
    pub clock: Arc<dyn Clock>,
    /// Says once when the storage fails and when it is back.
    pub storage: StorageWatch,
    /// The present of accounts that somebody looks at.
    pub live: Live,
    /// Passwords and the throttle of sign-in attempts.
    pub auth: Arc<Auth>,
    /// Room for decoded rows.
    pub row_memory: RowMemory,
}

/// The registered vendors. The hub knows none by itself.
#[derive(Clone)]
pub struct Vendors(Arc<[Arc<dyn Vendor>]>);

impl Vendors {
    /// From what the program registers.
    pub fn new(vendors: impl IntoIterator<Item = Arc<dyn Vendor>>) -> Self {
        Self(vendors.into_iter().collect())
    }

    /// The vendor of that source name.
    pub fn by_source(&self, source: &str) -> Option<&Arc<dyn Vendor>> {
        self.0.iter().find(|vendor| vendor.source() == source)
    }

    /// The names of all sources, for messages.
    pub fn sources(&self) -> Vec<&'static str> {
        self.0.iter().map(|vendor| vendor.source()).collect()
    }
}

impl fmt::Debug for Vendors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.sources()).finish()
    }
}
