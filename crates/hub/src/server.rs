//! A running hub: opens the store, starts the planner, listens, and ends within a limit.
//!
//! Constraints. Everything long-lived ends on [`Shutdown`]; the drain waits [`DRAIN_LIMIT`] for open requests and tasks, then
//! gives up on them, which loses nothing, because changes are transactions.

use crate::admin::{self, AdminError};
use crate::auth::Auth;
use crate::auth::password::PasswordError;
use crate::bus::Bus;
use crate::clock::ShiftedClock;
use crate::config::Config;
use crate::error::Problem;
use crate::health::StorageWatch;
use crate::live::{Live, retention};
use crate::row_memory::RowMemory;
use crate::shutdown::Shutdown;
use crate::state::{AppState, Vendors};
use crate::store::{Store, StoreError};
use crate::tls::{TlsError, TlsListener};
use crate::{http, metrics, planner, store};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::serve::{Listener, ListenerExt};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How long open requests and tasks may take once the hub ends.
pub const DRAIN_LIMIT: Duration = Duration::from_secs(5);
const METRICS_UPKEEP: Duration = Duration::from_secs(10);

/// Why a hub does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Many nodes are not supported yet.
    #[error("`nats-url` is set, but this version runs as one node only; leave the option out")]
    NatsNotSupported,
    /// The store.
    #[error("the hub's storage cannot be opened")]
    Store(#[from] StoreError),
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address}; is the port taken by another program, or does it need more rights?"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Password hashing does not work on this machine.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// The hub as a whole.
#[derive(Debug)]
pub struct Hub;

/// A hub that has been started.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub local_addr: SocketAddr,
    /// Its shared state, for tests and the program.
    pub state: AppState,
    served: JoinHandle<()>,
}

impl Hub {
    /// Opens the store, brings its schema up to date, starts the planner and listens.
    ///
    /// The program must have installed a rustls crypto provider when TLS is configured.
    pub async fn start(config: Config, vendors: Vendors) -> Result<Running, StartError> {
        if config.nats_url.is_some() {
            return Err(StartError::NatsNotSupported);
        }
        metrics::install();
        let opened = Store::open(&config.store_url()).await?;
        let shutdown = Shutdown::new();
        let state = AppState {
            storage: StorageWatch::new(opened.clone(), shutdown.clone()),
            store: opened,
            vendors,
            bus: Bus::new(),
            shutdown: shutdown.clone(),
            clock: Arc::new(ShiftedClock(config.clock_ahead_s.saturating_mul(1000))),
            config: Arc::new(config),
            live: Live::default(),
            auth: Arc::new(Auth::new().await?),
            row_memory: RowMemory::default(),
        };
        let address = state.config.listen;
        let cannot_listen = |cause| StartError::Listen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
        let local_addr = listener.local_addr().map_err(cannot_listen)?;
        let app = http::app(state.clone());
        let served = match &state.config.tls {
            Some(files) => {
                let listener = TlsListener::start(listener, local_addr, files, &shutdown)?;
                serve(listener.tap_io(|_| {}), app, shutdown.clone())
            }
            None => serve(listener.tap_io(without_delay), app, shutdown.clone()),
        };
        shutdown.spawn(planner::run(state.clone()));
        shutdown.spawn(retention::run(state.clone()));
        shutdown.spawn(keep_metrics_small(shutdown.clone()));
        tracing::info!(address = %local_addr, store = state.store.engine_name(), node = state.config.node_name, "hub is listening");
        Ok(Running {
            local_addr,
            state,
            served,
        })
    }
}

/// Small answers must not wait for the acknowledgement of the ones before.
fn without_delay(stream: &mut TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
}

fn serve<L, F>(
    listener: axum::serve::TapIo<L, F>,
    app: axum::Router,
    shutdown: Shutdown,
) -> JoinHandle<()>
where
    L: Listener<Addr = SocketAddr>,
    L::Io: 'static,
    F: FnMut(&mut L::Io) + Send + 'static,
{
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        let served = axum::serve(listener, service)
            .with_graceful_shutdown(shutdown.cancelled_owned())
            .await;
        if let Err(error) = served {
            tracing::error!(%error, "the listener ended; restart the hub");
        }
    })
}

async fn keep_metrics_small(shutdown: Shutdown) {
    let mut tick = tokio::time::interval(METRICS_UPKEEP);
    loop {
        tokio::select! {
            _ = tick.tick() => metrics::upkeep(),
            () = shutdown.cancelled() => return,
        }
    }
}

impl Running {
    /// The address as browsers and Links write it: the public one, or the listening one.
    pub fn url(&self) -> String {
        match &self.state.config.public_url {
            Some(url) => url.to_string(),
            None => {
                let scheme = if self.state.config.is_public_https() {
                    "https"
                } else {
                    "http"
                };
                format!("{scheme}://{}/", self.local_addr)
            }
        }
    }

    /// True when somebody can sign in.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        store::users::any(&self.state.store).await
    }

    /// The address of a page that sets a new hub up, once and within a day; `None` when somebody can sign in already. It is
    /// for whoever started the hub: it belongs on the console and into no log.
    pub async fn setup_url(&self) -> Result<Option<String>, AdminError> {
        let now = self.state.clock.now_utc_ms();
        let token = admin::make_setup_link(&self.state.store, now).await?;
        let url = self.url();
        Ok(token.map(|token| format!("{}/setup/{token}", url.trim_end_matches('/'))))
    }

    /// Begins to end: no new connections, streams close.
    pub fn begin_shutdown(&self) {
        self.state.shutdown.begin();
    }

    /// Ends, and waits for requests and tasks within [`DRAIN_LIMIT`].
    pub async fn shutdown(self) {
        self.begin_shutdown();
        self.wait().await;
    }

    /// Waits until the hub has been told to end and has ended.
    pub async fn wait(self) {
        self.state.shutdown.cancelled().await;
        let mut served = self.served;
        let drained = tokio::join!(
            tokio::time::timeout(DRAIN_LIMIT, &mut served),
            self.state.shutdown.drain(DRAIN_LIMIT)
        );
        if drained.0.is_err() || !drained.1 {
            served.abort();
            tracing::warn!(
                seconds = DRAIN_LIMIT.as_secs(),
                "some requests or tasks did not end in time and were left"
            );
        }
        let closed = tokio::time::timeout(DRAIN_LIMIT, self.state.store.close()).await;
        if closed.is_err() {
            tracing::warn!("the database connections did not close in time");
        }
        tracing::info!("hub has ended");
    }
}

/// The address of the client: the connection's, or what a trusted proxy says.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let connected = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip().to_canonical());
        let Some(peer) = connected else {
            return Ok(Self(IpAddr::from([0, 0, 0, 0])));
        };
        if !state.config.trusted_proxies.contains(&peer) {
            return Ok(Self(peer));
        }
        // The proxy appends; what stands before its own entry comes from the client and proves nothing.
        let said = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let said = said
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.rsplit(',').next());
        Ok(Self(
            said.and_then(|address| address.trim().parse().ok())
                .unwrap_or(peer),
        ))
    }
}

/// What a handler answers for an address that does not exist.
pub async fn no_such_address() -> Problem {
    Problem::new(axum::http::StatusCode::NOT_FOUND, "not-found", "not found")
        .detail("there is nothing at this address")
}
