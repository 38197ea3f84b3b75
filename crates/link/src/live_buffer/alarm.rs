//! What the log says of the buffer: each state once when it begins and once when it ends.

use floorwire_protocol::live::BufferReport;

/// Seconds before the quota is reached at which somebody should know.
const SOON_SECONDS: u64 = 24 * 3600;

/// Which states were logged.
#[derive(Debug, Default)]
pub struct Alarm {
    filling: bool,
    degraded: bool,
    failing: bool,
}

impl Alarm {
    /// The file cannot be written, or can again.
    pub fn failing(&mut self, cause: Option<&str>) {
        match (cause, self.failing) {
            (Some(cause), false) => tracing::error!(
                cause,
                "the live buffer cannot be written: events wait in memory and would be lost in a crash; free or add disk space, the link goes on by itself"
            ),
            (None, true) => tracing::info!("the live buffer is written again"),
            _ => {}
        }
        self.failing = cause.is_some();
    }

    /// Looks at how full it is.
    pub fn check(&mut self, report: &BufferReport) {
        if report.degraded && !self.degraded {
            tracing::error!(
                waiting_events = report.waiting_events,
                bytes = report.bytes,
                quota_bytes = report.quota_bytes,
                "the live buffer is full: only the latest status of each agent is kept; make the hub reachable or raise live-buffer-mb"
            );
        } else if !report.degraded && self.degraded {
            tracing::info!("the live buffer keeps every event again");
        }
        self.degraded = report.degraded;
        let is_over = report.waiting_events > 0 && report.bytes > report.quota_bytes / 5 * 4;
        let is_soon = report
            .full_in_seconds
            .is_some_and(|seconds| seconds < SOON_SECONDS);
        if is_over && is_soon && !self.filling {
            tracing::warn!(
                waiting_events = report.waiting_events,
                full_in_seconds = report.full_in_seconds,
                "the live buffer fills up; make the hub reachable"
            );
            self.filling = true;
        } else if !is_over && self.filling {
            tracing::info!("the live buffer has room again");
            self.filling = false;
        }
    }
}
