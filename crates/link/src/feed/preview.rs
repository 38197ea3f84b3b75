//! The last raw lines of a port, read by a profile that is being edited at the Hub.

use super::board::Board;
use super::engine::Vendor;
use floorwire_model::live::ProfileFault;
use floorwire_protocol::live::{FeedPreview, FeedPreviewRequest};
use std::sync::PoisonError;

/// The answer to a request.
pub fn preview(vendor: &dyn Vendor, board: &Board, request: &FeedPreviewRequest) -> FeedPreview {
    let nothing = |detail: String| FeedPreview {
        request: request.request,
        lines: Vec::new(),
        detail: Some(detail),
    };
    let port = request.port;
    let Some(ring) = board.ring(port) else {
        return nothing(format!("the link does not listen at port {port}"));
    };
    let profile = match vendor.profile(&request.profile_text) {
        Ok(profile) => profile,
        Err(faults) => return nothing(in_words(&faults)),
    };
    let lines = ring.lock().unwrap_or_else(PoisonError::into_inner).lines();
    if lines.is_empty() {
        return nothing(format!(
            "nothing has come to port {port} since the link listens"
        ));
    }
    FeedPreview {
        request: request.request,
        lines: profile.preview(&lines),
        detail: None,
    }
}

/// Faults of a profile on one line.
pub fn in_words(faults: &[ProfileFault]) -> String {
    let one = |fault: &ProfileFault| {
        let line = fault
            .line
            .map(|line| format!("line {line}: "))
            .unwrap_or_default();
        let key = match fault.key.is_empty() {
            true => String::new(),
            false => format!("{}: ", fault.key),
        };
        format!("{line}{key}{}", fault.message)
    };
    let all: Vec<String> = faults.iter().map(one).collect();
    format!("the profile cannot be used: {}", all.join("; "))
}
