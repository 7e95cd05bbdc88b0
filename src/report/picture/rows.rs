//! How far apart do the rows stand? So far that every label between them can be read.

use super::cards::Card;
use super::figure::{Arrow, Figure};
use super::geometry::{Curve, Rect};
use super::layout::WIDTH;
use super::route::{Field, ways};
use super::search::{Room, Task, place};
use super::text::{LINE, SMALL, bold_width, fit, width, wrapped};
use crate::check::isolation::Kind;

/// Labels of arrows are broken into lines of this width.
const LABEL: f64 = 230.0;
/// Between two rows with arrows, with arrows where there are few in all, and without. Where there is too little room for the
/// labels, each time so much more.
const WIDE: f64 = 62.0;
const WIDER: f64 = 76.0;
const NARROW: f64 = 12.0;
/// So many arrows are few.
const FEW: usize = 4;
const MORE: f64 = 22.0;
const TRIES: u8 = 8;

/// An arrow and its label.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub(super) curve: Curve,
    pub(super) label: Rect,
    pub(super) kind: Option<Kind>,
    pub(super) closing: bool,
}

/// Rows and arrows in their places.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) cards: Vec<Card>,
    pub(super) arrows: Vec<Drawn>,
    /// Arrows that could not be placed so that everything can be read.
    pub(super) unreadable: usize,
    /// Where the gap below the last row ends.
    pub(super) bottom: f64,
}

/// Puts rows and arrows into their places below `top`; the gaps between the rows grow until every label can be read. Arrows
/// keep between the two `sides`.
pub(super) fn settle(figure: &Figure, cards: &[Card], rows: usize, top: f64, sides: (f64, f64)) -> Settled {
    let settled = |attempt: u8| {
        let mut cards = cards.to_vec();
        let (edges, bottom) = stand(&mut cards, &figure.arrows, rows, top, f64::from(attempt) * MORE);
        let field = Field { cards: &cards, rows: edges, left: sides.0, right: sides.1, top, bottom };
        let (arrows, unreadable) = arrows(figure, &field);
        Settled { cards, arrows, unreadable, bottom }
    };
    let mut best = settled(0);
    for attempt in 1..TRIES {
        if best.unreadable == 0 {
            break;
        }
        let next = settled(attempt);
        if next.unreadable < best.unreadable {
            best = next;
        }
    }
    best
}

/// Gives every row its place. Answers with the edges of the rows, and where the last gap ends.
fn stand(cards: &mut [Card], arrows: &[Arrow], rows: usize, top: f64, more: f64) -> (Vec<(f64, f64)>, f64) {
    let within =
        |row: usize| arrows.iter().filter(|arrow| cards[arrow.from].row == row && cards[arrow.to].row == row).count();
    let passes = |gap: usize| {
        let by = arrows.iter().any(|arrow| {
            let (one, other) = (cards[arrow.from].row, cards[arrow.to].row);
            one.min(other) < gap && gap <= one.max(other)
        });
        // Arcs between bars of one row: the first above it, others below.
        by || within(gap) > 0 || gap.checked_sub(1).is_some_and(|above| within(above) > 1)
    };
    let wide = if arrows.len() <= FEW { WIDER } else { WIDE };
    let gaps: Vec<f64> = (0..=rows).map(|gap| if passes(gap) { wide + more } else { NARROW }).collect();
    let mut edges = Vec::new();
    let mut y = top;
    for (row, gap) in gaps.iter().enumerate().take(rows) {
        let of_row = || cards.iter().filter(|card| card.row == row);
        let height = of_row().map(Card::needed_height).fold(26.0, f64::max);
        y += gap;
        edges.push((y, y + height));
        y += height;
    }
    for card in cards.iter_mut() {
        let (from, to) = edges[card.row];
        card.stand(from, to - from);
    }
    (edges, y + gaps[rows])
}

fn arrows(figure: &Figure, field: &Field<'_>) -> (Vec<Drawn>, usize) {
    let tasks = figure.arrows.iter().map(|arrow| Task {
        ways: ways(field, arrow.from, arrow.to, arrow.kind == Some(Kind::RealTime)),
        label: label_size(arrow),
    });
    let ends = [field.top].into_iter().chain(field.rows.iter().map(|row| row.1));
    let begins = field.rows.iter().map(|row| row.0).chain([field.bottom]);
    let gutter = |(from, to)| Rect { x0: 4.0, x1: WIDTH - 4.0, y0: from + 6.0, y1: to - 6.0 };
    let room = Room { gutters: ends.zip(begins).map(gutter).collect() };
    let (placed, unreadable) = place(tasks.collect(), &room);
    let drawn = placed.into_iter().zip(&figure.arrows).map(|(placed, arrow)| Drawn {
        curve: placed.curve,
        label: placed.label,
        kind: arrow.kind,
        closing: arrow.closing,
    });
    (drawn.collect(), unreadable)
}

/// The lines of an arrow's label.
pub(super) fn label(arrow: &Arrow) -> Vec<String> {
    // What it is about in a line of its own, if one line is not enough.
    let parts: Vec<&str> = if width(&arrow.label, SMALL) > LABEL {
        arrow.label.split_inclusive(": ").map(str::trim_end).collect()
    } else {
        vec![&arrow.label]
    };
    let mut lines: Vec<String> = parts.into_iter().flat_map(|part| wrapped(part, SMALL, LABEL)).collect();
    if lines.len() > 3 {
        let rest = lines[2..].join(" ");
        lines.truncate(2);
        lines.push(fit(&rest, SMALL, LABEL));
    }
    lines
}

fn label_size(arrow: &Arrow) -> (f64, f64) {
    let lines = label(arrow);
    let width = if arrow.closing { bold_width } else { width };
    let widest = lines.iter().map(|line| width(line, SMALL)).fold(0.0, f64::max);
    (widest + 14.0, lines.len() as f64 * LINE + 5.0)
}
