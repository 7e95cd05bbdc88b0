//! `contend export`: what other checkers read, and tables.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, ValueEnum};

use super::Exit;
use super::exit::{self, Stop};
use super::history_file::HistoryFile;
use super::same_file::is_same_file;
use crate::check::history::History;
use crate::report::export::{Csv, Dbcop, ExportError, Model, Translation, csv_by_hand, dbcop, elle};
use crate::store::{HistoryError, StreamedHistory, read_history, with_history};

/// Below the flags.
pub(super) const EXAMPLES: &str = "\
For a second opinion on a run, and for tables:
  contend export results/20261121T120408Z-run --format elle --out run.edn
  contend export results/20261121T120408Z-run --format dbcop --out histories/run.json
  contend export results/20261121T120408Z-run --format csv | duckdb -c \"FROM read_csv('/dev/stdin') LIMIT 5\"

docs/export.md says what each format tells of a history, how to run the checkers on it, and which of their levels \
is which of contend's. What a format cannot say is refused, in one line.

Exit codes: 0 written, 2 wrong flags, 4 no such file, no history, or one that the format cannot say.";

/// `contend export`.
#[derive(Debug, Args)]
pub(super) struct ExportFlags {
    /// The history: the folder of a run, a file that `contend check` reads, or - for the standard input
    #[arg(value_name = "RUN")]
    run: PathBuf,
    /// elle (Jepsen's events in EDN, also for elle-cli), dbcop (JSON), or csv (every attempt and operation, for tables)
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// For elle: list-append, which tells the order of the versions, or rw-register, which is short, and Elle guesses
    #[arg(long, value_name = "MODEL")]
    model: Option<ElleModel>,
    /// For dbcop: leave out what it has no word for, `ambiguous` transactions of which nothing is known
    #[arg(long, value_name = "WHAT")]
    leave_out: Option<LeaveOut>,
    /// Write to this file instead of the standard output, which is - too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Elle,
    Dbcop,
    Csv,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ElleModel {
    ListAppend,
    RwRegister,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LeaveOut {
    Ambiguous,
}

pub(super) fn execute(flags: &ExportFlags) -> Result<Exit, Stop> {
    if flags.model.is_some() && flags.format != Format::Elle {
        return Err(Stop::usage("--model is Elle's: choose --format elle with it, or leave it out"));
    }
    if flags.leave_out.is_some() && flags.format != Format::Dbcop {
        return Err(Stop::usage("--leave-out is for --format dbcop: the other formats can say what is ambiguous"));
    }
    let out = flags.out.as_deref().filter(|out| out.as_os_str() != "-");
    if let Some(out) = out.filter(|out| is_same_file(out, &HistoryFile::path(&flags.run))) {
        return Err(Stop::usage(format!("--out {}: that is the history; name another file", out.display())));
    }
    let input = HistoryFile::open(&flags.run)?;
    let mut out = Out::open(out)?;
    let exported = export(flags, input, &mut out);
    out.close(exported)?;
    Ok(Exit::Holds)
}

fn export(flags: &ExportFlags, mut input: HistoryFile, out: &mut Out) -> Result<(), Failure> {
    if !input.is_recorded()? {
        let history = input.written_by_hand()?;
        return match flags.format {
            Format::Csv => Ok(csv_by_hand(&history, out)?),
            _ => translated(flags, &history, SystemTime::UNIX_EPOCH, out),
        };
    }
    let not_whole = |error| Stop::looking(format!("{}, {error}", input.name));
    if flags.format == Format::Csv {
        return with_history(input.bytes, |saved| csv(saved, out, not_whole)).map_err(not_whole)?;
    }
    let read = read_history(input.bytes).map_err(not_whole)?;
    let started = humantime::parse_rfc3339(&read.header.started).unwrap_or(SystemTime::UNIX_EPOCH);
    translated(flags, &read.history, started, out)
}

fn translated(flags: &ExportFlags, history: &History, epoch: SystemTime, out: &mut Out) -> Result<(), Failure> {
    let translation = Translation::new(history)?;
    if flags.format == Format::Elle {
        let model = match flags.model {
            None | Some(ElleModel::ListAppend) => Model::ListAppend,
            Some(ElleModel::RwRegister) => Model::RwRegister,
        };
        return Ok(elle(&translation, model, out)?);
    }
    let leave_out_ambiguous = flags.leave_out == Some(LeaveOut::Ambiguous);
    let left_out = dbcop(&translation, Dbcop { epoch, leave_out_ambiguous }, out)?;
    if left_out > 0 {
        exit::note(&format!("ambiguous transactions of which nothing is known, left out: {left_out}"));
    }
    Ok(())
}

fn csv(saved: StreamedHistory, out: &mut Out, not_whole: impl Fn(HistoryError) -> Stop) -> Result<(), Failure> {
    let StreamedHistory { header, before, after, attempts } = saved;
    if header.stopped_at_ns.is_some() {
        exit::note(
            "the recording stopped at --history-limit: what came later is not in the table, which does not say so",
        );
    }
    let mut csv = Csv::new(out)?;
    csv.state("before", &before)?;
    if let Some(after) = after {
        csv.state("after", &after)?;
    }
    for attempt in attempts {
        csv.attempt(&attempt.map_err(&not_whole)?)?;
    }
    Ok(csv.finish()?)
}

/// Why nothing was exported: the command stops, or the output has failed.
enum Failure {
    Stop(Stop),
    Io(io::Error),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Io(error) => Self::Io(error),
            refused @ ExportError::Unsayable(_) => Self::Stop(Stop::looking(refused.to_string())),
        }
    }
}

/// The standard output, or a file that is there whole or not at all.
struct Out {
    writer: BufWriter<Box<dyn Write>>,
    /// What is written, and what it is called when it is whole.
    unfinished: Option<(PathBuf, PathBuf)>,
    name: String,
}

impl Out {
    fn open(path: Option<&Path>) -> Result<Self, Stop> {
        let Some(path) = path else {
            let writer: Box<dyn Write> = Box::new(io::stdout().lock());
            return Ok(Self {
                writer: BufWriter::new(writer),
                unfinished: None,
                name: "the standard output".to_owned(),
            });
        };
        let name = path.display().to_string();
        // A pipe or a device is written as it is.
        let is_plain = !path.exists() || path.is_file();
        let unfinished = is_plain.then(|| (PathBuf::from(format!("{name}.unfinished")), path.to_owned()));
        let file = File::create(unfinished.as_ref().map_or(path, |(unfinished, _)| unfinished));
        let file = file.map_err(|error| Stop::looking(format!("cannot write {name}: {error}")))?;
        Ok(Self { writer: BufWriter::new(Box::new(file)), unfinished, name })
    }

    fn close(mut self, exported: Result<(), Failure>) -> Result<(), Stop> {
        let exported = exported.and_then(|()| Ok(self.writer.flush()?));
        let exported = match (&self.unfinished, exported) {
            (Some((unfinished, whole)), Ok(())) => std::fs::rename(unfinished, whole).map_err(Failure::Io),
            (_, exported) => exported,
        };
        if let (Some((unfinished, _)), Err(_)) = (&self.unfinished, &exported) {
            // Half an export is none; that the disk refuses this too changes nothing.
            let _ = std::fs::remove_file(unfinished);
        }
        match exported {
            Ok(()) => Ok(()),
            // Whoever read it has seen enough.
            Err(Failure::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(Failure::Io(error)) => Err(Stop::looking(format!("cannot write {}: {error}", self.name))),
            Err(Failure::Stop(stop)) => Err(stop),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
