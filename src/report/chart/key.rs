//! Which mark is which policy? The lines below a chart.

use super::mark;
use super::sheet::{EDGE, SMALL, Sheet, Text, WIDTH};
use crate::report::picture::geometry::Point;
use crate::retry::Restart;
use crate::run::{SavedCandidate, Tune};

/// The distance of two lines.
const LINE: f64 = 20.0;

/// A line of the key: the number that stands at its mark, if any, and the candidate.
pub(super) type Line = (Option<usize>, usize);

/// Draws the lines from a height on, and ends the sheet below them.
pub(super) fn draw(sheet: &mut Sheet, tune: &Tune, lines: &[Line], from: f64) {
    let mut y = from;
    for &(rank, candidate) in lines {
        mark::draw(sheet, candidate, Point::new(EDGE + 7.0, y - SMALL * 0.36), 6.0, 1.0);
        let rank = rank.map_or_else(String::new, |rank| format!("{rank}  "));
        let name = tune.candidates.get(candidate).map_or_else(String::new, in_full);
        let x = EDGE + 22.0;
        sheet.text(Text::new(Point::new(x, y), &format!("{rank}{name}")).within(WIDTH - EDGE - x));
        y += LINE;
    }
    sheet.height = y - LINE + EDGE;
}

/// The name, the policy where that is something else, and the way to restart where it is not the usual one.
fn in_full(candidate: &SavedCandidate) -> String {
    let SavedCandidate { name, policy, restart } = candidate;
    let policy = if policy == name { String::new() } else { format!(": {policy}") };
    let usual = *restart == Restart::default().to_string();
    let restart = if usual { String::new() } else { format!(", restart by {restart}") };
    format!("{name}{policy}{restart}")
}
