//! Where does a server listen, and what is a socket to it like? As the driver would make it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// PostgreSQL's own.
const PORT: u16 = 5432;

/// Where a server listens, and what is asked of a socket to it.
#[derive(Clone, Debug)]
pub(in crate::db) enum Place {
    Tcp { address: SocketAddr, keepalive: Option<TcpKeepalive>, user_timeout: Option<Duration> },
    Unix(PathBuf),
}

/// A connected socket.
#[derive(Debug)]
pub(in crate::db) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Place {
    /// The place of the configuration's only server, whose name leads to this address. None where it leads nowhere.
    pub(in crate::db) fn new(config: &Config, address: Option<IpAddr>) -> Option<Self> {
        let port = config.get_ports().first().copied().unwrap_or(PORT);
        if let Some(address) = address.or_else(|| config.get_hostaddrs().first().copied()) {
            let address = SocketAddr::new(address, port);
            let keepalive = config.get_keepalives().then(|| keepalive(config));
            return Some(Self::Tcp { address, keepalive, user_timeout: config.get_tcp_user_timeout().copied() });
        }
        match config.get_hosts().first() {
            Some(Host::Unix(directory)) => Some(Self::Unix(directory.join(format!(".s.PGSQL.{port}")))),
            _ => None,
        }
    }

    pub(in crate::db) async fn connect(&self) -> io::Result<Socket> {
        match self {
            Self::Unix(path) => UnixStream::connect(path).await.map(Socket::Unix),
            Self::Tcp { address, keepalive, user_timeout } => {
                let stream = TcpStream::connect(address).await?;
                // What is sent is all there is to send: nothing is to be waited for.
                stream.set_nodelay(true)?;
                let options = SockRef::from(&stream);
                #[cfg(target_os = "linux")]
                if user_timeout.is_some() {
                    options.set_tcp_user_timeout(*user_timeout)?;
                }
                #[cfg(not(target_os = "linux"))]
                let _ = user_timeout;
                if let Some(keepalive) = keepalive {
                    options.set_tcp_keepalive(keepalive)?;
                }
                Ok(Socket::Tcp(stream))
            }
        }
    }
}

fn keepalive(config: &Config) -> TcpKeepalive {
    let mut keepalive = TcpKeepalive::new().with_time(config.get_keepalives_idle());
    if let Some(interval) = config.get_keepalives_interval() {
        keepalive = keepalive.with_interval(interval);
    }
    match config.get_keepalives_retries() {
        Some(retries) => keepalive.with_retries(retries),
        None => keepalive,
    }
}

impl Socket {
    /// Whether the other end has not closed it, as far as the runtime has heard. Costs no system call.
    pub(super) fn is_open(&self) -> bool {
        let ready = match self {
            Self::Tcp(stream) => stream.ready(Interest::READABLE).now_or_never(),
            Self::Unix(stream) => stream.ready(Interest::READABLE).now_or_never(),
        };
        ready.is_none_or(|ready| ready.is_ok_and(|ready| !ready.is_read_closed()))
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Unix(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Unix(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    /// There is nothing to flush.
    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
