//! How often is the analysis of an experiment wrong? A thousand experiments each, with known effects and realistic noise.
//!
//! `cargo test --test tune -- --nocapture` prints the rates; `docs/tune-statistics.md` says what they mean.

use std::time::Duration;

use contend::retry::{Policy, Restart};
use contend::stats::{Paired, holm};
use contend::tune::{Analysis, Block, Candidate, Design, Measured, Objective, Ranked, Schedule, Slot, Wish, analyze};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

/// Experiments behind each rate.
const REPEATS: u64 = 1_000;
/// From block to block, as standard deviation of the logarithm.
const BLOCK_NOISE: f64 = 0.03;
/// Shared by all blocks of a round, likewise.
const ROUND_NOISE: f64 = 0.10;
/// What is lost from the beginning to the end, evenly.
const DRIFT: f64 = 0.20;
/// One block in a hundred loses 30 %.
const OUTLIER: (f64, f64) = (0.01, 0.7);

/// Some experiments of one kind: what each candidate commits in truth, compared with the others.
#[derive(Clone, Copy)]
struct Kind<'a> {
    effects: &'a [f64],
    /// The noise of single candidates, in multiples of the usual one.
    noise: &'a [f64],
    race: bool,
}

/// One experiment.
struct Experiment {
    blocks: Vec<Block>,
    analysis: Analysis,
}

impl Kind<'_> {
    fn equal(effects: &[f64], race: bool) -> Kind<'_> {
        Kind { effects, noise: &[], race }
    }

    fn experiment(&self, seed: u64) -> Experiment {
        let candidate =
            |index| Candidate { name: format!("c{index}"), policy: Policy::default(), restart: Restart::default() };
        let design = Design::fit(Wish {
            candidates: (0..self.effects.len()).map(candidate).collect(),
            workers: vec![64],
            objective: Objective::Goodput,
            seed,
            overhead: Duration::from_millis(500),
            budget: Duration::from_mins(10),
            block: None,
            warmup: None,
            rounds: None,
        })
        .unwrap();
        assert_eq!((design.rounds, design.block), (8, Duration::from_secs(5)), "the defaults fit");
        let planned = design.planned();
        let mut schedule = Schedule::new(design.clone());
        if !self.race {
            schedule = schedule.without_race();
        }
        let (mut noise, mut elapsed) = (Noise::new(seed), Duration::ZERO);
        while let Some(slot) = schedule.next(elapsed) {
            let progress = elapsed.as_secs_f64() / planned.as_secs_f64();
            let own = self.noise.get(slot.candidate).unwrap_or(&1.0);
            let goodput = 1_000.0 * self.effects[slot.candidate] * noise.factor(slot, progress, *own);
            schedule.add(block(slot, elapsed, goodput));
            elapsed += design.block_time();
        }
        let analysis = analyze(&design, schedule.blocks()).remove(0);
        Experiment { blocks: schedule.blocks().to_vec(), analysis }
    }

    /// In how many of a thousand experiments this was so.
    fn count(&self, is_so: impl Fn(&Experiment) -> bool) -> u64 {
        (0..REPEATS).map(|seed| u64::from(is_so(&self.experiment(seed)))).sum()
    }
}

/// What the machine does.
struct Noise {
    random: ChaCha8Rng,
    round: Option<(u32, f64)>,
}

impl Noise {
    fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed ^ 0x006e_6f69_7365), round: None }
    }

    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.random)
    }

    fn factor(&mut self, slot: Slot, progress: f64, own: f64) -> f64 {
        if self.round.is_none_or(|(round, _)| round != slot.round) {
            self.round = Some((slot.round, ROUND_NOISE * self.normal()));
        }
        let round = self.round.map_or(0.0, |(_, noise)| noise);
        let outlier = if self.random.random_bool(OUTLIER.0) { OUTLIER.1 } else { 1.0 };
        (round + own * BLOCK_NOISE * self.normal()).exp() * (1.0 - DRIFT * progress) * outlier
    }
}

fn block(slot: Slot, elapsed: Duration, goodput: f64) -> Block {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundreds to thousands")]
    let committed = (goodput * 5.0).round() as u64;
    let measured = Measured {
        seconds: 5.0,
        committed,
        transactions: committed,
        exhausted: 0,
        attempts: committed * 3 / 2,
        goodput_tps: goodput,
        p50_ns: 10_000_000,
        p99_ns: 50_000_000,
        p999_ns: 90_000_000,
        busy_s: 320.0,
        wasted_s: 40.0,
        backoff_s: 20.0,
        held_s: 0.0,
        fairness: 0.99,
        cause: None,
    };
    let Slot { round, candidate, setting, .. } = slot;
    Block { round, candidate, setting, started_s: elapsed.as_secs_f64(), measured }
}

impl Experiment {
    fn any_difference(&self) -> bool {
        self.analysis.ranked.iter().any(|ranked| !ranked.same_as_best)
    }

    /// The best is first, and this one is significantly worse.
    fn finds(&self, best: usize, worse: usize) -> bool {
        let found = |ranked: &Ranked| ranked.candidate == worse && !ranked.same_as_best;
        self.analysis.ranked[0].candidate == best && self.analysis.ranked.iter().any(found)
    }

    fn dropped(&self, candidates: &[usize]) -> bool {
        let ranked = &self.analysis.ranked;
        ranked.iter().any(|ranked| candidates.contains(&ranked.candidate) && ranked.dropped_after.is_some())
    }

    fn goodput(&self, candidate: usize) -> Vec<f64> {
        let own = self.blocks.iter().filter(|block| block.candidate == candidate);
        own.map(|block| block.measured.goodput_tps).collect()
    }

    fn pairs(&self, first: usize, second: usize) -> Vec<(f64, f64)> {
        self.goodput(first).into_iter().zip(self.goodput(second)).collect()
    }
}

const TEN_EQUAL: [f64; 10] = [1.0; 10];

#[test]
fn two_equal_policies_are_not_told_apart() {
    for race in [false, true] {
        let told = Kind::equal(&[1.0, 1.0], race).count(Experiment::any_difference);
        println!("two equal, race {race}: told apart in {told} of {REPEATS}");
        assert!(told <= 70, "{told}");
        assert!(told > 0, "a test that never errs has no power");
    }
}

#[test]
fn ten_equal_policies_are_not_told_apart() {
    for race in [false, true] {
        let told = Kind::equal(&TEN_EQUAL, race).count(Experiment::any_difference);
        println!("ten equal, race {race}: any told apart in {told} of {REPEATS}");
        assert!(told <= 60, "{told}");
        assert!(told > 0, "a test that never errs has no power");
    }
}

#[test]
fn a_tenth_less_is_found() {
    let found = Kind::equal(&[1.0, 1.0 / 1.1], true).count(|experiment| experiment.finds(0, 1));
    println!("10 % less, of two: found in {found} of {REPEATS}");
    assert!(found >= 900, "{found}");
}

#[test]
fn among_ten_a_tenth_less_is_found_in_the_time_of_those_that_are_dropped() {
    let five_bad = [1.0, 1.0 / 1.1, 0.9, 0.85, 0.8, 0.5, 0.4, 0.3, 0.2, 0.1];
    let [alone, racing] = [false, true].map(|race| {
        let found = Kind::equal(&five_bad, race).count(|experiment| experiment.finds(0, 1));
        println!("10 % less, of ten with five bad ones, race {race}: found in {found} of {REPEATS}");
        found
    });
    assert!(racing >= 900 && racing > alone + 30, "{alone}, {racing}");
}

#[test]
fn among_ten_nearly_equal_ones_a_tenth_less_is_found_most_of_the_time() {
    let mut effects = TEN_EQUAL;
    effects[1] /= 1.1;
    let worse = |ranked: &Ranked| ranked.candidate == 1 && !ranked.same_as_best;
    let found = Kind::equal(&effects, true).count(|experiment| experiment.analysis.ranked.iter().any(worse));
    println!("10 % less, of ten with nine equal ones: found in {found} of {REPEATS}");
    assert!(found >= 750, "{found}");
}

#[test]
fn the_best_is_not_dropped() {
    let all: Vec<usize> = (0..10).collect();
    let two_best = [1.0, 1.0, 0.97, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.1];
    let wrong = |name: &str, kind: Kind<'_>, best: &[usize]| {
        let wrong = kind.count(|experiment| experiment.dropped(best));
        println!("{name}: one of the best dropped in {wrong} of {REPEATS}");
        assert!(wrong <= 20, "{name}: {wrong}");
    };
    wrong("two equal", Kind::equal(&[1.0, 1.0], true), &[0, 1]);
    wrong("two equal ones and eight worse", Kind::equal(&two_best, true), &[0, 1]);
    let noisy = Kind { effects: &TEN_EQUAL, noise: &[4.0, 4.0], race: true };
    wrong("ten equal, two with four times the noise", noisy, &all);
    // The worst of those eight is dropped: otherwise nothing would have been shown.
    let raced = Kind::equal(&two_best, true).experiment(1);
    assert!(raced.dropped(&[9]) && raced.blocks.len() <= 80);
}

/// What is wrong with simpler ways, by the same count: they go beyond the level that the tests above keep.
#[test]
fn simpler_ways_say_too_much() {
    let uncorrected = |experiment: &Experiment| {
        let best = experiment.analysis.ranked[0].candidate;
        (0..10).any(|other| Paired::of(&experiment.pairs(other, best)).is_some_and(|paired| paired.p <= 0.05))
    };
    let against_best = |experiment: &Experiment| {
        let best = experiment.analysis.ranked[0].candidate;
        let others = (0..10).filter(|other| *other != best);
        let p: Vec<f64> = others.filter_map(|other| Some(Paired::of(&experiment.pairs(other, best))?.p)).collect();
        holm(&p).iter().any(|p| *p <= 0.05)
    };
    let equal = Kind::equal(&TEN_EQUAL, false);
    let (mut plain, mut nine) = (0, 0);
    for experiment in (0..REPEATS).map(|seed| equal.experiment(seed)) {
        plain += u32::from(uncorrected(&experiment));
        nine += u32::from(against_best(&experiment));
    }
    println!("ten equal, uncorrected t against the one that looks best: {plain} of {REPEATS}");
    println!("ten equal, Holm over nine tests against the one that looks best: {nine} of {REPEATS}");
    let bootstrap = Kind::equal(&[1.0, 1.0], false).count(|experiment| bootstrap_differs(&experiment.pairs(0, 1)));
    println!("two equal, percentile bootstrap: {bootstrap} of {REPEATS}");
    assert!(plain > 300 && nine > 70 && bootstrap > 70, "{plain} {nine} {bootstrap}");
}

/// Whether 0 is outside of the middle 95 % of the means of 400 resamples of the logarithms.
fn bootstrap_differs(pairs: &[(f64, f64)]) -> bool {
    let logs: Vec<f64> = pairs.iter().map(|(first, second)| (first / second).ln()).collect();
    let mut random = ChaCha8Rng::seed_from_u64(logs[0].to_bits());
    let mut means: Vec<f64> =
        (0..400).map(|_| logs.iter().map(|_| logs[random.random_range(0..logs.len())]).sum()).collect();
    means.sort_by(f64::total_cmp);
    means[10] > 0.0 || means[389] < 0.0
}
