//! What may be behind a port? Nothing, yet or for good; somebody who never answers; or another way to a server, which
//! counts.

use std::io;
use std::iter;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Below the ports that systems give to clients (from 32768 on Linux, 49152 elsewhere), so that none of those takes the
/// port between our look at it and the server's.
const PORTS: Range<u16> = 10_000..32_000;

/// A port for a server: free on both kinds of localhost; a machine without IPv6 has one.
pub(super) fn free_port() -> u16 {
    let is_taken = |host: &str, port: u16| {
        TcpListener::bind((host, port)).is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
    };
    let is_free = |port: &u16| !is_taken("127.0.0.1", *port) && !is_taken("::1", *port);
    iter::repeat_with(|| rand::random_range(PORTS)).find(is_free).unwrap()
}

/// A second door to a server: a port of 127.0.0.1 whose connections are carried to the server's, and counted.
#[derive(Debug)]
pub struct Relay {
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Relay {
    /// It ends with this process.
    pub fn to(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::Relaxed);
                // A server that has gone: the client sees its connection end.
                let _ = carry(client, server);
            }
        });
        Self { port, connections }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

fn carry(client: TcpStream, server: u16) -> io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    let pairs = [(client.try_clone()?, server.try_clone()?), (server, client)];
    for (mut from, mut to) in pairs {
        thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
    Ok(())
}

/// A port of 127.0.0.1 that refuses: bound and not listening, so that nobody else can take it.
#[derive(Debug)]
pub struct Dead {
    pub port: u16,
    _socket: tokio::net::TcpSocket,
}

impl Dead {
    pub fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let socket = runtime.block_on(async { tokio::net::TcpSocket::new_v4() }).unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Self { port: socket.local_addr().unwrap().port(), _socket: socket }
    }
}

/// A port of 127.0.0.1 that takes connections and never says a word.
#[derive(Debug)]
pub struct Silent {
    pub port: u16,
    _listener: TcpListener,
}

impl Silent {
    pub fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self { port: listener.local_addr().unwrap().port(), _listener: listener }
    }
}
