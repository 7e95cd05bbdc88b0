//! How are balances shown? Every account of a small bank, the sums and the largest accounts of a large one.

use super::style::Style;
use super::table::{Align, Table};
use super::units;
use crate::history::{Account, Snapshot};

/// Up to so many accounts are shown one by one.
const ONE_BY_ONE: usize = 50;
/// Of more, so many of the largest.
const LARGEST: usize = 10;

/// The accounts as text; `largest` is used where the snapshot holds only sums.
#[must_use]
pub fn render(snapshot: &Snapshot, largest: &[Account]) -> String {
    let sums = sums(snapshot);
    match &snapshot.accounts {
        Some(accounts) if accounts.len() <= ONE_BY_ONE => format!("{}\n{sums}", list(accounts)),
        Some(accounts) => {
            let mut sorted = accounts.clone();
            sorted.sort_by_key(|account| (std::cmp::Reverse(account.row.balance), account.id));
            sorted.truncate(LARGEST);
            format!("{sums}\nThe largest:\n{}", list(&sorted))
        }
        None => format!("{sums}\nThe largest:\n{}", list(largest)),
    }
}

fn list(accounts: &[Account]) -> String {
    let mut table = Table::new([Align::Right(0), Align::Right(0), Align::Right(0)]);
    table.row(["account", "balance", "version"].map(Into::into));
    for account in accounts {
        let Account { id, row } = account;
        table.row([id.to_string(), row.balance.to_string(), row.version.to_string()].map(Into::into));
    }
    table.lines(Style::default()).join("\n") + "\n"
}

fn sums(snapshot: &Snapshot) -> String {
    let Snapshot { count, total, versions, lowest, highest, accounts: _ } = snapshot;
    let accounts = units::counted(*count, "account");
    format!("{accounts}: {total} in all, {lowest} to {highest} each; {versions} writes since they were seeded\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Row;

    fn bank(accounts: i64) -> Snapshot {
        let account = |id| Account { id, row: Row { balance: 10 * id, version: 1, writer: 0 } };
        Snapshot::of((1..=accounts).map(account).collect())
    }

    #[test]
    fn a_small_bank_is_listed_and_a_large_one_is_summed_up() {
        let small = render(&bank(2), &[]);
        assert_eq!(
            small,
            "  account  balance  version\n        1       10        1\n        2       20        1\n\n\
             2 accounts: 30 in all, 10 to 20 each; 2 writes since they were seeded\n"
        );
        let large = render(&bank(60), &[]);
        assert!(large.starts_with("60 accounts: 18300 in all, 10 to 600 each;"), "{large}");
        assert_eq!(large.lines().count(), 14, "{large}");
    }
}
