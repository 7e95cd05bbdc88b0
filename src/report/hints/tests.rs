//! Does each hint show where its data calls for it, and nowhere else?

use super::*;
use crate::report::text::samples::contended;
use crate::run::SavedOpenLoop;

/// A run that calls for no hint at all.
fn calm() -> Run {
    let mut run = contended();
    run.plan.lock_order = "sorted".to_owned();
    run
}

fn cause(sqlstate: &str, count: u64) -> CauseCount {
    CauseCount { sqlstate: sqlstate.to_owned(), reason: "why".to_owned(), count }
}

/// The one hint that this change of a calm run calls for.
fn hint(change: impl Fn(&mut Run)) -> String {
    let mut run = calm();
    change(&mut run);
    let hints = hints(&run);
    assert_eq!(hints.len(), 1, "{hints:?}");
    hints.concat()
}

fn none(change: impl Fn(&mut Run)) {
    let mut run = calm();
    change(&mut run);
    assert_eq!(hints(&run), Vec::<String>::new());
}

#[test]
fn a_calm_run_gets_none() {
    none(|_| {});
}

#[test]
fn weaker_isolation() {
    let text = hint(|run| {
        run.server.isolation.weaker = true;
        run.server.isolation.granted = vec!["repeatable read".into(), "read committed".into()];
    });
    assert!(
        text.starts_with("Conflicts that serializable would abort") && text.ends_with("--isolation read-committed")
    );
    none(|run| run.server.isolation.granted = vec!["something else".into()]);
}

#[test]
fn ambiguous() {
    let text = hint(|run| run.counts.ambiguous = 1);
    assert!(text.starts_with("1 transaction sent COMMIT and got no answer"), "{text}");
}

#[test]
fn lost_connections() {
    let text = hint(|run| {
        run.counts.retries_by.push(cause("08006", 3));
        run.counts.failed_by.push(cause("08001", 1));
    });
    assert_eq!(text, "4 lost connections (class 08): see the server's log");
    let text = hint(|run| {
        run.server.product = crate::run::Server::SIMULATION.to_owned();
        run.counts.retries_by.push(cause("08006", 2));
    });
    assert_eq!(text, "2 lost connections (class 08): as many as the ambiguous= of its address wants");
    let late = CauseCount { sqlstate: "08006".to_owned(), reason: "statement timeout".to_owned(), count: 2 };
    let text = hint(|run| run.counts.retries_by.push(late.clone()));
    assert_eq!(text, "2 lost connections, 2 by --statement-timeout (now 10s): try a longer one");
    none(|run| run.counts.retries_by.push(cause("40801", 3)));
}

#[test]
fn cut_off() {
    let text = hint(|run| {
        let reason = "cut off by the end of the run".to_owned();
        run.counts.failed_by.push(CauseCount { sqlstate: "57014".to_owned(), reason, count: 2 });
    });
    assert!(text.starts_with("2 transactions had not ended") && text.contains("--drain-timeout"), "{text}");
    none(|run| run.counts.failed_by.push(cause("57014", 2)));
}

#[test]
fn hardly_measured() {
    let measured = |transactions: u64| {
        move |run: &mut Run| {
            run.counts.transactions = transactions;
            run.counts.declined = 0;
        }
    };
    let text = hint(measured(31));
    assert!(text.starts_with("Only 31 transactions of 16 workers"), "{text}");
    none(measured(32));
}

#[test]
fn exhausted() {
    let more_than_half = |retry: &'static str| {
        hint(|run| {
            run.counts.exhausted = run.counts.transactions / 2 + 1;
            run.plan.retry = retry.to_owned();
        })
    };
    assert!(more_than_half("none").contains("--retry none never tries again: try --retry exponential"));
    assert!(more_than_half("tutorial").contains("after 3 attempts"));
    assert_eq!(
        more_than_half("immediate/attempts:10"),
        "50.0 % of all transactions gave up; try a higher --max-attempts (now 10), or another --retry policy"
    );
    assert!(more_than_half("immediate").contains("(now 20)"));
    let before_the_policy_said_it = hint(|run| {
        run.counts.exhausted = run.counts.transactions;
        run.plan.retry = "immediate".to_owned();
        run.plan.flags.extend(["--max-attempts".to_owned(), "7".to_owned()]);
    });
    assert!(before_the_policy_said_it.contains("(now 7)"), "{before_the_policy_said_it}");
    assert!(more_than_half("immediate/budget").contains("the budget of --retry pays for 0.1 retries a commit"));
    none(|run| run.counts.exhausted = run.counts.transactions / 2);
}

#[test]
fn deadlocks() {
    let text = hint(|run| run.plan.lock_order = "random".to_owned());
    assert!(text.contains(" deadlocks, each waits out") && text.ends_with("--lock-order sorted"), "{text}");
    none(|run| {
        run.plan.lock_order = "random".to_owned();
        run.counts.retries_by.retain(|cause| cause.sqlstate != "40P01");
    });
}

#[test]
fn relation_locks() {
    assert!(hint(|run| run.server.relation_locks = true).ends_with("take more --accounts"));
    let text = hint(|run| {
        run.server.relation_locks = true;
        let planner = run.plan.flags.iter().position(|flag| flag == "--planner").unwrap();
        run.plan.flags[planner + 1] = "default".to_owned();
    });
    assert!(text.ends_with("drop --planner default, or take more --accounts"), "{text}");
}

#[test]
fn queue() {
    let text = hint(|run| {
        run.plan.connections = 4;
        run.latency_ns.queue.mean = run.latency_ns.response.mean * 0.5;
    });
    assert!(text.contains("50.0 % of the response time: try --connections 16 (now 4)"), "{text}");
    none(|run| run.latency_ns.queue.mean = run.latency_ns.response.mean * 0.5);
    none(|run| run.plan.connections = 4);
}

#[test]
fn indistinct() {
    let text = hint(|run| {
        let judgement = run.judgement.as_mut().unwrap();
        judgement.indistinct = vec![["serializable".to_owned(), "snapshot".to_owned()]];
    });
    assert!(text.ends_with("try --mix transfer=60,peek=15,skew=15,audit=10"), "{text}");
    none(|run| run.judgement.as_mut().unwrap().indistinct.clear());
    none(|run| run.judgement = None);
}

#[test]
fn declined() {
    let text = hint(|run| run.counts.declined = run.counts.transactions / 5 + 1);
    assert!(text.contains("raise --balance (now 1000) or lower --amount (now 1..100)"), "{text}");
    none(|run| run.counts.declined = run.counts.transactions / 5);
}

#[test]
fn few_retries() {
    let text = hint(|run| run.counts.retries = 10);
    assert!(text.contains("fewer --accounts (now 1000), --keys zipf:1.1, more --workers"), "{text}");
    none(|run| run.counts.retries = run.counts.committed / 1_000 + 1);
    none(|run| (run.counts.retries, run.counts.committed) = (0, 0));
}

#[test]
fn client_cpu() {
    let text = hint(|run| run.client.cpu_system_s = 17.0);
    assert!(text.contains("busy 87.8 % of the time") && text.ends_with("--threads 3"), "{text}");
    none(|run| run.client.cpu_system_s = 15.0);
    none(|run| (run.client.cpu_user_s, run.phases.measured_s) = (0.0, 0.0));
}

#[test]
fn backoff() {
    let text = hint(|run| run.time.backoff_s = run.time.busy_s * 0.51);
    assert!(text.starts_with("51.0 % of the workers' time was backoff"), "{text}");
    none(|run| (run.time.backoff_s, run.time.busy_s) = (0.0, 0.0));
}

/// A run with a schedule that was kept.
fn open(run: &mut Run) -> &mut SavedOpenLoop {
    run.open_loop = Some(SavedOpenLoop {
        rate_tps: 2_400.0,
        arrivals: "poisson".to_owned(),
        max_queue: None,
        offered: 24_000,
        started: 24_000,
        skipped: 0,
        waited: 0,
        offered_tps: 2_400.0,
        achieved_tps: 2_400.0,
        lag_ns: run.latency_ns.queue.clone(),
    });
    run.open_loop.as_mut().unwrap()
}

#[test]
fn pacing() {
    none(|run| open(run).lag_ns.p99 = 900_000);
    let text = hint(|run| open(run).lag_ns.p99 = 1_200_000);
    assert!(text.starts_with("contend itself was late, by 1.20 ms (p99)"), "{text}");
    assert!(text.contains("the server, --flight pipelined, or fewer --threads (now 2)"), "{text}");
    none(|run| {
        open(run).lag_ns.p99 = 1_200_000;
        run.latency_ns.service.p50 = 13_000_000;
    });
    let text = hint(|run| {
        open(run);
        run.client.cpu_system_s = 18.0;
    });
    assert!(text.starts_with("The threads of contend were busy 92.8 % of the time"), "{text}");
    none(|run| {
        open(run);
        run.client.cpu_system_s = 17.0;
    });
}

#[test]
fn a_client_that_is_late_by_what_it_measures_is_said_so_first() {
    let mut run = calm();
    open(&mut run).lag_ns.p99 = run.latency_ns.service.p50;
    assert_eq!(gravely_late(&run), None);
    open(&mut run).lag_ns.p99 = run.latency_ns.service.p50 + 1;
    assert!(gravely_late(&run).is_some());
    let text = crate::report::text::render(&run, crate::report::Style { color: false });
    assert!(text.lines().take(4).any(|line| line.starts_with("CLIENT LIMIT")), "{text}");
}

#[test]
fn behind() {
    let text = hint(|run| open(run).achieved_tps = 2_200.0);
    assert!(text.starts_with("Of 2,400 transactions per second 2,200 were carried"), "{text}");
    none(|run| open(run).achieved_tps = 2_300.0);
    let text = hint(|run| open(run).waited = 1_201);
    assert!(text.ends_with("waited for one: try more --workers (now 16)"), "{text}");
    none(|run| open(run).waited = 1_200);
}

#[test]
fn no_more_than_four_and_the_most_important_first() {
    let mut run = contended();
    run.server.isolation.weaker = true;
    run.server.relation_locks = true;
    run.counts.ambiguous = 3;
    run.counts.declined = run.counts.transactions;
    let hints = hints(&run);
    assert_eq!(hints.len(), 4);
    assert!(hints[0].starts_with("Conflicts that") && hints[3].contains("deadlocks"), "{hints:?}");
}
