//! Does a load rise step by step on a real server, and say what it has seen?

use std::time::{Duration, Instant};

use contend::run::{Run, SavedStep};
use nix::sys::signal::Signal;

use crate::support::{Contend, Server, until};

#[test]
fn the_report_has_every_step_and_the_steps_add_up_to_the_run() {
    let database = Server::postgres().database();
    let run = Contend::run().on(&database.address).arg("--steps").arg("1..8 x3");
    let ended = run.flags("--duration 1s --lock-order sorted --accounts 1000").finish().expect(0);
    let report = ended.report();
    for words in
        ["Steps 1..8 x3, and back to the first", "Steps of workers, 1.00 s each", "back down", "(over all steps)"]
    {
        assert!(report.contains(words), "{words}: {}", ended.stdout);
    }
    for label in ["Knee", "Saturation", "Collapse", "Recovery"] {
        assert!(ended.stdout.contains(&format!("\n{label} ")), "{label}: {}", ended.stdout);
    }
    assert!(ended.stderr.contains("step "), "progress says which one it is: {}", ended.stderr);
    let run: Run = ended.saved();
    let levels: Vec<u32> = run.steps.iter().map(|step| step.level).collect();
    assert_eq!((levels.as_slice(), run.plan.workers, run.plan.duration_s), ([1, 5, 8, 1].as_slice(), 8, Some(4.0)));
    let sum = |of: fn(&SavedStep) -> u64| run.steps.iter().map(of).sum::<u64>();
    let sums = [sum(|step| step.transactions), sum(|step| step.committed), sum(|step| step.retries)];
    assert_eq!(sums, [run.counts.transactions, run.counts.committed, run.counts.retries]);
    let mean = run.steps.iter().map(|step| step.goodput_tps).sum::<f64>() / 4.0;
    assert!((mean / run.goodput_tps - 1.0).abs() < 1e-9, "{mean} {}", run.goodput_tps);
    assert!(run.steps.iter().all(|step| step.committed > 0 && step.p50_ns > 0 && step.p50_ns <= step.p99_ns));
    // With one worker nobody is there to conflict with.
    assert_eq!(run.steps[0].retries, 0, "{:?}", run.steps[0]);
    assert!(run.steps_analysis.is_some(), "{:?}", run.steps);
}

#[test]
fn an_interrupt_does_not_wait_for_workers_of_later_steps() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let run = Contend::run().on(&database.address).arg("--steps").arg("2..8 x2");
    let run = run.flags("--duration 300s --warmup 0s --drain-timeout 300s --lock-order sorted --quiet").spawn();
    until("transactions are being committed", || sql.writes() > 20);
    let asked = Instant::now();
    run.signal(Signal::SIGINT);
    let ended = run.wait().expect(0);
    assert!(asked.elapsed() < Duration::from_mins(1), "{:?}", asked.elapsed());
    assert!(ended.report().contains("unknown: the run ended before its second step did"), "{}", ended.stdout);
    let run = ended.saved();
    assert_eq!((run.steps.len(), run.steps_analysis), (1, None));
    assert!(run.steps[0].measured_s < 300.0 && run.steps[0].transactions == run.counts.transactions);
}
