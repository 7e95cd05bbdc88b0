//! How is a history told to Elle? As Jepsen's events in EDN, one a line: each transaction is invoked and completed.
//!
//! Elle finds out the order of the versions by itself, and registers hide it. contend knows that order, and a list can say
//! it: a row becomes a list, to which each write appends its own value, so that a read of the row shows what was written
//! before. A transaction behind all others reads everything once, so that the order of what nobody read is known too.

use std::io::Write;

use super::translation::{Place, Seen, Step, Translation};
use super::{ExportError, unsayable};
use crate::check::history::{History, Outcome};

/// How a row is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// As a list of everything that was written to it.
    #[default]
    ListAppend,
    /// As a register that holds what was written last: short, but Elle has to guess the order of the writes.
    RwRegister,
}

/// All lists together may have so many elements: about 400 MB of text.
const MOST_ELEMENTS: u64 = 50_000_000;

/// Writes a history as events. Nothing is written of one that cannot be told.
pub fn elle(translation: &Translation<'_>, model: Model, out: &mut impl Write) -> Result<(), ExportError> {
    let history = translation.history;
    let (events, processes) = events(history)?;
    if model == Model::ListAppend {
        let elements = elements(translation)?;
        if elements > MOST_ELEMENTS {
            return unsayable(format!(
                "its lists would have {elements} elements, and {MOST_ELEMENTS} is the most: record a shorter run or more \
                 accounts, or choose --model rw-register"
            ));
        }
    }
    let mut log = Log { translation, model, processes, out, index: 0 };
    for Event { txn, time, completes, .. } in events {
        log.event(txn, time, completes)?;
    }
    log.last()
}

/// The beginning or the end of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Event {
    time: i64,
    place: Moment,
    txn: u32,
    completes: bool,
}

/// What comes first of what happens at the same time. Elle takes the order of the events for real time, in which what
/// touches is concurrent: so beginnings come before ends, but for those of one session, which has to end one transaction to
/// begin the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Begin,
    GoOn,
    End,
}

/// All beginnings and ends, in their order, and the process of each transaction.
///
/// Attempts that go back to a savepoint all begin with their transaction. Those that were aborted have a process each.
fn events(history: &History) -> Result<(Vec<Event>, Vec<u32>), ExportError> {
    let mut events = Vec::with_capacity(2 * history.len() as usize);
    let mut latest: Vec<Option<u32>> = vec![None; history.sessions() as usize];
    // Where the end of each transaction is in `events`.
    let mut ends = vec![0; history.len() as usize];
    let mut processes: Vec<u32> = (0..history.len()).map(|txn| history.session(txn)).collect();
    // Those of the sessions, and of the last state.
    let mut next = history.sessions() + 1;
    for txn in 0..history.len() {
        let before = latest[history.session(txn) as usize].replace(txn);
        let goes_back = |before: &u32| {
            let [one, other] = [*before, txn].map(|txn| history.request(txn));
            one.is_some()
                && one == other
                && history.outcome(*before) == Outcome::Abort
                && history.start(*before) == history.start(txn)
        };
        if let Some(before) = before.filter(goes_back) {
            processes[before as usize] = next;
            next += 1;
        }
        let before = before.filter(|before| !goes_back(before));
        let goes_on = before.is_some_and(|before| history.end(before) == history.start(txn));
        if let Some(before) = before {
            follows(history, before, txn)?;
            if goes_on {
                let end: &mut Event = &mut events[ends[before as usize]];
                end.place = Moment::GoOn;
            }
        }
        let place = if goes_on { Moment::GoOn } else { Moment::Begin };
        events.push(Event { time: history.start(txn), place, txn, completes: false });
        ends[txn as usize] = events.len();
        events.push(Event { time: history.end(txn), place: Moment::End, txn, completes: true });
    }
    events.sort_unstable();
    for pair in events.windows(2) {
        let [one, other] = [pair[0], pair[1]];
        let at_once = one.time == other.time && [one.place, other.place] == [Moment::GoOn; 2];
        if at_once && history.session(one.txn) != history.session(other.txn) {
            let (one, other) = (history.name(one.txn), history.name(other.txn));
            return unsayable(format!(
                "{one} and {other} touch, in two sessions, the transactions before or after them at the same instant: in \
                 Elle's sequence of events some would be over before the others; choose --format csv or dbcop"
            ));
        }
    }
    Ok((events, processes))
}

/// A process of Jepsen does one thing after the other, and ends with what is ambiguous.
fn follows(history: &History, before: u32, txn: u32) -> Result<(), ExportError> {
    let what = if history.outcome(before) == Outcome::Info {
        "is ambiguous, and its session goes on with"
    } else if history.end(before) > history.start(txn) || history.start(before) == history.start(txn) {
        "overlaps, in its session, with"
    } else {
        return Ok(());
    };
    let (before, txn) = (history.name(before), history.name(txn));
    unsayable(format!("{before} {what} {txn}, which no process of Elle does; choose --format csv or dbcop"))
}

/// How many elements all lists have together.
fn elements(translation: &Translation<'_>) -> Result<u64, ExportError> {
    let mut elements = 0;
    let mut count = |seen: &Seen| elements += seen.below.len() as u64 + u64::from(seen.last.is_some());
    for txn in 0..translation.history.len() {
        translation.steps(txn, |step| {
            if let Step::Read(_, seen) = step {
                count(&seen);
            }
            Ok(())
        })?;
    }
    translation.last(|_, seen| {
        count(&seen);
        Ok(())
    })?;
    Ok(elements)
}

struct Log<'a, W> {
    translation: &'a Translation<'a>,
    model: Model,
    processes: Vec<u32>,
    out: &'a mut W,
    index: u64,
}

impl<W: Write> Log<'_, W> {
    fn event(&mut self, txn: u32, time: i64, completes: bool) -> Result<(), ExportError> {
        let history = self.translation.history;
        let outcome = history.outcome(txn);
        let kind = match outcome {
            _ if !completes => "invoke",
            Outcome::Ok => "ok",
            Outcome::Abort => "fail",
            Outcome::Info => "info",
        };
        self.begin(kind, self.processes[txn as usize], time)?;
        let (translation, mut separator) = (self.translation, "");
        translation.steps(txn, |step| {
            self.out.write_all(separator.as_bytes())?;
            separator = " ";
            match step {
                Step::Write(write) => self.write(write.place, write.value),
                Step::Read(place, seen) => self.read(place, Some(seen).filter(|_| completes && outcome == Outcome::Ok)),
            }
        })?;
        self.end(&history.name(txn))
    }

    /// What was there in the end, read by a process of its own.
    fn last(&mut self) -> Result<(), ExportError> {
        let (translation, history) = (self.translation, self.translation.history);
        let end = (0..history.len()).map(|txn| history.end(txn)).max();
        let Some(end) = end else { return Ok(()) };
        for kind in ["invoke", "ok"] {
            self.begin(kind, history.sessions(), end)?;
            let mut separator = "";
            translation.last(|place, seen| {
                self.out.write_all(separator.as_bytes())?;
                separator = " ";
                self.read(place, Some(seen).filter(|_| kind == "ok"))
            })?;
            self.end("last state")?;
        }
        Ok(())
    }

    fn begin(&mut self, kind: &str, process: u32, time: i64) -> Result<(), ExportError> {
        let index = self.index;
        self.index += 1;
        Ok(write!(self.out, "{{:index {index}, :time {time}, :type :{kind}, :process {process}, :f :txn, :value [")?)
    }

    fn end(&mut self, name: &str) -> Result<(), ExportError> {
        Ok(writeln!(self.out, "], :name \"{name}\"}}")?)
    }

    fn write(&mut self, place: Place, value: u32) -> Result<(), ExportError> {
        let word = match self.model {
            Model::ListAppend => "append",
            Model::RwRegister => "w",
        };
        Ok(write!(self.out, "[:{word} \"{}\" {value}]", self.translation.name(place))?)
    }

    /// `nil` is what nobody knows yet, and for registers also what nobody wrote.
    fn read(&mut self, place: Place, seen: Option<Seen>) -> Result<(), ExportError> {
        write!(self.out, "[:r \"{}\" ", self.translation.name(place))?;
        match (self.model, seen) {
            (Model::ListAppend, Some(Seen { below, last })) => {
                self.out.write_all(b"[")?;
                for value in self.translation.values(below) {
                    write!(self.out, "{value} ")?;
                }
                last.map_or(Ok(()), |last| write!(self.out, "{last}"))?;
                self.out.write_all(b"]")?;
            }
            (Model::RwRegister, Some(Seen { last: Some(last), .. })) => write!(self.out, "{last}")?,
            (Model::RwRegister, Some(Seen { last: None, .. })) | (_, None) => self.out.write_all(b"nil")?,
        }
        Ok(self.out.write_all(b"]")?)
    }
}
