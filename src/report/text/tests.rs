//! Is the whole report as it was last looked at? To look at it anew: `CONTEND_UPDATE=1 cargo test report`.

use std::path::Path;

use console::{measure_text_width, strip_ansi_codes};

use super::{render, samples};
use crate::report::Style;
use crate::run::Run;

const PLAIN: Style = Style { color: false };
const COLOR: Style = Style { color: true };

fn samples() -> [(&'static str, Run); 5] {
    [
        ("contended", samples::contended()),
        ("violated", samples::violated()),
        ("empty", samples::empty()),
        ("stopped", samples::stopped()),
        ("weaker", samples::weaker()),
    ]
}

#[test]
fn every_report_is_as_it_was_looked_at() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/text/expected");
    for (name, run) in samples() {
        let file = folder.join(format!("{name}.txt"));
        let report = render(&run, PLAIN);
        if std::env::var_os("CONTEND_UPDATE").is_some() {
            std::fs::write(&file, &report).unwrap();
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(report, expected, "{name}");
    }
}

#[test]
fn no_line_is_wider_than_80_columns() {
    for (name, run) in samples() {
        for style in [PLAIN, COLOR] {
            for line in render(&run, style).lines() {
                assert!(measure_text_width(line) <= 80, "{name}: {line}");
            }
        }
    }
}

#[test]
fn color_changes_nothing_but_the_color() {
    for (name, run) in samples() {
        let (plain, color) = (render(&run, PLAIN), render(&run, COLOR));
        assert!(color.contains("\u{1b}[1m"), "{name}");
        assert!(!plain.contains('\u{1b}'), "{name}");
        assert_eq!(strip_ansi_codes(&color), plain, "{name}");
    }
}

#[test]
fn no_line_ends_with_a_space_and_no_number_is_none() {
    for (name, run) in samples() {
        let report = render(&run, PLAIN);
        assert!(report.lines().all(|line| line == line.trim_end()), "{name}");
        assert!(!report.contains("NaN") && !report.contains("inf"), "{name}");
        assert!(!report.contains("\n\n\n") && report.ends_with('\n') && !report.ends_with("\n\n"), "{name}");
    }
}

#[test]
fn json_reads_back_as_the_same_run() {
    let run = samples::contended();
    let text = crate::report::json::render(&run);
    assert!(text.ends_with("}\n"));
    assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
}
