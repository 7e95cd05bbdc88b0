//! How are response times spread? Buckets on a logarithmic scale, between round numbers.

use crate::measure::Distribution;

/// No histogram has more rows.
const MOST_ROWS: usize = 12;

/// The bounds within one decade, in hundredths, from fine to coarse: Renard's preferred numbers (ISO 3), then fewer.
const SCALES: [&[u64]; 6] = [
    &[100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900],
    &[100, 125, 160, 200, 250, 315, 400, 500, 630, 800],
    &[100, 160, 250, 400, 630],
    &[100, 200, 500],
    &[100, 300],
    &[100],
];

/// The values from `from` up to where the next bucket begins; the last bucket has no upper bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    /// The lower bound, in nanoseconds.
    pub from: u64,
    /// How many values.
    pub count: u64,
}

/// The distribution in at most 12 buckets, from its smallest value to its 99.9th percentile; nothing for an empty one.
pub(super) fn buckets(distribution: &Distribution) -> Vec<Bucket> {
    let histogram = distribution.histogram.decode();
    let recorded: Vec<(u64, u64)> =
        histogram.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect();
    let Some((low, _)) = recorded.first() else { return Vec::new() };
    let bounds = bounds(*low, histogram.value_at_quantile(0.999));
    let mut buckets: Vec<Bucket> = bounds.into_iter().map(|from| Bucket { from, count: 0 }).collect();
    for (value, count) in recorded {
        let index = index_of(&buckets, value);
        buckets[index].count += count;
    }
    buckets
}

/// The bucket that holds this value.
pub(super) fn index_of(buckets: &[Bucket], value: u64) -> usize {
    buckets.partition_point(|bucket| bucket.from <= value).saturating_sub(1)
}

/// Round numbers from the last one that is not above `low` to the last one that is not above `high`, as close to each
/// other as the rows allow.
fn bounds(low: u64, high: u64) -> Vec<u64> {
    let mut bounds = Vec::new();
    for scale in SCALES {
        bounds = on_scale(scale, low, high);
        if bounds.len() <= MOST_ROWS {
            break;
        }
    }
    bounds
}

fn on_scale(scale: &[u64], low: u64, high: u64) -> Vec<u64> {
    // From 1 microsecond, the shortest time that is told apart, to beyond an hour, the longest.
    let decades = (0..11).map(|decade| 10_u64.pow(decade) * 10);
    let all: Vec<u64> = decades.flat_map(|unit| scale.iter().map(move |hundredths| hundredths * unit)).collect();
    let first = all.partition_point(|bound| *bound <= low).saturating_sub(1);
    let end = all.partition_point(|bound| *bound <= high).max(first + 1);
    all[first..end].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::new_histogram;

    fn distribution(values: &[u64]) -> Distribution {
        let mut histogram = new_histogram(3);
        for value in values {
            histogram.saturating_record(*value);
        }
        Distribution::from(&histogram)
    }

    fn shown(values: &[u64]) -> Vec<(u64, u64)> {
        buckets(&distribution(values)).iter().map(|bucket| (bucket.from, bucket.count)).collect()
    }

    #[test]
    fn every_value_is_in_one_bucket() {
        let values: Vec<u64> = (1..=5_000).map(|index| index * index * 137).collect();
        let buckets = buckets(&distribution(&values));
        assert!(buckets.len() <= MOST_ROWS, "{buckets:?}");
        assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), 5_000);
        assert!(buckets.windows(2).all(|pair| pair[0].from < pair[1].from));
    }

    #[test]
    fn the_bounds_are_round_and_as_fine_as_the_rows_allow() {
        assert_eq!(shown(&[1_000_000]), [(1_000_000, 1)]);
        assert_eq!(shown(&[1_050_000, 1_300_000]), [(1_000_000, 1), (1_120_000, 0), (1_250_000, 1)]);
        let wide = shown(&[20_000, 3_000_000_000]);
        assert_eq!(wide.first(), Some(&(10_000, 1)));
        assert_eq!(wide.last(), Some(&(3_000_000_000, 1)));
        assert_eq!(wide.len(), 12, "{wide:?}");
    }

    #[test]
    fn the_extremes_have_their_place() {
        assert_eq!(shown(&[]), []);
        assert_eq!(shown(&[0, 0]), [(1_000, 2)], "below a microsecond");
        assert_eq!(shown(&[0, u64::MAX]).len(), 10, "a microsecond to an hour");
        assert_eq!(shown(&[u64::MAX]), [(3_550_000_000_000, 1)]);
    }
}
