//! What do small histories look like that nobody thought of? Random ones, from a seed, with their verdicts.

use super::judge::{self, Verdict};
use super::notation::{self, Op, Outcome, Txn};
use std::collections::{BTreeMap, BTreeSet};

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A history without doubts, its verdict, and how many were thrown away before it.
pub fn history(seed: u64, max_txns: usize) -> (Vec<Txn>, Verdict, usize) {
    let mut random = Random(seed);
    for discarded in 0.. {
        let mut txns = match random.below(20) {
            0..=9 => simulated(&mut random, max_txns),
            10..=15 => arbitrary(&mut random, max_txns),
            _ => ring(&mut random, max_txns),
        };
        mutate(&mut random, &mut txns);
        let txns = notation::parse(&txns.iter().map(|t| notation::line(t) + "\n").collect::<String>())
            .unwrap_or_else(|fault| panic!("seed {seed}: generated a malformed history: {fault}"));
        let verdict = judge::judge(txns.clone());
        if let Some(broken) = &verdict.broken {
            let lines: Vec<String> = txns.iter().map(notation::line).collect();
            panic!("seed {seed}: {broken}\n{}", lines.join("\n"));
        }
        if verdict.doubts.is_empty() {
            return (txns, verdict, discarded);
        }
    }
    unreachable!()
}

/// Isolation of the simulated store.
#[derive(Clone, Copy, PartialEq)]
enum Store {
    Serial,
    Snapshot,
    Committed,
}

/// What a transaction will do; versions come when it runs.
enum Step {
    Read(String),
    Write(String),
    ReadSet,
    Add(String),
}

struct Running {
    steps: Vec<Step>,
    at: usize,
    start: i64,
    /// Committed keys and members as of the start.
    snapshot: (BTreeMap<String, u64>, BTreeSet<String>),
    ops: Vec<Op>,
    /// Ops whose version is only known at commit, by key: index in `ops` and how many own writes came before.
    own: Vec<(usize, String, u64)>,
    writes: BTreeMap<String, u64>,
    adds: BTreeSet<String>,
}

/// Runs random programs on a store that is serial, snapshot-isolated or read-committed.
fn simulated(random: &mut Random, max_txns: usize) -> Vec<Txn> {
    let store = [Store::Serial, Store::Snapshot, Store::Snapshot, Store::Committed][random.below(4)];
    let count = 2 + random.below(max_txns - 1);
    let keys = 1 + random.below(3);
    let with_set = random.chance(40);
    let mut keyspace: BTreeMap<String, u64> = BTreeMap::new();
    let mut members: BTreeSet<String> = BTreeSet::new();
    if random.chance(50) {
        members.insert("i".into());
    }
    let mut clock = -(random.below(4) as i64);
    let mut waiting: Vec<Vec<Step>> = (0..count).map(|n| program(random, keys, with_set, n)).collect();
    let mut running: Vec<Running> = Vec::new();
    let mut done: Vec<(Vec<Op>, i64, i64, Outcome)> = Vec::new();
    while !waiting.is_empty() || !running.is_empty() {
        clock += 1 - i64::from(random.chance(15));
        let may_start = !waiting.is_empty() && (running.is_empty() || (store != Store::Serial && running.len() < 3));
        if may_start && (running.is_empty() || random.chance(40)) {
            running.push(Running {
                steps: waiting.pop().unwrap_or_default(),
                at: 0,
                start: clock,
                snapshot: (keyspace.clone(), members.clone()),
                ops: vec![],
                own: vec![],
                writes: BTreeMap::new(),
                adds: BTreeSet::new(),
            });
            continue;
        }
        let index = random.below(running.len());
        let txn = &mut running[index];
        if txn.at < txn.steps.len() {
            let view =
                if store == Store::Snapshot { txn.snapshot.clone() } else { (keyspace.clone(), members.clone()) };
            step(txn, &view);
            continue;
        }
        let mut txn = running.swap_remove(index);
        let conflict = store == Store::Snapshot && txn.writes.keys().any(|k| keyspace.get(k) != txn.snapshot.0.get(k));
        let aborts = conflict || random.chance(8);
        for (at, key, nth) in &txn.own {
            let version = keyspace.get(key).unwrap_or(&0) + nth;
            match &mut txn.ops[*at] {
                Op::Read(_, v) | Op::Write(_, v) => *v = version,
                _ => {}
            }
        }
        if !aborts {
            for (key, writes) in &txn.writes {
                *keyspace.entry(key.clone()).or_insert(0) += writes;
            }
            members.extend(txn.adds.iter().cloned());
        }
        done.push((txn.ops, txn.start, clock, if aborts { Outcome::Abort } else { Outcome::Ok }));
    }
    let slack = random.below(3) as i64;
    finish(random, done, slack)
}

fn program(random: &mut Random, keys: usize, with_set: bool, number: usize) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for _ in 0..=random.below(4) {
        let key = ["x", "y", "z"][random.below(keys)].to_string();
        let step = match random.below(if with_set { 10 } else { 7 }) {
            0..=3 => Step::Read(key),
            4..=6 => Step::Write(key),
            7 | 8 => Step::ReadSet,
            _ => Step::Add(format!("m{number}")),
        };
        let again = matches!(&step, Step::Add(_)) && steps.iter().any(|s| matches!(s, Step::Add(_)));
        if !again {
            steps.push(step);
        }
    }
    steps
}

fn step(txn: &mut Running, view: &(BTreeMap<String, u64>, BTreeSet<String>)) {
    let op = match &txn.steps[txn.at] {
        Step::Read(key) => {
            if let Some(writes) = txn.writes.get(key) {
                txn.own.push((txn.ops.len(), key.clone(), *writes));
            }
            Op::Read(key.clone(), *view.0.get(key).unwrap_or(&0))
        }
        Step::Write(key) => {
            let writes = txn.writes.entry(key.clone()).or_insert(0);
            *writes += 1;
            txn.own.push((txn.ops.len(), key.clone(), *writes));
            Op::Write(key.clone(), 0)
        }
        Step::ReadSet => Op::ReadSet("P".into(), view.1.union(&txn.adds).cloned().collect()),
        Step::Add(member) => {
            txn.adds.insert(member.clone());
            Op::Add("P".into(), member.clone())
        }
    };
    txn.ops.push(op);
    txn.at += 1;
}

/// Versions and reads drawn at random: mostly anomalous.
fn arbitrary(random: &mut Random, max_txns: usize) -> Vec<Txn> {
    let count = 2 + random.below(max_txns - 1);
    let keys = 1 + random.below(3);
    let with_set = random.chance(40);
    let programs: Vec<Vec<Step>> = (0..count).map(|n| program(random, keys, with_set, n)).collect();
    let mut next: BTreeMap<String, u64> = BTreeMap::new();
    let mut versions: BTreeMap<(usize, String), Vec<u64>> = BTreeMap::new();
    let mut order: Vec<usize> = (0..count).collect();
    for key in ["x", "y", "z"] {
        for i in (1..count).rev() {
            order.swap(i, random.below(i + 1));
        }
        for txn in &order {
            for _ in programs[*txn].iter().filter(|s| matches!(s, Step::Write(k) if k == key)) {
                let highest = next.entry(key.into()).or_insert(0);
                *highest += 1 + u64::from(random.chance(10));
                versions.entry((*txn, key.into())).or_default().push(*highest);
            }
        }
    }
    let adders: Vec<String> =
        programs.iter().flatten().filter_map(|s| if let Step::Add(m) = s { Some(m.clone()) } else { None }).collect();
    let mut done = Vec::new();
    for (n, program) in programs.iter().enumerate() {
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        let mut added: BTreeSet<String> = BTreeSet::new();
        let ops = program
            .iter()
            .map(|step| match step {
                Step::Write(key) => {
                    let nth = used.entry(key).or_insert(0);
                    *nth += 1;
                    Op::Write(key.clone(), versions[&(n, key.clone())][*nth - 1])
                }
                Step::Read(key) => {
                    let own = used.get(key.as_str()).map(|nth| versions[&(n, key.clone())][*nth - 1]);
                    let any = random.below(*next.get(key).unwrap_or(&0) as usize + 1) as u64;
                    Op::Read(key.clone(), own.filter(|_| random.chance(95)).unwrap_or(any))
                }
                Step::ReadSet => {
                    let mut seen: BTreeSet<String> = adders.iter().filter(|_| random.chance(50)).cloned().collect();
                    seen.retain(|m| *m != format!("m{n}"));
                    seen.extend(added.iter().cloned());
                    Op::ReadSet("P".into(), seen)
                }
                Step::Add(member) => {
                    added.insert(member.clone());
                    Op::Add("P".into(), member.clone())
                }
            })
            .collect();
        let start = random.below(20) as i64 - 5;
        done.push((ops, start, start + random.below(12) as i64, Outcome::Ok));
    }
    finish(random, done, 0)
}

/// A ring of dependencies, each on a key or set of its own; sometimes with one step left out.
fn ring(random: &mut Random, max_txns: usize) -> Vec<Txn> {
    let count = 2 + random.below(max_txns - 1);
    let mut txns: Vec<Txn> = (0..count)
        .map(|n| Txn {
            id: format!("T{}", n + 1),
            session: format!("s{}", n + 1),
            start: random.below(5) as i64,
            end: 20 + random.below(5) as i64,
            outcome: if random.chance(6) { Outcome::Info } else { Outcome::Ok },
            ops: vec![],
        })
        .collect();
    let ordered = if random.chance(40) { random.below(count) } else { count };
    let skipped = if random.chance(30) { random.below(count) } else { count };
    let reads_first = random.chance(50);
    for from in 0..count {
        let to = (from + 1) % count;
        if from == skipped {
            continue;
        }
        if from == ordered {
            (txns[from].start, txns[to].start) = (0, 11);
            if random.chance(50) {
                let session = txns[from].session.clone();
                txns[to].session = session;
            } else {
                txns[from].end = 10 + i64::from(random.chance(20));
            }
            continue;
        }
        let (key, set, none) = (format!("k{from}"), format!("P{from}"), BTreeSet::new());
        let (first, second) = match random.below(8) {
            0 => (Op::Write(key.clone(), 1), Op::Write(key, 2)),
            1 | 2 => (Op::Write(key.clone(), 1), Op::Read(key, 1)),
            3 => (Op::Add(set.clone(), "m".into()), Op::ReadSet(set, ["m".to_string()].into())),
            4 => (Op::ReadSet(set.clone(), none), Op::Add(set, "m".into())),
            _ => (Op::Read(key.clone(), 0), Op::Write(key, 1)),
        };
        txns[from].ops.push(first);
        txns[to].ops.push(second);
    }
    for txn in &mut txns {
        if txn.ops.is_empty() {
            txn.ops.push(Op::Read("unused".into(), 0));
        }
        if reads_first {
            txn.ops.sort_by_key(|op| matches!(op, Op::Write(..) | Op::Add(..)));
        }
    }
    for i in (1..count).rev() {
        txns.swap(i, random.below(i + 1));
    }
    txns
}

/// Gives ids and sessions, widens the times, makes some outcomes ambiguous.
fn finish(random: &mut Random, done: Vec<(Vec<Op>, i64, i64, Outcome)>, slack: i64) -> Vec<Txn> {
    let sessions = 1 + random.below(4);
    done.into_iter()
        .enumerate()
        .map(|(n, (ops, start, end, outcome))| Txn {
            id: format!("T{}", n + 1),
            session: format!("s{}", 1 + random.below(sessions)),
            start: start - slack,
            end: end + slack,
            outcome: if random.chance(12) { Outcome::Info } else { outcome },
            ops,
        })
        .collect()
}

/// Breaks something, sometimes: a version read, an outcome, a time, a version written.
fn mutate(random: &mut Random, txns: &mut [Txn]) {
    if random.chance(55) {
        return;
    }
    let txn = random.below(txns.len());
    match random.below(5) {
        0 => txns[txn].outcome = [Outcome::Abort, Outcome::Ok, Outcome::Info][random.below(3)],
        1 => {
            let later = random.below(15) as i64;
            txns[txn].start += later;
            txns[txn].end += later;
        }
        kind => {
            let at = random.below(txns[txn].ops.len());
            let up = random.chance(40);
            let change = |v: u64| if up { v + 1 } else { v.saturating_sub(1) };
            match &mut txns[txn].ops[at] {
                Op::Read(_, v) => *v = change(*v),
                Op::Write(_, v) if kind == 2 => *v = change(*v).max(1),
                Op::ReadSet(_, members) => {
                    let first = members.iter().next().cloned();
                    first.map(|m| members.remove(&m));
                }
                _ => {}
            }
        }
    }
}
