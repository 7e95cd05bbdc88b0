//! Does `scripts/bench` say what it can do, and refuse in one line what it cannot, before anything is built or started?

use std::process::{Command, Output};

const BENCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/bench");

/// What is tested here ends before any tool is looked for.
fn bench(arguments: &[&str]) -> Output {
    Command::new("bash").arg(BENCH).args(arguments).env("HOME", "/nonexistent").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The rows that a run without `--only` has, from the script itself.
fn rows() -> Vec<String> {
    let script = std::fs::read_to_string(BENCH).unwrap();
    let list = script.split_once("\nall=(").unwrap().1.split_once(')').unwrap().0;
    list.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn help_names_every_flag_and_every_row() {
    let help = bench(&["--help"]);
    assert_eq!((help.status.code(), text(&help.stderr).as_str()), (Some(0), ""));
    let said = text(&help.stdout);
    for flag in ["--pairs", "--seconds", "--quick", "--only", "--transport", "--out", "--cockroach"] {
        assert!(said.contains(&format!("  {flag}")), "{flag} is missing in: {said}");
    }
    let rows = rows();
    assert!(rows.len() >= 8, "{rows:?}");
    let listed = said.split_once("some of: ").unwrap().1.lines().next().unwrap();
    assert_eq!(
        listed.split_whitespace().collect::<Vec<_>>(),
        [rows.join(" ").as_str(), "cockroach"].join(" ").split(' ').collect::<Vec<_>>()
    );
}

#[test]
fn every_row_has_its_function() {
    let parts = ["rows", "scale", "cockroach"].map(|part| {
        std::fs::read_to_string(format!("{}/scripts/benchmark/{part}.sh", env!("CARGO_MANIFEST_DIR"))).unwrap()
    });
    for row in rows().into_iter().chain(["cockroach".to_owned()]) {
        assert!(parts.iter().any(|part| part.contains(&format!("\nrow_{row}() "))), "{row} has none");
    }
}

#[test]
fn wrong_flags_are_refused_in_one_line() {
    for (arguments, words) in [
        (&["--pears", "3"][..], "'--pears' is no flag"),
        (&["sequential"], "'sequential' is no flag"),
        (&["--pairs"], "--pairs needs a value"),
        (&["--pairs", "0"], "--pairs '0': a whole number from 1 to 100"),
        (&["--pairs", "101"], "--pairs '101': a whole number from 1 to 100"),
        (&["--seconds", "1.5"], "--seconds '1.5': a whole number from 1 to 600"),
        (&["--only", "sequential,speed"], "--only 'speed': one of sequential pipelined"),
        (&["--only", "cockroach"], "--only cockroach needs --cockroach URL"),
        (&["--transport", "pigeon"], "--transport 'pigeon': tcp or unix"),
    ] {
        let refused = bench(arguments);
        let said = text(&refused.stderr);
        assert_eq!((refused.status.code(), text(&refused.stdout).as_str()), (Some(2), ""), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with("contend: ") && said.contains(words), "{words} is not in: {said}");
    }
}
