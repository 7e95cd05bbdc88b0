//! What are the tutorial's accounts? Two rows, made, read and deleted.

use tokio_postgres::Client;

use super::{Error, Tutorial, failed};
use crate::db::Product;

impl Tutorial<'_> {
    /// The table, and account 1 with 1000 and account 2 with 250.
    pub async fn create_accounts(&self, client: &Client) -> Result<(), Error> {
        let table = &self.table;
        let create = format!("CREATE TABLE IF NOT EXISTS {table} (id INT PRIMARY KEY, balance INT)");
        client.batch_execute(&create).await.map_err(failed("create the tutorial's accounts"))?;
        let rows = "(id, balance) VALUES (1, 1000), (2, 250)";
        let upsert = match self.product {
            Product::Cockroach => format!("UPSERT INTO {table} {rows}"),
            _ => format!("INSERT INTO {table} {rows} ON CONFLICT (id) DO UPDATE SET balance = excluded.balance"),
        };
        let changed = client.execute(&upsert, &[]).await.map_err(failed("fill the tutorial's accounts"))?;
        self.status("create_accounts", &format!("INSERT 0 {changed}"));
        Ok(())
    }

    /// Id and balance of every account, for `print_balances`. In order, which the tutorial leaves to chance.
    pub async fn balances(&self, client: &Client) -> Result<Vec<(i64, i64)>, Error> {
        let sql = format!("SELECT id::INT8, balance::INT8 FROM {} ORDER BY id", self.table);
        let rows = client.query(&sql, &[]).await.map_err(failed("read the tutorial's accounts"))?;
        self.status("print_balances", &format!("SELECT {}", rows.len()));
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, _>>()
            .map_err(failed("read the tutorial's accounts"))
    }

    /// The rows; the table stays.
    pub async fn delete_accounts(&self, client: &Client) -> Result<(), Error> {
        let sql = format!("DELETE FROM {}", self.table);
        let changed = client.execute(&sql, &[]).await.map_err(failed("delete the tutorial's accounts"))?;
        self.status("delete_accounts", &format!("DELETE {changed}"));
        Ok(())
    }
}
