//! Which kinds of transactions, and how often each? The mix, as a value.

use std::fmt;
use std::str::FromStr;

use super::ParseValueError;
use crate::history::Shape;

/// Shapes with their weights, each shape once, every weight above zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix(Vec<(Shape, u32)>);

/// The largest weight: their sum fits 32 bits.
const MAX_WEIGHT: u32 = 1_000_000;

impl Default for Mix {
    /// Enough of what transfers cannot show: peek and skew tell serializable from snapshot isolation.
    fn default() -> Self {
        Self(vec![(Shape::Transfer, 60), (Shape::Peek, 15), (Shape::Skew, 15), (Shape::Audit, 10)])
    }
}

impl Mix {
    /// The shapes, in the order in which they were written.
    #[must_use]
    pub fn shapes(&self) -> Vec<Shape> {
        self.0.iter().map(|(shape, _)| *shape).collect()
    }

    /// Shapes and weights, in the order in which they were written.
    pub fn weights(&self) -> impl Iterator<Item = (Shape, u32)> {
        self.0.iter().copied()
    }

    /// The sum of all weights.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.iter().map(|(_, weight)| weight).sum()
    }

    /// Whether a shape is in it.
    #[must_use]
    pub fn has(&self, shape: Shape) -> bool {
        self.0.iter().any(|(other, _)| *other == shape)
    }
}

impl FromStr for Mix {
    type Err = ParseValueError;

    /// `transfer=60,peek=15`, or a shape alone, whose weight is 1.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts: Vec<(Shape, u32)> = Vec::new();
        for part in text.split(',') {
            let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
            let (name, weight) = (name.trim(), weight.trim());
            let shape = Shape::ALL.into_iter().find(|shape| shape.name() == name);
            let Some(shape) = shape else {
                let names = Shape::ALL.map(Shape::name).join(", ");
                return Err(ParseValueError::new(format!("\"{name}\" is no shape; the shapes are {names}")));
            };
            let weight = weight.parse().ok().filter(|weight| (1..=MAX_WEIGHT).contains(weight));
            let Some(weight) = weight else {
                let message = format!("{name}: a whole number from 1 to {MAX_WEIGHT} is needed behind the =");
                return Err(ParseValueError::new(message));
            };
            if parts.iter().any(|(other, _)| *other == shape) {
                return Err(ParseValueError::new(format!("{name} is there twice")));
            }
            parts.push((shape, weight));
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for Mix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [(shape, 1)] = self.0[..] {
            return write!(formatter, "{shape}");
        }
        let parts: Vec<String> = self.0.iter().map(|(shape, weight)| format!("{shape}={weight}")).collect();
        formatter.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_printing_and_parsing() {
        for form in ["transfer", "transfer=60,peek=15,skew=15,audit=10", "cap=1,fresh=2", "batch=7"] {
            assert_eq!(form.parse::<Mix>().unwrap().to_string(), form);
        }
        assert_eq!(Mix::default().to_string().parse(), Ok(Mix::default()));
        for (wrong, expected) in [
            ("", "no shape"),
            ("transfers", "no shape"),
            ("transfer=0", "whole number"),
            ("transfer=x", "whole number"),
            ("transfer=9999999", "whole number"),
            ("transfer,transfer", "twice"),
            ("transfer,", "no shape"),
        ] {
            let error = wrong.parse::<Mix>().unwrap_err().to_string();
            assert!(error.contains(expected), "{wrong}: {error}");
        }
    }
}
