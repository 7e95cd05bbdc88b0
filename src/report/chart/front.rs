//! What does a lower p99 cost in goodput? Every candidate where it stands, with its intervals, and the front.

use super::labels::Occupied;
use super::scale::{Scale, plain, range, time};
use super::sheet::{Anchor, BODY, EDGE, GRID, SMALL, Sheet, Text, WIDTH};
use super::{key, mark, source};
use crate::report::names::Names;
use crate::report::picture::geometry::{Point, Rect};
use crate::report::units::counted;
use crate::run::Tune;
use crate::stats::Estimate;
use crate::tune::{Analysis, Ranked};

const FRAME: Rect = Rect { x0: 92.0, y0: 98.0, x1: WIDTH - EDGE, y1: 454.0 };
const RADIUS: f64 = 7.0;
/// Of more candidates, numbers stand at the points, and names in the key alone.
const NAMED: usize = 15;
/// The front.
const FRONT: &str = "#8c959f";

/// A candidate on the chart.
struct Spot<'a> {
    rank: usize,
    ranked: &'a Ranked,
    at: Point,
}

/// The chart; none where nobody has committed anything.
pub(super) fn draw(tune: &Tune, analysis: &Analysis, workers: u32) -> Option<Sheet> {
    let title = format!("Goodput against p99 with {}", counted(workers.into(), "worker"));
    let mut sheet = Sheet::new(&title, &source(tune));
    let scales = scales(analysis)?;
    show_axes(&mut sheet, scales);
    let spots: Vec<Spot> = (1..)
        .zip(&analysis.ranked)
        .filter(|(_, ranked)| is_shown(ranked))
        .map(|(rank, ranked)| Spot { rank, ranked, at: place(ranked, scales) })
        .collect();
    let mut occupied = Occupied { frame: FRAME, taken: Vec::new(), lines: Vec::new() };
    show_front(&mut sheet, analysis, &spots, &mut occupied);
    for spot in &spots {
        show_intervals(&mut sheet, spot, scales, &mut occupied);
        occupied.taken.push(Rect::centered(spot.at, 2.0 * RADIUS, 2.0 * RADIUS));
    }
    show_better(&mut sheet, &mut occupied);
    for spot in &spots {
        let recommended = tune.violation.is_none() && spot.ranked.candidate == analysis.recommended;
        show_label(&mut sheet, tune, spot, recommended, &mut occupied);
    }
    for spot in &spots {
        mark::draw(&mut sheet, spot.ranked.candidate, spot.at, RADIUS, 1.0);
    }
    let lines: Vec<key::Line> =
        (1..).zip(&analysis.ranked).map(|(rank, ranked)| (Some(rank), ranked.candidate)).collect();
    key::draw(&mut sheet, tune, &lines, FRAME.y1 + 76.0);
    Some(sheet)
}

/// A logarithm wants numbers above zero, and who committed nothing has no response time.
fn is_shown(ranked: &Ranked) -> bool {
    ranked.estimates.goodput_tps.mean > 0.0 && ranked.estimates.p99_ns.mean > 0.0
}

/// Goodput and p99 with all intervals, and some room at each end.
fn scales(analysis: &Analysis) -> Option<(Scale, Scale)> {
    let shown = || analysis.ranked.iter().filter(|ranked| is_shown(ranked)).map(|ranked| &ranked.estimates);
    let (low, high) = range(shown().flat_map(|one| ends(&one.goodput_tps)))?;
    let room = ((high - low) * 0.08).max(high * 0.01);
    let goodput = Scale::linear(((low - room).max(0.0), high + room), FRAME.x0, FRAME.x1);
    let above_zero = shown().flat_map(|one| ends(&one.p99_ns)).filter(|end| *end > 0.0);
    let (low, high) = range(above_zero)?;
    // At least a factor of three in all, so that there is a round number in it.
    let room = (high / low).powf(0.12).max((3.0 * low / high).sqrt()).max(1.1);
    Some((goodput, Scale::logarithmic((low / room, high * room), FRAME.y1, FRAME.y0)))
}

fn ends(estimate: &Estimate) -> [f64; 3] {
    [estimate.low.unwrap_or(estimate.mean), estimate.mean, estimate.high.unwrap_or(estimate.mean)]
}

fn place(ranked: &Ranked, (goodput, p99): (Scale, Scale)) -> Point {
    Point::new(goodput.at(ranked.estimates.goodput_tps.mean), p99.at(ranked.estimates.p99_ns.mean))
}

fn show_axes(sheet: &mut Sheet, (goodput, p99): (Scale, Scale)) {
    for tick in goodput.ticks() {
        let x = goodput.at(tick);
        sheet.line(Point::new(x, FRAME.y0), Point::new(x, FRAME.y1), GRID, 1.0);
        sheet.text(Text::new(Point::new(x, FRAME.y1 + 18.0), &plain(tick)).anchored(Anchor::Middle).gray());
    }
    for tick in p99.ticks() {
        let y = p99.at(tick);
        sheet.line(Point::new(FRAME.x0, y), Point::new(FRAME.x1, y), GRID, 1.0);
        let words = time(tick);
        sheet.text(Text::new(Point::new(FRAME.x0 - 8.0, y + 4.0), &words).anchored(Anchor::End).gray());
    }
    let middle = FRAME.x0.midpoint(FRAME.x1);
    let words = "Goodput in committed transactions per second, with 95 % intervals";
    sheet.text(Text::new(Point::new(middle, FRAME.y1 + 40.0), words).anchored(Anchor::Middle).sized(BODY));
    let words = "p99 of the response time, each factor of ten as high as any other";
    sheet.text(Text::new(Point::new(EDGE, FRAME.y0 - 14.0), words).sized(BODY));
}

/// From candidate to candidate of the front.
fn show_front(sheet: &mut Sheet, analysis: &Analysis, spots: &[Spot], occupied: &mut Occupied) {
    let place = |candidate: &usize| spots.iter().find(|spot| spot.ranked.candidate == *candidate).map(|spot| spot.at);
    let points: Vec<Point> = analysis.front.iter().filter_map(place).collect();
    for pair in points.windows(2) {
        occupied.add_line(pair[0], pair[1]);
    }
    if points.len() > 1 {
        sheet.path(&points, FRONT, "stroke-width=\"2\" stroke-dasharray=\"7 4\"");
    }
}

fn show_intervals(sheet: &mut Sheet, spot: &Spot, (goodput, p99): (Scale, Scale), occupied: &mut Occupied) {
    let (at, estimates, color) = (spot.at, &spot.ranked.estimates, mark::color(spot.ranked.candidate));
    let mut interval = |from: Point, to: Point| {
        sheet.interval(from, to, color, 4.0);
        let (low, high) = (Point::new(from.x, to.y), Point::new(to.x, from.y));
        occupied.taken.push(Rect { x0: low.x, y0: low.y, x1: high.x, y1: high.y }.grown(2.0));
    };
    if let Estimate { low: Some(low), high: Some(high), .. } = estimates.goodput_tps {
        interval(Point::new(goodput.at(low), at.y), Point::new(goodput.at(high), at.y));
    }
    if let Estimate { low: Some(low), high: Some(high), .. } = estimates.p99_ns {
        interval(Point::new(at.x, p99.at(low)), Point::new(at.x, p99.at(high)));
    }
}

/// Where it is better: in the corner with much goodput and a low p99, if nothing is there.
fn show_better(sheet: &mut Sheet, occupied: &mut Occupied) {
    let corner = Point::new(FRAME.x1 - 10.0, FRAME.y1 - 10.0);
    let text = Text::new(corner, "better ↘").anchored(Anchor::End).gray();
    if !occupied.taken.iter().any(|taken| taken.overlaps(text.extent().grown(2.0))) {
        occupied.taken.push(text.extent());
        sheet.text(text);
    }
}

/// The rank and as much of the name as there is room for; the rank alone where there is none.
fn show_label(sheet: &mut Sheet, tune: &Tune, spot: &Spot, recommended: bool, occupied: &mut Occupied) {
    let names = Names::new(&tune.candidates);
    let short = names.short(spot.ranked.candidate);
    let suffix = if recommended { ", recommended" } else { "" };
    if recommended {
        let Point { x, y } = spot.at;
        let radius = RADIUS + 5.0;
        sheet.shape(&format!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"none\" stroke=\"#1f2328\" stroke-width=\"1.75\"/>"
        ));
        occupied.taken.push(Rect::centered(spot.at, 2.0 * radius, 2.0 * radius));
    }
    let mut ways = vec![spot.rank.to_string()];
    if recommended || tune.candidates.len() <= NAMED {
        ways.insert(0, format!("{} {short}{suffix}", spot.rank));
    }
    for words in ways {
        let text = Text::new(spot.at, &words).bold(recommended);
        let radius = if recommended { RADIUS + 5.0 } else { RADIUS };
        let Some(place) = occupied.place(spot.at, radius, (text.width(), SMALL * 1.05)) else { continue };
        let extent = place.extent;
        if place.is_far {
            let near = |low: f64, high: f64, at: f64| at.clamp(low, high);
            let end = Point::new(near(extent.x0, extent.x1, spot.at.x), near(extent.y0, extent.y1, spot.at.y));
            sheet.line(spot.at, end, FRONT, 1.0);
        }
        sheet.text(Text { at: Point::new(extent.x0, extent.y0 + SMALL * 0.8), ..text });
        return;
    }
}
