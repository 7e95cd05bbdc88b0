//! Which processes are there? What /proc tells of a server and of those who keep it; so Linux only.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process as it was found.
#[derive(Debug)]
pub struct Process {
    pid: i32,
    pub name: String,
    words: Vec<String>,
    works_in: PathBuf,
    parent: i32,
}

impl Process {
    fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").unwrap().flatten();
        entries.filter_map(|entry| Self::find(entry.file_name().to_str()?.parse().ok()?)).collect()
    }

    /// None when it has ended meanwhile, or was never more than a thread of the system.
    fn find(pid: i32) -> Option<Self> {
        let file = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).ok();
        let words = file("cmdline")?.split_terminator('\0').map(str::to_owned).collect();
        let parent = file("status")?.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok())?;
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        Some(Self { pid, name: file("comm")?.trim().to_owned(), words, works_in, parent })
    }

    pub fn signal(&self, signal: Signal) {
        // It may have ended meanwhile.
        let _ = kill(Pid::from_raw(self.pid), signal);
    }

    /// The process that forked the others of a server.
    pub fn is_postmaster(&self) -> bool {
        self.words.iter().any(|word| word == "-D")
    }
}

/// The processes that name the directory on their command line or work in it. PostgreSQL's children hide their command
/// line, so one of the two would not do.
pub fn processes_in(directory: &Path) -> Vec<Process> {
    let text = directory.to_str().unwrap();
    let concerned = |process: &Process| {
        process.works_in.starts_with(directory) || process.words.iter().any(|word| word.contains(text))
    };
    Process::all().into_iter().filter(concerned).collect()
}

/// The directory of the throw-away server that this contend has started, once it has.
pub fn keeper_of(contend: i32) -> Option<PathBuf> {
    let mut children = Process::all().into_iter().filter(|process| process.parent == contend);
    let directory = |process: Process| {
        let at = process.words.iter().position(|word| word == "contend-keeper")?;
        process.words.get(at + 1).map(PathBuf::from)
    };
    children.find_map(directory)
}
