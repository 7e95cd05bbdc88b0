//! What do all tables of a run hold? Read while nothing writes, before the load and after it.

use tokio_postgres::{Error as DriverError, Row as Found};

use super::layout::{TRANSFERS, Used};
use super::snapshot::{account, snapshot};
use super::{Error, Schema};
use crate::history::{Account, Collection, Member, Posted, State, Table};
use crate::plan::Plan;

/// Tables of the shapes up to this many rows are read; 16 to 40 bytes each here.
const READ_WHOLE: i64 = 5_000_000;
/// What the statements are for.
const READ: &str = "read the tables";

/// Reads the accounts, and the tables that the plan's shapes work with.
pub async fn state(schema: &Schema<'_>, plan: &Plan) -> Result<State, Error> {
    let used = Used::by(plan);
    let rows = async |table: Table| match used.table(table) {
        true => rows(schema, table.name(), "id, balance, version, writer", account).await,
        false => Ok(None),
    };
    let members = async |collection: Collection| match used.collection(collection) {
        true => rows_of(schema, collection).await,
        false => Ok(None),
    };
    Ok(State {
        accounts: snapshot(schema).await?,
        pairs: sorted(rows(Table::Pairs).await?),
        tills: sorted(rows(Table::Tills).await?),
        fresh: sorted(rows(Table::Fresh).await?),
        receipts: members(Collection::Receipts).await?,
        members: members(Collection::Members).await?,
        transfers: if used.transfers { transfers(schema).await? } else { None },
    })
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

async fn rows_of(schema: &Schema<'_>, collection: Collection) -> Result<Option<Vec<Member>>, Error> {
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

fn sorted(mut rows: Option<Vec<Account>>) -> Option<Vec<Account>> {
    rows.iter_mut().for_each(|rows| rows.sort_unstable_by_key(|row| row.id));
    rows
}
