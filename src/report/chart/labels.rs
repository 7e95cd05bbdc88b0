//! Where does a name stand next to its point? At the nearest of some places where it hides nothing.

use crate::report::picture::geometry::{Point, Rect};

/// From the edge of a point to the edge of its name, in pixels; from the third on, a line leads to it.
const DISTANCES: [f64; 8] = [4.0, 10.0, 20.0, 34.0, 52.0, 74.0, 100.0, 130.0];
/// Right, left, above, below, and between them.
const DIRECTIONS: [(f64, f64); 8] =
    [(1.0, 0.0), (-1.0, 0.0), (0.7, -0.7), (0.7, 0.7), (-0.7, -0.7), (-0.7, 0.7), (0.0, -1.0), (0.0, 1.0)];
/// What is left free around a name.
const AIR: f64 = 2.0;

/// What names must not hide.
#[derive(Clone, Debug)]
pub(super) struct Occupied {
    /// They stay within this.
    pub frame: Rect,
    /// Points, and names that were placed.
    pub taken: Vec<Rect>,
    /// Lines, which are hidden where nothing else is left.
    pub lines: Vec<Rect>,
}

/// A place for a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub extent: Rect,
    /// So far away that a line has to lead to it.
    pub is_far: bool,
}

impl Occupied {
    /// The nearest place for a box of this size next to a point, which is then taken.
    pub(super) fn place(&mut self, point: Point, radius: f64, size: (f64, f64)) -> Option<Place> {
        let place = self.find(point, radius, size, true).or_else(|| self.find(point, radius, size, false))?;
        self.taken.push(place.extent);
        Some(place)
    }

    fn find(&self, point: Point, radius: f64, size: (f64, f64), spare_lines: bool) -> Option<Place> {
        let boxes = DISTANCES.iter().enumerate().flat_map(|(number, distance)| {
            let next_to = move |&direction: &(f64, f64)| Place {
                extent: next_to(point, radius + distance, direction, size),
                is_far: number > 1,
            };
            DIRECTIONS.iter().map(next_to)
        });
        boxes.into_iter().find(|place| {
            let wide = place.extent.grown(AIR);
            let hides = |others: &[Rect]| others.iter().any(|other| other.overlaps(wide));
            wide.is_inside(self.frame) && !hides(&self.taken) && !(spare_lines && hides(&self.lines))
        })
    }

    /// A line from point to point must not be hidden: little boxes along it.
    pub(super) fn add_line(&mut self, from: Point, to: Point) {
        let parts = (from.distance(to) / 5.0).ceil().max(1.0);
        let mut part = 0.0;
        while part <= parts {
            let share = part / parts;
            let at = Point::new(from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share);
            self.lines.push(Rect::centered(at, 3.0, 3.0));
            part += 1.0;
        }
    }
}

/// The box of this size that touches a circle in a direction.
fn next_to(point: Point, distance: f64, (right, down): (f64, f64), (width, height): (f64, f64)) -> Rect {
    let center = Point::new(
        point.x + right * distance + right.signum() * f64::from(u8::from(right != 0.0)) * width / 2.0,
        point.y + down * distance + down.signum() * f64::from(u8::from(down != 0.0)) * height / 2.0,
    );
    Rect::centered(center, width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free() -> Occupied {
        let frame = Rect { x0: 0.0, y0: 0.0, x1: 400.0, y1: 300.0 };
        Occupied { frame, taken: Vec::new(), lines: Vec::new() }
    }

    #[test]
    fn a_name_stands_to_the_right_if_it_can() {
        let place = free().place(Point::new(100.0, 100.0), 6.0, (50.0, 12.0)).unwrap();
        assert_eq!(place, Place { extent: Rect { x0: 110.0, y0: 94.0, x1: 160.0, y1: 106.0 }, is_far: false });
        let place = free().place(Point::new(380.0, 100.0), 6.0, (50.0, 12.0)).unwrap();
        assert!((place.extent.x1 - 370.0).abs() < 1e-9, "to the left at the right edge: {place:?}");
    }

    #[test]
    fn thirty_names_of_one_point_never_overlap() {
        let mut occupied = free();
        let places: Vec<Place> =
            (0..30).map_while(|_| occupied.place(Point::new(200.0, 150.0), 6.0, (30.0, 12.0))).collect();
        assert!(places.len() >= 20, "{}", places.len());
        for (at, one) in places.iter().enumerate() {
            assert!(one.extent.is_inside(occupied.frame));
            assert!(places[at + 1..].iter().all(|other| !other.extent.overlaps(one.extent)));
        }
    }

    #[test]
    fn a_line_is_only_hidden_where_nothing_else_is_left() {
        let mut occupied = free();
        occupied.add_line(Point::new(100.0, 100.0), Point::new(300.0, 100.0));
        let place = occupied.place(Point::new(100.0, 100.0), 6.0, (50.0, 12.0)).unwrap();
        assert!((place.extent.x1 - 90.0).abs() < 1e-9, "to the left, since the line runs to the right: {place:?}");
    }
}
