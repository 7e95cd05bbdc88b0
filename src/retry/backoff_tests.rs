//! Are the delays those of the formulas? Bounds, means, growth and caps, and nothing left over from the last transaction.

use std::time::Duration;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::{Backoff, Delays};

const MS: Duration = Duration::from_millis(1);

fn drawn(delays: &str, seed: u64, count: usize) -> Vec<Duration> {
    let delays: Delays = delays.parse().unwrap();
    Backoff::sequence(delays, ChaCha8Rng::seed_from_u64(seed)).take(count).collect()
}

fn seconds(delays: &str, seed: u64, count: usize) -> Vec<f64> {
    drawn(delays, seed, count).iter().map(Duration::as_secs_f64).collect()
}

/// The mean of the nth delay, from 0, of many transactions.
fn mean(delays: &str, n: usize) -> f64 {
    (0..4000).map(|seed| seconds(delays, seed, n + 1)[n]).sum::<f64>() / 4000.0
}

fn milliseconds(delays: &str, count: usize) -> Vec<u128> {
    drawn(delays, 1, count).iter().map(Duration::as_millis).collect()
}

#[test]
fn without_jitter_every_delay_is_known() {
    assert_eq!(milliseconds("immediate", 3), [0, 0, 0]);
    assert_eq!(milliseconds("constant:7ms", 3), [7, 7, 7]);
    assert_eq!(milliseconds("exponential:base=10ms,factor=2,cap=100ms,jitter=none", 6), [10, 20, 40, 80, 100, 100]);
    assert_eq!(milliseconds("exponential:base=4ms,factor=1.5,cap=1s,jitter=none", 4), [4, 6, 9, 13]);
    assert_eq!(milliseconds("linear:base=10ms,cap=35ms,jitter=none", 5), [10, 20, 30, 35, 35]);
    // At ages 0, 32, 48 (= 32 + 16) and, with 32 x 2^-1.5, about 59.3 ms.
    assert_eq!(milliseconds("age:base=32ms,half=32ms,jitter=none", 4), [32, 16, 11, 8]);
}

#[test]
fn older_transactions_wait_less_whatever_has_made_them_old() {
    let delays: Delays = "age:base=80ms,half=100ms,jitter=none".parse().unwrap();
    let at = |age: u64| Backoff::new(delays).next_delay(Duration::from_millis(age), &mut ChaCha8Rng::seed_from_u64(1));
    let waits = [0, 100, 200, 300].map(at).map(|delay| delay.as_millis());
    assert_eq!(waits, [80, 40, 20, 10]);
    assert!(at(100_000_000) < Duration::from_nanos(1), "{:?}", at(100_000_000));
}

#[test]
fn the_mean_is_that_of_the_formula() {
    for (delays, n, expected) in [
        ("exponential:base=100ms,factor=2,cap=1s,jitter=full", 0, 0.05),
        ("exponential:base=100ms,factor=2,cap=1s,jitter=equal", 1, 0.15),
        ("exponential:base=100ms,factor=2,cap=1s,jitter=+25%", 0, 0.1125),
        ("exponential:base=100ms,factor=2,cap=1s,jitter=+-50%", 2, 0.4),
        ("exponential:base=100ms,factor=2,cap=1s,jitter=+100ms", 0, 0.15),
        ("exponential:base=20ms,factor=4,cap=1h,jitter=factor+-6.25%", 2, 0.32),
        ("exponential:base=10ms,factor=2,cap=1s,jitter=decorrelated", 0, 0.02),
        ("linear:base=10ms,cap=1s,jitter=full", 3, 0.02),
        ("uniform:10ms..30ms", 5, 0.02),
        ("tutorial", 0, 0.2),
        ("age:base=20ms,half=1h,jitter=full", 1, 0.01),
    ] {
        let mean = mean(delays, n);
        assert!((mean / expected - 1.0).abs() < 0.03, "{delays}: {mean} for {expected}");
    }
}

#[test]
fn a_new_transaction_starts_from_the_base_again() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for (text, least, most) in [
        ("exponential:base=10ms,factor=2,cap=10s,jitter=decorrelated", 10 * MS, 30 * MS),
        ("exponential:base=10ms,factor=4,cap=10s,jitter=factor+-50%", 10 * MS, 10 * MS),
        ("linear:base=10ms,cap=10s,jitter=none", 10 * MS, 10 * MS),
    ] {
        for _ in 0..500 {
            let mut backoff = Backoff::new(text.parse().unwrap());
            let delay = backoff.next_delay(Duration::ZERO, &mut random);
            assert!((least..=most).contains(&delay), "{text}: {delay:?}");
            backoff.next_delay(delay, &mut random);
        }
    }
}

#[test]
fn no_number_of_attempts_is_too_much() {
    for delays in ["linear", "exponential:factor=100", "exponential:base=0s,factor=100,jitter=none", "age", "tutorial"]
    {
        let mut backoff = Backoff::new(delays.parse().unwrap());
        backoff.failures = u32::MAX - 2;
        for _ in 0..5 {
            let delay = backoff.next_delay(Duration::from_hours(9999), &mut ChaCha8Rng::seed_from_u64(1));
            assert!(delay <= Duration::from_hours(60), "{delays}: {delay:?}");
        }
    }
}

/// d before retry n, from 0, in milliseconds.
fn grown(form: &str, base: u64, factor: f64, cap: u64, n: usize) -> f64 {
    let grown = match form {
        "linear" => base as f64 * (n + 1) as f64,
        _ => base as f64 * factor.powi(i32::try_from(n).unwrap()),
    };
    grown.min(cap as f64)
}

proptest! {
    #[test]
    fn every_delay_is_within_the_bounds_of_its_jitter(
        linear: bool, base in 1u64..1000, factor in 1.0f64..4.0, above in 0u64..10_000, seed: u64, retries in 1usize..80,
    ) {
        let (form, cap) = (if linear { "linear" } else { "exponential" }, base + above);
        let option = if linear { String::new() } else { format!("factor={factor},") };
        for (jitter, [times, plus]) in [
            ("none", [(1.0, 1.0), (0.0, 0.0)]),
            ("full", [(0.0, 1.0), (0.0, 0.0)]),
            ("equal", [(0.5, 1.0), (0.0, 0.0)]),
            ("+25%", [(1.0, 1.25), (0.0, 0.0)]),
            ("+-50%", [(0.5, 1.5), (0.0, 0.0)]),
            ("+100ms", [(1.0, 1.0), (0.0, 100.0)]),
        ] {
            let text = format!("{form}:base={base}ms,{option}cap={cap}ms,jitter={jitter}");
            for (n, delay) in seconds(&text, seed, retries).into_iter().enumerate() {
                let grown = grown(form, base, factor, cap, n);
                let (low, high) = (grown * times.0 + plus.0, grown * times.1 + plus.1);
                let delay = delay * 1e3;
                prop_assert!(delay >= low - 1e-5 && delay <= high + 1e-5, "{text} {n}: {delay} not in {low}..{high}");
            }
        }
    }

    #[test]
    fn every_delay_of_a_sequence_comes_from_the_one_before(
        base in 1u64..1000, factor in 1.0f64..8.0, above in 0u64..100_000, percent in 1u32..=100, seed: u64,
    ) {
        let (low, cap) = (base as f64, (base + above) as f64);
        let text = |jitter: &str| format!("exponential:base={base}ms,factor={factor},cap={cap}ms,jitter={jitter}");
        let mut previous = low;
        for delay in seconds(&text("decorrelated"), seed, 40) {
            let delay = delay * 1e3;
            prop_assert!(delay >= low - 1e-5 && delay <= (3.0 * previous).min(cap) + 1e-5, "{previous} {delay}");
            previous = delay;
        }
        let delays = seconds(&text(&format!("factor+-{percent}%")), seed, 40);
        prop_assert!((delays[0] * 1e3 - low).abs() < 1e-5);
        for pair in delays.windows(2) {
            let [least, most] = [-1.0, 1.0].map(|end| pair[0] * 1e3 * factor * (1.0 + end * f64::from(percent) / 100.0));
            let delay = pair[1] * 1e3;
            prop_assert!(delay >= least.min(cap) - 1e-5 && delay <= most.min(cap) + 1e-5, "{pair:?}");
        }
    }

    #[test]
    fn no_age_makes_a_delay_longer(base in 1u64..1000, half in 1u64..10_000, one in 0u64..100_000, more in 0u64..100_000) {
        let delays: Delays = format!("age:base={base}ms,half={half}ms,jitter=none").parse().unwrap();
        let at = |age: u64| {
            Backoff::new(delays).next_delay(Duration::from_millis(age), &mut ChaCha8Rng::seed_from_u64(1))
        };
        prop_assert!(at(one + more) <= at(one) && at(one) <= Duration::from_millis(base));
    }
}
