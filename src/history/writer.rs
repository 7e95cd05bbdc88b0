//! Who wrote it? The number that an attempt signs its writes with, and what it is made of.

use std::fmt;
use std::str::FromStr;

/// An attempt of a worker of a run on one schema: unique, also across the runs.
///
/// Its number is the `writer` of a row; 0, that is `0/0/0`, is the seeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The number of the run on the schema, from 1.
    pub epoch: i64,
    /// The worker, from 0.
    pub worker: u32,
    /// The worker's attempt, from 0.
    pub attempt: u32,
}

impl Writer {
    /// Bits of a number for the attempts of one worker in one run: 10^9 attempts.
    pub const ATTEMPT_BITS: u32 = 30;
    /// Bits for the worker.
    pub const WORKER_BITS: u32 = 17;
    /// Bits for the run's epoch; what is left of 63.
    pub const EPOCH_BITS: u32 = 16;

    /// The number that is written into rows. Parts that do not fit are cut.
    #[must_use]
    pub fn number(self) -> i64 {
        let worker = i64::from(self.worker) & ((1 << Self::WORKER_BITS) - 1);
        let attempt = i64::from(self.attempt) & ((1 << Self::ATTEMPT_BITS) - 1);
        (self.epoch << (Self::WORKER_BITS + Self::ATTEMPT_BITS)) | (worker << Self::ATTEMPT_BITS) | attempt
    }

    /// The parts of a number. Every number has some, also one that contend has never given out.
    #[must_use]
    #[expect(clippy::cast_sign_loss, reason = "masked to 17 and to 30 bits")]
    pub fn of(number: i64) -> Self {
        Self {
            epoch: number >> (Self::WORKER_BITS + Self::ATTEMPT_BITS),
            worker: ((number >> Self::ATTEMPT_BITS) & ((1 << Self::WORKER_BITS) - 1)) as u32,
            attempt: (number & ((1 << Self::ATTEMPT_BITS) - 1)) as u32,
        }
    }
}

impl fmt::Display for Writer {
    /// `epoch/worker/attempt`: text, since programs that hold numbers as doubles lose integers above 2^53.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}", self.epoch, self.worker, self.attempt)
    }
}

/// A text that is no `epoch/worker/attempt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a writer is epoch/worker/attempt, such as 1/4/17")]
pub struct NoWriter;

impl FromStr for Writer {
    type Err = NoWriter;

    fn from_str(text: &str) -> Result<Self, NoWriter> {
        let mut parts = text.split('/');
        let mut part = || parts.next().ok_or(NoWriter);
        let epoch = part()?.parse().map_err(|_| NoWriter)?;
        let worker = part()?.parse().map_err(|_| NoWriter)?;
        let attempt = part()?.parse().map_err(|_| NoWriter)?;
        let writer = Self { epoch, worker, attempt };
        // What does not fit would come back as another writer.
        (parts.next().is_none() && Self::of(writer.number()) == writer).then_some(writer).ok_or(NoWriter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_parts_and_a_text() {
        let third = Writer { epoch: 1, worker: 3, attempt: 12 };
        for number in [0, 1, i64::MAX, i64::MIN, -1, 1 << 47, third.number()] {
            assert_eq!(Writer::of(number).number(), number);
            assert_eq!(Writer::of(number).to_string().parse::<Writer>().map(Writer::number), Ok(number));
        }
        assert_eq!((third.number() >> 30, third.to_string().as_str()), ((1 << 17) + 3, "1/3/12"));
    }

    #[test]
    fn what_is_no_writer_is_refused() {
        for wrong in ["", "1/2", "1/2/3/4", "a/2/3", "1/-2/3", "1/131072/0", "1/0/1073741824", "65536/0/0", "1//2"] {
            assert_eq!(wrong.parse::<Writer>(), Err(NoWriter), "{wrong}");
        }
    }
}
