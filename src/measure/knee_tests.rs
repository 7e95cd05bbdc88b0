//! Are the knee, saturation, collapse and recovery found where they are, and nowhere else? On both sides of each rule.

use super::knee::*;
use crate::plan::Stepped;

/// Ten seconds of a rate or of workers; the mean follows from Little's law where workers do nothing else.
fn step(level: u32, per_second: f64, mean_ms: f64) -> Point {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
    let answered = (per_second * 10.0).round() as u64;
    let error = (answered as f64).sqrt() / 10.0;
    Point {
        level,
        seconds: 10.0,
        answered,
        error,
        committed: answered,
        mean: mean_ms * 1e6,
        p50: 4_000_000,
        p99: 50_000_000,
    }
}

fn workers(goodput: &[f64]) -> Vec<Point> {
    (1..).zip(goodput).map(|(n, x)| step(10 * n, *x, if *x > 0.0 { 1e4 * f64::from(n) / x } else { 0.0 })).collect()
}

/// Rates of 1000, 2000 and so on, each with its goodput and mean.
fn rates(steps: &[(f64, f64)]) -> Vec<Point> {
    (1..).zip(steps).map(|(n, (x, mean))| step(1_000 * n, *x, *mean)).collect()
}

fn of_workers(goodput: &[f64]) -> Analysis {
    Analysis::of(Stepped::Workers, &workers(goodput), None).unwrap()
}

fn of_rates(steps: &[(f64, f64)]) -> Analysis {
    Analysis::of(Stepped::Rate, &rates(steps), None).unwrap()
}

#[test]
fn linear_then_flat_has_its_knee_at_the_bend() {
    let analysis = of_workers(&[1_000.0, 2_000.0, 3_000.0, 3_100.0, 3_100.0, 3_080.0]);
    assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::Found { step: 2 }, Some(3), None));
    assert_eq!(analysis.recovery, Recovery::NotSeen);
    assert!(analysis.is_overloaded());
}

#[test]
fn flat_then_falling_has_its_knee_at_or_below_the_first_step_and_collapses() {
    let analysis = of_workers(&[3_000.0, 2_950.0, 2_900.0, 2_300.0, 1_500.0]);
    assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::FirstStep, Some(1), Some(3)));
}

#[test]
fn a_server_that_is_never_saturated_has_no_knee() {
    let analysis = of_workers(&[1_000.0, 2_000.0, 3_000.0, 4_000.0]);
    assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::NotReached, None, None));
    let analysis = of_rates(&[(1_000.0, 5.0), (2_000.0, 5.1), (2_990.0, 5.2)]);
    assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::NotReached, None, None));
    assert!(!analysis.is_overloaded());
}

#[test]
fn the_knee_of_a_queue_is_where_power_says_and_not_where_it_saturates() {
    // M/M/1 with 1 ms of service: power is (1 - u) u, highest at half of the capacity; the last two are over it.
    let mm1 = |n: f64| (n * 100.0, 1.0 / (1.0 - n / 10.0));
    let mut steps: Vec<_> = (1..=9).map(|n| mm1(f64::from(n))).collect();
    steps.extend([(1_000.0, 900.0), (1_000.0, 4_000.0)]);
    let up: Vec<Point> = (1..).zip(&steps).map(|(n, (x, mean))| step(100 * n, *x, *mean)).collect();
    let analysis = Analysis::of(Stepped::Rate, &up, None).unwrap();
    assert_eq!((analysis.knee, analysis.saturated, analysis.collapsed), (Knee::Found { step: 4 }, Some(10), None));
}

#[test]
fn power_has_to_fall_visibly_before_a_knee_is_named() {
    // Power is goodput squared by the workers: 100,000, then 9 % and 11 % less.
    let past = |less: f64| workers(&[1_000.0, 2_000.0, (3.0 * 2.0 * (1.0 - less)).sqrt() * 1e3]);
    let knee = |less| Analysis::of(Stepped::Workers, &past(less), None).unwrap().knee;
    assert_eq!((knee(0.09), knee(0.11)), (Knee::NotReached, Knee::Found { step: 1 }));
}

#[test]
fn a_rate_is_carried_down_to_95_percent_of_it_and_a_dip_is_no_saturation() {
    assert_eq!(of_rates(&[(1_000.0, 5.0), (1_910.0, 5.0)]).saturated, None);
    assert_eq!(of_rates(&[(1_000.0, 5.0), (1_890.0, 5.0)]).saturated, Some(1));
    assert_eq!(of_rates(&[(900.0, 5.0), (1_500.0, 5.0)]).saturated, Some(0), "not even the first step");
    assert_eq!(of_rates(&[(1_000.0, 5.0), (1_800.0, 5.0), (3_000.0, 5.0)]).saturated, None);
}

#[test]
fn workers_are_enough_where_more_of_them_add_less_than_5_percent() {
    assert_eq!(of_workers(&[1_000.0, 1_900.0, 1_990.0]).saturated, Some(2));
    assert_eq!(of_workers(&[1_000.0, 1_900.0, 2_010.0]).saturated, None);
}

#[test]
fn a_collapse_is_below_80_percent_of_the_best_and_lasts() {
    assert_eq!(of_workers(&[1_000.0, 2_000.0, 1_610.0]).collapsed, None);
    assert_eq!(of_workers(&[1_000.0, 2_000.0, 1_590.0]).collapsed, Some(2));
    assert_eq!(of_workers(&[1_000.0, 2_000.0, 1_000.0, 1_700.0]).collapsed, None, "it comes back with more load");
    assert_eq!(of_workers(&[1_000.0, 2_000.0, 1_900.0, 0.0, 0.0]).collapsed, Some(3), "nothing at all");
}

/// The second half of a last step.
fn half(per_second: f64, p99_ms: u64) -> Point {
    let error = (per_second * 5.0).sqrt() / 5.0;
    Point { seconds: 5.0, error, p99: p99_ms * 1_000_000, ..step(1_000, per_second / 2.0, 5.0) }
}

#[test]
fn recovery_is_judged_by_goodput_and_response_times() {
    let up = rates(&[(1_000.0, 5.0), (1_400.0, 900.0), (1_000.0, 4_000.0)]);
    let recovery = |what, last: Point| Analysis::of(what, &up, Some(&last)).unwrap().recovery;
    let is = |last| match recovery(Stepped::Rate, last) {
        Recovery::Recovered(_) => "recovered",
        Recovery::Draining(_) => "draining",
        Recovery::NotRecovered(_) => "not",
        Recovery::Unclear(_) => "unclear",
        Recovery::TooFew | Recovery::NotSeen => "unknown",
    };
    assert_eq!((is(half(910.0, 50)), is(half(890.0, 50))), ("recovered", "not"));
    assert_eq!((is(half(1_000.0, 100)), is(half(1_000.0, 101))), ("recovered", "not"));
    let median = |p50| is(Point { p50, ..half(1_000.0, 50) });
    assert_eq!((median(8_000_000), median(8_000_001)), ("recovered", "not"));
    assert_eq!((is(half(1_080.0, 900)), is(half(1_120.0, 900))), ("not", "draining"));
    let uneven = |error| is(Point { error, ..half(400.0, 50) });
    assert_eq!((uneven(199.0), uneven(201.0)), ("not", "unclear"), "three standard errors are 600");
    assert_eq!(is(half(1_120.0, 50)), "draining", "nothing else lets more be answered than is due");
    let ratios = |goodput, times: Option<(f64, f64)>| Ratios {
        goodput,
        p50: times.map(|(p50, _)| p50),
        p99: times.map(|(_, p99)| p99),
    };
    let faster = recovery(Stepped::Workers, half(1_120.0, 50));
    assert_eq!(faster, Recovery::Recovered(ratios(1.12, Some((1.0, 1.0)))));
    assert_eq!(recovery(Stepped::Rate, half(0.0, 0)), Recovery::NotRecovered(ratios(0.0, None)));
    assert_eq!(recovery(Stepped::Rate, half(400.0, 900)), Recovery::NotRecovered(ratios(0.4, Some((1.0, 18.0)))));
}

#[test]
fn what_stalls_now_and_then_is_less_sure_than_what_goes_on_evenly() {
    let error = |parts: &[u64]| Point::error_of(parts, 10.0);
    assert!((error(&[100; 10]) - 1_000f64.sqrt() / 10.0).abs() < 1e-9, "not surer than a Poisson count");
    // Half of the parts are empty: the variance of one is 200^2 10/9 / 4, ten of them make the sum.
    let stalls = [200, 0].repeat(5);
    assert!((error(&stalls) - (10.0f64 * 1e4 * 10.0 / 9.0).sqrt() / 10.0).abs() < 1e-9, "{}", error(&stalls));
    assert!(error(&[0; 10]).abs() < 1e-9);
}

#[test]
fn noise_is_no_finding() {
    // 100 transactions in ten seconds: 10 % is one standard deviation.
    let up = vec![step(10, 9.0, 5.0), step(20, 16.0, 5.0), step(30, 29.0, 5.0)];
    assert_eq!(Analysis::of(Stepped::Rate, &up, None).unwrap().saturated, None);
    let wobbly = of_workers(&[10.0, 20.0, 15.0]);
    assert_eq!(wobbly.collapsed, None, "200 commits, then 150");
    assert_eq!(of_workers(&[1_000.0, 2_000.0, 1_500.0]).collapsed, Some(2), "the same shape, with enough of them");
    let few = |up: &[Point]| Analysis::of(Stepped::Workers, up, None).is_none();
    assert!(few(&workers(&[1.0, 9.9, 3.0])) && !few(&workers(&[1.0, 10.0, 3.0])));
    assert!(few(&workers(&[1_000.0])), "one step is no rise");
    // A first step with too few commits is no measure for the last one, and a p99 of a hundred is no p99.
    let last = |first| Analysis::of(Stepped::Workers, &workers(&[first, 2_000.0]), Some(&half(30.0, 900)));
    assert_eq!(last(19.0).unwrap().recovery, Recovery::TooFew);
    let ratios = Ratios { goodput: 1.0, p50: Some(1.0), p99: None };
    assert_eq!(last(30.0).unwrap().recovery, Recovery::Recovered(ratios));
}

#[test]
fn a_step_with_few_commits_is_not_the_knee() {
    let mut up = workers(&[9.0, 2_000.0, 2_100.0, 2_100.0]);
    up[0].mean = 1e3;
    assert_eq!(Analysis::of(Stepped::Workers, &up, None).unwrap().knee, Knee::Found { step: 1 });
}
