//! Is every history in tests/histories judged as its comments say? By the check, and by an oracle that shares nothing with it.
//!
//! tests/histories/README.md says what the lines `# expect:` mean.

mod oracle;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use contend::check::history::{History, notation};
use contend::check::isolation::{Judgement, Level, check};

fn files(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

fn expected(text: &str, name: &str) -> BTreeSet<String> {
    let prefix = format!("# expect: {name}: ");
    let line = text.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap_or("none");
    line.split(", ").filter(|item| *item != "none").map(str::to_owned).collect()
}

fn reported(judgement: &Judgement) -> BTreeSet<String> {
    let names = judgement.anomalies.iter().flat_map(|anomaly| anomaly.also.iter().chain([&anomaly.name]));
    names.map(ToString::to_string).collect()
}

fn violated(judgement: &Judgement) -> BTreeSet<String> {
    Level::ALL.into_iter().filter(|level| judgement.violated.contains(*level)).map(|level| level.to_string()).collect()
}

/// What differs from the expectation lines.
fn differences(text: &str, history: &History) -> Vec<String> {
    let judgement = check(history);
    let (names, may, reported) = (expected(text, "names"), expected(text, "may"), reported(&judgement));
    let allowed: BTreeSet<String> = names.union(&may).cloned().collect();
    let mut found = Vec::new();
    found.extend(names.difference(&reported).map(|name| format!("{name} is missing")));
    found.extend(reported.difference(&allowed).map(|name| format!("{name} is not there")));
    let strongest = judgement.strongest().iter().map(ToString::to_string).collect();
    for (what, ours) in [("violated", violated(&judgement)), ("strongest", strongest)] {
        let theirs = expected(text, what);
        found.extend((theirs != ours).then(|| format!("{what}: {ours:?} instead of {theirs:?}")));
    }
    found
}

/// Of ambiguous transactions it is enough to know whether they committed.
fn outcomes_differ(text: &str, judgement: &Judgement) -> bool {
    let committed = expected(text, "outcomes").iter().filter(|outcome| outcome.ends_with(" committed")).count();
    usize::try_from(judgement.proven).unwrap() != committed
}

/// Of open/: the check reads the notation otherwise than the expectation lines, as README.md says.
const READ_OTHERWISE: [&str; 3] = ["falling-versions", "interleaved-versions", "member-added-twice"];

#[test]
fn every_history_is_judged_as_it_says() {
    let files: Vec<PathBuf> = ["", "open"].into_iter().flat_map(files).collect();
    assert!(files.len() >= 170, "only {} files", files.len());
    let mut wrong = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap();
        let history = notation::parse(&text).unwrap();
        let mut found = differences(&text, &history);
        let open = text.lines().any(|line| line.starts_with("# open: "));
        found.extend((!open && outcomes_differ(&text, &check(&history))).then(|| "outcomes".to_owned()));
        let otherwise = READ_OTHERWISE.iter().any(|name| path.file_stem().unwrap() == *name);
        if otherwise == found.is_empty() {
            wrong.push(format!("{}: {found:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_oracle_agrees_with_every_expectation() {
    let mut wrong = Vec::new();
    for path in ["", "open", "bad"].into_iter().flat_map(files) {
        let text = fs::read_to_string(&path).unwrap();
        let lines = match oracle::notation::parse(&text) {
            Err(fault) => vec![format!("expect: error: {fault}")],
            Ok(txns) => {
                let verdict = oracle::judge::judge(txns);
                assert_eq!(verdict.broken, None, "{}", path.display());
                oracle::expect::lines(&verdict)
            }
        };
        let expected = oracle::expect::of_file(&text);
        if lines != expected {
            wrong.push(format!("{}: {lines:?} instead of {expected:?}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn random_histories_are_judged_as_the_oracle_judges_them() {
    let mut clean = 0;
    for seed in 0..RANDOM {
        let (txns, verdict, _) = oracle::generate::history(seed, 6);
        let mut lines: Vec<String> =
            oracle::expect::lines(&verdict).into_iter().map(|line| "# ".to_owned() + &line).collect();
        lines.extend(txns.iter().map(oracle::notation::line));
        let text = lines.join("\n");
        let history = notation::parse(&text).unwrap();
        let found = differences(&text, &history);
        assert!(found.is_empty(), "seed {seed}: {found:?}\n{text}");
        clean += u64::from(verdict.violated == 0);
    }
    assert!((RANDOM / 4..RANDOM * 3 / 4).contains(&clean), "{clean} of {RANDOM} are clean: no good mixture");
}

/// Some seconds in a debug build, most of them the oracle's.
const RANDOM: u64 = 6_000;

/// The wording is the check's own: this has to be in it.
const REASONS: [(&str, &str); 20] = [
    ("add-without-member", "expected ','"),
    ("end-before-start", "ends before it starts"),
    ("id-twice", "T1 is there twice"),
    ("id-without-T", "write T and a number"),
    ("id-without-number", "the transaction's number"),
    ("negative-version", "expected a version"),
    ("no-bracket", "expected '['"),
    ("no-colon", "expected ':'"),
    ("no-session", "expected a session"),
    ("no-version", "expected '@'"),
    ("operation-not-closed", "expected ')'"),
    ("second-line-wrong", "ok, abort or info"),
    ("set-not-closed", "expected ','"),
    ("set-with-empty-member", "expected a member"),
    ("time-not-a-number", "an integer for a time"),
    ("time-too-large", "too large for a time"),
    ("unknown-operation", "write r, w, rs or add"),
    ("unknown-outcome", "ok, abort or info"),
    ("version-too-large", "too large for a version"),
    ("write-of-version-zero", "version 0 is the initial state"),
];

#[test]
fn malformed_histories_are_refused_with_line_column_and_reason() {
    let files = files("bad");
    assert_eq!(files.len(), REASONS.len());
    for (path, (name, says)) in files.iter().zip(REASONS) {
        assert_eq!(path.file_stem().unwrap(), name);
        let text = fs::read_to_string(path).unwrap();
        let place = text.lines().find_map(|line| line.strip_prefix("# expect: error: ")).unwrap();
        let error = notation::parse(&text).expect_err(name);
        assert_eq!(format!("{}:{}", error.line, error.column), place.split(' ').next().unwrap(), "{name}");
        assert!(error.reason.contains(says), "{name}: {}", error.reason);
    }
}
