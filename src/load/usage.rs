//! What does contend itself take? CPU time and memory of this process.

use std::fs;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// The process so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Seconds in user mode.
    pub user_s: f64,
    /// Seconds in the kernel.
    pub system_s: f64,
    /// The largest resident memory, in bytes.
    pub max_rss_bytes: u64,
}

impl Usage {
    /// Asks the operating system.
    #[must_use]
    pub fn now() -> Self {
        let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else { return Self::default() };
        let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
        // Linux counts the memory in KiB, macOS in bytes (getrusage(2) of each).
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        let largest = || u64::try_from(usage.max_rss()).unwrap_or(0) * unit;
        Self {
            user_s: seconds(usage.user_time()),
            system_s: seconds(usage.system_time()),
            max_rss_bytes: largest_resident().unwrap_or_else(largest),
        }
    }
}

/// Linux's own word for this program. What getrusage tells there is not less than what the process that started this one had
/// at that moment: it survives exec.
fn largest_resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
