//! Is every candidate run once per round, in time, and in an order that is random and repeatable?

use std::time::Duration;

use proptest::prelude::*;

use super::samples::{design, measured};
use crate::tune::{Block, Design, Schedule, Slot};

/// Runs everything; each block takes this many times what was planned.
fn run(design: &Design, slow: f64, goodput: impl Fn(Slot) -> f64) -> Vec<Slot> {
    let (mut schedule, mut elapsed, mut slots) = (Schedule::new(design.clone()), Duration::ZERO, Vec::new());
    while let Some(slot) = schedule.next(elapsed) {
        let Slot { round, candidate, setting, .. } = slot;
        let noise = 1.0 + 0.01 * f64::from((round * 3 + u32::try_from(candidate).unwrap()) % 4);
        let measured = measured(goodput(slot) * noise);
        schedule.add(Block { round, candidate, setting, started_s: elapsed.as_secs_f64(), measured });
        slots.push(slot);
        elapsed += design.block_time().mul_f64(slow);
    }
    slots
}

fn of_round(slots: &[Slot], round: u32) -> Vec<(usize, usize)> {
    slots.iter().filter(|slot| slot.round == round).map(|slot| (slot.candidate, slot.setting)).collect()
}

proptest! {
    #[test]
    fn every_round_runs_each_candidate_with_each_setting_once(
        candidates in 1usize..7, settings in 1usize..4, rounds in 1u32..6, seed: u64,
    ) {
        let budget = Duration::from_hours(2);
        let design = Design { rounds, budget, seed, ..design(candidates, &vec![8; settings]) };
        let slots = run(&design, 1.0, |_| 1000.0);
        prop_assert_eq!(slots.len(), design.blocks());
        for round in 0..rounds {
            let mut ran = of_round(&slots, round);
            ran.sort_unstable();
            let all: Vec<(usize, usize)> =
                (0..candidates).flat_map(|candidate| (0..settings).map(move |setting| (candidate, setting))).collect();
            prop_assert_eq!(ran, all);
            let seeds = slots.iter().filter(|slot| slot.round == round).map(|slot| slot.seed);
            prop_assert!(seeds.collect::<std::collections::HashSet<u64>>().len() == 1, "one seed for a round");
        }
    }
}

#[test]
fn the_order_is_another_in_each_round_and_the_same_for_the_same_seed() {
    let design = design(4, &[8, 64]);
    let slots = run(&design, 1.0, |_| 1000.0);
    assert_eq!(slots, run(&design, 1.0, |_| 1000.0));
    assert_ne!(of_round(&slots, 0), of_round(&slots, 1));
    assert_ne!(slots[0].seed, slots[8].seed);
    let other = run(&Design { seed: 8, ..design }, 1.0, |_| 1000.0);
    assert_ne!(of_round(&slots, 0), of_round(&other, 0));
}

#[test]
fn each_candidate_is_first_as_often_as_others() {
    let mut first = [0; 4];
    for seed in 0..400 {
        let mut schedule = Schedule::new(Design { seed, ..design(4, &[8]) });
        first[schedule.next(Duration::ZERO).unwrap().candidate] += 1;
    }
    assert!(first.iter().all(|times| (70..=130).contains(times)), "{first:?}");
}

#[test]
fn a_dropped_candidate_leaves_its_blocks_to_the_others() {
    let design = design(4, &[8]);
    let slots = run(&design, 1.0, |slot| if slot.candidate == 1 { 50.0 } else { 1000.0 });
    assert_eq!(slots.iter().filter(|slot| slot.candidate == 1).count(), 4, "dropped at the first look");
    // 32 blocks were planned: 4 rounds of four, then of three, of which five are whole.
    assert_eq!(slots.len(), 31);
    assert_eq!(slots.last().unwrap().round, 8);
    let fixed = design.clone();
    let mut schedule = Schedule::new(fixed).without_race();
    let mut ran = 0;
    while let Some(Slot { round, candidate, setting, .. }) = schedule.next(Duration::ZERO) {
        let goodput = if candidate == 1 { 50.0 } else { 1000.0 };
        schedule.add(Block { round, candidate, setting, started_s: 0.0, measured: measured(goodput) });
        ran += usize::from(candidate == 1);
    }
    assert_eq!(ran, 8);
}

#[test]
fn a_winner_without_contenders_runs_the_planned_rounds_and_no_more() {
    let slots = run(&design(2, &[8]), 1.0, |slot| if slot.candidate == 1 { 50.0 } else { 1000.0 });
    assert_eq!(slots.iter().filter(|slot| slot.candidate == 0).count(), 8);
    assert_eq!(slots.len(), 12);
}

#[test]
fn a_setting_is_raced_alone() {
    // Bad with many workers only.
    let bad = |slot: Slot| slot.candidate == 1 && slot.setting == 1;
    let slots = run(&design(3, &[8, 64]), 1.0, |slot| if bad(slot) { 50.0 } else { 1000.0 });
    assert_eq!(slots.iter().filter(|slot| bad(**slot)).count(), 4);
    assert!(slots.iter().filter(|slot| slot.candidate == 1 && slot.setting == 0).count() >= 8);
}

#[test]
fn the_budget_is_kept_and_no_round_is_begun_that_cannot_end() {
    // 4 blocks of 6.5 s: 26 s for a round.
    let tight = Design { budget: Duration::from_secs(80), ..design(4, &[8]) };
    assert_eq!(run(&tight, 1.0, |_| 1000.0).len(), 12, "three whole rounds");
    // Blocks take half as long again: 39 s for a round, seen in the first.
    assert_eq!(run(&tight, 1.5, |_| 1000.0).len(), 8);
    // Not even the first round fits: what does is run.
    let less = Design { budget: Duration::from_secs(20), ..design(4, &[8]) };
    assert_eq!(run(&less, 1.0, |_| 1000.0).len(), 3);
    assert_eq!(run(&Design { budget: Duration::from_secs(6), ..less }, 1.0, |_| 1000.0), []);
}
