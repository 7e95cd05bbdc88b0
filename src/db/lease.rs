//! Is anybody else working here? A lease in the meta row, renewed while contend runs.
//!
//! Two runs at once on the same accounts would falsify each other's checks.

use std::time::Duration;

use super::{Error, Schema};

/// A lease that is not renewed ends after this time, in seconds.
const LASTS: u32 = 15;
/// Often enough for four renewals to fail.
const RENEWAL: Duration = Duration::from_secs(3);

/// The right to change contend's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    holder: String,
    /// Counts the leases of this schema, and the loads under one: no two loads have the same.
    pub epoch: i64,
}

impl Lease {
    /// Takes the lease, under a name that tells a person who has it.
    pub async fn take(schema: &Schema<'_>, holder: String) -> Result<Self, Error> {
        let meta = schema.table("meta");
        let sql = format!(
            "UPDATE {meta} SET lease_holder = $1, lease_until = now() + INTERVAL '{LASTS} seconds', epoch = epoch + 1 \
             WHERE id = 1 AND (lease_until <= now() OR lease_holder = $1) RETURNING epoch"
        );
        if let Some(row) = schema.control().row("take the lease", &sql, &[&holder]).await? {
            return Ok(Self { holder, epoch: row.get(0) });
        }
        let sql = format!(
            "SELECT lease_holder, ceil(extract(epoch FROM lease_until - now()))::INT8 FROM {meta} WHERE id = 1"
        );
        let row = schema.control().row("see who has the lease", &sql, &[]).await?;
        let (holder, seconds) = row.map_or_else(Default::default, |row| (row.get(0), row.get(1)));
        Err(Error::Leased { schema: schema.name().to_string(), holder, seconds })
    }

    /// Who has it: no two are called the same.
    pub(super) fn holder(&self) -> &str {
        &self.holder
    }

    /// Makes the lease last again. False when somebody else has it by now.
    pub async fn renew(&self, schema: &Schema<'_>) -> Result<bool, Error> {
        let sql = format!(
            "UPDATE {} SET lease_until = now() + INTERVAL '{LASTS} seconds' WHERE id = 1 AND lease_holder = $1",
            schema.table("meta")
        );
        Ok(schema.control().change("renew the lease", &sql, &[&self.holder]).await? == 1)
    }

    /// Renews the lease for as long as nobody else has it. A server that does not answer for a while does not mean that.
    pub async fn keep(&self, schema: &Schema<'_>) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            if matches!(self.renew(schema).await, Ok(false)) {
                return;
            }
        }
    }

    /// Counts one more epoch under the same lease, and answers with it; none when somebody else has it by now.
    pub async fn next_epoch(&self, schema: &Schema<'_>) -> Result<Option<i64>, Error> {
        let meta = schema.table("meta");
        let sql = format!("UPDATE {meta} SET epoch = epoch + 1 WHERE id = 1 AND lease_holder = $1 RETURNING epoch");
        let row = schema.control().row("count one more epoch", &sql, &[&self.holder]).await?;
        Ok(row.map(|row| row.get(0)))
    }

    /// Begins to count leases from 1 again, and answers with that.
    pub async fn restart_epoch(&self, schema: &Schema<'_>) -> Result<i64, Error> {
        let sql = format!("UPDATE {} SET epoch = 1 WHERE id = 1 AND lease_holder = $1", schema.table("meta"));
        schema.control().change("restart the epoch", &sql, &[&self.holder]).await?;
        Ok(1)
    }

    /// Gives the lease back.
    pub async fn release(&self, schema: &Schema<'_>) -> Result<(), Error> {
        let sql = format!(
            "UPDATE {} SET lease_holder = '', lease_until = now() WHERE id = 1 AND lease_holder = $1",
            schema.table("meta")
        );
        schema.control().change("give the lease back", &sql, &[&self.holder]).await.map(|_| ())
    }
}
