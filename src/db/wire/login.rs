//! How does a line become ours to use? The driver logs in on it and sets the session up; then it lets go.

use std::convert::Infallible;
use std::time::Duration;

use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{CancelToken, Client, Config, Connection, Error, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::lent::{Handshake, Lent};
use super::line::Line;
use super::socket::{Place, Socket};
use crate::db::Failure;

/// A server that does not answer a request to cancel either is left alone.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection on which the driver has logged in.
pub(in crate::db) struct Login {
    pub(in crate::db) client: Client,
    pub(in crate::db) driver: Driver,
    lent: Lent,
    canceling: Canceling,
}

/// What carries the client's statements. It is driven while it is needed, and by nobody afterwards: no task of it is left
/// that could read or write on the line.
pub(in crate::db) struct Driver(Connection<Lent, Lent>);

/// What it takes to cancel what a connection is doing.
#[derive(Clone)]
pub(in crate::db) struct Canceling {
    token: CancelToken,
    place: Place,
    maker: MakeRustlsConnect,
    host: String,
}

impl Login {
    /// Logs in on a socket that has been connected to this place.
    pub(in crate::db) async fn new(
        place: Place,
        socket: Socket,
        config: &Config,
        maker: MakeRustlsConnect,
    ) -> Result<Self, Error> {
        // The name that a certificate is verified for. On a Unix socket there is no TLS.
        let host = match config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            _ => String::new(),
        };
        let lent = Lent::new(socket);
        let (client, connection) = config.connect_raw(lent.clone(), Handshake(connector(&maker, &host))).await?;
        let canceling = Canceling { token: client.cancel_token(), place, maker, host };
        Ok(Self { client, driver: Driver(connection), lent, canceling })
    }

    /// Asks whether the server is of the kind that is wanted, as the driver does where it opens the socket itself.
    pub(in crate::db) async fn require(&mut self, wanted: TargetSessionAttrs) -> Result<(), Failure> {
        if wanted == TargetSessionAttrs::Any {
            return Ok(());
        }
        let Self { client, driver, .. } = self;
        let asked = async { Ok(client.simple_query("SHOW transaction_read_only").await?) };
        let answer = driver.during(asked).await?;
        let read_only = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        match (read_only, wanted) {
            (Some("on"), TargetSessionAttrs::ReadWrite) => Err(Failure::another_kind(false)),
            (Some("off"), TargetSessionAttrs::ReadOnly) => Err(Failure::another_kind(true)),
            (Some(_), _) => Ok(()),
            (None, _) => Err(Failure::unexpected_answer("no row")),
        }
    }

    /// Takes the line from the driver, every statement of which has been answered.
    ///
    /// Whatever the server says of its own accord right behind the last answer, the driver may have read: a change of a
    /// setting, which is of no interest, or its end, which shows.
    pub(in crate::db) fn take_over(self) -> Option<(Line, Canceling)> {
        let Self { client, driver, lent, canceling } = self;
        drop((client, driver));
        Some((lent.take_back()?, canceling))
    }
}

impl Driver {
    /// Does work that the client was asked for.
    pub(in crate::db) async fn during<T>(
        &mut self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            done = work => done,
            ended = &mut self.0 => Err(ended.map_or_else(Failure::from, |()| Failure::connection_lost())),
        }
    }
}

impl Canceling {
    /// Asks the server to give up what the connection is doing, so that it does not hold its locks until it notices that
    /// nobody listens. Whether that helps is not waited for.
    pub(in crate::db) fn request(&self) {
        let Self { token, place, maker, host } = self.clone();
        let request = async move {
            let Ok(socket) = place.connect().await else { return };
            let _ = token.cancel_query_raw(socket, connector(&maker, &host)).await;
        };
        tokio::spawn(async move { tokio::time::timeout(CANCEL_TIMEOUT, request).await });
    }
}

fn connector(maker: &MakeRustlsConnect, host: &str) -> <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect {
    let made: Result<_, Infallible> = MakeTlsConnect::<Socket>::make_tls_connect(&mut maker.clone(), host);
    match made {
        Ok(connector) => connector,
    }
}
