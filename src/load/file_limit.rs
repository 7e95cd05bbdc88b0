//! How many connections does the operating system allow? Each one is an open file.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Files that are open beside the connections: the terminal, results, timers of each shard.
const OTHERS: u64 = 100;

/// The operating system allows fewer open files than the connections need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{connections} connections need about {needed} open files, and this system allows {allowed}: use fewer --connections, or raise `ulimit -Hn`"
)]
pub struct FileLimitError {
    connections: u32,
    needed: u64,
    allowed: u64,
}

/// Raises the soft limit of open files where so many connections need it.
pub fn raise_file_limit(connections: u32) -> Result<(), FileLimitError> {
    let needed = u64::from(connections) + OTHERS;
    // A system that does not tell its limit will refuse the connection that is too many.
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return Ok(()) };
    if soft >= needed {
        return Ok(());
    }
    if hard < needed || setrlimit(Resource::RLIMIT_NOFILE, needed, hard).is_err() {
        return Err(FileLimitError { connections, needed, allowed: hard });
    }
    Ok(())
}
