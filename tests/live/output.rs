//! Does each output go where it belongs: the report, the JSON, the notes, the saved run?

use std::fs;
use std::io::Read;

use contend::run::Run;

use crate::levels::run_shape;
use crate::support::{Contend, Scratch, Server};

const SHORT: &str = "--lock-order sorted --transactions 200 --warmup 0s";

#[test]
fn json_is_all_there_is_on_stdout() {
    let database = Server::postgres().database();
    let ended = Contend::run().on(&database.address).flags(SHORT).flags("--json").finish().expect(0);
    let printed: Run = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(printed, ended.saved());
    assert_eq!(printed.counts.transactions, 200);
    assert!(ended.stderr.contains("saved in "), "notes are for people: {}", ended.stderr);
}

#[test]
fn quiet_leaves_the_report_alone() {
    let database = Server::postgres().database();
    let ended = Contend::run().on(&database.address).flags(SHORT).flags("--quiet --fresh").finish().expect(0);
    assert_eq!(ended.stderr, "");
    assert!(ended.stdout.starts_with("HOLDS"), "{}", ended.stdout);
    assert!(!ended.stdout.contains('\u{1b}'), "no colours where nobody sees them");
}

#[test]
fn a_reader_that_goes_away_changes_nothing() {
    let database = Server::postgres().database();
    for flags in ["", "--json"] {
        let (run, mut stdout) = Contend::run().on(&database.address).flags(SHORT).flags(flags).spawn_with_stdout();
        // As `head -1` does: a little, or nothing, and off.
        if flags.is_empty() {
            stdout.read_exact(&mut [0]).unwrap();
        }
        drop(stdout);
        let ended = run.wait().expect(0);
        assert!(!ended.stderr.contains("error"), "{}", ended.stderr);
        assert_eq!(ended.saved().counts.transactions, 200);
    }
}

#[test]
fn a_run_is_saved_under_its_time_and_name() {
    let database = Server::postgres().database();
    let ended = Contend::run().on(&database.address).flags(SHORT).flags("--name of-mine_1.0").finish().expect(0);
    let folder = ended.folder();
    let name = folder.file_name().unwrap().to_str().unwrap();
    let (time, rest) = name.split_once('-').unwrap();
    assert_eq!(rest, "of-mine_1.0");
    let shape: String = time.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    assert_eq!(shape, "00000000T000000Z", "{name}");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["history.jsonl.gz", "run.json"]);
    let run = ended.saved();
    assert_eq!((run.id.as_str(), run.format), (name, contend::run::FORMAT));
    assert!(ended.stderr.contains(folder.to_str().unwrap()), "{}", ended.stderr);
}

#[test]
fn what_a_run_has_found_is_drawn_beside_it() {
    let ended = run_shape(Server::postgres(), "skew", "repeatable-read", "").expect(1);
    let (folder, run) = (ended.folder(), ended.saved());
    let anomalies = run.judgement.unwrap().anomalies;
    assert!(!anomalies.is_empty() && fs::read_dir(&folder).unwrap().count() == 2 + 2 * anomalies.len(), "{folder:?}");
    for (number, anomaly) in (1..).zip(&anomalies) {
        assert_eq!(anomaly.picture, Some(format!("anomaly-{number}.svg")));
        let svg = fs::read_to_string(folder.join(format!("anomaly-{number}.svg"))).unwrap();
        let dot = fs::read_to_string(folder.join(format!("anomaly-{number}.dot"))).unwrap();
        let names = &anomaly.entry.transactions;
        assert!(names.iter().all(|name| svg.contains(name.as_str()) && dot.contains(name.as_str())), "{names:?}");
    }
    assert!(ended.stdout.contains("\nPictures        anomaly-1.svg"), "{}", ended.stdout);
    // The saved history gives the same picture.
    let again = folder.join("again.svg").display().to_string();
    let history = folder.join("history.jsonl.gz").display().to_string();
    Contend::new("check").flags(&format!("{history} --svg {again}")).finish().expect(1);
    assert_eq!(fs::read(again).unwrap(), fs::read(folder.join("anomaly-1.svg")).unwrap());
}

#[test]
fn two_runs_have_two_folders() {
    let database = Server::postgres().database();
    let out = Scratch::new();
    for _ in 0..2 {
        let contend = Contend::new("run").on(&database.address).flags(SHORT).arg("--out");
        contend.arg(out.path().to_str().unwrap()).finish().expect(0);
    }
    assert_eq!(out.names().len(), 2, "{:?}", out.names());
}

#[test]
fn without_out_it_is_saved_in_results_and_with_no_save_nowhere() {
    let database = Server::postgres().database();
    let here = Scratch::new();
    let run = || Contend::new("run").on(&database.address).flags(SHORT).working_in(here.path());
    run().flags("--no-save").finish().expect(0);
    assert_eq!(here.names(), [""; 0]);
    run().finish().expect(0);
    assert_eq!(here.names(), ["results"]);
}
