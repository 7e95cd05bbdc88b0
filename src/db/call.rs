//! Which SQL do transactions send? Every statement of a body, by what it is called with: whole numbers alone.

use crate::history::{Access, Collection, Shape, Table};
use crate::plan::{Flight, SchemaName};

/// A statement that is the same each time but for its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Read(Table),
    Add(Table),
    Set,
    Insert,
    Scan(Collection),
    Join(Collection),
    Post,
    Move,
}

/// What a statement is called with: `$1`, `$2`, ..
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Values {
    values: [i64; 5],
    count: usize,
}

impl Values {
    fn of<const N: usize>(given: [i64; N]) -> Self {
        let mut values = [0; 5];
        values[..N].copy_from_slice(&given);
        Self { values, count: N }
    }

    pub(super) fn as_slice(&self) -> &[i64] {
        &self.values[..self.count]
    }
}

impl Call {
    /// How many there are.
    pub(super) const COUNT: usize = 16;

    /// What transactions of these shapes send; transfers are posted to the ledger table, or not.
    pub(super) fn wanted(shapes: &[Shape], flight: Flight, ledger: bool) -> Vec<Self> {
        let mut wanted = Vec::new();
        for shape in shapes {
            wanted.extend(match shape {
                Shape::Transfer | Shape::Peek => vec![Self::Read(Table::Accounts), Self::Add(Table::Accounts)],
                Shape::Absolute => vec![Self::Read(Table::Accounts), Self::Set],
                Shape::Audit => vec![Self::Read(Table::Accounts)],
                Shape::Skew => vec![Self::Read(Table::Pairs), Self::Add(Table::Pairs)],
                Shape::Batch => {
                    let receipts = Collection::Receipts;
                    vec![Self::Read(Table::Tills), Self::Add(Table::Tills), Self::Scan(receipts), Self::Join(receipts)]
                }
                Shape::Cap => vec![Self::Scan(Collection::Members), Self::Join(Collection::Members)],
                Shape::Fresh => vec![Self::Read(Table::Fresh), Self::Insert],
            });
            let moves = flight == Flight::Single && matches!(shape, Shape::Transfer | Shape::Peek);
            wanted.extend(moves.then_some(Self::Move));
            let posts = ledger && matches!(shape, Shape::Transfer | Shape::Absolute | Shape::Peek);
            wanted.extend(posts.then_some(Self::Post));
        }
        wanted.sort_unstable_by_key(|call| call.index());
        wanted.dedup();
        wanted
    }

    /// Its place in a list of [`Self::COUNT`].
    pub(super) fn index(self) -> usize {
        match self {
            Self::Read(table) => table as usize,
            Self::Add(table) => 4 + table as usize,
            Self::Set => 8,
            Self::Insert => 9,
            Self::Scan(collection) => 10 + collection as usize,
            Self::Join(collection) => 12 + collection as usize,
            Self::Post => 14,
            Self::Move => 15,
        }
    }

    /// Which statement does this, and with which values.
    pub(super) fn of(access: Access, writer: i64) -> (Self, Values) {
        match access {
            Access::Read { key } => (Self::Read(key.table), Values::of([key.id])),
            Access::Add { key, delta } => (Self::Add(key.table), Values::of([key.id, delta, writer])),
            Access::Set { key, to, .. } => (Self::Set, Values::of([key.id, to, writer])),
            Access::Insert { key } => (Self::Insert, Values::of([key.id, writer])),
            Access::Scan { group } => (Self::Scan(group.collection), Values::of([group.id])),
            Access::Join { group } => (Self::Join(group.collection), Values::of([writer, group.id])),
            Access::Post { ticket, from, to, amount } => {
                (Self::Post, Values::of([writer, ticket.cast_signed(), from, to, amount]))
            }
            Access::Move { from, to, amount } => (Self::Move, Values::of([from, to, amount, writer])),
        }
    }

    /// How many values it has.
    pub(super) fn arity(self) -> usize {
        match self {
            Self::Read(_) | Self::Scan(_) => 1,
            Self::Insert | Self::Join(_) => 2,
            Self::Add(_) | Self::Set => 3,
            Self::Move => 4,
            Self::Post => 5,
        }
    }

    /// The statement, with `$1` for its first value. Every row that is written counts its version up.
    pub(super) fn sql(self, schema: &SchemaName, flight: Flight) -> String {
        let update = |table, value| {
            format!(
                "UPDATE \"{schema}\".{table} SET balance = {value}, version = version + 1, writer = $3 WHERE id = $1 \
                 RETURNING balance, version"
            )
        };
        match self {
            Self::Read(table) => format!("SELECT balance, version, writer FROM \"{schema}\".{table} WHERE id = $1"),
            Self::Add(table) => update(table, "balance + $2"),
            Self::Set => update(Table::Accounts, "$2"),
            Self::Insert => {
                let table = Table::Fresh;
                format!("INSERT INTO \"{schema}\".{table} (id, balance, version, writer) VALUES ($1, 1, 1, $2)")
            }
            Self::Scan(collection) => format!("SELECT id FROM \"{schema}\".{collection} WHERE grp = $1"),
            Self::Join(collection) => format!("INSERT INTO \"{schema}\".{collection} (id, grp) VALUES ($1, $2)"),
            // In one flight nobody knows yet whether the money was there: whether this transaction has signed the source
            // says so.
            Self::Post if flight == Flight::Single => format!(
                "INSERT INTO \"{schema}\".transfers (writer, ticket, source, target, amount) \
                 SELECT $1::INT8, $2::INT8, $3::INT8, $4::INT8, $5::INT8 \
                 WHERE EXISTS (SELECT 1 FROM \"{schema}\".accounts WHERE id = $3 AND writer = $1)"
            ),
            Self::Post => format!(
                "INSERT INTO \"{schema}\".transfers (writer, ticket, source, target, amount) VALUES ($1, $2, $3, $4, $5)"
            ),
            // One statement, not two: were the credit a statement of its own, it would run behind a debit that finds no
            // money, and make some.
            Self::Move => format!(
                "UPDATE \"{schema}\".accounts SET balance = CASE id WHEN $1 THEN balance - $3 ELSE balance + $3 END, \
                 version = version + 1, writer = $4 \
                 WHERE id IN ($1, $2) AND (SELECT balance FROM \"{schema}\".accounts WHERE id = $1) >= $3 \
                 RETURNING id, balance, version"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_has_a_place_of_its_own_and_all_its_values() {
        let all = Call::wanted(&Shape::ALL, Flight::Single, true);
        let places: Vec<usize> = all.iter().map(|call| call.index()).collect();
        // Pairs, tills and accounts are added to, fresh is not.
        let expected: Vec<usize> = (0..Call::COUNT).filter(|place| *place != 4 + Table::Fresh as usize).collect();
        assert_eq!(places, expected);
        for call in all {
            for flight in [Flight::Sequential, Flight::Single] {
                let sql = call.sql(&SchemaName::default(), flight);
                let has = |number: usize| sql.contains(&format!("${number}"));
                assert!((1..=call.arity()).all(has) && !has(call.arity() + 1), "{sql}");
            }
        }
    }

    #[test]
    fn only_what_a_mix_has_a_use_for_is_wanted() {
        let wanted = |flight, ledger| Call::wanted(&[Shape::Transfer], flight, ledger);
        let transfer = [Call::Read(Table::Accounts), Call::Add(Table::Accounts)];
        assert_eq!(wanted(Flight::Pipelined, false), transfer);
        assert_eq!(wanted(Flight::Single, true)[2..], [Call::Post, Call::Move]);
    }
}
