//! How is one candidate told from another? By color and by shape, the same in every chart.
//!
//! Colors: Okabe, Ito, "Color Universal Design" (2008), without its yellow, which cannot be seen on white.

use super::sheet::Sheet;
use crate::report::picture::geometry::Point;

const COLORS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1f2328"];
const SHAPES: usize = 4;

pub(super) fn color(candidate: usize) -> &'static str {
    COLORS[candidate % COLORS.len()]
}

/// The candidate's mark around a point. Seven colors and four shapes: the first 28 candidates have one each.
pub(super) fn draw(sheet: &mut Sheet, candidate: usize, at: Point, radius: f64, opacity: f64) {
    let Point { x, y } = at;
    let place = |corners: &[(f64, f64)]| {
        let corners = corners.iter().map(|(right, down)| format!("{:.1},{:.1}", x + right * radius, y + down * radius));
        format!("<polygon points=\"{}\"", corners.collect::<Vec<_>>().join(" "))
    };
    let shape = match candidate % SHAPES {
        0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\""),
        1 => place(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        2 => place(&[(0.0, -1.15), (1.1, 0.85), (-1.1, 0.85)]),
        _ => place(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)]),
    };
    let color = color(candidate);
    sheet
        .shape(&format!("{shape} fill=\"{color}\" fill-opacity=\"{opacity}\" stroke=\"#ffffff\" stroke-width=\"1\"/>"));
}
