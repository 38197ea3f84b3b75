//! A Link's feeds without the rest of the program: what the Hub wants is set by the test.

use super::hub::Hub;
use super::vendor::Lines;
use floorwire_link::feed::board::Board;
use floorwire_link::feed::clock::FeedClock;
use floorwire_link::feed::engine::Vendor;
use floorwire_link::feed::port::Surroundings;
use floorwire_link::feed::upload::Upload;
use floorwire_link::feed::{FeedPolicy, Feeds};
use floorwire_link::guard::Guard;
use floorwire_link::live_buffer::{BufferSettings, LiveBuffer};
use floorwire_link::status_file::{Status, StatusFile, now_utc_ms};
use floorwire_link::sync::Reports;
use floorwire_model::agents::scope::AgentScope;
use floorwire_model::ids::AcdNumber;
use floorwire_model::live::{LiveChange, LiveEvent};
use floorwire_protocol::live::{FeedConfiguration, FeedReport, RealtimeConfiguration};
use floorwire_protocol::messages::{Desired, GuardLimits, LinkConfiguration};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The running parts.
pub struct Site {
    pub buffer: LiveBuffer,
    pub board: Board,
    pub reports: Reports,
    pub desired: watch::Sender<Option<Desired>>,
    stop_feeds: CancellationToken,
    stop_upload: CancellationToken,
    feeds: JoinHandle<()>,
    upload: JoinHandle<()>,
}

/// A port that nobody has at this moment.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A feed at a port of this machine.
pub fn feed(port: u16) -> FeedConfiguration {
    FeedConfiguration {
        port,
        bind: Some("127.0.0.1".into()),
        allow_from: Vec::new(),
        acd: AcdNumber(1),
        profile: "lines".into(),
        profile_version: 1,
        profile_text: "lines".into(),
    }
}

/// What the Hub wants.
pub fn desired(version: i64, feeds: Vec<FeedConfiguration>) -> Desired {
    Desired {
        version,
        paused: false,
        configuration: Some(LinkConfiguration {
            version,
            connection_open: String::new(),
            connection_sealed: String::new(),
            agent_scope: AgentScope::All,
            realtime: Some(RealtimeConfiguration {
                feeds,
                ..RealtimeConfiguration::default()
            }),
        }),
        examine: None,
        feed_preview: None,
    }
}

impl Site {
    /// Starts everything in this folder.
    pub fn start(folder: &Path, hub: &Hub, wanted: Option<Desired>) -> Self {
        Self::start_with(folder, hub, wanted, FeedPolicy::default())
    }

    /// The same with a local policy.
    pub fn start_with(
        folder: &Path,
        hub: &Hub,
        wanted: Option<Desired>,
        policy: FeedPolicy,
    ) -> Self {
        Self::start_for(Arc::new(Lines), folder, hub, wanted, policy)
    }

    /// The same with a vendor.
    pub fn start_for(
        vendor: Arc<dyn Vendor>,
        folder: &Path,
        hub: &Hub,
        wanted: Option<Desired>,
        policy: FeedPolicy,
    ) -> Self {
        let buffer = LiveBuffer::start(BufferSettings {
            folder: folder.to_owned(),
            owner: "fwl_1_2_".into(),
            quota_bytes: 1 << 28,
            keep_days: 7,
            patience: Duration::from_secs(600),
            clock: Arc::new(now_utc_ms),
        })
        .unwrap();
        let board = Board::default();
        let (sender, receiver) = watch::channel(wanted);
        let reports = Reports::new(Guard::new(GuardLimits::default()));
        let feeds = Feeds {
            around: Surroundings {
                vendor,
                buffer: buffer.clone(),
                board: board.clone(),
                clock: FeedClock::system(),
            },
            policy,
            reports: reports.clone(),
            status: StatusFile::new(folder, Status::default()),
            data_dir: folder.to_owned(),
        };
        let upload = Upload {
            client: hub.client(),
            buffer: buffer.clone(),
            board: board.clone(),
            boot_id: "boot".into(),
            sent_until_utc_ms: None,
        };
        let (stop_feeds, stop_upload) = (CancellationToken::new(), CancellationToken::new());
        Self {
            feeds: tokio::spawn(feeds.run(receiver, stop_feeds.clone())),
            upload: tokio::spawn(upload.run(stop_upload.clone())),
            buffer,
            board,
            reports,
            desired: sender,
            stop_feeds,
            stop_upload,
        }
    }

    /// Ends it as the program does.
    pub async fn end(self) {
        self.stop_feeds.cancel();
        self.feeds.await.unwrap();
        self.stop_upload.cancel();
        self.upload.await.unwrap();
        self.buffer.stop().await;
    }

    /// Waits until a port is as it should be.
    pub async fn until(&self, port: u16, mut holds: impl FnMut(&FeedReport) -> bool) -> FeedReport {
        let limit = tokio::time::Instant::now() + Duration::from_secs(60);
        loop {
            let reports = self.board.reports();
            let report = reports.iter().find(|report| report.port == port);
            if let Some(report) = report.filter(|report| holds(report)) {
                return report.clone();
            }
            assert!(tokio::time::Instant::now() < limit, "never so: {report:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Connects as a CMS does, once the port is open.
    pub async fn connect(&self, port: u16) -> TcpStream {
        let limit = tokio::time::Instant::now() + Duration::from_secs(60);
        loop {
            match TcpStream::connect(("127.0.0.1", port)).await {
                Ok(stream) => return stream,
                Err(error) => assert!(tokio::time::Instant::now() < limit, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Sends lines.
pub async fn say(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Events in words: `4021 Acd`, or `lost Disconnected`.
pub fn words(events: &[LiveEvent]) -> Vec<String> {
    let word = |event: &LiveEvent| match &event.change {
        LiveChange::Status { login, status, .. } => format!("{login} {:?}", status.state),
        LiveChange::Lost { cause, .. } => format!("lost {cause:?}"),
        LiveChange::Dropped { events, .. } => format!("dropped {events}"),
    };
    events.iter().map(word).collect()
}
