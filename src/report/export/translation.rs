//! Which write did each read see? Elle and dbcop know no versions: they want every write to have a value of its own, and
//! every read to repeat one. The value of a write is the number of its operation, from 1.
//!
//! A predicate read becomes a read of each member that the set ever had, so that what it did not find is said too: a
//! member is a place of its own, with version 0 before it is added and version 1 from then on.

use std::fmt;
use std::ops::Range;

use super::members::Members;
use super::{ExportError, unsayable};
use crate::check::history::{FinalRow, History, Operation, Outcome};
use crate::check::isolation::resolve;

/// What is read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Place {
    /// A row.
    Row(u32),
    /// A possible member of a set.
    Member {
        /// Which set.
        set: u32,
        /// Which member.
        member: u32,
    },
}

/// A write: which version of which place it made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Write {
    pub(super) place: Place,
    pub(super) version: u32,
    /// No other write has it.
    pub(super) value: u32,
    pub(super) txn: u32,
}

/// What a read found: the links of the chain below, and the value on top of them, if it was not the initial state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) below: Range<usize>,
    pub(super) last: Option<u32>,
}

/// A read, or a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Read(Place, Seen),
    Write(Write),
}

/// A history in which every read knows its write.
#[derive(Debug)]
pub struct Translation<'a> {
    pub(super) history: &'a History,
    /// How each transaction ended; `Info` where nothing proves either.
    pub(super) fates: Vec<Outcome>,
    /// Every write, by place and version.
    writes: Vec<Write>,
    /// One write for each installed version, in the same order.
    chain: Vec<Write>,
    members: Members,
}

impl<'a> Translation<'a> {
    /// Finds the write of every read of a transaction that may have committed.
    pub fn new(history: &'a History) -> Result<Self, ExportError> {
        if history.is_partial() {
            return unsayable(
                "this history is a part of its run: others may have written who are not in it; record the whole of it, or \
                 choose --format csv, which tells what there is of it",
            );
        }
        let fates = resolve(history);
        let writes = writes(history);
        let chain = chain(history, &fates, &writes)?;
        let members = Members::new(history, &fates, &writes, &chain)?;
        let translation = Self { history, fates, writes, chain, members };
        for txn in (0..history.len()).filter(|txn| translation.fates[*txn as usize] == Outcome::Ok) {
            translation.steps(txn, |_| Ok(()))?;
        }
        translation.last(|_, _| Ok(()))?;
        Ok(translation)
    }

    /// What a transaction did, in program order. Reads of one that did not commit are left out: nobody judges them.
    pub(super) fn steps(
        &self,
        txn: u32,
        mut each: impl FnMut(Step) -> Result<(), ExportError>,
    ) -> Result<(), ExportError> {
        let reads = self.fates[txn as usize] == Outcome::Ok;
        for number in self.history.operation_numbers(txn) {
            if let Some(write) = write(self.history, txn, number) {
                each(Step::Write(write))?;
            }
            match self.history.operation(number) {
                Operation::Read { key, version, writer } if reads => {
                    let place = Place::Row(key);
                    each(Step::Read(place, self.seen(txn, place, version, writer)?))?;
                }
                Operation::ReadSet { set, members } if reads => {
                    for (member, version) in self.members.all(set, members) {
                        let place = Place::Member { set, member };
                        each(Step::Read(place, self.seen(txn, place, version, None)?))?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What every place held after the last transaction that anybody wrote to: as it was found, or, where nobody looked, its
    /// highest version.
    pub(super) fn last(&self, mut each: impl FnMut(Place, Seen) -> Result<(), ExportError>) -> Result<(), ExportError> {
        for writes in self.writes.chunk_by(|one, next| one.place == next.place) {
            let place = writes[0].place;
            let found = match place {
                Place::Row(key) => self.history.last(key),
                Place::Member { set, member } => self.history.last_members(set).map(|found| {
                    let version = u32::from(found.contains(&member));
                    FinalRow { version, writer: 0 }
                }),
            };
            let seen = found.map_or_else(
                || Ok(self.highest(place)),
                |FinalRow { version, writer }| {
                    self.seen(NOBODY, place, version, Some(writer).filter(|writer| *writer != 0))
                },
            )?;
            each(place, seen)?;
        }
        Ok(())
    }

    /// The values of some links of the chain.
    pub(super) fn values(&self, links: Range<usize>) -> impl Iterator<Item = u32> {
        self.chain[links].iter().map(|write| write.value)
    }

    /// The value that a write replaced, where it was not the initial state.
    pub(super) fn replaced(&self, write: &Write) -> Option<u32> {
        let links = self.links(write.place);
        let below = self.chain[links.clone()].partition_point(|link| link.version < write.version);
        below.checked_sub(1).map(|last| self.chain[links.start + last].value)
    }

    /// Whose write has a value.
    pub(super) fn writer(&self, value: u32) -> u32 {
        let (mut low, mut high) = (0, self.history.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.history.operation_numbers(middle).end < value {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// What a place is called.
    pub(super) fn name(&self, place: Place) -> String {
        let names = self.history.names();
        match place {
            Place::Row(key) => names.key(key),
            Place::Member { set, member } => format!("{}: {}", names.set(set), names.member(member)),
        }
    }

    fn links(&self, place: Place) -> Range<usize> {
        let begin = self.chain.partition_point(|write| write.place < place);
        begin..begin + self.chain[begin..].partition_point(|write| write.place == place)
    }

    fn highest(&self, place: Place) -> Seen {
        let links = self.links(place);
        let last = links.clone().next_back();
        Seen { below: links.start..last.unwrap_or(links.start), last: last.map(|last| self.chain[last].value) }
    }

    fn seen(&self, reader: u32, place: Place, version: u32, writer: Option<u32>) -> Result<Seen, ExportError> {
        let links = self.links(place);
        let initial = if let Place::Row(key) = place { self.history.initial(key) } else { 0 };
        if version == initial {
            return Ok(Seen { below: links.start..links.start, last: None });
        }
        let below = self.chain[links.clone()].partition_point(|write| write.version < version);
        let value = self.written(place, version, writer).map_err(|reason| {
            let reader = Reader(self.history, reader);
            let name = self.name(place);
            ExportError::Unsayable(format!(
                "{reader} read version {version} of {name}, {reason}; choose --format csv, which says it"
            ))
        })?;
        Ok(Seen { below: links.start..links.start + below, last: Some(value) })
    }

    /// The value of a version: of the write that is signed so, else of the one that was committed, else of the only one.
    fn written(&self, place: Place, version: u32, writer: Option<u32>) -> Result<u32, &'static str> {
        let begin = self.writes.partition_point(|write| (write.place, write.version) < (place, version));
        let claims = self.writes[begin..].iter().take_while(|write| (write.place, write.version) == (place, version));
        if let Some(writer) = writer {
            let mut signed = claims.filter(|write| self.history.fingerprint(write.txn) == Some(writer));
            return signed
                .next()
                .map(|write| write.value)
                .ok_or("signed by somebody who did not write it in this history");
        }
        let fate = |write: &Write| self.fates[write.txn as usize];
        let claims: Vec<&Write> = claims.collect();
        if let Some(write) = claims.iter().find(|write| fate(write) == Outcome::Ok) {
            return Ok(write.value);
        }
        match claims[..] {
            [] => Err("which nobody in this history wrote"),
            [write, ..] if claims.len() == 1 || claims.iter().all(|write| fate(write) == Outcome::Abort) => {
                Ok(write.value)
            }
            _ => Err("which several ambiguous transactions may have written"),
        }
    }
}

/// The reader of the last state.
const NOBODY: u32 = u32::MAX;

/// Who read, for an error.
struct Reader<'a>(&'a History, u32);

impl fmt::Display for Reader<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 == NOBODY {
            return formatter.write_str("whoever looked after the last transaction");
        }
        formatter.write_str(&self.0.name(self.1))
    }
}

/// What an operation writes, if it does.
fn write(history: &History, txn: u32, number: u32) -> Option<Write> {
    let (place, version) = match history.operation(number) {
        Operation::Write { key, version } => (Place::Row(key), version),
        Operation::Add { set, member } => (Place::Member { set, member }, 1),
        Operation::Read { .. } | Operation::ReadSet { .. } => return None,
    };
    Some(Write { place, version, value: number + 1, txn })
}

fn writes(history: &History) -> Vec<Write> {
    let of = |txn| history.operation_numbers(txn).filter_map(move |number| write(history, txn, number));
    let mut writes: Vec<Write> = (0..history.len()).flat_map(of).collect();
    writes.sort_unstable();
    writes
}

/// The committed writes, and those of aborted transactions that a committed one has built upon.
fn chain(history: &History, fates: &[Outcome], writes: &[Write]) -> Result<Vec<Write>, ExportError> {
    let is_committed = |write: &&Write| fates[write.txn as usize] == Outcome::Ok;
    let mut chain = Vec::new();
    for writes in writes.chunk_by(|one, next| one.place == next.place) {
        let Some(highest) = writes.iter().filter(is_committed).map(|write| write.version).max() else { continue };
        for claims in writes.chunk_by(|one, next| one.version == next.version) {
            let mut committed = claims.iter().filter(is_committed);
            match (committed.next(), committed.next()) {
                (Some(one), Some(other)) => return duplicate(history, *one, *other),
                (Some(write), None) => chain.push(*write),
                // An ambiguous claim is no accusation.
                (None, _) if claims[0].version < highest => {
                    let aborted = claims.iter().all(|write| history.outcome(write.txn) == Outcome::Abort)
                        && !matches!(claims[0].place, Place::Row(key) if history.is_doubtful(key, claims[0].version));
                    chain.extend(claims.first().filter(|_| aborted));
                }
                (None, _) => {}
            }
        }
    }
    Ok(chain)
}

fn duplicate<T>(history: &History, one: Write, other: Write) -> Result<T, ExportError> {
    let (one, other, names) = (one, history.name(other.txn), history.names());
    let what = match one.place {
        Place::Row(key) => format!("made version {} of {}", one.version, names.key(key)),
        Place::Member { set, member } => format!("added {} to {}", names.member(member), names.set(set)),
    };
    unsayable(format!("{} and {other} both {what}; choose --format csv, which says it", history.name(one.txn)))
}
