//! How is a transaction tried until it ends? The retry loop, the same one around whatever an attempt is.

use std::time::Duration;

use rand::Rng;

use crate::plan::Retry;
use crate::retry::{Backoff, Limits};

/// How one attempt ended, as far as the loop has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted<T> {
    /// It needs no other one.
    Final(T),
    /// Certainly not committed, and worth another attempt.
    Again(T),
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended<T> {
    /// With this last attempt.
    Final(T),
    /// It gave up after this attempt: attempts or deadline are spent.
    GaveUp(T),
}

/// Runs `attempt` (with its number, from 1) until it is final or the limits are reached. Between two attempts it waits
/// as the policy says, by way of `wait`. `elapsed` is the time since the first attempt.
///
/// A delay that would end behind the deadline is not begun: it could only be wasted.
pub async fn retry_loop<T>(
    retry: &Retry,
    random: &mut impl Rng,
    elapsed: impl Fn() -> Duration,
    mut wait: impl AsyncFnMut(Duration),
    mut attempt: impl AsyncFnMut(u32) -> Attempted<T>,
) -> Ended<T> {
    let Limits { max_attempts, deadline } = retry.limits;
    let mut backoff = Backoff::new(retry.policy);
    let mut number = 1;
    loop {
        let last = match attempt(number).await {
            Attempted::Final(value) => return Ended::Final(value),
            Attempted::Again(value) => value,
        };
        if number >= max_attempts {
            return Ended::GaveUp(last);
        }
        let delay = backoff.next_delay(random);
        if deadline.is_some_and(|deadline| elapsed() + delay >= deadline) {
            return Ended::GaveUp(last);
        }
        if !delay.is_zero() {
            wait(delay).await;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;
    use crate::retry::{Policy, Restart};

    fn retry(policy: &str, max_attempts: u32, deadline: Option<u64>) -> Retry {
        let policy: Policy = policy.parse().unwrap();
        let limits = Limits { max_attempts, deadline: deadline.map(Duration::from_millis) };
        Retry { policy, restart: Restart::Rollback, limits }
    }

    /// Attempts fail until the given one succeeds; waiting moves a clock by hand. Answers with the end and the time waited.
    async fn run(retry: Retry, succeeds: u32) -> (Ended<u32>, Duration) {
        let clock = Cell::new(Duration::ZERO);
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let wait = async |delay| clock.set(clock.get() + delay);
        let attempt = async |number| {
            if number >= succeeds { Attempted::Final(number) } else { Attempted::Again(number) }
        };
        let ended = retry_loop(&retry, &mut random, || clock.get(), wait, attempt).await;
        (ended, clock.get())
    }

    #[tokio::test]
    async fn it_tries_until_an_attempt_is_final() {
        let (ended, waited) = run(retry("constant:10ms", 20, None), 4).await;
        assert_eq!((ended, waited.as_millis()), (Ended::Final(4), 30));
    }

    #[tokio::test]
    async fn it_gives_up_after_the_last_attempt_without_waiting_for_nothing() {
        let (ended, waited) = run(retry("constant:10ms", 3, None), 99).await;
        assert_eq!((ended, waited.as_millis()), (Ended::GaveUp(3), 20));
        assert_eq!(run(retry("none", 1, None), 2).await.0, Ended::GaveUp(1));
    }

    #[tokio::test]
    async fn no_delay_goes_past_the_deadline() {
        let (ended, waited) = run(retry("constant:10ms", 20, Some(35)), 99).await;
        assert_eq!((ended, waited.as_millis()), (Ended::GaveUp(4), 30));
    }
}
