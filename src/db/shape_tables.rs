//! Where do the shapes work that have tables of their own? They are made anew for every run, so that it is known what was
//! in them before.

use super::layout::{MEMBER_COLUMNS, ROW_COLUMNS, TRANSFER_COLUMNS, TRANSFERS, Used};
use super::seed::fill;
use super::{Error, Product, Schema, Target};
use crate::history::{Collection, Table};
use crate::plan::{FIRST_BATCH, PORTION, Plan};

/// Makes the tables that the plan's transactions need beside the accounts.
pub async fn make_shape_tables(schema: &Schema<'_>, target: &Target, plan: &Plan) -> Result<(), Error> {
    let used = Used::by(plan);
    for table in [Table::Pairs, Table::Tills, Table::Fresh].into_iter().filter(|table| used.table(*table)) {
        make(schema, table.name(), ROW_COLUMNS).await?;
    }
    for collection in Collection::ALL.into_iter().filter(|collection| used.collection(*collection)) {
        make(schema, collection.name(), MEMBER_COLUMNS).await?;
    }
    if used.transfers {
        make(schema, TRANSFERS, TRANSFER_COLUMNS).await?;
    }
    for (table, rows, balance) in
        [(Table::Pairs, 2 * plan.bank.customers(), PORTION), (Table::Tills, plan.bank.tills(), FIRST_BATCH)]
    {
        if used.table(table) {
            fill(schema, target, table.name(), rows, balance, |_| ()).await?;
            analyze(schema, table.name()).await?;
        }
    }
    Ok(())
}

async fn make(schema: &Schema<'_>, table: &str, columns: &str) -> Result<(), Error> {
    let (control, name) = (schema.control().patient(), schema.table(table));
    control.execute("drop the tables of an earlier run", &format!("DROP TABLE IF EXISTS {name}")).await?;
    control.execute("make a table", &format!("CREATE TABLE {name} ({columns})")).await
}

/// So that autovacuum does not do it at some moment of the run, and with it the plans of the statements change.
pub(super) async fn analyze(schema: &Schema<'_>, table: &str) -> Result<(), Error> {
    if schema.control().server().product != Product::Postgres {
        return Ok(());
    }
    let sql = format!("ANALYZE {}", schema.table(table));
    schema.control().patient().execute("analyze a table", &sql).await
}
