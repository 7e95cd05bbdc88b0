//! How often did what happen? The counts, what retries and failures were caused by, and how many attempts it took.

use super::page::Page;
use super::shares::{COUNT, NAME, Part, SHARE, shares};
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{count, ratio, share};
use crate::report::wrap::shorten;
use crate::run::{AttemptsBin, CauseCount, Run, SavedCounts};

/// The longest name of a cause that leaves room for its bar.
const CAUSE_WIDTH: usize = 44;

/// Where the bins of attempts per transaction end; one more bin holds the rest.
const LAST_ATTEMPTS: [u64; 10] = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500];

/// The sections.
pub(super) fn show(run: &Run, page: &mut Page) {
    let counts = &run.counts;
    page.heading("Transactions");
    page.table(&transactions(counts));
    let causes = [
        ("Retries by SQLSTATE and reason", &counts.retries_by, counts.retries),
        ("Exhausted by the cause of the last attempt", &counts.exhausted_by, counts.exhausted),
        ("Ambiguous by cause", &counts.ambiguous_by, counts.ambiguous),
        ("Failed by cause", &counts.failed_by, counts.failed),
    ];
    for (title, causes, whole) in causes {
        if !causes.is_empty() {
            page.heading(title);
            page.table(&shares(causes.iter().map(cause).collect(), whole as f64));
        }
    }
    if counts.retries > 0 {
        page.heading("Attempts per transaction");
        page.table(&shares(attempts(&run.attempts_per_transaction), counts.transactions as f64));
    }
}

fn transactions(counts: &SavedCounts) -> Table {
    let mut table = Table::new([Align::Left(NAME), Align::Right(COUNT), Align::Right(SHARE), Align::Left(0)]);
    let outcomes = [
        ("committed", counts.committed),
        ("declined", counts.declined),
        ("exhausted", counts.exhausted),
        ("ambiguous", counts.ambiguous),
        ("failed", counts.failed),
        ("all transactions", counts.transactions),
    ];
    for (name, number) in outcomes {
        let share = share(number as f64, counts.transactions as f64);
        table.row([name, &count(number), &share].map(Cell::from));
    }
    let per_transaction = format!("{} per transaction", ratio(counts.attempts, counts.transactions));
    let trips = format!("{} per transaction", ratio(counts.round_trips, counts.transactions));
    let per_commit = format!("{} per commit", ratio(counts.retries, counts.committed));
    table.row(["attempts", &count(counts.attempts), "", &per_transaction].map(Cell::from));
    table.row(["retries", &count(counts.retries), "", &per_commit].map(Cell::from));
    table.row(["round trips", &count(counts.round_trips), "", &trips].map(Cell::from));
    table
}

fn cause(cause: &CauseCount) -> Part {
    let name = shorten(&format!("{} {}", cause.sqlstate, cause.reason), CAUSE_WIDTH);
    Part { name, shown: count(cause.count), size: cause.count as f64 }
}

fn attempts(bins: &[AttemptsBin]) -> Vec<Part> {
    let mut groups = [0; LAST_ATTEMPTS.len() + 1];
    for bin in bins {
        groups[LAST_ATTEMPTS.partition_point(|last| *last < bin.attempts)] += bin.transactions;
    }
    let named = groups.iter().enumerate().filter(|(_, transactions)| **transactions > 0);
    named
        .map(|(group, transactions)| Part {
            name: group_name(group),
            shown: count(*transactions),
            size: *transactions as f64,
        })
        .collect()
}

fn group_name(group: usize) -> String {
    let first = if group == 0 { 1 } else { LAST_ATTEMPTS[group - 1] + 1 };
    match LAST_ATTEMPTS.get(group) {
        Some(last) if *last == first => first.to_string(),
        Some(last) => format!("{first} to {last}"),
        None => format!("{first} and more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_grouped() {
        let bins = [(1, 70), (3, 4), (4, 2), (5, 1), (6, 1), (500, 1), (501, 1), (9_000, 2)];
        let bins: Vec<AttemptsBin> = bins
            .iter()
            .map(|(attempts, transactions)| AttemptsBin { attempts: *attempts, transactions: *transactions })
            .collect();
        let shown: Vec<(String, String)> = attempts(&bins).into_iter().map(|part| (part.name, part.shown)).collect();
        let expected =
            [("1", "70"), ("3", "4"), ("4 to 5", "3"), ("6 to 10", "1"), ("201 to 500", "1"), ("501 and more", "3")];
        assert_eq!(shown, expected.map(|(name, shown)| (name.to_owned(), shown.to_owned())));
    }
}
