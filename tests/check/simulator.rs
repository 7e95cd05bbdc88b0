//! What does a run of a strictly serializable database leave behind? Transactions that take effect one after the other, at an
//! instant between their start and their end, with all that a recorded run knows of them.

use contend::check::history::{Builder, Clock, FinalRow, Header, History, Names, Outcome, Span};
use contend::check::isolation::{Judgement, check};

pub const ACCOUNTS: u32 = 8;
/// Written blindly, two at a time, and never read.
pub const BLIND: [u32; 2] = [8, 9];
/// Written twice by each transaction that writes it.
pub const TWICE: u32 = 10;
const KEYS: u32 = 11;
/// Of every row at the beginning, as on tables that were used before.
pub const INITIAL: (u32, i64) = (5, 100);
const SHAPES: [&str; 6] = ["transfer", "skew", "audit", "put", "twice", "cap"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Read { key: u32, version: u32, writer: u32, value: i64 },
    Write { key: u32, version: u32, value: i64 },
    ReadSet { members: Vec<u32> },
    Add { member: u32 },
}

#[derive(Clone, Debug)]
pub struct Txn {
    pub header: Header,
    pub ops: Vec<Op>,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub txns: Vec<Txn>,
    pub finals: Vec<Option<FinalRow>>,
    /// Only a part was recorded, and what came before is unknown.
    pub partial: bool,
}

#[derive(Clone, Copy)]
struct Row {
    version: u32,
    writer: u32,
    value: i64,
}

struct Database {
    random: u64,
    rows: Vec<Row>,
    members: Vec<u32>,
}

impl Database {
    fn below(&mut self, bound: u32) -> u32 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.random >> 33) % u64::from(bound)).unwrap()
    }

    fn read(&self, key: u32) -> Op {
        let Row { version, writer, value } = self.rows[key as usize];
        Op::Read { key, version, writer, value }
    }

    /// What comes to be only where it commits.
    fn write(&mut self, key: u32, change: i64, writer: u32) -> Op {
        let Row { version, value, .. } = self.rows[key as usize];
        self.rows[key as usize] = Row { version: version + 1, writer, value: value + change };
        Op::Write { key, version: version + 1, value: value + change }
    }

    fn ops(&mut self, shape: u8, writer: u32) -> Vec<Op> {
        let one = self.below(ACCOUNTS);
        let other = (one + 1 + self.below(ACCOUNTS - 1)) % ACCOUNTS;
        let reads = [self.read(one), self.read(other)];
        let mut ops = match shape {
            0 | 1 => reads.to_vec(),
            2 => (0..ACCOUNTS).map(|key| self.read(key)).chain([self.read(TWICE)]).collect(),
            5 => vec![Op::ReadSet { members: self.members.clone() }],
            _ => Vec::new(),
        };
        match shape {
            0 => ops.extend([self.write(one, -7, writer), self.write(other, 7, writer)]),
            1 => ops.push(self.write(one, -1, writer)),
            3 => ops.extend(BLIND.map(|key| self.write(key, 1, writer))),
            4 => ops.extend([self.write(TWICE, 1, writer), self.write(TWICE, 1, writer)]),
            5 => {
                self.members.push(writer);
                ops.push(Op::Add { member: writer });
            }
            _ => {}
        }
        ops
    }
}

/// Transactions of eight workers, each with its own seed of everything that is random.
pub fn run(seed: u64, count: u32) -> Run {
    let row = Row { version: INITIAL.0, writer: 0, value: INITIAL.1 };
    let mut database = Database { random: seed, rows: vec![row; KEYS as usize], members: Vec::new() };
    let mut txns = Vec::new();
    for number in 0..count {
        let instant = i64::from(number) * 1_000_000;
        let (before, after) = (database.below(2_500_000), database.below(2_500_000));
        let aborts = number % 7 == 3;
        // An aborted attempt is tried again by the next one.
        let (request, attempt) = if number % 7 == 4 { (number - 1, 2) } else { (number, 1) };
        let shape = [0, 2, 0, 1, 3, 0, 4, 5][(request % 8) as usize];
        let before_it = (database.rows.clone(), database.members.clone());
        let ops = database.ops(shape, number + 1);
        if aborts {
            (database.rows, database.members) = before_it;
        }
        let outcome = if aborts { Outcome::Abort } else { Outcome::Ok };
        let (start, end) = (instant - i64::from(before), instant + 1 + i64::from(after));
        let header = Header::new(number % 8, start, end, outcome);
        let header = Header { fingerprint: number + 1, request: Some(request), attempt, shape: Some(shape), ..header };
        txns.push(Txn { header, ops });
    }
    let finals = database.rows.iter().map(|row| Some(FinalRow { version: row.version, writer: row.writer })).collect();
    Run { txns, finals, partial: false }
}

impl Run {
    pub fn history(&self) -> History {
        let mut builder = Builder::new();
        for txn in &self.txns {
            builder.begin(txn.header);
            for op in &txn.ops {
                match op {
                    Op::Read { key, version, writer, value } => {
                        builder.read_value(*key, *version, *writer, Some(*value));
                    }
                    Op::Write { key, version, value } => builder.write_value(*key, *version, Some(*value)),
                    Op::ReadSet { members } => builder.read_set(0, members),
                    Op::Add { member } => builder.add(0, *member),
                }
            }
        }
        if self.partial {
            builder.partial();
        } else {
            builder.initial(vec![INITIAL.0; KEYS as usize]);
            builder.initial_values(vec![Some(INITIAL.1); KEYS as usize]);
        }
        builder.finals(self.finals.clone());
        builder.gapless();
        builder.finish(names()).unwrap()
    }

    pub fn judge(&self) -> Judgement {
        check(&self.history())
    }

    /// The names that are given, sorted.
    pub fn names(&self) -> Vec<String> {
        let judgement = self.judge();
        let all = judgement.anomalies.iter().flat_map(|anomaly| anomaly.also.iter().chain([&anomaly.name]));
        let mut names: Vec<String> = all.map(ToString::to_string).collect();
        names.sort();
        names.dedup();
        names
    }

    /// The place of the committed transaction that signs so.
    pub fn signed(&self, fingerprint: u32) -> usize {
        self.txns.iter().position(|txn| txn.header.fingerprint == fingerprint).unwrap()
    }

    /// Places of transactions that ended so, of one shape.
    pub fn of_shape(&self, shape: &str, outcome: Outcome) -> Vec<usize> {
        let shape = SHAPES.iter().position(|name| *name == shape).unwrap();
        let is_it = |at: &usize| {
            let header = &self.txns[*at].header;
            header.shape.map(usize::from) == Some(shape) && header.outcome == outcome
        };
        (0..self.txns.len()).filter(is_it).collect()
    }
}

fn names() -> Names {
    Names {
        spans: vec![Span { first_key: 0, label: "account".to_owned(), first_id: 1 }],
        sets: vec!["group 1".to_owned()],
        session_label: Some("worker".to_owned()),
        shapes: SHAPES.map(str::to_owned).to_vec(),
        clock: Clock::Nanoseconds,
        ..Names::default()
    }
}
