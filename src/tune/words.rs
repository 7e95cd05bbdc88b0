//! How is a number written within a sentence?

/// `1,234`; below ten with a tenth: `3.4`.
pub(super) fn count(value: f64) -> String {
    if value < 9.95 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share: `48 %`, and `0.3 %` below one.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.95 { format!("{percent:.1} %") } else { format!("{percent:.0} %") }
}

/// A time: `1.5 s`, `200 ms`, `45 ms`, `3.4 ms`.
pub(super) fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        long if long >= 0.9995 => (long, "s"),
        short if short >= 0.000_995 => (short * 1e3, "ms"),
        tiny => (tiny * 1e6, "µs"),
    };
    let tenths = format!("{value:.1}");
    let text = if value < 9.95 { tenths.trim_end_matches(".0").to_owned() } else { count(value) };
    format!("{text} {unit}")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_digits_as_are_read() {
        assert_eq!([3.44, 12.6, 1234.4, 1_234_567.0].map(count), ["3.4", "13", "1,234", "1,234,567"]);
        assert_eq!([0.003, 0.231, 1.0, 0.0].map(percent), ["0.3 %", "23 %", "100 %", "0 %"]);
        assert_eq!([0.2, 1.5, 0.045, 0.0034, 0.00085].map(time), ["200 ms", "1.5 s", "45 ms", "3.4 ms", "850 µs"]);
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
    }
}
