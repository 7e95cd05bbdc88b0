//! Do the flags go together? What a plan asks for that nobody can do.

use super::retry::not_single;
use crate::command::exit::Stop;
use crate::db::sim::Simulation;
use crate::plan::{Flight, Plan};

/// The plan, where it can be done.
pub(super) fn possible(plan: Plan, simulation: Option<&Simulation>) -> Result<Plan, Stop> {
    if let Some(reason) = not_single(&plan) {
        return Err(Stop::usage(reason));
    }
    if plan.session.flight == Flight::Single && !plan.transfer.think.is_zero() {
        return Err(Stop::usage(
            "--think waits between reads and writes, and --flight single has nothing in between: leave one of them out",
        ));
    }
    match simulation.and_then(|simulation| Some((simulation, not_simulated(&plan, simulation)?))) {
        None => Ok(plan),
        Some((simulation, reason)) => Err(Stop::usage(format!("{simulation} is a simulation: {reason}"))),
    }
}

/// What a plan asks for that a simulation does not do, in words.
fn not_simulated(plan: &Plan, simulation: &Simulation) -> Option<String> {
    let level = simulation.isolation();
    if plan.session.isolation != level {
        return Some(format!("its address says its level, which --isolation calls {level}; leave --isolation out"));
    }
    if plan.load.threads > 1 {
        return Some("it runs on one thread, so that it is the same each time; leave --threads out".to_owned());
    }
    if plan.verify.audit {
        return Some("nobody audits it while it runs; leave --audit out".to_owned());
    }
    None
}
