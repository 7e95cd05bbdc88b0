//! How much goodput has each, and how sure is that? A bar for each candidate, its interval, and a dot for each round.

use super::scale::{Scale, plain};
use super::sheet::{Anchor, BODY, EDGE, GRID, SMALL, Sheet, Text, WIDTH};
use super::{key, mark, source};
use crate::report::names::Names;
use crate::report::picture::geometry::{Point, Rect};
use crate::report::text::{is_same_as_best, plus_minus};
use crate::report::units::{counted, rate};
use crate::run::Tune;
use crate::tune::{Analysis, Ranked};

/// Where the names end, where the bars begin and end, and where the first one stands.
const NAME: f64 = 226.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = WIDTH - EDGE - 138.0;
const TOP: f64 = 84.0;
const ROW: f64 = 40.0;
const BAR: f64 = 24.0;
/// The axis goes on to so many times the most of any block.
const MOST: f64 = 1.5;
/// Behind those that nobody can tell from the best.
const BAND: &str = "#eef1f4";
const INK: &str = "#1f2328";

/// The chart: the best of the objective on top.
pub(super) fn draw(tune: &Tune, analysis: &Analysis, workers: u32) -> Sheet {
    let title = format!("Goodput of each policy with {}", counted(workers.into(), "worker"));
    let mut sheet = Sheet::new(&title, &source(tune));
    let scale = scale(tune, analysis);
    let bottom = TOP + ROW * analysis.ranked.len() as f64;
    for (row, _) in analysis.ranked.iter().enumerate().filter(|(row, ranked)| is_best_or_same(*row, ranked)) {
        let y0 = TOP + ROW * row as f64;
        if has_same(analysis) {
            sheet.rect(Rect { x0: EDGE - 8.0, x1: WIDTH - EDGE + 8.0, y0, y1: y0 + ROW }, BAND, 1.0);
        }
    }
    show_axis(&mut sheet, scale, bottom);
    for (row, ranked) in analysis.ranked.iter().enumerate() {
        show_row(&mut sheet, tune, analysis, (row, ranked), scale);
    }
    let note = if has_same(analysis) { "On gray: no significant difference to the best. " } else { "" };
    let note = format!("{note}Bars: means; lines: their 95 % intervals; marks: single rounds");
    sheet.text(Text::new(Point::new(EDGE, bottom + 64.0), &note).gray().within(WIDTH - 2.0 * EDGE));
    let lines: Vec<key::Line> =
        (1..).zip(&analysis.ranked).map(|(rank, ranked)| (Some(rank), ranked.candidate)).collect();
    key::draw(&mut sheet, tune, &lines, bottom + 92.0);
    sheet
}

fn is_best_or_same(row: usize, ranked: &Ranked) -> bool {
    row == 0 || is_same_as_best(ranked)
}

fn has_same(analysis: &Analysis) -> bool {
    analysis.ranked.iter().enumerate().skip(1).any(|(row, ranked)| is_best_or_same(row, ranked))
}

/// From nothing, so that a bar twice as long is twice as much.
fn scale(tune: &Tune, analysis: &Analysis) -> Scale {
    let rounds = || tune.blocks.iter().filter(|block| block.setting == analysis.setting);
    let ends = analysis.ranked.iter().map(|ranked| {
        let goodput = &ranked.estimates.goodput_tps;
        goodput.high.unwrap_or(goodput.mean)
    });
    let most = rounds().map(|block| block.measured.goodput_tps).fold(0.0, f64::max);
    // The interval of two rounds can reach to any number, and would leave no room for what was measured.
    let most = ends.fold(most, f64::max).min(MOST * most);
    Scale::linear((0.0, most), LEFT, RIGHT)
}

fn show_axis(sheet: &mut Sheet, scale: Scale, bottom: f64) {
    for tick in scale.ticks() {
        let x = scale.at(tick);
        sheet.line(Point::new(x, TOP), Point::new(x, bottom), GRID, 1.0);
        sheet.text(Text::new(Point::new(x, bottom + 18.0), &plain(tick)).anchored(Anchor::Middle).gray());
    }
    let words = "Committed transactions per second";
    let at = Point::new(LEFT.midpoint(RIGHT), bottom + 40.0);
    sheet.text(Text::new(at, words).anchored(Anchor::Middle).sized(BODY));
}

fn show_row(sheet: &mut Sheet, tune: &Tune, analysis: &Analysis, (row, ranked): (usize, &Ranked), scale: Scale) {
    let names = Names::new(&tune.candidates);
    let (middle, goodput) = (TOP + ROW * (row as f64 + 0.5), &ranked.estimates.goodput_tps);
    let color = mark::color(ranked.candidate);
    let bar = Rect { x0: LEFT, x1: scale.at(goodput.mean), y0: middle - BAR / 2.0, y1: middle + BAR / 2.0 };
    sheet.rect(bar, color, 0.3);
    let rounds =
        tune.blocks.iter().filter(|block| (block.candidate, block.setting) == (ranked.candidate, analysis.setting));
    for block in rounds {
        // Up and down in turn, so that equal rounds are seen side by side.
        let side = f64::from(block.round % 5) * 4.0 - 8.0;
        let at = Point::new(scale.at(block.measured.goodput_tps), middle + side);
        mark::draw(sheet, ranked.candidate, at, 3.5, 0.85);
    }
    if let (Some(low), Some(high)) = (goodput.low, goodput.high) {
        sheet.interval(Point::new(scale.at(low), middle), Point::new(scale.at(high), middle), INK, 7.0);
    }
    let recommended = tune.violation.is_none() && ranked.candidate == analysis.recommended;
    let words = format!("{}  {}", row + 1, names.short(ranked.candidate));
    let below = |part: f64| middle + SMALL * part;
    let note = note(ranked, recommended);
    let at = Point::new(NAME, if note.is_empty() { below(0.35) } else { below(-0.15) });
    sheet.text(Text::new(at, &words).bold(recommended).anchored(Anchor::End).within(NAME - EDGE));
    if !note.is_empty() {
        let at = Point::new(NAME, below(1.0));
        sheet.text(Text::new(at, &note).anchored(Anchor::End).gray().within(NAME - EDGE));
    }
    let at = Point::new(WIDTH - EDGE, below(0.35));
    sheet.text(Text::new(at, &value(ranked)).bold(recommended).anchored(Anchor::End));
}

/// What is said below a name.
fn note(ranked: &Ranked, recommended: bool) -> String {
    match ranked.dropped_after {
        _ if recommended => "recommended".to_owned(),
        Some(rounds) => format!("dropped after {}", counted(rounds.into(), "round")),
        None => String::new(),
    }
}

/// `1,234 ±3.1 %`
fn value(ranked: &Ranked) -> String {
    let goodput = &ranked.estimates.goodput_tps;
    let interval = plus_minus(goodput);
    format!("{} {interval}", rate(goodput.mean))
}
