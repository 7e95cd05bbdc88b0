//! How do tests run contend? As a process, without the caller's environment, for a bounded time.

use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Ended, PATIENCE, Scratch, until};

/// The password of every address in these tests. It is printed nowhere.
pub const PASSWORD: &str = "hunter2-is-secret";

/// A command line.
#[derive(Debug)]
pub struct Contend {
    command: Command,
    out: Scratch,
}

/// A process. Dropped, it is killed.
#[derive(Debug)]
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    out: Scratch,
}

impl Contend {
    /// `contend SUBCOMMAND`.
    pub fn new(subcommand: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_contend"));
        let foreign = |name: &str| name.starts_with("PG") || ["CONTEND_URL", "DATABASE_URL"].contains(&name);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(foreign)) {
            command.env_remove(name);
        }
        command.arg(subcommand).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, out: Scratch::new() }
    }

    /// `contend run`, with a results folder of its own.
    pub fn run() -> Self {
        Self::saving("run")
    }

    /// `contend tune`, with a results folder of its own.
    pub fn tune() -> Self {
        Self::saving("tune")
    }

    fn saving(subcommand: &str) -> Self {
        let mut contend = Self::new(subcommand);
        contend.command.arg("--out").arg(contend.out.path());
        contend
    }

    pub fn on(self, address: &str) -> Self {
        self.arg(address)
    }

    pub fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Arguments without blanks in them, as they are typed.
    pub fn flags(mut self, flags: &str) -> Self {
        self.command.args(flags.split_whitespace());
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// A value that need not be text.
    pub fn env_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.command.env(name, std::os::unix::ffi::OsStrExt::from_bytes(value) as &std::ffi::OsStr);
        self
    }

    /// Started with this soft limit of open files, which the test's own process keeps as it was.
    pub fn with_open_files(mut self, soft: u64) -> Self {
        let mut limited = Command::new("/bin/sh");
        limited.args(["-c", &format!("ulimit -Sn {soft} && exec \"$@\""), "contend"]).arg(self.command.get_program());
        limited.args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command = limited;
        self
    }

    pub fn working_in(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    pub fn spawn(mut self) -> Running {
        let mut child = self.command.spawn().unwrap();
        let stdout = child.stdout.take().map(read);
        let stderr = child.stderr.take().map(read);
        Running { child, stdout, stderr, out: self.out }
    }

    /// Hands out the reading end of stdout; nothing else reads it.
    pub fn spawn_with_stdout(mut self) -> (Running, ChildStdout) {
        let mut child = self.command.spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().map(read);
        (Running { child, stdout: None, stderr, out: self.out }, stdout)
    }

    pub fn finish(self) -> Ended {
        self.spawn().wait()
    }
}

impl Running {
    pub fn pid(&self) -> i32 {
        self.child.id().cast_signed()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid()), signal).unwrap();
    }

    /// Ctrl-C again and again: signals that come at the same time count as one.
    pub fn interrupt_until_it_ends(&mut self) {
        until("contend has quit", || {
            let running = self.is_running();
            if running {
                self.signal(Signal::SIGINT);
            }
            !running
        });
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end.
    pub fn wait(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        while self.is_running() {
            assert!(Instant::now() < deadline, "contend does not end");
            thread::sleep(Duration::from_millis(10));
        }
        let status = self.child.wait().unwrap();
        let signal = std::os::unix::process::ExitStatusExt::signal(&status);
        let code = status.code().unwrap_or_else(|| -signal.unwrap());
        let text = |reader: Option<JoinHandle<String>>| reader.map(|reader| reader.join().unwrap()).unwrap_or_default();
        let (stdout, stderr) = (text(self.stdout.take()), text(self.stderr.take()));
        for output in [&stdout, &stderr] {
            assert!(!output.contains("panicked"), "{output}");
            assert!(!output.contains(PASSWORD), "the password is printed: {output}");
        }
        let out = std::mem::replace(&mut self.out, Scratch::new());
        Ended { code, stdout, stderr, out }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(mut source: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    })
}
