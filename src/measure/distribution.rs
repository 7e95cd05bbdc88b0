//! How is a latency shown and saved? Its quantiles, with the histogram they come from.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use serde::{Deserialize, Serialize};

use super::new_histogram;

/// The quantiles of a histogram, in its unit (nanoseconds), all 0 when it is empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// The median.
    pub p50: u64,
    /// The 90th percentile.
    pub p90: u64,
    /// The 95th percentile.
    pub p95: u64,
    /// The 99th percentile.
    pub p99: u64,
    /// The 99.9th percentile.
    pub p999: u64,
    /// The largest value.
    pub max: u64,
    /// The mean.
    pub mean: f64,
    /// How many values.
    pub count: u64,
    /// All of them.
    pub histogram: EncodedHistogram,
}

impl From<&Histogram<u64>> for Distribution {
    fn from(histogram: &Histogram<u64>) -> Self {
        Self {
            p50: histogram.value_at_quantile(0.50),
            p90: histogram.value_at_quantile(0.90),
            p95: histogram.value_at_quantile(0.95),
            p99: histogram.value_at_quantile(0.99),
            p999: histogram.value_at_quantile(0.999),
            max: histogram.max(),
            mean: histogram.mean(),
            count: histogram.len(),
            histogram: EncodedHistogram::from(histogram),
        }
    }
}

/// A histogram as text: base64 of the HDR V2 encoding, which every HdrHistogram library reads.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EncodedHistogram(String);

impl EncodedHistogram {
    /// The histogram, or an empty one when the text is none.
    #[must_use]
    pub fn decode(&self) -> Histogram<u64> {
        let bytes = STANDARD.decode(&self.0).unwrap_or_default();
        Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap_or_else(|_| new_histogram(3))
    }
}

impl From<&Histogram<u64>> for EncodedHistogram {
    fn from(histogram: &Histogram<u64>) -> Self {
        let mut bytes = Vec::new();
        // Writing to memory does not fail, and all values are below 2^63.
        let written = V2Serializer::new().serialize(histogram, &mut bytes);
        debug_assert!(written.is_ok(), "{written:?}");
        Self(STANDARD.encode(bytes))
    }
}

impl fmt::Debug for EncodedHistogram {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EncodedHistogram({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_holds_the_whole_histogram() {
        let mut histogram = new_histogram(3);
        for value in [1_000, 2_000_000, 2_000_000, 3_600_000_000_000] {
            histogram.saturating_record(value);
        }
        let distribution = Distribution::from(&histogram);
        assert_eq!(distribution.histogram.decode(), histogram);
        assert_eq!(distribution.count, 4);
        let empty = Distribution::from(&new_histogram(3));
        assert_eq!((empty.p999, empty.max, empty.count), (0, 0, 0));
        assert!(empty.mean.abs() < f64::EPSILON);
    }
}
