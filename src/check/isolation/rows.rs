//! Does each transaction make sense by itself, row by row? What needs no graph: internal, G1b, lost updates; and which
//! reads say something about the order of the transactions.

use super::anomaly::{Anomaly, Edge, Item, Kind};
use super::chains::Chains;
use super::findings::Findings;
use super::name::Phenomenon;
use crate::check::history::{History, Operation, Outcome, mark};

/// A read of a version that no committed transaction wrote, or that somebody else signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Who read.
    pub reader: u32,
    /// Which row.
    pub key: u32,
    /// Which version.
    pub version: u32,
    /// The signature that was found, where known.
    pub writer: Option<u32>,
}

/// The reads that are not done with yet.
#[derive(Debug, Default)]
pub struct Reads {
    /// Reads that are still to be explained.
    pub strays: Vec<Stray>,
    /// Slot and reader of every read that comes after the version's writer, where the order of the writes does not imply
    /// it. A transaction that reads a version and writes the next one follows as a writer already; in a load of transfers
    /// that is nearly every read. What a transaction reads after its own write says nothing about the others (Elle's
    /// external reads), nor does a version that is not final (Adya's installed versions).
    pub readers: Vec<(u32, u32)>,
}

/// What a transaction last saw or made of a key.
#[derive(Clone, Copy)]
struct Last {
    /// The transaction, plus one; 0 is nobody.
    stamp: u32,
    version: u32,
    /// The lowest version that it read before it wrote the key; the highest number when there is none.
    lowest: u32,
    wrote: bool,
}

struct Rows<'a> {
    history: &'a History,
    chains: &'a Chains,
    findings: &'a mut Findings,
    last: Vec<Last>,
    reads: Reads,
}

/// Looks at every committed transaction.
pub fn check(history: &History, fates: &[Outcome], chains: &Chains, findings: &mut Findings) -> Reads {
    let last = vec![Last { stamp: 0, version: 0, lowest: u32::MAX, wrote: false }; history.keys() as usize];
    let mut rows = Rows { history, chains, findings, last, reads: Reads::default() };
    for txn in (0..history.len()).filter(|txn| fates[*txn as usize] == Outcome::Ok) {
        for number in history.operation_numbers(txn) {
            match history.operation(number) {
                Operation::Read { key, version, writer } => {
                    let read = Stray { reader: txn, key, version, writer };
                    rows.read(read);
                    if let Some(found) = history.value(number) {
                        rows.value(read, found);
                    }
                }
                Operation::Write { key, version } => {
                    rows.write(txn, key, version);
                    if let Some(base) = history.base(number) {
                        rows.base(txn, key, version, base);
                    }
                }
                Operation::ReadSet { .. } | Operation::Add { .. } => {}
            }
        }
    }
    for key in 0..history.keys() {
        rows.last_value(key);
    }
    rows.reads
}

impl Rows<'_> {
    fn read(&mut self, read: Stray) {
        let Stray { reader, key, version, writer } = read;
        let last = &mut self.last[key as usize];
        let known = last.stamp == reader + 1;
        let consistent = !known || last.version == version;
        if !known {
            *last = Last { stamp: reader + 1, version, lowest: version, wrote: false };
        } else if !last.wrote {
            last.lowest = last.lowest.min(version);
        }
        let external = !last.wrote;
        let slot = self.chains.slot(key, version);
        let own = slot.is_some_and(|slot| self.chains.writer(slot) == reader);
        if !consistent || (own && !known) {
            let item = Item::Key { key, version };
            self.findings
                .add_direct(Phenomenon::Internal, || Anomaly::direct(Phenomenon::Internal, vec![reader], item));
        }
        let Some(slot) = slot else {
            let provable = writer.is_some() || !self.history.is_partial();
            self.reads.strays.extend((provable && version > self.history.initial(key)).then_some(read));
            return;
        };
        if !own && self.chains.is_intermediate(slot) {
            self.dirty_read(reader, self.chains.writer(slot), Item::Key { key, version });
        } else if !own && external && !self.is_implied(reader, key, version) {
            self.reads.readers.push((slot, reader));
        }
        self.reads.strays.extend(self.is_signed_by_another(slot, writer).then_some(read));
    }

    fn is_signed_by_another(&self, slot: u32, writer: Option<u32>) -> bool {
        let signed = || self.history.fingerprint(self.chains.writer(slot));
        self.history.is_signed() && writer.is_some() && signed().is_some_and(|signed| Some(signed) != writer)
    }

    /// What was read in a version has to be what its writer made of it, or what it held at the beginning.
    fn value(&mut self, Stray { reader, key, version, writer }: Stray, found: i64) {
        let slot = self.chains.slot(key, version);
        if slot.is_some_and(|slot| self.is_signed_by_another(slot, writer)) || self.chains.is_contested(key, version) {
            return;
        }
        let (maker, made) = self.made(key, version);
        if made.is_some_and(|made| made != found) {
            self.garbage(maker.filter(|maker| *maker != reader).into_iter().chain([reader]), key, version);
        }
    }

    /// Who made a version, and which value it was given.
    fn made(&self, key: u32, version: u32) -> (Option<u32>, Option<i64>) {
        let maker = self.chains.slot(key, version).map(|slot| self.chains.writer(slot));
        let made = match maker {
            Some(maker) => self.history.written_value(maker, key, version),
            None if version == self.history.initial(key) => self.history.initial_value(key),
            None => None,
        };
        (maker, made)
    }

    /// What the database computed a write from has to be what the version before was given.
    fn base(&mut self, txn: u32, key: u32, version: u32, base: u32) {
        let Some(before) = version.checked_sub(1).filter(|_| self.history.is_gapless()) else { return };
        if self.chains.is_contested(key, version) || self.chains.is_contested(key, before) {
            return;
        }
        let (maker, made) = self.made(key, before);
        if made.is_some_and(|made| mark(made) != base) {
            self.garbage(maker.filter(|maker| *maker != txn).into_iter().chain([txn]), key, version);
        }
    }

    /// What was found in the end has to be what the last version was given.
    fn last_value(&mut self, key: u32) {
        let (Some(row), Some(found)) = (self.history.last(key), self.history.last_value(key)) else { return };
        let contested = self.chains.is_contested(key, row.version);
        let signed_by_another = self
            .chains
            .slot(key, row.version)
            .is_some_and(|slot| self.is_signed_by_another(slot, Some(row.writer).filter(|writer| *writer != 0)));
        let (maker, made) = self.made(key, row.version);
        if !contested && !signed_by_another && made.is_some_and(|made| made != found) {
            self.garbage(maker.into_iter(), key, row.version);
        }
    }

    fn garbage(&mut self, transactions: impl Iterator<Item = u32>, key: u32, version: u32) {
        let item = Item::Key { key, version };
        self.findings
            .add_direct(Phenomenon::Garbage, || Anomaly::direct(Phenomenon::Garbage, transactions.collect(), item));
    }

    /// Whether the reader wrote the next version, or nobody knows who wrote this one.
    fn is_implied(&self, reader: u32, key: u32, version: u32) -> bool {
        let next = self.chains.next_uncontested(key, version);
        next.is_some_and(|next| self.chains.writer(next) == reader) || self.chains.is_contested(key, version)
    }

    fn dirty_read(&mut self, reader: u32, writer: u32, item: Item) {
        self.findings.add_direct(Phenomenon::G1b, || {
            let edge = Edge { from: writer, to: reader, kind: Kind::Wr, item };
            Anomaly { item, ..Anomaly::direct(Phenomenon::G1b, vec![writer, reader], item).with_edges(vec![edge]) }
        });
    }

    /// A write over a version that somebody else made since this transaction read the row loses that update.
    fn write(&mut self, txn: u32, key: u32, version: u32) {
        let last = &mut self.last[key as usize];
        let seen = if last.stamp == txn + 1 { last.lowest } else { u32::MAX };
        *last = Last { stamp: txn + 1, version, lowest: seen, wrote: true };
        if version.saturating_sub(seen) < 2 {
            return;
        }
        let Some(slot) = self.chains.next_slot(key, seen) else { return };
        let (other, between) = (self.chains.writer(slot), self.chains.version(key, slot));
        if other == txn || between >= version {
            return;
        }
        last.lowest = u32::MAX;
        self.findings.add_direct(Phenomenon::LostUpdate, || {
            Anomaly::direct(Phenomenon::LostUpdate, vec![txn, other], Item::Key { key, version: seen }).with_edges(
                vec![
                    Edge { from: txn, to: other, kind: Kind::Rw, item: Item::Key { key, version: seen } },
                    Edge { from: other, to: txn, kind: Kind::Ww, item: Item::Key { key, version: between } },
                ],
            )
        });
    }
}
