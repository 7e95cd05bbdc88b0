//! How is a number drawn? As a bar or as a line of sparks, out of Unicode's block characters.

/// A bar from nothing to `width` columns, in steps of an eighth of a column. What is more than nothing can be seen.
pub(super) fn bar(value: f64, largest: f64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if value <= 0.0 || !(value / largest).is_finite() {
        return String::new();
    }
    let eighths = index(value / largest * (width * 8) as f64, width * 8).max(1);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// A line of `width` columns of which a share, 0 to 1, is done.
pub(super) fn track(done: f64, width: usize) -> String {
    let done = index(done * width as f64, width);
    "━".repeat(done) + &"─".repeat(width - done)
}

/// One character for each value, its height between 0 and the largest value.
pub(super) fn sparkline(values: &[f64], largest: f64) -> String {
    const SPARKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let spark = |value: &f64| SPARKS[if largest > 0.0 { index(value / largest * 7.0, 7) } else { 0 }];
    values.iter().map(spark).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and NaN becomes 0")]
fn index(value: f64, largest: usize) -> usize {
    (value.round() as usize).min(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_by_eighths_of_a_column() {
        assert_eq!(bar(0.0, 8.0, 1), "");
        assert_eq!(bar(3.0, 8.0, 1), "▍");
        assert_eq!(bar(8.0, 8.0, 1), "█");
        assert_eq!(bar(12.0, 16.0, 3), "██▎");
        assert_eq!(bar(1.0, 1e9, 30), "▏", "little is not nothing");
        assert_eq!(bar(9.0, 8.0, 2), "██");
        assert_eq!(bar(0.0, 0.0, 2), "");
    }

    #[test]
    fn a_track_fills_up() {
        assert_eq!([0.0, 0.5, 1.0, 7.0].map(|done| track(done, 4)), ["────", "━━──", "━━━━", "━━━━"]);
    }

    #[test]
    fn sparks_stand_between_zero_and_the_largest() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 7.0, 6.4], 7.0), "▁▂▃█▇");
        assert_eq!(sparkline(&[0.0, 0.0], 0.0), "▁▁");
        assert_eq!(sparkline(&[], 0.0), "");
    }
}
