//! How long is the delay? The formulas of [`crate::retry::Backoff`], in milliseconds.

use std::time::Duration;

use super::Language;
use super::expression::Expression::{self, Constant, Elapsed, Failures, Number, Previous, Random, Variable};
use crate::retry::{Delays, Jitter};

/// A delay: constants, steps that name what they compute, and the result.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Formula {
    /// Name, value, and what it is.
    constants: Vec<Named>,
    /// The first delay of all, where that is another one.
    first: Option<Expression>,
    steps: Vec<(&'static str, Expression)>,
    result: Expression,
}

/// A constant: its name, its value, and what it is.
type Named = (&'static str, f64, &'static str);

impl Formula {
    /// The one of these delays.
    pub(super) fn of(delays: &Delays) -> Self {
        match *delays {
            Delays::None | Delays::Immediate => Self::plain(Vec::new(), Number(0.0)),
            Delays::Tutorial => {
                let doubled = Number(2.0).power(Failures.min(Number(20.0)));
                Self::plain(Vec::new(), doubled * Number(100.0) * (Random + Number(0.5)))
            }
            Delays::Constant(delay) => {
                let constant = ("DELAY_MS", milliseconds(delay), "The delay before every retry, in milliseconds.");
                Self::plain(vec![constant], Constant("DELAY_MS"))
            }
            Delays::Uniform { low, high } => {
                let low = ("LOW_MS", milliseconds(low), "The shortest delay, in milliseconds.");
                let high = ("HIGH_MS", milliseconds(high), "The longest delay, in milliseconds.");
                let width = Constant("HIGH_MS") - Constant("LOW_MS");
                Self::plain(vec![low, high], Constant("LOW_MS") + width * Random)
            }
            Delays::Linear { base, cap, jitter } => {
                let grown = (Constant("BASE_MS") * Failures).min(Constant("CAP_MS"));
                Self::spread(vec![base_ms(base), cap_ms(cap)], grown, jitter)
            }
            Delays::Exponential { base, cap, jitter: Jitter::Decorrelated, .. } => Self::decorrelated(base, cap),
            Delays::Exponential { base, factor, cap, jitter: Jitter::Compounded { percent } } => {
                Self::compounded(base, factor, cap, percent)
            }
            Delays::Exponential { base, factor, cap, jitter } => {
                let exponent = (Failures - Number(1.0)).min(Number(steps_to_cap(base, factor, cap)));
                let grown = (Constant("BASE_MS") * Constant("FACTOR").power(exponent)).min(Constant("CAP_MS"));
                Self::spread(vec![base_ms(base), growth(factor), cap_ms(cap)], grown, jitter)
            }
            Delays::Age { base, half, jitter } => {
                let half = ("HALF_MS", milliseconds(half), "The age of the transaction at which it is half of that.");
                let shrunk = Constant("BASE_MS") * Number(0.5).power(Elapsed / Constant("HALF_MS"));
                Self::spread(vec![base_ms(base), half], shrunk, jitter)
            }
        }
    }

    fn plain(constants: Vec<Named>, result: Expression) -> Self {
        Self { constants, first: None, steps: Vec::new(), result }
    }

    /// A delay, and what a jitter makes of it.
    fn spread(mut constants: Vec<Named>, delay: Expression, jitter: Jitter) -> Self {
        let whole = Variable("whole");
        let result = match jitter {
            // The two that are sequences of their own go with an exponential delay only.
            Jitter::None | Jitter::Decorrelated | Jitter::Compounded { .. } => return Self::plain(constants, delay),
            Jitter::Full => whole * Random,
            Jitter::Equal => whole * (Number(0.5) + Random * Number(0.5)),
            Jitter::Above { percent } => {
                constants.push(("JITTER", percent / 100.0, "At most this share of the delay is added to it."));
                whole * (Number(1.0) + Random * Constant("JITTER"))
            }
            Jitter::Around { percent } => {
                constants.push(spread_of(percent));
                whole * around()
            }
            Jitter::Plus(most) => {
                constants.push(("JITTER_MS", milliseconds(most), "At most this is added, in milliseconds."));
                whole + Random * Constant("JITTER_MS")
            }
        };
        Self { steps: vec![("whole", delay)], ..Self::plain(constants, result) }
    }

    fn decorrelated(base: Duration, cap: Duration) -> Self {
        let base_ms = ("BASE_MS", milliseconds(base), "The shortest delay, in milliseconds.");
        let upper = Previous.max(Constant("BASE_MS")) * Number(3.0);
        let drawn = Constant("BASE_MS") + (Variable("upper") - Constant("BASE_MS")) * Random;
        let plain = Self::plain(vec![base_ms, cap_ms(cap)], drawn.min(Constant("CAP_MS")));
        Self { steps: vec![("upper", upper)], ..plain }
    }

    fn compounded(base: Duration, factor: f64, cap: Duration, percent: f64) -> Self {
        let constants = vec![base_ms(base), growth(factor), cap_ms(cap), spread_of(percent)];
        let grown = Previous * Constant("FACTOR") * around();
        Self { first: Some(Constant("BASE_MS")), ..Self::plain(constants, grown.min(Constant("CAP_MS"))) }
    }

    fn parts(&self) -> Vec<&Expression> {
        let steps = self.steps.iter().flat_map(|(_, step)| step.parts());
        steps.chain(self.result.parts()).collect()
    }

    /// Whether this is a part of it.
    pub(super) fn uses(&self, part: &Expression) -> bool {
        self.parts().contains(&part) || (*part == Failures && self.first.is_some())
    }

    /// Whether anything but arithmetic is.
    pub(super) fn uses_functions(&self) -> bool {
        let is_function =
            |part: &Expression| matches!(part, Expression::Min(..) | Expression::Max(..) | Expression::Power(..));
        self.parts().into_iter().any(is_function)
    }

    /// Whether it has numbers of its own.
    pub(super) fn has_constants(&self) -> bool {
        !self.constants.is_empty()
    }

    /// The declarations of its constants, each below what it is.
    pub(super) fn constants(&self, language: Language) -> String {
        let declared = self.constants.iter().map(|(name, value, what)| language.declare(name, *value, what));
        declared.collect::<Vec<_>>().join(if language == Language::Go { "\n\n" } else { "\n" })
    }

    /// What the function of the delay takes, between its parentheses.
    pub(super) fn parameters(&self, language: Language) -> String {
        self.inputs().map(|name| language.parameter(name)).collect::<Vec<_>>().join(", ")
    }

    /// What the loop hands to it: every loop has variables of these names.
    pub(super) fn arguments(&self) -> String {
        self.inputs().collect::<Vec<_>>().join(", ")
    }

    fn inputs(&self) -> impl Iterator<Item = &'static str> {
        let inputs = [("failures", Failures), ("previous", Previous), ("elapsed", Elapsed)];
        inputs.into_iter().filter_map(|(name, part)| self.uses(&part).then_some(name))
    }

    /// Its steps, a line each.
    pub(super) fn steps(&self, language: Language) -> String {
        let first = self.first.iter().map(|first| language.first(&first.render(language)));
        let lines = self.steps.iter().map(|(name, step)| language.assign(name, &step.render(language)));
        first.chain(lines).collect::<Vec<_>>().join("\n")
    }

    /// Its result.
    pub(super) fn result(&self, language: Language) -> String {
        self.result.render(language)
    }
}

fn base_ms(base: Duration) -> Named {
    ("BASE_MS", milliseconds(base), "The first delay, before jitter, in milliseconds.")
}

fn growth(factor: f64) -> Named {
    ("FACTOR", factor, "What each further delay is multiplied by.")
}

fn cap_ms(cap: Duration) -> Named {
    ("CAP_MS", milliseconds(cap), "The longest delay, before jitter that adds to it, in milliseconds.")
}

fn spread_of(percent: f64) -> Named {
    ("JITTER", percent / 100.0, "It becomes longer or shorter by at most this share.")
}

/// uniform(1 - JITTER, 1 + JITTER)
fn around() -> Expression {
    Number(1.0) + (Random * Number(2.0) - Number(1.0)) * Constant("JITTER")
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// No larger exponent is needed, and in Python a power without bounds is an error: the exponent at which base x factor^exponent has reached the cap, at least; 0 where it never does.
fn steps_to_cap(base: Duration, factor: f64, cap: Duration) -> f64 {
    if base.is_zero() || factor <= 1.0 || cap <= base {
        return 0.0;
    }
    ((cap.as_secs_f64() / base.as_secs_f64()).ln() / factor.ln()).ceil() + 1.0
}
