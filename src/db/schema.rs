//! What is contend's own? Its schema, the tables in it, and the row that proves that contend made them.
//!
//! Nothing that contend did not create is ever changed or dropped: a schema that holds anything else is refused. A table of
//! exactly the name and the columns of one of contend's own, in a schema that contend has made its own, counts as that.

use std::time::Duration;

use super::layout::{Layout, META, TABLES, TUTORIAL};
use super::{Control, Error, Failure, Product};
use crate::plan::SchemaName;

/// The layout of the tables; another one is refused.
const FORMAT: i64 = 1;
/// Written into the meta row.
const MADE_BY: &str = "contend";
/// So often a schema is looked at that others may be making at this moment.
const LOOKS: u32 = 10;
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The schema, seen through a connection.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    control: &'a Control,
    name: &'a SchemaName,
}

/// The meta row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// contend made the schema itself, and so may drop it.
    pub made_schema: bool,
    /// How many accounts were seeded, 0 when the seeding did not end.
    pub accounts: i64,
    /// What each one was given.
    pub balance: i64,
}

impl<'a> Schema<'a> {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(control: &'a Control, name: &'a SchemaName) -> Self {
        Self { control, name }
    }

    /// The connection.
    #[must_use]
    pub fn control(&self) -> &'a Control {
        self.control
    }

    /// The name.
    pub(super) fn name(&self) -> &'a SchemaName {
        self.name
    }

    /// A table's name as SQL wants it.
    pub(super) fn table(&self, table: &str) -> String {
        format!("\"{}\".{table}", self.name)
    }

    /// The meta row, or nothing when contend has made nothing here. Refuses whatever it did not make.
    pub async fn inspect(&self) -> Result<Option<Meta>, Error> {
        let tables = self.contents().await?;
        let has = |name: &str| tables.iter().any(|table| table == name);
        let is_known = |found: &str| found == META || TABLES.iter().any(|table| table.name == found);
        let theirs = tables.iter().find(|table| !is_known(table));
        if let Some(found) = theirs {
            return Err(self.foreign(found));
        }
        // A meta table of ours without a row was being made when something ended that, or is being made now.
        let meta = if has(META) { self.read_meta().await? } else { None };
        for table in TABLES.iter().filter(|table| has(table.name)) {
            if meta.is_none() || !self.is_ours(table).await? {
                return Err(self.foreign(table.name));
            }
        }
        Ok(meta)
    }

    /// Makes the schema and the meta table, where they are missing. Others may do the same at this moment.
    pub async fn create(&self) -> Result<(), Error> {
        let mut look = 1;
        while self.inspect().await?.is_none() {
            match self.make().await {
                Err(Error::Statement { failure, .. }) if look < LOOKS && is_race(&failure) => {
                    tokio::time::sleep(PAUSE).await;
                    look += 1;
                }
                made => made?,
            }
        }
        Ok(())
    }

    /// All of it or nothing: a schema without the row that says who made it would belong to nobody.
    async fn make(&self) -> Result<(), Error> {
        let made_schema = !self.exists().await?;
        let create_schema =
            if made_schema { format!("CREATE SCHEMA IF NOT EXISTS \"{}\"; ", self.name) } else { String::new() };
        let meta = self.table("meta");
        let columns = "id INT8 PRIMARY KEY, made_by TEXT NOT NULL, format INT8 NOT NULL, made_schema BOOL NOT NULL, \
                       epoch INT8 NOT NULL, accounts INT8 NOT NULL, balance INT8 NOT NULL, \
                       lease_holder TEXT NOT NULL, lease_until TIMESTAMPTZ NOT NULL";
        let row = format!("1, '{MADE_BY}', {FORMAT}, {made_schema}, 0, 0, 0, '', now()");
        let create_table = format!("CREATE TABLE IF NOT EXISTS {meta} ({columns})");
        let insert = format!("INSERT INTO {meta} VALUES ({row}) ON CONFLICT (id) DO NOTHING");
        let sql = format!("{create_schema}{create_table}; {insert}");
        self.control.execute_as_one("create contend's schema", &sql).await
    }

    /// The table of `contend tutorial`, as SQL wants it.
    #[must_use]
    pub fn tutorial_accounts(&self) -> String {
        self.table(TUTORIAL)
    }

    /// Drops the table of `contend tutorial`.
    pub async fn drop_tutorial_accounts(&self) -> Result<(), Error> {
        let sql = format!("DROP TABLE IF EXISTS {}", self.tutorial_accounts());
        self.control.execute("drop the tutorial's accounts", &sql).await
    }

    /// Drops what contend made: its tables, and the schema where contend made that too. In PostgreSQL all of it or, where
    /// something depends on it, nothing. In CockroachDB one after the other, since there a schema is only empty once the
    /// transaction that dropped its tables has ended; the row that says who made it goes last of the tables.
    pub async fn drop(&self, meta: Meta) -> Result<(), Error> {
        let drop_table = |table| format!("DROP TABLE IF EXISTS {}", self.table(table));
        let names = TABLES.iter().map(|table| table.name).chain([META]);
        let mut statements: Vec<String> = names.map(drop_table).collect();
        if meta.made_schema {
            statements.push(format!("DROP SCHEMA \"{}\" RESTRICT", self.name));
        }
        let (control, doing) = (self.control.patient(), "drop contend's tables");
        if control.server().product != Product::Cockroach {
            return control.execute(doing, &statements.join("; ")).await;
        }
        for statement in statements {
            control.execute(doing, &statement).await?;
        }
        Ok(())
    }

    async fn exists(&self) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
        Ok(self.control.row("look for the schema", sql, &[self.name.as_str()]).await?.is_some())
    }

    /// Tables, views, sequences and the like, but no indexes, which belong to tables; functions; enums and other types of
    /// their own.
    async fn contents(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT c.relname::TEXT FROM pg_catalog.pg_class c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = $1 AND c.relkind::TEXT IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') \
                   UNION ALL SELECT p.proname::TEXT FROM pg_catalog.pg_proc p \
                   JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 \
                   UNION ALL SELECT t.typname::TEXT FROM pg_catalog.pg_type t \
                   JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace \
                   WHERE n.nspname = $1 AND t.typtype::TEXT IN ('e', 'd', 'r') ORDER BY 1";
        let rows = self.control.rows("look at the schema", sql, &[self.name.as_str()]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Whether a table has contend's columns, of one of these types, and no other.
    async fn is_ours(&self, table: &Layout) -> Result<bool, Error> {
        let sql = "SELECT a.attname::TEXT, t.typname::TEXT FROM pg_catalog.pg_attribute a \
                   JOIN pg_catalog.pg_class c ON c.oid = a.attrelid \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                   JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
                   WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind::TEXT = 'r' \
                   AND a.attnum > 0 AND NOT a.attisdropped";
        let rows = self.control.rows("look at contend's tables", sql, &[self.name.as_str(), table.name]).await?;
        let mut found: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        found.sort();
        let of_right_type = found.iter().all(|(_, kind)| table.kinds.contains(&kind.as_str()));
        Ok(of_right_type && found.iter().map(|(name, _)| name.as_str()).eq(table.columns.iter().copied()))
    }

    /// None for a table with the right columns and without a row.
    async fn read_meta(&self) -> Result<Option<Meta>, Error> {
        let sql = format!(
            "SELECT made_by, format, made_schema, accounts, balance, epoch, lease_holder, lease_until FROM {} WHERE id = 1",
            self.table("meta")
        );
        let row = match self.control.row("read contend's meta row", &sql, &[]).await {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(None),
            Err(Error::Statement { failure, .. }) if failure.cause.sqlstate.class() == "42" => {
                let refused = failure.cause.sqlstate.as_str() == "42501";
                let doing = "read contend's meta row";
                return Err(if refused { Error::Statement { doing, failure } } else { self.foreign("meta") });
            }
            Err(error) => return Err(error),
        };
        let text = |column| row.try_get::<_, String>(column).ok();
        let number = |column| row.try_get::<_, i64>(column).ok();
        match (text(0).as_deref(), number(1), row.try_get(2).ok(), number(3), number(4)) {
            (Some(MADE_BY), Some(FORMAT), Some(made_schema), Some(accounts), Some(balance)) => {
                Ok(Some(Meta { made_schema, accounts, balance }))
            }
            (Some(MADE_BY), Some(format), ..) if format != FORMAT => {
                Err(Error::OtherFormat { schema: self.name.to_string(), format })
            }
            _ => Err(self.foreign("meta")),
        }
    }

    fn foreign(&self, found: &str) -> Error {
        Error::Foreign { schema: self.name.to_string(), found: format!("\"{found}\"") }
    }
}

/// Two made the same thing at once: it exists by now.
fn is_race(failure: &Failure) -> bool {
    matches!(failure.cause.sqlstate.as_str(), "42P06" | "42P07" | "23505")
}
