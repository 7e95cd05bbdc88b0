//! What fits into a budget?

use std::time::Duration;

use super::samples::design;
use crate::tune::{Design, Objective, TooShort, Wish};

fn fit(candidates: usize, budget_s: u64, block_s: Option<u64>, rounds: Option<u32>) -> Result<Design, TooShort> {
    Design::fit(Wish {
        candidates: design(candidates, &[1]).candidates,
        workers: vec![16, 64],
        objective: Objective::P99,
        seed: 1,
        overhead: Duration::from_millis(500),
        budget: Duration::from_secs(budget_s),
        block: block_s.map(Duration::from_secs),
        warmup: None,
        rounds,
    })
}

fn chosen(design: &Design) -> (f64, f64, u32) {
    (design.block.as_secs_f64(), design.warmup.as_secs_f64(), design.rounds)
}

#[test]
fn blocks_are_shortened_first_and_then_rounds_are_left_out() {
    // 5 candidates x 2 settings: 10 blocks in a round.
    assert_eq!(chosen(&fit(5, 600, None, None).unwrap()), (5.0, 1.0, 8));
    let short = fit(5, 400, None, None).unwrap();
    assert_eq!(chosen(&short), (3.6, 0.72, 8));
    assert!(short.planned() <= Duration::from_secs(388) && short.planned() > Duration::from_secs(380));
    assert_eq!(chosen(&fit(5, 100, None, None).unwrap()), (1.0, 0.2, 5));
}

#[test]
fn what_the_user_chose_stays() {
    assert_eq!(chosen(&fit(5, 600, Some(10), None).unwrap()), (10.0, 1.0, 5));
    assert_eq!(chosen(&fit(5, 600, None, Some(20)).unwrap()), (2.0, 0.4, 20));
    assert_eq!(chosen(&fit(5, 600, Some(30), Some(1)).unwrap()), (30.0, 1.0, 1));
}

#[test]
fn what_does_not_fit_is_refused_with_its_numbers() {
    let error = fit(5, 60, None, None).unwrap_err().to_string();
    assert_eq!(
        error,
        "5 candidates x 2 numbers of workers x 4 rounds of 1s blocks, 1s 700ms each with warm-up and overhead, take 1m 8s, and the \
         budget is 1m: raise it, or compare fewer"
    );
    assert!(fit(5, 60, Some(5), Some(8)).unwrap_err().to_string().contains("8 rounds of 5s blocks"));
}

#[test]
fn a_warm_up_that_somebody_chose_takes_its_time_too() {
    let wish = |warmup| Wish {
        candidates: design(10, &[1]).candidates,
        workers: vec![16],
        objective: Objective::P99,
        seed: 1,
        overhead: Duration::ZERO,
        budget: Duration::from_mins(1),
        block: None,
        warmup,
        rounds: None,
    };
    assert_eq!(chosen(&Design::fit(wish(None)).unwrap()), (1.0, 0.2, 4));
    assert_eq!(chosen(&Design::fit(wish(Some(Duration::from_millis(400)))).unwrap()), (1.0, 0.4, 4));
    assert!(Design::fit(wish(Some(Duration::from_secs(10)))).is_err());
}
