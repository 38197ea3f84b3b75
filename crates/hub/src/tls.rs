//! TLS of the hub itself, for sites without a reverse proxy.
//!
//! Handshakes run in tasks of their own, bounded in number and time, so that a client that never finishes one holds nobody
//! up. Certificate and key are read once at start; renewing them needs a restart.

use crate::config::TlsFiles;
use crate::shutdown::Shutdown;
use axum::serve::Listener;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const HANDSHAKES_AT_ONCE: usize = 256;
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
const ACCEPTED_QUEUE: usize = 64;

/// Why TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or is not PEM.
    #[error("`{path}` cannot be read as PEM; check the path, its rights and its content")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: rustls::pki_types::pem::Error,
    },
    /// Certificate and key do not fit.
    #[error("certificate and key cannot be used together")]
    Pair(#[source] rustls::Error),
}

/// Accepts connections and finishes their handshakes.
#[derive(Debug)]
pub struct TlsListener {
    accepted: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    local_addr: SocketAddr,
}

impl TlsListener {
    /// Reads certificate and key and begins to accept.
    pub fn start(
        mut listener: TcpListener,
        local_addr: SocketAddr,
        files: &TlsFiles,
        shutdown: &Shutdown,
    ) -> Result<Self, TlsError> {
        let acceptor = TlsAcceptor::from(Arc::new(server_config(files)?));
        let (sender, accepted) = mpsc::channel(ACCEPTED_QUEUE);
        let permits = Arc::new(Semaphore::new(HANDSHAKES_AT_ONCE));
        let ends = shutdown.clone();
        shutdown.spawn(async move {
            loop {
                let Ok(permit) = permits.clone().acquire_owned().await else {
                    return;
                };
                let (stream, peer) = tokio::select! {
                    connection = Listener::accept(&mut listener) => connection,
                    () = ends.cancelled() => return,
                };
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    let _permit = permit;
                    let handshake =
                        tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await;
                    match handshake {
                        Ok(Ok(stream)) => {
                            if sender.send((stream, peer)).await.is_err() {
                                tracing::debug!(%peer, "a connection came while the hub ended");
                            }
                        }
                        Ok(Err(error)) => tracing::debug!(%peer, %error, "handshake failed"),
                        Err(_) => tracing::debug!(%peer, "handshake took too long"),
                    }
                });
            }
        });
        Ok(Self {
            accepted,
            local_addr,
        })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.accepted.recv().await {
            Some(connection) => connection,
            // The hub ends; the server stops asking as soon as it sees the signal.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.local_addr)
    }
}

fn server_config(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let unreadable = |path: &PathBuf| {
        let path = path.clone();
        move |cause| TlsError::File { path, cause }
    };
    let certificates = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(unreadable(&files.certificate))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(unreadable(&files.key))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .map_err(TlsError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
