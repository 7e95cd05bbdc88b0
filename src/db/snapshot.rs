//! What do the accounts hold now? One statement, so one snapshot.

use super::{Error, Failure, Product, Schema};
use crate::history::{Account, Row, Snapshot};

/// Tables up to this size are read whole: 32 bytes an account here, and a second or so of reading.
pub(super) const READ_WHOLE: i64 = 1_000_000;
/// What the statements are for.
const READ: &str = "read the balances";

/// Reads the accounts: every one of them, or their sums where there are more than a million.
pub async fn snapshot(schema: &Schema<'_>) -> Result<Snapshot, Error> {
    let sums = read_sums(schema).await?;
    if i64::try_from(sums.count).unwrap_or(i64::MAX) > READ_WHOLE {
        return Ok(sums);
    }
    read_whole(schema).await.map(Snapshot::of)
}

async fn read_sums(schema: &Schema<'_>) -> Result<Snapshot, Error> {
    let sql = format!(
        "SELECT count(*)::INT8, coalesce(sum(balance), 0)::TEXT, coalesce(sum(version), 0)::TEXT, \
         coalesce(min(balance), 0)::INT8, coalesce(max(balance), 0)::INT8 FROM {}",
        schema.table("accounts")
    );
    let row = schema.control().patient().row(READ, &sql, &[]).await?;
    let Some(row) = row else { return Ok(Snapshot::default()) };
    let sum = |column: usize| {
        let text: String = row.get(column);
        let unreadable =
            |_| Error::Statement { doing: READ, failure: Failure::unexpected_answer("a sum that is no number") };
        text.parse::<i128>().map_err(unreadable)
    };
    let count: i64 = row.get(0);
    Ok(Snapshot {
        count: count.unsigned_abs(),
        total: sum(1)?,
        versions: sum(2)?,
        lowest: row.get(3),
        highest: row.get(4),
        accounts: None,
    })
}

async fn read_whole(schema: &Schema<'_>) -> Result<Vec<Account>, Error> {
    let sql = format!("SELECT id, balance, version, writer FROM {}", schema.table("accounts"));
    schema.control().patient().collect(READ, &sql, account).await
}

pub(super) fn account(row: &tokio_postgres::Row) -> Result<Account, tokio_postgres::Error> {
    let columns = Row { balance: row.try_get(1)?, version: row.try_get(2)?, writer: row.try_get(3)? };
    Ok(Account { id: row.try_get(0)?, row: columns })
}

/// The accounts with the most money, most first.
pub async fn largest_accounts(schema: &Schema<'_>, count: u32) -> Result<Vec<Account>, Error> {
    let sql = format!(
        "SELECT id, balance, version, writer FROM {} ORDER BY balance DESC, id LIMIT {count}",
        schema.table("accounts")
    );
    schema.control().patient().collect("read the largest balances", &sql, account).await
}

/// Whether PostgreSQL holds a predicate lock on the whole accounts table just now: then every transfer conflicts with
/// every other.
pub async fn relation_locks(schema: &Schema<'_>) -> Result<bool, Error> {
    if schema.control().server().product != Product::Postgres {
        return Ok(false);
    }
    let sql = format!(
        "SELECT 1 FROM pg_catalog.pg_locks WHERE mode = 'SIReadLock' AND page IS NULL AND relation = '{}'::regclass \
         LIMIT 1",
        schema.table("accounts")
    );
    Ok(schema.control().row("look for relation locks", &sql, &[]).await?.is_some())
}
