//! What do all tables of a run hold? Read while nothing writes, before the load and after it.

use tokio_postgres::{Error as DriverError, Row as Found};

use super::layout::{TRANSFERS, Used};
use super::snapshot::{account, snapshot};
use super::{Error, Schema};
use crate::history::{Account, Collection, Member, Posted, State, Table};
use crate::plan::Plan;

/// Tables of the shapes up to this many rows are read; 16 to 40 bytes each here.
pub(super) const READ_WHOLE: i64 = 5_000_000;
/// What the statements are for.
const READ: &str = "read the tables";

/// Reads the accounts, and the tables that the plan's shapes work with.
pub async fn state(schema: &Schema<'_>, plan: &Plan) -> Result<State, Error> {
    let used = Used::by(plan);
    let mut state = State { accounts: snapshot(schema).await?, ..State::default() };
    for (table, rows) in
        [(Table::Pairs, &mut state.pairs), (Table::Tills, &mut state.tills), (Table::Fresh, &mut state.fresh)]
    {
        if used.table(table) {
            *rows = accounts_of(schema, table).await?;
        }
    }
    for (collection, rows) in [(Collection::Receipts, &mut state.receipts), (Collection::Members, &mut state.members)] {
        if used.collection(collection) {
            *rows = members_of(schema, collection).await?;
        }
    }
    if used.transfers {
        state.transfers = transfers(schema).await?;
    }
    Ok(state)
}

/// Every row of a table, unless there are too many.
async fn rows<T>(
    schema: &Schema<'_>,
    table: &str,
    columns: &str,
    read: impl Fn(&Found) -> Result<T, DriverError>,
) -> Result<Option<Vec<T>>, Error> {
    let (control, table) = (schema.control().patient(), schema.table(table));
    let count = control.row(READ, &format!("SELECT count(*)::INT8 FROM {table}"), &[]).await?;
    if count.map_or(0, |row| row.get::<_, i64>(0)) > READ_WHOLE {
        return Ok(None);
    }
    control.collect(READ, &format!("SELECT {columns} FROM {table}"), read).await.map(Some)
}

/// In the order of their ids.
async fn accounts_of(schema: &Schema<'_>, table: Table) -> Result<Option<Vec<Account>>, Error> {
    let mut found = rows(schema, table.name(), "id, balance, version, writer", account).await?;
    if let Some(rows) = &mut found {
        rows.sort_unstable_by_key(|row| row.id);
    }
    Ok(found)
}

async fn members_of(schema: &Schema<'_>, collection: Collection) -> Result<Option<Vec<Member>>, Error> {
    let member = |row: &Found| Ok(Member { id: row.try_get(0)?, group: row.try_get(1)? });
    rows(schema, collection.name(), "id, grp", member).await
}

async fn transfers(schema: &Schema<'_>) -> Result<Option<Vec<Posted>>, Error> {
    let posted = |row: &Found| {
        Ok(Posted {
            writer: row.try_get(0)?,
            ticket: row.try_get(1)?,
            from: row.try_get(2)?,
            to: row.try_get(3)?,
            amount: row.try_get(4)?,
        })
    };
    rows(schema, TRANSFERS, "writer, ticket, source, target, amount", posted).await
}
