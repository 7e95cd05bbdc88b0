//! How do tests wait? For a condition, and never for ever.

use std::thread;
use std::time::{Duration, Instant};

/// Nothing that a test waits for takes this long, on a busy machine either.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until the condition is met, or fails the test.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for this: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
