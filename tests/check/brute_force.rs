//! Does the checker say what the definitions say? Random small histories, all simple cycles, all serial orders.
//!
//! Written from the definitions alone, slow, and without a line in common with the checker. Sessions and times are drawn
//! at random, versions are unique among committed transactions.

use std::collections::{BTreeSet, HashMap};

use super::definitions::{Edge, classify, direct_levels, rank};
use contend::check::history::notation;
use contend::check::isolation::{Judgement, Level, Verdict, check};
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Op {
    Read(usize, u32),
    Write(usize, u32),
    ReadSet(BTreeSet<u32>),
    Add(u32),
}

#[derive(Clone, Debug)]
struct Txn {
    session: usize,
    start: i64,
    end: i64,
    committed: bool,
    ops: Vec<Op>,
}

fn text(txns: &[Txn]) -> String {
    let mut lines = String::new();
    for (number, txn) in txns.iter().enumerate() {
        let outcome = if txn.committed { "ok" } else { "abort" };
        let mut line = vec![format!("T{number} s{} [{},{}] {outcome} :", txn.session, txn.start, txn.end)];
        for op in &txn.ops {
            line.push(match op {
                Op::Read(key, version) => format!("r(k{key}@{version})"),
                Op::Write(key, version) => format!("w(k{key}@{version})"),
                Op::Add(member) => format!("add(P,m{member})"),
                Op::ReadSet(members) => {
                    let members: Vec<String> = members.iter().map(|member| format!("m{member}")).collect();
                    format!("rs(P,{{{}}})", members.join(","))
                }
            });
        }
        lines.push_str(&line.join(" "));
        lines.push('\n');
    }
    lines
}

struct Brute<'a> {
    txns: &'a [Txn],
    committed: Vec<usize>,
}

impl<'a> Brute<'a> {
    fn new(txns: &'a [Txn]) -> Self {
        Self { txns, committed: (0..txns.len()).filter(|txn| txns[*txn].committed).collect() }
    }

    /// Versions of a key that a transaction leaves behind (its last), or all that it makes.
    fn writer(&self, key: usize, version: u32) -> Option<usize> {
        self.committed.iter().copied().find(|txn| self.txns[*txn].ops.contains(&Op::Write(key, version)))
    }

    fn is_last(&self, txn: usize, key: usize, version: u32) -> bool {
        !self.txns[txn].ops.iter().any(|op| matches!(op, Op::Write(k, v) if *k == key && *v > version))
    }

    fn next(&self, key: usize, version: u32) -> Option<usize> {
        (version + 1..60).find_map(|later| self.writer(key, later))
    }

    fn adders(&self, member: u32) -> Vec<usize> {
        (0..self.txns.len()).filter(|txn| self.txns[*txn].ops.contains(&Op::Add(member))).collect()
    }

    fn edges(&self) -> BTreeSet<(usize, usize, Edge)> {
        let mut edges = BTreeSet::new();
        for txn in self.committed.iter().copied() {
            let ops = &self.txns[txn].ops;
            for (at, op) in ops.iter().enumerate() {
                match op {
                    Op::Write(key, version) => edges.extend(self.next(*key, *version).map(|to| (txn, to, Edge::Ww))),
                    Op::Read(key, version) => {
                        let writer = self.writer(*key, *version);
                        let final_or_initial = writer
                            .map_or(*version == 0, |writer| self.is_last(writer, *key, *version) || writer == txn);
                        let external = !ops[..at].iter().any(|op| matches!(op, Op::Write(k, _) if k == key));
                        if final_or_initial && external {
                            edges.extend(writer.map(|from| (from, txn, Edge::Wr)));
                            edges.extend(self.next(*key, *version).map(|to| (txn, to, Edge::Rw)));
                        }
                    }
                    Op::ReadSet(members) => {
                        for member in 0..10 {
                            for adder in self.adders(member).into_iter().filter(|adder| self.txns[*adder].committed) {
                                let found = members.contains(&member);
                                edges.insert(if found { (adder, txn, Edge::Wr) } else { (txn, adder, Edge::RwSet) });
                            }
                        }
                    }
                    Op::Add(_) => {}
                }
            }
            for to in self.committed.iter().copied() {
                let (one, other) = (&self.txns[txn], &self.txns[to]);
                if one.session == other.session && one.start < other.start {
                    edges.insert((txn, to, Edge::Session));
                }
                if one.end < other.start {
                    edges.insert((txn, to, Edge::Time));
                }
            }
        }
        edges.into_iter().filter(|(from, to, _)| from != to).collect()
    }

    /// Names of what is wrong without a cycle.
    fn direct(&self) -> BTreeSet<&'static str> {
        let mut names = BTreeSet::new();
        for txn in self.committed.iter().copied() {
            let ops = &self.txns[txn].ops;
            for (at, op) in ops.iter().enumerate() {
                match op {
                    Op::Read(key, version) => {
                        self.judge_read(txn, *key, *version, &mut names);
                        let earlier = ops[..at].iter().rev().filter_map(|op| match op {
                            Op::Write(k, v) if k == key => Some((true, *v)),
                            Op::Read(k, v) if k == key => Some((false, *v)),
                            _ => None,
                        });
                        let earlier: Vec<(bool, u32)> = earlier.collect();
                        let known = earlier.iter().find(|(wrote, _)| *wrote).or(earlier.last());
                        let future = ops[at..].contains(&Op::Write(*key, *version));
                        if known.is_some_and(|(_, known)| known != version) || future {
                            names.insert("internal");
                        }
                    }
                    Op::ReadSet(members) => self.judge_set_read(txn, at, members, &mut names),
                    _ => {}
                }
            }
        }
        for txn in self.txns.iter().filter(|txn| !txn.committed) {
            for op in &txn.ops {
                let Op::Write(key, version) = op else { continue };
                if self.writer(*key, *version).is_none() && self.next(*key, *version).is_some() {
                    names.insert("dirty-update");
                }
            }
        }
        names
    }

    fn judge_read(&self, txn: usize, key: usize, version: u32, names: &mut BTreeSet<&'static str>) {
        match self.writer(key, version) {
            Some(writer) if writer != txn && !self.is_last(writer, key, version) => {
                names.insert("G1b");
            }
            None if version > 0 => {
                let aborted = self.txns.iter().any(|txn| !txn.committed && txn.ops.contains(&Op::Write(key, version)));
                names.insert(if aborted { "G1a" } else { "garbage" });
            }
            _ => {}
        }
    }

    fn judge_set_read(&self, txn: usize, at: usize, members: &BTreeSet<u32>, names: &mut BTreeSet<&'static str>) {
        let before = &self.txns[txn].ops[..at];
        let own: BTreeSet<u32> =
            before.iter().filter_map(|op| if let Op::Add(member) = op { Some(*member) } else { None }).collect();
        let again = before.iter().rposition(|op| matches!(op, Op::ReadSet(_))).is_some_and(|last| {
            let Op::ReadSet(known) = &before[last] else { return false };
            let added = before[last..].iter().filter_map(|op| if let Op::Add(m) = op { Some(*m) } else { None });
            known.iter().copied().chain(added).collect::<BTreeSet<u32>>() != *members
        });
        let future = members.iter().any(|member| self.adders(*member) == [txn] && !own.contains(member));
        if !own.is_subset(members) || again || future {
            names.insert("internal");
        }
        if members
            .iter()
            .any(|m| !self.adders(*m).is_empty() && self.adders(*m).iter().all(|a| !self.txns[*a].committed))
        {
            names.insert("G1a");
        }
        let initial = self.committed.iter().flat_map(|txn| &self.txns[*txn].ops).filter_map(|op| match op {
            Op::ReadSet(found) => Some(found),
            _ => None,
        });
        if initial.flatten().any(|member| self.adders(*member).is_empty() && !members.contains(member)) {
            names.insert("garbage");
        }
    }

    fn cycles(&self) -> BTreeSet<(u32, Vec<Edge>)> {
        let mut out: HashMap<usize, Vec<(usize, Edge)>> = HashMap::new();
        self.edges().into_iter().for_each(|(from, to, edge)| out.entry(from).or_default().push((to, edge)));
        let mut found = BTreeSet::new();
        for root in 0..self.txns.len() {
            extend(&out, root, root, 1 << root, &mut Vec::new(), &mut found);
        }
        found
    }

    /// How many reads, each row or predicate read of a transaction once, miss what somebody made or saw who was over before.
    fn stale_reads(&self) -> usize {
        let edges = self.edges();
        let has = |from: usize, to: usize, edge: Edge| edges.contains(&(from, to, edge));
        let mut stale = BTreeSet::new();
        for reader in self.committed.iter().copied() {
            let earlier: Vec<usize> =
                self.committed.iter().copied().filter(|txn| has(*txn, reader, Edge::Time)).collect();
            for (at, op) in self.txns[reader].ops.iter().enumerate() {
                let (place, missed) = match op {
                    Op::Read(key, version)
                        if self.is_external(reader, at, *key) && self.is_installed(reader, *key, *version) =>
                    {
                        let next = self.next(*key, *version).filter(|next| *next != reader);
                        let knows = |txn: &usize| self.knows_later(*txn, *key, *version);
                        ((*key, *version), next.is_some() && earlier.iter().any(knows))
                    }
                    Op::ReadSet(members) => {
                        let missing = (0..10).filter(|member| !members.contains(member));
                        let missing = missing.filter(|member| {
                            self.adders(*member).iter().any(|txn| *txn != reader && self.txns[*txn].committed)
                        });
                        let missing: Vec<u32> = missing.collect();
                        let knows = |op: &Op| match op {
                            Op::Add(member) => missing.contains(member),
                            Op::ReadSet(found) => missing.iter().any(|member| found.contains(member)),
                            _ => false,
                        };
                        ((100 + at, 0), earlier.iter().any(|txn| self.txns[*txn].ops.iter().any(knows)))
                    }
                    _ => continue,
                };
                if missed {
                    stale.insert((reader, place));
                }
            }
        }
        stale.len()
    }

    fn is_external(&self, txn: usize, at: usize, key: usize) -> bool {
        !self.txns[txn].ops[..at].iter().any(|op| matches!(op, Op::Write(k, _) if *k == key))
    }

    /// Initial, or the last that a committed transaction made of the key.
    fn is_installed(&self, reader: usize, key: usize, version: u32) -> bool {
        self.writer(key, version).map_or(version == 0, |writer| writer == reader || self.is_last(writer, key, version))
    }

    /// Whether a transaction made a later version than this, or saw one that was installed.
    fn knows_later(&self, txn: usize, key: usize, version: u32) -> bool {
        self.txns[txn].ops.iter().enumerate().any(|(at, op)| match op {
            Op::Write(k, later) => *k == key && *later > version,
            Op::Read(k, later) => {
                let external = self.is_external(txn, at, key) && self.is_installed(txn, key, *later);
                *k == key && *later > version && external
            }
            _ => false,
        })
    }

    /// Whether some order of the committed transactions, one after the other, explains every version and every read.
    fn is_serial(&self) -> bool {
        let mut order = self.committed.clone();
        permutations(&mut order, 0, &|order| self.explains(order))
    }

    fn explains(&self, order: &[usize]) -> bool {
        let (mut versions, mut members): (HashMap<usize, u32>, BTreeSet<u32>) = (HashMap::new(), BTreeSet::new());
        let found = self.committed.iter().flat_map(|txn| &self.txns[*txn].ops);
        members.extend(found.filter_map(|op| if let Op::ReadSet(m) = op { Some(m) } else { None }).flatten());
        members.retain(|member| self.adders(*member).is_empty());
        order.iter().flat_map(|txn| &self.txns[*txn].ops).all(|op| match op {
            Op::Read(key, version) => versions.get(key).copied().unwrap_or(0) == *version,
            Op::Write(key, version) => versions.insert(*key, *version).unwrap_or(0) < *version,
            Op::ReadSet(found) => *found == members,
            Op::Add(member) => members.insert(*member),
        })
    }
}

fn permutations(order: &mut [usize], fixed: usize, accept: &dyn Fn(&[usize]) -> bool) -> bool {
    if fixed == order.len() {
        return accept(order);
    }
    for next in fixed..order.len() {
        order.swap(fixed, next);
        if permutations(order, fixed + 1, accept) {
            return true;
        }
        order.swap(fixed, next);
    }
    false
}

fn extend(
    out: &HashMap<usize, Vec<(usize, Edge)>>,
    root: usize,
    at: usize,
    visited: u32,
    path: &mut Vec<Edge>,
    found: &mut BTreeSet<(u32, Vec<Edge>)>,
) {
    for (to, edge) in out.get(&at).into_iter().flatten() {
        path.push(*edge);
        if *to == root {
            found.insert((visited, path.clone()));
        } else if *to > root && visited & 1 << to == 0 {
            extend(out, root, *to, visited | 1 << to, path, found);
        }
        path.pop();
    }
}

fn reported(judgement: &Judgement) -> BTreeSet<String> {
    let names = judgement.anomalies.iter().flat_map(|anomaly| anomaly.also.iter().copied().chain([anomaly.name]));
    names.map(|name| name.to_string()).collect()
}

fn compare(txns: &[Txn]) -> Result<(), TestCaseError> {
    let text = text(txns);
    let history = notation::parse(&text).expect("a history");
    let judgement = check(&history);
    let brute = Brute::new(txns);
    let classified = brute.cycles().into_iter().map(|(set, edges)| {
        let (name, levels) = classify(&edges);
        (set, name, levels)
    });
    let cycles: BTreeSet<(u32, String, [bool; 7])> = classified.collect();
    let direct = brute.direct();
    for (at, level) in Level::ALL.into_iter().enumerate() {
        let violated = cycles.iter().any(|cycle| cycle.2[at]) || direct.iter().any(|name| direct_levels(name)[at]);
        prop_assert_eq!(judgement.violated.contains(level), violated, "{}\n{}{:?} {:?}", level, text, cycles, direct);
    }
    let names = reported(&judgement);
    for name in &names {
        let known =
            cycles.iter().any(|cycle| cycle.1 == *name) || direct.contains(name.as_str()) || name == "lost-update";
        prop_assert!(known, "{name} is not there\n{text}{cycles:?} {direct:?}");
    }
    for name in &direct {
        prop_assert!(names.contains(*name), "{name} is missing\n{text}");
    }
    for (set, name, levels) in &cycles {
        // What has to be told: a worse cycle among the same transactions or fewer says everything that this one says.
        let told = cycles.iter().any(|(other, worse, more)| {
            other & !set == 0 && rank(worse) < rank(name) && levels.iter().zip(more).all(|(less, more)| *more || !less)
        });
        prop_assert!(told || names.contains(name), "{name} is missing\n{text}{names:?}");
    }
    prop_assert_eq!(judgement.stale.count, brute.stale_reads() as u64, "stale reads\n{}{:?}", text, judgement.stale);
    let stale = judgement.stale.examples.iter().all(|example| example.is_stale_read() && !example.is_causal_reverse());
    prop_assert!(stale && judgement.stale.examples.is_empty() == (judgement.stale.count == 0));
    let explained = direct.contains("dirty-update") || brute.is_serial();
    if !direct.contains("dirty-update") && !direct.contains("G1b") {
        let holds = judgement.verdict(Level::Serializable) != Verdict::Violated;
        prop_assert_eq!(holds, explained, "serial orders\n{}{:?}", text, names);
    }
    Ok(())
}

/// What is drawn: per transaction its session, start, length, fate, and operations as numbers to be interpreted.
type Draft = Vec<(usize, i64, i64, u32, Vec<(u32, usize, u32)>)>;

/// Gives versions: writes of committed transactions take unique ones in an order that the draft decides.
fn history(draft: &Draft, shift: u32) -> Vec<Txn> {
    let mut made: HashMap<usize, u32> = HashMap::new();
    let count = draft.len();
    let mut txns: Vec<Option<Txn>> = vec![None; count];
    for at in 0..count {
        let number = (at * 5 + shift as usize) % count;
        let number = if count.is_multiple_of(5) { at } else { number };
        let (session, start, length, fate, ops) = &draft[number];
        let committed = *fate > 0;
        let mut own = Vec::new();
        for (kind, key, value) in ops {
            own.push(match kind {
                0..=3 => Op::Read(*key, *value),
                4..=6 if committed => {
                    let version = made.entry(*key).or_insert(0);
                    *version += 1 + u32::from(*value == 9);
                    Op::Write(*key, *version)
                }
                4..=6 => Op::Write(*key, value + 1),
                7 | 8 => Op::ReadSet((0..4).filter(|member| value & 1 << member != 0).collect()),
                _ => Op::Add(u32::try_from(number).expect("few")),
            });
        }
        let mut ops: Vec<Op> = Vec::new();
        for op in own {
            let twice = matches!(op, Op::Write(..) | Op::Add(_)) && ops.contains(&op);
            ops.extend((!twice).then_some(op));
        }
        txns[number] = Some(Txn { session: *session, start: *start, end: start + length, committed, ops });
    }
    txns.into_iter().flatten().collect()
}

fn drafts(operations: std::ops::Range<u32>) -> impl Strategy<Value = Vec<Txn>> {
    let op = (operations, 0_usize..3, 0_u32..4);
    let txn = (0_usize..3, -3_i64..12, 0_i64..8, 0_u32..8, prop::collection::vec(op, 1..5));
    (prop::collection::vec(txn, 2..6), 0_u32..5).prop_map(|(draft, shift)| history(&draft, shift))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_judged_as_the_definitions_say(txns in drafts(0..7)) {
        compare(&txns)?;
    }

    #[test]
    fn rows_and_sets_are_judged_as_the_definitions_say(txns in drafts(0..10)) {
        compare(&txns)?;
    }
}
