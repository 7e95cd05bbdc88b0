//! What of that does the isolation level permit? A rule that was broken as the granted level allows is no broken promise.

use super::isolation::Level;
use super::{Promise, Standard, Status, Verdict};
use crate::history::Shape;

/// Says of what is violated that the server never promised to prevent it, where that is so. A run that is judged by the
/// promise alone is not violated by it: then it becomes [`Status::Permitted`].
pub fn permit(verdict: &mut Verdict, asked: Standard, promise: &Promise, shapes: &[Shape]) {
    for check in &mut verdict.checks {
        let Some(needed) = needed(check.name, shapes) else { continue };
        if check.status == Status::Violated && !promise.level().implies(needed) {
            if asked == Standard::Promised {
                check.status = Status::Permitted;
            }
            check.detail = format!("{}; {} permits that", check.detail, promise.granted());
        }
    }
}

/// The weakest level at which a rule cannot be broken; none for what no level permits, such as a write that is gone.
fn needed(check: &str, shapes: &[Shape]) -> Option<Level> {
    match check {
        "skew" | "cap" | "fresh" | "batch" | "audit-pairs" => Some(Level::Serializable),
        // Two that checked the same balance both debit it.
        "no-negative-balance" | "audit-sign" => Some(Level::Snapshot),
        // Only absolute writes what it has computed, over what it has not seen.
        "total-balance" | "accounts" | "audit-total" | "ledger-balances" if shapes.contains(&Shape::Absolute) => {
            Some(Level::Snapshot)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Isolation;

    const NAMES: [&str; 9] = [
        "total-balance",
        "accounts",
        "ledger-balances",
        "no-negative-balance",
        "skew",
        "cap",
        "fresh",
        "batch",
        "shape-writes",
    ];

    fn still_violated(granted: Isolation, shapes: &[Shape]) -> Vec<&'static str> {
        let mut verdict = Verdict::default();
        for name in NAMES {
            verdict.add(name, Status::Violated, "broken");
        }
        permit(&mut verdict, Standard::Promised, &Promise::of("PostgreSQL", Some(granted)), shapes);
        let violated = verdict.checks.iter().filter(|check| check.status == Status::Violated);
        violated.map(|check| check.name).collect()
    }

    #[test]
    fn each_level_permits_what_it_does_not_promise() {
        assert_eq!(still_violated(Isolation::Serializable, &Shape::ALL), NAMES);
        assert_eq!(
            still_violated(Isolation::RepeatableRead, &Shape::ALL),
            ["total-balance", "accounts", "ledger-balances", "no-negative-balance", "shape-writes"]
        );
        assert_eq!(still_violated(Isolation::ReadCommitted, &Shape::ALL), ["shape-writes"]);
        let relative = still_violated(Isolation::ReadCommitted, &[Shape::Transfer, Shape::Skew]);
        assert_eq!(
            relative,
            ["total-balance", "accounts", "ledger-balances", "shape-writes"],
            "relative writes lose nothing"
        );
    }

    #[test]
    fn a_level_that_was_asked_for_is_violated_all_the_same_and_says_who_permits_it() {
        let mut verdict = Verdict::default();
        verdict.add("skew", Status::Violated, "broken");
        let promise = Promise::of("PostgreSQL", Some(Isolation::RepeatableRead));
        permit(&mut verdict, Standard::default(), &promise, &[Shape::Skew]);
        assert_eq!(verdict.checks[0].status, Status::Violated);
        assert_eq!(verdict.checks[0].detail, "broken; REPEATABLE READ permits that");
    }

    #[test]
    fn what_holds_is_left_alone() {
        let mut verdict = Verdict::default();
        verdict.add("skew", Status::Holds, "none");
        verdict.add("cap", Status::Inconclusive, "unread");
        let before = verdict.clone();
        permit(
            &mut verdict,
            Standard::Promised,
            &Promise::of("CockroachDB", Some(Isolation::ReadCommitted)),
            &Shape::ALL,
        );
        assert_eq!(verdict, before);
    }
}
