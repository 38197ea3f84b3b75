//! Opening a port and setting up a connection.

use floorwire_protocol::live::FeedState;
use socket2::{Domain, Protocol, SockAddr, SockRef, Socket, TcpKeepalive, Type};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 16;
/// A peer that is silent for so long is asked by the system whether it is still there,
const KEEPALIVE_AFTER: Duration = Duration::from_secs(30);
/// so often,
const KEEPALIVE_EVERY: Duration = Duration::from_secs(10);
/// and given up after so many unanswered questions.
const KEEPALIVE_TRIES: u32 = 3;

/// Why a port is not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotOpen {
    /// For programs.
    pub state: FeedState,
    /// For people: cause and remedy.
    pub detail: String,
}

/// Opens the port, on all addresses unless one is given.
pub fn listen(port: u16, bind: Option<&str>) -> Result<TcpListener, NotOpen> {
    let Some(bind) = bind.map(str::trim).filter(|bind| !bind.is_empty()) else {
        // IPv6 takes IPv4 too, but not every host has it.
        return open(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)
            .or_else(|error| match error.kind() {
                ErrorKind::AddrInUse | ErrorKind::PermissionDenied => Err(error),
                _ => open(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port),
            })
            .map_err(|error| not_open(&error, port, "all addresses"));
    };
    let address: IpAddr = bind.parse().map_err(|_| NotOpen {
        state: FeedState::Misconfigured,
        detail: format!("`{bind}` is not an address to listen on; give one of this host, or none"),
    })?;
    open(address, port).map_err(|error| not_open(&error, port, bind))
}

fn open(address: IpAddr, port: u16) -> io::Result<TcpListener> {
    let address = SocketAddr::new(address, port);
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // Connections of before a restart must not keep the port.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&SockAddr::from(address))?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn not_open(error: &io::Error, port: u16, on: &str) -> NotOpen {
    let (state, detail) = match error.kind() {
        ErrorKind::AddrInUse => (
            FeedState::PortInUse,
            format!("another program has port {port} on {on}; end it or choose another port"),
        ),
        ErrorKind::PermissionDenied => (
            FeedState::PortForbidden,
            format!("the system does not let the link open port {port}; choose one above 1023"),
        ),
        ErrorKind::AddrNotAvailable => (
            FeedState::Misconfigured,
            format!("this host has no address {on}; give one of its own, or none"),
        ),
        _ => (
            FeedState::Misconfigured,
            format!("cannot listen at port {port} on {on}: {error}"),
        ),
    };
    NotOpen { state, detail }
}

/// Lets the system find out that a silent peer is gone.
pub fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_AFTER)
        .with_interval(KEEPALIVE_EVERY)
        .with_retries(KEEPALIVE_TRIES);
    SockRef::from(stream).set_tcp_keepalive(&keepalive)
}
