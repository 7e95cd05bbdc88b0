//! What is a chart made of? Shapes and words on white, written as one SVG file without a script.

use std::fmt::Write;

use crate::report::picture::geometry::{Point, Rect};
use crate::report::picture::svg::{MADE, escaped};
use crate::report::picture::text::{bold_width, clean, fit, width};

/// The width of every chart in pixels.
pub(super) const WIDTH: f64 = 800.0;
/// What is left free at its edges.
pub(super) const EDGE: f64 = 24.0;
/// The letters of a title, of most words, and the smallest ones.
pub(super) const TITLE: f64 = 18.0;
pub(super) const BODY: f64 = 13.0;
pub(super) const SMALL: f64 = 12.0;

/// Words, the lines of an axis, and those of the grid.
const INK: &str = "#1f2328";
const GRAY: &str = "#57606a";
pub(super) const GRID: &str = "#e3e6ea";

/// Where the words stand, seen from their point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub at: Point,
    pub words: String,
    pub size: f64,
    pub anchor: Anchor,
    pub bold: bool,
    pub gray: bool,
}

impl Text {
    /// Words of the usual size that begin at a point.
    pub(super) fn new(at: Point, words: &str) -> Self {
        Self { at, words: clean(words), size: SMALL, anchor: Anchor::Start, bold: false, gray: false }
    }

    pub(super) fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) fn bold(self, bold: bool) -> Self {
        Self { bold, ..self }
    }

    pub(super) fn gray(self) -> Self {
        Self { gray: true, ..self }
    }

    pub(super) fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }

    /// As much of it as there is room for.
    pub(super) fn within(self, room: f64) -> Self {
        let room = if self.bold { room / 1.12 } else { room };
        Self { words: fit(&self.words, self.size, room), ..self }
    }

    pub(super) fn width(&self) -> f64 {
        if self.bold { bold_width(&self.words, self.size) } else { width(&self.words, self.size) }
    }

    /// What it covers, estimated without a font.
    pub(super) fn extent(&self) -> Rect {
        let width = self.width();
        let x0 = match self.anchor {
            Anchor::Start => self.at.x,
            Anchor::Middle => self.at.x - width / 2.0,
            Anchor::End => self.at.x - width,
        };
        Rect { x0, x1: x0 + width, y0: self.at.y - self.size * 0.8, y1: self.at.y + self.size * 0.25 }
    }
}

/// A chart that is being drawn.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    pub height: f64,
    title: String,
    explanation: String,
    shapes: String,
    pub texts: Vec<Text>,
}

impl Sheet {
    /// With its title and what it rests on.
    pub(super) fn new(title: &str, explanation: &str) -> Self {
        let mut sheet = Self {
            height: 0.0,
            title: clean(title),
            explanation: clean(explanation),
            shapes: String::new(),
            texts: Vec::new(),
        };
        let room = WIDTH - 2.0 * EDGE;
        sheet.text(Text::new(Point::new(EDGE, 34.0), title).sized(TITLE).bold(true).within(room));
        sheet.text(Text::new(Point::new(EDGE, 54.0), explanation).gray().within(room));
        sheet
    }

    pub(super) fn text(&mut self, text: Text) {
        self.texts.push(text);
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: Point, to: Point, color: &str, width: f64) {
        let (Point { x: x1, y: y1 }, Point { x: x2, y: y2 }) = (from, to);
        self.shape(&format!(
            "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\"/>"
        ));
    }

    /// Straight lines from point to point.
    pub(super) fn path(&mut self, points: &[Point], color: &str, style: &str) {
        let mut shape = String::new();
        for (number, Point { x, y }) in points.iter().enumerate() {
            let _ = write!(shape, "{}{x:.1} {y:.1}", if number == 0 { "M" } else { "L" });
        }
        self.shape(&format!("<path d=\"{shape}\" fill=\"none\" stroke=\"{color}\" {style}/>"));
    }

    pub(super) fn rect(&mut self, rect: Rect, color: &str, opacity: f64) {
        let Rect { x0, y0, y1, .. } = rect;
        let (width, height) = (rect.width(), y1 - y0);
        self.shape(&format!(
            "<rect x=\"{x0:.1}\" y=\"{y0:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{color}\" \
             fill-opacity=\"{opacity}\"/>"
        ));
    }

    /// An interval: a line with a cap at each of its ends.
    pub(super) fn interval(&mut self, from: Point, to: Point, color: &str, cap: f64) {
        self.line(from, to, color, 1.75);
        let is_upright = (from.x - to.x).abs() < 0.05;
        let (x, y) = if is_upright { (cap, 0.0) } else { (0.0, cap) };
        for end in [from, to] {
            self.line(Point::new(end.x - x, end.y - y), Point::new(end.x + x, end.y + y), color, 1.75);
        }
    }

    pub(super) fn shape(&mut self, shape: &str) {
        self.shapes.push_str(shape);
        self.shapes.push('\n');
    }

    /// The file.
    pub(super) fn svg(&self) -> String {
        let (height, title, explanation) = (self.height.ceil(), escaped(&self.title), escaped(&self.explanation));
        let mut svg = format!(
            "{MADE}\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title explanation\" \
             font-family=\"system-ui,sans-serif\">\n<title id=\"title\">{title}</title>\n\
             <desc id=\"explanation\">{explanation}</desc>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        );
        svg.push_str(&self.shapes);
        for text in &self.texts {
            let anchor = match text.anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let bold = if text.bold { " font-weight=\"700\"" } else { "" };
            let (Point { x, y }, size, color) = (text.at, text.size, if text.gray { GRAY } else { INK });
            let words = escaped(&text.words);
            let _ = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{color}\" text-anchor=\"{anchor}\"{bold}>\
                 {words}</text>"
            );
        }
        svg + "</svg>\n"
    }
}
