//! Runs to test reports with: made of real recorders, with times that follow from arithmetic alone.

use crate::check::history::notation;
use crate::check::{HistoryEvidence, Partial, Promise, Standard, Status, Verdict, isolation, judge_history};
use crate::history::{Attempt, AttemptOutcome, Cause, Due, Fate, Outcome, Phase, Shape, Sqlstate, Transaction};
use crate::measure::{OpenLoop, Recorder, Summary};
use crate::plan::{Arrivals, Flight, Isolation, Mix, Open, Rate};
use crate::run::{
    Client, End, EndReason, FORMAT, GrantedIsolation, Phases, Run, SavedHistory, SavedJudgement, SavedOpenLoop,
    SavedPlan, SavedSecond, SavedShape, Server, WorkerTime, attempts_bins,
};

const PIVOT: Cause = Cause { sqlstate: Sqlstate::SERIALIZATION_FAILURE, reason: "pivot" };
const WRITE_WRITE: Cause = Cause { sqlstate: Sqlstate::SERIALIZATION_FAILURE, reason: "write-write" };
const DEADLOCK: Cause = Cause { sqlstate: Sqlstate::DEADLOCK, reason: "deadlock" };
const LOST: Cause = Cause { sqlstate: Sqlstate::CONNECTION_FAILURE, reason: "connection lost" };
const WORKERS: u32 = 16;
const MICROSECOND: u64 = 1_000;

/// A summary of transactions 0 to `count`, each made of its number alone.
fn summary(count: u64, of: impl Fn(u64) -> (u32, Outcome)) -> Summary {
    let mut recorder = Recorder::new(WORKERS);
    for ticket in 0..count {
        let (attempts, outcome) = of(ticket);
        record(&mut recorder, ticket, attempts, outcome);
    }
    recorder.finish()
}

fn cause(ticket: u64) -> Cause {
    match ticket % 200 {
        0 => DEADLOCK,
        1..=55 => WRITE_WRITE,
        _ => PIVOT,
    }
}

/// How long each of a transaction's attempts takes, and how long it waits after each.
struct Times {
    good: u64,
    bad: u64,
    backoff: u64,
}

/// From 0.8 to about 4 ms, the same in every run of the tests; a deadlock costs its attempts one second more.
fn times(ticket: u64) -> Times {
    let spread = ticket * 7_919 % 1_000;
    let good = (800 + spread + spread * spread / 400) * MICROSECOND;
    let bad = if cause(ticket) == DEADLOCK { good + 1_000_000 * MICROSECOND } else { good };
    Times { good, bad, backoff: (1_000 + spread * 3) * MICROSECOND }
}

/// As the default mix has them.
fn shape(ticket: u64) -> Shape {
    match ticket % 20 {
        0..12 => Shape::Transfer,
        12..15 => Shape::Peek,
        15..18 => Shape::Skew,
        _ => Shape::Audit,
    }
}

fn last_attempt(outcome: Outcome) -> AttemptOutcome {
    match outcome {
        Outcome::Committed => AttemptOutcome::Committed,
        Outcome::Declined => AttemptOutcome::Declined,
        Outcome::Exhausted => AttemptOutcome::Aborted,
        Outcome::Ambiguous => AttemptOutcome::Ambiguous,
        Outcome::Failed => AttemptOutcome::Failed,
    }
}

fn record(recorder: &mut Recorder, ticket: u64, attempts: u32, outcome: Outcome) {
    let Times { good, bad, backoff } = times(ticket);
    let worker = u32::try_from(ticket % u64::from(WORKERS)).unwrap();
    let scheduled = ticket * 400 * MICROSECOND;
    let start = scheduled + (ticket % 7) * 10 * MICROSECOND;
    for number in 1..=attempts {
        let is_last = number == attempts;
        recorder.add_attempt(&Attempt {
            ticket,
            worker,
            number,
            shape: shape(ticket),
            writer: 1,
            node: 0,
            start,
            end: start + if is_last { good } else { bad },
            outcome: if is_last { last_attempt(outcome) } else { AttemptOutcome::Aborted },
            phase: Phase::Commit,
            cause: None,
            retry_of: (number > 1).then_some(cause(ticket)),
            measured: true,
            in_window: true,
            round_trips: 5,
            operations: &[],
        });
    }
    let retries = u64::from(attempts - 1);
    recorder.add_transaction(&Transaction {
        ticket,
        worker,
        shape: shape(ticket),
        scheduled,
        start,
        end: start + retries * (bad + backoff) + good,
        attempts,
        backoff: retries * backoff,
        held: 0,
        round_trips: 0,
        wasted: retries * bad + if outcome == Outcome::Committed { 0 } else { good },
        outcome,
        cause: match outcome {
            Outcome::Committed | Outcome::Declined => None,
            Outcome::Exhausted => Some(cause(ticket)),
            Outcome::Ambiguous | Outcome::Failed => Some(LOST),
        },
        measured: true,
        in_window: true,
    });
}

fn plan() -> SavedPlan {
    let flags = "--schema contend --accounts 1000 --balance 1000 --keys uniform --amount 1..100 --lock-order random \
                 --isolation serializable --planner primary-key --statement-timeout 10s --workers 16 --connections 16 \
                 --threads 2 --warmup 2s --duration 10s \
                 --retry exponential:base=2ms,factor=2,cap=250ms,jitter=full --seed 42";
    SavedPlan {
        flags: flags.split_whitespace().map(str::to_owned).collect(),
        workers: WORKERS,
        connections: 16,
        threads: 2,
        accounts: 1_000,
        lock_order: "random".to_owned(),
        mix: Mix::default().to_string(),
        verify: "history".to_owned(),
        level: "serializable".to_owned(),
        keys: "uniform".to_owned(),
        retry: "exponential:base=2ms,factor=2,cap=250ms,jitter=full".to_owned(),
        restart: "rollback".to_owned(),
        flight: "sequential".to_owned(),
        protocol: "prepared".to_owned(),
        rate_tps: None,
        arrivals: None,
        steps: None,
        seed: 42,
        duration_s: Some(10.0),
    }
}

fn server() -> Server {
    Server {
        product: "PostgreSQL".to_owned(),
        version: "15.18 (Debian 15.18-0+deb12u1)".to_owned(),
        address: "127.0.0.1:5432/bank as postgres".to_owned(),
        local: None,
        isolation: GrantedIsolation {
            asked: "serializable".to_owned(),
            granted: vec!["serializable".to_owned()],
            weaker: false,
        },
        relation_locks: false,
        hosts: Vec::new(),
    }
}

fn run(summary: &Summary, verdict: &Verdict) -> Run {
    let measured_s = 10.0;
    Run {
        format: FORMAT,
        contend: "0.1.0".to_owned(),
        id: "2026-11-21T11-48-44Z-run".to_owned(),
        started: "2026-11-21T11:48:44Z".to_owned(),
        plan: plan(),
        server: server(),
        end: End { reason: EndReason::Completed, detail: None },
        phases: Phases { seed_s: 0.2, warmup_s: 2.0, measured_s, drain_s: 0.01, verify_s: 0.1 },
        counts: (&summary.counts).into(),
        shapes: SavedShape::of(summary, &Mix::default().shapes()),
        steps: Vec::new(),
        steps_analysis: None,
        goodput_tps: summary.counts.committed as f64 / measured_s,
        throughput_tps: summary.counts.attempts as f64 / measured_s,
        open_loop: None,
        latency_ns: (&summary.latency).into(),
        attempts_per_transaction: attempts_bins(summary),
        time: WorkerTime::from(summary),
        fairness: summary.fairness().map(Into::into),
        worst: summary.worst.map(Into::into),
        intervals: (1..=12).map(|second| interval(second, summary.counts.committed / 10)).collect(),
        client: Client { cpu_user_s: 0.55, cpu_system_s: 0.32, max_rss_bytes: 25_270_000 },
        history: None,
        judgement: None,
        verdict: verdict.into(),
    }
}

fn interval(second: u64, committed: u64) -> SavedSecond {
    let committed = committed * (90 + second * 13 % 20) / 100 * second.min(3) / 3;
    SavedSecond {
        second,
        committed,
        not_committed: 0,
        retries: 3,
        in_flight: 16,
        p50_ns: 2_000_000,
        p99_ns: 3_000_000,
        max_ns: 4_000_000,
    }
}

const PARTIAL_UNTIL_NS: u64 = 7_340_000_000;

/// Gives a run a history: the judgement is that on a small one, with the numbers of a large one.
fn with_history(mut run: Run, text: &str, partial: Option<Partial>, verdict: &mut Verdict) -> Run {
    let history = notation::parse(text).unwrap();
    let mut judgement = isolation::check(&history);
    judgement.committed = 28_508;
    judgement.counts.values_mut().for_each(|count| *count *= 4);
    let mix: Mix = run.plan.mix.parse().unwrap();
    let promise = Promise::of(&run.server.product, Isolation::from_server(&run.server.isolation.granted[0]));
    let evidence = HistoryEvidence {
        history: &history,
        judgement: &judgement,
        asked: Standard::default(),
        promise: Some(&promise),
        shapes: Some(&mix.shapes()),
        flight: Flight::Sequential,
        partial,
    };
    verdict.checks.push(judge_history(&evidence));
    run.verdict = (&*verdict).into();
    let mut saved = SavedJudgement::from(&evidence);
    for (number, anomaly) in (1..).zip(&mut saved.anomalies) {
        anomaly.picture = Some(format!("anomaly-{number}.svg"));
    }
    run.judgement = Some(saved);
    run.history = Some(SavedHistory {
        mode: run.plan.verify.clone(),
        attempts: 46_912,
        operations: 187_648,
        bytes: 4_503_552,
        file: Some("history.jsonl.gz".to_owned()),
        covered_until_ns: partial.map(|_| PARTIAL_UNTIL_NS),
        limit_bytes: if partial.is_some() { 4 << 20 } else { 2 << 30 },
        save_s: 0.31,
        check_s: 0.024,
    });
    run
}

/// Nothing contradicts anything, and one ambiguous commit was seen by somebody.
const CLEAN: &str = "T1 s1 [0,1] ok : r(x@0) w(x@1)\nT2 s2 [0,3] info : w(x@2)\nT3 s1 [2,3] ok : r(x@2)";

fn verdict() -> Verdict {
    let mut verdict = Verdict::default();
    verdict.add("total-balance", Status::Holds, "1000000, as before");
    verdict.add("rows", Status::Holds, "1000 accounts, as before");
    verdict.add("no-negative-balance", Status::Holds, "the lowest balance is 12");
    verdict.add("writes", Status::Holds, "sum(version) grew by 57016; 57016 writes acknowledged");
    verdict.add("accounts", Status::Holds, "each one is what its transfers made of it");
    verdict.add("activity", Status::Holds, "28508 commits, overlapping in time");
    verdict
}

/// A contended run on PostgreSQL, as they are every day.
pub(in crate::report) fn contended() -> Run {
    let outcome = |ticket: u64| {
        let attempts = match ticket % 97 {
            0..=60 => 1,
            61..=82 => 2,
            83..=91 => 3,
            92..=94 => 4,
            95 => 7,
            _ => u32::try_from(8 + ticket % 3).unwrap_or(8),
        };
        let outcome = match ticket % 1_000 {
            499 => Outcome::Declined,
            n if n % 10 == 5 && attempts == 10 => Outcome::Exhausted,
            _ => Outcome::Committed,
        };
        (attempts, outcome)
    };
    let mut verdict = verdict();
    verdict.add("skew", Status::Holds, "no customer is below zero; 3598 writes to pairs, as acknowledged");
    with_history(run(&summary(24_000, outcome), &verdict), CLEAN, None, &mut verdict)
}

/// REPEATABLE READ lets write skew pass.
pub(in crate::report) fn skewed() -> Run {
    let pair = |n: u32| {
        let (one, two) = (2 * n + 1, 2 * n + 2);
        format!(
            "T{one} s{one} [{n},9] ok : r(pair{one}@0) r(pair{two}@0) w(pair{one}@1)\n\
             T{two} s{two} [{n},8] ok : r(pair{one}@0) r(pair{two}@0) w(pair{two}@1)\n"
        )
    };
    let mut verdict = verdict();
    let broken = "customer 3 has -100, customer 9 has -200; 3598 writes to pairs, as acknowledged";
    verdict.add("skew", Status::Violated, broken);
    let mut run = run(&summary(24_000, |ticket| (1 + u32::from(ticket % 9 == 4), Outcome::Committed)), &verdict);
    run.server.isolation.asked = "repeatable-read".to_owned();
    run.server.isolation.granted = vec!["repeatable read".to_owned()];
    with_history(run, &(0..5).map(pair).collect::<String>(), None, &mut verdict)
}

/// Only transfers, and the memory for the history was used up before the end.
pub(in crate::report) fn partial() -> Run {
    let mut verdict = verdict();
    let mut run = run(&summary(24_000, |_| (1, Outcome::Committed)), &verdict);
    run.plan.mix = "transfer".to_owned();
    run.shapes.truncate(1);
    let partial = Partial::Stopped { until_ns: PARTIAL_UNTIL_NS, limit_bytes: Some(4 << 20) };
    with_history(run, CLEAN, Some(partial), &mut verdict)
}

/// Writes are missing.
pub(in crate::report) fn violated() -> Run {
    let mut verdict = verdict();
    verdict.checks[3].status = Status::Violated;
    verdict.checks[3].detail = "sum(version) grew by 57012, not 57016: 4 acknowledged writes are missing".to_owned();
    verdict.checks[4].status = Status::Violated;
    verdict.checks[4].detail = "account 17 holds 1042, not 1035 (+7), account 23 holds 901, not 908 (-7), account 401 \
                                was written 55 times, not 56, and 1 more"
        .to_owned();
    let mut run = run(&summary(24_000, |_| (1, Outcome::Committed)), &verdict);
    run.server.local =
        Some("throw-away PostgreSQL 15.18 in /tmp, fsync off: its commits do not wait for a disk".to_owned());
    run
}

/// Nothing happened at all.
pub(in crate::report) fn empty() -> Run {
    let mut verdict = Verdict::default();
    verdict.add("activity", Status::Inconclusive, "no transaction that writes was committed");
    let mut run = run(&Summary::default(), &verdict);
    run.intervals.clear();
    run.phases = Phases::default();
    run.goodput_tps = f64::NAN;
    run.throughput_tps = f64::NAN;
    run.client = Client::default();
    run.end = End { reason: EndReason::Interrupted, detail: None };
    run
}

/// Every transaction gave up, then the server went away.
pub(in crate::report) fn stopped() -> Run {
    let mut verdict = Verdict::default();
    verdict.add("activity", Status::Inconclusive, "no transaction that writes was committed");
    let outcome = |ticket| if ticket % 5 == 0 { (1, Outcome::Failed) } else { (10, Outcome::Exhausted) };
    let mut run = run(&summary(600, outcome), &verdict);
    let detail = "FATAL: terminating connection due to administrator command (57P01)\n\u{1b}[31mHINT: try again later";
    run.end = End { reason: EndReason::Stopped, detail: Some(detail.to_owned()) };
    run
}

/// Another database, which gave less than was asked for.
pub(in crate::report) fn weaker() -> Run {
    let mut run = run(&summary(24_000, |ticket| (1 + u32::from(ticket % 5_000 == 7), Outcome::Committed)), &verdict());
    run.server.product = "YugabyteDB".to_owned();
    run.server.version =
        "11.2-YB-2.20.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 16.0.6, 64-bit".to_owned();
    run.server.address = format!("{}.example.com:5433/bank as contend", "a-rather-long-host-name.".repeat(4));
    run.server.isolation.granted = vec!["read committed".to_owned(), "repeatable read".to_owned()];
    run.server.isolation.weaker = true;
    run.plan.keys = "hotspot:10%/90%".to_owned();
    run.plan.verify = "balance".to_owned();
    run
}

/// An open loop, of which contend itself could not keep the schedule.
pub(in crate::report) fn open() -> Run {
    let mut verdict = verdict();
    let mut run = run(&summary(24_000, |_| (1, Outcome::Committed)), &verdict);
    let mut starts = OpenLoop::default();
    for number in 0..24_400 {
        let lag = (number % 20 > 0).then_some(40 * MICROSECOND + number % 997 * number % 991 * 10 * MICROSECOND);
        let fate = if number % 61 == 0 { Fate::Skipped } else { Fate::Started { lag } };
        starts.add_due(&Due { scheduled: number, measured: true, fate });
    }
    starts.ended = 23_950;
    let rate = Rate::per_second(2_500.0).unwrap();
    let open = Open { rate, arrivals: Arrivals::Poisson, max_queue: Some(1_000) };
    run.open_loop = Some(SavedOpenLoop::of(open, &starts, 10.0));
    run.plan.rate_tps = Some(2_500.0);
    run.plan.arrivals = Some("poisson".to_owned());
    with_history(run, CLEAN, None, &mut verdict)
}

/// No database at all.
pub(in crate::report) fn simulated() -> Run {
    let mut verdict = verdict();
    let mut run = run(&summary(24_000, |ticket| (1 + u32::from(ticket % 9 == 4), Outcome::Committed)), &verdict);
    run.server.product = Server::SIMULATION.to_owned();
    run.server.version = "serializable".to_owned();
    run.server.address = "sim://serializable".to_owned();
    run.plan.threads = 1;
    with_history(run, CLEAN, None, &mut verdict)
}
