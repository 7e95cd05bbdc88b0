//! Does it all add up just now? One snapshot of the whole, added up by the server, on a connection of its own.

use std::cell::RefCell;
use std::time::Duration;

use tokio_postgres::SimpleQueryRow;

use super::{Control, Error, Failure, Product, Schema, Target};
use crate::history::{Overdrawn, Totals};
use crate::plan::SchemaName;

/// What the statements are for.
const AUDIT: &str = "audit the accounts";
/// So old is the past that CockroachDB is asked for.
const BEHIND: Duration = Duration::from_secs(1);

/// Reads the whole again and again, while others write.
#[derive(Debug)]
pub struct Auditor {
    target: Target,
    schema: SchemaName,
    pairs: bool,
    limit: Duration,
    product: Product,
    /// Taken out while an audit runs: where an answer may still come, nothing else is asked.
    control: RefCell<Option<Control>>,
}

impl Auditor {
    /// Connects. No answer is waited for longer than the limit; the pairs are looked at where there are any.
    pub async fn connect(target: &Target, schema: &SchemaName, pairs: bool, limit: Duration) -> Result<Self, Error> {
        let control = Control::connect(target).await?.within(limit);
        let product = control.server().product;
        let control = RefCell::new(Some(control));
        Ok(Self { target: target.clone(), schema: schema.clone(), pairs, limit, product, control })
    }

    /// How far in the past it can read, where that is something else than the present for the server too.
    #[must_use]
    pub fn behind(&self) -> Option<Duration> {
        (self.product == Product::Cockroach).then_some(BEHIND)
    }

    /// Reads the whole in one snapshot, of the past when it is told so. Tries once; a connection that was lost is made anew
    /// the next time.
    pub async fn audit(&self, past: bool) -> Result<Totals, Error> {
        let kept = self.control.take();
        let control = match kept {
            Some(control) => control,
            None => Control::connect(&self.target).await?.within(self.limit),
        };
        let sql = totals_sql(&Schema::new(&control, &self.schema), self.pairs);
        let answered = control.row_within(AUDIT, &begin(self.product, past), &sql).await;
        let kept = match &answered {
            Ok(_) => true,
            Err(Error::Statement { failure, .. }) => !failure.lost,
            Err(_) => false,
        };
        self.control.replace(Some(control).filter(|_| kept));
        let totals = answered.map(|row| totals(&row))?;
        totals.ok_or_else(|| {
            let failure = Failure::unexpected_answer("a sum that is no number");
            Error::Statement { doing: AUDIT, failure }
        })
    }
}

/// A transaction that sees one snapshot, and is in nobody's way as far as the product allows.
///
/// PostgreSQL: a deferrable one waits for a snapshot in which no anomaly can be, and then neither is aborted nor has others
/// aborted (its documentation, SET TRANSACTION). CockroachDB: reads of the past meet no writer (its documentation, AS OF
/// SYSTEM TIME). Elsewhere a snapshot is what REPEATABLE READ gives.
fn begin(product: Product, past: bool) -> String {
    match product {
        Product::Postgres => "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE".to_owned(),
        Product::Cockroach if past => format!("BEGIN AS OF SYSTEM TIME '-{}s'", BEHIND.as_secs()),
        Product::Cockroach => "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY".to_owned(),
        Product::Yugabyte | Product::Other => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned(),
    }
}

/// One row: the accounts added up, and the customers whose pair is below zero together. A customer's two rows have the ids
/// 2c - 1 and 2c: `id + id % 2` is 2c for both.
fn totals_sql(schema: &Schema<'_>, pairs: bool) -> String {
    let sums = "count(*), coalesce(sum(balance), 0), coalesce(sum(version), 0), coalesce(min(balance), 0)";
    let accounts = schema.table("accounts");
    if !pairs {
        return format!("SELECT {sums} FROM {accounts}");
    }
    format!(
        "WITH overdrawn AS (SELECT id + id % 2 AS second, sum(balance) AS together FROM {pairs} GROUP BY id + id % 2 \
         HAVING sum(balance) < 0) \
         SELECT {sums}, (SELECT count(*) FROM overdrawn), \
         (SELECT second FROM overdrawn ORDER BY second LIMIT 1), \
         (SELECT together FROM overdrawn ORDER BY second LIMIT 1) FROM {accounts}",
        pairs = schema.table("pairs"),
    )
}

/// None where something is no number.
fn totals(row: &SimpleQueryRow) -> Option<Totals> {
    fn number<N: std::str::FromStr>(row: &SimpleQueryRow, column: usize) -> Option<N> {
        row.get(column)?.parse().ok()
    }
    let customers = if row.len() > 4 { number(row, 4)? } else { 0 };
    let overdrawn = if customers > 0 {
        Some(Overdrawn { customers, first: number::<i64>(row, 5)? / 2, both: number(row, 6)? })
    } else {
        None
    };
    Some(Totals {
        count: number(row, 0)?,
        total: number(row, 1)?,
        versions: number(row, 2)?,
        lowest: number(row, 3)?,
        overdrawn,
    })
}
