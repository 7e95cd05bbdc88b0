//! How does an answer get lost? A proxy between contend and the server that cuts a connection at its COMMIT.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};

/// What ends with COMMIT (PostgreSQL documentation, 55.7). As the driver sends it: a simple query, its length, the text.
/// As a flight ends with it: Bind of the statement that is prepared under this name, without values; Execute; Sync.
const COMMITS: [&[u8]; 2] = [b"Q\0\0\0\x0bCOMMIT\0", b"_commit\0\0\0\0\0\0\0E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04"];
/// The end of what the server answers to it: ready for a query, and no transaction is open, or one that has failed, by a
/// write in front of COMMIT in the same flight. Where one is still open, that was the answer to what came before.
const ENDED: [&[u8]; 2] = [b"Z\0\0\0\x05I", b"Z\0\0\0\x05E"];

/// Which COMMITs the proxy cuts: by turns one reaches the server (the first one does) and one does not.
#[derive(Clone, Copy, Debug)]
pub struct Cutting {
    /// Every so many do not get their answer.
    pub every: u32,
    /// So many at the beginning of each connection do not count: those of its set-up.
    pub spared: u32,
}

/// What the proxy did.
#[derive(Debug, Default)]
pub struct Cuts {
    commits: AtomicU32,
    /// COMMITs that reached the server, and whose answer was thrown away.
    pub answered: AtomicU32,
    /// COMMITs that never reached the server.
    pub swallowed: AtomicU32,
}

/// Serves until the runtime ends, and answers with the port.
pub async fn start(socket: PathBuf, cutting: Cutting) -> io::Result<(u16, Arc<Cuts>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let cuts = Arc::new(Cuts::default());
    let shared = Arc::clone(&cuts);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (socket, cuts) = (socket.clone(), Arc::clone(&shared));
            tokio::spawn(async move { serve(client, socket, &cuts, cutting).await });
        }
    });
    Ok((port, cuts))
}

/// Carries bytes both ways; ends, with both connections, where a COMMIT is to be cut.
async fn serve(mut client: TcpStream, socket: PathBuf, cuts: &Cuts, cutting: Cutting) -> io::Result<()> {
    let mut server = UnixStream::connect(socket).await?;
    let (mut from_client, mut from_server) = (vec![0; 8192], vec![0; 8192]);
    let Cutting { every, mut spared } = cutting;
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let bytes = &from_client[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                let mut is_commit = COMMITS.iter().any(|commit| bytes.ends_with(commit));
                if is_commit && spared > 0 {
                    (is_commit, spared) = (false, spared - 1);
                }
                let number = if is_commit { cuts.commits.fetch_add(1, Ordering::Relaxed) + 1 } else { 0 };
                if !is_commit || !number.is_multiple_of(every) {
                    server.write_all(bytes).await?;
                } else if number.is_multiple_of(2 * every) {
                    cuts.swallowed.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                } else {
                    server.write_all(bytes).await?;
                    // The answer says that it is done, behind those of what was sent before it; nobody hears it.
                    let mut answers = Vec::new();
                    while !ENDED.iter().any(|ended| answers.ends_with(ended)) {
                        if server.read_buf(&mut answers).await? == 0 {
                            return Ok(());
                        }
                    }
                    cuts.answered.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
            }
            read = server.read(&mut from_server) => {
                let bytes = &from_server[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}
