//! Where do packages put PostgreSQL's programs when they keep them off PATH?

use std::fs;
use std::path::{Path, PathBuf};

/// Directories as packages name them; `*` stands for the version, once per line. `scripts/setup.sh` has the same list.
const PATTERNS: [&str; 12] = [
    "/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
    "/usr/pgsql-*/bin",                  // RPM packages of postgresql.org
    "/usr/lib/postgresql*/bin",          // SUSE
    "/usr/lib64/postgresql-*/bin",       // Gentoo
    "/usr/libexec/postgresql*",          // Alpine
    "/opt/homebrew/opt/postgresql*/bin", // Homebrew: Apple silicon, Intel, Linux
    "/usr/local/opt/postgresql*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
    "/opt/local/lib/postgresql*/bin", // MacPorts
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin", // EDB's installer
    "/usr/local/pgsql*/bin",     // built from source
];

/// The usual places that exist on this machine, the newest version first.
pub(super) fn usual() -> Vec<PathBuf> {
    newest_first(PATTERNS.iter().flat_map(|pattern| expand(pattern)).collect())
}

/// The directories that match the pattern, each with the text its `*` stands for.
fn expand(pattern: &str) -> Vec<(String, PathBuf)> {
    let Some((before, after)) = pattern.split_once('*') else { return Vec::new() };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or((".", before));
    let (suffix, rest) = after.split_once('/').unwrap_or((after, ""));
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter_map(|name| {
            let star = name.strip_prefix(prefix)?.strip_suffix(suffix)?.to_owned();
            Some((star, Path::new(parent).join(&name).join(rest)))
        })
        .filter(|(_, path)| path.is_dir())
        .collect()
}

fn newest_first(mut found: Vec<(String, PathBuf)>) -> Vec<PathBuf> {
    // Stable, so that of equal versions the place further up in the list wins.
    found.sort_by_key(|(star, _)| std::cmp::Reverse(version(star)));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The numbers in `@17`, `9.6` or `-18`. None at all (`latest`, or no version in the name) sorts below any version.
fn version(text: &str) -> Vec<u32> {
    text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_is_newer_than_nine_point_six() {
        let found = ["9.6", "@9", "latest", "@17", "10", "", "-16", "9.10"];
        let ordered = newest_first(found.iter().map(|star| ((*star).to_owned(), PathBuf::from(star))).collect());
        let expected = ["@17", "-16", "10", "9.10", "9.6", "@9", "latest", ""];
        assert_eq!(ordered, expected.map(PathBuf::from));
    }

    #[test]
    fn the_star_matches_within_one_component() {
        let root = std::env::temp_dir().join(format!("contend-places-{}", std::process::id()));
        for name in ["postgresql@16/bin", "postgresql@17/bin", "postgresql/bin", "postgresql@15", "mysql@8/bin"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let found = newest_first(expand(&format!("{}/postgresql*/bin", root.display())));
        let missing = expand(&format!("{}/nowhere/*/bin", root.display()));
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, ["postgresql@17/bin", "postgresql@16/bin", "postgresql/bin"].map(|name| root.join(name)));
        assert!(missing.is_empty());
    }

    #[test]
    fn every_pattern_has_one_star() {
        assert!(PATTERNS.iter().all(|pattern| pattern.starts_with('/') && pattern.matches('*').count() == 1));
    }
}
