//! How is a measured mean written, and how sure it is?

use crate::report::units::{ABSENT, duration, rate, share};
use crate::stats::Estimate;
use crate::tune::{Estimates, Objective};

/// Half of the interval as a part of the mean: `±3.1 %`.
pub(in crate::report) fn plus_minus(estimate: &Estimate) -> String {
    let (Some(low), Some(high)) = (estimate.low, estimate.high) else { return ABSENT.to_owned() };
    let percent = 100.0 * (high - low) / 2.0 / estimate.mean.abs();
    match percent {
        known if !known.is_finite() => ABSENT.to_owned(),
        unknown if unknown >= 999.5 => "±999+ %".to_owned(),
        narrow if narrow < 9.95 => format!("±{narrow:.1} %"),
        wide => format!("±{wide:.0} %"),
    }
}

/// A mean time in nanoseconds. Nothing was measured where nothing was committed.
pub(super) fn time(estimate: &Estimate) -> String {
    if estimate.mean > 0.0 { duration(estimate.mean) } else { ABSENT.to_owned() }
}

/// A mean rate.
pub(super) fn per_second(estimate: &Estimate) -> String {
    rate(estimate.mean)
}

/// A mean share.
pub(super) fn part(estimate: &Estimate) -> String {
    share(estimate.mean, 1.0)
}

/// A mean ratio that is nothing where it is not known.
pub(super) fn number(estimate: &Estimate) -> String {
    if estimate.mean > 0.0 { rate(estimate.mean) } else { ABSENT.to_owned() }
}

/// A probability: `0.43`, `0.012`, `<0.001`.
pub(super) fn probability(p: f64) -> String {
    match p {
        unknown if unknown.is_nan() => ABSENT.to_owned(),
        small if small < 0.001 => "<0.001".to_owned(),
        small if small < 0.0995 => format!("{small:.3}"),
        large => format!("{large:.2}"),
    }
}

/// Goodput and p99 in a few words.
pub(super) fn goodput_and_p99(estimates: &Estimates) -> String {
    format!("{} tx/s, p99 {}", per_second(&estimates.goodput_tps), time(&estimates.p99_ns))
}

/// What the objective compares.
pub(super) fn of(objective: Objective) -> &'static str {
    match objective {
        Objective::Goodput => "goodput",
        Objective::P99 => "p99",
        Objective::Wasted => "share of wasted time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(mean: f64, low: f64, high: f64) -> Estimate {
        Estimate { mean, low: Some(low), high: Some(high), n: 4 }
    }

    #[test]
    fn an_interval_is_half_its_width() {
        assert_eq!(plus_minus(&estimate(1_000.0, 969.0, 1_031.0)), "±3.1 %");
        assert_eq!(plus_minus(&estimate(100.0, 0.0, 240.0)), "±120 %");
        assert_eq!(plus_minus(&estimate(1.0, 0.0, 100.0)), "±999+ %");
        assert_eq!(plus_minus(&estimate(0.0, 0.0, 0.0)), "–");
        assert_eq!(plus_minus(&Estimate { mean: 1.0, low: None, high: None, n: 1 }), "–");
    }

    #[test]
    fn a_probability_is_never_nothing() {
        let cases = [(0.0, "<0.001"), (0.0123, "0.012"), (0.0999, "0.10"), (0.5, "0.50"), (1.0, "1.00")];
        for (p, text) in cases {
            assert_eq!(probability(p), text);
        }
    }
}
