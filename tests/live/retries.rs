//! Do the retry policy and its limits do what they are called?

use contend::run::Run;

use crate::support::{Contend, Server};

/// A run in which most attempts meet another one. With fewer accounts no two transactions could be committed at the same
/// time, and the run would prove nothing.
fn run(flags: &str) -> Run {
    let database = Server::postgres().database();
    let crowd = "--accounts 4 --workers 32 --think 10ms --lock-order sorted --warmup 0s --duration 2s --quiet";
    let run = Contend::run().on(&database.address).flags(crowd).flags(flags).finish().expect(0).saved();
    assert!(run.counts.committed > 0, "{:?}", run.counts);
    run
}

fn most_attempts(run: &Run) -> u64 {
    run.attempts_per_transaction.iter().map(|bin| bin.attempts).max().unwrap()
}

#[test]
fn none_never_tries_again() {
    let run = run("--retry none");
    assert!(run.counts.exhausted > 0, "{:?}", run.counts);
    assert_eq!((run.counts.retries, most_attempts(&run)), (0, 1), "{:?}", run.counts);
    assert!(run.counts.exhausted_by.iter().any(|cause| cause.sqlstate == "40001"), "{:?}", run.counts);
}

#[test]
fn the_tutorial_has_three_attempts() {
    let run = run("--retry tutorial");
    assert!(run.counts.exhausted > 0, "{:?}", run.counts);
    assert_eq!(most_attempts(&run), 3);
}

#[test]
fn max_attempts_wins_over_the_tutorial_s_three() {
    assert_eq!(most_attempts(&run("--retry tutorial --max-attempts 5")), 5);
    assert_eq!(most_attempts(&run("--retry none --max-attempts 2")), 2);
}

#[test]
fn no_attempt_begins_behind_the_deadline() {
    let run = run("--retry constant:20ms --max-attempts 1000 --transaction-deadline 50ms");
    assert!(run.counts.exhausted > 0 && run.counts.retries > 0, "{:?}", run.counts);
    // Two delays of 20 ms fit, a third one does not.
    assert!(most_attempts(&run) <= 3, "{:?}", run.attempts_per_transaction);
}

/// tokio's own timers would make a millisecond or two of it. A busy machine may be late; so it has three chances.
#[test]
fn a_delay_of_a_fraction_of_a_millisecond_takes_no_whole_one() {
    let database = Server::postgres().database();
    let crowd = "--accounts 2 --workers 6 --threads 1 --lock-order sorted --warmup 0s --duration 1s --quiet";
    let mean_backoff = || {
        let retry = "--retry constant:200us --max-attempts 1000";
        let run = Contend::run().on(&database.address).flags(crowd).flags(retry).finish().expect(0).saved();
        assert!(run.counts.retries > 50, "{:?}", run.counts);
        run.time.backoff_s / run.counts.retries as f64
    };
    let means = [(); 3].map(|()| mean_backoff());
    assert!(means.iter().all(|mean| *mean >= 200e-6), "never early: {means:?}");
    assert!(means.iter().any(|mean| *mean < 900e-6), "{means:?}");
}
