//! When is each transaction of an open loop due? Times that are fixed in advance, by the plan and its seed alone.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;

use super::clock::{Clock, nanos};
use crate::history::Nanos;
use crate::plan::{Arrivals, Load, Open, Stepped, Steps, Stop};

/// Workers have the streams of random numbers from 0 on, a simulation the last two; schedules have those in front of them.
const STREAM: u64 = u64::MAX - 2;

/// The scheduled starts of one shard, in their order, as nanoseconds since the epoch of the run.
///
/// They are drawn as if one were due in each unit of work, and then stretched by the rate: what is due by a time is the
/// rate integrated up to it. So a rate that changes does so exactly when it shall. Independent Poisson processes of the
/// shards add up to one of the whole rate, and evenly spaced starts are dealt out like cards.
#[derive(Debug)]
pub(super) struct Schedule {
    rate: RateOverTime,
    gaps: Gaps,
    shards: f64,
    /// How many starts of the whole load are due by the last one given out, on average.
    work: f64,
    measure_from: Nanos,
    deadline: Option<Nanos>,
    /// So many measured starts are still to be given out.
    left: u64,
}

/// What lies between two starts.
#[derive(Debug)]
enum Gaps {
    Poisson(Box<ChaCha8Rng>),
    /// The next one is so many gaps after the first start of all.
    Uniform(u64),
}

impl Schedule {
    /// The starts of a shard, of which so many are measured.
    pub(super) fn new(load: &Load, open: Open, clock: &Clock, seed: u64, shard: u32, measured: u64) -> Self {
        let gaps = match open.arrivals {
            Arrivals::Uniform => Gaps::Uniform(0),
            Arrivals::Poisson => {
                let mut random = ChaCha8Rng::seed_from_u64(seed);
                random.set_stream(STREAM - u64::from(shard));
                Gaps::Poisson(Box::new(random))
            }
        };
        Self {
            rate: RateOverTime::of(load, open),
            gaps,
            shards: f64::from(load.threads),
            work: f64::from(shard) * f64::from(u8::from(open.arrivals == Arrivals::Uniform)),
            measure_from: clock.measure_from,
            deadline: clock.deadline,
            left: if matches!(load.stop, Stop::After(_)) { u64::MAX } else { measured },
        }
    }
}

impl Iterator for Schedule {
    type Item = Nanos;

    fn next(&mut self) -> Option<Nanos> {
        let work = match &mut self.gaps {
            Gaps::Poisson(random) => {
                self.work += self.shards * random.sample::<f64, _>(Exp1);
                self.work
            }
            // Multiplied, so that nothing adds up but whole numbers.
            Gaps::Uniform(number) => {
                let start = self.work + self.shards * *number as f64;
                *number += 1;
                start
            }
        };
        let due = self.rate.time_of(work);
        if self.deadline.is_some_and(|deadline| due >= deadline) || self.left == 0 {
            // For good: a peeked end stays one.
            self.left = 0;
            return None;
        }
        self.left -= u64::from(due >= self.measure_from);
        Some(due)
    }
}

/// The rate of the whole load over time: rising in the ramp, then constant, or constant in each step.
#[derive(Debug)]
struct RateOverTime {
    pieces: Vec<Piece>,
    at: usize,
}

/// A time in which the rate is one, or rises to it from nothing.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// When it begins, in nanoseconds.
    from: f64,
    /// How many starts are due before it, on average.
    before: f64,
    /// Starts per nanosecond, at its end.
    rate: f64,
    /// How long the rate rises, in nanoseconds; 0 where it is constant.
    rises: f64,
}

impl RateOverTime {
    fn of(load: &Load, open: Open) -> Self {
        let steps = load.steps.filter(|steps| steps.levels.of == Stepped::Rate);
        let first = steps.map_or(open.rate.get(), |steps| f64::from(steps.level(0)));
        let ramp = nanos(load.ramp) as f64;
        let mut rate = Self { pieces: Vec::new(), at: 0 };
        if ramp > 0.0 {
            rate.push(0.0, first, ramp);
        }
        rate.push(ramp, first, 0.0);
        let begin = nanos(load.ramp + load.warmup) as f64;
        for (number, level) in steps.iter().flat_map(levels) {
            let each = steps.map_or(0.0, |steps| nanos(steps.each) as f64);
            rate.push(begin + f64::from(number) * each, level, 0.0);
        }
        rate
    }

    /// One more piece, behind those that there are.
    fn push(&mut self, from: f64, per_second: f64, rises: f64) {
        let before = self.pieces.last().map_or(0.0, |piece| piece.due_by(from));
        self.pieces.push(Piece { from, before, rate: per_second / 1e9, rises });
    }

    /// When so many starts are due. It never goes back.
    fn time_of(&mut self, work: f64) -> Nanos {
        while self.pieces.get(self.at + 1).is_some_and(|next| next.before <= work) {
            self.at += 1;
        }
        let time = self.pieces.get(self.at).map_or(f64::INFINITY, |piece| piece.time_of(work));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and the cast saturates")]
        let time = time.round() as Nanos;
        time
    }
}

/// Each step with its rate.
fn levels(steps: &Steps) -> impl Iterator<Item = (u32, f64)> {
    (0..steps.count()).map(|number| (number, f64::from(steps.level(number))))
}

impl Piece {
    /// How many starts are due by a time in it, on average: the rate integrated.
    fn due_by(&self, time: f64) -> f64 {
        let passed = time - self.from;
        let area = if self.rises > 0.0 { passed * passed / (2.0 * self.rises) } else { passed };
        self.before + self.rate * area
    }

    /// The other way around.
    fn time_of(&self, work: f64) -> f64 {
        let area = (work - self.before) / self.rate;
        self.from + if self.rises > 0.0 { (2.0 * self.rises * area).sqrt() } else { area }
    }
}
