//! Can every chart be read? Of all sample experiments. To look at them: `CONTEND_PICTURES=FOLDER cargo test chart`.

use std::path::PathBuf;

use super::sheet::{SMALL, Sheet, WIDTH};
use super::{delay_picture, delays, sheets, tune_pictures};
use crate::report::picture::geometry::{Point, Rect};
use crate::report::text::tune_samples;
use crate::run::Tune;

const POLICIES: [&str; 7] = [
    "none",
    "immediate",
    "tutorial",
    "constant:5ms",
    "exponential:base=2ms,factor=2,cap=250ms,jitter=full",
    "exponential:base=2ms,factor=2,cap=250ms,jitter=decorrelated",
    "exponential:base=1ms,factor=3,cap=1h,jitter=none",
];

/// Candidates that all stand at nearly the same place, with long names.
fn crowded(count: u32) -> Tune {
    let mut tune = tune_samples::compared();
    let (candidate, ranked) = (tune.candidates[1].clone(), tune.analyses[0].ranked[1].clone());
    tune.candidates = vec![candidate; count as usize];
    let of = |index: u32| {
        let mut ranked = ranked.clone();
        ranked.candidate = index as usize;
        ranked.estimates.goodput_tps.mean += f64::from(index);
        ranked
    };
    tune.analyses[0].ranked = (0..count).map(of).collect();
    tune.analyses[0].front = vec![0, count as usize - 1];
    tune
}

fn samples() -> Vec<(&'static str, Tune)> {
    let mut samples = tune_samples::all();
    samples.extend([("crowded", crowded(12)), ("very-crowded", crowded(40))]);
    samples
}

/// Every chart, with a name.
fn charts() -> Vec<(String, Sheet)> {
    let mut charts = Vec::new();
    for (name, tune) in samples() {
        charts.extend(sheets(&tune).into_iter().map(|(file, sheet)| (format!("{name}-{file}"), sheet)));
    }
    for (number, policy) in (0..).zip(POLICIES) {
        charts.push((format!("delays-{number}.svg"), delays::draw(policy, &policy.parse().unwrap())));
    }
    charts
}

#[test]
fn every_word_is_within_its_chart_and_hides_no_other() {
    let mut faults = Vec::new();
    for (name, sheet) in charts() {
        let page = Rect { x0: 0.0, y0: 0.0, x1: WIDTH, y1: sheet.height };
        for (at, text) in sheet.texts.iter().enumerate() {
            let extent = text.extent();
            faults
                .extend((!extent.is_inside(page)).then(|| format!("{name}: {:?} is outside: {extent:?}", text.words)));
            faults.extend((text.size < SMALL).then(|| format!("{name}: {:?} is small", text.words)));
            let others = sheet.texts[at + 1..].iter().filter(|other| other.extent().overlaps(extent));
            faults.extend(others.map(|other| format!("{name}: {:?} overlaps {:?}", text.words, other.words)));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_picture_is_well_formed_and_always_the_same() {
    for ((name, sheet), (_, again)) in charts().into_iter().zip(charts()) {
        let svg = sheet.svg();
        assert_eq!(svg, again.svg(), "{name}");
        if let Some(folder) = std::env::var_os("CONTEND_PICTURES") {
            std::fs::write(PathBuf::from(folder).join(&name), &svg).unwrap();
        }
        let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let tags = ["svg", "title", "desc", "rect", "path", "circle", "polygon", "text"];
        let is_ours = |node: roxmltree::Node| !node.is_element() || tags.contains(&node.tag_name().name());
        assert!(document.descendants().all(is_ours), "{name}");
        assert!(crate::report::Picture::is_ours(svg.as_bytes()), "contend replaces {name} only if it knows it");
        assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("href"), "{name}");
    }
}

#[test]
fn an_experiment_has_two_charts_for_each_setting_and_one_of_its_drift() {
    let names = |tune: &Tune| tune_pictures(tune).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let of_two = ["front-16.svg", "goodput-16.svg", "front-64.svg", "goodput-64.svg", "drift.svg"];
    assert_eq!(names(&tune_samples::two_settings()), of_two);
    assert_eq!(names(&tune_samples::nothing()), [""; 0]);
}

#[test]
fn names_are_text_and_nothing_else() {
    for (name, svg) in tune_pictures(&tune_samples::without_commits()) {
        let document = roxmltree::Document::parse(&svg).unwrap();
        let texts = document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text());
        let texts = texts.collect::<Vec<_>>().join("\n");
        assert!(texts.contains("a<b>&\"c\"") && texts.contains("<script>"), "{name}: {texts}");
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}'), "{name}");
    }
    let policy = "constant:5ms".parse().unwrap();
    assert!(delay_picture("<a> & b", &policy).contains("<title id=\"title\">&lt;a&gt; &amp; b</title>"));
}

/// Where the first circle of a size stands.
fn circle(svg: &str, radius: &str) -> Point {
    let document = roxmltree::Document::parse(svg).unwrap();
    let circle = document.descendants().find(|node| node.attribute("r") == Some(radius)).unwrap();
    let number = |name| circle.attribute(name).unwrap().parse().unwrap();
    Point::new(number("cx"), number("cy"))
}

#[test]
fn points_stand_where_their_numbers_say() {
    let mut tune = tune_samples::interrupted();
    let ranked = &mut tune.analyses[0].ranked;
    for (one, (goodput, p99)) in ranked.iter_mut().zip([(1_000.0, 1e8), (600.0, 1e7), (200.0, 1e6)]) {
        (one.estimates.goodput_tps.mean, one.estimates.p99_ns.mean) = (goodput, p99);
    }
    // The second one is drawn as a circle if it is candidate 4 of 5; its goodput and its p99 are the middle of
    // both scales, which go from 92 to 776 and from 454 to 98.
    tune.candidates = vec![tune.candidates[0].clone(); 5];
    ranked[0].candidate = 1;
    ranked[1].candidate = 4;
    ranked[2].candidate = 2;
    tune.analyses[0].recommended = 1;
    let pictures = tune_pictures(&tune);
    let front = circle(&pictures[0].1, "7");
    let (x, y) = (434.0, 276.0);
    assert!((front.x - x).abs() < 0.06 && (front.y - y).abs() < 0.06, "{front:?} and not {x} {y}");

    // 30.0 s of 60.0 s, and 500 of 1,000 on scales that go on for 2 and for 5 %.
    tune.blocks.truncate(2);
    for (block, (started_s, goodput)) in tune.blocks.iter_mut().zip([(25.0, 500.0), (55.0, 1_000.0)]) {
        (block.candidate, block.started_s, block.measured.goodput_tps) = (4, started_s, goodput);
    }
    let drift = circle(&tune_pictures(&tune)[2].1, "5");
    let (x, y) = (76.0 + 700.0 * 30.0 / 61.2, 350.0 - 250.0 * 500.0 / 1_050.0);
    assert!((drift.x - x).abs() < 0.06 && (drift.y - y).abs() < 0.06, "{drift:?} and not {x} {y}");
}
