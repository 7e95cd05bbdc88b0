//! Which histories are exported here? All of tests/histories, random ones, and, for each, what a format makes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use contend::check::history::{History, notation};
use contend::report::export::{Dbcop, ExportError, Model, Translation, dbcop, elle};

/// The histories of tests/histories that are well-formed.
pub fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let mut files: Vec<PathBuf> = [root.clone(), root.join("open")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

pub fn read(path: &Path) -> History {
    notation::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

pub fn as_elle(history: &History, model: Model) -> Result<String, ExportError> {
    let mut bytes = Vec::new();
    elle(&Translation::new(history)?, model, &mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// Without the ambiguous transactions of which nothing is known, as contend's judgement.
pub fn as_dbcop(history: &History) -> Result<String, ExportError> {
    let options = Dbcop { epoch: SystemTime::UNIX_EPOCH, leave_out_ambiguous: true };
    let mut bytes = Vec::new();
    dbcop(&Translation::new(history)?, options, &mut bytes)?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// Whether it was refused, in one line that says what to do.
#[track_caller]
pub fn is_refused<T>(exported: &Result<T, ExportError>) -> bool {
    match exported {
        Ok(_) => false,
        Err(ExportError::Unsayable(reason)) => {
            assert!(reason.contains("--") && reason.lines().count() == 1, "{reason}");
            true
        }
        Err(ExportError::Io(error)) => panic!("{error}"),
    }
}
