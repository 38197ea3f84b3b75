//! The vendor whose feeds this program reads.

use super::engine::{FeedProfile, Vendor};
use floorwire_model::live::ProfileFault;
use std::sync::Arc;

/// Reads no feed: every profile is refused with a reason, raw bytes can still be captured and copied.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVendor;

impl Vendor for NoVendor {
    fn profile(&self, _text: &str) -> Result<Arc<dyn FeedProfile>, Vec<ProfileFault>> {
        Err(vec![ProfileFault {
            line: None,
            key: String::new(),
            message: "this version of the link reads no feeds; install a newer one".to_owned(),
        }])
    }

    fn shipped(&self, _name: &str) -> Option<String> {
        None
    }

    fn discover(&self, _capture: &[(i64, Vec<u8>)]) -> Option<String> {
        None
    }
}

/// The vendor of this program.
pub fn vendor() -> Arc<dyn Vendor> {
    Arc::new(NoVendor)
}
