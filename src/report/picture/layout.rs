//! Where does everything stand? The whole picture in boxes, lines of text and curves, from above.

use super::axis::Axis;
use super::cards::{self, Card};
use super::figure::Figure;
use super::geometry::{Point, Rect};
use super::order;
use super::rows::{Drawn, Settled, label, settle};
use super::text::{LINE, SMALL, fit, width, wrapped};
use super::words;
use crate::check::isolation::Kind;

/// The width of every picture, in pixels.
pub(super) const WIDTH: f64 = 700.0;
pub(super) const TITLE: f64 = 17.0;
pub(super) const SENTENCE: f64 = 13.0;
const EDGE: f64 = 12.0;
/// At either side of the lanes' bars, where arrows pass by.
const CHANNEL: f64 = 30.0;
/// The names of lanes are not wider.
const NAMES: f64 = 96.0;
/// One line of text, from where it begins, is centered or ends.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) at: Point,
    pub(super) words: String,
    pub(super) look: Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Title,
    Sentence,
    Lane,
    Head,
    Plain,
    Strong,
    Label,
    Closing,
    Tick,
    Caption,
    Legend,
}

/// Everything that is drawn.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) height: f64,
    pub(super) bands: Vec<Rect>,
    pub(super) cards: Vec<Card>,
    pub(super) arrows: Vec<Drawn>,
    pub(super) texts: Vec<Text>,
    /// From left to right, and the ticks on it.
    pub(super) axis: Option<(Point, Point, Vec<f64>)>,
    /// Samples of lines: from where to the right, for which kind; none is the closing one.
    pub(super) samples: Vec<(Point, Option<Kind>)>,
    /// Arrows that could not be placed so that everything can be read.
    pub(super) unreadable: usize,
}

impl Layout {
    pub(super) fn new(figure: &Figure) -> Self {
        let names: Vec<String> = figure.lanes.iter().map(|lane| fit(lane, SMALL, NAMES)).collect();
        let widest = names.iter().map(|name| width(name, SMALL)).fold(0.0, f64::max);
        let left = EDGE + 8.0 + widest + CHANNEL;
        let axis = Axis::new(&cards::spans(figure), left, WIDTH - EDGE - CHANNEL, figure.clock);
        let mut cards = cards::cards(figure, &axis);
        let lanes = order::lanes(&cards, &figure.arrows, figure.lanes.len());
        let rows = cards::into_rows(&mut cards, &lanes);
        let mut layout = Self::empty();
        let top = layout.heading(figure);
        let sides = (left - CHANNEL + 8.0, WIDTH - EDGE - 8.0);
        let settled = settle(figure, &cards, rows, top, sides);
        let bottom = settled.bottom;
        layout.rows(figure, settled);
        layout.name_lanes(&names);
        let below = layout.time(&axis, bottom);
        layout.legend(figure, below);
        layout
    }

    fn empty() -> Self {
        Self {
            height: 0.0,
            bands: Vec::new(),
            cards: Vec::new(),
            arrows: Vec::new(),
            texts: Vec::new(),
            axis: None,
            samples: Vec::new(),
            unreadable: 0,
        }
    }

    fn text(&mut self, x: f64, y: f64, look: Look, text: impl Into<String>) {
        self.texts.push(Text { at: Point::new(x, y), words: text.into(), look });
    }

    /// Answers with where it ends.
    fn heading(&mut self, figure: &Figure) -> f64 {
        let mut y = 26.0;
        self.text(EDGE, y, Look::Title, fit(&figure.title, TITLE, (WIDTH - 2.0 * EDGE) * 0.88));
        let mut lines = wrapped(&figure.sentence, SENTENCE, WIDTH - 2.0 * EDGE);
        lines.truncate(4);
        y += 4.0;
        for line in lines {
            y += 18.0;
            self.text(EDGE, y, Look::Sentence, line);
        }
        y + 14.0
    }

    /// The rows with their cards and arrows, and what is written on them.
    fn rows(&mut self, figure: &Figure, Settled { cards, arrows, unreadable, .. }: Settled) {
        for (drawn, arrow) in arrows.iter().zip(&figure.arrows) {
            let look = if drawn.closing { Look::Closing } else { Look::Label };
            for (line, text) in (0_u8..).zip(label(arrow)) {
                let y = drawn.label.y0 + 14.0 + f64::from(line) * LINE;
                self.text(drawn.label.middle().x, y, look, text);
            }
        }
        for card in &cards {
            let above = (card.bar.y1 - card.bar.y0 - card.needed_height()) / 2.0;
            for (line, written) in (0_u8..).zip(&card.lines) {
                let look = match written.look {
                    cards::Look::Head => Look::Head,
                    cards::Look::Plain => Look::Plain,
                    cards::Look::Strong => Look::Strong,
                };
                let y = card.bar.y0 + above + 16.0 + f64::from(line) * LINE;
                self.text(card.text.x0, y, look, &written.text);
            }
        }
        (self.arrows, self.cards, self.unreadable) = (arrows, cards, unreadable);
    }

    /// A band behind the rows of each lane, and its name in front of the first.
    fn name_lanes(&mut self, names: &[String]) {
        for (lane, name) in names.iter().enumerate() {
            let rows = || self.cards.iter().filter(|card| card.lane == lane).map(|card| card.bar);
            let Some(first) = rows().min_by(|one, other| one.y0.total_cmp(&other.y0)) else { continue };
            let bottom = rows().map(|bar| bar.y1).fold(first.y1, f64::max);
            if !name.is_empty() {
                self.bands.push(Rect { x0: EDGE, x1: WIDTH - EDGE, y0: first.y0 - 5.0, y1: bottom + 5.0 });
                self.text(EDGE + 8.0, first.middle().y + 4.0, Look::Lane, name);
            }
        }
    }

    fn time(&mut self, axis: &Axis, bottom: f64) -> f64 {
        if axis.ticks.is_empty() {
            return bottom;
        }
        let y = bottom + 16.0;
        let ticks = axis.ticks.iter().map(|tick| tick.0).collect();
        self.axis = Some((Point::new(axis.left, y), Point::new(WIDTH - EDGE, y), ticks));
        for (x, text) in &axis.ticks {
            self.text(*x, y + 18.0, Look::Tick, text);
        }
        self.text(WIDTH - EDGE, y + 36.0, Look::Caption, &axis.caption);
        y + 36.0
    }

    /// The kinds of edges that are there, side by side as far as there is room.
    fn legend(&mut self, figure: &Figure, below: f64) {
        let mut kinds: Vec<Kind> = Vec::new();
        for kind in figure.arrows.iter().filter_map(|arrow| arrow.kind) {
            if !kinds.iter().any(|other| words::meaning(*other) == words::meaning(kind)) {
                kinds.push(kind);
            }
        }
        let mut entries: Vec<(Option<Kind>, &str)> =
            kinds.into_iter().map(|kind| (Some(kind), words::meaning(kind))).collect();
        if figure.arrows.len() > 1 && figure.arrows.iter().all(|arrow| arrow.kind.is_some()) {
            entries.push((None, "closes the circle"));
        }
        let (mut x, mut y) = (EDGE, below + 24.0);
        for (kind, meaning) in entries {
            let needs = 40.0 + width(meaning, SMALL) + 22.0;
            if x > EDGE && x + needs > WIDTH {
                (x, y) = (EDGE, y + 20.0);
            }
            self.samples.push((Point::new(x, y - 4.0), kind));
            self.text(x + 40.0, y, Look::Legend, meaning);
            x += needs;
        }
        self.height = if x > EDGE { y + 14.0 } else { below + 14.0 };
    }
}
