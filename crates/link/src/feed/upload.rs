//! Takes live events from the buffer to the Hub: one request in flight, the next carries what came meanwhile.
//!
//! A commit of the buffer starts a request at once; without events one goes every few seconds while real-time data is on, so that
//! the Hub knows how fresh the statuses are. A feed that is confirmed says nothing of changes that are not sent yet: while more
//! events wait than a batch carries, the confirmation told is the time of the last event sent. Failures wait with growing,
//! jittered pauses; nothing is lost by them, since the buffer gives the same events again.

use super::board::Board;
use crate::backoff::Backoff;
use crate::hub_client::{HubClient, HubError};
use crate::live_buffer::LiveBuffer;
use crate::status_file::now_utc_ms;
use floorwire_protocol::live::{LIVE_HEARTBEAT_SECONDS, LiveBatch};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The last request may take so long once the program is told to stop.
const LAST_CALL: Duration = Duration::from_secs(2);
/// Clocks that differ by more are worth a line in the log, milliseconds.
const CLOCKS_DIFFER_MS: u64 = 5_000;

/// The uploader.
pub struct Upload {
    /// The Hub.
    pub client: HubClient,
    /// Where events wait.
    pub buffer: LiveBuffer,
    /// How the feeds are.
    pub board: Board,
    /// Random per start.
    pub boot_id: String,
    /// Time of receipt of the last event that was sent.
    pub sent_until_utc_ms: Option<i64>,
}

impl Upload {
    /// Runs until told to stop, and sends once more then.
    pub async fn run(mut self, stop: CancellationToken) {
        let heartbeat = Duration::from_secs(LIVE_HEARTBEAT_SECONDS);
        let mut ready = self.buffer.ready();
        let mut backoff = Backoff::for_hub();
        let mut is_lost = false;
        let mut clocks_differ = false;
        let mut next = Instant::now();
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep_until(next) => {}
                changed = ready.changed() => if changed.is_err() { break },
                () = self.board.changed() => {}
            }
            next = Instant::now() + heartbeat;
            if !self.has_news() {
                continue;
            }
            let sent = tokio::select! {
                sent = self.send() => sent,
                () = stop.cancelled() => break,
            };
            match sent {
                Ok(more) => {
                    if std::mem::take(&mut is_lost) {
                        tracing::info!("the hub takes live events again");
                    }
                    backoff.reset();
                    clocks_differ = self.compare_clocks(clocks_differ);
                    if more {
                        next = Instant::now();
                    }
                }
                Err(error) => {
                    if !std::mem::replace(&mut is_lost, true) {
                        tracing::warn!(%error, "the hub does not take live events; they wait in the buffer");
                    }
                    let wait = backoff.next_wait();
                    tokio::select! {
                        () = stop.cancelled() => break,
                        () = tokio::time::sleep(wait) => {}
                    }
                    next = Instant::now();
                }
            }
        }
        if !self.has_news() {
            return;
        }
        let last = tokio::time::timeout(LAST_CALL, self.send()).await;
        if !matches!(last, Ok(Ok(_))) {
            tracing::debug!("the last live events wait for the next start");
        }
    }

    /// Real-time data is on, or events of when it was on still wait.
    fn has_news(&self) -> bool {
        !self.board.reports().is_empty() || self.buffer.report().waiting_events > 0
    }

    /// One request. True when more events wait.
    async fn send(&mut self) -> Result<bool, HubError> {
        // In this order: what the reports say is in the events, or behind them.
        let mut feeds = self.board.reports();
        let appended = self.buffer.appended();
        let batch = self.buffer.batch().await;
        if batch.covers < appended {
            let last = batch.events.last().map(|event| event.received_utc_ms);
            let until = last.or(self.sent_until_utc_ms);
            for feed in &mut feeds {
                feed.confirmed_utc_ms = feed.confirmed_utc_ms.min(until);
            }
        }
        let sent_utc_ms = now_utc_ms();
        let body = LiveBatch {
            boot_id: self.boot_id.clone(),
            epoch: batch.epoch,
            first_sequence: batch.first_sequence,
            events: batch.events,
            sent_utc_ms,
            feeds,
            buffer: self.buffer.report(),
        };
        let answer = self.client.live(&body).await?;
        let middle = sent_utc_ms + (now_utc_ms() - sent_utc_ms) / 2;
        self.board.set_clock_offset_ms(answer.hub_utc_ms - middle);
        if let Some(last) = body.events.last() {
            self.sent_until_utc_ms = Some(last.received_utc_ms);
        }
        self.buffer.answered(body.epoch, answer.mark).await;
        Ok(batch.more)
    }

    fn compare_clocks(&self, differed: bool) -> bool {
        let offset_ms = self.board.clock_offset_ms().unwrap_or(0);
        let differs = offset_ms.unsigned_abs() > CLOCKS_DIFFER_MS;
        if differs && !differed {
            tracing::warn!(
                offset_ms,
                "this machine's clock and the hub's differ; set them by NTP"
            );
        }
        differs
    }
}
