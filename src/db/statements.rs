//! How is a statement run that was prepared? By the driver, in the extended protocol, with its values in binary.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement as Prepared};

use super::call::Call;
use super::{Failure, Statement};
use crate::plan::{Flight, SchemaName};

/// The prepared statements of one connection.
#[derive(Debug, Default)]
pub(super) struct Statements([Option<Prepared>; Call::COUNT]);

impl Statements {
    /// Prepares these.
    pub(super) async fn prepare(client: &Client, schema: &SchemaName, calls: &[Call]) -> Result<Self, Failure> {
        let mut made = Self::default();
        for call in calls {
            made.0[call.index()] = Some(client.prepare(&call.sql(schema, Flight::Sequential)).await?);
        }
        Ok(made)
    }

    /// Runs a statement of a transaction body, and puts what it answers into the cells.
    pub(super) async fn run(&self, client: &Client, statement: Statement, cells: &mut Vec<i64>) -> Result<(), Failure> {
        let Statement::Access { access, writer } = statement else { return Err(not_prepared()) };
        let (call, values) = Call::of(access, writer);
        let prepared = self.0[call.index()].as_ref().ok_or_else(not_prepared)?;
        let values = values.as_slice().iter().map(|value| value as &(dyn ToSql + Sync));
        let mut rows = pin!(client.query_raw(prepared, values).await?);
        while let Some(row) = rows.try_next().await? {
            for column in 0..row.len() {
                cells.push(row.try_get(column)?);
            }
        }
        Ok(())
    }
}

/// The mix asks for no other statements than those it was prepared for.
pub(super) fn not_prepared() -> Failure {
    Failure::unexpected_answer("a statement that was not prepared for this mix")
}
