//! Are the pictures in docs/ what contend draws today, and what are the recorded histories that they come from?

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use contend::check::isolation::check;
use contend::report::Picture;
use contend::store::read_history;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The list in scripts/pictures: names, and the histories that they are drawn from.
fn listed() -> Vec<(String, String)> {
    let script = fs::read_to_string(project().join("scripts/pictures")).unwrap();
    let list = script.split("HISTORIES").nth(1).unwrap();
    let entries = list.lines().filter_map(|line| line.split_once(' ')).filter(|(_, file)| file.starts_with("tests/"));
    entries.map(|(name, file)| (name.to_owned(), file.to_owned())).collect()
}

fn files(folder: &str, extension: &str) -> BTreeSet<String> {
    let paths = fs::read_dir(project().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let wanted = |path: &PathBuf| path.extension().is_some_and(|found| found == extension);
    paths.filter(wanted).map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect()
}

/// The first anomaly of a history.
fn drawn(file: &str) -> String {
    let bytes = fs::read(project().join(file)).unwrap();
    let history = if bytes.starts_with(b"{") {
        read_history(bytes.as_slice()).unwrap().history
    } else {
        contend::check::history::notation::read(&bytes).unwrap()
    };
    Picture::new(&history, &check(&history).anomalies[0]).svg()
}

#[test]
fn the_pictures_of_the_pages_are_what_contend_draws() {
    let listed = listed();
    assert!(listed.len() > 20, "{listed:?}");
    for (name, file) in &listed {
        let kept = fs::read_to_string(project().join(format!("docs/pictures/{name}.svg"))).unwrap_or_default();
        assert!(kept == drawn(file), "docs/pictures/{name}.svg is out of date: run ./scripts/pictures");
    }
    let names: BTreeSet<String> = listed.into_iter().map(|(name, _)| name).collect();
    assert_eq!(files("docs/pictures", "svg"), names);
}

#[test]
fn every_picture_is_on_a_page() {
    let page = |name| fs::read_to_string(project().join("docs").join(name)).unwrap();
    let (checker, postgresql) = (page("checker.md"), page("postgresql-serializable.md"));
    for name in files("docs/pictures", "svg") {
        let page = if name == "postgresql-batch" { &postgresql } else { &checker };
        assert!(page.contains(&format!("(pictures/{name}.svg)")), "{name}");
    }
}

#[test]
fn every_recorded_history_shows_what_it_is_named_after() {
    for name in files("tests/recorded", "jsonl") {
        let bytes = fs::read(project().join(format!("tests/recorded/{name}.jsonl"))).unwrap();
        let judgement = check(&read_history(bytes.as_slice()).unwrap().history);
        let expected = if name == "postgresql-batch" { "G2".to_owned() } else { name.replace('-', " ") };
        let found: BTreeSet<String> = judgement.counts.keys().map(ToString::to_string).collect();
        assert_eq!(found, BTreeSet::from([expected]), "{name}");
    }
}
