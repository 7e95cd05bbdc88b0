//! Which ways can an arrow take? Curves from one bar to another, in the free space between the rows and beside them.

use super::cards::Card;
use super::geometry::{Curve, Piece, Point, Rect};

/// Between two places on a bar where arrows may begin or end.
const SPOT: f64 = 24.0;
/// Between two columns in which arrows may pass by a row.
const COLUMN: f64 = 14.0;
/// How far curves are bent aside: those that lead down to the left, those that lead up to the right, as a wheel turns.
const BEND: f64 = 44.0;
/// An arc between two bars of one row would like to be so wide, so that its label does not hide it.
const ARC: f64 = 170.0;
/// An arrow ends this far in front of what it points to.
const TIP: f64 = 2.0;
/// How far the control points of a quarter of an ellipse lie toward its corner.
const ROUND: f64 = 0.5523;
/// The radius of corners beside the rows.
const CORNER: f64 = 16.0;

/// The rows and what stands in them.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub(super) cards: &'a [Card],
    /// From above, each from its upper to its lower edge.
    pub(super) rows: Vec<(f64, f64)>,
    /// Where arrows may run, from left to right.
    pub(super) left: f64,
    pub(super) right: f64,
    /// Above the first row and below the last.
    pub(super) top: f64,
    pub(super) bottom: f64,
}

/// A way, and what speaks against it, about in pixels of a detour: the less the better.
#[derive(Clone, Debug)]
pub(super) struct Way {
    pub(super) curve: Curve,
    pub(super) cost: f64,
}

/// Every way from one card to another. `in_time` is an arrow from the end of the one to the beginning of the other.
pub(super) fn ways(field: &Field<'_>, from: usize, to: usize, in_time: bool) -> Vec<Way> {
    let (one, other) = (&field.cards[from], &field.cards[to]);
    let curves = if one.row == other.row {
        over(field, one, other)
    } else {
        [through(field, one, other), beside(field, one, other), around_a_corner(one, other)].concat()
    };
    let hides = |curve: &Curve| {
        let room =
            |(number, card): (usize, &Card)| card.extent().grown(if [from, to].contains(&number) { -2.5 } else { 5.0 });
        field.cards.iter().enumerate().map(|card| curve.inside(room(card))).sum::<usize>()
    };
    let weigh = |curve: Curve| {
        let (start, end) = (curve.start, curve.end());
        let late = if in_time { (one.bar.x1 - start.x).abs() + (end.x - other.bar.x0).abs() } else { 0.0 };
        let slant = ((end.x - start.x).abs() - 40.0).max(0.0);
        let flat = if one.row == other.row { (ARC - (end.x - start.x).abs()).max(0.0) * 0.3 } else { 0.0 };
        let cost = flat
            + curve.length() * 0.08
            + slant * 0.1
            + late
            + turning(one, other, &curve)
            + hides(&curve) as f64 * 500.0;
        Way { curve, cost }
    };
    curves.into_iter().map(weigh).collect()
}

/// Down at the left, up at the right: so that a circle of two can be followed.
fn turning(one: &Card, other: &Card, curve: &Curve) -> f64 {
    let (x0, x1) = (one.bar.x0.max(other.bar.x0), one.bar.x1.min(other.bar.x1));
    if x1 - x0 < 60.0 {
        return 0.0;
    }
    let part = if one.row < other.row { 0.3 } else { 0.7 };
    let wanted = x0 + (x1 - x0) * part;
    ((curve.start.x - wanted).abs() + (curve.end().x - wanted).abs()) * 0.03
}

fn spots(bar: Rect) -> Vec<f64> {
    let room = (bar.width() - 16.0).max(0.0);
    let count = (room / SPOT).floor().clamp(0.0, 14.0);
    let step = if count > 0.0 { room / count } else { 0.0 };
    let first = if count > 0.0 { bar.x0 + 8.0 } else { bar.middle().x };
    (0_u8..=14).map(f64::from).take_while(|number| *number <= count).map(|number| first + number * step).collect()
}

fn near(spots: &[f64], x: f64, count: usize) -> Vec<f64> {
    let mut sorted = spots.to_vec();
    sorted.sort_by(|one, other| (one - x).abs().total_cmp(&(other - x).abs()));
    sorted.truncate(count);
    sorted
}

/// An S from one height to another, upright at both ends.
fn swing(from: Point, to: Point, bend: f64) -> Piece {
    let reach = (to.y - from.y) * 0.5;
    Piece { leave: Point::new(from.x + bend, from.y + reach), arrive: Point::new(to.x + bend, to.y - reach), end: to }
}

fn line(from: Point, end: Point) -> Piece {
    Piece { leave: from, arrive: end, end }
}

/// From the lower edge of the upper bar to the upper edge of the lower one or back, through the rows in between where they
/// have a gap.
fn through(field: &Field<'_>, one: &Card, other: &Card) -> Vec<Curve> {
    let down = one.row < other.row;
    let (begin, end) = if down { (one.bar.y1, other.bar.y0 - TIP) } else { (one.bar.y0, other.bar.y1 + TIP) };
    let (starts, ends) = (spots(one.bar), spots(other.bar));
    let bend = if down { -BEND } else { BEND };
    let (first, last) = (one.row.min(other.row) + 1, one.row.max(other.row));
    if first == last {
        let pairs = starts.iter().flat_map(|start| near(&ends, *start, 7).into_iter().map(move |end| (*start, end)));
        let curve = |(x, to)| {
            let start = Point::new(x, begin);
            Curve::new(start, vec![swing(start, Point::new(to, end), bend)])
        };
        return pairs.map(curve).collect();
    }
    let (top, bottom) = (field.rows[first].0 - 5.0, field.rows[last - 1].1 + 5.0);
    let (enter, leave) = if down { (top, bottom) } else { (bottom, top) };
    let mut curves = Vec::new();
    for column in columns(field, first, last) {
        for from in near(&starts, column, 3) {
            for to in near(&ends, column, 3) {
                let (start, in_, out) = (Point::new(from, begin), Point::new(column, enter), Point::new(column, leave));
                let pieces = vec![swing(start, in_, 0.0), line(in_, out), swing(out, Point::new(to, end), 0.0)];
                curves.push(Curve::new(start, pieces));
            }
        }
    }
    curves
}

/// Where nothing stands in any of some rows.
fn columns(field: &Field<'_>, first: usize, last: usize) -> Vec<f64> {
    let stands = |x: f64| {
        let is_there = |card: &&Card| (first..last).contains(&card.row);
        field.cards.iter().filter(is_there).any(|card| card.extent().x0 - 8.0 < x && x < card.extent().x1 + 8.0)
    };
    let steps = (0_u8..=60).map(|step| field.left + f64::from(step) * COLUMN).chain([field.right]);
    steps.take_while(|x| *x <= field.right).filter(|x| !stands(*x)).collect()
}

/// From side to side: around both ends, in a column at the right or left; or across a gap in time.
fn beside(field: &Field<'_>, one: &Card, other: &Card) -> Vec<Curve> {
    let (from, to) = (one.bar.middle().y, other.bar.middle().y);
    let (upper, lower) = (one.row.min(other.row), one.row.max(other.row));
    let between = || field.cards.iter().filter(|card| (upper..=lower).contains(&card.row)).map(Card::extent);
    let (most, least) = (
        between().map(|extent| extent.x1).fold(0.0, f64::max),
        between().map(|extent| extent.x0).fold(f64::MAX, f64::min),
    );
    let mut curves = Vec::new();
    for gap in [22.0_f64, 31.0, 40.0, 49.0] {
        for (column, start, end) in [
            ((most + gap).min(field.right), one.bar.x1, other.bar.x1 + TIP),
            ((least - gap).max(field.left), one.bar.x0, other.bar.x0 - TIP),
        ] {
            curves.push(around(Point::new(start, from), column, Point::new(end, to)));
        }
    }
    if one.bar.x1 + 6.0 < other.bar.x0 && lower == upper + 1 {
        let (start, end) = (Point::new(one.bar.x1, from), Point::new(other.bar.x0 - TIP, to));
        let middle = f64::midpoint(start.x, end.x);
        let (leave, arrive) = (Point::new(middle.max(start.x + 16.0), from), Point::new(middle.min(end.x - 16.0), to));
        curves.push(Curve::new(start, vec![Piece { leave, arrive, end }]));
    }
    curves
}

/// From an upper or lower edge to a side, or the other way, where the one reaches beyond the other.
fn around_a_corner(one: &Card, other: &Card) -> Vec<Curve> {
    let sides = |bar: Rect, gap: f64| [(bar.x0 - gap, -1.0), (bar.x1 + gap, 1.0)];
    let beyond = |x: f64, (side, direction): (f64, f64)| (x - side) * direction > 14.0;
    let down = one.row < other.row;
    let (begin, end) = if down { (one.bar.y1, other.bar.y0 - TIP) } else { (one.bar.y0, other.bar.y1 + TIP) };
    let mut curves = Vec::new();
    for x in spots(one.bar) {
        for side in sides(other.bar, TIP).into_iter().filter(|side| beyond(x, *side)) {
            curves.push(quarter(Point::new(x, begin), Point::new(side.0, other.bar.middle().y), true));
        }
    }
    for x in spots(other.bar) {
        for side in sides(one.bar, 0.0).into_iter().filter(|side| beyond(x, *side)) {
            curves.push(quarter(Point::new(side.0, one.bar.middle().y), Point::new(x, end), false));
        }
    }
    curves
}

/// A quarter of an ellipse, upright at its start or at its end.
fn quarter(start: Point, end: Point, upright_first: bool) -> Curve {
    let corner = if upright_first { Point::new(start.x, end.y) } else { Point::new(end.x, start.y) };
    let toward = |from: Point| Point::new(from.x + (corner.x - from.x) * ROUND, from.y + (corner.y - from.y) * ROUND);
    Curve::new(start, vec![Piece { leave: toward(start), arrive: toward(end), end }])
}

fn around(start: Point, column: f64, end: Point) -> Curve {
    let down = if start.y < end.y { CORNER } else { -CORNER };
    let (turn, back) = (Point::new(column, start.y + down), Point::new(column, end.y - down));
    let pieces = vec![
        Piece { leave: Point::new(column, start.y), arrive: Point::new(column, start.y), end: turn },
        line(turn, back),
        Piece { leave: Point::new(column, end.y), arrive: Point::new(column, end.y), end },
    ];
    Curve::new(start, pieces)
}

/// An arc between two bars of one row, above or below it.
fn over(field: &Field<'_>, one: &Card, other: &Card) -> Vec<Curve> {
    let (starts, ends) = (spots(one.bar), spots(other.bar));
    let mut curves = Vec::new();
    let above = if one.row == 0 { field.top } else { field.rows[one.row - 1].1 };
    let below = field.rows.get(one.row + 1).map_or(field.bottom, |row| row.0);
    for (edge, limit, tip) in [(one.bar.y0, above, -TIP), (one.bar.y1, below, TIP)] {
        for from in near(&starts, other.bar.middle().x, 7) {
            for to in near(&ends, one.bar.middle().x, 7) {
                let start = Point::new(from, edge);
                let height = (limit - edge) * 0.9;
                let end = Point::new(to, edge + tip);
                let (leave, arrive) = (Point::new(from, edge + height), Point::new(to, edge + height));
                curves.push(Curve::new(start, vec![Piece { leave, arrive, end }]));
            }
        }
    }
    curves
}
