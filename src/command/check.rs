//! `contend check`: was a saved history, or one that was written by hand, really serializable?

use std::io::Read;
use std::path::PathBuf;

use clap::Args;

use super::Exit;
use super::exit::{self, Stop};
use crate::check::history::{History, notation};
use crate::check::isolation::{Document, Level, Verdict, check};
use crate::check::{HistoryEvidence, Standard};
use crate::report::{self, Style};
use crate::run::SavedJudgement;

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

Exit codes: 0 the level holds, 1 it is violated, 2 wrong flags, 3 nothing was committed, 4 no such file or no history.";

/// `contend check`.
#[derive(Debug, Args)]
pub(super) struct CheckFlags {
    /// The history: a file, or - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The level that the exit code judges by: read-uncommitted, read-committed, repeatable-read, snapshot, serializable,
    /// strong-session-serializable, strict-serializable, or promised for what the server of a recorded run promised
    #[arg(long, value_name = "LEVEL", default_value_t)]
    level: Standard,
    /// Print the judgement as JSON
    #[arg(long)]
    json: bool,
}

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Written by hand.
    Notation,
    /// Saved by `contend run`: JSON lines, compressed or not.
    Recorded,
}

impl Format {
    fn of(bytes: &[u8]) -> Self {
        let is_gzip = bytes.starts_with(&[0x1f, 0x8b]);
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if is_gzip || first == Some(&b'{') { Self::Recorded } else { Self::Notation }
    }
}

pub(super) fn execute(flags: &CheckFlags) -> Result<Exit, Stop> {
    let bytes = bytes(flags)?;
    let (history, level) = match Format::of(&bytes) {
        Format::Notation => (written_by_hand(flags, &bytes)?, level(flags)?),
        Format::Recorded => {
            let file = shown(flags);
            return Err(Stop::looking(format!(
                "{file}: recorded histories cannot be read yet; only the text notation"
            )));
        }
    };
    drop(bytes);
    let judgement = check(&history);
    let evidence = HistoryEvidence {
        history: &history,
        judgement: &judgement,
        asked: flags.level,
        promise: None,
        shapes: None,
        partial: None,
    };
    exit::print(&if flags.json {
        report::judgement_json(&Document::new(&history, &judgement, level))
    } else {
        report::judgement(&SavedJudgement::from(&evidence), Style::of_stdout())
    })?;
    Ok(match judgement.verdict(level) {
        Verdict::Holds => Exit::Holds,
        Verdict::Violated => Exit::Violated,
        Verdict::Inconclusive => Exit::Inconclusive,
    })
}

fn is_stdin(flags: &CheckFlags) -> bool {
    flags.file.as_os_str() == "-"
}

fn shown(flags: &CheckFlags) -> String {
    if is_stdin(flags) { "the standard input".to_owned() } else { flags.file.display().to_string() }
}

fn bytes(flags: &CheckFlags) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    let read = if is_stdin(flags) {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(&flags.file).map(|read| bytes = read)
    };
    read.map_err(|error| Stop::looking(format!("cannot read {}: {error}", shown(flags))))?;
    Ok(bytes)
}

fn written_by_hand(flags: &CheckFlags, bytes: &[u8]) -> Result<History, Stop> {
    notation::read(bytes).map_err(|error| Stop::looking(format!("{}, {error}", shown(flags))))
}

/// Nobody promised anything about a history that was written by hand.
fn level(flags: &CheckFlags) -> Result<Level, Stop> {
    match flags.level {
        Standard::Level(level) => Ok(level),
        Standard::Promised => Err(Stop::usage(format!(
            "--level promised: {} was written by hand, and no server promised anything; name a level, such as serializable",
            shown(flags)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_first_bytes() {
        assert_eq!(Format::of(&[0x1f, 0x8b, 8]), Format::Recorded);
        assert_eq!(Format::of(b"\n {\"contend\": 1}"), Format::Recorded);
        assert_eq!(Format::of(b"# {comment}\nT1 s1 [0,1] ok :"), Format::Notation);
        assert_eq!(Format::of(b""), Format::Notation);
    }
}
