//! Do the rules of the shapes hold that have tables of their own? Each against what the tables hold in the end, in any
//! mode of verification. And did their writes stay? That is a check of its own, since no isolation level permits it not to be so.

use std::collections::HashMap;

use super::shape_ledger::{Report, ShapeLedger, Writes};
use super::{Status, Verdict};
use crate::history::{Account, Collection, Member, Shape, State, Table};

/// How many broken rows a check names.
const NAMED: usize = 3;

/// Adds one check for each of the shapes that have tables of their own. `cap` is the most members that a group may have.
pub fn judge_shapes(
    shapes: &[Shape],
    cap: usize,
    before: &State,
    after: &State,
    ledger: &ShapeLedger,
    verdict: &mut Verdict,
) {
    for shape in shapes {
        let judged = match shape {
            Shape::Skew => skew(before, after, ledger),
            Shape::Batch => batch(before, after, ledger),
            Shape::Cap => members_of_groups(cap, after, ledger),
            Shape::Fresh => fresh(after, ledger),
            Shape::Transfer | Shape::Absolute | Shape::Peek | Shape::Audit => continue,
        };
        let Judged { rule, writes } = match judged {
            Ok(judged) => judged,
            Err(TooLarge(table)) => {
                let detail = format!("the table {table} is too large to be read in the end");
                verdict.add(shape.name(), Status::Inconclusive, detail);
                continue;
            }
        };
        let (status, mut detail) = match rule {
            Ok(kept) => (Status::Holds, kept),
            Err(broken) => (Status::Violated, broken),
        };
        if let Ok(applied) = &writes {
            detail = format!("{detail}; {applied}");
        }
        verdict.add(shape.name(), status, detail);
        if let Err(broken) = writes {
            verdict.add("shape-writes", Status::Violated, format!("{shape}: {broken}"));
        }
    }
}

/// The rule of a shape, which weak levels permit to be broken, and what became of its writes, which nothing permits to
/// be lost: kept or broken, in words.
struct Judged {
    rule: Result<String, String>,
    writes: Result<String, String>,
}

/// This table was not read.
struct TooLarge(&'static str);

fn skew(before: &State, after: &State, ledger: &ShapeLedger) -> Result<Judged, TooLarge> {
    let pairs = found(after.pairs.as_ref(), Table::Pairs.name())?;
    let sums = pairs.chunk_by(|one, next| (one.id - 1) / 2 == (next.id - 1) / 2);
    let below = sums.filter_map(|pair| {
        let sum: i64 = pair.iter().map(|account| account.row.balance).sum();
        (sum < 0).then(|| format!("customer {} has {sum}", (pair[0].id + 1) / 2))
    });
    let below: Vec<String> = below.collect();
    let rule = if below.is_empty() { Ok("no customer is below zero".to_owned()) } else { Err(some_of(&below)) };
    let writes = versions(Table::Pairs.name(), before.pairs.as_ref(), pairs, ledger.rows(Table::Pairs));
    Ok(Judged { rule, writes })
}

fn batch(before: &State, after: &State, ledger: &ShapeLedger) -> Result<Judged, TooLarge> {
    let (tills, receipts) = (
        found(after.tills.as_ref(), Table::Tills.name())?,
        found(after.receipts.as_ref(), Collection::Receipts.name())?,
    );
    let counts = by_group(receipts);
    let wrong = ledger.reports.iter().filter_map(|Report { group, receipts }| {
        let there = counts.get(group).copied().unwrap_or(0);
        (there != *receipts).then(|| {
            format!(
                "till {}, batch {}: a report listed {receipts} of {there} receipts",
                group >> 32,
                group & 0xffff_ffff
            )
        })
    });
    let wrong: Vec<String> = wrong.collect();
    let rule = match wrong.first() {
        None => Ok(format!("{} reports on closed batches were final", ledger.reports.len())),
        Some(first) => Err(format!("{} of {} reports are wrong: {first}", wrong.len(), ledger.reports.len())),
    };
    let closed = versions(Table::Tills.name(), before.tills.as_ref(), tills, ledger.rows(Table::Tills));
    let writes = closed.and_then(|_| rows_added("receipts", receipts.len(), ledger.members(Collection::Receipts)));
    Ok(Judged { rule, writes })
}

fn members_of_groups(cap: usize, after: &State, ledger: &ShapeLedger) -> Result<Judged, TooLarge> {
    let members = found(after.members.as_ref(), Collection::Members.name())?;
    let groups = by_group(members);
    let mut over: Vec<(i64, usize)> =
        groups.iter().filter(|(_, count)| **count > cap).map(|(group, count)| (*group, *count)).collect();
    over.sort_unstable();
    let named: Vec<String> = over.iter().map(|(group, count)| format!("group {group} has {count} members")).collect();
    let rule = if named.is_empty() {
        Ok(format!("none of {} groups has more than {cap} members", groups.len()))
    } else {
        Err(format!("{}; {cap} are the most", some_of(&named)))
    };
    Ok(Judged { rule, writes: rows_added("members", members.len(), ledger.members(Collection::Members)) })
}

fn fresh(after: &State, ledger: &ShapeLedger) -> Result<Judged, TooLarge> {
    let rows = found(after.fresh.as_ref(), Table::Fresh.name())?;
    let rule = match ledger.first_blind.first() {
        None => Ok("of two neighbors one always saw the other".to_owned()),
        Some(first) => Err(format!(
            "{} times both of two transactions saw nothing of the other, first rows {first} and {}",
            ledger.blind_pairs,
            first + 1
        )),
    };
    Ok(Judged { rule, writes: rows_added("rows", rows.len(), ledger.rows(Table::Fresh)) })
}

fn found<'a, T>(rows: Option<&'a Vec<T>>, table: &'static str) -> Result<&'a Vec<T>, TooLarge> {
    rows.ok_or(TooLarge(table))
}

fn by_group(members: &[Member]) -> HashMap<i64, usize> {
    let mut counts = HashMap::new();
    for member in members {
        *counts.entry(member.group).or_default() += 1;
    }
    counts
}

/// Every write adds one to a version: the versions have grown by what was acknowledged.
fn versions(table: &str, before: Option<&Vec<Account>>, after: &[Account], writes: Writes) -> Result<String, String> {
    let sum = |rows: &[Account]| rows.iter().map(|row| i128::from(row.row.version)).sum::<i128>();
    let grown = sum(after) - before.map_or(0, |before| sum(before));
    applied(&format!("writes to {table}"), grown, writes)
}

fn rows_added(what: &str, count: usize, writes: Writes) -> Result<String, String> {
    applied(what, i128::try_from(count).unwrap_or(i128::MAX), writes)
}

fn applied(what: &str, found: i128, Writes { acknowledged, ambiguous }: Writes) -> Result<String, String> {
    let least = i128::from(acknowledged);
    let most = least + i128::from(ambiguous);
    if (least..=most).contains(&found) {
        Ok(format!("{found} {what}, as acknowledged"))
    } else if found < least {
        Err(format!("{} acknowledged {what} are missing: {found} found, {least} expected", least - found))
    } else {
        Err(format!("{} {what} that nobody acknowledged: {found} found, {most} expected", found - most))
    }
}

fn some_of(all: &[String]) -> String {
    let list = all[..all.len().min(NAMED)].join(", ");
    if all.len() > NAMED { format!("{list}, and {} more", all.len() - NAMED) } else { list }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Attempt, AttemptOutcome, Group, Key, Operation, Phase, Row};

    #[expect(clippy::unnecessary_wraps, reason = "as a state holds them")]
    fn rows(balances: &[(i64, i64)]) -> Option<Vec<Account>> {
        let row = |(id, (balance, version)): (i64, &(i64, i64))| Account {
            id,
            row: Row { balance: *balance, version: *version, writer: 0 },
        };
        Some((1..).zip(balances).map(row).collect())
    }

    fn ledger(attempts: &[(Shape, AttemptOutcome, Vec<Operation>)]) -> ShapeLedger {
        let mut ledger = ShapeLedger::default();
        for (shape, outcome, operations) in attempts {
            ledger.add(&Attempt {
                ticket: 0,
                worker: 0,
                number: 1,
                shape: *shape,
                writer: 1,
                node: 0,
                start: 0,
                end: 1,
                outcome: *outcome,
                phase: Phase::Commit,
                cause: None,
                retry_of: None,
                measured: true,
                in_window: true,
                round_trips: 5,
                operations,
            });
        }
        ledger
    }

    fn judged(shape: Shape, before: &State, after: &State, ledger: &ShapeLedger) -> (Status, String) {
        let mut verdict = Verdict::default();
        judge_shapes(&[shape], 3, before, after, ledger, &mut verdict);
        let check = verdict.checks.pop().expect("one check");
        (check.status, check.detail)
    }

    fn write(table: Table, id: i64) -> Operation {
        Operation::Write { key: Key { table, id }, delta: -100, row: Row::default() }
    }

    #[test]
    fn a_customer_below_zero_and_a_lost_write_are_found() {
        let before = State { pairs: rows(&[(100, 0), (100, 0)]), ..State::default() };
        let done = ledger(&[(Shape::Skew, AttemptOutcome::Committed, vec![write(Table::Pairs, 1)])]);
        let on = |balances: &[(i64, i64)]| {
            judged(Shape::Skew, &before, &State { pairs: rows(balances), ..State::default() }, &done)
        };
        assert_eq!(on(&[(0, 1), (100, 0)]).0, Status::Holds);
        assert_eq!(
            on(&[(-100, 1), (0, 0)]),
            (Status::Violated, "customer 1 has -100; 1 writes to pairs, as acknowledged".to_owned())
        );
        assert_eq!(on(&[(100, 0), (100, 0)]).0, Status::Violated, "the write is gone");
        assert_eq!(on(&[(0, 1), (100, 1)]).0, Status::Violated, "somebody else wrote");
        assert_eq!(judged(Shape::Skew, &before, &State::default(), &done).0, Status::Inconclusive);
    }

    #[test]
    fn a_report_that_missed_a_receipt_is_found() {
        let group = Group { collection: Collection::Receipts, id: 1 << 32 | 5 };
        let state = |receipts: &[i64]| State {
            tills: rows(&[(6, 5)]),
            receipts: Some(receipts.iter().map(|id| Member { id: *id, group: group.id }).collect()),
            ..State::default()
        };
        let before = State { tills: rows(&[(6, 5)]), ..State::default() };
        let done = ledger(&[
            (Shape::Batch, AttemptOutcome::Committed, vec![Operation::Join { group, member: 11 }]),
            (Shape::Batch, AttemptOutcome::Ambiguous, vec![Operation::Join { group, member: 12 }]),
            (Shape::Batch, AttemptOutcome::Aborted, vec![Operation::Join { group, member: 13 }]),
            (Shape::Batch, AttemptOutcome::Committed, vec![Operation::Scan { group, members: vec![11] }]),
        ]);
        assert_eq!(judged(Shape::Batch, &before, &state(&[11]), &done).0, Status::Holds);
        let (status, detail) = judged(Shape::Batch, &before, &state(&[11, 12]), &done);
        assert_eq!(status, Status::Violated);
        assert!(
            detail.starts_with("1 of 1 reports are wrong: till 1, batch 5: a report listed 1 of 2 receipts"),
            "{detail}"
        );
        let silent = ledger(&[(Shape::Batch, AttemptOutcome::Committed, vec![Operation::Join { group, member: 11 }])]);
        assert_eq!(judged(Shape::Batch, &before, &state(&[]), &silent).0, Status::Violated, "the receipt is gone");
    }

    #[test]
    fn a_group_over_its_cap_is_found() {
        let group = Group { collection: Collection::Members, id: 7 };
        let join = |member| (Shape::Cap, AttemptOutcome::Committed, vec![Operation::Join { group, member }]);
        let state = |count: i64| State {
            members: Some((0..count).map(|id| Member { id, group: 7 }).collect()),
            ..State::default()
        };
        let (three, four) = (ledger(&[join(0), join(1), join(2)]), ledger(&[join(0), join(1), join(2), join(3)]));
        assert_eq!(judged(Shape::Cap, &State::default(), &state(3), &three).0, Status::Holds);
        let (status, detail) = judged(Shape::Cap, &State::default(), &state(4), &four);
        assert_eq!(
            (status, detail.as_str()),
            (Status::Violated, "group 7 has 4 members; 3 are the most; 4 members, as acknowledged")
        );
    }

    #[test]
    fn two_that_did_not_see_each_other_are_found() {
        let run = |mine: i64, version| {
            let read = Operation::Read {
                key: Key { table: Table::Fresh, id: mine ^ 1 },
                row: Row { version, ..Row::default() },
            };
            (Shape::Fresh, AttemptOutcome::Committed, vec![write(Table::Fresh, mine), read])
        };
        let after = State { fresh: rows(&[(1, 1), (1, 1)]), ..State::default() };
        let seen = ledger(&[run(6, 0), run(7, 1)]);
        assert_eq!(judged(Shape::Fresh, &State::default(), &after, &seen).0, Status::Holds);
        let blind = ledger(&[run(6, 0), run(7, 0)]);
        let (status, detail) = judged(Shape::Fresh, &State::default(), &after, &blind);
        assert_eq!(status, Status::Violated);
        assert!(detail.contains("first rows 6 and 7"), "{detail}");
    }

    #[test]
    fn a_lost_write_is_named_apart_from_the_rule_which_may_hold() {
        let before = State { pairs: rows(&[(100, 0), (100, 0)]), ..State::default() };
        let after = State { pairs: rows(&[(-100, 0), (0, 0)]), ..State::default() };
        let done = ledger(&[(Shape::Skew, AttemptOutcome::Committed, vec![write(Table::Pairs, 1)])]);
        let names = |after: &State| {
            let mut verdict = Verdict::default();
            judge_shapes(&[Shape::Skew], 3, &before, after, &done, &mut verdict);
            verdict.checks.iter().map(|check| (check.name, check.status)).collect::<Vec<_>>()
        };
        assert_eq!(names(&after), [("skew", Status::Violated), ("shape-writes", Status::Violated)]);
        assert_eq!(names(&before), [("skew", Status::Holds), ("shape-writes", Status::Violated)]);
    }

    #[test]
    fn shards_are_added_up() {
        let (mut one, two) = (
            ledger(&[(Shape::Skew, AttemptOutcome::Committed, vec![write(Table::Pairs, 1)])]),
            ledger(&[(Shape::Skew, AttemptOutcome::Ambiguous, vec![write(Table::Pairs, 2)])]),
        );
        one.merge(two);
        assert_eq!(one.rows(Table::Pairs), Writes { acknowledged: 1, ambiguous: 1 });
    }
}
