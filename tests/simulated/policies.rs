//! Do budget, concurrency limit and age do to a load what they say? In virtual time. And what does `contend policies` say?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contend::db::sim::{SimServer, VirtualTime};
use contend::history::{AttemptOutcome, Event, Nanos};
use contend::load::{Launch, Load};
use contend::plan::Stop;
use contend::run::Run;

use super::experiment::Experiment;
use super::support::Contend;

/// Two cores, and transactions that are often aborted: with ten accounts each worker more makes it worse.
const CROWDED: &str = "sim://snapshot?cores=2&rtt=1ms&service=200us";

fn run(address: &str, policy: &str, flags: &str) -> Run {
    let contend = Contend::run().on(address).arg("--retry").arg(policy);
    contend.flags("--verify balance --seed 1 --warmup 0s").flags(flags).finish().expect(0).saved()
}

fn crowded(policy: &str) -> Run {
    run(CROWDED, policy, "--mix transfer --accounts 10 --workers 40 --duration 5s")
}

fn attempts_per_commit(run: &Run) -> f64 {
    run.counts.attempts as f64 / run.counts.committed as f64
}

/// The mean over the seconds, but for the first, in which the limit comes down, and the last, in which the run ends.
fn mean_in_flight(run: &Run) -> f64 {
    let later: Vec<f64> = run.intervals[1..5].iter().map(|second| f64::from(second.in_flight)).collect();
    later.iter().sum::<f64>() / later.len() as f64
}

#[test]
fn a_budget_pays_for_as_many_retries_as_it_has_tokens_for_and_for_no_other() {
    let run = crowded("immediate/attempts:1000/budget:capacity=30,cost=2,deposit=0");
    assert_eq!(run.counts.retries, 15, "{:?}", run.counts);
    assert!(run.counts.exhausted > 100, "who cannot pay gives up: {:?}", run.counts);
}

#[test]
fn commits_pay_for_the_retries_of_others() {
    let run = crowded("immediate/attempts:1000/budget:capacity=10,cost=1,deposit=0.25");
    let (retries, committed) = (run.counts.retries as f64, run.counts.committed as f64);
    let paid = 10.0 + committed / 4.0;
    assert!(retries <= paid && retries > paid - 1.0 - 10.0, "{retries} of {paid}");
    assert!(crowded("immediate/attempts:1000").counts.retries as f64 > 20.0 * paid, "without it there are many more");
}

#[test]
fn a_limit_lets_fewer_run_and_more_of_them_commit_where_they_are_in_each_other_s_way() {
    let (free, held) = (crowded("immediate/attempts:1000"), crowded("immediate/attempts:1000/aimd"));
    assert!(mean_in_flight(&free) > 39.0 && mean_in_flight(&held) < 12.0, "{}", mean_in_flight(&held));
    assert!(attempts_per_commit(&held) < attempts_per_commit(&free) / 4.0, "{:?}", held.counts);
    assert!(held.counts.committed > free.counts.committed, "{:?}", held.counts);
    // What waits is queue time: the response time of all 40 adds up, whoever is held back (Little's law).
    let responses = held.latency_ns.response.mean * held.goodput_tps / 1e9;
    assert!(held.latency_ns.queue.mean > 1e6 && (36.0..41.0).contains(&responses), "{responses}");
}

#[test]
fn a_limit_never_falls_below_its_least() {
    let held = crowded("immediate/attempts:1000/aimd:min=20");
    assert!((mean_in_flight(&held) - 20.0).abs() < 0.1, "{}", mean_in_flight(&held));
}

#[test]
fn without_a_conflict_budget_and_limit_do_nothing() {
    let address = "sim://serializable?cores=2&rtt=1ms&service=200us";
    let counts = |policy: &str| {
        let run = run(address, policy, "--mix transfer --accounts 1000000 --workers 40 --duration 2s");
        assert_eq!(run.counts.retries, 0, "{:?}", run.counts);
        (run.counts, run.latency_ns.response, run.latency_ns.queue)
    };
    assert_eq!(counts("immediate/budget:capacity=1/aimd:min=1"), counts("immediate"));
}

#[test]
fn those_who_wait_to_be_admitted_end_with_the_run() {
    // Each transaction takes longer than the run has to end.
    let flags = "--accounts 10 --workers 40 --duration 1s --drain-timeout 1ms --rate 100/s";
    let run = run("sim://snapshot?cores=2&rtt=30ms&service=200us", "immediate/aimd", flags);
    assert!(run.counts.failed + run.counts.exhausted + run.counts.ambiguous > 0, "{:?}", run.counts);
    let transactions = Contend::run().on(CROWDED).flags(
        "--retry immediate/attempts:1000/aimd --transactions 500 --verify balance --accounts 10 --workers 40 --warmup 0s --seed 1",
    );
    assert_eq!(transactions.finish().expect(0).saved().counts.transactions, 500);
}

/// The end of each attempt and the begin of the next one, with the begin of the first one, of transactions that retried.
#[derive(Debug, Default)]
struct Told {
    begun: BTreeMap<u64, Nanos>,
    aborted: BTreeMap<u64, Nanos>,
    gaps: Vec<[Nanos; 3]>,
}

fn gaps(policy: &str) -> Vec<[Nanos; 3]> {
    let mut experiment = Experiment::of(CROWDED, 1);
    let plan = &mut experiment.plan;
    plan.mix = "transfer".parse().unwrap();
    (plan.bank.accounts, plan.load.workers, plan.load.connections) = (4, 12, 12);
    plan.load.stop = Stop::After(Duration::from_secs(2));
    plan.retry.policy = policy.parse().unwrap();
    let told = Arc::new(Mutex::new(Told::default()));
    let seen = Arc::clone(&told);
    let observer = move |event: Event<'_>| {
        let Event::Attempt(attempt) = event else { return };
        let Told { begun, aborted, gaps } = &mut *seen.lock().unwrap();
        let begin = *begun.entry(attempt.ticket).or_insert(attempt.start);
        if let Some(end) = aborted.remove(&attempt.ticket) {
            gaps.push([begin, end, attempt.start]);
        }
        if attempt.outcome == AttemptOutcome::Aborted {
            aborted.insert(attempt.ticket, attempt.end);
        }
    };
    let time = VirtualTime::default();
    let server = SimServer::new(&experiment.simulation, &experiment.plan, time.clone());
    let connect = async move |connections| Ok(server.database(connections));
    let launch = Launch { epoch: 1, connect, observers: vec![observer], simulated: Some(time) };
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut load = Load::connect(&experiment.plan, launch).await.unwrap();
        load.start();
        load.ended().await;
        drop(load.finish());
    });
    std::mem::take(&mut told.lock().unwrap().gaps)
}

#[test]
fn the_older_a_transaction_the_shorter_it_waits() {
    let gaps = gaps("age:base=40ms,half=30ms,jitter=none/attempts:1000");
    assert!(gaps.iter().any(|[begin, end, _]| end - begin > 90_000_000), "some grow old: {}", gaps.len());
    for [begin, end, next] in gaps {
        let (age, waited) = ((end - begin) as f64, (next - end) as f64);
        let expected = 40e6 * (-age / 30e6).exp2();
        assert!((waited - expected).abs() <= 1.0, "{waited} ns at the age of {age} ns instead of {expected}");
    }
}

#[test]
fn a_run_saves_the_whole_policy_in_one_text_whatever_flags_it_came_from() {
    let run = run(CROWDED, "cockroach-go", "--max-attempts 7 --transaction-deadline 3s --transactions 10");
    assert_eq!(run.plan.retry, "immediate/attempts:7/deadline:3s");
    let flags = run.plan.flags.join(" ");
    assert!(flags.contains("--retry immediate/attempts:7/deadline:3s --restart "), "{flags}");
    assert!(!flags.contains("--max-attempts") && !flags.contains("--transaction-deadline"), "{flags}");
}

#[test]
fn policies_are_listed_and_looked_at_as_text_and_as_json() {
    let list = Contend::new("policies").finish().expect(0);
    assert!(
        list.stdout.contains("\n  cockroach-go\n") && list.stdout.contains("exponential[:base="),
        "{}",
        list.stdout
    );
    let one = Contend::new("policies").flags("cockroach-go/attempts:5 age").finish().expect(0);
    assert!(one.stdout.starts_with("cockroach-go/attempts:5\n") && one.stdout.contains("\nage\n"), "{}", one.stdout);
    let json = |flags: &str| -> serde_json::Value {
        serde_json::from_str(&Contend::new("policies").flags(flags).finish().expect(0).stdout).unwrap()
    };
    let all = json("--json");
    assert_eq!(all["forms"].as_array().unwrap().len(), contend::retry::FORMS.len());
    assert_eq!(all["presets"].as_array().unwrap().len(), contend::retry::Preset::ALL.len());
    let some = json("--json sysbench constant:200us/attempts:3");
    assert!(some[0]["attempts"].is_null() && some[0]["restart"] == "rollback", "{some}");
    assert_eq!(some[1]["waits"][1], serde_json::json!({"attempt": 3, "min_s": 2e-4, "mean_s": 2e-4, "max_s": 2e-4}));
}

#[test]
fn a_wrong_policy_is_answered_in_one_line() {
    for (text, meant) in [
        ("cockroach_go", "did you mean cockroach-go?"),
        ("immediate/budgte", "did you mean budget?"),
        ("exponential:base=5", "base=5: a duration"),
    ] {
        let refused = Contend::new("policies").arg("none").arg(text).finish().expect(2);
        assert!(refused.stdout.is_empty() && refused.stderr.contains(meant), "{}", refused.stderr);
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
        let refused = Contend::run().on(CROWDED).arg("--retry").arg(text).finish().expect(2);
        assert!(refused.stderr.contains("--retry") && refused.stderr.contains(meant), "{}", refused.stderr);
        assert_eq!(refused.stderr.lines().count(), 1, "{}", refused.stderr);
    }
}
