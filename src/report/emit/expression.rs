//! What is computed? A handful of operations on numbers, written in the words of any language.

use super::Language;

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// As it is.
    Number(f64),
    /// A named constant, in the way of Python: `BASE_MS`.
    Constant(&'static str),
    /// A variable that an earlier step has set, of one word.
    Variable(&'static str),
    /// Attempts that have failed, at least 1.
    Failures,
    /// A random number from 0 to 1, a new one each time.
    Random,
    /// The delay before, in milliseconds; 0 at first.
    Previous,
    /// Since the first attempt began, in milliseconds.
    Elapsed,
    Add(Box<Self>, Box<Self>),
    Subtract(Box<Self>, Box<Self>),
    Multiply(Box<Self>, Box<Self>),
    Divide(Box<Self>, Box<Self>),
    Min(Box<Self>, Box<Self>),
    Max(Box<Self>, Box<Self>),
    /// The first to the power of the second.
    Power(Box<Self>, Box<Self>),
}

use Expression::{
    Add, Constant, Divide, Elapsed, Failures, Max, Min, Multiply, Number, Power, Previous, Random, Subtract, Variable,
};

impl Expression {
    /// In the words of a language.
    pub(super) fn render(&self, language: Language) -> String {
        self.written(language, false)
    }

    /// `tight` is without spaces around an operator, as gofmt wants it in what is itself a part of something.
    fn written(&self, language: Language, tight: bool) -> String {
        let inside = language == Language::Go;
        let binary = |left: String, sign: &str, right: String| {
            if tight { format!("{left}{sign}{right}") } else { format!("{left} {sign} {right}") }
        };
        let function = |name: &str, left: &Self, right: &Self| {
            let arguments = [left, right].map(|argument| argument.written(language, inside));
            format!("{}({})", language.function(name), arguments.join(", "))
        };
        // A product in a sum is such a part, a sum in a product only where the product is.
        let term = |part: &Self| part.written(language, inside);
        let factor = |part: &Self| part.factor(language, tight);
        match self {
            Number(value) => format!("{value:?}"),
            Constant(name) => language.constant(name),
            Variable(name) => (*name).to_owned(),
            Failures => language.failures().to_owned(),
            Random => language.random().to_owned(),
            Previous => "previous".to_owned(),
            Elapsed => "elapsed".to_owned(),
            Add(left, right) => binary(term(left), "+", term(right)),
            Subtract(left, right) => {
                let right = if right.is_sum() { factor(right) } else { term(right) };
                binary(term(left), "-", right)
            }
            Multiply(left, right) => binary(factor(left), "*", factor(right)),
            Divide(left, right) => binary(factor(left), "/", factor(right)),
            Min(left, right) => function("min", left, right),
            Max(left, right) => function("max", left, right),
            Power(left, right) => function("pow", left, right),
        }
    }

    /// As a part of a product.
    fn factor(&self, language: Language, tight: bool) -> String {
        let text = self.written(language, tight);
        if self.is_sum() { format!("({text})") } else { text }
    }

    fn is_sum(&self) -> bool {
        matches!(self, Add(..) | Subtract(..))
    }

    /// This and everything that it is made of.
    pub(super) fn parts(&self) -> Vec<&Self> {
        let mut parts = vec![self];
        if let Add(left, right)
        | Subtract(left, right)
        | Multiply(left, right)
        | Divide(left, right)
        | Min(left, right)
        | Max(left, right)
        | Power(left, right) = self
        {
            parts.extend(left.parts());
            parts.extend(right.parts());
        }
        parts
    }

    pub(super) fn min(self, other: Self) -> Self {
        Min(Box::new(self), Box::new(other))
    }

    pub(super) fn max(self, other: Self) -> Self {
        Max(Box::new(self), Box::new(other))
    }

    pub(super) fn power(self, exponent: Self) -> Self {
        Power(Box::new(self), Box::new(exponent))
    }
}

impl std::ops::Add for Expression {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Add(Box::new(self), Box::new(other))
    }
}

impl std::ops::Sub for Expression {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Subtract(Box::new(self), Box::new(other))
    }
}

impl std::ops::Mul for Expression {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Multiply(Box::new(self), Box::new(other))
    }
}

impl std::ops::Div for Expression {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        Divide(Box::new(self), Box::new(other))
    }
}
