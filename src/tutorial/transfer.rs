//! How is money moved? Check the balance, debit, credit, in one transaction.

use tokio_postgres::{Client, Transaction};

use super::{Error, GaveUp, Tutorial};
use crate::transaction::BodyError;

/// The business rule says no.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("Insufficient funds in {account}: have {have}, need {need}")]
struct InsufficientFunds {
    account: i64,
    have: i64,
    need: i64,
}

impl Tutorial<'_> {
    /// `run_transaction(conn, lambda conn: transfer_funds(conn, frm, to, amount))`: answers with the attempt that committed.
    pub async fn transfer_funds(
        &self,
        client: &mut Client,
        from: i64,
        to: i64,
        amount: i64,
    ) -> Result<Result<u32, GaveUp>, Error> {
        let body = async |transaction: &Transaction<'_>| self.transfer(transaction, from, to, amount).await;
        self.run_transaction("transfer the funds", client, body).await
    }

    /// The tutorial's `transfer_funds`. The casts are for PostgreSQL, where INT is not INT8.
    async fn transfer(&self, transaction: &Transaction<'_>, from: i64, to: i64, need: i64) -> Result<(), BodyError> {
        let table = &self.table;
        let check = format!("SELECT balance::INT8 FROM {table} WHERE id = $1::INT8");
        let have: i64 = transaction.query_one(&check, &[&from]).await?.try_get(0)?;
        if have < need {
            return Err(InsufficientFunds { account: from, have, need }.into());
        }
        let debit = format!("UPDATE {table} SET balance = balance - $1::INT8 WHERE id = $2::INT8");
        transaction.execute(&debit, &[&need, &from]).await?;
        let credit = format!("UPDATE {table} SET balance = balance + $1::INT8 WHERE id = $2::INT8");
        let changed = transaction.execute(&credit, &[&need, &to]).await?;
        self.status("transfer_funds", &format!("UPDATE {changed}"));
        Ok(())
    }
}
