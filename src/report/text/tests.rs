//! Is the whole report as it was last looked at? To look at it anew: `CONTEND_UPDATE=1 cargo test report`.

use std::path::Path;

use console::{measure_text_width, strip_ansi_codes};

use super::{render, samples, stepped_samples};
use crate::measure::{Ratios, Recovery};
use crate::report::Style;
use crate::run::Run;

const PLAIN: Style = Style { color: false };
const COLOR: Style = Style { color: true };

fn samples() -> Vec<(&'static str, Run)> {
    vec![
        ("contended", samples::contended()),
        ("violated", samples::violated()),
        ("skewed", samples::skewed()),
        ("partial", samples::partial()),
        ("empty", samples::empty()),
        ("stopped", samples::stopped()),
        ("weaker", samples::weaker()),
        ("simulated", samples::simulated()),
        ("steps-of-workers", stepped_samples::workers()),
        ("steps-of-a-rate", stepped_samples::rate()),
        ("steps-carried", stepped_samples::carried()),
        ("steps-interrupted", stepped_samples::interrupted()),
        ("open", samples::open()),
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
    for (name, run) in samples() {
        // JSON has no NaN.
        if run.goodput_tps.is_nan() {
            continue;
        }
        let text = crate::report::json::render(&run);
        assert!(text.ends_with("}\n"));
        assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run, "{name}");
    }
}

#[test]
fn a_run_that_was_saved_before_there_were_histories_is_still_read() {
    let mut saved = serde_json::to_value(samples::contended()).unwrap();
    for field in ["shapes", "steps", "steps_analysis", "history", "judgement"] {
        assert!(saved.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    for field in ["mix", "verify", "level"] {
        assert!(saved["plan"].as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    let run: Run = serde_json::from_value(saved).unwrap();
    assert!(run.judgement.is_none() && run.shapes.is_empty());
    assert!(render(&run, PLAIN).starts_with("HOLDS           8 of 8 checks hold\n"));
}

#[test]
fn serializable_never_simply_holds_where_the_mix_could_not_tell() {
    let first = render(&samples::partial(), PLAIN);
    assert!(first.starts_with("HOLDS           consistent with serializable, in 28,508 transactions; this mix"));
    let mut run = samples::contended();
    assert!(render(&run, PLAIN).starts_with("HOLDS           serializable: nothing contradicts it"));
    run.judgement = None;
    run.plan.verify = "balance".to_owned();
    let text = render(&run, PLAIN);
    assert!(text.lines().take(2).collect::<String>().contains("no history was recorded"), "{text}");
}

#[test]
fn a_simulation_says_so_first_and_tells_no_real_time() {
    let mut run = samples::simulated();
    let text = render(&run, PLAIN);
    assert!(text.starts_with("SIMULATED       sim://serializable ("), "{text}");
    assert!(!text.contains("Client"), "{text}");
    let history = run.history.as_mut().unwrap();
    (history.save_s, history.check_s, run.client.cpu_user_s) = (9.0, 9.0, 9.0);
    run.phases.verify_s = 9.0;
    assert_eq!(render(&run, PLAIN), text);
}

#[test]
fn what_the_level_permits_is_said_where_it_fails_nobody() {
    let mut run = samples::contended();
    for check in &mut run.verdict.checks {
        if check.name == "skew" {
            check.status = "permitted".to_owned();
        }
    }
    let text = render(&run, PLAIN);
    assert!(text.starts_with("HOLDS") && text.contains("broken, as the"), "{text}");
}

#[test]
fn what_is_normal_while_the_load_rises_is_no_hint() {
    let hints = |run: &Run| crate::report::hints(run).join(" ");
    let mut run = stepped_samples::workers();
    (run.time.backoff_s, run.counts.retries) = (run.time.busy_s, 0);
    assert!(!hints(&run).contains("backoff") && !hints(&run).contains("Hardly a retry"), "{}", hints(&run));
    run.plan.steps = None;
    assert!(hints(&run).contains("backoff") && hints(&run).contains("Hardly a retry"), "{}", hints(&run));
}

#[test]
fn workers_that_come_and_go_are_not_called_unfair() {
    assert!(!render(&stepped_samples::workers(), PLAIN).contains("\nFairness"));
    assert!(render(&stepped_samples::rate(), PLAIN).contains("\nFairness"));
}

#[test]
fn a_recovery_that_is_none_is_only_called_metastable_after_an_overload() {
    let text = |run: &Run| render(run, PLAIN).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut run = stepped_samples::rate();
    assert!(text(&run).contains("metastable: goodput is 0 %"));
    let analysis = run.steps_analysis.as_mut().unwrap();
    (analysis.saturated, analysis.collapsed) = (None, None);
    assert!(text(&run).contains("something else has changed") && !text(&run).contains("metastable"));
    for (recovery, words) in [
        (Recovery::Draining(Ratios { goodput: 1.5, p50: Some(4.0), p99: None }), "not yet: goodput is 150 %"),
        (Recovery::Unclear(Ratios { goodput: 0.5, p50: Some(1.0), p99: None }), "unclear: goodput is 50 %"),
        (Recovery::TooFew, "too few transactions to compare"),
        (Recovery::NotSeen, "ended before its last step"),
    ] {
        run.steps_analysis.as_mut().unwrap().recovery = recovery;
        assert!(text(&run).contains(words), "{}", text(&run));
    }
}
