//! What is a line of a saved history? An attempt, or a part of the state; both look like a transaction.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::history::{AttemptOutcome, Group, Key, Operation, Phase, Recorded, Row, Shape, Sqlstate, Writer};

/// One line. Lines of the state have a shape and operations alone.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line {
    txn: Option<u64>,
    r#try: Option<u32>,
    worker: Option<u32>,
    pub(super) shape: Text<Kind>,
    node: Option<u16>,
    from_ns: Option<u64>,
    to_ns: Option<u64>,
    outcome: Option<AttemptOutcome>,
    phase: Option<Phase>,
    sqlstate: Option<Text<Sqlstate>>,
    writer: Option<Text<Writer>>,
    ops: Vec<Op>,
}

/// One operation. Which fields there are depends on `op`.
#[derive(Debug, Serialize, Deserialize)]
struct Op {
    #[serde(rename = "op")]
    kind: OpKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<Text<Key>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    writer: Option<Text<Writer>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    balance: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delta: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    set: Option<Text<Group>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<Vec<Text<Writer>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    member: Option<Text<Writer>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OpKind {
    R,
    W,
    Rs,
    Add,
}

/// What a line tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The state before the first transaction.
    Before,
    /// The state after the last.
    After,
    /// An attempt.
    Attempt(Shape),
}

/// A value that is written as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text<T>(pub(super) T);

impl Line {
    /// The line of an attempt.
    pub(super) fn of_attempt(attempt: &Recorded) -> Self {
        Self {
            txn: Some(attempt.ticket),
            r#try: Some(attempt.number),
            worker: Some(attempt.worker),
            shape: Text(Kind::Attempt(attempt.shape)),
            node: Some(attempt.node),
            from_ns: Some(attempt.start),
            to_ns: Some(attempt.end),
            outcome: Some(attempt.outcome),
            phase: Some(attempt.phase),
            sqlstate: attempt.sqlstate.map(Text),
            writer: Some(Text(Writer::of(attempt.writer))),
            ops: attempt.operations.iter().map(|operation| Op::of(operation, attempt.writer)).collect(),
        }
    }

    /// A line of the state.
    pub(super) fn of_state(kind: Kind, found: &[Operation]) -> Self {
        Self {
            txn: None,
            r#try: None,
            worker: None,
            shape: Text(kind),
            node: None,
            from_ns: None,
            to_ns: None,
            outcome: None,
            phase: None,
            sqlstate: None,
            writer: None,
            ops: found.iter().map(|operation| Op::of(operation, 0)).collect(),
        }
    }

    /// What was found in a line of the state.
    pub(super) fn found(self) -> Result<Vec<Operation>, Incomplete> {
        self.ops.into_iter().map(|op| op.operation(0)).collect()
    }

    /// The attempt of this shape that the line tells of.
    pub(super) fn attempt(self, shape: Shape) -> Result<Recorded, Incomplete> {
        const WHAT: &str = "an attempt has txn, try, worker, node, from_ns, to_ns, outcome, phase and writer";
        let whole = Incomplete(WHAT);
        let writer = self.writer.ok_or(whole)?.0.number();
        Ok(Recorded {
            ticket: self.txn.ok_or(whole)?,
            number: self.r#try.ok_or(whole)?,
            worker: self.worker.ok_or(whole)?,
            shape,
            node: self.node.ok_or(whole)?,
            start: self.from_ns.ok_or(whole)?,
            end: self.to_ns.ok_or(whole)?,
            outcome: self.outcome.ok_or(whole)?,
            phase: self.phase.ok_or(whole)?,
            sqlstate: self.sqlstate.map(|Text(sqlstate)| sqlstate),
            writer,
            operations: self.ops.into_iter().map(|op| op.operation(writer)).collect::<Result<_, _>>()?,
        })
    }
}

/// A line or an operation without a field that it has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Incomplete(&'static str);

impl Op {
    fn new(kind: OpKind) -> Self {
        Self {
            kind,
            key: None,
            version: None,
            writer: None,
            balance: None,
            delta: None,
            set: None,
            members: None,
            member: None,
        }
    }

    fn of_row(kind: OpKind, key: Key, row: &Row) -> Self {
        Self { key: Some(Text(key)), version: Some(row.version), balance: Some(row.balance), ..Self::new(kind) }
    }

    /// An operation of the attempt that signs like this: what it writes it signs itself, and that is not said each time.
    fn of(operation: &Operation, own: i64) -> Self {
        let text = |number| Text(Writer::of(number));
        match operation {
            Operation::Read { key, row } => {
                Self { writer: Some(text(row.writer)), ..Self::of_row(OpKind::R, *key, row) }
            }
            Operation::Write { key, delta, row } => {
                let writer = (row.writer != own).then(|| text(row.writer));
                Self { writer, delta: Some(*delta), ..Self::of_row(OpKind::W, *key, row) }
            }
            Operation::Scan { group, members } => {
                let members = members.iter().map(|member| text(*member)).collect();
                Self { set: Some(Text(*group)), members: Some(members), ..Self::new(OpKind::Rs) }
            }
            Operation::Join { group, member } => {
                Self { set: Some(Text(*group)), member: Some(text(*member)), ..Self::new(OpKind::Add) }
            }
        }
    }

    fn operation(self, own: i64) -> Result<Operation, Incomplete> {
        match self.kind {
            OpKind::R => {
                let whole = Incomplete("a read has key, version, writer and balance");
                let row = self.row(self.writer.map(|Text(writer)| writer.number())).ok_or(whole)?;
                Ok(Operation::Read { key: self.key.ok_or(whole)?.0, row })
            }
            OpKind::W => {
                let whole = Incomplete("a write has key, version, balance and delta");
                let row = self.row(Some(self.writer.map_or(own, |Text(writer)| writer.number()))).ok_or(whole)?;
                Ok(Operation::Write { key: self.key.ok_or(whole)?.0, delta: self.delta.ok_or(whole)?, row })
            }
            OpKind::Rs => {
                let whole = Incomplete("a predicate read has set and members");
                let members = self.members.ok_or(whole)?.into_iter().map(|Text(member)| member.number());
                Ok(Operation::Scan { group: self.set.ok_or(whole)?.0, members: members.collect() })
            }
            OpKind::Add => {
                let whole = Incomplete("an add has set and member");
                Ok(Operation::Join { group: self.set.ok_or(whole)?.0, member: self.member.ok_or(whole)?.0.number() })
            }
        }
    }

    fn row(&self, writer: Option<i64>) -> Option<Row> {
        Some(Row { balance: self.balance?, version: self.version?, writer: writer? })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before => formatter.write_str("before"),
            Self::After => formatter.write_str("after"),
            Self::Attempt(shape) => formatter.write_str(shape.name()),
        }
    }
}

/// A word that is no shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shape of a line is before, after or one of contend's shapes")]
pub(super) struct NoKind;

impl FromStr for Kind {
    type Err = NoKind;

    fn from_str(text: &str) -> Result<Self, NoKind> {
        match text {
            "before" => Ok(Self::Before),
            "after" => Ok(Self::After),
            _ => Shape::ALL.into_iter().find(|shape| shape.name() == text).map(Self::Attempt).ok_or(NoKind),
        }
    }
}

impl<T: fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for TextVisitor<T> {
    type Value = Text<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
        text.parse().map(Text).map_err(E::custom)
    }
}
