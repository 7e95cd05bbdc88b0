//! Runs whose load rose in steps, to test reports with.

use super::samples;
use crate::measure::{Analysis, Knee, Ratios, Recovery};
use crate::run::{EndReason, Run, SavedStep};

/// A step of ten seconds: its load, goodput, p99 in microseconds, and what was skipped.
type Numbers = (u32, f64, u64, u64);

fn step((level, goodput_tps, p99_us, skipped): Numbers, back_down: bool) -> SavedStep {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
    let committed = (goodput_tps * 10.0) as u64;
    SavedStep {
        level,
        back_down,
        measured_s: 10.0,
        transactions: committed + skipped,
        committed,
        retries: committed / 4,
        skipped,
        goodput_tps,
        throughput_tps: goodput_tps * 1.25,
        p50_ns: p99_us * 100,
        p99_ns: p99_us * 1_000,
        mean_ns: p99_us as f64 * 150.0,
    }
}

fn stepped(levels: &str, steps: &[Numbers], analysis: Analysis) -> Run {
    let mut run = samples::contended();
    let seconds = 10.0 * steps.len() as f64;
    run.plan.steps = Some(levels.to_owned());
    (run.plan.duration_s, run.phases.measured_s) = (Some(seconds), seconds);
    run.steps = steps.iter().enumerate().map(|(index, numbers)| step(*numbers, index + 1 == steps.len())).collect();
    run.steps_analysis = Some(analysis);
    run
}

/// A closed loop that collapses and recovers.
pub(super) fn workers() -> Run {
    let steps = [
        (8, 1_204.0, 20_400, 0),
        (48, 2_142.0, 61_000, 0),
        (88, 2_150.0, 88_000, 0),
        (128, 1_011.0, 912_000, 0),
        (8, 1_190.0, 21_900, 0),
    ];
    let recovery = Recovery::Recovered(Ratios { goodput: 0.988, p50: Some(1.01), p99: Some(1.07) });
    let knee = Knee::Found { step: 1 };
    stepped("8..128 x4", &steps, Analysis { knee, saturated: Some(2), collapsed: Some(3), recovery })
}

/// An open loop that is saturated, skips, collapses to nothing and stays there.
pub(super) fn rate() -> Run {
    let steps = [
        (1_000, 997.2, 2_400, 0),
        (400_000, 380_113.0, 5_100, 12),
        (800_000, 391_400.0, 8_412_000, 3_912_345),
        (1_000, 0.0, 0, 10_000),
    ];
    let recovery = Recovery::NotRecovered(Ratios { goodput: 0.0, p50: None, p99: None });
    let mut run = stepped(
        "1000..800000/s x3",
        &steps,
        Analysis { knee: Knee::FirstStep, saturated: Some(2), collapsed: None, recovery },
    );
    run.plan.rate_tps = Some(1_000.0);
    run
}

/// An open loop that could have taken more.
pub(super) fn carried() -> Run {
    let steps = [(100, 99.0, 2_400, 0), (550, 552.0, 2_500, 0), (1_000, 1_001.0, 2_600, 0), (100, 100.5, 2_390, 0)];
    let recovery = Recovery::Recovered(Ratios { goodput: 1.002, p50: Some(1.0), p99: None });
    stepped("100..1000/s x3", &steps, Analysis { knee: Knee::NotReached, saturated: None, collapsed: None, recovery })
}

/// Ctrl-C in the third step.
pub(super) fn interrupted() -> Run {
    let recovery = Recovery::NotSeen;
    let analysis = Analysis { knee: Knee::NotReached, saturated: None, collapsed: None, recovery };
    let mut run =
        stepped("8..128 x4", &[(8, 1_204.0, 20_400, 0), (48, 2_142.0, 31_000, 0), (88, 2_100.0, 44_000, 0)], analysis);
    (run.plan.duration_s, run.phases.measured_s) = (Some(50.0), 23.4);
    run.steps[2].measured_s = 3.4;
    run.steps[2].back_down = false;
    run.end.reason = EndReason::Interrupted;
    run
}
