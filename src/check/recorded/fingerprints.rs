//! How do writers fit 32 bits? Those of the run one by one, all others by their hash.

use crate::history::Writer;

/// Own numbers lie below this, hashes from here on.
const HASHES: u32 = 1 << 31;

/// Numbers for writers, never 0. Attempts of this run have one each, as long as no worker makes more than 2^31 divided by
/// the number of workers: 134 million of each of 16. What rows hold from before the run is told apart by 31 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fingerprints {
    epoch: i64,
    attempts_per_worker: u32,
}

impl Fingerprints {
    /// For the run with this epoch.
    pub(super) fn new(epoch: i64, workers: u32) -> Self {
        Self { epoch, attempts_per_worker: (HASHES - 1) / workers.max(1) }
    }

    /// The fingerprint of a writer.
    pub(super) fn of(&self, number: i64) -> u32 {
        let writer = Writer::of(number);
        let own = writer.epoch == self.epoch && writer.attempt < self.attempts_per_worker;
        let first = writer.worker.checked_mul(self.attempts_per_worker);
        first
            .filter(|first| own && *first < HASHES - self.attempts_per_worker)
            .map_or_else(|| HASHES | hash(number), |first| 1 + first + writer.attempt)
    }
}

/// Fibonacci hashing (Knuth, The Art of Computer Programming, volume 3, 6.4), folded first so that all bits take part.
fn hash(number: i64) -> u32 {
    let bits = number.cast_unsigned();
    ((bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_of_the_run_have_a_number_each_and_others_are_apart() {
        let fingerprints = Fingerprints::new(7, 3);
        let of = |epoch, worker, attempt| fingerprints.of(Writer { epoch, worker, attempt }.number());
        let mut own: Vec<u32> =
            (0..3).flat_map(|worker| (0..1000).map(move |attempt| of(7, worker, attempt))).collect();
        own.push(of(7, 2, (1 << 31) / 3 - 1));
        assert!(own.iter().all(|fingerprint| (1..HASHES).contains(fingerprint)));
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), 3001);
        for other in [of(6, 0, 0), of(8, 2, 999), of(7, 3, 0), of(7, 131_071, 5), of(7, 0, (1 << 30) - 1), of(0, 0, 0)]
        {
            assert!(other >= HASHES || other == of(7, 0, (1 << 30) - 1), "{other}");
        }
    }

    #[test]
    fn many_workers_have_room_for_fewer_attempts_each_and_the_rest_is_hashed() {
        let fingerprints = Fingerprints::new(1, 1 << 17);
        let of = |attempt| fingerprints.of(Writer { epoch: 1, worker: (1 << 17) - 1, attempt }.number());
        assert!(of(16_000) < HASHES && of(17_000) >= HASHES);
    }
}
