//! Does progress say enough, not too much, and survive that nobody listens?

use super::*;

/// Writes into memory that the test can read.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct ClosedPipe;

impl Write for ClosedPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

fn run(progress: &Progress, seconds: impl IntoIterator<Item = u64>) {
    progress.note("contend 0.1.0");
    let seeding = progress.seeding(10);
    seeding.advance(10);
    seeding.finish();
    let load = progress.load(Stop::After(Duration::from_secs(20)), Duration::from_secs(2), None);
    for second in seconds {
        load.second(&Second {
            second,
            committed: 2_000 + second,
            not_committed: 1,
            retries: 80,
            in_flight: 16,
            p50: 1_000_000,
            p99: 12_400_000,
            max: 20_000_000,
        });
    }
    load.finish();
}

fn written(how: How, seconds: impl IntoIterator<Item = u64>) -> String {
    let memory = Memory::default();
    run(&Progress::with_output(how, Box::new(memory.clone())), seconds);
    let bytes = memory.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn plain_lines_come_after_the_first_second_and_then_every_five() {
    let expected = "\
contend 0.1.0
 0:01   2,001 tx/s      80 retries/s  p99 12.4 ms   16 in flight  warm-up 0:01
 0:05   2,005 tx/s      80 retries/s  p99 12.4 ms   16 in flight  0:17 left
 0:10   2,010 tx/s      80 retries/s  p99 12.4 ms   16 in flight  0:12 left
";
    assert_eq!(written(How::Plain, 1..=12), expected);
}

#[test]
fn a_second_that_never_came_delays_its_line_only() {
    let lines = written(How::Plain, [1, 2, 7, 8, 10, 11]);
    let times: Vec<&str> = lines.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(times, ["contend", "0:01", "0:07", "0:10"]);
}

#[test]
fn quiet_is_quiet() {
    assert_eq!(written(How::Quiet, 1..=12), "");
}

#[test]
fn a_closed_pipe_is_as_good_as_nobody_watching() {
    for how in [How::Plain, How::Drawn] {
        run(&Progress::with_output(how, Box::new(ClosedPipe)), 1..=6);
    }
}
