//! Which ones does no other beat in everything? The Pareto front.

/// Indices of the points (higher is better, lower is better) that no other one beats or equals in both and beats in one: by
/// the first, highest first.
#[must_use]
pub fn front(points: &[(f64, f64)]) -> Vec<usize> {
    let beats = |(more, less): (f64, f64), (other_more, other_less): (f64, f64)| {
        more >= other_more && less <= other_less && (more > other_more || less < other_less)
    };
    let mut front: Vec<usize> =
        (0..points.len()).filter(|index| !points.iter().any(|point| beats(*point, points[*index]))).collect();
    front.sort_by(|a, b| points[*b].0.total_cmp(&points[*a].0));
    front
}

#[cfg(test)]
mod tests {
    use super::front;

    #[test]
    fn only_trade_offs_are_left() {
        // The second is slower with a longer tail than the first; the third has less of both.
        assert_eq!(front(&[(100.0, 9.0), (90.0, 9.5), (80.0, 5.0)]), [0, 2]);
        assert_eq!(front(&[(80.0, 5.0), (100.0, 9.0)]), [1, 0]);
    }

    #[test]
    fn equals_stay_together_and_nothing_is_nothing() {
        assert_eq!(front(&[(1.0, 1.0), (1.0, 1.0)]), [0, 1]);
        assert_eq!(front(&[(1.0, 1.0), (1.0, 2.0)]), [0]);
        assert!(front(&[]).is_empty());
    }
}
