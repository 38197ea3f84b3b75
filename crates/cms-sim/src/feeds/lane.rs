//! One connection of a feed: does what it is told, and never reads.

use std::time::Duration;

use floorwire_sim_feed::{Action, Lane, Step};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::clock::Clock;

const FIRST_RETRY: Duration = Duration::from_secs(1);
const LONGEST_RETRY: Duration = Duration::from_secs(30);
const CONNECTS_WITHIN: Duration = Duration::from_secs(2);
const WRITES_WITHIN: Duration = Duration::from_secs(10);
/// A refresh that is so much older than the connection is not sent over it, milliseconds.
const OLD_MS: i64 = 500;

/// What a connection is told.
pub(super) enum Order {
    Step(Step),
    /// Orders were lost: begin anew, or stay away.
    Anew {
        wanted: bool,
    },
}

/// What a connection tells.
pub(super) struct Told {
    pub feed: usize,
    pub lane: Lane,
    /// Simulated clock.
    pub utc_ms: i64,
    pub what: News,
}

pub(super) enum News {
    Connected,
    Closed(String),
    Failed(String),
}

/// What was sent.
#[derive(Clone, Copy, Default)]
pub(super) struct Sent {
    pub connections: u64,
    pub refreshes: u64,
    pub bytes: u64,
}

pub(super) struct Sender {
    feed: usize,
    lane: Lane,
    to: String,
    clock: Clock,
    told: mpsc::Sender<Told>,
    stream: Option<TcpStream>,
    wanted: bool,
    retry: Duration,
    next_try: Instant,
    /// The refresh that is being sent.
    sending: Option<u64>,
    /// The refresh that is being left out.
    skipping: Option<u64>,
    connected_ms: i64,
    sent: Sent,
}

impl Sender {
    pub fn new(
        feed: usize,
        lane: Lane,
        to: String,
        clock: Clock,
        told: mpsc::Sender<Told>,
    ) -> Self {
        Self {
            feed,
            lane,
            to,
            clock,
            told,
            stream: None,
            wanted: false,
            retry: FIRST_RETRY,
            next_try: Instant::now(),
            sending: None,
            skipping: None,
            connected_ms: i64::MIN,
            sent: Sent::default(),
        }
    }

    /// Until nobody has orders any more.
    pub async fn run(mut self, mut orders: mpsc::Receiver<Order>) -> Sent {
        loop {
            let order = if self.wanted && self.stream.is_none() {
                tokio::select! {
                    biased;
                    order = orders.recv() => order,
                    () = sleep_until(self.next_try) => {
                        self.connect().await;
                        continue;
                    }
                }
            } else {
                orders.recv().await
            };
            match order {
                None => break,
                Some(Order::Step(step)) => self.obey(step).await,
                Some(Order::Anew { wanted }) => {
                    self.close("the peer is too slow").await;
                    self.want(wanted);
                }
            }
        }
        self.close("ended").await;
        self.sent
    }

    async fn obey(&mut self, step: Step) {
        match step.action {
            Action::Connect => {
                self.want(true);
                if self.stream.is_none() {
                    self.connect().await;
                }
            }
            Action::Close(why) => {
                self.wanted = false;
                self.close(why.word()).await;
            }
            Action::Send { refresh, bytes } => self.send(step.utc_ms, refresh, &bytes).await,
        }
    }

    fn want(&mut self, wanted: bool) {
        self.wanted = wanted;
        self.retry = FIRST_RETRY;
        self.next_try = Instant::now();
    }

    async fn connect(&mut self) {
        let failed = match timeout(CONNECTS_WITHIN, TcpStream::connect(&self.to)).await {
            Ok(Ok(stream)) => {
                // So that a few bytes at a time arrive as such; without it they come together.
                let _ = stream.set_nodelay(true);
                self.stream = Some(stream);
                self.retry = FIRST_RETRY;
                self.connected_ms = self.clock.now_ms();
                self.sending = None;
                self.sent.connections += 1;
                self.tell(News::Connected).await;
                return;
            }
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => format!("no answer within {} s", CONNECTS_WITHIN.as_secs()),
        };
        self.next_try = Instant::now() + self.retry;
        let again_s = self.retry.as_secs();
        self.retry = (self.retry * 2).min(LONGEST_RETRY);
        self.tell(News::Failed(format!(
            "{failed}; trying again in {again_s} s"
        )))
        .await;
    }

    async fn send(&mut self, utc_ms: i64, refresh: u64, bytes: &[u8]) {
        let Some(stream) = &mut self.stream else {
            self.skipping = Some(refresh);
            return;
        };
        if self.skipping == Some(refresh) {
            return;
        }
        if self.sending != Some(refresh) {
            if utc_ms < self.connected_ms - OLD_MS {
                self.skipping = Some(refresh);
                return;
            }
            self.sending = Some(refresh);
            self.sent.refreshes += 1;
        }
        let failed = match timeout(WRITES_WITHIN, stream.write_all(bytes)).await {
            Ok(Ok(())) => {
                self.sent.bytes += u64::try_from(bytes.len()).unwrap_or(0);
                return;
            }
            Ok(Err(cause)) => cause.to_string(),
            Err(_) => format!("the peer has not read for {} s", WRITES_WITHIN.as_secs()),
        };
        self.skipping = Some(refresh);
        self.stream = None;
        self.next_try = Instant::now() + self.retry;
        self.tell(News::Closed(failed)).await;
    }

    async fn close(&mut self, why: &str) {
        if let Some(mut stream) = self.stream.take() {
            // The peer may have gone already.
            let _ = stream.shutdown().await;
            self.tell(News::Closed(why.to_owned())).await;
        }
    }

    async fn tell(&self, what: News) {
        let told = Told {
            feed: self.feed,
            lane: self.lane,
            utc_ms: self.clock.now_ms(),
            what,
        };
        // Nobody hears it when the run has ended.
        let _ = self.told.send(told).await;
    }
}
