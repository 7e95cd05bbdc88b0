//! Why is a policy not the recommended one? What it does with its time, as data first, then in words.

use std::fmt;
use std::time::Duration;

use super::analysis::Setting;
use super::recommend::FINISHING;
use super::words::{count, percent, time};
use super::{Measured, Objective};
use crate::retry::Policy;

/// A mean first delay is out of proportion that is so many times as long as an attempt.
const OUT_OF_PROPORTION: f64 = 10.0;
/// The second delay is longer than the first one by more than what is drawn.
const GROWS: f64 = 1.1;
/// The shares of the time, and of the transactions, that are worth a word.
const WAITING: f64 = 0.3;
const SLEEPING: f64 = 0.5;
const WASTING: f64 = 0.25;
const HOLDING: f64 = 0.1;
const GIVING_UP: f64 = 0.05;
/// What has to lie between it and the recommended one for a share to be a reason.
const MORE: f64 = 0.1;
/// A tail is long that is so many times as long as the recommended one's.
const LONG_TAIL: f64 = 2.0;
/// Below this, some workers get a good deal less than others.
const FAIR: f64 = 0.8;
/// Attempts for each commit, compared with the recommended one's.
const MANY_ATTEMPTS: f64 = 1.2;

/// The one thing that tells most. Shares are those of the workers' time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reason {
    /// Nothing was committed.
    NoCommit,
    /// Its delays are out of proportion to what they wait for.
    Waits {
        /// The first delay, on average.
        delay: Duration,
        /// Later ones are longer.
        grows: bool,
        /// How long an attempt takes.
        attempt: Duration,
    },
    /// It keeps its locks while it waits, for this share.
    HoldsLocks(f64),
    /// This share of the transactions is given up.
    GivesUp(f64),
    /// It waits between attempts for this share.
    Sleeps(f64),
    /// It spends this share in attempts that are not committed.
    Wastes(f64),
    /// Its p99 is so many times as long.
    LongTail(f64),
    /// Some workers commit much less than others: Jain's index.
    Starves(f64),
    /// Attempts for each commit, and those of the recommended one.
    Attempts(f64, f64),
    /// Both were not run together often enough to say anything.
    TooFew,
    /// No difference in the objective was found, and its p99 is so many times as long.
    Same(Option<f64>),
    /// Nothing stands out but the objective: how many times the recommended one's.
    Worse(Objective, f64),
}

/// All blocks of one candidate together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "described with Measured")]
pub struct Totals {
    pub committed: u64,
    pub transactions: u64,
    pub exhausted: u64,
    pub attempts: u64,
    pub busy_s: f64,
    pub wasted_s: f64,
    pub backoff_s: f64,
    pub held_s: f64,
}

impl Totals {
    /// The sums.
    #[must_use]
    pub fn of(blocks: &[&Measured]) -> Self {
        let sum = |of: fn(&Measured) -> u64| blocks.iter().fold(0, |sum: u64, block| sum.saturating_add(of(block)));
        let time = |of: fn(&Measured) -> f64| blocks.iter().map(|block| of(block)).filter(|s| s.is_finite()).sum();
        Self {
            committed: sum(|block| block.committed),
            transactions: sum(|block| block.transactions),
            exhausted: sum(|block| block.exhausted),
            attempts: sum(|block| block.attempts),
            busy_s: time(|block| block.busy_s),
            wasted_s: time(|block| block.wasted_s),
            backoff_s: time(|block| block.backoff_s),
            held_s: time(|block| block.held_s),
        }
    }

    /// This much of the workers' time.
    fn share(&self, seconds: f64) -> f64 {
        if self.busy_s > 0.0 { (seconds / self.busy_s).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// How long an attempt takes.
    fn attempt(&self) -> Option<Duration> {
        let seconds = (self.busy_s - self.backoff_s).max(0.0) / self.attempts as f64;
        Duration::try_from_secs_f64(seconds).ok().filter(|attempt| *attempt > Duration::ZERO)
    }

    /// The share of transactions that gave up.
    #[must_use]
    pub fn given_up(&self) -> f64 {
        if self.transactions > 0 { self.exhausted as f64 / self.transactions as f64 } else { 0.0 }
    }
}

impl Reason {
    /// The first that holds, causes before effects, seen from the recommended candidate.
    pub(super) fn of(setting: &Setting<'_>, candidate: usize, recommended: usize) -> Self {
        let (own, other) = (&setting.totals[candidate], &setting.totals[recommended]);
        if own.committed == 0 {
            return Self::NoCommit;
        }
        let unfinished = own.given_up() > other.given_up() + FINISHING;
        let gives_up = own.given_up() >= GIVING_UP && own.given_up() > 2.0 * other.given_up();
        let gives_up = gives_up.then(|| Self::GivesUp(own.given_up()));
        if !setting.comparisons.is_worse(candidate, recommended) {
            let same = || Self::Same(longer_tail(setting, candidate, recommended, 1.05));
            return match setting.comparisons.get(candidate, recommended) {
                // It may be better by far.
                _ if unfinished => Self::GivesUp(own.given_up()),
                None => Self::TooFew,
                Some(_) => same(),
            };
        }
        Self::of_time(own, other, &setting.design.candidates[candidate].policy, gives_up)
            .or_else(|| longer_tail(setting, candidate, recommended, LONG_TAIL).map(Self::LongTail))
            .or_else(|| Self::of_workers(setting, candidate, recommended))
            .unwrap_or_else(|| Self::worse(setting, candidate, recommended))
    }

    /// What the workers did with their time.
    fn of_time(own: &Totals, other: &Totals, policy: &Policy, gives_up: Option<Self>) -> Option<Self> {
        let share = |of: fn(&Totals) -> f64, least: f64| {
            let (own, other) = (own.share(of(own)), other.share(of(other)));
            (own >= least && own >= other + MORE).then_some(own)
        };
        share(|totals| totals.backoff_s, WAITING)
            .and_then(|_| Self::waits(policy, own.attempt()?))
            .or_else(|| share(|totals| totals.held_s, HOLDING).map(Self::HoldsLocks))
            .or(gives_up)
            .or_else(|| share(|totals| totals.backoff_s, SLEEPING).map(Self::Sleeps))
            .or_else(|| share(|totals| totals.wasted_s, WASTING).map(Self::Wastes))
    }

    fn waits(policy: &Policy, attempt: Duration) -> Option<Self> {
        // In the mean over what may be drawn; attempts take no time compared with what is out of proportion to them.
        let waits = policy.waits(3);
        let delay = Duration::from_secs_f64(waits.first()?.mean_s);
        let grows = waits.get(1).is_some_and(|second| second.mean_s > waits[0].mean_s * GROWS);
        (delay >= attempt.mul_f64(OUT_OF_PROPORTION)).then_some(Self::Waits { delay, grows, attempt })
    }

    /// Who got how much.
    fn of_workers(setting: &Setting<'_>, candidate: usize, recommended: usize) -> Option<Self> {
        let (own, other) = (&setting.estimates[candidate], &setting.estimates[recommended]);
        let (fairness, attempts) = (own.fairness.mean, own.attempts_per_commit.mean);
        if fairness < FAIR && fairness + MORE <= other.fairness.mean {
            return Some(Self::Starves(fairness));
        }
        let fewer = other.attempts_per_commit.mean;
        (fewer > 0.0 && attempts >= fewer * MANY_ATTEMPTS).then_some(Self::Attempts(attempts, fewer))
    }

    fn worse(setting: &Setting<'_>, candidate: usize, recommended: usize) -> Self {
        let ratio = setting.comparisons.get(candidate, recommended).map_or(1.0, |comparison| comparison.ratio.mean);
        Self::Worse(setting.design.objective, ratio)
    }
}

/// How many times as long the p99 is, where it is at least so many times.
fn longer_tail(setting: &Setting<'_>, candidate: usize, recommended: usize, least: f64) -> Option<f64> {
    let (own, other) = (setting.estimates[candidate].p99_ns.mean, setting.estimates[recommended].p99_ns.mean);
    (other > 0.0 && own >= other * least).then(|| own / other)
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factor = |ratio: f64| if ratio < 9.95 { format!("{ratio:.1}x") } else { format!("{}x", count(ratio)) };
        match *self {
            Self::NoCommit => formatter.write_str("commits nothing"),
            Self::Waits { delay, grows, attempt } => {
                let more = if grows { " and more" } else { "" };
                let (delay, attempt) = (time(delay.as_secs_f64()), time(attempt.as_secs_f64()));
                write!(formatter, "waits {delay}{more} where a transaction takes {attempt}")
            }
            Self::HoldsLocks(share) => write!(formatter, "holds locks while asleep, {} of the time", percent(share)),
            Self::GivesUp(share) => write!(formatter, "gives up on {} of the transactions", percent(share)),
            Self::Sleeps(share) => write!(formatter, "sleeps {} of the time", percent(share)),
            Self::Wastes(share) => write!(formatter, "wastes {} of the time in aborted attempts", percent(share)),
            Self::LongTail(ratio) => write!(formatter, "p99 {} as long", factor(ratio)),
            Self::Starves(fairness) => write!(formatter, "starves workers (fairness {fairness:.2})"),
            Self::Attempts(own, other) => write!(formatter, "{own:.1} attempts for a commit instead of {other:.1}"),
            Self::TooFew => formatter.write_str("too few rounds to say"),
            Self::Same(None) => formatter.write_str("no significant difference"),
            Self::Same(Some(tail)) => write!(formatter, "no significant difference, p99 {} as long", factor(tail)),
            Self::Worse(objective, ratio) => match objective {
                Objective::Goodput => write!(formatter, "{} less goodput", percent(1.0 - ratio)),
                Objective::P99 => write!(formatter, "p99 {} as long", factor(ratio)),
                Objective::Wasted => write!(formatter, "wastes {} as much time", factor(ratio)),
            },
        }
    }
}
