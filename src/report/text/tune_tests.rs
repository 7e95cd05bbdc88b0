//! Is the report of an experiment as it was last looked at? To look at it anew: `CONTEND_UPDATE=1 cargo test report`.

use std::path::Path;

use console::{measure_text_width, strip_ansi_codes};

use super::{tune, tune_samples};
use crate::report::Style;
use crate::run::Tune;
use crate::tune::Objective;

const PLAIN: Style = Style { color: false };
const COLOR: Style = Style { color: true };

/// In one line, to look for words in.
fn words(of: &Tune) -> String {
    tune(of, PLAIN).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_report_is_as_it_was_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/text/expected");
    for (name, sample) in tune_samples::all() {
        let file = folder.join(format!("tune-{name}.txt"));
        let report = tune(&sample, PLAIN);
        if std::env::var_os("CONTEND_UPDATE").is_some() {
            std::fs::write(&file, &report).unwrap();
        }
        assert_eq!(report, std::fs::read_to_string(&file).unwrap_or_default(), "{name}");
    }
}

#[test]
fn no_line_is_wider_than_80_columns_nor_ends_with_a_space() {
    for (name, sample) in tune_samples::all() {
        let report = tune(&sample, PLAIN);
        for line in report.lines() {
            assert!(measure_text_width(line) <= 80 && line == line.trim_end(), "{name}: {line}");
        }
        assert!(!report.contains("NaN") && !report.contains("inf "), "{name}");
        assert!(!report.contains("\n\n\n") && report.ends_with('\n') && !report.ends_with("\n\n"), "{name}");
    }
}

#[test]
fn color_changes_nothing_but_the_color() {
    for (name, sample) in tune_samples::all() {
        let (plain, color) = (tune(&sample, PLAIN), tune(&sample, COLOR));
        assert!(color.contains("\u{1b}[1m") && !plain.contains('\u{1b}'), "{name}");
        assert_eq!(strip_ansi_codes(&color), plain, "{name}");
    }
}

#[test]
fn json_reads_back_as_the_same_experiment() {
    for (name, sample) in tune_samples::all() {
        let text = crate::report::tune_json(&sample);
        assert!(text.ends_with("}\n"), "{name}");
        assert_eq!(serde_json::from_str::<Tune>(&text).unwrap(), sample, "{name}");
    }
}

#[test]
fn a_simulation_says_so_first_and_again_at_the_end() {
    let text = tune(&tune_samples::simulated(), PLAIN);
    assert!(text.starts_with("SIMULATED       sim://serializable?"), "{text}");
    assert_eq!(text.matches("SIMULATED").count(), 2, "{text}");
    assert!(text.contains("p99, ms: measured 993, simulated 871 (-12.3 %)"), "{text}");
}

#[test]
fn nothing_is_recommended_where_the_state_was_wrong() {
    let text = tune(&tune_samples::violated(), PLAIN);
    assert!(text.starts_with("VIOLATED        total: 1,000,000 before"), "{text}");
    assert!(!text.contains("ecommended  ") && !text.contains("► recommended") && !text.contains("--emit"), "{text}");
}

#[test]
fn the_first_sentence_is_the_recommendation() {
    let sample = tune_samples::compared();
    let names: Vec<&str> = sample.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    let sentence = sample.analyses[0].recommendation.as_ref().unwrap().sentence(&names);
    let words = words(&sample);
    let without_spaces = |text: &str| text.trim_end_matches('.').replace(' ', "");
    assert!(without_spaces(&words).starts_with(&without_spaces(&format!("Recommended {sentence}"))), "{words}");
}

#[test]
fn the_marks_are_those_of_the_analysis() {
    let mut sample = tune_samples::compared();
    let marks = |sample: &Tune| -> Vec<char> {
        let text = tune(sample, PLAIN);
        let rows = text.lines().skip_while(|line| !line.contains("tx/s    95 %")).skip(1).take(6);
        rows.map(|line| line.chars().nth(6).unwrap()).collect()
    };
    assert_eq!(marks(&sample), [' ', '►', ' ', ' ', ' ', '×']);
    sample.analyses[0].recommended = 0;
    sample.analyses[0].ranked[4].same_as_best = true;
    assert_eq!(marks(&sample), ['►', '=', ' ', ' ', '=', '×']);
}

#[test]
fn the_objective_names_what_is_compared() {
    let mut sample = tune_samples::compared();
    for (objective, heading) in [
        (Objective::Goodput, "Their goodput"),
        (Objective::P99, "Their p99"),
        (Objective::Wasted, "Their share of wasted time"),
    ] {
        sample.design.objective = objective;
        assert!(words(&sample).contains(&format!("{heading} against exponential")), "{}", words(&sample));
    }
}

#[test]
fn a_long_policy_breaks_no_table() {
    let mut sample = tune_samples::compared();
    for (number, candidate) in (0..).zip(&mut sample.candidates) {
        candidate.policy = format!("{}/deadline:{number}s", "exponential:base=2ms,factor=2,cap=250ms/".repeat(20));
        candidate.name.clone_from(&candidate.policy);
    }
    let text = tune(&sample, PLAIN);
    assert!(text.lines().all(|line| measure_text_width(line) <= 80), "{text}");
    assert!(text.contains("In full") && text.contains("deadline:5s"), "{text}");
}
