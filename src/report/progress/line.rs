//! How is one second of a run said in one line? The same numbers for the bar and for plain lines.

use std::time::Duration;

use crate::measure::Second;
use crate::plan::{Steps, Stop};
use crate::report::units::{ABSENT, count, duration};

/// How far a load is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    stop: Stop,
    lead: Duration,
    steps: Option<Steps>,
    second: u64,
    ended: u64,
}

impl Pace {
    /// Before the first second. The lead is ramp and warm-up.
    pub(super) fn new(stop: Stop, lead: Duration, steps: Option<Steps>) -> Self {
        Self { stop, lead, steps, second: 0, ended: 0 }
    }

    /// One second further.
    pub(super) fn add(&mut self, second: &Second) {
        self.second = second.second;
        if Duration::from_secs(self.second) > self.lead {
            self.ended += second.committed + second.not_committed;
        }
    }

    /// How much is done, from 0 to 1.
    pub(super) fn done(&self) -> f64 {
        let done = match self.stop {
            Stop::After(time) => self.second as f64 / (time + self.lead).as_secs_f64(),
            Stop::Transactions(number) => self.ended as f64 / number as f64,
        };
        if done.is_finite() { done.min(1.0) } else { 0.0 }
    }

    /// The time left, where it is known.
    fn left(&self) -> Option<Duration> {
        match self.stop {
            Stop::After(time) => Some((time + self.lead).saturating_sub(Duration::from_secs(self.second))),
            Stop::Transactions(number) => {
                let elapsed = Duration::from_secs(self.second).checked_sub(self.lead)?;
                let rest = number.saturating_sub(self.ended) as f64 / self.ended as f64;
                Duration::try_from_secs_f64(elapsed.as_secs_f64() * rest).ok()
            }
        }
    }

    /// The time left, of the warm-up first; in a load with steps, which one it is.
    fn remaining(&self) -> String {
        let now = Duration::from_secs(self.second);
        match (self.lead.checked_sub(now), self.steps) {
            (Some(warmup), _) if !warmup.is_zero() => format!("warm-up {}", clock(warmup)),
            (_, Some(steps)) => {
                // The numbers are those of the second that ends now.
                let since = now.saturating_sub(self.lead).saturating_sub(Duration::from_millis(500));
                format!("step {} of {}", steps.at(since) + 1, steps.count())
            }
            _ => format!("{} left", self.left().map_or_else(|| ABSENT.to_owned(), clock)),
        }
    }
}

/// The message beside the bar.
pub(super) fn beside_bar(pace: &Pace, second: &Second) -> String {
    format!("{:>9}  {}", pace.remaining(), numbers(second))
}

/// The line where no bar can be drawn.
pub(super) fn plain(pace: &Pace, second: &Second) -> String {
    format!("{:>5}  {}  {}", clock(Duration::from_secs(second.second)), numbers(second), pace.remaining())
}

fn numbers(second: &Second) -> String {
    let Second { committed, retries, in_flight, p99, .. } = *second;
    let p99 = if committed == 0 { ABSENT.to_owned() } else { duration(p99 as f64) };
    let (committed, retries) = (count(committed), count(retries));
    format!("{committed:>6} tx/s  {retries:>6} retries/s  p99 {p99:>7}  {in_flight:>3} in flight")
}

/// Minutes and seconds, `1:05`, and hours before them where there are any.
pub(super) fn clock(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: u64, committed: u64) -> Second {
        Second { second, committed, not_committed: 0, retries: 812, in_flight: 16, p50: 1, p99: 48_200_000, max: 2 }
    }

    #[test]
    fn a_run_over_time_knows_what_is_left() {
        let mut pace = Pace::new(Stop::After(Duration::from_mins(1)), Duration::from_secs(5), None);
        assert!(pace.done().abs() < 1e-9);
        pace.add(&second(2, 2_381));
        assert_eq!(
            beside_bar(&pace, &second(2, 2_381)),
            "warm-up 0:03   2,381 tx/s     812 retries/s  p99 48.2 ms   16 in flight"
        );
        pace.add(&second(5, 2_381));
        assert_eq!(pace.remaining(), "1:00 left");
        pace.add(&second(20, 0));
        assert!((pace.done() - 20.0 / 65.0).abs() < 1e-9);
        assert_eq!(
            plain(&pace, &second(20, 0)),
            " 0:20       0 tx/s     812 retries/s  p99       –   16 in flight  0:45 left"
        );
        pace.add(&second(70, 1));
        assert_eq!((pace.done().to_string(), pace.remaining()), ("1".to_owned(), "0:00 left".to_owned()));
    }

    #[test]
    fn a_run_over_transactions_estimates_it_from_those_that_ended() {
        let mut pace = Pace::new(Stop::Transactions(1_000), Duration::from_secs(1), None);
        pace.add(&second(1, 500));
        assert_eq!((pace.done().to_string(), pace.remaining()), ("0".to_owned(), "– left".to_owned()));
        pace.add(&second(2, 100));
        pace.add(&second(3, 150));
        assert_eq!((pace.done().to_string(), pace.remaining()), ("0.25".to_owned(), "0:06 left".to_owned()));
    }

    #[test]
    fn a_load_with_steps_says_which_one_it_is() {
        let steps = Steps { levels: "8..128 x10".parse().unwrap(), each: Duration::from_secs(5) };
        let mut pace = Pace::new(Stop::After(steps.total()), Duration::from_secs(1), Some(steps));
        let mut at = |time| {
            pace.add(&second(time, 1));
            pace.remaining()
        };
        assert_eq!([at(2), at(6), at(7)], ["step 1 of 11", "step 1 of 11", "step 2 of 11"]);
        assert_eq!(at(56), "step 11 of 11");
        let line =
            beside_bar(&pace, &Second { committed: 123_456, retries: 99_999, in_flight: 1_024, ..second(56, 0) });
        assert!(console::measure_text_width(&line) <= 80, "{line}");
    }

    #[test]
    fn large_numbers_fit() {
        let mut pace = Pace::new(Stop::After(Duration::from_hours(10)), Duration::from_secs(90), None);
        let large = Second { committed: 123_456, retries: 99_999, in_flight: 1_024, ..second(9, 0) };
        pace.add(&large);
        for text in [beside_bar(&pace, &large), plain(&pace, &large)] {
            assert!(console::measure_text_width(&text) <= 80, "{text}");
        }
    }
}
