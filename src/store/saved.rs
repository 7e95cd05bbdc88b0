//! What was saved? A run or an experiment, read back from its folder or its file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::Store;
use crate::run::{FORMAT, Run, Tune};

/// Why something saved cannot be read, in one line.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    /// No file, or none that may be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else is in it.
    #[error("{} is not {wanted} that contend has saved", path.display())]
    Other {
        /// The file.
        path: PathBuf,
        /// What it was to be.
        wanted: &'static str,
    },
    /// The other one of the two is in it.
    #[error("{} is {found}, and {wanted} is needed; {hint}", path.display())]
    Swapped {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What it was to be.
        wanted: &'static str,
        /// What to do.
        hint: &'static str,
    },
    /// A later contend has written it.
    #[error("{} has format {format}, and this contend reads up to {most}: read it with contend {version}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
        /// The newest that is known.
        most: u32,
        /// The version that wrote it.
        version: String,
    },
}

/// What makes a file what it is.
struct Kind {
    file: &'static str,
    name: &'static str,
    /// A field that the other one does not have.
    mark: &'static str,
    format: u32,
    hint: &'static str,
}

const RUN: Kind = Kind {
    file: Store::RUN,
    name: "a run",
    mark: "counts",
    format: FORMAT,
    hint: "contend tune --from shows experiments, that is, what contend tune has saved",
};
const TUNE: Kind = Kind {
    file: Store::TUNE,
    name: "an experiment",
    mark: "blocks",
    format: Tune::FORMAT,
    hint: "contend tune --simulate takes what contend run has saved",
};

/// Reads a run: its folder, or its file.
pub fn read_run(path: &Path) -> Result<Run, SavedError> {
    read(path, &RUN, &TUNE)
}

/// Reads an experiment: its folder, or its file.
pub fn read_tune(path: &Path) -> Result<Tune, SavedError> {
    read(path, &TUNE, &RUN)
}

fn read<T: DeserializeOwned>(named: &Path, wanted: &Kind, other: &Kind) -> Result<T, SavedError> {
    let path = match named.join(wanted.file) {
        // The folder of the other one is told by its file.
        file if !file.exists() && named.join(other.file).exists() => named.join(other.file),
        file if named.is_dir() => file,
        _ => named.to_owned(),
    };
    let text = fs::read_to_string(&path).map_err(|source| SavedError::Unreadable { path: path.clone(), source })?;
    let nothing = || SavedError::Other { path: path.clone(), wanted: wanted.name };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|_| nothing())?;
    let has = |kind: &Kind| value.get(kind.mark).is_some();
    if !has(wanted) && has(other) {
        return Err(SavedError::Swapped { path, found: other.name, wanted: wanted.name, hint: other.hint });
    }
    let format = value.get("format").and_then(serde_json::Value::as_u64).ok_or_else(nothing)?;
    if format > wanted.format.into() {
        let version =
            value.get("contend").and_then(serde_json::Value::as_str).unwrap_or("of a later version").to_owned();
        return Err(SavedError::Newer { path, format, most: wanted.format, version });
    }
    serde_json::from_value(value).map_err(|_| nothing())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, read: impl Fn(&Path) -> Option<SavedError>) -> String {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("contend-saved-{}-{number}.json", std::process::id()));
        fs::write(&path, text).unwrap();
        let told = read(&path).unwrap().to_string();
        fs::remove_file(&path).unwrap();
        assert_eq!(told.lines().count(), 1, "{told}");
        told
    }

    #[test]
    fn what_is_something_else_is_told_in_one_line() {
        let tune = |path: &Path| read_tune(path).err();
        let run = |path: &Path| read_run(path).err();
        assert!(told("{\"format\": 1, \"counts\": {}}", tune).contains("is a run, and an experiment is needed"));
        assert!(told("{\"format\": 1, \"blocks\": []}", run).contains("is an experiment, and a run is needed"));
        let newer = told("{\"format\": 2, \"contend\": \"9.1.0\", \"blocks\": []}", tune);
        assert!(newer.contains("has format 2") && newer.ends_with("read it with contend 9.1.0"), "{newer}");
        for text in ["", "[1]", "{\"format\": 1, \"blocks\": []}", "{\"blocks\": []}"] {
            assert!(told(text, tune).ends_with("is not an experiment that contend has saved"), "{text}");
        }
        let missing = read_tune(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(missing.starts_with("cannot read /nowhere/at/all: "), "{missing}");
    }
}
