//! Which SQL do transactions send? Prepared once per connection, and only what the mix has a use for.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row as Found, Statement};

use super::{Answer, Failure};
use crate::history::{Access, Collection, Group, Key, Row, Shape, Table};
use crate::plan::SchemaName;

/// Which statements are prepared.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    read: [bool; 4],
    add: [bool; 4],
    set: bool,
    insert: bool,
    collection: [bool; 2],
    post: bool,
}

impl Wanted {
    /// What transactions of these shapes send; transfers are posted to the ledger table, or not.
    fn of(shapes: &[Shape], ledger: bool) -> Self {
        let mut wanted = Self::default();
        for shape in shapes {
            wanted.shape(*shape);
            wanted.post |= ledger && matches!(shape, Shape::Transfer | Shape::Absolute | Shape::Peek);
        }
        wanted
    }

    fn shape(&mut self, shape: Shape) {
        let Self { read, add, set, insert, collection, post: _ } = self;
        match shape {
            Shape::Transfer | Shape::Peek => {
                read[Table::Accounts as usize] = true;
                add[Table::Accounts as usize] = true;
            }
            Shape::Absolute => {
                read[Table::Accounts as usize] = true;
                *set = true;
            }
            Shape::Audit => read[Table::Accounts as usize] = true,
            Shape::Skew => {
                read[Table::Pairs as usize] = true;
                add[Table::Pairs as usize] = true;
            }
            Shape::Batch => {
                read[Table::Tills as usize] = true;
                add[Table::Tills as usize] = true;
                collection[Collection::Receipts as usize] = true;
            }
            Shape::Cap => collection[Collection::Members as usize] = true,
            Shape::Fresh => {
                read[Table::Fresh as usize] = true;
                *insert = true;
            }
        }
    }
}

/// The prepared statements of one connection.
#[derive(Debug, Default)]
pub(super) struct Statements {
    read: [Option<Statement>; 4],
    add: [Option<Statement>; 4],
    set: Option<Statement>,
    insert: Option<Statement>,
    scan: [Option<Statement>; 2],
    join: [Option<Statement>; 2],
    post: Option<Statement>,
}

impl Statements {
    /// Prepares what transactions of these shapes send.
    pub(super) async fn prepare(
        client: &Client,
        schema: &SchemaName,
        shapes: &[Shape],
        ledger: bool,
    ) -> Result<Self, tokio_postgres::Error> {
        let wanted = Wanted::of(shapes, ledger);
        let mut made = Self::default();
        for table in Table::ALL {
            let name = format!("\"{schema}\".{table}");
            if wanted.read[table as usize] {
                let sql = format!("SELECT balance, version, writer FROM {name} WHERE id = $1");
                made.read[table as usize] = Some(client.prepare(&sql).await?);
            }
            if wanted.add[table as usize] {
                made.add[table as usize] = Some(client.prepare(&update(&name, "balance + $2")).await?);
            }
        }
        if wanted.set {
            made.set = Some(client.prepare(&update(&format!("\"{schema}\".{}", Table::Accounts), "$2")).await?);
        }
        if wanted.insert {
            let sql = format!(
                "INSERT INTO \"{schema}\".{} (id, balance, version, writer) VALUES ($1, 1, 1, $2)",
                Table::Fresh
            );
            made.insert = Some(client.prepare(&sql).await?);
        }
        for collection in Collection::ALL.into_iter().filter(|collection| wanted.collection[*collection as usize]) {
            let name = format!("\"{schema}\".{collection}");
            let scan = client.prepare(&format!("SELECT id FROM {name} WHERE grp = $1")).await?;
            let join = client.prepare(&format!("INSERT INTO {name} (id, grp) VALUES ($1, $2)")).await?;
            (made.scan[collection as usize], made.join[collection as usize]) = (Some(scan), Some(join));
        }
        if wanted.post {
            let sql = format!(
                "INSERT INTO \"{schema}\".transfers (writer, ticket, source, target, amount) VALUES ($1, $2, $3, $4, $5)"
            );
            made.post = Some(client.prepare(&sql).await?);
        }
        Ok(made)
    }

    /// Runs one statement of a transaction body.
    pub(super) async fn run(&self, client: &Client, access: Access, writer: i64) -> Result<Answer, Failure> {
        match access {
            Access::Read { key } => {
                let found = one(client, self.read[key.table as usize].as_ref(), &[&key.id]).await?;
                match found {
                    Some(row) => row_read(&row),
                    None if key.table == Table::Fresh => Ok(Answer::Row(Row::default())),
                    None => Err(Failure::missing_row(key)),
                }
            }
            Access::Add { key, delta } => {
                self.update(client, self.add[key.table as usize].as_ref(), key, delta, writer).await
            }
            Access::Set { key, to, .. } => self.update(client, self.set.as_ref(), key, to, writer).await,
            Access::Insert { key } => {
                change(client, self.insert.as_ref(), &[&key.id, &writer]).await?;
                Ok(Answer::Row(Row { balance: 1, version: 1, writer }))
            }
            Access::Scan { group } => self.scan(client, group).await,
            Access::Join { group } => {
                change(client, self.join[group.collection as usize].as_ref(), &[&writer, &group.id]).await
            }
            Access::Post { ticket, from, to, amount } => {
                let ticket = ticket.cast_signed();
                change(client, self.post.as_ref(), &[&writer, &ticket, &from, &to, &amount]).await
            }
        }
    }

    async fn update(
        &self,
        client: &Client,
        statement: Option<&Statement>,
        key: Key,
        value: i64,
        writer: i64,
    ) -> Result<Answer, Failure> {
        let row = one(client, statement, &[&key.id, &value, &writer]).await?;
        let row = row.ok_or_else(|| Failure::missing_row(key))?;
        Ok(Answer::Row(Row { balance: row.try_get(0)?, version: row.try_get(1)?, writer }))
    }

    async fn scan(&self, client: &Client, group: Group) -> Result<Answer, Failure> {
        let statement = prepared(self.scan[group.collection as usize].as_ref())?;
        let rows = client.query(statement, &[&group.id]).await?;
        let ids: Result<Vec<i64>, _> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(Answer::Members(ids?))
    }
}

fn update(table: &str, value: &str) -> String {
    format!(
        "UPDATE {table} SET balance = {value}, version = version + 1, writer = $3 WHERE id = $1 \
         RETURNING balance, version"
    )
}

fn row_read(row: &Found) -> Result<Answer, Failure> {
    Ok(Answer::Row(Row { balance: row.try_get(0)?, version: row.try_get(1)?, writer: row.try_get(2)? }))
}

async fn one(
    client: &Client,
    statement: Option<&Statement>,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Option<Found>, Failure> {
    Ok(client.query_opt(prepared(statement)?, values).await?)
}

async fn change(
    client: &Client,
    statement: Option<&Statement>,
    values: &[&(dyn ToSql + Sync)],
) -> Result<Answer, Failure> {
    client.execute(prepared(statement)?, values).await?;
    Ok(Answer::Done)
}

/// The mix asks for no other statements than those it was prepared for.
fn prepared(statement: Option<&Statement>) -> Result<&Statement, Failure> {
    statement.ok_or_else(|| Failure::unexpected_answer("a statement that was not prepared for this mix"))
}
