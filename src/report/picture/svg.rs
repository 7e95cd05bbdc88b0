//! How is it written as SVG? One file, without a script and without anything from elsewhere.
//!
//! Colors: Okabe, Ito, "Color Universal Design" (2008), which color-blind readers can tell apart; on white, its purple and
//! its orange are darkened. Each kind of line has dashes of its own, too.

use std::fmt::Write;

use super::cards::{Card, STRIP};
use super::figure::Figure;
use super::geometry::{Curve, Point, Rect};
use super::layout::{Layout, Look, Text, WIDTH};
use super::rows::Drawn;
use crate::check::history::Outcome;
use crate::check::isolation::Kind;

const STYLE: &str = include_str!("style.css");
/// Who made it: contend replaces no file of which it is not the first line.
pub(in crate::report) const MADE: &str = "<!-- made by contend -->";
/// Length and half the width of an arrow's head.
const HEAD: (f64, f64) = (9.0, 4.5);

/// What is text in XML.
pub(in crate::report) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

pub(super) fn render(figure: &Figure, layout: &Layout) -> String {
    let mut out = Out(String::new());
    let height = layout.height.ceil();
    out.line(MADE);
    out.line(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\" aria-labelledby=\"title explanation\">"
    ));
    out.line(&format!("<title id=\"title\">{}: {}</title>", escaped(&figure.title), escaped(&figure.sentence)));
    out.line(&format!("<desc id=\"explanation\">{}</desc>", escaped(&figure.explanation.join("\n"))));
    out.line(&format!("<style>\n{STYLE}</style>"));
    out.rect("page", Rect { x0: 0.0, y0: 0.0, x1: WIDTH, y1: height }, 0.0);
    for band in &layout.bands {
        out.rect("band", *band, 5.0);
    }
    if let Some((from, to, ticks)) = &layout.axis {
        out.axis(*from, *to, ticks);
    }
    for card in &layout.cards {
        out.card(card);
    }
    let (mut closing, others): (Vec<&Drawn>, Vec<&Drawn>) = layout.arrows.iter().partition(|arrow| arrow.closing);
    closing.splice(0..0, others);
    for arrow in &closing {
        out.arrow(arrow);
    }
    // Above all lines, since a label interrupts its own.
    for arrow in closing {
        out.rect(&format!("chip {}", class(arrow.kind)), arrow.label, 9.0);
    }
    for (at, kind) in &layout.samples {
        out.sample(*at, *kind);
    }
    layout.texts.iter().for_each(|text| out.text(text));
    out.line("</svg>");
    out.0
}

fn class(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Ww) => "ww",
        Some(Kind::Wr | Kind::WrPredicate) => "wr",
        Some(Kind::Rw | Kind::RwPredicate) => "rw",
        Some(Kind::Session) => "session",
        Some(Kind::RealTime) => "real-time",
        None => "other",
    }
}

struct Out(String);

impl Out {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn rect(&mut self, class: &str, rect: Rect, radius: f64) {
        let Rect { x0, y0, .. } = rect;
        let (width, height) = (rect.width(), rect.y1 - y0);
        self.line(&format!(
            "<rect class=\"{class}\" x=\"{x0:.1}\" y=\"{y0:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius}\"/>"
        ));
    }

    fn path(&mut self, class: &str, shape: &str) {
        self.line(&format!("<path class=\"{class}\" d=\"{shape}\"/>"));
    }

    fn card(&mut self, card: &Card) {
        match card.outcome {
            None => self.rect("place", card.bar, 14.0),
            Some(outcome) => {
                let (frame, strip) = match outcome {
                    Outcome::Ok => ("bar", Rect { x1: card.bar.x0 + STRIP, ..card.bar }),
                    Outcome::Abort => ("bar aborted", card.bar),
                    Outcome::Info => ("bar ambiguous", card.bar),
                };
                self.rect(frame, card.bar, 3.0);
                match outcome {
                    Outcome::Ok => self.rect("committed", strip, 3.0),
                    Outcome::Abort => self.hatch(card.bar),
                    Outcome::Info => self.dots(card.bar),
                }
            }
        }
    }

    /// Slanting lines in the strip at the left of a bar: aborted.
    fn hatch(&mut self, bar: Rect) {
        let mut shape = String::new();
        let mut y = bar.y0 + 8.5;
        while y < bar.y1 - 1.0 {
            let _ = write!(shape, "M{:.1} {y:.1}l{} -6", bar.x0 + 1.5, STRIP - 2.0);
            y += 5.0;
        }
        self.path("hatch", &shape);
    }

    /// Dots in the strip at the left of a bar: ambiguous.
    fn dots(&mut self, bar: Rect) {
        let mut y = bar.y0 + 6.0;
        while y < bar.y1 - 3.0 {
            self.line(&format!(
                "<circle class=\"dots\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"1.6\"/>",
                bar.x0 + STRIP / 2.0 + 1.0
            ));
            y += 6.0;
        }
    }

    fn arrow(&mut self, arrow: &Drawn) {
        let thick = if arrow.closing { " thick" } else { "" };
        let (shape, tip) = shape(&arrow.curve);
        self.path(&format!("line {}{thick}", class(arrow.kind)), &shape);
        self.path(&format!("tip {}", class(arrow.kind)), &tip);
    }

    fn axis(&mut self, from: Point, to: Point, ticks: &[f64]) {
        let mut shape = format!("M{:.1} {:.1}H{:.1}", from.x, from.y, to.x - 6.0);
        for tick in ticks {
            let _ = write!(shape, "M{tick:.1} {:.1}v5", from.y);
        }
        self.path("axis", &shape);
        self.path("axis-head", &format!("M{:.1} {:.1}l-8 -4v8z", to.x, to.y));
    }

    fn sample(&mut self, at: Point, kind: Option<Kind>) {
        let class = kind.map_or("line any thick".to_owned(), |kind| format!("line {}", class(Some(kind))));
        self.path(&class, &format!("M{:.1} {:.1}h32", at.x, at.y));
    }

    fn text(&mut self, text: &Text) {
        let class = match text.look {
            Look::Title => "title",
            Look::Sentence => "sentence",
            Look::Lane => "lane",
            Look::Head => "head",
            Look::Plain => "plain",
            Look::Strong => "strong",
            Look::Label => "label",
            Look::Closing => "label closing",
            Look::Tick => "tick",
            Look::Caption => "caption",
            Look::Legend => "legend",
        };
        let Point { x, y } = text.at;
        self.line(&format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(&text.words)));
    }
}

/// The line, which ends where the head begins, and the head.
fn shape(curve: &Curve) -> (String, String) {
    let end = curve.end();
    let from = curve.pieces.last().map_or(curve.start, |piece| piece.arrive);
    let from = if from.distance(end) < 0.5 { curve.points[curve.points.len() - 2] } else { from };
    let length = from.distance(end).max(0.001);
    let (dx, dy) = ((end.x - from.x) / length, (end.y - from.y) / length);
    let back = Point::new(end.x - dx * HEAD.0, end.y - dy * HEAD.0);
    let mut line = format!("M{:.1} {:.1}", curve.start.x, curve.start.y);
    for (number, piece) in curve.pieces.iter().enumerate() {
        let last = number + 1 == curve.pieces.len();
        // Almost to the end, so that no gap is seen between line and head.
        let to = if last { Point::new(end.x - dx * (HEAD.0 - 1.0), end.y - dy * (HEAD.0 - 1.0)) } else { piece.end };
        let _ = write!(
            line,
            "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            piece.leave.x, piece.leave.y, piece.arrive.x, piece.arrive.y, to.x, to.y
        );
    }
    let side = Point::new(-dy * HEAD.1, dx * HEAD.1);
    let head = format!(
        "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}z",
        end.x,
        end.y,
        back.x + side.x,
        back.y + side.y,
        back.x - side.x,
        back.y - side.y
    );
    (line, head)
}
