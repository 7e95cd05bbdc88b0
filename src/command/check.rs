//! `contend check`: was a saved history, or one that was written by hand, really serializable?

use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::drawing::Drawing;
use super::exit::{self, Stop};
use super::history_file::HistoryFile;
use crate::check::history::History;
use crate::check::isolation::{Document, check};
use crate::check::{HistoryEvidence, Partial, Promise, Standard, Status, Verdict, permit};
use crate::history::Shape;
use crate::plan::Flight;
use crate::report::{self, Style};
use crate::run::{SavedJudgement, SavedVerdict};
use crate::store::{ReadHistory, read_history};

/// Below the flags.
pub(super) const NOTATION: &str = "\
A history written by hand has a transaction a line, in any order; version 0 is the initial state:
  # comment
  T1 s1 [0,9] ok : r(x@0) r(y@0) w(y@1)
  T2 s2 [0,9] ok : r(x@0) r(y@0) w(x@1)
  T3 s3 [10,12] abort : w(x@2)
  T4 s1 [13,20] info : rs(P,{a,b}) add(P,c)
Name, session, start and end, ok, abort or info (ambiguous), then reads and writes of a key's version, exact predicate reads \
of a set, and additions to a set.

Exit codes: 0 the level holds, 1 it is violated, 2 wrong flags, 3 nothing was committed, 4 no such file, no history, or a picture \
that cannot be written.";

/// `contend check`.
#[derive(Debug, Args)]
pub(super) struct CheckFlags {
    /// The history: a file, the folder of a run, or - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The level that the exit code judges by: read-uncommitted, read-committed, repeatable-read, snapshot, serializable,
    /// strong-session-serializable, strict-serializable, or promised for what the server of a recorded run promised
    #[arg(long, value_name = "LEVEL", default_value_t)]
    level: Standard,
    /// Print the judgement as JSON
    #[arg(long)]
    json: bool,
    /// Draw the first anomaly into this file as SVG; others go beside it, as FILE-2.svg, FILE-3.svg and so on
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// The same as graphs for Graphviz
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
}

pub(super) fn execute(flags: &CheckFlags) -> Result<Exit, Stop> {
    let drawing = Drawing::new(&HistoryFile::path(&flags.file), flags.svg.as_deref(), flags.dot.as_deref())?;
    let mut file = HistoryFile::open(&flags.file)?;
    let subject = if file.is_recorded()? { Subject::recorded(file)? } else { Subject::written_by_hand(flags, file)? };
    let Subject { history, promise, shapes, flight, partial, simulated, mut checks } = subject;
    let judgement = check(&history);
    let evidence = HistoryEvidence {
        history: &history,
        judgement: &judgement,
        asked: flags.level,
        promise: promise.as_ref(),
        shapes: shapes.as_deref(),
        flight,
        partial,
    };
    if let (Some(promise), Some(shapes)) = (&promise, &shapes) {
        permit(&mut checks, flags.level, promise, shapes);
    }
    let status = evidence.status().max(broken(&checks));
    exit::print(&if flags.json {
        let document = Document::new(&history, &judgement, evidence.level());
        report::judgement_json(&if status == Status::Violated { document.violated() } else { document })
    } else {
        let (judgement, checks) = (SavedJudgement::from(&evidence), SavedVerdict::from(&checks));
        report::judgement(&judgement, &checks, simulated.as_deref(), Style::of_stdout())
    })?;
    drawing.draw(&history, &SavedJudgement::told(&evidence))?;
    Ok(status.into())
}

/// A history, and what is known about where it comes from.
struct Subject {
    history: History,
    promise: Option<Promise>,
    shapes: Option<Vec<Shape>>,
    flight: Flight,
    partial: Option<Partial>,
    /// The address of a simulation.
    simulated: Option<String>,
    /// What the state in the end and the rules of the shapes say, where that was saved.
    checks: Verdict,
}

/// Whether a rule is broken; what else there is to say of a run was said when it ended.
fn broken(checks: &Verdict) -> Status {
    let violated = checks.checks.iter().any(|check| check.status == Status::Violated);
    if violated { Status::Violated } else { Status::Holds }
}

impl Subject {
    /// Nobody promised anything about a history that was written by hand.
    fn written_by_hand(flags: &CheckFlags, file: HistoryFile) -> Result<Self, Stop> {
        if flags.level == Standard::Promised {
            return Err(Stop::usage(format!(
                "--level promised: {} was written by hand, and no server promised anything; name a level, such as \
                 serializable",
                file.name
            )));
        }
        let history = file.written_by_hand()?;
        let checks = Verdict::default();
        Ok(Self {
            history,
            promise: None,
            shapes: None,
            flight: Flight::default(),
            partial: None,
            simulated: None,
            checks,
        })
    }

    fn recorded(file: HistoryFile) -> Result<Self, Stop> {
        let HistoryFile { name, bytes } = file;
        let read = read_history(bytes).map_err(|error| Stop::looking(format!("{name}, {error}")))?;
        let ReadHistory { header, before, after, history, books } = read;
        let (shapes, partial) = (header.shapes(), Partial::of(&history, header.stopped_at_ns, None));
        let checks = match after {
            // What was not recorded is in the state, too.
            Some(after) if header.stopped_at_ns.is_none() => books.judge(&shapes, &before, &after, true),
            _ => Verdict::default(),
        };
        let simulated = header.server.is_simulated().then(|| header.server.address.clone());
        let (promise, shapes) = (Some(header.server.promise()), Some(shapes));
        // What was saved before there was a choice was sequential.
        let flight = header.plan.flight.parse().unwrap_or_default();
        Ok(Self { history, promise, shapes, flight, partial, simulated, checks })
    }
}
