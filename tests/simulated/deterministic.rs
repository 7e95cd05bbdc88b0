//! The same seed, the same report.

use contend::check::history::History;

use super::experiment::Experiment;
use super::support::Contend;

fn report(address: &str, seed: u64, flags: &str) -> String {
    let flags = format!("--transactions 300 --workers 32 --accounts 20 --no-save --seed {seed} {flags}");
    let ended = Contend::run().on(address).flags(&flags).finish();
    assert!([0, 1].contains(&ended.code), "{}", ended.stderr);
    assert!(ended.stdout.starts_with(&format!("SIMULATED       {address} (")), "{}", ended.stdout);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ended.stdout);
    ended.stdout
}

#[test]
fn the_same_seed_prints_the_same_report_twice() {
    for (address, flags) in [
        ("sim://serializable", ""),
        ("sim://snapshot", "--verify ledger --mix transfer=1,batch=1,cap=1,fresh=1"),
        ("sim://read-committed?ambiguous=0.01", "--retry immediate --connections 8"),
        ("sim://lost-updates", "--think 1ms --ramp 20ms"),
    ] {
        assert_eq!(report(address, 7, flags), report(address, 7, flags), "{address}");
        assert_ne!(report(address, 7, flags), report(address, 8, flags), "{address}");
    }
}

#[test]
fn the_same_seed_makes_the_same_history_to_the_nanosecond() {
    for level in ["serializable", "read-committed", "stale-replica", "dirty-abort"] {
        for seed in 0..20 {
            let history = |seed| written_out(&Experiment::drawn(level, seed).run().history);
            assert!(history(seed) == history(seed), "{level}, seed {seed}");
            assert!(history(seed) != history(seed + 100), "{level}, seed {seed}");
        }
    }
}

fn written_out(history: &History) -> Vec<String> {
    let transaction = |txn| {
        let operations: Vec<_> = history.operations(txn).collect();
        format!("{} {} {:?} {operations:?}", history.start(txn), history.end(txn), history.outcome(txn))
    };
    (0..history.len()).map(transaction).collect()
}
