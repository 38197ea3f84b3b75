//! The live buffer: events of the real-time feeds, on disk from soon after their receipt until the Hub has them.
//!
//! # Constraints
//!
//! - What was committed survives `kill -9` and a power cut, and reaches the Hub once: the Hub keeps a mark per epoch, and a
//!   batch says with which number it begins.
//! - Appending never waits, for neither disk nor network, since whoever appends reads the feed.
//! - Disk and memory are bounded. What no longer fits is not queued; it degrades to the latest status of each agent, and a
//!   [`LiveChange::Dropped`] says how many changes are missing.
//! - No disk, however full or broken, stops a feed or the program.
//!
//! # Format
//!
//! One SQLite file `live-buffer.sqlite` in the data folder, readable by its owner only: WAL, `synchronous=FULL`, incremental
//! vacuum. SQLite rather than own segment files: the sync dominates the cost whoever writes, and the latest statuses have to
//! change with the events in one transaction.
//!
//! | Table | Content |
//! |---|---|
//! | `buffer` | one row: format, owner (the pairing), epoch, `base`, `last`, `acknowledged`, `unmet` |
//! | `event` | events by `position`: port, ACD, time of receipt, change (MessagePack with field names), CRC-32 of all of it |
//! | `latest` | the last status of every staffed agent by port, ACD and login |
//! | `lost` | ports and ACDs whose last word is [`LiveChange::Lost`] |
//! | `confirmed` | until when the statuses of a port were confirmed |
//! | `purged` | which positions were deleted: how many events, of which feed, from when to when |
//! | `dropped` | what degradation holds in memory or has dropped, so that a crash then does not hide it |
//!
//! Positions only grow. The number of an event towards the Hub is `position - base`; a new epoch is a new `base` and a new
//! random name, so nothing is ever renumbered on disk.
//!
//! # Write
//!
//! A thread of its own takes what was appended and commits it in groups: after 50 ms, or 500 events. One transaction inserts the
//! events and changes `latest`. When a commit fails, the file is opened anew and its `last` tells whether it was written
//! after all; the group is tried again from what the file says, so nothing is doubled or skipped.
//!
//! # Read
//!
//! [`LiveBuffer::batch`] gives what follows the acknowledged mark. The first call after a start gives no events, because the
//! mark has to be learnt first ([`LiveBuffer::answered`]). While the disk cannot be written, events are handed out from memory,
//! so that a full disk does not stop the board.
//!
//! The mark of an answer decides:
//! - between what was acknowledged and what was sent: acknowledged;
//! - **ahead** of everything that this file can have sent: the file is older than the Hub (a restored disk, a copied machine).
//!   What it held when it was opened is known to the Hub; what came since gets a new epoch. `unmet` remembers that moment over
//!   further starts, until the Hub was met. (A copy of the file from between a start and the first contact after it, put back
//!   later, cannot be told from this; what it held comes twice then, rather than not at all.);
//! - **behind**: the Hub was restored. Acknowledged events are kept for a day for this; they are sent again. Where they are
//!   gone, a new epoch begins with `Dropped` for the gap.
//!
//! # Delete
//!
//! Acknowledged events go after a day, or as soon as space is needed, oldest first. Events that the Hub did not fetch within the
//! quota's days go too; whether the Hub has them after all is known only when it answers, and then the gap is told. When the
//! quota of bytes is reached, what is stored stays, and new events degrade: history keeps a hole at its
//! end, not at its beginning, and the present is known again as soon as there is room.
//!
//! # Recovery
//!
//! A transaction that was cut off by a crash is undone by SQLite. A row whose CRC does not fit is replaced on reading by
//! `Dropped` for one event. A file that SQLite cannot read, or of an unknown format, is set aside under a name with its date and
//! an error is logged; a new file with a new epoch begins. The same happens to the file of another pairing, whose data must not
//! reach this Hub. A full or read-only disk is tried again every few seconds.

mod alarm;
mod event_row;
mod forecast;
mod inbox;
mod overflow;
mod retention;
mod schema;
mod store;
mod writer;

use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveEvent, LiveStatus};
use floorwire_protocol::live::BufferReport;
use inbox::{Command, Shared};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

#[cfg(doc)]
use floorwire_model::live::LiveChange;

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "live-buffer.sqlite";

/// A clock: milliseconds since 1970 UTC.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a buffer is kept.
#[derive(Clone)]
pub struct BufferSettings {
    /// The folder for the file.
    pub folder: PathBuf,
    /// Whose events these are: the pairing. A file of another owner is set aside.
    pub owner: String,
    /// Bytes on disk at most.
    pub quota_bytes: u64,
    /// Events that the Hub does not fetch are kept so many days.
    pub keep_days: u32,
    /// They are deleted for their age only when the Hub has not answered for so long.
    pub patience: Duration,
    /// The clock.
    pub clock: Clock,
}

impl std::fmt::Debug for BufferSettings {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("BufferSettings")
            .field("folder", &self.folder)
            .field("quota_bytes", &self.quota_bytes)
            .field("keep_days", &self.keep_days)
            .finish_non_exhaustive()
    }
}

/// The last status of a staffed agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestStatus {
    /// The ACD.
    pub acd: AcdNumber,
    /// The login ID.
    pub login: String,
    /// Since when, milliseconds since 1970 UTC.
    pub since_utc_ms: i64,
    /// The status.
    pub status: LiveStatus,
}

/// What the buffer knows of a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownPort {
    /// The staffed agents.
    pub agents: Vec<LatestStatus>,
    /// Until when their statuses were confirmed, milliseconds since 1970 UTC.
    pub confirmed_utc_ms: Option<i64>,
    /// ACDs of which the Hub was told that nothing is known, and nothing since.
    pub lost: Vec<AcdNumber>,
}

/// What to send next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The epoch.
    pub epoch: String,
    /// Number of the first event, or of the one that will come next.
    pub first_sequence: u64,
    /// The events.
    pub events: Vec<LiveEvent>,
    /// Of all events ever appended to this handle, so many are before the end of the batch. Compare it with
    /// [`LiveBuffer::appended`].
    pub covers: u64,
    /// More events follow at once.
    pub more: bool,
}

/// The buffer. Clones are the same buffer; the last one ends its thread.
#[derive(Clone, Debug)]
pub struct LiveBuffer {
    shared: Arc<Shared>,
    ready: watch::Receiver<u64>,
    _stop: Arc<StopOnDrop>,
}

#[derive(Debug)]
struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.command(Command::Stop(None));
    }
}

impl LiveBuffer {
    /// Starts the thread that opens and keeps the file. Fails only when the system gives no thread or no randomness.
    pub fn start(settings: BufferSettings) -> std::io::Result<Self> {
        let (ready_sender, ready) = watch::channel(0);
        let shared = Arc::new(Shared::default());
        let writer = writer::Writer::new(settings, Arc::clone(&shared), ready_sender)?;
        std::thread::Builder::new()
            .name("live-buffer".into())
            .spawn(move || writer.run())?;
        Ok(Self {
            _stop: Arc::new(StopOnDrop(Arc::clone(&shared))),
            shared,
            ready,
        })
    }

    /// Appends events, in their order. Never waits.
    pub fn append(&self, events: Vec<LiveEvent>) {
        self.shared.append(events);
    }

    /// How many events were appended to this handle and its clones.
    pub fn appended(&self) -> u64 {
        self.shared.appended()
    }

    /// The statuses of a port were confirmed until then. Written now and then; a few seconds of it may be lost in a crash.
    pub fn confirm(&self, port: u16, utc_ms: i64) {
        self.shared.confirm(port, utc_ms);
    }

    /// Changes when there is something new to send.
    pub fn ready(&self) -> watch::Receiver<u64> {
        self.ready.clone()
    }

    /// What the file says of a port.
    pub async fn known(&self, port: u16) -> KnownPort {
        self.ask(|answer| Command::Known(port, answer)).await
    }

    /// Nothing of a port's agents is worth keeping any more: it is no longer configured, or otherwise.
    pub async fn forget(&self, port: u16) {
        self.ask(|answer| Command::Forget(port, answer)).await;
    }

    /// What to send next. One batch at a time: the next call after an answer, or a failure, takes up where the mark is.
    pub async fn batch(&self) -> Batch {
        self.ask(Command::Batch).await
    }

    /// The Hub answered a batch of this epoch with this mark.
    pub async fn answered(&self, epoch: String, mark: u64) {
        self.ask(|answer| Command::Answered(epoch, mark, answer))
            .await;
    }

    /// How full it is.
    pub fn report(&self) -> BufferReport {
        self.shared.report()
    }

    /// Commits what was appended. Returns whether it is on disk.
    pub async fn flush(&self) -> bool {
        self.ask(Command::Flush).await
    }

    /// Commits and closes the file.
    pub async fn stop(&self) {
        self.ask(|answer| Command::Stop(Some(answer))).await;
    }

    /// After [`LiveBuffer::stop`] every answer is the default.
    async fn ask<Answer: Default>(
        &self,
        command: impl FnOnce(oneshot::Sender<Answer>) -> Command,
    ) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.shared.command(command(answer));
        answered.await.unwrap_or_default()
    }
}
