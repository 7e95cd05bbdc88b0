//! What does a stall look like in an open loop, in a closed one, and to who measures from the real start? In virtual time,
//! where every number is known before.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contend::db::sim::{SimServer, VirtualTime};
use contend::history::{Due, Event, Fate, Nanos, Transaction};
use contend::load::{Launch, Load};
use contend::measure::Recorder;
use contend::plan::{Arrivals, Open, Pace, Plan, Rate, Steps, Stop};

use super::experiment::Experiment;
use super::support::Contend;

const SECOND: Nanos = 1_000_000_000;
const MILLISECOND: Nanos = 1_000_000;

/// BEGIN, two reads, COMMIT, of which each takes a round trip and nothing else.
const STATEMENTS: u64 = 4;
const RTT: Nanos = 500_000;
const SERVICE: Nanos = STATEMENTS * RTT;
const ADDRESS: &str = "sim://serializable?rtt=500us&service=0s&commit=0s";
/// The same, and nothing moves from 4 s to 5 s.
const STALLED: &str = "sim://serializable?rtt=500us&service=0s&commit=0s&stall=4s..5s";
const STALL: [Nanos; 2] = [4 * SECOND, 5 * SECOND];

/// What an observer was told.
#[derive(Debug, Default)]
struct Told {
    transactions: Vec<Transaction>,
    due: Vec<Due>,
    waiting: Vec<u32>,
}

/// A load of transactions that do not conflict, for ten seconds.
fn plan(address: &str, workers: u32, pace: Pace) -> Experiment {
    let mut experiment = Experiment::of(address, 1);
    let plan = &mut experiment.plan;
    plan.mix = "audit".parse().unwrap();
    plan.bank.accounts = 2;
    (plan.load.workers, plan.load.connections) = (workers, workers);
    plan.load.stop = Stop::After(Duration::from_secs(10));
    plan.load.pace = pace;
    experiment
}

fn open(per_second: f64, arrivals: Arrivals, max_queue: Option<u64>) -> Pace {
    Pace::Open(Open { rate: Rate::per_second(per_second).unwrap(), arrivals, max_queue })
}

fn uniform(per_second: f64, max_queue: Option<u64>) -> Pace {
    open(per_second, Arrivals::Uniform, max_queue)
}

fn run(experiment: &Experiment) -> Told {
    let Experiment { simulation, plan } = experiment;
    let told = Arc::new(Mutex::new(Told::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let time = VirtualTime::default();
    let server = SimServer::new(simulation, plan, time.clone());
    runtime.block_on(load(server, time, plan, &told));
    std::mem::take(&mut *told.lock().unwrap())
}

async fn load(server: SimServer, time: VirtualTime, plan: &Plan, told: &Arc<Mutex<Told>>) {
    let told = Arc::clone(told);
    let observer = move |event: Event<'_>| {
        let mut told = told.lock().unwrap();
        match event {
            Event::Transaction(transaction) => told.transactions.push(*transaction),
            Event::Due(due) => told.due.push(due),
            Event::Tick { in_flight, .. } => told.waiting.push(in_flight),
            Event::Attempt(_) => {}
        }
    };
    let connect = async move |connections| Ok(server.database(connections));
    let launch = Launch { epoch: 1, connect, observers: vec![observer], simulated: Some(time) };
    let mut load = Load::connect(plan, launch).await.unwrap();
    load.start();
    load.ended().await;
    let outcome = load.finish();
    assert_eq!(outcome.measured, Duration::from_secs(10), "the measured time is what was asked for");
}

/// How long a transaction takes that begins at a time: each statement that comes to the server while it stands still is
/// answered when it goes on.
fn service(begin: Nanos, stall: [Nanos; 2]) -> Nanos {
    let mut now = begin;
    for _ in 0..STATEMENTS {
        let arrives = now + RTT / 2;
        let answered = if (stall[0]..stall[1]).contains(&arrives) { stall[1] } else { arrives };
        now = answered + RTT / 2;
    }
    now - begin
}

/// Scheduled start, real start and end of a transaction.
type Times = (Nanos, Nanos, Nanos);

/// The queue in front of the workers, worked through by hand: what is run, and what is skipped.
fn by_hand(due: &[Nanos], workers: usize, max_queue: usize, stall: [Nanos; 2]) -> (Vec<Times>, Vec<Nanos>) {
    let mut free: BinaryHeap<Reverse<Nanos>> = (0..workers).map(|_| Reverse(0)).collect();
    let (mut queue, mut done, mut skipped) = (VecDeque::new(), Vec::new(), Vec::new());
    let mut begin = |due: Nanos, start: Nanos, free: &mut BinaryHeap<Reverse<Nanos>>| {
        let end = start + service(start, stall);
        free.push(Reverse(end));
        done.push((due, start, end));
    };
    // At the end everything that waits is run.
    for now in due.iter().copied().chain([Nanos::MAX - 1]) {
        while !queue.is_empty()
            && let Some(worker) = free_by(now, &mut free)
        {
            begin(queue.pop_front().unwrap(), worker, &mut free);
        }
        match (now < Nanos::MAX - 1).then(|| free_by(now, &mut free)) {
            None => {}
            Some(Some(_)) => begin(now, now, &mut free),
            Some(None) if queue.len() < max_queue => queue.push_back(now),
            Some(None) => skipped.push(now),
        }
    }
    done.sort_unstable();
    (done, skipped)
}

/// Since when a worker is free, if one is.
fn free_by(now: Nanos, free: &mut BinaryHeap<Reverse<Nanos>>) -> Option<Nanos> {
    let is_free = free.peek().is_some_and(|first| first.0 <= now);
    if is_free { free.pop().map(|first| first.0) } else { None }
}

/// What happened, in the order of the schedule.
fn happened(told: &Told) -> Vec<Times> {
    let times = |transaction: &Transaction| (transaction.scheduled, transaction.start, transaction.end);
    let mut happened: Vec<_> = told.transactions.iter().map(times).collect();
    happened.sort_unstable();
    happened
}

fn sorted(times: impl Iterator<Item = Nanos>) -> Vec<Nanos> {
    let mut times: Vec<Nanos> = times.collect();
    times.sort_unstable();
    times
}

fn quantile(sorted: &[Nanos], share: f64) -> Nanos {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small index")]
    let index = (share * sorted.len() as f64).ceil() as usize - 1;
    sorted[index]
}

#[test]
fn with_a_worker_for_each_one_a_stall_shows_as_long_as_it_lasts_for_those_in_it() {
    let told = run(&plan(STALLED, 200, uniform(100.0, None)));
    // One is due every 10 ms, and none waits for a worker.
    let due = (0..1000).map(|number| number * 10 * MILLISECOND);
    let by_hand: Vec<_> = due.clone().map(|due| (due, due, due + service(due, STALL))).collect();
    assert_eq!(happened(&told), by_hand);
    assert!(told.due.iter().all(|due| due.fate == Fate::Started { lag: Some(0) }), "the pacing is exact");

    // Those that are due in the second wait for the rest of it, so that one in a hundred waits 0.9 s and more.
    let response = sorted(told.transactions.iter().map(|transaction| transaction.end - transaction.scheduled));
    assert_eq!(quantile(&response, 0.5), SERVICE);
    assert_eq!(quantile(&response, 0.90), SERVICE);
    let waits = |rank: u64| SECOND - RTT / 2 - (1000 - rank) * 10 * MILLISECOND + SERVICE;
    for rank in [950_u32, 990, 999] {
        assert_eq!(quantile(&response, f64::from(rank) / 1000.0), waits(rank.into()));
    }
    assert_eq!(response[999], SECOND - RTT / 2 + SERVICE);
}

#[test]
fn with_few_workers_the_queue_shows_the_stall_in_full_and_the_real_starts_do_not() {
    for (arrivals, rate) in [(Arrivals::Uniform, 1000.0), (Arrivals::Poisson, 1000.0), (Arrivals::Uniform, 1900.0)] {
        let told = run(&plan(STALLED, 4, open(rate, arrivals, None)));
        let due = sorted(told.due.iter().map(|due| due.scheduled));
        assert!(happened(&told) == by_hand(&due, 4, usize::MAX, STALL).0, "{rate} {arrivals}");
        let of = |from: fn(&Transaction) -> Nanos| sorted(told.transactions.iter().map(|done| done.end - from(done)));
        let (response, naive) = (of(|done| done.scheduled), of(|done| done.start));
        // Four workers carry 2000 a second. What came in the second in which nothing moved is worked off beside what
        // comes: a second at half the load takes one more.
        assert!(quantile(&response, 0.99) > 800 * MILLISECOND, "{}", quantile(&response, 0.99));
        assert_eq!(naive.iter().filter(|time| **time > SERVICE).count(), 4, "one for each worker");
        assert_eq!(quantile(&naive, 0.99), SERVICE, "measured from the real start nothing has happened");
    }
}

#[test]
fn a_closed_loop_shows_the_stall_once_for_each_worker() {
    let told = run(&plan(STALLED, 16, Pace::Closed));
    let response = sorted(told.transactions.iter().map(|done| done.end - done.scheduled));
    assert_eq!(response.iter().filter(|time| **time > SERVICE).count(), 16);
    assert!(response.iter().filter(|time| **time == SERVICE).count() > 70_000);
    assert_eq!(quantile(&response, 0.99), SERVICE);
    assert!(told.due.is_empty());
}

#[test]
fn what_finds_the_queue_full_is_skipped_and_counted() {
    let told = run(&plan(STALLED, 4, uniform(1000.0, Some(100))));
    let skipped = told.due.iter().filter(|due| due.fate == Fate::Skipped).map(|due| due.scheduled);
    let (skipped, due) = (sorted(skipped), sorted(told.due.iter().map(|due| due.scheduled)));
    let (done, full) = by_hand(&due, 4, 100, STALL);
    assert_eq!(due, (0..10_000).map(|number| number * MILLISECOND).collect::<Vec<_>>());
    assert!(happened(&told) == done && skipped == full, "{skipped:?}");
    assert_eq!(told.transactions.len() + skipped.len(), told.due.len(), "offered = started + skipped");
    // Those of 3.999 s to 4.002 s are being run while nothing moves, the next hundred wait, and the first one is done a
    // moment after 5 s.
    assert_eq!([skipped[0], skipped[897]], [4_103 * MILLISECOND, 5 * SECOND]);
    assert_eq!(skipped.len(), 898);
}

#[test]
fn what_is_still_waiting_at_the_end_is_run_in_the_drain_and_what_is_not_done_then_is_skipped() {
    // A rate of twice of what one worker carries: half of it waits when the time is over, for 10 s of work.
    let mut experiment = plan(ADDRESS, 1, uniform(1000.0, None));
    experiment.plan.load.drain_timeout = Duration::from_secs(4);
    let told = run(&experiment);
    assert_eq!((told.due.len(), told.transactions.len()), (10_000, 7_000));
    let skipped = told.due.iter().filter(|due| due.fate == Fate::Skipped);
    assert_eq!(sorted(skipped.map(|due| due.scheduled / MILLISECOND)), (7_000..10_000).collect::<Vec<_>>());
    assert_eq!(told.transactions.iter().filter(|done| done.in_window).count(), 4_999, "rates are of what ended in it");
    assert_eq!(told.waiting[..3], [501, 1001, 1501], "those that wait are in flight, beside the one that is run");
    experiment.plan.load.drain_timeout = Duration::from_secs(11);
    assert_eq!(run(&experiment).transactions.len(), 10_000);
}

#[test]
fn steps_of_the_rate_are_exact_and_begin_after_the_warm_up() {
    let mut experiment = plan(ADDRESS, 64, uniform(1.0, None));
    let load = &mut experiment.plan.load;
    load.steps = Some(Steps { levels: "100..400/s x4".parse().unwrap(), each: Duration::from_secs(2) });
    load.warmup = Duration::from_secs(1);
    let told = run(&experiment);
    let starts = |from: u64, to: u64| {
        told.due.iter().filter(|due| (from * SECOND..to * SECOND).contains(&due.scheduled)).count()
    };
    assert_eq!(
        [(0, 1), (1, 3), (3, 5), (5, 7), (7, 9), (9, 11)].map(|(from, to)| starts(from, to)),
        [100, 200, 400, 600, 800, 200]
    );
    assert_eq!(told.due.iter().filter(|due| due.measured).count(), 2_200);
    assert!(told.transactions.iter().all(|done| done.measured == (done.scheduled >= SECOND)));
}

#[test]
fn a_recorder_adds_up_what_the_observer_was_told() {
    let mut experiment = plan(STALLED, 4, uniform(1000.0, Some(100)));
    experiment.plan.load.ramp = Duration::from_secs(2);
    let told = run(&experiment);
    let mut recorder = Recorder::new(4);
    told.due.iter().for_each(|due| recorder.add_due(due));
    told.transactions.iter().for_each(|done| recorder.add_transaction(done));
    let summary = recorder.finish();
    let open_loop = summary.open_loop.unwrap();
    // The rate has risen over two seconds, half of the stall is before the measured time's fifth second.
    assert_eq!((told.due.len(), open_loop.offered()), (11_000, 10_000));
    assert_eq!(open_loop.started, summary.counts.transactions());
    assert!(open_loop.skipped > 800 && open_loop.waited() > 100, "{} {}", open_loop.skipped, open_loop.waited());
    assert_eq!(open_loop.lag.max(), 0);
}

#[test]
fn the_report_shows_the_schedule() {
    let flags =
        "--rate 500/s --arrivals uniform --max-queue 5 --workers 2 --duration 4s --mix audit --accounts 2 --no-save";
    let address = "sim://serializable?rtt=500us&service=0s&commit=0s&stall=2s..3s";
    // Inconclusive, since nothing was written.
    let ended = Contend::run().on(address).flags(flags).finish().expect(3);
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 80), "{}", ended.stdout);
    for line in [
        "Schedule 500/s, uniform arrivals, at most 5 waiting for a worker",
        "offered 2,000 100.0 % 500/s due",
        "pacing error p50 0 µs, p99 0 µs, max 0 µs",
    ] {
        assert!(ended.report().contains(line), "{}", ended.stdout);
    }
}

#[test]
fn the_saved_flags_make_the_same_run_again() {
    let flags =
        "--rate 300.5/s --max-queue 7 --workers 3 --ramp 1s --transactions 200 --seed 3 --mix transfer --accounts 9";
    let run = |flags: &str| Contend::run().on("sim://serializable").flags(flags).finish().expect(0).saved();
    let once = run(flags);
    let again = run(&once.plan.flags.join(" "));
    assert_eq!((&again.open_loop, &again.counts, &again.plan), (&once.open_loop, &once.counts, &once.plan));
    let open_loop = once.open_loop.unwrap();
    assert_eq!((open_loop.offered, open_loop.max_queue), (200, Some(7)));
    assert!((open_loop.rate_tps - 300.5).abs() < f64::EPSILON && open_loop.arrivals == "poisson");
}
