//! What does the server's answer to a statement mean? Numbers, row by row, made into what was asked for.

use super::{Answer, Failure, Statement};
use crate::history::{Access, Key, Row, Table};

/// What a statement was answered: all rows, one behind the other. `cells` is all numbers of them.
pub(super) fn answer(statement: Statement, cells: &[i64]) -> Result<Answer, Failure> {
    let Some((access, writer)) = statement.access() else { return Ok(Answer::Done) };
    match access {
        Access::Read { key } => match *cells {
            [balance, version, writer] => Ok(Answer::Row(Row { balance, version, writer })),
            [] if key.table == Table::Fresh => Ok(Answer::Row(Row::default())),
            _ => Err(Failure::missing_row(key)),
        },
        Access::Add { key, .. } | Access::Set { key, .. } => match *cells {
            [balance, version] => Ok(Answer::Row(Row { balance, version, writer })),
            _ => Err(Failure::missing_row(key)),
        },
        Access::Insert { .. } => Ok(Answer::Row(Row { balance: 1, version: 1, writer })),
        Access::Scan { .. } => Ok(Answer::Members(cells.to_vec())),
        Access::Join { .. } | Access::Post { .. } => Ok(Answer::Done),
        Access::Move { from, to, .. } => moved(cells, [from, to], writer).map(Answer::Moved),
    }
}

/// The two rows of a move, the source's first. None when there was not enough money.
fn moved(cells: &[i64], accounts: [i64; 2], writer: i64) -> Result<Option<[Row; 2]>, Failure> {
    if cells.is_empty() {
        return Ok(None);
    }
    let row = |account: i64| {
        let found = cells.chunks(3).find(|cells| cells[0] == account);
        match found {
            Some(&[_, balance, version]) => Ok(Row { balance, version, writer }),
            _ => Err(Failure::missing_row(Key::account(account))),
        }
    };
    Ok(Some([row(accounts[0])?, row(accounts[1])?]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(access: Access, cells: &[i64]) -> Result<Answer, String> {
        answer(Statement::Access { access, writer: 9 }, cells).map_err(|failure| failure.message)
    }

    #[test]
    fn a_row_that_is_not_there_is_missed_except_in_fresh() {
        let (account, fresh) = (Key::account(3), Key { table: Table::Fresh, id: 3 });
        let row = |balance, version, writer| Ok(Answer::Row(Row { balance, version, writer }));
        assert_eq!(of(Access::Read { key: account }, &[7, 1, 5]), row(7, 1, 5));
        assert_eq!(of(Access::Read { key: fresh }, &[]), row(0, 0, 0));
        assert_eq!(of(Access::Add { key: account, delta: 2 }, &[9, 2]), row(9, 2, 9));
        for access in [Access::Read { key: account }, Access::Add { key: account, delta: 2 }] {
            assert!(of(access, &[]).unwrap_err().contains("row 3 of accounts does not exist"));
        }
    }

    #[test]
    fn a_move_is_two_rows_or_none() {
        let access = Access::Move { from: 5, to: 2, amount: 10 };
        let row = |balance, version| Row { balance, version, writer: 9 };
        let both = Answer::Moved(Some([row(90, 4), row(110, 8)]));
        assert_eq!(of(access, &[2, 110, 8, 5, 90, 4]), Ok(both));
        assert_eq!(of(access, &[]), Ok(Answer::Moved(None)));
        assert!(of(access, &[5, 90, 4]).unwrap_err().contains("row 2"));
    }
}
