//! How far apart are the nodes? Round trips between any two of them.

use std::fmt;
use std::time::Duration;

use super::parameter::{bounded, word};

/// Round trips from each node (a row) to each other (a column). There and back may take another way than back and there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix(Vec<Vec<Duration>>);

impl Default for Matrix {
    fn default() -> Self {
        Self::near(1)
    }
}

impl Matrix {
    /// As many as there are regions, and some.
    pub(super) const MOST_NODES: u32 = 64;

    /// So many nodes with no distance between them.
    #[must_use]
    pub fn near(nodes: usize) -> Self {
        Self(vec![vec![Duration::ZERO; nodes]; nodes])
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.0.len()
    }

    /// How long it takes from one node to another and back.
    #[must_use]
    pub fn round_trip(&self, from: usize, to: usize) -> Duration {
        self.0.get(from).and_then(|row| row.get(to)).copied().unwrap_or_default()
    }

    /// Whether there is no distance between any two nodes.
    pub(super) fn is_near(&self) -> bool {
        self.0.iter().flatten().all(Duration::is_zero)
    }

    /// Reads `0ms,20ms/20ms,0ms`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let rows: Vec<&str> = text.split('/').collect();
        let nodes = rows.len();
        if nodes > Self::MOST_NODES as usize {
            return Err(format!("{nodes} rows, and {} nodes are the most", Self::MOST_NODES));
        }
        let mut matrix = Self::near(nodes);
        for (number, row) in rows.into_iter().enumerate() {
            let cells: Vec<&str> = row.split(',').collect();
            if cells.len() != nodes {
                return Err(format!(
                    "row {} has {}, and each row needs {nodes}, as many as there are rows",
                    number + 1,
                    cells.len()
                ));
            }
            for (column, cell) in cells.into_iter().enumerate() {
                let place = || format!("row {}, column {}, \"{cell}\"", number + 1, column + 1);
                let trip = bounded(cell).map_err(|needed| format!("{}: {needed}", place()))?;
                if number == column && !trip.is_zero() {
                    return Err(format!("{}: from a node to itself it takes 0ms", place()));
                }
                matrix.0[number][column] = trip;
            }
        }
        Ok(matrix)
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|row| row.iter().copied().map(word).collect::<Vec<_>>().join(","));
        formatter.write_str(&rows.collect::<Vec<_>>().join("/"))
    }
}
