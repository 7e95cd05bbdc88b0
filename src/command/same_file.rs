//! Do two paths name one file? What is read must not be written over, and what is written once not a second time.

use std::fs;
use std::path::{Path, PathBuf};

/// Whether they do, also where that file is not there yet.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    one == other || whole(one).is_some_and(|path| whole(other) == Some(path))
}

/// The path from the root, without links; `None` where its folder is not there.
fn whole(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = fs::canonicalize(path) {
        return Some(path);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(fs::canonicalize(folder).ok()?.join(path.file_name()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_one_file_are_found() {
        let same = |one: &str, other: &str| is_same_file(Path::new(one), Path::new(other));
        assert!(same("Cargo.toml", "./Cargo.toml") && same("Cargo.toml", "src/../Cargo.toml"));
        assert!(same("not-there.svg", "src/../not-there.svg") && same("no/such/a", "no/such/a"));
        assert!(!same("Cargo.toml", "Cargo.lock") && !same("not-there.svg", "src/not-there.svg"));
        assert!(!same("no/such/a", "no/such/b"));
    }
}
