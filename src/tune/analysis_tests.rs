//! What do blocks say, ordinary and odd ones?

use std::time::Duration;

use proptest::prelude::*;

use super::samples::{block, candidate, design, rounds};
use crate::retry::Delays;
use crate::tune::{Analysis, Block, Design, Measured, Objective, analyze};

fn one(design: &Design, blocks: &[Block]) -> Analysis {
    analyze(design, blocks).remove(0)
}

fn order(analysis: &Analysis) -> Vec<usize> {
    analysis.ranked.iter().map(|ranked| ranked.candidate).collect()
}

fn sentence(design: &Design, analysis: &Analysis) -> String {
    let names: Vec<&str> = design.candidates.iter().map(|candidate| candidate.name.as_str()).collect();
    analysis.recommendation.as_ref().unwrap().sentence(&names)
}

#[test]
fn the_best_is_recommended_with_its_evidence() {
    let design = design(3, &[64]);
    let mut blocks = rounds(8, &[1234.0, 880.0, 1230.0]);
    for block in blocks.iter_mut().filter(|block| block.candidate == 1) {
        (block.measured.backoff_s, block.measured.p99_ns) = (290.0, 540_000_000);
    }
    let analysis = one(&design, &blocks);
    assert_eq!(order(&analysis)[2], 1);
    assert_eq!(analysis.recommended, 2, "as good, and a constant is simpler");
    assert_eq!(analysis.front.len(), 1);
    let tutorial = &analysis.ranked[2];
    assert!(!tutorial.same_as_best && tutorial.against_best.unwrap().significant);
    assert_eq!(tutorial.reason.as_deref(), Some("waits 200 ms and more where a transaction takes 4.2 ms"));
    let text = sentence(&design, &analysis);
    assert!(text.starts_with("Use constant: 1,3"), "{text}");
    assert!(
        text.contains(" % (") && text.contains(" %) more than tutorial, p99 45 ms, n = 8 rounds; no sig"),
        "{text}"
    );
    assert!(text.ends_with("no significant difference to default."), "{text}");
}

#[test]
fn of_equals_the_lower_p99_is_recommended() {
    let design = design(3, &[64]);
    let mut blocks = rounds(8, &[1000.0, 1000.0, 1000.0]);
    for block in blocks.iter_mut().filter(|block| block.candidate != 1) {
        block.measured.p99_ns = 60_000_000;
    }
    let analysis = one(&design, &blocks);
    assert!(analysis.ranked.iter().all(|ranked| ranked.same_as_best));
    assert_eq!(analysis.recommended, 1);
    let reasons: Vec<_> = analysis.ranked.iter().filter_map(|ranked| ranked.reason.as_deref()).collect();
    assert_eq!(reasons, ["no significant difference, p99 1.3x as long"; 2]);
}

#[test]
fn who_gives_up_is_not_recommended_however_fast() {
    let mut design = design(2, &[64]);
    design.candidates[1] = candidate("none", Delays::None);
    let mut blocks = rounds(8, &[1000.0, 1500.0]);
    for block in blocks.iter_mut().filter(|block| block.candidate == 1) {
        block.measured.transactions = block.measured.committed * 10 / 7;
        block.measured.exhausted = block.measured.transactions - block.measured.committed;
    }
    let analysis = one(&design, &blocks);
    assert_eq!((order(&analysis), analysis.recommended), (vec![1, 0], 0));
    assert_eq!(analysis.ranked[0].reason.as_deref(), Some("gives up on 30 % of the transactions"));
    let text = sentence(&design, &analysis);
    assert!(text.ends_with("; none commits more, but gives up on 30 % of its transactions."), "{text}");
}

#[test]
fn each_reason_has_its_words() {
    type Change = fn(&mut Measured);
    let cases: [(Change, &str); 8] = [
        (|m| m.backoff_s = 291.0, "sleeps 91 % of the time"),
        (|m| m.wasted_s = 153.6, "wastes 48 % of the time in aborted attempts"),
        (|m| m.exhausted = m.transactions * 23 / 100, "gives up on 23 % of the transactions"),
        (|m| m.p99_ns *= 12, "p99 12x as long"),
        (|m| m.fairness = 0.41, "starves workers (fairness 0.41)"),
        (|m| m.held_s = 64.0, "holds locks while asleep, 20 % of the time"),
        (|m| m.attempts *= 2, "3.0 attempts for a commit instead of 1.5"),
        (|m| m.p50_ns += 1, "50 % less goodput"),
    ];
    for (change, expected) in cases {
        let mut design = design(2, &[64]);
        design.candidates[1] = candidate("immediate", Delays::Immediate);
        let mut blocks = rounds(8, &[1000.0, 500.0]);
        blocks.iter_mut().filter(|block| block.candidate == 1).for_each(|block| change(&mut block.measured));
        let analysis = one(&design, &blocks);
        assert_eq!(analysis.ranked[1].reason.as_deref(), Some(expected));
    }
}

#[test]
fn a_candidate_without_a_commit_is_last_in_every_objective() {
    for objective in [Objective::Goodput, Objective::P99, Objective::Wasted] {
        let design = Design { objective, ..design(3, &[64]) };
        let analysis = one(&design, &rounds(8, &[1000.0, 0.0, 900.0]));
        assert_eq!(order(&analysis)[2], 1, "{objective}");
        let last = &analysis.ranked[2];
        assert_eq!((last.estimates.goodput_tps.mean, last.estimates.p99_ns.n), (0.0, 0));
        assert!(!last.same_as_best && !analysis.front.contains(&1), "{objective}");
        assert_eq!(last.reason.as_deref(), Some("commits nothing"));
    }
    let design = design(2, &[64]);
    let nothing = one(&design, &rounds(8, &[0.0, 0.0]));
    assert_eq!(sentence(&design, &nothing), "Use none of these: nothing was committed.");
}

#[test]
fn one_candidate_and_one_round_have_an_analysis() {
    let alone = one(&design(1, &[64]), &rounds(8, &[1000.0]));
    assert_eq!((alone.recommended, alone.front.clone(), alone.ranked[0].against_best), (0, vec![0], None));
    assert!(alone.ranked[0].same_as_best && alone.ranked[0].reason.is_none());
    let design = design(2, &[64]);
    let once = one(&design, &rounds(1, &[1000.0, 100.0]));
    assert_eq!((order(&once), once.recommended), (vec![0, 1], 0));
    assert_eq!((once.ranked[1].against_best, once.ranked[1].estimates.goodput_tps.low), (None, None));
    assert_eq!(sentence(&design, &once), "Use default: 980 tx/s, p99 45 ms, n = 1 round.");
    assert!(analyze(&design, &rounds(8, &[1000.0])).is_empty(), "no round with both");
}

#[test]
fn a_round_that_was_cut_short_counts_for_those_that_it_ran() {
    let mut blocks = rounds(8, &[1000.0, 990.0, 980.0]);
    blocks.pop();
    let analysis = one(&design(3, &[64]), &blocks);
    let n = |candidate: usize| {
        let ranked = analysis.ranked.iter().find(|ranked| ranked.candidate == candidate).unwrap();
        (ranked.estimates.goodput_tps.n, ranked.against_best.map(|against| against.ratio.n))
    };
    assert_eq!((n(0), n(1), n(2)), ((8, None), (8, Some(8)), (7, Some(7))));
}

#[test]
fn the_dropped_are_behind_the_others_and_marked() {
    let mut blocks = rounds(10, &[1000.0, 100.0, 990.0]);
    blocks.retain(|block| block.candidate != 1 || block.round < 4);
    // Those four rounds were fast ones for it; it stays last.
    let analysis = one(&design(3, &[64]), &blocks);
    let last = &analysis.ranked[2];
    assert_eq!((last.candidate, last.dropped_after, last.same_as_best), (1, Some(4), false));
    assert!(last.against_best.unwrap().p_corrected <= 0.05);
    assert_eq!(analysis.ranked[0].dropped_after, None);
}

fn any_measured() -> impl Strategy<Value = Measured> {
    let seconds = prop_oneof![Just(0.0), Just(f64::NAN), 0.0..1e6, any::<f64>()];
    let count = prop_oneof![Just(0u64), 0u64..5000, any::<u64>()];
    let share = prop_oneof![Just(0.0), Just(f64::INFINITY), 0.0..1.0, any::<f64>()];
    (prop::array::uniform4(count), prop::array::uniform6(seconds), share, prop::array::uniform3(any::<u64>())).prop_map(
        |([committed, transactions, exhausted, attempts], seconds, fairness, [p50_ns, p99_ns, p999_ns])| {
            let [seconds, goodput_tps, busy_s, wasted_s, backoff_s, held_s] = seconds;
            Measured {
                seconds,
                committed,
                transactions,
                exhausted,
                attempts,
                goodput_tps,
                p50_ns,
                p99_ns,
                p999_ns,
                busy_s,
                wasted_s,
                backoff_s,
                held_s,
                fairness,
                cause: None,
            }
        },
    )
}

proptest! {
    #[test]
    fn whatever_was_measured_has_an_analysis_of_numbers(
        measured in prop::collection::vec((0u32..9, 0usize..5, any_measured()), 0..40),
        late: u32,
        objective in prop_oneof![Just(Objective::Goodput), Just(Objective::P99), Just(Objective::Wasted)],
    ) {
        let design = Design { objective, ..design(4, &[64, 8]) };
        let mut blocks: Vec<Block> = measured.into_iter().map(|(round, c, measured)| block(round, c, measured)).collect();
        // One round that is whole, so that there is something to say.
        let whole: Vec<Block> = blocks.iter().cycle().take(4).cloned().collect();
        blocks.extend(whole.into_iter().enumerate().map(|(candidate, block)| Block { round: late, candidate, ..block }));
        for analysis in analyze(&design, &blocks) {
            prop_assert_eq!(analysis.ranked.len(), 4);
            let json = serde_json::to_string(&analysis).unwrap();
            // A number that is none would be null, and not be read again.
            prop_assert_eq!(serde_json::from_str::<Analysis>(&json).unwrap().ranked.len(), 4, "{}", json);
            let text = sentence(&design, &analysis);
            prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
        }
    }

    #[test]
    fn the_names_of_candidates_do_not_matter(goodputs in prop::array::uniform3(1.0f64..1e5)) {
        let mut design = design(3, &[64]);
        design.candidates.iter_mut().for_each(|c| c.policy.delays = Delays::Constant(Duration::from_millis(1)));
        let blocks = rounds(8, &goodputs);
        let turned: Vec<Block> =
            blocks.iter().map(|block| Block { candidate: (block.candidate + 1) % 3, ..block.clone() }).collect();
        let (analysis, turned) = (one(&design, &blocks), one(&design, &turned));
        let same: Vec<usize> = order(&analysis).into_iter().map(|candidate| (candidate + 1) % 3).collect();
        prop_assert_eq!(same, order(&turned));
    }
}
