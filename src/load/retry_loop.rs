//! How is a transaction tried until it ends? The retry loop, the same one around whatever an attempt is.

use std::time::Duration;

use rand::Rng;

use crate::retry::{Backoff, Delays, Limits};

/// How one attempt ended, as far as the loop has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempted<T, E> {
    /// It needs no other one.
    Final(T),
    /// Certainly not committed, and worth another attempt.
    Again(E),
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended<T, E> {
    /// With this last attempt.
    Final(T),
    /// It gave up after this attempt: attempts, deadline or budget are spent.
    GaveUp(E),
}

/// Runs `attempt` until it is final or the limits are reached. Between two attempts `wait` is told why the last one was
/// aborted and the delay that the policy sets, which may be zero. `elapsed` is the time since the first attempt began.
///
/// `pays` is asked right before each retry that nothing else forbids, and whether it can be paid for.
///
/// The state goes into each attempt and comes back with its end. Were it captured by the closure instead, the future of
/// an attempt would borrow from the closure, and rustc (as of 1.95) could not tell that the whole is `Send`, which an
/// application needs to spawn it.
///
/// A delay that would end behind the deadline is not begun: it could only be wasted.
pub async fn retry_loop<S, T, E, A, W>(
    (delays, limits): (Delays, Limits),
    random: &mut impl Rng,
    elapsed: impl Fn() -> Duration,
    mut pays: impl FnMut() -> bool,
    mut wait: impl FnMut(&E, Duration) -> W,
    mut state: S,
    mut attempt: impl FnMut(S) -> A,
) -> Ended<T, E>
where
    A: Future<Output = (S, Attempted<T, E>)>,
    W: Future<Output = ()>,
{
    let Limits { max_attempts, deadline } = limits;
    let mut backoff = Backoff::new(delays);
    let mut attempts = 1;
    loop {
        let attempted;
        (state, attempted) = attempt(state).await;
        let setback = match attempted {
            Attempted::Final(value) => return Ended::Final(value),
            Attempted::Again(setback) => setback,
        };
        if attempts >= max_attempts {
            return Ended::GaveUp(setback);
        }
        let age = elapsed();
        let delay = backoff.next_delay(age, random);
        if deadline.is_some_and(|deadline| age.saturating_add(delay) >= deadline) || !pays() {
            return Ended::GaveUp(setback);
        }
        wait(&setback, delay).await;
        attempts += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn retry(delays: &str, max_attempts: u32, deadline: Option<u64>) -> (Delays, Limits) {
        (delays.parse().unwrap(), Limits { max_attempts, deadline: deadline.map(Duration::from_millis) })
    }

    /// Attempts fail with their number until the given one succeeds; waiting moves a clock by hand. Answers with the
    /// end, the time waited, and what waiting was told of.
    async fn run(retry: (Delays, Limits), succeeds: u32) -> (Ended<u32, u32>, Duration, Vec<u32>) {
        run_with(retry, u32::MAX, succeeds).await
    }

    /// The same, with so many retries paid for.
    async fn run_with(retry: (Delays, Limits), mut paid: u32, succeeds: u32) -> (Ended<u32, u32>, Duration, Vec<u32>) {
        let (clock, told) = (Cell::new(Duration::ZERO), RefCell::new(Vec::new()));
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let wait = |setback: &u32, delay| {
            clock.set(clock.get() + delay);
            told.borrow_mut().push(*setback);
            std::future::ready(())
        };
        let attempt = async |number| {
            (number + 1, if number >= succeeds { Attempted::Final(number) } else { Attempted::Again(number) })
        };
        let pays = || {
            let pays = paid > 0;
            paid = paid.saturating_sub(1);
            pays
        };
        let ended = retry_loop(retry, &mut random, || clock.get(), pays, wait, 1, attempt).await;
        (ended, clock.get(), told.into_inner())
    }

    #[tokio::test]
    async fn it_tries_until_an_attempt_is_final() {
        let (ended, waited, told) = run(retry("constant:10ms", 20, None), 4).await;
        assert_eq!((ended, waited.as_millis()), (Ended::Final(4), 30));
        assert_eq!(told, [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_delay_of_nothing_is_told_too() {
        let (ended, waited, told) = run(retry("immediate", 20, None), 3).await;
        assert_eq!((ended, waited, told), (Ended::Final(3), Duration::ZERO, vec![1, 2]));
    }

    #[tokio::test]
    async fn it_gives_up_after_the_last_attempt_without_waiting_for_nothing() {
        let (ended, waited, _) = run(retry("constant:10ms", 3, None), 99).await;
        assert_eq!((ended, waited.as_millis()), (Ended::GaveUp(3), 20));
        assert_eq!(run(retry("none", 1, None), 2).await.0, Ended::GaveUp(1));
    }

    #[tokio::test]
    async fn no_delay_goes_past_the_deadline() {
        let (ended, waited, _) = run(retry("constant:10ms", 20, Some(35)), 99).await;
        assert_eq!((ended, waited.as_millis()), (Ended::GaveUp(4), 30));
    }

    #[tokio::test]
    async fn it_gives_up_where_a_retry_cannot_be_paid_for_and_does_not_wait_for_it() {
        let (ended, waited, told) = run_with(retry("constant:10ms", 20, None), 2, 99).await;
        assert_eq!((ended, waited.as_millis(), told), (Ended::GaveUp(3), 20, vec![1, 2]));
    }

    #[tokio::test]
    async fn nothing_is_paid_for_a_retry_that_there_is_not() {
        let paid = Cell::new(0);
        let pays = || {
            paid.set(paid.get() + 1);
            true
        };
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let (limits, attempt) = (retry("immediate", 3, None), async |()| ((), Attempted::<(), ()>::Again(())));
        let wait = |&(): &(), _| std::future::ready(());
        retry_loop(limits, &mut random, || Duration::ZERO, pays, wait, (), attempt).await;
        assert_eq!(paid.get(), 2, "three attempts are two retries");
    }

    #[tokio::test]
    async fn the_age_of_a_transaction_is_the_time_since_its_first_attempt() {
        // 40 ms at age 0, 20 ms at 40 ms, then 40 x 2^-1.5 ms.
        let (_, waited, _) = run(retry("age:base=40ms,half=40ms,jitter=none", 4, None), 99).await;
        assert_eq!(waited.as_millis(), 74);
    }
}
