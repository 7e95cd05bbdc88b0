//! Does the table hold what the acknowledged transactions made of it?
//!
//! The total balance alone proves little (a transfer applied twice leaves it right), so the number of writes is checked
//! against `sum(version)`, and every single account against the transfers that were acknowledged.

use super::{Ledger, Status, Verdict};
use crate::history::{Account, Snapshot};

/// How many wrong accounts a check names.
const NAMED: usize = 5;

/// Everything the end of a run is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The table before the first transaction, warm-up included.
    pub before: &'a Snapshot,
    /// The table after the last one.
    pub after: &'a Snapshot,
    /// What was acknowledged in between.
    pub ledger: &'a Ledger,
    /// Whether any two transactions overlapped in time.
    pub overlapped: bool,
}

/// Judges the end of a run.
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    total_balance(evidence, &mut verdict);
    number_of_rows(evidence, &mut verdict);
    no_negative_balance(evidence, &mut verdict);
    number_of_writes(evidence, &mut verdict);
    each_account(evidence, &mut verdict);
    activity(evidence, &mut verdict);
    verdict
}

fn total_balance(Evidence { before, after, .. }: &Evidence<'_>, verdict: &mut Verdict) {
    let difference = after.total - before.total;
    if difference == 0 {
        verdict.add("total-balance", Status::Holds, format!("{}, as before", after.total));
    } else {
        let detail = format!("{} before, {} after: {difference:+}", before.total, after.total);
        verdict.add("total-balance", Status::Violated, detail);
    }
}

fn number_of_rows(Evidence { before, after, .. }: &Evidence<'_>, verdict: &mut Verdict) {
    if after.count == before.count {
        verdict.add("rows", Status::Holds, format!("{} accounts, as before", after.count));
    } else {
        let detail = format!("{} accounts before, {} after", before.count, after.count);
        verdict.add("rows", Status::Violated, detail);
    }
}

fn no_negative_balance(Evidence { after, .. }: &Evidence<'_>, verdict: &mut Verdict) {
    if after.lowest >= 0 {
        verdict.add("no-negative-balance", Status::Holds, format!("the lowest balance is {}", after.lowest));
        return;
    }
    let negative = |account: &&Account| account.row.balance < 0;
    let all = after.accounts.iter().flatten().filter(negative);
    let named: Vec<String> = all
        .clone()
        .take(NAMED)
        .map(|account| format!("account {} holds {}", account.id, account.row.balance))
        .collect();
    let detail = match all.count() {
        0 => format!("the lowest balance is {}", after.lowest),
        count => and_more(&named, count),
    };
    verdict.add("no-negative-balance", Status::Violated, detail);
}

/// Every write adds one to a version, so the sum of the versions has grown by the number of writes. Transactions with an
/// unknown end may have added theirs or not.
fn number_of_writes(Evidence { before, after, ledger, .. }: &Evidence<'_>, verdict: &mut Verdict) {
    let found = after.versions - before.versions;
    let least = i128::from(ledger.writes);
    let most = least + i128::from(ledger.ambiguous_writes);
    let expected = if most == least { format!("{least}") } else { format!("{least} to {most}") };
    if (least..=most).contains(&found) {
        let detail = format!("sum(version) grew by {found}; {expected} writes acknowledged");
        verdict.add("writes", Status::Holds, detail);
    } else {
        let meaning = if found < least {
            format!("{} acknowledged writes are missing", least - found)
        } else {
            format!("{} writes were applied that nobody acknowledged", found - most)
        };
        verdict.add("writes", Status::Violated, format!("sum(version) grew by {found}, not {expected}: {meaning}"));
    }
}

/// Each account's balance and version, against the acknowledged transfers. Accounts that a transaction with an unknown
/// end wrote are left out.
fn each_account(Evidence { before, after, ledger, .. }: &Evidence<'_>, verdict: &mut Verdict) {
    let (Some(before), Some(after)) = (&before.accounts, &after.accounts) else {
        return;
    };
    if ledger.deltas.is_empty() || before.len() != ledger.deltas.len() {
        return;
    }
    let mut wrong = Vec::new();
    let mut count = 0;
    for (index, old) in before.iter().enumerate() {
        if ledger.unknown[index] {
            continue;
        }
        let found = after.binary_search_by_key(&old.id, |account| account.id).ok().map(|found| &after[found]);
        if let Some(problem) = account_problem(old, found, ledger.deltas[index], ledger.writes_by_account[index]) {
            count += 1;
            if wrong.len() < NAMED {
                wrong.push(problem);
            }
        }
    }
    if count == 0 {
        let left_out = ledger.unknown.iter().filter(|unknown| **unknown).count();
        let note = if left_out == 0 { String::new() } else { format!(", {left_out} left out as ambiguous") };
        verdict.add("accounts", Status::Holds, format!("each one is what its transfers made of it{note}"));
    } else {
        verdict.add("accounts", Status::Violated, and_more(&wrong, count));
    }
}

fn account_problem(old: &Account, found: Option<&Account>, delta: i64, writes: u32) -> Option<String> {
    let Some(found) = found else { return Some(format!("account {} is gone", old.id)) };
    let balance = old.row.balance + delta;
    let version = old.row.version + i64::from(writes);
    if found.row.balance != balance {
        let difference = found.row.balance - balance;
        return Some(format!("account {} holds {}, not {balance} ({difference:+})", old.id, found.row.balance));
    }
    (found.row.version != version)
        .then(|| format!("account {} was written {} times, not {version}", old.id, found.row.version))
}

/// A run that did nothing, or nothing at the same time, proves nothing.
fn activity(Evidence { ledger, overlapped, .. }: &Evidence<'_>, verdict: &mut Verdict) {
    if ledger.commits == 0 {
        verdict.add("activity", Status::Inconclusive, "no transaction that writes was committed");
    } else if *overlapped {
        verdict.add("activity", Status::Holds, format!("{} commits, overlapping in time", ledger.commits));
    } else {
        verdict.add("activity", Status::Inconclusive, "no two transactions overlapped in time");
    }
}

fn and_more(named: &[String], count: usize) -> String {
    let list = named.join(", ");
    if count > named.len() { format!("{list}, and {} more", count - named.len()) } else { list }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Attempt, AttemptOutcome, Key, Operation, Phase, Row, Shape};

    fn table(rows: &[(i64, i64)]) -> Snapshot {
        let account = |(index, (balance, version)): (usize, &(i64, i64))| Account {
            id: i64::try_from(index).unwrap() + 1,
            row: Row { balance: *balance, version: *version, writer: 0 },
        };
        Snapshot::of(rows.iter().enumerate().map(account).collect())
    }

    fn transfer(ledger: &mut Ledger, from: i64, to: i64, amount: i64, outcome: AttemptOutcome) {
        let write = |account, delta| Operation::Write { key: Key::account(account), delta, row: Row::default() };
        ledger.add(&Attempt {
            ticket: 0,
            worker: 0,
            number: 1,
            shape: Shape::Transfer,
            writer: 1,
            node: 0,
            start: 0,
            end: 1,
            outcome,
            phase: Phase::Commit,
            cause: None,
            retry_of: None,
            measured: true,
            in_window: true,
            round_trips: 5,
            operations: &[write(from, -amount), write(to, amount)],
        });
    }

    /// Two acknowledged transfers, 1 to 2 and 2 to 3, then a table as given.
    fn verdict_on(after: &[(i64, i64)]) -> Verdict {
        let mut ledger = Ledger::new(3);
        transfer(&mut ledger, 1, 2, 10, AttemptOutcome::Committed);
        transfer(&mut ledger, 2, 3, 5, AttemptOutcome::Committed);
        transfer(&mut ledger, 1, 3, 99, AttemptOutcome::Aborted);
        let before = table(&[(100, 0), (100, 0), (100, 0)]);
        judge(&Evidence { before: &before, after: &table(after), ledger: &ledger, overlapped: true })
    }

    fn violated(verdict: &Verdict) -> Vec<&'static str> {
        let bad = verdict.checks.iter().filter(|check| check.status == Status::Violated);
        bad.map(|check| check.name).collect()
    }

    #[test]
    fn the_right_table_holds() {
        let verdict = verdict_on(&[(90, 1), (105, 2), (105, 1)]);
        assert_eq!(verdict.status(), Status::Holds, "{verdict:?}");
    }

    #[test]
    fn each_way_to_be_wrong_has_its_check() {
        type Case = (&'static [(i64, i64)], &'static [&'static str]);
        let cases: [Case; 7] = [
            // money made from nothing
            (&[(90, 1), (106, 2), (105, 1)], &["total-balance", "accounts"]),
            // the second transfer lost: the total is right
            (&[(90, 1), (110, 1), (100, 0)], &["writes", "accounts"]),
            // the first transfer applied twice: the total is right
            (&[(80, 2), (115, 3), (105, 1)], &["writes", "accounts"]),
            // two balances swapped: total and writes are right
            (&[(105, 1), (105, 2), (90, 1)], &["accounts"]),
            // one more write that changed nothing
            (&[(90, 1), (105, 2), (105, 2)], &["writes", "accounts"]),
            // a row gone
            (&[(90, 1), (105, 2)], &["total-balance", "rows", "writes", "accounts"]),
            // below zero, and elsewhere above
            (&[(-10, 1), (205, 2), (105, 1)], &["no-negative-balance", "accounts"]),
        ];
        for (after, expected) in cases {
            assert_eq!(violated(&verdict_on(after)), expected, "{after:?}");
        }
    }

    #[test]
    fn the_account_and_the_difference_are_named() {
        let verdict = verdict_on(&[(90, 1), (106, 2), (105, 1)]);
        let accounts = verdict.checks.iter().find(|check| check.name == "accounts").unwrap();
        assert_eq!(accounts.detail, "account 2 holds 106, not 105 (+1)");
    }

    #[test]
    fn an_ambiguous_transfer_may_or_may_not_be_there() {
        let mut ledger = Ledger::new(3);
        transfer(&mut ledger, 1, 2, 10, AttemptOutcome::Committed);
        transfer(&mut ledger, 2, 3, 5, AttemptOutcome::Ambiguous);
        let before = table(&[(100, 0), (100, 0), (100, 0)]);
        let judged = |after: &[(i64, i64)]| {
            judge(&Evidence { before: &before, after: &table(after), ledger: &ledger, overlapped: true }).status()
        };
        assert_eq!(judged(&[(90, 1), (110, 1), (100, 0)]), Status::Holds);
        assert_eq!(judged(&[(90, 1), (105, 2), (105, 1)]), Status::Holds);
        assert_eq!(judged(&[(90, 1), (100, 3), (110, 2)]), Status::Violated, "applied twice");
        assert_eq!(judged(&[(80, 1), (115, 2), (105, 1)]), Status::Violated, "account 1 has no part in it");
    }

    #[test]
    fn a_run_that_did_nothing_is_inconclusive() {
        let before = table(&[(100, 0), (100, 0)]);
        let mut ledger = Ledger::new(2);
        let idle = judge(&Evidence { before: &before, after: &before, ledger: &ledger, overlapped: false });
        assert_eq!(idle.status(), Status::Inconclusive);
        transfer(&mut ledger, 1, 2, 10, AttemptOutcome::Committed);
        let after = table(&[(90, 1), (110, 1)]);
        let alone = judge(&Evidence { before: &before, after: &after, ledger: &ledger, overlapped: false });
        assert_eq!(alone.status(), Status::Inconclusive);
        assert_eq!(Verdict::default().status(), Status::Inconclusive);
    }
}
