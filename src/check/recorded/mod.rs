//! How do recorded attempts become a history? Attempt by attempt, from the log or from a file; the state before the first
//! gives the initial versions, the state after the last the final ones.

mod fingerprints;
mod gaps;
mod keys;
mod sets;
mod unanswered;

use std::collections::{HashMap, HashSet};
use std::fmt;

use self::fingerprints::Fingerprints;
use self::keys::Keys;
use self::sets::{Members, Sets};
use self::unanswered::{Change, Claim, Claimant, Sight};
use crate::check::history::{BuildError, Builder, Clock, Header, History, Names, Outcome};
use crate::history::{
    AttemptOutcome, Collection, Group, Key, Nanos, Operation, Recorded, Row, Shape, State, Table, Writer,
};
use crate::retry::Restart;

/// What is known of a run beside its attempts.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// How large it was.
    pub sizes: Sizes,
    /// What the tables held before the first transaction.
    pub before: &'a State,
    /// What they held after the last, where somebody looked.
    pub after: Option<&'a State>,
    /// From when on nothing was recorded.
    pub stopped_at: Option<Nanos>,
    /// What was done between two attempts. Those of a transaction that goes back to its savepoint have one BEGIN, and may
    /// read what was current then: the last one began with the first (CockroachDB restarts at the time of the conflict,
    /// which may have passed long before the attempt sets out).
    pub restart: Restart,
}

/// How large a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Accounts, with the ids 1 to this.
    pub accounts: u64,
    /// Rows of the table `pairs`, numbered likewise.
    pub pairs: u64,
    /// Rows of the table `tills`, numbered likewise.
    pub tills: u64,
    /// Workers, from 0.
    pub workers: u32,
    /// Attempts that are expected; 0 where nobody has counted them.
    pub attempts: usize,
    /// Their operations.
    pub operations: usize,
}

/// Why no history can be made of what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordedError {
    /// A row that the run does not have.
    NoSuchRow(Key),
    /// A version that does not fit 32 bits.
    Version(Key, i64),
    /// A worker that the run does not have.
    NoSuchWorker(u32),
    /// An attempt of a worker that begins before its attempt in front of it has ended, or ends before it starts.
    OutOfOrder(u32),
    /// More than the checker's numbers can hold.
    TooLarge,
    /// What was recorded cannot be read.
    Unreadable(String),
}

impl fmt::Display for RecordedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchRow(key) => write!(formatter, "the run has no row {key}"),
            Self::Version(key, version) => write!(
                formatter,
                "version {version} of {key} is outside of 0 to {}; build the tables anew with --fresh",
                u32::MAX
            ),
            Self::NoSuchWorker(worker) => write!(formatter, "the run has no worker {worker}"),
            Self::OutOfOrder(worker) => {
                write!(formatter, "the attempts of worker {worker} are not in the order of their times")
            }
            Self::TooLarge => formatter.write_str(
                "the history is too large to be checked: at most 2^30 attempts, 2^30 rows, 2^32 operations and transactions",
            ),
            Self::Unreadable(reason) => formatter.write_str(reason),
        }
    }
}

impl std::error::Error for RecordedError {}

impl From<BuildError> for RecordedError {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::TooLarge => Self::TooLarge,
            other @ BuildError::EndsBeforeStart { .. } => Self::Unreadable(other.to_string()),
        }
    }
}

/// Makes a history of attempts in one go.
pub fn recorded_history<E: fmt::Display>(
    setting: Setting<'_>,
    attempts: impl IntoIterator<Item = Result<Recorded, E>>,
) -> Result<History, RecordedError> {
    let mut conversion = Conversion::new(setting)?;
    for attempt in attempts {
        conversion.add(&attempt.map_err(|error| RecordedError::Unreadable(error.to_string()))?)?;
    }
    conversion.finish()
}

/// Makes a history of attempts, one after the other. Those of one worker come in the order of their times.
#[derive(Debug)]
pub struct Conversion<'a> {
    setting: Setting<'a>,
    builder: Builder,
    fingerprints: Option<Fingerprints>,
    keys: Keys,
    sets: Sets,
    members: Members,
    workers: Vec<Worker>,
    sessions: Vec<String>,
    unanswered: Vec<Unanswered>,
    /// What those have seen.
    sights: Vec<Sight>,
}

/// An attempt that is set aside until it is known which versions it made.
#[derive(Debug)]
struct Unanswered {
    header: Header,
    attempt: Recorded,
    claimant: Claimant,
}

/// What the attempts of a worker have come to.
#[derive(Clone, Copy, Debug, Default)]
struct Worker {
    /// None before the first attempt, and after one that may take effect later than whatever follows.
    session: Option<u32>,
    end: Nanos,
    /// The transaction of its last attempt, and when that began.
    ticket: u64,
    begun: Nanos,
}

impl<'a> Conversion<'a> {
    /// Nothing yet.
    pub fn new(setting: Setting<'a>) -> Result<Self, RecordedError> {
        let Sizes { workers, attempts, operations, .. } = setting.sizes;
        if workers > 1 << Writer::WORKER_BITS {
            return Err(RecordedError::TooLarge);
        }
        Ok(Self {
            setting,
            builder: Builder::with_capacity(attempts, operations).signed().valued(),
            fingerprints: None,
            keys: Keys::new(setting.sizes),
            sets: Sets::default(),
            members: Members::default(),
            workers: vec![Worker::default(); workers as usize],
            sessions: Vec::new(),
            unanswered: Vec::new(),
            sights: Vec::new(),
        })
    }

    /// One more attempt.
    pub fn add(&mut self, attempt: &Recorded) -> Result<(), RecordedError> {
        let header = self.header(attempt)?;
        if attempt.outcome == AttemptOutcome::Ambiguous && attempt.operations.iter().any(is_unanswered) {
            return self.set_aside(header, attempt);
        }
        self.builder.begin(header);
        // What a declined attempt read decided nothing: it was rolled back on purpose.
        if attempt.outcome != AttemptOutcome::Declined {
            for operation in &attempt.operations {
                self.operation(attempt.shape, operation)?;
            }
        }
        Ok(())
    }

    fn header(&mut self, attempt: &Recorded) -> Result<Header, RecordedError> {
        let time = |nanos| i64::try_from(nanos).map_err(|_| RecordedError::TooLarge);
        let request = u32::try_from(attempt.ticket).ok().filter(|request| *request != u32::MAX);
        let outcome = match attempt.outcome {
            AttemptOutcome::Committed => Outcome::Ok,
            AttemptOutcome::Ambiguous => Outcome::Info,
            AttemptOutcome::Aborted | AttemptOutcome::Failed | AttemptOutcome::Declined => Outcome::Abort,
        };
        let (session, begun) = self.session(attempt)?;
        Ok(Header {
            session,
            start: time(begun)?,
            end: time(attempt.end)?,
            outcome,
            fingerprint: self.fingerprint(attempt.writer),
            request: Some(request.ok_or(RecordedError::TooLarge)?),
            attempt: u8::try_from(attempt.number).unwrap_or(u8::MAX),
            shape: Some(attempt.shape as u8),
        })
    }

    /// A worker is one session, until an attempt is ambiguous: it may take effect later than the worker's next. Answers
    /// also with the time at which the attempt began, as far as what it has seen is concerned.
    fn session(&mut self, attempt: &Recorded) -> Result<(u32, Nanos), RecordedError> {
        let number = attempt.worker;
        let worker = self.workers.get_mut(number as usize).ok_or(RecordedError::NoSuchWorker(number))?;
        if attempt.start < worker.end || attempt.end < attempt.start {
            return Err(RecordedError::OutOfOrder(number));
        }
        worker.end = attempt.end;
        let goes_on = self.setting.restart == Restart::Savepoint && attempt.number > 1;
        if !goes_on || worker.ticket != attempt.ticket {
            (worker.ticket, worker.begun) = (attempt.ticket, attempt.start);
        }
        let session = if let Some(session) = worker.session {
            session
        } else {
            self.sessions.push(format!("worker {number}"));
            u32::try_from(self.sessions.len() - 1).map_err(|_| RecordedError::TooLarge)?
        };
        worker.session = (attempt.outcome != AttemptOutcome::Ambiguous).then_some(session);
        Ok((session, worker.begun))
    }

    /// All attempts are of one run, the epoch of the first.
    fn fingerprint(&mut self, writer: i64) -> u32 {
        let workers = self.setting.sizes.workers;
        self.fingerprints.get_or_insert_with(|| Fingerprints::new(Writer::of(writer).epoch, workers)).of(writer)
    }

    fn operation(&mut self, shape: Shape, operation: &Operation) -> Result<(), RecordedError> {
        match operation {
            Operation::Read { key, row } => {
                let (number, version) = (self.keys.number(*key)?, version_of(*key, row.version)?);
                // Nobody has written a row that is not there.
                let writer = if version == 0 && key.table == Table::Fresh { 0 } else { self.fingerprint(row.writer) };
                self.builder.read_value(number, version, writer, Some(row.balance));
            }
            Operation::Write { key, delta, row } => {
                let (number, version) = (self.keys.number(*key)?, version_of(*key, row.version)?);
                match row.balance.checked_sub(*delta).filter(|_| adds(shape)) {
                    Some(base) => self.builder.write_over(number, version, row.balance, base),
                    None => self.builder.write_value(number, version, Some(row.balance)),
                }
            }
            Operation::Scan { group, members } => {
                let set = self.sets.number(*group)?;
                let members = members.iter().map(|member| self.members.number(*member));
                self.builder.read_set(set, &members.collect::<Result<Vec<_>, _>>()?);
            }
            Operation::Join { group, member } => {
                let (set, member) = (self.sets.number(*group)?, self.members.number(*member)?);
                self.builder.add(set, member);
            }
        }
        Ok(())
    }

    fn set_aside(&mut self, header: Header, attempt: &Recorded) -> Result<(), RecordedError> {
        let mut seen: HashMap<u32, u32> = HashMap::new();
        let mut claims = Vec::new();
        for operation in &attempt.operations {
            let (Operation::Read { key, row } | Operation::Write { key, row, .. }) = operation else { continue };
            let (number, version) = (self.keys.number(*key)?, version_of(*key, row.version)?);
            let before = seen.entry(number).or_default();
            if let Operation::Write { delta, .. } = operation {
                let change = if adds(attempt.shape) { Change::Add(*delta) } else { Change::Set(row.balance) };
                let is_open = is_unanswered(operation);
                let seen = version.max(*before);
                claims.push(Claim::new(number, is_open.then_some(change), seen, (!is_open).then_some(version)));
            } else {
                let (reader, writer) = (header.fingerprint, self.fingerprint(row.writer));
                self.sights.push(Sight { reader, writer, key: number, version });
            }
            *before = version.max(*before);
        }
        let claimant = Claimant::new(header.fingerprint, header.start, claims);
        self.unanswered.push(Unanswered { header, attempt: attempt.clone(), claimant });
        Ok(())
    }

    /// Adds what was set aside, with the versions that were found. What is not known to have been written is left out.
    fn add_unanswered(&mut self) -> Result<(), RecordedError> {
        if self.unanswered.is_empty() {
            return Ok(());
        }
        let unanswered = std::mem::take(&mut self.unanswered);
        let claimants = unanswered.iter().map(|one| one.claimant.clone()).collect();
        let answers = unanswered::answers(self.builder.history(), claimants, &self.sights);
        self.builder.doubt(answers.open, answers.doubts);
        self.builder.refute(answers.refuted);
        for (Unanswered { header, attempt, .. }, versions) in unanswered.into_iter().zip(answers.versions) {
            self.builder.begin(header);
            let mut versions = versions.into_iter();
            for operation in &attempt.operations {
                let Operation::Write { key, delta, row } = operation else {
                    self.operation(attempt.shape, operation)?;
                    continue;
                };
                let found = versions.next().flatten();
                if !is_unanswered(operation) {
                    self.operation(attempt.shape, operation)?;
                } else if let Some((version, held)) = found {
                    let number = self.keys.number(*key)?;
                    let held = if adds(attempt.shape) { held } else { Some(row.balance) };
                    match held.and_then(|held| Some((held, held.checked_sub(*delta)?))).filter(|_| adds(attempt.shape))
                    {
                        Some((held, base)) => self.builder.write_over(number, version, held, base),
                        None => self.builder.write_value(number, version, held),
                    }
                }
            }
        }
        Ok(())
    }

    /// No more attempts.
    pub fn finish(mut self) -> Result<History, RecordedError> {
        let Setting { before, after, stopped_at, sizes, .. } = self.setting;
        let (versions, values) = self.keys.held(before)?;
        self.builder.initial(versions);
        let is_whole = stopped_at.is_none() && self.keys.were_read(before);
        let after = after.filter(|_| is_whole);
        if is_whole {
            self.builder.initial_values(values);
            // Every statement of contend that writes a row adds 1 to its version.
            self.builder.gapless();
        } else {
            self.builder.partial();
        }
        if let Some(after) = after {
            let fingerprints = self.fingerprints.unwrap_or(Fingerprints::new(0, sizes.workers));
            self.builder.finals(self.keys.finals(after, &fingerprints)?);
            self.builder.final_values(self.keys.held(after)?.1);
        }
        self.add_unanswered()?;
        let Self { mut builder, keys, sets, members, sessions, .. } = self;
        if let Some(after) = after {
            builder.final_members(final_members(after, &sets, &members));
        }
        let names = Names {
            spans: keys.spans(),
            keys: keys.met_names(),
            first_named_key: keys.first_met(),
            sets: sets.names(),
            members: members.names(),
            sessions,
            shapes: Shape::ALL.map(|shape| shape.name().to_owned()).into(),
            clock: Clock::Nanoseconds,
            ..Names::default()
        };
        Ok(builder.finish(names)?)
    }
}

/// Whether an operation is a write whose answer was lost: a write that was answered made version 1 or a later one.
fn is_unanswered(operation: &Operation) -> bool {
    matches!(operation, Operation::Write { row: Row { version: 0, .. }, .. })
}

/// Whether transactions of a shape add to rows, so that the database computes the new balance. Absolute has computed it
/// itself, and fresh inserts.
fn adds(shape: Shape) -> bool {
    !matches!(shape, Shape::Absolute | Shape::Fresh)
}

/// What the groups that were met held in a state, where that was read.
fn final_members(state: &State, sets: &Sets, members: &Members) -> HashMap<u32, HashSet<u32>> {
    let mut found: HashMap<u32, HashSet<u32>> = HashMap::new();
    for (collection, rows) in [(Collection::Receipts, &state.receipts), (Collection::Members, &state.members)] {
        let Some(rows) = rows else { continue };
        found.extend(sets.of(collection).map(|set| (set, HashSet::new())));
        for row in rows {
            let set = sets.known(Group { collection, id: row.group });
            if let (Some(set), Some(member)) = (set, members.known(row.id)) {
                found.entry(set).or_default().insert(member);
            }
        }
    }
    found
}

/// The checker has 32 bits for a version.
fn version_of(key: Key, version: i64) -> Result<u32, RecordedError> {
    u32::try_from(version).map_err(|_| RecordedError::Version(key, version))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod unanswered_tests;
