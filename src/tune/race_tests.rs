//! Who is dropped, and when?

use super::samples::{block, design, measured, rounds};
use crate::tune::{Objective, drops};

#[test]
fn a_tenth_of_the_goodput_is_dropped_after_four_rounds() {
    let design = design(3, &[8]);
    let blocks = rounds(3, &[1000.0, 100.0, 980.0]);
    assert_eq!(drops(&design, 0, &blocks), []);
    let found = drops(&design, 0, &rounds(4, &[1000.0, 100.0, 980.0]));
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].candidate, found[0].after, found[0].leader), (1, 4, 0));
    assert!(found[0].p <= 0.01);
}

#[test]
fn what_is_surely_worse_but_not_clearly_stays() {
    let design = design(2, &[8]);
    let exactly = |second: f64| {
        let mut blocks = Vec::new();
        for round in 0..8 {
            blocks.push(block(round, 0, measured(1000.0)));
            blocks.push(block(round, 1, measured(second)));
        }
        drops(&design, 0, &blocks).len()
    };
    assert_eq!(exactly(960.0), 0, "4 % less, without any noise");
    assert_eq!(exactly(940.0), 1, "6 % less");
}

#[test]
fn less_is_better_for_the_other_objectives() {
    let mut design = design(2, &[8]);
    design.objective = Objective::P99;
    let mut blocks = rounds(4, &[1000.0, 1000.0]);
    for block in &mut blocks {
        let noise = 1_000_000 * u64::from(block.round % 3);
        block.measured.p99_ns = if block.candidate == 0 { 900_000_000 } else { 45_000_000 } + noise;
    }
    let found = drops(&design, 0, &blocks);
    assert_eq!((found.len(), found[0].candidate), (1, 0));
}

#[test]
fn a_round_that_was_cut_short_is_not_looked_at() {
    let mut blocks = rounds(4, &[1000.0, 100.0]);
    blocks.pop();
    assert_eq!(drops(&design(2, &[8]), 0, &blocks), []);
}
