//! Experiments to test reports and pictures with: their blocks follow from arithmetic alone.

use super::samples;
use crate::run::{Calibration, End, EndReason, Fit, SavedCandidate, SavedDesign, SavedPlan, Server, Tune};
use crate::stats::Estimate;
use crate::tune::{Analysis, Block, Comparison, Estimates, Measured, Objective, Ranked, Recommendation, Than};

/// A candidate: its name, its policy, what it commits per second with 16 workers, and its p99 in milliseconds.
type Numbers = (&'static str, &'static str, f64, f64);

const FULL: &str = "exponential:base=2ms,factor=2,cap=250ms,jitter=full";
const CANDIDATES: [Numbers; 6] = [
    ("exponential", FULL, 1_234.0, 45.1),
    (
        "exponential:base=500us,factor=2,cap=20ms,jitter=full",
        "exponential:base=500us,factor=2,cap=20ms,jitter=full",
        1_228.0,
        31.7,
    ),
    (
        "exponential:base=500us,factor=2,cap=1s,jitter=decorrelated",
        "exponential:base=500us,factor=2,cap=1s,jitter=decorrelated",
        1_090.0,
        24.0,
    ),
    ("constant:5ms", "constant:5ms", 981.0, 88.4),
    ("immediate", "immediate", 702.0, 1_204.0),
    ("tutorial", "tutorial", 121.0, 1_740.0),
];
const ROUNDS: u32 = 8;
const SECONDS: f64 = 10.0;

/// From -1 to 1, always the same.
fn noise(round: u32, candidate: usize) -> f64 {
    f64::from((round * 7 + u32::try_from(candidate).unwrap() * 5) % 11) / 5.0 - 1.0
}

fn measured((goodput, p99_ms): (f64, f64), workers: u32, waste: f64) -> Measured {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
    let whole = |number: f64| number.round() as u64;
    let committed = whole(goodput * SECONDS);
    let exhausted = if waste > 0.8 { committed / 9 } else { 0 };
    let busy_s = f64::from(workers) * SECONDS;
    Measured {
        seconds: SECONDS,
        committed,
        transactions: committed + exhausted,
        exhausted,
        attempts: committed + whole(committed as f64 * waste),
        goodput_tps: rounded(goodput),
        p50_ns: whole(p99_ms * 3e4),
        p99_ns: whole(p99_ms * 1e6),
        p999_ns: whole(p99_ms * 2.4e6),
        busy_s,
        wasted_s: rounded(busy_s * waste * 0.7),
        backoff_s: rounded(busy_s * waste * 0.3),
        held_s: 0.0,
        fairness: rounded(0.998 - waste / 20.0),
        cause: (waste > 0.0).then(|| "40001 write-write".to_owned()),
    }
}

/// Each round every candidate with every number of workers, in an order that changes; the server becomes slower.
fn blocks(candidates: &[Numbers], workers: &[u32], rounds: u32) -> Vec<Block> {
    let each = candidates.len() * workers.len();
    let block = |(number, (round, slot)): (u32, (u32, usize))| {
        let mixed = (slot * 7 + round as usize * 3) % each;
        let (candidate, setting) = (mixed % candidates.len(), mixed / candidates.len());
        let (_, _, goodput, p99) = candidates[candidate];
        let speed = (1.0 + 0.02 * noise(round, candidate)) * (1.0 - 0.008 * f64::from(round));
        let crowd = f64::from(workers[setting]) / 16.0;
        let numbers = (goodput * speed / crowd.sqrt(), p99 * crowd / speed);
        let waste = (1.0 - goodput / 1_400.0).clamp(0.0, 0.95);
        let measured = measured(numbers, workers[setting], waste);
        Block { round, candidate, setting, started_s: f64::from(number) * 12.5, measured }
    };
    (0..).zip((0..rounds).flat_map(|round| (0..each).map(move |slot| (round, slot)))).map(block).collect()
}

/// So short that it is the same number again when it is read from JSON.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// The mean and a wide interval.
fn estimate(values: &[f64]) -> Estimate {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let half = 2.4 * (variance / count).sqrt();
    let interval = |end: f64| (values.len() > 1).then_some(rounded(end));
    Estimate {
        mean: rounded(mean),
        low: interval(mean - half),
        high: interval(mean + half),
        n: u32::try_from(values.len()).unwrap(),
    }
}

fn estimates(blocks: &[&Measured]) -> Estimates {
    let of = |value: fn(&Measured) -> f64| estimate(&blocks.iter().map(|block| value(block)).collect::<Vec<_>>());
    Estimates {
        goodput_tps: of(|block| block.goodput_tps),
        p50_ns: of(|block| block.p50_ns as f64),
        p99_ns: of(|block| block.p99_ns as f64),
        p999_ns: of(|block| block.p999_ns as f64),
        attempts_per_commit: of(|block| block.attempts_per_commit().unwrap_or(0.0)),
        wasted_share: of(Measured::wasted_share),
        exhausted_share: of(Measured::exhausted_share),
        fairness: of(|block| block.fairness),
    }
}

fn comparison(one: &Estimate, best: &Estimate) -> Option<Comparison> {
    if best.mean <= 0.0 {
        return None;
    }
    let mean = one.mean / best.mean;
    let half = 1.5 * (one.high? - one.mean) / best.mean;
    let significant = mean + half < 1.0;
    let (p, p_corrected) = if significant { (0.000_1, 0.000_5) } else { (0.217, 0.434) };
    let ratio =
        Estimate { mean: rounded(mean), low: Some(rounded(mean - half)), high: Some(rounded(mean + half)), n: one.n };
    Some(Comparison { ratio, p, p_corrected, significant })
}

fn analysis(blocks: &[Block], candidates: usize, setting: usize) -> Analysis {
    let of = |candidate: usize| {
        let is_its = |block: &&Block| (block.candidate, block.setting) == (candidate, setting);
        estimates(&blocks.iter().filter(is_its).map(|block| &block.measured).collect::<Vec<_>>())
    };
    let ranked = |candidate| Ranked {
        candidate,
        estimates: of(candidate),
        against_best: None,
        same_as_best: true,
        dropped_after: None,
        reason: None,
    };
    let mut ranked: Vec<Ranked> = (0..candidates).map(ranked).collect();
    ranked.sort_by(|one, two| two.estimates.goodput_tps.mean.total_cmp(&one.estimates.goodput_tps.mean));
    let best = ranked[0].estimates.goodput_tps;
    for other in ranked.iter_mut().skip(1) {
        other.against_best = comparison(&other.estimates.goodput_tps, &best);
        other.same_as_best = other.against_best.is_none_or(|against| !against.significant);
    }
    let mut front = Vec::new();
    let mut lowest = f64::INFINITY;
    for one in &ranked {
        let p99 = one.estimates.p99_ns.mean;
        if p99 < lowest && one.estimates.goodput_tps.mean > 0.0 {
            front.push(one.candidate);
            lowest = p99;
        }
    }
    let recommended = ranked[0].candidate;
    let recommendation = Some(recommendation(&ranked, recommended));
    Analysis { setting, ranked, front, recommended, recommendation }
}

/// Compared with the last one.
fn recommendation(ranked: &[Ranked], candidate: usize) -> Recommendation {
    let find = |candidate: usize| ranked.iter().find(|ranked| ranked.candidate == candidate).unwrap();
    let estimates = &find(candidate).estimates;
    let than = |worse: &Ranked| {
        let comparison = comparison(&estimates.goodput_tps, &worse.estimates.goodput_tps)?;
        Some(Than { candidate: worse.candidate, comparison })
    };
    let others = || ranked.iter().filter(|other| other.candidate != candidate);
    Recommendation {
        candidate,
        objective: Objective::Goodput,
        goodput_tps: estimates.goodput_tps,
        p99_ns: estimates.p99_ns,
        wasted_share: estimates.wasted_share,
        than: others().rfind(|other| !other.same_as_best).and_then(than),
        same: others()
            .filter(|other| other.same_as_best && other.estimates.goodput_tps.n > 1)
            .map(|one| one.candidate)
            .collect(),
        gives_up: None,
    }
}

fn experiment(candidates: &[Numbers], workers: &[u32], rounds: u32) -> Tune {
    let run = samples::contended();
    let blocks = blocks(candidates, workers, rounds);
    let analyses =
        (0..workers.len()).map(|setting| analysis(&blocks, candidates.len(), setting)).collect::<Vec<Analysis>>();
    let candidate = |(name, policy, _, _): &Numbers| SavedCandidate {
        name: (*name).to_owned(),
        policy: (*policy).to_owned(),
        restart: "rollback".to_owned(),
    };
    let command = "contend tune --accounts 1000 --workers 16 --rounds 8 --seed 7 --policies all";
    Tune {
        format: Tune::FORMAT,
        contend: "0.1.0".to_owned(),
        id: "2026-11-22T02-14-09Z-tune".to_owned(),
        started: "2026-11-22T02:14:09Z".to_owned(),
        command: command.split(' ').map(str::to_owned).collect(),
        plan: SavedPlan { verify: "balance".to_owned(), ..run.plan },
        server: run.server,
        calibrated: None,
        candidates: candidates.iter().map(candidate).collect(),
        workers: workers.to_vec(),
        design: SavedDesign {
            block_s: SECONDS,
            warmup_s: 1.0,
            rounds: ROUNDS,
            budget_s: 1_200.0,
            objective: Objective::Goodput,
            seed: 7,
        },
        end: End { reason: EndReason::Completed, detail: None },
        violation: None,
        blocks,
        analyses,
    }
}

/// Six policies; one was dropped, one is as good as the best and has a lower p99.
pub(in crate::report) fn compared() -> Tune {
    let mut tune = experiment(&CANDIDATES, &[16], ROUNDS);
    tune.blocks.retain(|block| block.candidate != 5 || block.round < 3);
    let analysis = &mut tune.analyses[0];
    let kept: Vec<&Measured> =
        tune.blocks.iter().filter(|block| block.candidate == 5).map(|block| &block.measured).collect();
    let last = analysis.ranked.last_mut().unwrap();
    last.estimates = estimates(&kept);
    (last.dropped_after, last.same_as_best) = (Some(3), false);
    analysis.recommended = 1;
    analysis.recommendation = Some(recommendation(&analysis.ranked, 1));
    let reasons = [
        Some("as much goodput, but a p99 of 45.1 ms instead of 31.7 ms"),
        None,
        Some("waits too long: 15.5 % of the workers' time is backoff, for the lowest p99 of all"),
        Some("5 ms are shorter than the transactions that it waits for"),
        Some("70 % of its attempts fail: it tries again before the other transaction has ended"),
        Some("2^n x 0.1 s is 20 times as long as a transaction"),
    ];
    for ranked in &mut analysis.ranked {
        ranked.reason = reasons[ranked.candidate].map(str::to_owned);
    }
    tune
}

/// Two numbers of workers.
pub(in crate::report) fn two_settings() -> Tune {
    let mut tune = experiment(&CANDIDATES[..4], &[16, 64], ROUNDS);
    tune.candidates[3].restart = "savepoint".to_owned();
    tune
}

/// Ctrl-C in the second round: no intervals, no comparison.
pub(in crate::report) fn interrupted() -> Tune {
    let mut tune = experiment(&CANDIDATES[..3], &[16], 1);
    let mut half = tune.blocks[0].clone();
    (half.round, half.started_s) = (1, 37.5);
    tune.blocks.push(half);
    tune.end.reason = EndReason::Interrupted;
    tune
}

/// Ctrl-C in the first.
pub(in crate::report) fn nothing() -> Tune {
    let mut tune = interrupted();
    tune.blocks.clear();
    tune.analyses.clear();
    tune
}

/// The total was wrong after a block.
pub(in crate::report) fn violated() -> Tune {
    let mut tune = experiment(&CANDIDATES[..3], &[16], 4);
    tune.violation = Some("total: 1,000,000 before, 999,912 after round 4 of immediate".to_owned());
    tune.end = End { reason: EndReason::Stopped, detail: Some("the state of the accounts was wrong".to_owned()) };
    tune
}

/// A simulation that was fitted to a run.
pub(in crate::report) fn simulated() -> Tune {
    let mut tune = experiment(&CANDIDATES[..5], &[16], ROUNDS);
    let address = "sim://serializable?read=180us,write=240us,commit=310us,cores=2";
    tune.server.product = Server::SIMULATION.to_owned();
    tune.server.version = "serializable".to_owned();
    tune.server.address = address.to_owned();
    let fit = |(name, measured, simulated): (&str, f64, f64)| Fit { name: name.to_owned(), measured, simulated };
    tune.calibrated = Some(Calibration {
        run: "2026-11-21T11-48-44Z-run".to_owned(),
        address: address.to_owned(),
        fits: [("goodput, tx/s", 1_062.0, 1_080.0), ("p99, ms", 993.0, 871.0), ("retries per commit", 0.31, 0.31)]
            .map(fit)
            .to_vec(),
    });
    tune
}

/// Nothing to compare with; its histories were checked.
pub(in crate::report) fn alone() -> Tune {
    let mut tune = experiment(&CANDIDATES[..1], &[16], ROUNDS);
    tune.design.objective = Objective::P99;
    tune.plan.verify = "history".to_owned();
    tune
}

/// One of three has committed nothing, and their names want to be something else.
pub(in crate::report) fn without_commits() -> Tune {
    let named = [
        ("a<b>&\"c\"\u{1b}[31m", "constant:1ms", 900.0, 20.0),
        ("数据库</text><script>alert(1)</script>数据库", "constant:2ms", 850.0, 15.0),
        ("never", "none", 0.0, 0.0),
    ];
    experiment(&named, &[1], 3)
}

/// Everything that pictures are drawn of.
pub(in crate::report) fn all() -> Vec<(&'static str, Tune)> {
    vec![
        ("compared", compared()),
        ("two-settings", two_settings()),
        ("interrupted", interrupted()),
        ("nothing", nothing()),
        ("violated", violated()),
        ("simulated", simulated()),
        ("alone", alone()),
        ("without-commits", without_commits()),
    ]
}
