//! How is a transaction drawn? As a bar with its text inside, or beside it where it is too short, in a row of its lane.

use super::axis::{Axis, Span};
use super::figure::{Figure, Node, Sort, Where, Words};
use super::geometry::Rect;
use super::text::{LINE, SMALL, bold_width, fit, width, wrapped};
use crate::check::history::Outcome;

/// Between the border of a bar and its text; at the left there is a strip that shows the outcome.
pub(super) const STRIP: f64 = 8.0;
pub(super) const PADDING: f64 = 7.0;
/// A bar is never shorter.
const SHORTEST: f64 = 10.0;
/// Text inside of a bar has at most so many lines, unless there is no better place.
const LINES: usize = 8;
/// Nor is it narrower, unless it is short.
const INSIDE: f64 = 84.0;
/// Text beside a bar, and in places, is broken into lines of this width.
const BESIDE: f64 = 280.0;
/// Between two bars of one row.
const APART: f64 = 10.0;

/// A line of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) look: Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Head,
    Plain,
    /// What the anomaly is about.
    Strong,
}

/// A transaction or a place, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Card {
    /// None is a place.
    pub(super) outcome: Option<Outcome>,
    pub(super) lane: usize,
    /// From above.
    pub(super) row: usize,
    pub(super) bar: Rect,
    pub(super) lines: Vec<Line>,
    /// The room of the lines: inside of the bar, or beside it.
    pub(super) text: Rect,
}

impl Card {
    /// Bar and text together.
    pub(super) fn extent(&self) -> Rect {
        Rect { x0: self.bar.x0.min(self.text.x0), x1: self.bar.x1.max(self.text.x1), ..self.bar }
    }

    pub(super) fn needed_height(&self) -> f64 {
        self.lines.len() as f64 * LINE + 11.0
    }

    /// Puts it into its row.
    pub(super) fn stand(&mut self, top: f64, height: f64) {
        for rect in [&mut self.bar, &mut self.text] {
            (rect.y0, rect.y1) = (top, top + height);
        }
    }
}

/// How wide the bar of a transaction would like to be.
pub(super) fn spans(figure: &Figure) -> Vec<Span> {
    let span = |node: &Node| match node.sort {
        Sort::Transaction { from, to, .. } => {
            let wanted = node.lines.iter().map(|words| width(&words.text, SMALL)).fold(0.0, f64::max);
            let wanted = wanted.max(bold_width(&node.head, SMALL)).min(220.0) + STRIP + 2.0 * PADDING;
            Some(Span { from, to, wanted })
        }
        Sort::Place(_) => None,
    };
    figure.nodes.iter().filter_map(span).collect()
}

/// All of them, not yet in rows.
pub(super) fn cards(figure: &Figure, axis: &Axis) -> Vec<Card> {
    figure.nodes.iter().map(|node| card(node, axis)).collect()
}

fn card(node: &Node, axis: &Axis) -> Card {
    let flat = |x0: f64, x1: f64| Rect { x0, x1, ..Rect::default() };
    match node.sort {
        Sort::Place(place) => {
            let lines = lines(node, BESIDE);
            let width = widest(&lines) + 2.0 * PADDING;
            let x0 = match place {
                Where::Beginning => axis.left,
                Where::Anywhere => f64::midpoint(axis.left, axis.right) - width / 2.0,
                Where::End => axis.right - width,
            };
            let bar = flat(x0, x0 + width);
            Card { outcome: None, lane: node.lane, row: 0, bar, lines, text: flat(x0 + PADDING, bar.x1 - PADDING) }
        }
        Sort::Transaction { from, to, outcome } => {
            let x0 = axis.at(from, false).min(axis.right - SHORTEST);
            let bar = flat(x0, axis.at(to, true).max(x0 + SHORTEST));
            let (lines, text) = written(node, bar, axis);
            Card { outcome: Some(outcome), lane: node.lane, row: 0, bar, lines, text }
        }
    }
}

/// The text and its room: inside of the bar where that is well enough, else on the side with more room.
fn written(node: &Node, bar: Rect, axis: &Axis) -> (Vec<Line>, Rect) {
    let inner = Rect { x0: bar.x0 + STRIP + PADDING, x1: bar.x1 - PADDING, ..bar };
    let longest =
        node.lines.iter().map(|words| width(&words.text, SMALL)).fold(bold_width(&node.head, SMALL), f64::max);
    let (left, right) = (bar.x0 - axis.left - PADDING, axis.right - bar.x1 - PADDING);
    let beside = left.max(right).min(BESIDE);
    let fits = inner.width() >= longest.min(INSIDE) && lines(node, inner.width()).len() <= LINES;
    if fits || inner.width() + 30.0 >= beside {
        return (lines(node, inner.width().max(1.0)), inner);
    }
    let lines = lines(node, beside);
    let needs = widest(&lines);
    let x0 = if right >= needs || right >= left { bar.x1 + PADDING } else { bar.x0 - PADDING - needs };
    (lines, Rect { x0, x1: x0 + needs, ..bar })
}

fn widest(lines: &[Line]) -> f64 {
    lines.iter().map(Line::width).fold(0.0, f64::max)
}

impl Line {
    pub(super) fn width(&self) -> f64 {
        match self.look {
            Look::Plain => width(&self.text, SMALL),
            Look::Head | Look::Strong => bold_width(&self.text, SMALL),
        }
    }
}

fn lines(node: &Node, room: f64) -> Vec<Line> {
    let bold = room * width("n", SMALL) / bold_width("n", SMALL);
    let of = |texts: Vec<String>, look: Look| texts.into_iter().map(move |text| Line { text, look });
    let mut lines: Vec<Line> = of(head(&node.head, bold), Look::Head).collect();
    // One after another as far as there is room; what matters most has lines of its own.
    let mut flow = String::new();
    for words in &node.lines {
        if words.strong {
            lines.extend(of(flowed(&mut flow, room), Look::Plain));
            lines.extend(of(operation(words, bold), Look::Strong));
        } else if flow.is_empty() {
            flow.clone_from(&words.text);
        } else if width(&format!("{flow}, {}", words.text), SMALL) <= room {
            flow = format!("{flow}, {}", words.text);
        } else {
            lines.extend(of(flowed(&mut flow, room), Look::Plain));
            flow.clone_from(&words.text);
        }
    }
    lines.extend(of(flowed(&mut flow, room), Look::Plain));
    lines
}

fn flowed(flow: &mut String, room: f64) -> Vec<String> {
    let text = std::mem::take(flow);
    if text.is_empty() { Vec::new() } else { limited(&text, room) }
}

fn operation(words: &Words, room: f64) -> Vec<String> {
    limited(&words.text, room)
}

/// A name that is too long is shortened, so that the outcome behind it is seen.
fn head(text: &str, room: f64) -> Vec<String> {
    match text.rsplit_once(": ") {
        Some((name, outcome)) if width(text, SMALL) > room => {
            vec![fit(&format!("{name}:"), SMALL, room), fit(outcome, SMALL, room)]
        }
        _ => vec![fit(text, SMALL, room)],
    }
}

/// At most three lines of one operation.
fn limited(text: &str, room: f64) -> Vec<String> {
    let mut lines = wrapped(text, SMALL, room);
    if lines.len() > 3 {
        let rest = lines[2..].join(" ");
        lines.truncate(2);
        lines.push(fit(&rest, SMALL, room));
    }
    lines
}

/// Puts cards into rows, lane by lane in this order: next to each other where they do not overlap.
/// Answers with how many rows there are.
pub(super) fn into_rows(cards: &mut [Card], lanes: &[usize]) -> usize {
    let mut rows = 0;
    for lane in lanes {
        let mut of_lane: Vec<usize> = (0..cards.len()).filter(|card| cards[*card].lane == *lane).collect();
        of_lane.sort_by(|one, other| cards[*one].extent().x0.total_cmp(&cards[*other].extent().x0));
        let mut ends: Vec<f64> = Vec::new();
        for card in of_lane {
            let extent = cards[card].extent();
            let free = ends.iter().position(|end| end + APART <= extent.x0);
            let row = free.unwrap_or(ends.len());
            if free.is_none() {
                ends.push(extent.x1);
            } else {
                ends[row] = extent.x1;
            }
            cards[card].row = rows + row;
        }
        rows += ends.len();
    }
    rows
}
