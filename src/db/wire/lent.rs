//! How does the driver log in on a stream that is ours? It is lent to it, TLS included, and taken back.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::line::Line;
use super::socket::Socket;

/// A handle of a line. There is none in it only while TLS is being set up.
#[derive(Clone)]
pub(super) struct Lent(Arc<Mutex<Option<Line>>>);

impl Lent {
    pub(super) fn new(socket: Socket) -> Self {
        Self(Arc::new(Mutex::new(Some(Line::Plain(socket)))))
    }

    /// The line, when this is its only handle.
    pub(super) fn take_back(self) -> Option<Line> {
        Arc::into_inner(self.0)?.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Line>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll<T>(&self, work: impl FnOnce(Pin<&mut Line>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.lock()
            .as_mut()
            .map_or_else(|| Poll::Ready(Err(io::ErrorKind::NotConnected.into())), |line| work(Pin::new(line)))
    }
}

impl AsyncRead for Lent {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll(|line| line.poll_read(context, buffer))
    }
}

impl AsyncWrite for Lent {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|line| line.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|line| line.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|line| line.poll_shutdown(context))
    }
}

impl TlsStream for Lent {
    fn channel_binding(&self) -> ChannelBinding {
        self.lock().as_ref().map_or_else(ChannelBinding::none, Line::channel_binding)
    }
}

/// Sets TLS up below the handle: what was lent as a socket is lent as TLS on top of it from then on.
pub(super) struct Handshake(pub(super) <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect);

impl TlsConnect<Lent> for Handshake {
    type Stream = Lent;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Lent>> + Send>>;

    fn connect(self, stream: Lent) -> Self::Future {
        Box::pin(async move {
            let taken = stream.lock().take();
            let Some(Line::Plain(socket)) = taken else { return Err(io::ErrorKind::NotConnected.into()) };
            let encrypted = self.0.connect(socket).await?;
            *stream.lock() = Some(Line::Encrypted(Box::new(encrypted)));
            Ok(stream)
        })
    }
}
