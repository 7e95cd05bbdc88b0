//! What follows from a failure? Try again, reconnect, call it ambiguous, or give up.

use super::Failure;
use crate::history::Phase;

/// What is done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Certainly not committed: roll back, wait, run the same request again.
    Retry,
    /// Certainly not committed, and the connection is gone: connect again first.
    Reconnect,
    /// COMMIT was sent and no answer to it understood: never tried again, since that could apply it twice.
    Ambiguous,
    /// Committed, with a complaint about something else.
    Committed,
    /// No retry mends it.
    Fatal,
}

/// Classes of errors that say for certain that the transaction was aborted: feature not supported, data, constraints,
/// transaction state, triggered action, external routine, rollback, syntax and access, WITH CHECK OPTION, PL/pgSQL
/// (PostgreSQL documentation, appendix A).
const REFUSED: [&str; 12] = ["0A", "21", "22", "23", "25", "27", "38", "39", "40", "42", "44", "P0"];

/// Decides by the SQLSTATE and by how far the attempt had come.
///
/// | SQLSTATE | before COMMIT was sent | after |
/// |---|---|---|
/// | 40001, 40P01, CR000 | retry | retry: the server says that it is aborted |
/// | 40003 | ambiguous | ambiguous |
/// | lost connection, 08xxx, 57P01 to 57P03, 58C01 | reconnect | ambiguous |
/// | 53300 | reconnect | ambiguous |
/// | 57014, 58C00 | retry | ambiguous |
/// | 55P03 | retry | retry |
/// | XXA00 | fatal | committed |
/// | what the server refuses for a reason that it knows (constraints, data, syntax) | fatal | fatal |
/// | everything else | fatal | ambiguous |
///
/// The last row is so because a server may panic, or give up waiting, over a COMMIT that it has written already. A login
/// that is refused is fatal, also behind a lost connection.
///
/// Sources: PostgreSQL documentation 13.5 and appendix A; CockroachDB documentation, "Transaction Retry Error
/// Reference" and "Common Errors" (40003: the statement's completion is unknown); pgcode/codes.go (XXA00: the transaction
/// committed but a schema change did not; CR000: retry code of old servers, still accepted by cockroach-go; 58C00, 58C01,
/// XXUUU).
#[must_use]
pub fn classify(failure: &Failure, phase: Phase) -> Class {
    let sent = phase == Phase::Commit;
    let sqlstate = failure.cause.sqlstate;
    match sqlstate.as_str() {
        "40003" => Class::Ambiguous,
        "XXA00" if sent => Class::Committed,
        "57014" | "58C00" | "58C01" | "53300" if sent => Class::Ambiguous,
        "40001" | "40P01" | "CR000" | "55P03" | "57014" | "58C00" => Class::Retry,
        "58C01" | "53300" => Class::Reconnect,
        _ if failure.lost && sent => Class::Ambiguous,
        // A login that is refused stays refused.
        "28000" | "28P01" | "3D000" | "42501" => Class::Fatal,
        _ if failure.lost => Class::Reconnect,
        _ if sent && !REFUSED.contains(&sqlstate.class()) => Class::Ambiguous,
        _ => Class::Fatal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Cause, Sqlstate};

    fn class_of(sqlstate: &str, lost: bool, phase: Phase) -> Class {
        let cause = Cause { sqlstate: Sqlstate::parse(sqlstate).unwrap(), reason: "" };
        classify(&Failure { cause, message: String::new(), lost }, phase)
    }

    #[test]
    fn the_table_is_as_documented() {
        use Class::{Ambiguous, Committed, Fatal, Reconnect, Retry};
        let table = [
            ("40001", false, Retry, Retry),
            ("40P01", false, Retry, Retry),
            ("CR000", false, Retry, Retry),
            ("55P03", false, Retry, Retry),
            ("40003", false, Ambiguous, Ambiguous),
            ("08006", true, Reconnect, Ambiguous),
            ("57P01", true, Reconnect, Ambiguous),
            ("57P03", true, Reconnect, Ambiguous),
            ("58C01", false, Reconnect, Ambiguous),
            ("53300", true, Reconnect, Ambiguous),
            ("57014", false, Retry, Ambiguous),
            ("58C00", false, Retry, Ambiguous),
            ("XXUUU", false, Fatal, Ambiguous),
            ("XXA00", false, Fatal, Committed),
            ("42P01", false, Fatal, Fatal),
            ("42501", false, Fatal, Fatal),
            ("23505", false, Fatal, Fatal),
            ("25P02", false, Fatal, Fatal),
            ("P0001", false, Fatal, Fatal),
            ("53100", false, Fatal, Ambiguous),
            ("58030", false, Fatal, Ambiguous),
            ("XX000", false, Fatal, Ambiguous),
        ];
        for (sqlstate, lost, before, after) in table {
            for phase in [Phase::Begin, Phase::Body] {
                assert_eq!(class_of(sqlstate, lost, phase), before, "{sqlstate} in {phase:?}");
            }
            assert_eq!(class_of(sqlstate, lost, Phase::Commit), after, "{sqlstate} after COMMIT");
        }
    }

    #[test]
    fn a_refused_login_is_not_tried_again() {
        for sqlstate in ["28P01", "28000", "3D000"] {
            assert_eq!(class_of(sqlstate, true, Phase::Connect), Class::Fatal, "{sqlstate}");
        }
        assert_eq!(class_of("08001", true, Phase::Connect), Class::Reconnect);
        assert_eq!(class_of("57P03", true, Phase::Connect), Class::Reconnect);
    }
}
