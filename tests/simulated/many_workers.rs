//! Ten thousand workers at once.

use std::time::Duration;

use contend::plan::Stop;

use super::experiment::Experiment;

#[test]
fn ten_thousand_workers_share_a_simulated_server() {
    let mut experiment = Experiment::of("sim://serializable?cores=64", 1);
    let plan = &mut experiment.plan;
    plan.bank.accounts = 100_000;
    (plan.load.workers, plan.load.connections) = (10_000, 10_000);
    plan.load.stop = Stop::After(Duration::from_millis(200));
    let found = experiment.run();
    assert_eq!(experiment.problem(&found), None);
    assert!(found.judgement.committed > 10_000, "{}", found.judgement.committed);
    let sessions: std::collections::BTreeSet<u32> =
        (0..found.history.len()).map(|txn| found.history.session(txn)).collect();
    assert_eq!(sessions.len(), 10_000, "each of them got something done");
}
