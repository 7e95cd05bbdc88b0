//! Did the server change meanwhile? The goodput of every block over time; why candidates are compared within rounds.

use super::scale::{Scale, plain};
use super::sheet::{Anchor, BODY, EDGE, GRID, Sheet, Text, WIDTH};
use super::{key, mark, source};
use crate::report::picture::geometry::{Point, Rect};
use crate::report::units::counted;
use crate::run::Tune;
use crate::tune::Block;

const LEFT: f64 = 76.0;
const RIGHT: f64 = WIDTH - EDGE;
const TOP: f64 = 100.0;
/// The height of one number of workers, and what lies between two.
const PANEL: f64 = 250.0;
const BETWEEN: f64 = 40.0;
/// Behind every other round.
const ROUND: &str = "#f3f5f7";

/// The chart, a panel for each number of workers; none without a block.
pub(super) fn draw(tune: &Tune) -> Option<Sheet> {
    let end = tune.blocks.iter().map(middle_of).fold(f64::NAN, f64::max);
    if !end.is_finite() {
        return None;
    }
    let mut sheet = Sheet::new("Goodput of every block over time", &source(tune));
    let (unit, seconds) = unit(end);
    let time = Scale::linear((0.0, end * 1.02), LEFT, RIGHT);
    let mut top = TOP;
    for (setting, &workers) in tune.workers.iter().enumerate() {
        let blocks: Vec<&Block> = tune.blocks.iter().filter(|block| block.setting == setting).collect();
        if blocks.is_empty() {
            continue;
        }
        let words = format!("Committed transactions per second, {}", counted(workers.into(), "worker"));
        sheet.text(Text::new(Point::new(EDGE, top - 12.0), &words).sized(BODY));
        show_panel(&mut sheet, &blocks, time, top);
        top += PANEL + BETWEEN;
    }
    let bottom = top - BETWEEN;
    for tick in Scale::linear((0.0, end * 1.02 / seconds), LEFT, RIGHT).ticks() {
        let at = Point::new(time.at(tick * seconds), bottom + 18.0);
        sheet.text(Text::new(at, &plain(tick)).anchored(Anchor::Middle).gray());
    }
    let words = format!("Time in {unit}; every other round on gray");
    let at = Point::new(LEFT.midpoint(RIGHT), bottom + 40.0);
    sheet.text(Text::new(at, &words).anchored(Anchor::Middle).sized(BODY));
    let lines: Vec<key::Line> = (0..tune.candidates.len()).map(|candidate| (None, candidate)).collect();
    key::draw(&mut sheet, tune, &lines, bottom + 72.0);
    Some(sheet)
}

/// What the time is told in.
fn unit(end: f64) -> (&'static str, f64) {
    if end > 300.0 { ("minutes", 60.0) } else { ("seconds", 1.0) }
}

/// The middle of the measured time, in seconds.
fn middle_of(block: &Block) -> f64 {
    block.started_s + block.measured.seconds / 2.0
}

fn show_panel(sheet: &mut Sheet, blocks: &[&Block], time: Scale, top: f64) {
    let bottom = top + PANEL;
    let most = blocks.iter().map(|block| block.measured.goodput_tps).fold(0.0, f64::max);
    let goodput = Scale::linear((0.0, most * 1.05), bottom, top);
    show_rounds(sheet, blocks, time, (top, bottom));
    for tick in goodput.ticks() {
        let y = goodput.at(tick);
        sheet.line(Point::new(LEFT, y), Point::new(RIGHT, y), GRID, 1.0);
        sheet.text(Text::new(Point::new(LEFT - 8.0, y + 4.0), &plain(tick)).anchored(Anchor::End).gray());
    }
    let at = |block: &Block| Point::new(time.at(middle_of(block)), goodput.at(block.measured.goodput_tps));
    let mut candidates: Vec<usize> = blocks.iter().map(|block| block.candidate).collect();
    candidates.sort_unstable();
    candidates.dedup();
    for candidate in candidates {
        let its = blocks.iter().filter(|block| block.candidate == candidate);
        let points: Vec<Point> = its.map(|block| at(block)).collect();
        sheet.path(&points, mark::color(candidate), "stroke-width=\"1.25\" stroke-opacity=\"0.55\"");
        for point in points {
            mark::draw(sheet, candidate, point, 5.0, 1.0);
        }
    }
}

/// A band behind every second round, from the begin of its first block to that of the next round's.
fn show_rounds(sheet: &mut Sheet, blocks: &[&Block], time: Scale, (top, bottom): (f64, f64)) {
    let begin = |round: u32| {
        let begins = blocks.iter().filter(|block| block.round == round).map(|block| block.started_s);
        begins.fold(f64::INFINITY, f64::min)
    };
    let rounds = blocks.iter().map(|block| block.round).max().unwrap_or(0);
    for round in (1..=rounds).step_by(2) {
        let (x0, x1) = (time.at(begin(round)), time.at(begin(round + 1)));
        if x0 < x1 {
            sheet.rect(Rect { x0, y0: top, x1, y1: bottom }, ROUND, 1.0);
        }
    }
}
