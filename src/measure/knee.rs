//! How much load is enough, how much is too much? The knee, saturation, collapse and recovery of a load that rises in steps.
//!
//! Pure arithmetic on what each step got done. Declined transactions are answers like commits, so both count as answered:
//! accounts that run dry are no overload. Goodput is only called less than something where it is so by three standard errors.

use serde::{Deserialize, Serialize};

use crate::plan::Stepped;

/// Nothing is said of steps with fewer answers.
const LEAST: f64 = 100.0;
/// Medians are compared where so many committed,
const LEAST_FOR_P50: u64 = 100;
/// and 99th percentiles where at least ten transactions lie above each.
const LEAST_FOR_P99: u64 = 1_000;
/// Less is not called less where noise may be the reason.
const STANDARD_ERRORS: f64 = 3.0;
/// Past the knee power falls by more than this share before the highest step.
const PAST_THE_KNEE: f64 = 0.10;
/// Goodput that is short by more than this share follows the load no more.
const SHORT: f64 = 0.05;
/// A collapse takes more than this share of the best goodput before it.
const COLLAPSED: f64 = 0.20;
/// A server that has recovered lacks at most this share of its goodput,
const LACKING: f64 = 0.10;
/// and its median and 99th percentile are at most so many times what they were.
const SLOWER: f64 = 2.0;

/// What one step got done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Its load: transactions per second or workers.
    pub level: u32,
    /// Its length.
    pub seconds: f64,
    /// Commits and declines within it.
    pub answered: u64,
    /// The standard error of what is answered per second; see [`Point::error_of`].
    pub error: f64,
    /// Transactions due in it that committed.
    pub committed: u64,
    /// Their mean response time, in nanoseconds, 0 when there are none.
    pub mean: f64,
    /// The median.
    pub p50: u64,
    /// The 99th percentile.
    pub p99: u64,
}

impl Point {
    /// The standard error of a rate, from the counts of equal parts of its time: that of their mean (batch means; Law,
    /// "Simulation Modeling and Analysis", section 9.5), and at least that of a Poisson count. Where workers stall together
    /// it is much more than the latter.
    #[must_use]
    pub fn error_of(parts: &[u64], seconds: f64) -> f64 {
        let n = parts.len() as f64;
        let sum: f64 = parts.iter().map(|count| *count as f64).sum();
        let squares: f64 = parts.iter().map(|count| (*count as f64 - sum / n).powi(2)).sum();
        let of_sum = n * squares / (n - 1.0);
        of_sum.max(sum).sqrt() / seconds
    }

    fn rate(&self) -> f64 {
        self.answered as f64 / self.seconds
    }

    fn with_error(&self) -> (f64, f64) {
        (self.rate(), self.error)
    }

    /// Goodput by response time: the more is done and the sooner, the higher.
    fn power(&self) -> f64 {
        if self.mean > 0.0 { self.rate() / self.mean } else { 0.0 }
    }
}

/// What the steps say. Steps are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// The load at which goodput is best in proportion to the time it costs.
    pub knee: Knee,
    /// The first step from which on goodput does not follow the load: at a rate, it is short of what is due; of workers,
    /// more of them add nothing.
    pub saturated: Option<u32>,
    /// The first step from which on goodput is far below what it had been with less load.
    pub collapsed: Option<u32>,
    /// Whether the end of the last step is as good as the first one was.
    pub recovery: Recovery,
}

/// Where power, goodput divided by the mean response time, is highest.
///
/// Kleinrock, "Power and deterministic rules of thumb for probabilistic problems in computer communications", ICC 1979;
/// Jain, "The Art of Computer Systems Performance Analysis", 1991, section 3.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Knee {
    /// In this step.
    Found {
        /// Which one.
        step: u32,
    },
    /// At the first step's load, or below it.
    FirstStep,
    /// Power has not fallen up to the highest step.
    NotReached,
}

/// What is left of the overload when it is over.
///
/// A state that an overload has caused and that lasts without it is metastable: Bronson, Aghayev, Charapko, Zhu, "Metastable
/// failures in distributed systems", `HotOS` 2021.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Recovery {
    /// Nothing.
    Recovered(Ratios),
    /// More is answered than is due: what had been waiting is still being worked off.
    Draining(Ratios),
    /// Less is answered, or later, though the load is what it was.
    NotRecovered(Ratios),
    /// Less is answered, but so unevenly that this may be chance.
    Unclear(Ratios),
    /// Too few transactions to tell.
    TooFew,
    /// The run ended before the last step did.
    NotSeen,
}

/// The second half of the last step in proportion to the first step; response times where enough committed for them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the sentence above says it")]
pub struct Ratios {
    pub goodput: f64,
    pub p50: Option<f64>,
    pub p99: Option<f64>,
}

impl Analysis {
    /// Of the steps up that ran to their end, and the second half of the last step where that did. None where fewer than two
    /// did, or no step has enough transactions.
    #[must_use]
    pub fn of(what: Stepped, up: &[Point], last: Option<&Point>) -> Option<Self> {
        let most = up.iter().map(|step| step.answered).max()?;
        if up.len() < 2 || (most as f64) < LEAST {
            return None;
        }
        let saturated = match what {
            Stepped::Rate => short_from(up),
            Stepped::Workers => flat_from(up),
        };
        let recovery = last.map_or(Recovery::NotSeen, |last| recovery(what, &up[0], last));
        Some(Self { knee: knee(up), saturated, collapsed: collapsed_from(up), recovery })
    }

    /// The server had more to do than it could: only then can it recover from anything.
    #[must_use]
    pub fn is_overloaded(&self) -> bool {
        self.saturated.is_some() || self.collapsed.is_some()
    }
}

/// Whether a rate is below another one by this share of it, and by more than noise: each with its standard error.
fn is_below((rate, error): (f64, f64), (other, other_error): (f64, f64), share: f64) -> bool {
    rate < (1.0 - share) * other && other - rate > STANDARD_ERRORS * error.hypot(other_error)
}

fn knee(up: &[Point]) -> Knee {
    let enough = up.iter().zip(0..).filter(|(step, _)| step.answered as f64 >= LEAST);
    let best = enough.max_by(|(one, _), (two, _)| one.power().total_cmp(&two.power()));
    match (best, up.last()) {
        (Some((best, step)), Some(highest)) if highest.power() < (1.0 - PAST_THE_KNEE) * best.power() => {
            if step == 0 {
                Knee::FirstStep
            } else {
                Knee::Found { step }
            }
        }
        _ => Knee::NotReached,
    }
}

/// The first step from which on less is answered than is due.
fn short_from(up: &[Point]) -> Option<u32> {
    from_then_on(up, |step| {
        let due = f64::from(step.level);
        is_below(step.with_error(), (due, (due / step.seconds).sqrt()), SHORT)
    })
}

/// The first step from which on more workers add nothing to what the step before it got done.
fn flat_from(up: &[Point]) -> Option<u32> {
    let best = up.iter().max_by(|one, two| one.rate().total_cmp(&two.rate()))?;
    let next = up.iter().position(|step| !is_below(step.with_error(), best.with_error(), SHORT))? + 1;
    u32::try_from(next).ok().filter(|_| next < up.len())
}

/// The first step from which on goodput is far below the best before it.
fn collapsed_from(up: &[Point]) -> Option<u32> {
    let mut best = up.first()?;
    for (index, step) in up.iter().enumerate() {
        if up[index..].iter().all(|step| is_below(step.with_error(), best.with_error(), COLLAPSED)) {
            return u32::try_from(index).ok();
        }
        if step.rate() > best.rate() {
            best = step;
        }
    }
    None
}

/// The first step of those at the end of which this is true of each.
fn from_then_on(up: &[Point], is: impl Fn(&Point) -> bool) -> Option<u32> {
    let first = up.iter().rposition(|step| !is(step)).map_or(0, |last| last + 1);
    u32::try_from(first).ok().filter(|_| first < up.len())
}

fn recovery(what: Stepped, first: &Point, last: &Point) -> Recovery {
    if first.rate() * last.seconds < LEAST {
        return Recovery::TooFew;
    }
    let goodput = last.rate() / first.rate();
    let (before, after) = (first.with_error(), last.with_error());
    let committed = first.committed.min(last.committed);
    let times = |least: u64, of: fn(&Point) -> u64| (committed >= least).then(|| of(last) as f64 / of(first) as f64);
    let (p50, p99) = (times(LEAST_FOR_P50, |step| step.p50), times(LEAST_FOR_P99, |step| step.p99));
    let is_slower = [p50, p99].into_iter().flatten().any(|times| times > SLOWER);
    let ratios = Ratios { goodput, p50, p99 };
    match what {
        // In a closed loop nothing waits that was due before.
        Stepped::Rate if is_below(before, after, LACKING) => Recovery::Draining(ratios),
        _ if is_slower || is_below(after, before, LACKING) => Recovery::NotRecovered(ratios),
        _ if goodput < 1.0 - LACKING => Recovery::Unclear(ratios),
        _ => Recovery::Recovered(ratios),
    }
}
