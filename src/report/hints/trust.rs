//! Do the numbers mean what they seem to? Hints about what was granted, lost or left unknown.

use super::{seen, with_value};
use crate::check::isolation::Level;
use crate::plan::{Isolation, Mix};
use crate::report::units::counted;
use crate::run::Run;

/// The server granted less than was asked for.
pub(super) fn weaker_isolation(run: &Run) -> Option<String> {
    let isolation = &run.server.isolation;
    if !isolation.weaker {
        return None;
    }
    let weakest = isolation.granted.iter().filter_map(|granted| Isolation::from_server(granted)).min();
    let ask = weakest.map_or_else(String::new, |level| format!(", or ask for it: --isolation {level}"));
    Some(format!("Conflicts that {} would abort went unnoticed: compare with care{ask}", isolation.asked))
}

/// Some commits have an unknown end.
pub(super) fn ambiguous(run: &Run) -> Option<String> {
    let ambiguous = run.counts.ambiguous;
    (ambiguous > 0).then(|| {
        let them = counted(ambiguous, "transaction");
        format!("{them} sent COMMIT and got no answer: each may have been applied or not, and the checks allow both")
    })
}

/// Connections broke (class 08).
pub(super) fn lost_connections(run: &Run) -> Option<String> {
    let lost = seen(run, |cause| cause.sqlstate.starts_with("08"));
    (lost > 0).then(|| {
        let them = counted(lost, "lost connection");
        let late = seen(run, |cause| cause.reason == "statement timeout");
        match late {
            0 if run.server.is_simulated() => {
                format!("{them} (class 08): as many as the ambiguous= of its address wants")
            }
            0 => format!("{them} (class 08): see the server's log"),
            _ => format!("{them}, {late} by {}: try a longer one", with_value(&run.plan, "statement-timeout")),
        }
    })
}

/// Transactions did not end within the drain.
pub(super) fn cut_off(run: &Run) -> Option<String> {
    let cut = seen(run, |cause| cause.reason.starts_with("cut off"));
    (cut > 0).then(|| {
        let them = counted(cut, "transaction");
        format!("{them} had not ended when the drain was over: raise {}", with_value(&run.plan, "drain-timeout"))
    })
}

/// Most of what happened was not measured.
pub(super) fn hardly_measured(run: &Run) -> Option<String> {
    let (measured, workers) = (run.counts.transactions, u64::from(run.plan.workers));
    // An open loop has as many as its rate, whatever the number of its workers.
    let few = run.phases.measured_s > 0.0 && measured < 2 * workers && run.open_loop.is_none();
    few.then(|| {
        let them = counted(measured, "transaction");
        format!("Only {them} of {workers} workers began in the measured time: the numbers say little, try a longer --duration")
    })
}

/// The mix could not show what serializable forbids and snapshot isolation permits.
pub(super) fn indistinct(run: &Run) -> Option<String> {
    let [strong, weak] = [Level::Serializable, Level::Snapshot].map(Level::name);
    let pairs = &run.judgement.as_ref()?.indistinct;
    pairs.iter().any(|pair| *pair == [strong, weak]).then(|| {
        format!("This mix would not show write skew, which only {strong} forbids: try --mix {}", Mix::default())
    })
}
