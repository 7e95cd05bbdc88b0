//! Where is it kept? One folder per run, written whole or not at all.

mod header;
mod history_reader;
#[cfg(test)]
mod history_tests;
mod history_writer;
mod line;
mod saved;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;

pub use header::{HistoryHeader, SavedTable};
pub use history_reader::{HistoryError, ReadHistory, SavedAttempts, StreamedHistory, read_history, with_history};
pub use history_writer::{HistoryParts, HistoryWriter, Written, write_history};
pub use saved::{SavedError, read_run, read_tune};

/// A folder that a run will be saved in. It is made before the run, so that a full or read-only disk is found out before
/// and not after the work; dropped without [`Store::save`] it is removed.
#[derive(Debug)]
pub struct Store {
    id: String,
    folders: Option<Folders>,
}

#[derive(Debug)]
struct Folders {
    unfinished: PathBuf,
    whole: PathBuf,
    /// The folder of all runs, where this store has made it.
    made: Option<PathBuf>,
}

/// A run that cannot be saved.
#[derive(Debug, thiserror::Error)]
#[error("cannot save the run in {}: {source}; choose another folder with --out, or --no-save", path.display())]
pub struct StoreError {
    path: PathBuf,
    source: io::Error,
}

impl Store {
    /// The name of the history's file in the folder of a run.
    pub const HISTORY: &str = history_writer::FILE;

    /// The name of a run's file.
    pub const RUN: &str = "run.json";
    /// The name of an experiment's file.
    pub const TUNE: &str = "tune.json";

    /// Chooses a name that is free, and makes sure that something can be written there, unless nothing is to be saved.
    pub fn open(out: &Path, started: SystemTime, name: &str, save: bool) -> Result<Self, StoreError> {
        let wanted = format!("{}-{name}", compact_time(started));
        if !save {
            return Ok(Self { id: wanted, folders: None });
        }
        let failed = |source| StoreError { path: out.to_owned(), source };
        let made = (!out.exists()).then(|| out.to_owned());
        fs::create_dir_all(out).map_err(failed)?;
        for number in 1.. {
            let id = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
            let (unfinished, whole) = (out.join(format!(".{id}.unfinished")), out.join(&id));
            if whole.exists() {
                continue;
            }
            match fs::create_dir(&unfinished) {
                Ok(()) => return Ok(Self { id, folders: Some(Folders { unfinished, whole, made }) }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(failed(io::ErrorKind::AlreadyExists.into()))
    }

    /// The run's name: `<UTC time>-<name>`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Begins to write the history, on a thread of its own. None when nothing is saved. It is part of the run once
    /// [`HistoryWriter::join`] has answered and [`Store::save`] has been called.
    pub fn write_history(&self, parts: HistoryParts) -> Result<Option<HistoryWriter>, StoreError> {
        let Some(Folders { unfinished, whole, .. }) = &self.folders else { return Ok(None) };
        HistoryWriter::start(unfinished, whole, parts).map(Some)
    }

    /// Puts a file beside the run. Answers whether anything is saved at all.
    pub fn add(&self, name: &str, text: &str) -> Result<bool, StoreError> {
        let Some(Folders { unfinished, whole, .. }) = &self.folders else { return Ok(false) };
        match write(&unfinished.join(name), text) {
            Ok(()) => Ok(true),
            Err(source) => Err(StoreError { path: whole.clone(), source }),
        }
    }

    /// Writes a run or an experiment under the name of its file, and answers with its folder.
    pub fn save(mut self, file: &str, saved: &impl Serialize) -> Result<Option<PathBuf>, StoreError> {
        let Some(Folders { unfinished, whole, .. }) = &self.folders else { return Ok(None) };
        let written = serde_json::to_string_pretty(saved)
            .map_err(io::Error::from)
            .and_then(|text| write(&unfinished.join(file), &format!("{text}\n")))
            .and_then(|()| fs::rename(unfinished, whole));
        written.map_err(|source| StoreError { path: whole.clone(), source })?;
        Ok(self.folders.take().map(|folders| folders.whole))
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(Folders { unfinished, made, .. }) = &self.folders {
            // Nothing better can be done about a folder that cannot be removed.
            let _ = fs::remove_dir_all(unfinished);
            // It is removed only while it is empty.
            let _ = made.as_ref().map(fs::remove_dir);
        }
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)?;
    fs::File::open(path)?.sync_all()
}

/// `20261121T120408Z`: sorts by time, and is a file name everywhere.
fn compact_time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string().replace(['-', ':'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("contend-store-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        path
    }

    #[test]
    fn a_store_that_is_not_saved_leaves_nothing() {
        let out = folder("dropped");
        let store = Store::open(&out, SystemTime::UNIX_EPOCH, "x", true).unwrap();
        assert_eq!(store.id(), "19700101T000000Z-x");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
        drop(store);
        assert!(!out.exists(), "nor the folder that was made for it");
    }

    #[test]
    fn what_is_added_goes_with_the_run() {
        let out = folder("added");
        let store = Store::open(&out, SystemTime::UNIX_EPOCH, "x", true).unwrap();
        assert!(store.add("anomaly-1.svg", "<svg/>").unwrap());
        let error = store.add("no/such.svg", "").unwrap_err().to_string();
        assert!(error.contains("--out") && error.lines().count() == 1, "{error}");
        drop(store);
        assert!(!out.exists());
        let store = Store::open(&out, SystemTime::UNIX_EPOCH, "x", false).unwrap();
        assert!(!store.add("anomaly-1.svg", "<svg/>").unwrap() && !out.exists());
    }

    #[test]
    fn two_runs_in_the_same_second_have_two_names() {
        let out = folder("twice");
        let one = Store::open(&out, SystemTime::UNIX_EPOCH, "x", true).unwrap();
        let two = Store::open(&out, SystemTime::UNIX_EPOCH, "x", true).unwrap();
        assert_ne!(one.id(), two.id());
        drop(two);
        drop(one);
        assert!(!out.exists());
    }

    #[test]
    fn a_place_that_cannot_be_written_is_found_out_at_once() {
        let file = folder("file");
        fs::write(&file, "").unwrap();
        let error = Store::open(&file.join("results"), SystemTime::UNIX_EPOCH, "x", true).unwrap_err().to_string();
        assert!(error.contains("--out") && error.lines().count() == 1, "{error}");
        fs::remove_file(file).unwrap();
    }
}
