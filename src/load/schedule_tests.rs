//! Is a schedule what it says: as many starts as the rate wants, at the times that its arrivals have?

use std::time::Duration;

use super::clock::Clock;
use super::queue::StartQueue;
use super::schedule::Schedule;
use crate::db::sim::VirtualTime;
use crate::history::Nanos;
use crate::plan::{Arrivals, Load, Open, Pace, Rate, Steps, Stop};

const SECOND: Nanos = 1_000_000_000;

fn load(rate: f64, arrivals: Arrivals, stop: Stop) -> (Load, Open) {
    let open = Open { rate: Rate::per_second(rate).unwrap(), arrivals, max_queue: None };
    let load = Load {
        workers: 1,
        connections: 1,
        threads: 1,
        ramp: Duration::ZERO,
        warmup: Duration::ZERO,
        pace: Pace::Open(open),
        steps: None,
        stop,
        drain_timeout: Duration::ZERO,
    };
    (load, open)
}

fn seconds(seconds: u64) -> Stop {
    Stop::After(Duration::from_secs(seconds))
}

/// The starts of each shard.
fn shards((load, open): &(Load, Open), seed: u64) -> Vec<Vec<Nanos>> {
    let clock = Clock::start(load, Some(VirtualTime::default()));
    (0..load.threads).map(|shard| Schedule::new(load, *open, &clock, seed, shard, 100).collect()).collect()
}

/// The starts of all shards together.
fn starts(of: &(Load, Open), seed: u64) -> Vec<Nanos> {
    let mut starts = shards(of, seed).concat();
    starts.sort_unstable();
    starts
}

/// How many lie in a time.
fn count(starts: &[Nanos], from: Nanos, to: Nanos) -> usize {
    starts.iter().filter(|start| (from..to).contains(start)).count()
}

/// The Kolmogorov-Smirnov statistic of gaps against exponential ones of a mean, times the square root of their number.
fn kolmogorov_smirnov(starts: &[Nanos], mean: f64) -> f64 {
    let mut gaps: Vec<f64> = starts.windows(2).map(|pair| (pair[1] - pair[0]) as f64).collect();
    gaps.sort_by(f64::total_cmp);
    let n = gaps.len() as f64;
    let distance = |(index, gap): (usize, &f64)| {
        let expected = 1.0 - (-gap / mean).exp();
        (expected - index as f64 / n).abs().max((expected - (index + 1) as f64 / n).abs())
    };
    gaps.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn uniform_starts_are_exact_and_dealt_out_like_cards() {
    let mut uniform = load(3000.0, Arrivals::Uniform, seconds(2));
    let expected: Vec<Nanos> = (0..6000).map(|number| (number * SECOND + 1_500) / 3000).collect();
    assert_eq!(starts(&uniform, 1), expected);
    uniform.0.threads = 4;
    assert_eq!(starts(&uniform, 2), expected);
    let all = shards(&uniform, 1);
    assert!(all.iter().all(|shard| shard.len() == 1500));
    assert_eq!((all[0][0], all[3][0], all[0][1]), (0, SECOND / 1000, 1_333_333));
}

#[test]
fn poisson_starts_pass_a_kolmogorov_smirnov_test_as_often_as_they_should() {
    for threads in [1, 3] {
        let mut poisson = load(5000.0, Arrivals::Poisson, seconds(1));
        poisson.0.threads = threads;
        let of_each = |seed| kolmogorov_smirnov(&starts(&poisson, seed), 200_000.0);
        let distances: Vec<f64> = (0..400).map(of_each).collect();
        // 1.358 is exceeded in one of twenty samples, 1.949 in one of a thousand (Smirnov's asymptotic distribution).
        let above = |limit: f64| distances.iter().filter(|distance| **distance > limit).count();
        assert!((8..=34).contains(&above(1.358)), "{} of 400 above the 5 % limit", above(1.358));
        assert!(above(1.949) <= 3, "{} of 400 above the 0.1 % limit", above(1.949));
    }
    let uniform = starts(&load(5000.0, Arrivals::Uniform, seconds(1)), 1);
    assert!(kolmogorov_smirnov(&uniform, 200_000.0) > 20.0, "the test can fail");
}

#[test]
fn poisson_starts_are_as_many_as_the_rate_wants_and_vary_as_they_should() {
    let poisson = load(1000.0, Arrivals::Poisson, seconds(1));
    let counts: Vec<f64> = (0..1000).map(|seed| starts(&poisson, seed).len() as f64).collect();
    let mean = counts.iter().sum::<f64>() / 1000.0;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 999.0;
    // Of 1000 samples the mean has a deviation of 1, the variance one of 45.
    assert!((mean - 1000.0).abs() < 4.0, "{mean}");
    assert!((variance - 1000.0).abs() < 180.0, "{variance}");
}

#[test]
fn the_seed_fixes_them_and_shards_are_independent() {
    let mut poisson = load(1000.0, Arrivals::Poisson, seconds(1));
    poisson.0.threads = 2;
    assert_eq!(shards(&poisson, 7), shards(&poisson, 7));
    assert_ne!(shards(&poisson, 7), shards(&poisson, 8));
    let both = shards(&poisson, 7);
    assert!(both[0].iter().all(|start| !both[1].contains(start)));
}

#[test]
fn each_step_has_its_rate_from_its_first_nanosecond_on() {
    let mut stepped = load(500.0, Arrivals::Uniform, seconds(4));
    stepped.0.warmup = Duration::from_secs(2);
    stepped.0.steps = Some(Steps { levels: "100..300/s x3".parse().unwrap(), each: Duration::from_secs(1) });
    let of_each = |starts: &[Nanos]| -> Vec<usize> {
        (0..7).map(|second| count(starts, second * SECOND, (second + 1) * SECOND)).collect()
    };
    let uniform = starts(&stepped, 1);
    assert_eq!(of_each(&uniform), [100, 100, 100, 200, 300, 100, 0]);
    let around: Vec<Nanos> = uniform.iter().copied().filter(|start| start.abs_diff(3 * SECOND) <= 10_000_000).collect();
    assert_eq!(around, [2_990_000_000, 3_000_000_000, 3_005_000_000, 3_010_000_000]);

    stepped.1.arrivals = Arrivals::Poisson;
    let sums = (0..200).map(|seed| of_each(&starts(&stepped, seed))).fold([0; 6], |mut sums, counts| {
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        sums
    });
    for (sum, expected) in sums.iter().zip([20_000.0, 20_000.0, 20_000.0, 40_000.0, 60_000.0, 20_000.0_f64]) {
        assert!((*sum as f64 - expected).abs() < 4.0 * expected.sqrt(), "{sums:?}");
    }
}

#[test]
fn in_a_ramp_the_rate_rises_evenly() {
    let mut ramped = load(1000.0, Arrivals::Uniform, seconds(1));
    ramped.0.ramp = Duration::from_secs(4);
    let starts = starts(&ramped, 1);
    // Half of rate times time, and a quarter of that in the first half.
    let counts = [(0, 2), (0, 4), (4, 5)].map(|(from, to)| count(&starts, from * SECOND, to * SECOND));
    assert_eq!(counts, [500, 2000, 1000]);
}

#[test]
fn a_number_of_transactions_are_the_first_measured_ones() {
    let mut numbered = load(1000.0, Arrivals::Uniform, Stop::Transactions(1));
    numbered.0.warmup = Duration::from_secs(1);
    let starts = starts(&numbered, 1);
    assert_eq!((count(&starts, 0, SECOND), count(&starts, SECOND, u64::MAX)), (1000, 100));
}

/// What a worker gets that comes at each of these times, and what is skipped meanwhile.
fn taken(max_queue: Option<u64>, times: &[Nanos]) -> (Vec<Option<Nanos>>, Vec<Nanos>) {
    let (load, open) = load(1e9 / 100_000.0, Arrivals::Uniform, Stop::After(Duration::from_millis(1)));
    let clock = Clock::start(&load, Some(VirtualTime::default()));
    let queue = StartQueue::new(Schedule::new(&load, open, &clock, 1, 0, 0), max_queue);
    let mut skipped = Vec::new();
    let starts = times.iter().map(|now| queue.take(now * 1000, |due| skipped.push(due / 1000)));
    let starts: Vec<Option<Nanos>> = starts.map(|start| start.map(|start| start / 1000)).collect();
    queue.abandon(|due| skipped.push(due / 1000));
    (starts, skipped)
}

#[test]
fn a_queue_without_an_end_is_worked_off_in_order() {
    let (starts, left) = taken(None, &[0, 0, 450, 450, 450, 460]);
    assert_eq!(starts, [0, 100, 200, 300, 400, 500].map(Some));
    assert_eq!(left, [600, 700, 800, 900], "none is lost");
}

#[test]
fn what_is_due_while_the_queue_is_full_is_skipped() {
    let (starts, skipped) = taken(Some(2), &[0, 650, 650, 700, 700, 990, 990, 990]);
    // At 650 those of 100 and 200 wait, the others found no place; that of 700 comes when there is one again.
    assert_eq!(starts, [Some(0), Some(100), Some(200), Some(700), Some(800), Some(900), None, None]);
    assert_eq!(skipped, [300, 400, 500, 600]);
    let (starts, skipped) = taken(Some(0), &[0, 250, 300]);
    assert_eq!((starts, skipped), (vec![Some(0), Some(300), Some(400)], vec![100, 200, 500, 600, 700, 800, 900]));
}

#[test]
fn nothing_is_due_behind_the_end() {
    let (load, open) = load(1000.0, Arrivals::Uniform, seconds(1));
    let clock = Clock::start(&load, Some(VirtualTime::default()));
    let queue = StartQueue::new(Schedule::new(&load, open, &clock, 1, 0, 0), None);
    let never = |due| panic!("{due} was skipped");
    assert_eq!([(); 3].map(|()| queue.take(0, never)), [0, 1_000_000, 2_000_000].map(Some));
    queue.end(5_000_000);
    assert!(queue.is_due(2_000_000) && !queue.is_due(5_000_000));
    assert_eq!((queue.waiting(9_000_000, never), queue.last()), (2, 2_000_000));
    let mut left = Vec::new();
    queue.abandon(|due| left.push(due));
    assert_eq!((left, queue.take(SECOND, never)), (vec![3_000_000, 4_000_000], None));
}
