//! Who stops the server and removes its directory, even when we are killed?
//!
//! A shell process that runs `keeper.sh`, started with a pipe on its stdin of which only we hold the other end. The
//! system closes that end however we end. Compared with Linux's parent-death signal this needs no unsafe code, works on
//! macOS, outlives no thread by accident, and leaves somebody in charge who can still remove the directory.
//!
//! It has a process group of its own: a Ctrl-C in the terminal is for us, and the server has to answer while we drain.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::user::User;
use super::{Error, log};

const SCRIPT: &str = include_str!("keeper.sh");

/// How often we look whether the keeper has got on.
const POLL: Duration = Duration::from_millis(5);

/// It takes a few milliseconds; where this passes, the log is there and we may not read it.
const MAKES_LOG_WITHIN: Duration = Duration::from_secs(10);

/// Longer than the keeper takes at worst: ten seconds until KILL, and the removal.
const STOPS_WITHIN: Duration = Duration::from_secs(25);

/// How long a drop may hold up its thread. The keeper finishes on its own.
const DROP_WAITS: Duration = Duration::from_secs(2);

/// What the keeper is to run.
#[derive(Debug)]
pub(super) struct Launch {
    /// Shell text that calls `keeper.sh`'s `phase` on the words.
    pub(super) steps: &'static str,
    /// The programs and their arguments.
    pub(super) words: Vec<OsString>,
}

/// A running keeper. To drop it is to stop the server.
#[derive(Debug)]
pub(super) struct Keeper {
    child: Child,
    pipe: Option<ChildStdin>,
    directory: PathBuf,
    log: Option<File>,
}

impl Keeper {
    /// Starts the keeper and through it the server. The future may be dropped at any point: nothing stays behind.
    pub(super) async fn start(directory: &Path, launch: &Launch, user: Option<&User>) -> Result<Self, Error> {
        let mut child = command(directory, launch, user)
            .spawn()
            .map_err(|source| Error::System { what: "start /bin/sh", source })?;
        let pipe = child.stdin.take();
        let mut keeper = Self { child, pipe, directory: directory.to_owned(), log: None };
        // The steps wait for our word, so that the log cannot come and go before we have opened it.
        keeper.log = Some(keeper.open_log().await?);
        if let Some(pipe) = &mut keeper.pipe {
            pipe.write_all(b"go\n").map_err(|source| Error::System { what: "talk to the server's keeper", source })?;
        }
        Ok(keeper)
    }

    async fn open_log(&mut self) -> Result<File, Error> {
        let deadline = Instant::now() + MAKES_LOG_WITHIN;
        loop {
            if self.exited().is_some() {
                return Err(Error::Directory { directory: self.directory.clone(), said: self.complaint() });
            }
            match File::open(self.directory.join("log")) {
                Ok(log) => return Ok(log),
                Err(source) if Instant::now() > deadline => {
                    return Err(Error::System { what: "open the server's log", source });
                }
                Err(_) => sleep(POLL).await,
            }
        }
    }

    /// The directory that the keeper made and will remove.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// How the keeper ended, which it does once the server has ended and the directory is gone.
    pub(super) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// The server's own last words.
    pub(super) fn last_words(&self) -> Option<String> {
        self.log.as_ref().and_then(log::last_words)
    }

    /// Stops the server and waits until it and its directory are gone.
    pub(super) async fn stop(&mut self) {
        self.pipe = None;
        let deadline = Instant::now() + STOPS_WITHIN;
        while !self.is_gone() && Instant::now() < deadline {
            sleep(POLL).await;
        }
    }

    /// Has the keeper ended, and left nothing? One that was itself killed has not removed the directory yet; its
    /// watcher does. Without a log the directory is not ours: the keeper could not make it.
    fn is_gone(&mut self) -> bool {
        self.exited().is_some() && (self.log.is_none() || !self.directory.exists())
    }

    /// Why the keeper could not make the directory: of "mkdir: cannot create directory '/x': Permission denied" the end,
    /// which is all that its reader does not know yet.
    fn complaint(&mut self) -> String {
        let mut text = String::new();
        if let Some(stderr) = &mut self.child.stderr {
            // It has exited, so this cannot block; a text that cannot be read is as good as none.
            let _ = stderr.read_to_string(&mut text);
        }
        text.trim().rsplit(": ").next().unwrap_or_default().to_owned()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.pipe = None;
        let deadline = Instant::now() + DROP_WAITS;
        while !self.is_gone() && Instant::now() < deadline {
            thread::sleep(POLL);
        }
    }
}

fn command(directory: &Path, launch: &Launch, user: Option<&User>) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, "contend-keeper"]).arg(directory).arg(launch.steps).args(&launch.words);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).current_dir("/").process_group(0);
    // The server sees its own settings alone: PGPORT, PGTZ and their like are meant for clients and change servers too.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C").env("HOME", directory).env("TMPDIR", directory);
    command.env("COCKROACH_SKIP_ENABLING_DIAGNOSTIC_REPORTING", "true");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}
