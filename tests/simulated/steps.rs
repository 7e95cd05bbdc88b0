//! Is the knee found where theory says, on servers whose capacity is known?

use contend::measure::{Knee, Recovery};
use contend::plan::Stepped;
use contend::run::{Run, SavedStep};

use super::support::Contend;

fn run(address: &str, steps: &str, flags: &str) -> Run {
    let contend = Contend::run().on(address).arg("--steps").arg(steps);
    contend.flags("--mix transfer --verify balance --seed 1").flags(flags).finish().expect(0).saved()
}

fn levels(run: &Run) -> Vec<u32> {
    run.steps.iter().map(|step| step.level).collect()
}

/// Statements per second of one core with n workers that are each away for `away` seconds between two statements, which
/// take `service` seconds on average, exponentially distributed: exact mean value analysis (Reiser and Lavenberg, "Mean-value
/// analysis of closed multichain queuing networks", Journal of the ACM 27(2), 1980).
fn throughput(workers: u32, service: f64, away: f64) -> f64 {
    let (mut queue, mut throughput) = (0.0, 0.0);
    for n in 1..=workers {
        let residence = service * (1.0 + queue);
        throughput = f64::from(n) / (away + residence);
        queue = throughput * residence;
    }
    throughput
}

#[test]
fn workers_find_the_knee_and_the_capacity_that_theory_knows() {
    // One core, 1 ms a statement, 9 ms on the way: 1000 statements a second, and N* = (R + Z) / s_max = 10 workers
    // (Denning and Buzen, "The operational analysis of queueing network models", ACM Computing Surveys 10(3), 1978).
    let address = "sim://serializable?cores=1&service=1ms&rtt=9ms&commit=0s";
    let run = run(address, "2..30 x15", "--accounts 1000000 --duration 10s --warmup 2s");
    // BEGIN, a read, two writes and COMMIT.
    let theory = |workers| throughput(workers, 0.001, 0.009) / 5.0;
    // The step back down also ends what the highest one has begun.
    for step in run.steps.iter().filter(|step| !step.back_down) {
        let expected = theory(step.level);
        assert!((step.goodput_tps / expected - 1.0).abs() < 0.05, "{}: {}", step.level, step.goodput_tps / expected);
    }
    let analysis = run.steps_analysis.unwrap();
    let power = |workers: &u32| theory(*workers).powi(2) / f64::from(*workers);
    let best = (1..=15).map(|n| 2 * n).max_by(|one, two| power(one).total_cmp(&power(two))).unwrap();
    assert_eq!(best, 12, "queueing rounds the bend at 10 off, so that power is highest a little above it");
    let Knee::Found { step } = analysis.knee else { panic!("{analysis:?}") };
    // Around its highest point power is flat: one step more or less is noise.
    let knee = run.steps[step as usize].level;
    assert!((10..=14).contains(&knee), "the knee at {knee}");
    let most = (1..=15).map(|n| theory(2 * n)).fold(0.0, f64::max);
    let enough = run.steps[analysis.saturated.unwrap() as usize - 1].level;
    assert!(theory(enough) > 0.92 * most && theory(enough - 4) < 0.95 * most, "{enough} workers are enough");
    assert_eq!(analysis.collapsed, None);
    assert!(matches!(analysis.recovery, Recovery::Recovered(_)), "{analysis:?}");
}

#[test]
fn a_server_that_is_never_saturated_has_no_knee() {
    let address = "sim://serializable?cores=64&service=100us&rtt=9ms&commit=0s";
    let run = run(address, "2..20 x4", "--accounts 1000000 --duration 5s");
    let analysis = run.steps_analysis.unwrap();
    assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::NotReached, None, None));
}

#[test]
fn transactions_that_retry_at_once_collapse_and_come_back_when_the_load_goes() {
    // Ten accounts: with each worker more of the two cores' time goes to attempts that are aborted.
    let address = "sim://snapshot?cores=2&rtt=1ms&service=200us";
    let run = run(address, "2..42 x5", "--accounts 10 --retry immediate --max-attempts 1000 --duration 5s");
    assert_eq!(levels(&run), [2, 12, 22, 32, 42, 2]);
    let analysis = run.steps_analysis.unwrap();
    assert_eq!(analysis.collapsed, Some(2), "{:?}", run.steps);
    assert_eq!(analysis.saturated, Some(2));
    assert!(matches!(analysis.recovery, Recovery::Recovered(_)), "{analysis:?}");
    let retries: Vec<f64> = run.steps.iter().map(|step| step.retries as f64 / step.committed as f64).collect();
    assert!(retries[..5].is_sorted() && retries[4] > 5.0 && retries[5] < 0.5, "{retries:?}");
}

#[test]
fn the_steps_add_up_to_the_run() {
    let run = run("sim://serializable", "1..9 x3", "--duration 700ms --ramp 300ms --accounts 20");
    let sum = |of: fn(&SavedStep) -> u64| run.steps.iter().map(of).sum::<u64>();
    let counts = &run.counts;
    let sums = [sum(|step| step.transactions), sum(|step| step.committed), sum(|step| step.retries)];
    assert_eq!(sums, [counts.transactions, counts.committed, counts.retries]);
    let over_time = |of: fn(&SavedStep) -> f64| run.steps.iter().map(|step| of(step) * step.measured_s).sum::<f64>();
    assert!((over_time(|step| step.goodput_tps) - run.goodput_tps * 2.8).abs() < 1e-6);
    assert!((over_time(|step| step.throughput_tps) - run.throughput_tps * 2.8).abs() < 1e-6);
    assert_eq!((run.phases.measured_s, run.plan.duration_s), (2.8, Some(2.8)));
    let levels: contend::plan::Levels = run.plan.steps.as_ref().unwrap().parse().unwrap();
    assert_eq!((levels.of, levels.to, run.plan.workers), (Stepped::Workers, 9, 9));
}

#[test]
fn the_saved_flags_make_the_same_steps_again() {
    let first = run("sim://serializable", "1..4 x2", "--duration 200ms");
    let again =
        first.plan.flags.iter().fold(Contend::run().on("sim://serializable"), |contend, flag| contend.arg(flag));
    let again = again.finish().expect(0).saved();
    assert_eq!((&first.plan, &first.steps), (&again.plan, &again.steps));
}

/// Two cores, 1 ms a statement, five statements a transfer: 400 transfers a second and no more.
const CARRIES_400: &str = "sim://serializable?cores=2&service=1ms&commit=0s";

#[test]
fn a_rate_is_carried_up_to_the_capacity_that_theory_knows() {
    let run = run(CARRIES_400, "100..700/s x7", "--accounts 100000 --duration 10s --max-queue 100");
    assert_eq!(levels(&run), [100, 200, 300, 400, 500, 600, 700, 100]);
    let analysis = run.steps_analysis.unwrap();
    let saturated = run.steps[analysis.saturated.unwrap() as usize].level;
    assert!((400..=500).contains(&saturated), "saturated at {saturated}");
    for step in run.steps.iter().filter(|step| !step.back_down) {
        let expected = f64::from(step.level).min(400.0);
        // A Poisson draw of some thousands varies by one or two percent.
        assert!((step.goodput_tps / expected - 1.0).abs() < 0.08, "{}: {}", step.level, step.goodput_tps);
        assert_eq!(step.skipped > 0, step.level >= 500, "{}: {} skipped", step.level, step.skipped);
    }
    assert_eq!(analysis.collapsed, None);
    // A queue that is bounded is soon worked off.
    assert!(matches!(analysis.recovery, Recovery::Recovered(_)), "{analysis:?}");
    let due: u64 = run.steps.iter().map(|step| step.transactions + step.skipped).sum();
    assert_eq!(due, run.open_loop.unwrap().offered);
}

#[test]
fn a_queue_without_bounds_is_still_worked_off_when_the_load_is_gone() {
    let run = run(CARRIES_400, "100..1000/s x4", "--accounts 100000 --duration 5s --drain-timeout 60s");
    let analysis = run.steps_analysis.unwrap();
    assert!(matches!(analysis.recovery, Recovery::Draining(_)), "{analysis:?}");
    let last = run.steps.last().unwrap();
    assert!(last.goodput_tps > 350.0 && last.p50_ns > 1_000_000_000, "{last:?}");
}
