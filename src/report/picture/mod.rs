//! What did it look like? An anomaly as a picture: time to the right, a lane for each worker, a bar for each transaction,
//! and curved arrows from what has to come first.
//!
//! ```text
//! History, Anomaly -> Figure (what) -> Layout (where) -> SVG
//!                           \-> DOT
//! ```

mod axis;
mod cards;
mod dot;
mod figure;
pub(super) mod geometry;
mod layout;
mod order;
mod places;
mod route;
mod rows;
mod search;
pub(super) mod svg;
#[cfg(test)]
mod tests;
pub(super) mod text;
mod words;

use figure::Figure;
use layout::Layout;

use crate::check::history::History;
use crate::check::isolation::Anomaly;

/// One anomaly, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Picture {
    figure: Figure,
}

impl Picture {
    /// Takes out of a history what an anomaly is about.
    #[must_use]
    pub fn new(history: &History, anomaly: &Anomaly) -> Self {
        Self { figure: Figure::new(history, anomaly) }
    }

    /// As SVG: 700 pixels wide, light and dark, without a script or anything from elsewhere.
    #[must_use]
    pub fn svg(&self) -> String {
        svg::render(&self.figure, &Layout::new(&self.figure))
    }

    /// Whether a file that begins like this was made here.
    #[must_use]
    pub fn is_ours(begin: &[u8]) -> bool {
        [svg::MADE, dot::MADE].iter().any(|made| begin.starts_with(made.as_bytes()))
    }

    /// As a graph for Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        dot::render(&self.figure)
    }
}
