//! How often did what happen, shape by shape?

use serde::{Deserialize, Serialize};

use crate::history::Shape;
use crate::measure::{ShapeCounts, Summary};

/// [`ShapeCounts`], saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the equations are with ShapeCounts")]
pub struct SavedShape {
    pub shape: String,
    pub committed: u64,
    pub declined: u64,
    pub other: u64,
    pub attempts: u64,
    pub retries: u64,
}

impl SavedShape {
    /// The shapes of a mix, in its order.
    #[must_use]
    pub fn of(summary: &Summary, mix: &[Shape]) -> Vec<Self> {
        let saved = |shape: &Shape| {
            let ShapeCounts { committed, declined, other, attempts, retries } = *summary.shapes.of(*shape);
            Self { shape: shape.name().to_owned(), committed, declined, other, attempts, retries }
        };
        mix.iter().map(saved).collect()
    }

    /// All transactions of the shape.
    #[must_use]
    pub fn transactions(&self) -> u64 {
        self.committed + self.declined + self.other
    }
}
