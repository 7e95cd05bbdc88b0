//! How sure are many tests at once? P-values corrected so that all of them together keep the level.

/// Holm's correction: when a corrected p-value is at most 5 %, its hypothesis is rejected, and the probability that any true
/// one is rejected is at most 5 %, however the tests depend on each other. In the order that they were given in.
///
/// S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6, 1979.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut corrected = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        let left = (p_values.len() - rank) as f64;
        largest = largest.max(p_values[index] * left).min(1.0);
        corrected[index] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corrected_values_are_those_computed_by_hand() {
        // 0.01 x 4; 0.02 x 3; 0.03 x 2 = 0.06, no less than the one before; 0.04 x 1, raised to 0.06.
        let corrected = holm(&[0.03, 0.01, 0.04, 0.02]);
        for (found, expected) in corrected.iter().zip([0.06, 0.04, 0.06, 0.06]) {
            assert!((found - expected).abs() < 1e-12, "{corrected:?}");
        }
    }

    #[test]
    fn one_test_needs_no_correction_and_nothing_exceeds_one() {
        assert_eq!(holm(&[0.04]), [0.04]);
        assert_eq!(holm(&[0.6, 0.7]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }
}
