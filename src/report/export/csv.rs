//! How is a history told to tables? As RFC 4180 would have it: a header, then a row for each operation, and one for an
//! attempt without any. No field needs quotes: all are numbers, fixed words and names without a comma.

use std::fmt::{self, Display};
use std::io::{self, Write};

use crate::check::history::{self, History, Outcome};
use crate::history::{
    Account, AttemptOutcome, Collection, Group, Key, Member, Operation, Phase, Recorded, Row, State, Table, Writer,
};

/// Twelve columns that say which attempt it is, and ten that say what it did.
const HEADER: &str = "txn,try,worker,session,node,shape,from_ns,to_ns,outcome,phase,sqlstate,writer,\
                      number,op,place,id,version,signed_by,balance,delta,member,members";
/// Nothing was done.
const NOTHING: &str = ",,,,,,,,,,";
const END: &str = "\r\n";

/// A table that is being written.
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    /// Per worker how many of its attempts were ambiguous: each begins a new session.
    sessions: Vec<u32>,
}

impl<W: Write> Csv<W> {
    /// Writes the names of the columns.
    pub fn new(mut out: W) -> io::Result<Self> {
        write!(out, "{HEADER}{END}")?;
        Ok(Self { out, sessions: Vec::new() })
    }

    /// What the tables held, row by row and group by group.
    pub fn state(&mut self, shape: &str, state: &State) -> io::Result<()> {
        let begin = format!(",,,,,{shape},,,,,,");
        let State { accounts, pairs, tills, fresh, receipts, members, .. } = state;
        let tables = [
            (Table::Accounts, &accounts.accounts),
            (Table::Pairs, pairs),
            (Table::Tills, tills),
            (Table::Fresh, fresh),
        ];
        for (table, rows) in tables {
            for Account { id, row } in rows.iter().flatten() {
                write!(
                    self.out,
                    "{begin},,{}{END}",
                    Told(&Operation::Read { key: Key { table, id: *id }, row: *row })
                )?;
            }
        }
        for (collection, members) in [(Collection::Receipts, receipts), (Collection::Members, members)] {
            let mut members = members.clone().unwrap_or_default();
            members.sort_unstable_by_key(|Member { id, group }| (*group, *id));
            for same in members.chunk_by(|one, next| one.group == next.group) {
                let group = Group { collection, id: same[0].group };
                let members = same.iter().map(|member| member.id).collect();
                write!(self.out, "{begin},,{}{END}", Told(&Operation::Scan { group, members }))?;
            }
        }
        Ok(())
    }

    /// One attempt.
    pub fn attempt(&mut self, attempt: &Recorded) -> io::Result<()> {
        let Recorded { ticket, worker, number, shape, writer, node, start, end, outcome, phase, sqlstate, operations } =
            attempt;
        let place = *worker as usize;
        if self.sessions.len() <= place {
            self.sessions.resize(place + 1, 0);
        }
        let session = self.sessions[place];
        self.sessions[place] += u32::from(*outcome == AttemptOutcome::Ambiguous);
        let (outcome, phase) = (outcome_word(*outcome), phase_word(*phase));
        let sqlstate = sqlstate.as_ref().map_or("", |sqlstate| sqlstate.as_str());
        let (shape, writer) = (shape.name(), Writer::of(*writer));
        let begin = format!(
            "{ticket},{number},{worker},{session},{node},{shape},{start},{end},{outcome},{phase},{sqlstate},{writer}"
        );
        if operations.is_empty() {
            write!(self.out, "{begin}{NOTHING}{END}")?;
        }
        for (number, operation) in (1..).zip(operations) {
            write!(self.out, "{begin},{number},{}{END}", Told(operation))?;
        }
        Ok(())
    }

    /// No more.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The columns of an operation, without its number.
struct Told<'a>(&'a Operation);

impl fmt::Display for Told<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Operation::Read { key: Key { table, id }, row: Row { balance, version, writer } } => {
                write!(formatter, "r,{table},{id},{version},{},{balance},,,", Writer::of(*writer))
            }
            // The answer was lost.
            Operation::Write { key: Key { table, id }, delta, row: Row { version: 0, .. } } => {
                write!(formatter, "w,{table},{id},,,,{delta},,")
            }
            Operation::Write { key: Key { table, id }, delta, row: Row { balance, version, writer } } => {
                write!(formatter, "w,{table},{id},{version},{},{balance},{delta},,", Writer::of(*writer))
            }
            Operation::Scan { group: Group { collection, id }, members } => {
                let members = members.iter().map(|member| Writer::of(*member));
                write!(formatter, "rs,{collection},{id},,,,,,{}", Spaced(members))
            }
            Operation::Join { group: Group { collection, id }, member } => {
                write!(formatter, "add,{collection},{id},,,,,{},", Writer::of(*member))
            }
        }
    }
}

/// Some, with a space between two.
struct Spaced<I>(I);

impl<I: Iterator<Item: Display> + Clone> fmt::Display for Spaced<I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, one) in self.0.clone().enumerate() {
            write!(formatter, "{}{one}", if number == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

fn outcome_word(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Committed => "committed",
        AttemptOutcome::Declined => "declined",
        AttemptOutcome::Aborted => "aborted",
        AttemptOutcome::Ambiguous => "ambiguous",
        AttemptOutcome::Failed => "failed",
    }
}

fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connect",
        Phase::Begin => "begin",
        Phase::Body => "body",
        Phase::Commit => "commit",
    }
}

/// Writes a history that was written by hand: names where a recorded run has numbers, and whole sets and keys as places.
pub fn by_hand(history: &History, mut out: impl Write) -> io::Result<()> {
    write!(out, "{HEADER}{END}")?;
    let names = history.names();
    for txn in 0..history.len() {
        let outcome = match history.outcome(txn) {
            Outcome::Ok => "ok",
            Outcome::Abort => "abort",
            Outcome::Info => "info",
        };
        let (name, session) = (history.name(txn), names.session(history.session(txn)));
        let begin = format!("{name},,,{session},,,{},{},{outcome},,,", history.start(txn), history.end(txn));
        if history.operation_numbers(txn).is_empty() {
            write!(out, "{begin}{NOTHING}{END}")?;
        }
        for (number, operation) in (1..).zip(history.operations(txn)) {
            let told = match operation {
                history::Operation::Read { key, version, .. } => format!("r,{},,{version},,,,,", names.key(key)),
                history::Operation::Write { key, version } => format!("w,{},,{version},,,,,", names.key(key)),
                history::Operation::ReadSet { set, members } => {
                    let members = members.iter().map(|member| names.member(*member));
                    format!("rs,{},,,,,,,{}", names.set(set), Spaced(members))
                }
                history::Operation::Add { set, member } => {
                    format!("add,{},,,,,,{},", names.set(set), names.member(member))
                }
            };
            write!(out, "{begin},{number},{told}{END}")?;
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_write_that_was_not_answered_only_the_amount_is_told() {
        let told = |version| {
            let row = Row { balance: 0, version, writer: Writer { epoch: 1, worker: 2, attempt: 3 }.number() };
            Told(&Operation::Write { key: Key::account(6), delta: -5, row }).to_string()
        };
        assert_eq!(told(4), "w,accounts,6,4,1/2/3,0,-5,,");
        assert_eq!(told(0), "w,accounts,6,,,,-5,,");
    }
}
