//! How far is an experiment? One bar over all of its blocks; where no bar can be drawn, a line for each block that ended.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::ProgressBar;

use super::line::clock;
use super::{Progress, draw};
use crate::measure::Second;
use crate::report::units::{ABSENT, count, duration, rate, share};
use crate::tune::Measured;

/// A policy's name is cut to so many columns.
const NAME: usize = 24;

/// The bar of an experiment.
pub struct ExperimentBar {
    progress: Progress,
    bar: ProgressBar,
    total: Duration,
    block: Mutex<Begun>,
}

/// The block that is run.
#[derive(Clone, Debug, Default)]
struct Begun {
    at: Duration,
    /// Which one it is, and of which policy.
    label: String,
}

impl Progress {
    /// A bar for an experiment that takes so long.
    #[must_use]
    pub fn experiment(&self, total: Duration) -> ExperimentBar {
        ExperimentBar { progress: self.clone(), bar: self.bar("{msg}"), total, block: Mutex::default() }
    }
}

impl ExperimentBar {
    /// A block begins, so long after the experiment did.
    pub fn begin(&self, at: Duration, place: &str, name: &str) {
        let label = format!("{place:>5}  {:NAME$}", shortened(name));
        self.draw(at, &format!("{label}  {}", self.left(at)));
        *self.block.lock().unwrap_or_else(PoisonError::into_inner) = Begun { at, label };
    }

    /// Shows one second of the block.
    pub fn second(&self, second: &Second) {
        let Begun { at, label } = self.block.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now = at + Duration::from_secs(second.second);
        self.draw(now, &format!("{label}  {:>6} tx/s  {}", count(second.committed), self.left(now)));
    }

    /// The block has ended.
    pub fn ended(&self, now: Duration, measured: &Measured) {
        let Begun { label, .. } = self.block.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if self.progress.is_plain() {
            self.progress.note(&format!("{}  {}", line(&label, measured), self.left(now)));
        }
    }

    fn left(&self, now: Duration) -> String {
        format!("{} left", clock(self.total.saturating_sub(now)))
    }

    fn draw(&self, now: Duration, text: &str) {
        let total = self.total.as_secs_f64();
        draw(&self.bar, if total > 0.0 { (now.as_secs_f64() / total).min(1.0) } else { 0.0 }, text);
    }

    /// The experiment is over: the bar goes away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A long name without its middle: policies often begin alike, and end alike.
fn shortened(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= NAME {
        return name.to_owned();
    }
    let (head, tail) = (&letters[..NAME / 2 - 4], &letters[letters.len() - NAME / 2 - 3..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

fn line(label: &str, measured: &Measured) -> String {
    let Measured { committed, goodput_tps, p99_ns, wasted_s, backoff_s, busy_s, .. } = *measured;
    let p99 = if committed == 0 { ABSENT.to_owned() } else { duration(p99_ns as f64) };
    let wasted = share(wasted_s + backoff_s, busy_s);
    format!("{label}  {:>6} tx/s  p99 {p99:>7}  wasted {wasted:>6}", rate(goodput_tps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_whatever_the_policy_is_called() {
        let progress = Progress::new(true);
        let bar = progress.experiment(Duration::from_secs(700));
        bar.begin(Duration::from_secs(10), "12/15", "exponential:base=2ms,factor=2,cap=1s,jitter=decorrelated");
        let Begun { label, .. } = bar.block.lock().unwrap().clone();
        assert_eq!(label, "12/15  exponent…er=decorrelated");
        let measured = Measured {
            seconds: 5.0,
            committed: 6_170,
            transactions: 6_170,
            exhausted: 0,
            attempts: 9_000,
            goodput_tps: 1_234.0,
            p50_ns: 1_000_000,
            p99_ns: 48_200_000,
            p999_ns: 90_000_000,
            busy_s: 80.0,
            wasted_s: 4.0,
            backoff_s: 4.0,
            held_s: 0.0,
            fairness: 1.0,
            cause: None,
        };
        let line = format!("{}  {}", line(&label, &measured), bar.left(Duration::from_secs(16)));
        assert_eq!(line, "12/15  exponent…er=decorrelated   1,234 tx/s  p99 48.2 ms  wasted 10.0 %  11:24 left");
        assert!(console::measure_text_width(&line) <= crate::report::wrap::WIDTH + 8, "{line}");
    }
}
