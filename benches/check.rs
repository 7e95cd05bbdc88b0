//! What does checking cost? Ten million transactions of two reads and two writes, with exact real-time order, once clean
//! and once with 50 injected read skews. One line each: `check txns=... cpu_s=... peak_mib=... anomalies=...`.
//!
//! The history is what a strictly serializable database with 16 workers would leave behind: each transaction takes effect
//! at one instant between its start and its end. Making it is not counted in the CPU time; its memory is in the peak.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::collections::binary_heap::{BinaryHeap, PeekMut};

use contend::check::history::{Builder, Header, History, Names, Outcome};
use contend::check::isolation::check;

const WORKERS: u32 = 16;
const KEYS: u32 = 10_000;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let transactions: u32 = arguments.next().and_then(|count| count.parse().ok()).unwrap_or(10_000_000);
    for skews in [0, 50] {
        let history = Simulation::new().run(transactions, skews);
        let before = cpu_seconds();
        let judgement = check(&history);
        let cpu = cpu_seconds() - before;
        let anomalies: u64 = judgement.counts.values().sum();
        println!("check txns={transactions} cpu_s={cpu:.2} peak_mib={} anomalies={anomalies}", peak_mib());
        for (name, count) in &judgement.counts {
            eprintln!("  {count} x {name}");
        }
        assert_eq!(anomalies, u64::from(skews));
    }
    read_committed(transactions / 10);
}

/// A load whose transactions nearly all depend on each other: reads and writes take effect at different instants, as at
/// READ COMMITTED.
fn read_committed(transactions: u32) {
    let history = Simulation::new().run_read_committed(transactions);
    let before = cpu_seconds();
    let judgement = check(&history);
    let cpu = cpu_seconds() - before;
    let (largest, peak) = (judgement.largest, peak_mib());
    println!("check read-committed txns={transactions} component={largest} cpu_s={cpu:.2} peak_mib={peak}");
    judgement.counts.iter().for_each(|(name, count)| eprintln!("  {count} x {name}"));
    assert!(largest > transactions as usize / 2);
}

/// What one transaction did.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Done {
    start: i64,
    end: i64,
    worker: u32,
    fingerprint: u32,
    reads: [(u32, u32, u32); 2],
    writes: [(u32, u32); 2],
}

struct Simulation {
    random: u64,
    versions: Vec<u32>,
    writers: Vec<u32>,
    /// By instant of taking effect: worker, start, end.
    running: BinaryHeap<Reverse<(i64, u32, i64, i64)>>,
}

impl Simulation {
    fn new() -> Self {
        let keys = KEYS as usize;
        let mut made = Self { random: 42, versions: vec![0; keys], writers: vec![0; keys], running: BinaryHeap::new() };
        for worker in 0..WORKERS {
            made.start(worker, i64::from(worker));
        }
        made
    }

    /// xorshift64 (Marsaglia 2003).
    fn below(&mut self, bound: u32) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        u32::try_from((self.random >> 16) % u64::from(bound)).unwrap_or_default()
    }

    fn start(&mut self, worker: u32, after: i64) {
        let start = after + 1 + i64::from(self.below(20_000));
        let effect = start + 1 + i64::from(self.below(200_000));
        let end = effect + 1 + i64::from(self.below(100_000));
        self.running.push(Reverse((effect, worker, start, end)));
    }

    fn run(mut self, transactions: u32, skews: u32) -> History {
        let count = transactions as usize;
        let mut builder = Builder::with_capacity(count, 4 * count).signed();
        // Transactions take effect out of the order of their starts: they wait here until no earlier one is running.
        let mut waiting: BinaryHeap<Reverse<(i64, i64, u32)>> = BinaryHeap::new();
        let mut done: VecDeque<Option<Done>> = VecDeque::new();
        let (mut first, mut skewed) = (0, None);
        let apart = transactions / (skews + 1).max(1);
        for number in 0..transactions {
            let Some(Reverse((_, worker, start, end))) = self.running.pop() else { break };
            let inject = skews > 0 && number % apart == apart - 1 && number / apart < skews;
            let transaction = match skewed.take() {
                Some(victim) => self.skewed(worker, start, end, number + 1, victim),
                None => self.honest(worker, start, end, number + 1),
            };
            if inject {
                skewed = Some(transaction.writes);
            }
            waiting.push(Reverse((start, end, number)));
            done.push_back(Some(transaction));
            self.start(worker, end);
            let earliest = self.running.iter().map(|running| running.0.2).min().unwrap_or(i64::MAX);
            while let Some(Reverse((_, _, ready))) = waiting.peek().copied().filter(|next| next.0.0 < earliest) {
                waiting.pop();
                if let Some(transaction) = done[(ready - first) as usize].take() {
                    put(&mut builder, &transaction);
                }
                while done.front().is_some_and(Option::is_none) {
                    done.pop_front();
                    first += 1;
                }
            }
        }
        while let Some(Reverse((_, _, ready))) = waiting.pop() {
            if let Some(transaction) = done[(ready - first) as usize].take() {
                put(&mut builder, &transaction);
            }
        }
        builder.gapless();
        builder.finish(Names::default()).expect("the simulation makes a well-formed history")
    }

    /// Each transaction reads two of ten accounts, and changes both a little later; 256 workers.
    fn run_read_committed(mut self, transactions: u32) -> History {
        let mut builder = Builder::new();
        let mut reading: BinaryHeap<Reverse<(i64, u32, Done)>> = BinaryHeap::new();
        let mut fingerprint = 0;
        (WORKERS..16 * WORKERS).for_each(|worker| self.start(worker, i64::from(worker)));
        while fingerprint < transactions || !reading.is_empty() {
            let now = self.running.peek().map_or(i64::MAX, |next| next.0.0);
            if let Some(Reverse((_, worker, mut done))) =
                reading.peek_mut().filter(|next| next.0.0 <= now).map(PeekMut::pop)
            {
                let keys = done.reads.map(|read| read.0);
                done.writes = keys.map(|key| self.written(key, done.fingerprint));
                put(&mut builder, &done);
                self.start(worker, done.end);
                continue;
            }
            let Some(Reverse((effect, worker, start, end))) = self.running.pop() else { break };
            if fingerprint == transactions {
                continue;
            }
            fingerprint += 1;
            let one = self.below(9);
            let reads = [self.seen(one), self.seen(one + 1)];
            let done = Done { start, end, worker, fingerprint, reads, writes: [(0, 0); 2] };
            reading.push(Reverse((i64::midpoint(effect, end), worker, done)));
        }
        builder.finish(Names::default()).expect("the simulation makes a well-formed history")
    }

    fn seen(&self, key: u32) -> (u32, u32, u32) {
        (key, self.versions[key as usize], self.writers[key as usize])
    }

    fn written(&mut self, key: u32, fingerprint: u32) -> (u32, u32) {
        self.versions[key as usize] += 1;
        self.writers[key as usize] = fingerprint;
        (key, self.versions[key as usize])
    }

    /// Two of three are transfers; the others read one account and write to another one.
    fn honest(&mut self, worker: u32, start: i64, end: i64, fingerprint: u32) -> Done {
        let one = self.below(KEYS - 2);
        let other = one + 1;
        let third = if self.below(3) == 0 { one + 2 } else { other };
        let reads = [self.seen(one), self.seen(other)];
        let writes = [self.written(one, fingerprint), self.written(third, fingerprint)];
        Done { start, end, worker, fingerprint, reads, writes }
    }

    /// Sees one of the two writes of the transaction just before it, and the other row as it was.
    fn skewed(&mut self, worker: u32, start: i64, end: i64, fingerprint: u32, victim: [(u32, u32); 2]) -> Done {
        let (old, new) = (victim[0], victim[1]);
        let one = (old.0 + KEYS / 2) % (KEYS - 2);
        let reads = [(old.0, old.1 - 1, 0), self.seen(new.0)];
        let writes = [self.written(one, fingerprint), self.written(one + 1, fingerprint)];
        Done { start, end, worker, fingerprint, reads, writes }
    }
}

fn put(builder: &mut Builder, done: &Done) {
    let &Done { start, end, worker, fingerprint, reads, writes } = done;
    builder.begin(Header { fingerprint, request: Some(fingerprint), ..Header::new(worker, start, end, Outcome::Ok) });
    for (key, version, writer) in reads {
        builder.read(key, version, writer);
    }
    for (key, version) in writes {
        builder.write(key, version);
    }
}

/// CPU time of this thread: the first number of `/proc/thread-self/schedstat` is nanoseconds (Linux, sched-stats).
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: u64 = text.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or_default();
    nanoseconds as f64 / 1e9
}

/// The largest resident memory of this process so far.
fn peak_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() / 1024
}
