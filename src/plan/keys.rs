//! How are accounts chosen? The key distributions, as values.

use std::fmt;
use std::str::FromStr;

use super::ParseValueError;

/// How the accounts of a transfer are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Keys {
    /// Every account alike.
    #[default]
    Uniform,
    /// Account k with a probability proportional to 1/k^s.
    Zipf {
        /// The exponent s, 0 is uniform.
        exponent: f64,
    },
    /// A share of the accounts, the first ones, gets a share of the choices.
    Hotspot {
        /// The hot share of the accounts, in percent.
        keys_percent: f64,
        /// The share of the choices that goes to them, in percent.
        choices_percent: f64,
    },
}

impl FromStr for Keys {
    type Err = ParseValueError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = match text.split_once(':') {
            None if text == "uniform" => Some(Self::Uniform),
            Some(("zipf", exponent)) => number(exponent, 0.0, 10.0).map(|exponent| Self::Zipf { exponent }),
            Some(("hotspot", shares)) => shares.split_once('/').and_then(|(keys, choices)| {
                Some(Self::Hotspot { keys_percent: percent(keys)?, choices_percent: percent(choices)? })
            }),
            _ => None,
        };
        found.ok_or_else(|| ParseValueError::new("uniform, zipf:1.1 (0 to 10) or hotspot:10%/90% is needed"))
    }
}

fn percent(text: &str) -> Option<f64> {
    number(text.trim().strip_suffix('%')?, 0.0, 100.0).filter(|percent| *percent > 0.0)
}

fn number(text: &str, low: f64, high: f64) -> Option<f64> {
    text.trim().parse().ok().filter(|number| (low..=high).contains(number))
}

impl fmt::Display for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uniform => formatter.write_str("uniform"),
            Self::Zipf { exponent } => write!(formatter, "zipf:{exponent}"),
            Self::Hotspot { keys_percent, choices_percent } => {
                write!(formatter, "hotspot:{keys_percent}%/{choices_percent}%")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_printing_and_parsing() {
        for form in ["uniform", "zipf:1.1", "zipf:0", "hotspot:10%/90%", "hotspot:0.5%/99%"] {
            assert_eq!(form.parse::<Keys>().unwrap().to_string(), form);
        }
        for wrong in ["", "zipf", "zipf:x", "zipf:-1", "zipf:NaN", "hotspot:10/90", "hotspot:0%/90%", "hot"] {
            assert!(wrong.parse::<Keys>().is_err(), "{wrong}");
        }
    }
}
