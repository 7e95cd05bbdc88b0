//! Where does the money come from? The accounts, made in parallel batches, or left alone when they are right.

use std::cell::Cell;

use futures_util::future::try_join_all;

use super::layout::ROW_COLUMNS;
use super::shape_tables::analyze;
use super::{Control, Error, Product, Schema, Target};
use crate::plan::Bank;

/// Connections that fill the table at the same time.
const WRITERS: u64 = 4;

/// What was done about the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seeded {
    /// They were right already.
    Kept,
    /// There were none.
    Made,
    /// They were wrong, for this reason, and made anew.
    Rebuilt(String),
}

/// Makes sure that the accounts 1 to n are there and hold the right total. `progress` is told how many rows more have
/// been written.
pub async fn seed(schema: &Schema<'_>, target: &Target, bank: &Bank, progress: impl Fn(u64)) -> Result<Seeded, Error> {
    let done = match wrong(schema, bank).await? {
        None if !bank.fresh => return Ok(Seeded::Kept),
        None => Seeded::Rebuilt("--fresh".to_owned()),
        Some(Wrong::Missing) => Seeded::Made,
        Some(Wrong::Because(reason)) => Seeded::Rebuilt(reason),
    };
    // From here to the end the meta row says that there are no accounts: a seeding that is cut off is seen as such.
    set_meta(schema, 0, 0).await?;
    let control = schema.control().patient();
    let accounts = schema.table("accounts");
    control.execute("drop the old accounts", &format!("DROP TABLE IF EXISTS {accounts}")).await?;
    control.execute("create the accounts", &format!("CREATE TABLE {accounts} ({ROW_COLUMNS})")).await?;
    fill(schema, target, "accounts", bank.accounts, bank.balance, progress).await?;
    analyze(schema, "accounts").await?;
    set_meta(schema, bank.accounts.cast_signed(), bank.balance).await?;
    Ok(done)
}

enum Wrong {
    Missing,
    Because(String),
}

/// What is wrong with the accounts, if anything.
async fn wrong(schema: &Schema<'_>, bank: &Bank) -> Result<Option<Wrong>, Error> {
    let because = |reason: String| Ok(Some(Wrong::Because(reason)));
    let Some(meta) = schema.inspect().await? else { return Ok(Some(Wrong::Missing)) };
    if meta.accounts == 0 {
        return Ok(Some(Wrong::Missing));
    }
    let wanted = bank.accounts.cast_signed();
    if meta.accounts != wanted {
        return because(format!("{} accounts instead of {wanted}", meta.accounts));
    }
    if meta.balance != bank.balance {
        return because(format!("seeded with {} each instead of {}", meta.balance, bank.balance));
    }
    let sql = format!(
        "SELECT count(*)::INT8, coalesce(min(id), 0)::INT8, coalesce(max(id), 0)::INT8, \
         coalesce(min(balance), 0)::INT8, coalesce(sum(balance), 0)::TEXT FROM {}",
        schema.table("accounts")
    );
    let row = match schema.control().patient().row("look at the accounts", &sql, &[]).await {
        Err(Error::Statement { failure, .. }) if failure.cause.sqlstate.as_str() == "42P01" => {
            return because("the table is gone".to_owned());
        }
        answer => answer?,
    };
    let Some(row) = row else { return because("the table is gone".to_owned()) };
    let (count, first, last, lowest): (i64, i64, i64, i64) = (row.get(0), row.get(1), row.get(2), row.get(3));
    let total: String = row.get(4);
    let right = i128::from(wanted) * i128::from(bank.balance);
    if count != wanted || first != 1 || last != wanted {
        because(format!("{count} rows with ids from {first} to {last}"))
    } else if total.parse() != Ok(right) {
        because(format!("a total of {total} instead of {right}"))
    } else if lowest < 0 {
        because(format!("a balance of {lowest}"))
    } else {
        Ok(None)
    }
}

async fn set_meta(schema: &Schema<'_>, accounts: i64, balance: i64) -> Result<(), Error> {
    let meta = schema.table("meta");
    let sql = format!("UPDATE {meta} SET accounts = {accounts}, balance = {balance} WHERE id = 1");
    schema.control().change("note what was seeded", &sql, &[]).await.map(|_| ())
}

/// Gives a table the rows 1 to `rows`: several connections take batches from one counter until there are none left.
pub(super) async fn fill(
    schema: &Schema<'_>,
    target: &Target,
    table: &str,
    rows: u64,
    balance: i64,
    progress: impl Fn(u64),
) -> Result<(), Error> {
    // CockroachDB wants smaller transactions: each row is an intent that has to be resolved.
    let batch = if schema.control().server().product == Product::Postgres { 20_000 } else { 2_000 };
    let (next, table) = (Cell::new(1), schema.table(table));
    let writers = (0..WRITERS.min(rows.div_ceil(batch))).map(async |_| {
        let control = Control::connect(target).await?.patient();
        loop {
            let from = next.get();
            if from > rows {
                return Ok(());
            }
            let to = rows.min(from + batch - 1);
            next.set(to + 1);
            let sql = format!(
                "INSERT INTO {table} (id, balance, version, writer) \
                 SELECT id, {balance}, 0, 0 FROM generate_series({from}, {to}) AS series (id)"
            );
            control.execute("fill a table", &sql).await?;
            progress(to - from + 1);
        }
    });
    try_join_all(writers).await.map(|_: Vec<()>| ())
}
