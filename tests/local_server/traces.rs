//! What traces does a local server leave: which processes, which directories, which shared memory?

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use contend::db::local::LocalServer;
use nix::unistd::Pid;

/// Ten seconds until the keeper sends KILL, and some for a busy machine.
const GONE_WITHIN: Duration = Duration::from_secs(15);

/// The processes that have to do with the directory: it is in their command line or they work in it. PostgreSQL's
/// children hide their command line, so that one of the two would not do.
pub fn processes(directory: &Path) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| {
        let command_line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let works_in = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
        String::from_utf8_lossy(&command_line).contains(directory.to_str().unwrap()) || works_in.starts_with(directory)
    })
    .map(Pid::from_raw)
    .collect()
}

/// The processes of the server itself, the keeper not among them.
pub fn servers(directory: &Path) -> Vec<Pid> {
    let name = |pid: &Pid| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    processes(directory).into_iter().filter(|pid| ["postgres", "cockroach"].contains(&name(pid).trim())).collect()
}

/// The server's directory: where its processes work.
pub fn directory(server: &LocalServer) -> PathBuf {
    directories().into_iter().find(|directory| belongs(directory, server)).expect("the server has a directory")
}

/// PostgreSQL's address names the directory; CockroachDB's has the port that is written down there.
pub fn belongs(directory: &Path, server: &LocalServer) -> bool {
    let url = fs::read_to_string(directory.join("url")).unwrap_or_default();
    let port = url.split([':', '/', '?']).rfind(|word| word.parse::<u16>().is_ok());
    server.address().contains(directory.to_str().unwrap())
        || port.is_some_and(|port| server.address().contains(&format!("127.0.0.1:{port}/")))
}

/// Every server's directory there is, other programs' included.
pub fn directories() -> Vec<PathBuf> {
    let places = [std::env::temp_dir(), PathBuf::from("/tmp")];
    let entries = places.iter().flat_map(|place| fs::read_dir(place).unwrap().flatten());
    let ours = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with("contend-");
    entries.filter(ours).map(|entry| entry.path()).collect()
}

pub fn is_gone(directory: &Path) -> bool {
    !directory.exists() && processes(directory).is_empty()
}

/// Waits until nothing is left; how long that took.
pub fn wait_until_gone(directory: &Path) -> Duration {
    let start = Instant::now();
    while !is_gone(directory) {
        let waited = start.elapsed();
        assert!(waited < GONE_WITHIN, "{} is left with {:?}", directory.display(), processes(directory));
        thread::sleep(Duration::from_millis(20));
    }
    start.elapsed()
}

pub fn shared_memory(pid: Pid) -> Vec<PathBuf> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let paths = maps.lines().filter_map(|line| line.split_whitespace().last());
    paths.filter(|path| path.starts_with("/dev/shm/PostgreSQL.")).map(PathBuf::from).collect()
}

pub fn parent(pid: Pid) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("PPid:")?.trim().parse().ok()).unwrap_or_default()
}

/// The directories of the keepers that have the word on their command line.
pub fn keepers(mark: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let command_lines = entries.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
    let directory = |command_line: Vec<u8>| {
        let words: Vec<_> = command_line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        let at = words.iter().position(|word| word == "contend-keeper")?;
        words.iter().any(|word| word == mark).then(|| PathBuf::from(&*words[at + 1]))
    };
    command_lines.filter_map(directory).collect()
}

/// A directory of one test's own. Readable for all: as root the server is somebody else.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path = PathBuf::from("/tmp").join(format!("contend_test_{name}_{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
