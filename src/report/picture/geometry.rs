//! Where is it? Points, boxes, and the curves that arrows follow.
//!
//! Nothing but sums, products and square roots, which are the same on every machine: so are the pictures.

/// Parts of a curve between two points that are looked at.
const PARTS: usize = 12;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::report) struct Point {
    pub(in crate::report) x: f64,
    pub(in crate::report) y: f64,
}

impl Point {
    pub(in crate::report) fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub(in crate::report) fn distance(self, other: Self) -> f64 {
        let (x, y) = (self.x - other.x, self.y - other.y);
        (x * x + y * y).sqrt()
    }
}

/// Upright; `x0 <= x1`, `y0 <= y1`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::report) struct Rect {
    pub(in crate::report) x0: f64,
    pub(in crate::report) y0: f64,
    pub(in crate::report) x1: f64,
    pub(in crate::report) y1: f64,
}

impl Rect {
    pub(in crate::report) fn centered(center: Point, width: f64, height: f64) -> Self {
        let (x, y) = (width / 2.0, height / 2.0);
        Self { x0: center.x - x, y0: center.y - y, x1: center.x + x, y1: center.y + y }
    }

    pub(in crate::report) fn grown(self, by: f64) -> Self {
        Self { x0: self.x0 - by, y0: self.y0 - by, x1: self.x1 + by, y1: self.y1 + by }
    }

    pub(in crate::report) fn overlaps(self, other: Self) -> bool {
        self.x0 < other.x1 && other.x0 < self.x1 && self.y0 < other.y1 && other.y0 < self.y1
    }

    pub(in crate::report) fn contains(self, point: Point) -> bool {
        self.x0 < point.x && point.x < self.x1 && self.y0 < point.y && point.y < self.y1
    }

    pub(in crate::report) fn is_inside(self, other: Self) -> bool {
        self.x0 >= other.x0 && self.x1 <= other.x1 && self.y0 >= other.y0 && self.y1 <= other.y1
    }

    pub(in crate::report) fn width(self) -> f64 {
        self.x1 - self.x0
    }

    pub(in crate::report) fn middle(self) -> Point {
        Point::new(f64::midpoint(self.x0, self.x1), f64::midpoint(self.y0, self.y1))
    }
}

/// A piece of a cubic Bézier spline: two control points, and where it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) leave: Point,
    pub(super) arrive: Point,
    pub(super) end: Point,
}

/// A smooth line from one point to another.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) start: Point,
    pub(super) pieces: Vec<Piece>,
    /// Points along it, close to each other.
    pub(super) points: Vec<Point>,
    bounds: Rect,
}

impl Curve {
    pub(super) fn new(start: Point, pieces: Vec<Piece>) -> Self {
        let mut points = vec![start];
        let mut from = start;
        for piece in &pieces {
            points.extend((1..=PARTS).map(|part| at(from, *piece, part as f64 / PARTS as f64)));
            from = piece.end;
        }
        let edge =
            |first: f64, better: fn(f64, f64) -> f64, of: fn(&Point) -> f64| points.iter().map(of).fold(first, better);
        let bounds = Rect {
            x0: edge(f64::MAX, f64::min, |point| point.x),
            y0: edge(f64::MAX, f64::min, |point| point.y),
            x1: edge(f64::MIN, f64::max, |point| point.x),
            y1: edge(f64::MIN, f64::max, |point| point.y),
        };
        Self { start, pieces, points, bounds }
    }

    pub(super) fn end(&self) -> Point {
        self.pieces.last().map_or(self.start, |piece| piece.end)
    }

    pub(super) fn length(&self) -> f64 {
        self.points.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
    }

    /// How many of its points are inside of a box.
    pub(super) fn inside(&self, rect: Rect) -> usize {
        let near = self.bounds.grown(1.0).overlaps(rect);
        if !near {
            return 0;
        }
        // Half-way points, so that no corner of a box is stepped over.
        let half =
            |pair: &[Point]| Point::new(f64::midpoint(pair[0].x, pair[1].x), f64::midpoint(pair[0].y, pair[1].y));
        let between = self.points.windows(2).map(half);
        self.points.iter().copied().chain(between).filter(|point| rect.contains(*point)).count()
    }

    /// How often it crosses another one.
    pub(super) fn crossings(&self, other: &Self) -> usize {
        if !self.bounds.grown(0.5).overlaps(other.bounds.grown(0.5)) {
            return 0;
        }
        let crosses = |one: &[Point]| other.points.windows(2).filter(|two| cross(one, two)).count();
        self.points.windows(2).map(crosses).sum()
    }
}

/// De Casteljau's algorithm, written out.
fn at(from: Point, piece: Piece, part: f64) -> Point {
    let rest = 1.0 - part;
    let weights = [rest * rest * rest, 3.0 * rest * rest * part, 3.0 * rest * part * part, part * part * part];
    let points = [from, piece.leave, piece.arrive, piece.end];
    let sum = |of: fn(&Point) -> f64| points.iter().zip(weights).map(|(point, weight)| of(point) * weight).sum();
    Point::new(sum(|point| point.x), sum(|point| point.y))
}

/// Whether two straight lines cross.
fn cross(one: &[Point], two: &[Point]) -> bool {
    let side = |line: &[Point], point: Point| {
        (line[1].x - line[0].x) * (point.y - line[0].y) - (line[1].y - line[0].y) * (point.x - line[0].x)
    };
    side(one, two[0]) * side(one, two[1]) < 0.0 && side(two, one[0]) * side(two, one[1]) < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn straight(from: (f64, f64), to: (f64, f64)) -> Curve {
        let [start, end] = [from, to].map(|(x, y)| Point::new(x, y));
        Curve::new(start, vec![Piece { leave: start, arrive: end, end }])
    }

    #[test]
    fn curves_cross_and_run_through_boxes() {
        let down = straight((0.0, 0.0), (10.0, 100.0));
        assert_eq!(
            (down.crossings(&straight((0.0, 50.0), (10.0, 45.0))), down.crossings(&straight((9.0, 0.0), (20.0, 60.0)))),
            (1, 0)
        );
        let box_at = |y: f64| Rect { x0: 0.0, y0: y, x1: 10.0, y1: y + 10.0 };
        assert!(down.inside(box_at(40.0)) > 0 && down.inside(box_at(110.0)) == 0);
        assert!((down.length() - 100.5).abs() < 0.1, "{}", down.length());
    }

    #[test]
    fn boxes_that_touch_do_not_overlap() {
        let left = Rect { x0: 0.0, y0: 0.0, x1: 10.0, y1: 10.0 };
        let right = Rect { x0: 10.0, x1: 20.0, ..left };
        assert!(!left.overlaps(right) && left.grown(1.0).overlaps(right));
        assert!(left.is_inside(left.grown(1.0)) && !left.is_inside(right));
    }
}
