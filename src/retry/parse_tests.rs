//! Does every policy survive printing and parsing, and is every wrong text answered in one clear line?

use std::time::Duration;

use proptest::prelude::*;

use super::{Aimd, Budget, Delays, Jitter, Limits, Policy};

#[test]
fn every_form_survives_printing_and_parsing() {
    let forms = [
        "none",
        "immediate",
        "tutorial",
        "constant:5ms",
        "constant:1s500ms",
        "uniform:1ms..30ms",
        "uniform:0s..1m30s",
        "linear:base=5ms,cap=1s,jitter=+25%",
        "exponential:base=10ms,factor=2,cap=1s,jitter=full",
        "exponential:base=1ms,factor=1.5,cap=2s,jitter=decorrelated",
        "exponential:base=1ms,factor=2,cap=2s,jitter=factor+-6.25%",
        "exponential:base=1ms,factor=2,cap=2s,jitter=+100ms",
        "age:base=20ms,half=100ms,jitter=+-50%",
        "none/attempts:2/deadline:50ms",
        "tutorial/attempts:unlimited",
        "immediate/budget:capacity=100,cost=1,deposit=0.1/aimd:increase=1,decrease=0.5,min=1",
        "constant:5ms/attempts:5/deadline:1s/budget:capacity=7.5,cost=2,deposit=0/aimd:increase=2,decrease=0.9,min=4",
    ];
    for form in forms {
        let policy: Policy = form.parse().unwrap();
        assert_eq!(policy.to_string(), form);
    }
}

#[test]
fn options_may_be_left_out_and_the_default_fills_them() {
    let text = |policy: &str| policy.parse::<Policy>().unwrap().to_string();
    assert_eq!("exponential".parse(), Ok(Policy::default()));
    assert_eq!(text("exponential:jitter=none"), "exponential:base=2ms,factor=2,cap=250ms,jitter=none");
    assert_eq!(text("linear"), "linear:base=5ms,cap=1s,jitter=full");
    assert_eq!(text("age:half=1s"), "age:base=20ms,half=1s,jitter=full");
    assert_eq!(text("none/budget:cost=2"), "none/budget:capacity=100,cost=2,deposit=0.1");
    assert_eq!(text("none/aimd:min=3"), "none/aimd:increase=1,decrease=0.5,min=3");
}

#[test]
fn parts_come_in_any_order_and_override_those_of_a_preset() {
    let text = |policy: &str| policy.parse::<Policy>().unwrap().to_string();
    assert_eq!(text("immediate/deadline:1s/attempts:5"), "immediate/attempts:5/deadline:1s");
    assert_eq!(text("cockroach-go"), "immediate/attempts:51");
    assert_eq!(text("cockroach-go/attempts:5"), "immediate/attempts:5");
    assert_eq!(
        text("dbos/budget/attempts:20"),
        "exponential:base=1ms,factor=1.5,cap=2s,jitter=none/budget:capacity=100,cost=1,deposit=0.1"
    );
}

#[test]
fn a_wrong_text_is_named() {
    let cases = [
        ("expo", "no retry policy is called \"expo\"; `contend policies` lists them"),
        ("exponentail:base=1ms", "no retry policy is called \"exponentail\"; did you mean exponential?"),
        ("cockroach_go", "no retry policy is called \"cockroach_go\"; did you mean cockroach-go?"),
        ("", "no retry policy is called \"\""),
        ("none:5ms", "takes no options"),
        ("cockroach-go:5", "no retry policy is called \"cockroach-go\""),
        ("constant", "constant="),
        ("constant:5", "constant=5"),
        ("constant:2h", "an hour is the longest"),
        ("uniform:5ms", "uniform=5ms: two durations"),
        ("uniform:5ms..1ms", "the first one is longer"),
        (
            "exponential:bse=1ms",
            "exponential has no option \"bse\"; it takes base, factor, cap and jitter; did you mean base?",
        ),
        ("exponential:base=1ms,base=2ms", "the option base is there twice"),
        ("exponential:factor=0.5", "factor=0.5"),
        ("exponential:factor=NaN", "factor=NaN"),
        (
            "exponential:jitter=fulll",
            "jitter=fulll: none, full, equal, decorrelated, +25%, +-50%, +100ms or factor+-6.25% is needed; did you mean full?",
        ),
        ("exponential:jitter=+-120%", "jitter=120: a number above 0, at most 100, is needed"),
        ("exponential:jitter=+fast", "jitter=fast: a duration"),
        ("exponential:base=1s,cap=10ms", "the cap is below the base"),
        ("linear:factor=2", "linear has no option \"factor\""),
        ("linear:jitter=decorrelated", "only exponential delays have this jitter"),
        ("age:half=0s", "half=0s: a time longer than 0"),
        ("none/", "a policy has no part \"/\""),
        (
            "none/attempt:5",
            "a policy has no part \"/attempt\"; behind a slash there are attempts, deadline, budget and aimd; did you mean attempts?",
        ),
        ("none/attempts:0", "attempts=0: a number from 1 on"),
        ("none/attempts:5/attempts:6", "/attempts is there twice"),
        ("none/deadline:0s", "a time longer than 0"),
        ("none/deadline:soon", "deadline=soon"),
        ("none/budget:capacity=1,cost=2", "a retry costs more than the bucket ever holds"),
        ("none/budget:deposit=-1", "deposit=-1: a number from 0"),
        ("none/aimd:decrease=1", "decrease=1: a number from 0.001 to 0.999"),
        ("none/aimd:min=0", "min=0: a whole number"),
        ("none/aimd:max=5", "aimd has no option \"max\"; it takes increase, decrease and min"),
    ];
    for (text, message) in cases {
        let error = text.parse::<Policy>().unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
        assert!(!error.contains('\n') && error.len() < 160, "{error}");
    }
}

fn time() -> impl Strategy<Value = Duration> {
    (1u64..3_600_000_000_000).prop_map(Duration::from_nanos)
}

fn percent(most: u32) -> impl Strategy<Value = f64> {
    (1..=most * 100).prop_map(|hundredths| f64::from(hundredths) / 100.0)
}

fn spread() -> impl Strategy<Value = Jitter> {
    prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        percent(1000).prop_map(|percent| Jitter::Above { percent }),
        percent(100).prop_map(|percent| Jitter::Around { percent }),
        time().prop_map(Jitter::Plus),
    ]
}

fn jitter() -> impl Strategy<Value = Jitter> {
    let sequence = percent(100).prop_map(|percent| Jitter::Compounded { percent });
    prop_oneof![spread(), Just(Jitter::Decorrelated), sequence]
}

fn delays() -> impl Strategy<Value = Delays> {
    let two = || (time(), time()).prop_map(|(one, other)| (one.min(other), one.max(other)));
    prop_oneof![
        Just(Delays::None),
        Just(Delays::Immediate),
        Just(Delays::Tutorial),
        time().prop_map(Delays::Constant),
        two().prop_map(|(low, high)| Delays::Uniform { low, high }),
        (two(), spread()).prop_map(|((base, cap), jitter)| Delays::Linear { base, cap, jitter }),
        (two(), 1.0..100.0, jitter()).prop_map(|((base, cap), factor, jitter)| Delays::Exponential {
            base,
            factor,
            cap,
            jitter
        }),
        (time(), time(), spread()).prop_map(|(base, half, jitter)| Delays::Age { base, half, jitter }),
    ]
}

fn policies() -> impl Strategy<Value = Policy> {
    let attempts = prop_oneof![1u32..1000, Just(Limits::UNLIMITED)];
    let limits =
        (attempts, proptest::option::of(time())).prop_map(|(max_attempts, deadline)| Limits { max_attempts, deadline });
    let budget =
        (1.0..100.0, 100.0..1e9, 0.0..1e9).prop_map(|(cost, capacity, deposit)| Budget { capacity, cost, deposit });
    let aimd =
        (0.001..1000.0, 0.001..0.999, 1u32..).prop_map(|(increase, decrease, min)| Aimd { increase, decrease, min });
    (delays(), limits, proptest::option::of(budget), proptest::option::of(aimd))
        .prop_map(|(delays, limits, budget, aimd)| Policy { delays, limits, budget, aimd })
}

proptest! {
    #[test]
    fn every_policy_survives_printing_and_parsing(policy in policies()) {
        let text = policy.to_string();
        prop_assert_eq!(text.parse(), Ok(policy), "{}", text);
    }

    #[test]
    fn no_text_is_answered_with_more_than_a_line(text in "[a-z:/=,.+%0-9-]{0,40}") {
        if let Err(error) = text.parse::<Policy>() {
            prop_assert!(!error.to_string().is_empty() && !error.to_string().contains('\n'));
        }
    }
}
