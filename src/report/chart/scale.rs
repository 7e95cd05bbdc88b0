//! Where does a number stand? A linear or a logarithmic scale between two pixels, and its round numbers.

use crate::report::units::{duration, rate};

/// From numbers to pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

impl Scale {
    /// Numbers from `low` to `high` at pixels from `from` to `to`.
    pub(super) fn linear((low, high): (f64, f64), from: f64, to: f64) -> Self {
        let high = if high > low { high } else { low + low.abs().max(1.0) };
        Self { low, high, from, to, logarithmic: false }
    }

    /// The same, each factor of ten as long as any other; both ends above zero.
    pub(super) fn logarithmic((low, high): (f64, f64), from: f64, to: f64) -> Self {
        let (low, high) = if high > low { (low, high) } else { (low / 2.0, low * 2.0) };
        Self { low, high, from, to, logarithmic: true }
    }

    /// The pixel; what is outside stands at the end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let value = value.clamp(self.low, self.high);
        let share = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + share * (self.to - self.from)
    }

    /// Round numbers within the scale.
    pub(super) fn ticks(&self) -> Vec<f64> {
        if self.logarithmic { self.decades() } else { self.steps() }
    }

    /// Four to eight multiples of 1, 2 or 5 times a power of ten.
    fn steps(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 7.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let first = (self.low / step).ceil();
        (0..20)
            .map(|number| (first + f64::from(number)) * step)
            .take_while(|tick| *tick <= self.high * 1.000_001)
            .collect()
    }

    /// 1, 2 and 5 times each power of ten; powers alone where there are many.
    fn decades(&self) -> Vec<f64> {
        let factors: &[f64] = if self.high / self.low > 2e3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let (mut ticks, mut power) = (Vec::new(), 10_f64.powf(self.low.log10().floor()));
        while power <= self.high {
            ticks.extend(factors.iter().map(|factor| factor * power));
            power *= 10.0;
        }
        // A sum of roundings may leave a tick a hair outside of its own end.
        ticks.retain(|tick| *tick >= self.low * 0.999_999 && *tick <= self.high * 1.000_001);
        ticks
    }
}

/// The smallest and the largest, if there is any.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    let values = values.into_iter().filter(|value| value.is_finite());
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

/// A round number, without the digits that say how precise it is.
pub(super) fn plain(number: f64) -> String {
    without_zeros(&rate(number))
}

/// A round time in nanoseconds.
pub(super) fn time(nanoseconds: f64) -> String {
    let words = duration(nanoseconds);
    words.split_once(' ').map_or_else(|| words.clone(), |(number, unit)| format!("{} {unit}", without_zeros(number)))
}

fn without_zeros(number: &str) -> String {
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    number.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_where_arithmetic_says() {
        let linear = Scale::linear((0.0, 200.0), 100.0, 300.0);
        for (value, pixel) in [(0.0, 100.0), (50.0, 150.0), (200.0, 300.0), (999.0, 300.0)] {
            assert!((linear.at(value) - pixel).abs() < 1e-9, "{value}");
        }
        let logarithmic = Scale::logarithmic((1e6, 1e8), 400.0, 200.0);
        for (value, pixel) in [(1e6, 400.0), (1e7, 300.0), (1e8, 200.0)] {
            assert!((logarithmic.at(value) - pixel).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn a_round_number_is_written_without_what_it_does_not_need() {
        assert_eq!([0.0, 0.5, 10.0, 1_000.0].map(plain), ["0", "0.5", "10", "1,000"]);
        assert_eq!([2e6, 5e7, 1.5e9].map(time), ["2 ms", "50 ms", "1.5 s"]);
    }

    #[test]
    fn ticks_are_round_and_within() {
        let is = |scale: Scale, ticks: &[f64]| {
            let found = scale.ticks();
            let same =
                |(found, tick): (&f64, &f64)| (found / tick - 1.0).abs() < 1e-9 || found.abs() + tick.abs() < 1e-9;
            assert!(found.len() == ticks.len() && found.iter().zip(ticks).all(same), "{found:?} and not {ticks:?}");
        };
        is(Scale::linear((0.0, 1_234.0), 0.0, 1.0), &[0.0, 200.0, 400.0, 600.0, 800.0, 1_000.0, 1_200.0]);
        is(Scale::linear((0.0, 10.0), 0.0, 1.0), &[0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        is(Scale::logarithmic((15e6, 300e6), 0.0, 1.0), &[2e7, 5e7, 1e8, 2e8]);
        assert!(Scale::linear((7.0, 7.0), 0.0, 1.0).at(7.0).abs() < 1e-9);
        assert_eq!(range([f64::NAN, 2.0, 1.0]), Some((1.0, 2.0)));
    }
}
