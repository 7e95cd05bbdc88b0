//! Can every picture be read? Of all histories written by hand, and of names that want to be something else.

use std::fs;
use std::path::{Path, PathBuf};

use super::Picture;
use super::geometry::Rect;
use super::layout::{Layout, Look, SENTENCE, TITLE, Text, WIDTH};
use super::text::{SMALL, bold_width, width};
use crate::check::history::{Builder, Clock, Header, History, Names, Outcome, notation};
use crate::check::isolation::{check, explain};

/// Every anomaly of every history in tests/histories, with the name of its file.
fn pictures() -> Vec<(String, Picture)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let files = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files(root.clone()).chain(files(root.join("open"))).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let drawn = |path: &PathBuf| {
        let history = notation::parse(&fs::read_to_string(path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let anomalies = check(&history).anomalies;
        anomalies.iter().map(|anomaly| (name.clone(), Picture::new(&history, anomaly))).collect::<Vec<_>>()
    };
    files.iter().flat_map(drawn).collect()
}

fn size(look: Look) -> f64 {
    match look {
        Look::Title => TITLE,
        Look::Sentence => SENTENCE,
        _ => SMALL,
    }
}

/// The estimated extent of a line of text.
fn extent(text: &Text) -> Rect {
    let size = size(text.look);
    let width = match text.look {
        Look::Title | Look::Head | Look::Strong | Look::Closing => bold_width(&text.words, size),
        _ => width(&text.words, size),
    };
    let x0 = match text.look {
        Look::Label | Look::Closing | Look::Tick => text.at.x - width / 2.0,
        Look::Caption => text.at.x - width,
        _ => text.at.x,
    };
    Rect { x0, x1: x0 + width, y0: text.at.y - size * 0.8, y1: text.at.y + size * 0.25 }
}

/// What lies on something else, or outside; what is too small to be read.
fn faults(layout: &Layout) -> Vec<String> {
    let page = Rect { x0: 0.0, y0: 0.0, x1: WIDTH, y1: layout.height };
    let mut faults = Vec::new();
    let texts: Vec<(&str, Rect)> = layout.texts.iter().map(|text| (text.words.as_str(), extent(text))).collect();
    for (at, (text, extent)) in texts.iter().enumerate() {
        faults.extend((!extent.is_inside(page)).then(|| format!("{text:?} is outside: {extent:?}")));
        let others = texts[at + 1..].iter().filter(|(_, other)| other.overlaps(*extent));
        faults.extend(others.map(|(other, _)| format!("{text:?} overlaps {other:?}")));
    }
    faults.extend(
        layout.texts.iter().filter(|text| size(text.look) < 11.0).map(|text| format!("{} is small", text.words)),
    );
    for (at, arrow) in layout.arrows.iter().enumerate() {
        let label = arrow.label;
        faults.extend((!label.is_inside(page)).then(|| format!("a label is outside: {label:?}")));
        let bars = layout.cards.iter().filter(|card| card.extent().overlaps(label));
        faults.extend(bars.map(|card| format!("a label is on {}", card.lines[0].text)));
        for (other_at, other) in layout.arrows.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
            faults.extend(
                (other_at > at && other.label.overlaps(label)).then(|| format!("two labels overlap: {label:?}")),
            );
            faults.extend((other.curve.inside(label) > 0).then(|| format!("an arrow runs through a label: {label:?}")));
        }
        let inside = |rect: Rect| {
            arrow.curve.inside(Rect { y0: rect.y0 + 4.0, y1: rect.y1 - 4.0, x0: rect.x0 + 1.0, x1: rect.x1 - 1.0 }) > 0
        };
        faults.extend(
            layout
                .cards
                .iter()
                .filter(|card| inside(card.extent()))
                .map(|card| format!("an arrow runs through {}", card.lines[0].text)),
        );
    }
    let bars = layout.cards.iter().enumerate();
    for (at, card) in bars {
        faults.extend((!card.extent().is_inside(page)).then(|| format!("{:?} is outside", card.lines)));
        let others = layout.cards[at + 1..].iter().filter(|other| other.extent().overlaps(card.extent()));
        faults.extend(others.map(|other| format!("{:?} is on {:?}", card.lines[0].text, other.lines[0].text)));
    }
    faults
}

/// Graphviz' language as far as contend writes it: every statement on a line, quotation marks that are closed.
fn reads_as_dot(dot: &str) -> bool {
    let is_statement = |line: &str| {
        let (mut quoted, mut escaped, mut depth, mut outside) = (false, false, 0, String::new());
        for letter in line.chars() {
            match letter {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => {}
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => outside.push(letter),
            }
        }
        let is_plain = outside.chars().all(|letter| letter.is_ascii_alphanumeric() || " ->[],=.;_".contains(letter));
        !quoted && depth == 0 && is_plain && line.ends_with("];")
    };
    let lines: Vec<&str> = dot.lines().collect();
    match &lines[..] {
        [made, "digraph anomaly {", statements @ .., "}"] => {
            made.starts_with("// ") && statements.iter().all(|line| is_statement(line))
        }
        _ => false,
    }
}

#[test]
fn nothing_lies_on_anything_else() {
    let pictures = pictures();
    assert!(pictures.len() > 100, "{}", pictures.len());
    let mut wrong = Vec::new();
    for (name, picture) in &pictures {
        let layout = Layout::new(&picture.figure);
        assert_eq!(
            (layout.cards.len(), layout.arrows.len()),
            (picture.figure.nodes.len(), picture.figure.arrows.len())
        );
        wrong.extend(faults(&layout).into_iter().map(|fault| format!("{name}: {fault}")));
        wrong.extend((layout.unreadable > 0).then(|| format!("{name}: {} unreadable", layout.unreadable)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_picture_is_well_formed_and_always_the_same() {
    for ((name, picture), (_, again)) in pictures().into_iter().zip(pictures()) {
        let (svg, dot) = (picture.svg(), picture.dot());
        assert_eq!((&svg, &dot), (&again.svg(), &again.dot()), "{name}");
        let document = roxmltree::Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")), "{name}");
        let text = |tag| root.children().find(|child| child.has_tag_name(tag)).and_then(|child| child.text()).unwrap();
        assert!(text("title").starts_with(&picture.figure.title) && text("desc").contains("Forbidden by"), "{name}");
        assert!(!svg.contains("<script") && !svg.contains("href"), "{name}");
        assert!(reads_as_dot(&dot), "{name}: {dot}");
    }
}

/// Write skew between transactions and rows of these names.
fn skew(name: &str, clock: Clock) -> (History, Picture) {
    let mut builder = Builder::new();
    for (session, times, written) in [(0, (0, 9), 0), (1, (1, 8), 1)] {
        builder.begin(Header::new(session, times.0, times.1, Outcome::Ok));
        builder.read(0, 0, 0);
        builder.read(1, 0, 0);
        builder.write(written, 1);
    }
    let numbered = |number: u32| format!("{name}{number}");
    let names = Names {
        transactions: vec![numbered(1), numbered(2)],
        keys: vec![numbered(3), numbered(4)],
        sessions: vec![numbered(5), numbered(6)],
        clock,
        ..Names::default()
    };
    let history = builder.finish(names).unwrap();
    let anomaly = check(&history).anomalies.remove(0);
    let picture = Picture::new(&history, &anomaly);
    (history, picture)
}

#[test]
fn names_are_text_and_nothing_else() {
    let long = "x".repeat(3_000);
    for name in [
        "<script>alert(1)</script>",
        "\"'&amp;]]>--",
        "\u{0}\u{1b}[31m\n\t",
        "数据库…é\u{202e}",
        "\\\"\\",
        long.as_str(),
    ] {
        for clock in [Clock::Ticks, Clock::Nanoseconds] {
            let (_, picture) = skew(name, clock);
            let (svg, dot) = (picture.svg(), picture.dot());
            let document = roxmltree::Document::parse(&svg).unwrap();
            let tags = ["svg", "title", "desc", "style", "rect", "path", "text"];
            let is_ours = |node: roxmltree::Node| !node.is_element() || tags.contains(&node.tag_name().name());
            assert!(document.descendants().all(is_ours), "{name}: {svg}");
            assert!(reads_as_dot(&dot), "{name}: {dot}");
            assert!(
                dot.contains(&super::text::clean(name).replace('\\', "\\\\").replace('"', "\\\"")),
                "{name}: {dot}"
            );
            assert_eq!(faults(&Layout::new(&picture.figure)), [""; 0], "{name}");
        }
    }
}

/// A ring of so many transactions, each reads what the next one writes, by so many workers.
fn ring(count: u32, workers: u32) -> (History, Picture) {
    let mut builder = Builder::new();
    for number in 0..count {
        let start = i64::from(number) * 1_000;
        let end = if workers < count { start + 900 } else { 1_000_000 };
        builder.begin(Header::new(number % workers, start, end, Outcome::Ok));
        builder.read((number + 1) % count, 0, 0);
        builder.write(number, 1);
    }
    let history = builder.finish(Names { clock: Clock::Nanoseconds, ..Names::default() }).unwrap();
    let anomalies = check(&history).anomalies;
    let longest = anomalies.iter().max_by_key(|anomaly| anomaly.edges.len()).unwrap();
    let picture = Picture::new(&history, longest);
    (history, picture)
}

#[test]
fn of_a_long_cycle_the_first_ones_are_drawn() {
    for (count, workers) in [(12, 12), (13, 13), (40, 40), (8, 3), (12, 1)] {
        let (history, picture) = ring(count, workers);
        let layout = Layout::new(&picture.figure);
        assert_eq!(faults(&layout), [""; 0], "{count} by {workers}");
        assert!(picture.figure.nodes.len() <= 12 && layout.height < 1_500.0, "{count} by {workers}: {}", layout.height);
        let words: Vec<String> = layout.texts.iter().map(|text| text.words.clone()).collect();
        let left_out = words.contains(&format!("{} transactions more, each before the next", count.saturating_sub(11)));
        assert_eq!(left_out, count > 12 && workers == count, "{words:?}");
        assert!(!explain(&history, &check(&history).anomalies[0]).is_empty());
    }
}

#[test]
fn places_stand_for_what_is_no_transaction() {
    let mut builder = Builder::new();
    for attempt in 1..=20 {
        let start = i64::from(attempt) * 10;
        let header = Header::new(0, start, start + 9, Outcome::Ok);
        builder.begin(Header { request: Some(7), attempt, ..header });
        builder.write(0, u32::from(attempt));
    }
    let history = builder.finish(Names::default()).unwrap();
    let picture = Picture::new(&history, &check(&history).anomalies[0]);
    assert_eq!(faults(&Layout::new(&picture.figure)), [""; 0]);
    let places: Vec<&str> = picture.figure.nodes[11..].iter().map(|node| node.head.as_str()).collect();
    assert_eq!((places, picture.figure.arrows.len()), (vec!["and so on", "request 7"], 12));
    let outcome = |notation: &str| {
        let history = notation::parse(notation).unwrap();
        Picture::new(&history, &check(&history).anomalies[0]).dot()
    };
    let aborted = outcome("T1 a [0,1] abort : w(x@1)\nT2 b [2,3] ok : r(x@1)");
    assert!(aborted.contains("n0 [label=\"a: T1: aborted\\nwrote x@1\", style=dashed];"), "{aborted}");
    assert!(outcome("T1 a [0,1] ok : r(x@1)").contains("\"nobody\\nwrote x@1\", style=\"rounded,dashed\""));
}
