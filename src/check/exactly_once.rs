//! Did every transfer take effect exactly once? The database's own record of it: a row that each transfer wrote in its own
//! transaction, against what was acknowledged and what the accounts hold.

use std::collections::{HashMap, HashSet};

use super::{Status, Verdict};
use crate::history::{Attempt, AttemptOutcome, Posted, Shape, Snapshot, State};

/// How many wrong accounts are named.
const NAMED: usize = 3;

/// The attempts whose rows have to be there, or may be: in one shard, or in a whole run. 8 bytes each.
#[derive(Clone, Debug, Default)]
pub struct Transfers {
    /// Confirmed by the server, by the number that they sign with.
    acknowledged: Vec<i64>,
    /// With an unknown end.
    ambiguous: Vec<i64>,
}

impl Transfers {
    /// Takes one attempt; only transfers are posted, and only those that were not refused.
    pub fn add(&mut self, attempt: &Attempt<'_>) {
        if matches!(attempt.shape, Shape::Transfer | Shape::Absolute | Shape::Peek) {
            match attempt.outcome {
                AttemptOutcome::Committed => self.acknowledged.push(attempt.writer),
                AttemptOutcome::Ambiguous => self.ambiguous.push(attempt.writer),
                AttemptOutcome::Aborted | AttemptOutcome::Declined | AttemptOutcome::Failed => {}
            }
        }
    }

    /// Takes another shard's, too.
    pub fn merge(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.ambiguous.extend(other.ambiguous);
    }
}

/// Adds the check `ledger`; and `ledger-balances` where the accounts hold something else than the rows say, which is a
/// check of its own since a weak isolation level permits it to absolute writes.
pub fn judge_ledger(before: &State, after: &State, mut transfers: Transfers, verdict: &mut Verdict) {
    transfers.acknowledged.sort_unstable();
    transfers.ambiguous.sort_unstable();
    let Some(rows) = &after.transfers else {
        verdict.add("ledger", Status::Inconclusive, "the table transfers is too large to be read in the end");
        return;
    };
    if let Some(wrong) = money(&before.accounts, &after.accounts, rows, &transfers) {
        verdict.add("ledger-balances", Status::Violated, wrong);
    }
    let problems = [unanswered(rows, &transfers), twice(rows)];
    let mut problems = problems.into_iter().flatten().peekable();
    if problems.peek().is_some() {
        verdict.add("ledger", Status::Violated, problems.collect::<Vec<_>>().join("; "));
        return;
    }
    let resolved = rows.len() - transfers.acknowledged.len();
    let ambiguous = match transfers.ambiguous.len() {
        0 => String::new(),
        all => format!(", {resolved} of {all} ambiguous ones among them"),
    };
    verdict.add("ledger", Status::Holds, format!("{} transfers, each exactly once{ambiguous}", rows.len()));
}

/// Rows that nobody may have written, and acknowledged transfers without one.
fn unanswered(rows: &[Posted], transfers: &Transfers) -> Option<String> {
    let has = |list: &[i64], writer: i64| list.binary_search(&writer).is_ok();
    let acknowledged = rows.iter().filter(|row| has(&transfers.acknowledged, row.writer)).count();
    let ambiguous = rows.iter().filter(|row| has(&transfers.ambiguous, row.writer)).count();
    let (missing, refused) = (transfers.acknowledged.len() - acknowledged, rows.len() - acknowledged - ambiguous);
    let missing = (missing > 0).then(|| format!("{missing} acknowledged transfers left no row"));
    let refused = (refused > 0).then(|| format!("{refused} rows are of transfers that were not acknowledged"));
    let both: Vec<String> = missing.into_iter().chain(refused).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

/// Two attempts of one transaction that both took effect.
fn twice(rows: &[Posted]) -> Option<String> {
    let mut tickets: Vec<i64> = rows.iter().map(|row| row.ticket).collect();
    tickets.sort_unstable();
    let mut twice = tickets.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    let first = twice.next()?;
    Some(match twice.count() {
        0 => format!("transfer {first} was applied twice"),
        more => format!("transfer {first} and {more} more were applied twice"),
    })
}

/// Accounts that hold something else than the rows say. Those of ambiguous transfers are left out: their COMMIT may have
/// taken effect after the accounts had been read, and before the rows were.
fn money(before: &Snapshot, after: &Snapshot, rows: &[Posted], transfers: &Transfers) -> Option<String> {
    let (before, after) = (before.accounts.as_ref()?, after.accounts.as_ref()?);
    let mut deltas: HashMap<i64, i64> = HashMap::new();
    let is_ambiguous = |row: &&Posted| transfers.ambiguous.binary_search(&row.writer).is_ok();
    let unknown: HashSet<i64> = rows.iter().filter(is_ambiguous).flat_map(|row| [row.from, row.to]).collect();
    for row in rows {
        *deltas.entry(row.from).or_default() -= row.amount;
        *deltas.entry(row.to).or_default() += row.amount;
    }
    let expected = |id: i64, balance: i64| balance + deltas.get(&id).copied().unwrap_or(0);
    let wrong = before.iter().zip(after).filter_map(|(old, new)| {
        let expected = expected(old.id, old.row.balance);
        (new.row.balance != expected && !unknown.contains(&old.id))
            .then(|| format!("account {} holds {}, its transfers make {expected}", new.id, new.row.balance))
    });
    let wrong: Vec<String> = wrong.collect();
    let named = wrong.get(..wrong.len().min(NAMED)).filter(|named| !named.is_empty())?.join(", ");
    Some(if wrong.len() > NAMED { format!("{named}, and {} more", wrong.len() - NAMED) } else { named })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Check;
    use crate::history::{Account, Row};

    fn state(balances: &[i64], rows: &[(i64, i64)]) -> State {
        let account = |(id, balance): (i64, &i64)| Account { id, row: Row { balance: *balance, ..Row::default() } };
        let posted =
            |(writer, ticket): &(i64, i64)| Posted { writer: *writer, ticket: *ticket, from: 1, to: 2, amount: 10 };
        State {
            accounts: Snapshot::of((1..).zip(balances).map(account).collect()),
            transfers: Some(rows.iter().map(posted).collect()),
            ..State::default()
        }
    }

    /// Transfers 5 and 6 were acknowledged, 7 is ambiguous.
    fn judged(balances: &[i64], rows: &[(i64, i64)]) -> (Status, String) {
        let mut checks = checks(balances, rows);
        let check = checks.pop().expect("one check at least");
        (check.status, check.detail)
    }

    fn checks(balances: &[i64], rows: &[(i64, i64)]) -> Vec<Check> {
        let transfers = Transfers { acknowledged: vec![6, 5], ambiguous: vec![7] };
        let mut verdict = Verdict::default();
        judge_ledger(&state(&[100, 100], &[]), &state(balances, rows), transfers, &mut verdict);
        verdict.checks
    }

    #[test]
    fn exactly_once_holds_with_and_without_the_ambiguous_one() {
        assert_eq!(judged(&[80, 120], &[(5, 1), (6, 2)]).0, Status::Holds);
        let (status, detail) = judged(&[70, 130], &[(5, 1), (6, 2), (7, 3)]);
        assert_eq!(
            (status, detail.as_str()),
            (Status::Holds, "3 transfers, each exactly once, 1 of 1 ambiguous ones among them")
        );
    }

    #[test]
    fn each_way_to_be_wrong_is_named() {
        type Case<'a> = (&'a [i64], &'a [(i64, i64)], &'a str);
        let cases: [Case<'_>; 3] = [
            (&[90, 110], &[(5, 1)], "1 acknowledged transfers left no row"),
            (&[70, 130], &[(5, 1), (6, 2), (8, 3)], "1 rows are of transfers that were not acknowledged"),
            (&[70, 130], &[(5, 1), (6, 2), (7, 2)], "transfer 2 was applied twice"),
        ];
        for (balances, rows, expected) in cases {
            assert_eq!(judged(balances, rows), (Status::Violated, expected.to_owned()));
        }
        let [balances, once] = &checks(&[80, 121], &[(5, 1), (6, 2)])[..] else { panic!("two checks") };
        assert_eq!((once.name, once.status), ("ledger", Status::Holds));
        assert_eq!((balances.name, balances.status), ("ledger-balances", Status::Violated));
        assert_eq!(balances.detail, "account 2 holds 121, its transfers make 120");
    }

    #[test]
    fn an_ambiguous_transfer_may_be_in_the_rows_and_not_yet_in_the_accounts() {
        let [once] = &checks(&[80, 120], &[(5, 1), (6, 2), (7, 3)])[..] else { panic!("one check") };
        assert_eq!(once.status, Status::Holds, "{once:?}");
    }
}
