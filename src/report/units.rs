//! How is a number written? Three significant digits and its unit for measurements, every digit for counts.

/// What stands for a value that is not there.
pub const ABSENT: &str = "–";

/// A duration in nanoseconds: `850 µs`, `1.24 ms`, `12.4 ms`, `1.35 s`.
///
/// Below one microsecond it is `<1 µs`: the histograms do not tell shorter times apart.
#[must_use]
pub fn duration(nanoseconds: f64) -> String {
    if !nanoseconds.is_finite() {
        return ABSENT.to_owned();
    }
    // 999.5 of a unit would be shown as 1000, so it is already one of the next unit.
    let (value, unit) = match nanoseconds {
        nothing if nothing <= 0.0 => return "0 µs".to_owned(),
        short if short < 1e3 => return "<1 µs".to_owned(),
        micros if micros < 999.5e3 => (micros / 1e3, "µs"),
        millis if millis < 999.5e6 => (millis / 1e6, "ms"),
        seconds => (seconds / 1e9, "s"),
    };
    format!("{} {unit}", significant(value))
}

/// A duration in seconds, written like one in nanoseconds.
#[must_use]
pub fn seconds(seconds: f64) -> String {
    if seconds == 0.0 { "0 s".to_owned() } else { duration(seconds * 1e9) }
}

/// A whole number, its thousands apart: `12,345`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A whole number and what is counted: `1 deadlock`, `2,345 deadlocks`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// A rate per second, without its unit: `0.42`, `42.1`, `12,345`.
#[must_use]
pub fn rate(per_second: f64) -> String {
    if per_second.is_finite() { significant(per_second) } else { ABSENT.to_owned() }
}

/// One number divided by another: `0.42`, or nothing when there is nothing to divide by.
#[must_use]
pub fn ratio(part: u64, whole: u64) -> String {
    if whole == 0 { ABSENT.to_owned() } else { significant(part as f64 / whole as f64) }
}

/// A part of a whole: `71.2 %`. Only nothing is `0.0 %`, and only the whole is `100.0 %`.
#[must_use]
pub fn share(part: f64, whole: f64) -> String {
    let percent = 100.0 * part / whole;
    if !percent.is_finite() {
        ABSENT.to_owned()
    } else if part > 0.0 && percent < 0.1 {
        "<0.1 %".to_owned()
    } else if part < whole && percent >= 99.95 {
        "99.9 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

/// An amount of memory: `24.1 MiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{} {}", significant(value), UNITS[unit]) }
}

/// Three digits, more only in front of the point: `1.24`, `12.4`, `124`, `12,400`. Small numbers have two: `0.0021`.
fn significant(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        tiny if tiny < 0.000_095 => format!("{value:.6}"),
        tiny if tiny < 0.000_95 => format!("{value:.5}"),
        tiny if tiny < 0.009_5 => format!("{value:.4}"),
        small if small < 9.995 => format!("{value:.2}"),
        medium if medium < 99.95 => format!("{value:.1}"),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and the cast saturates")]
        _ => count(value.round() as u64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits_and_the_unit_that_fits() {
        let cases = [
            (0.0, "0 µs"),
            (511.0, "<1 µs"),
            (1_000.0, "1.00 µs"),
            (850_400.0, "850 µs"),
            (999_499.0, "999 µs"),
            (999_500.0, "1.00 ms"),
            (1_240_000.0, "1.24 ms"),
            (9_996_000.0, "10.0 ms"),
            (12_400_000.0, "12.4 ms"),
            (99_960_000.0, "100 ms"),
            (1.35e9, "1.35 s"),
            (3.6e12, "3,600 s"),
            (f64::NAN, "–"),
        ];
        for (nanoseconds, text) in cases {
            assert_eq!(duration(nanoseconds), text, "{nanoseconds}");
        }
        assert_eq!(seconds(30.0), "30.0 s");
    }

    #[test]
    fn counts_keep_every_digit() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345, "12,345"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(count(number), text);
        }
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!((counted(1, "deadlock"), counted(2, "deadlock")), ("1 deadlock".into(), "2 deadlocks".into()));
    }

    #[test]
    fn rates_and_ratios() {
        let cases = [
            (0.0, "0"),
            (0.000_208, "0.00021"),
            (0.002_1, "0.0021"),
            (0.419, "0.42"),
            (42.06, "42.1"),
            (999.6, "1,000"),
            (12_345.6, "12,346"),
        ];
        for (per_second, text) in cases {
            assert_eq!(rate(per_second), text);
        }
        assert_eq!(rate(f64::INFINITY), "–");
        assert_eq!((ratio(1, 3), ratio(1, 0)), ("0.33".into(), "–".into()));
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_the_whole() {
        let cases = [
            (0.0, 7.0, "0.0 %"),
            (1.0, 100_000.0, "<0.1 %"),
            (712.0, 1_000.0, "71.2 %"),
            (99_999.0, 100_000.0, "99.9 %"),
            (7.0, 7.0, "100.0 %"),
            (0.0, 0.0, "–"),
        ];
        for (part, whole, text) in cases {
            assert_eq!(share(part, whole), text, "{part} of {whole}");
        }
    }

    #[test]
    fn memory() {
        let cases = [(0, "0 B"), (999, "999 B"), (1_024, "1.00 KiB"), (25_270_000, "24.1 MiB"), (1 << 40, "1,024 GiB")];
        for (number, text) in cases {
            assert_eq!(bytes(number), text);
        }
    }
}
