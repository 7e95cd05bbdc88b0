//! `contend clean`: drop what contend made, and nothing else.

use std::pin::pin;
use std::time::Duration;

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::TargetFlags;
use super::leased::{Leased, with_lease};
use super::signals::Signals;
use crate::db::{Control, Schema};

/// Tables are dropped in less, as a rule.
const LONG: Duration = Duration::from_secs(3);

const WAITING: &str = "waiting for the server to drop the tables; after a node has died CockroachDB takes some minutes";

pub(super) async fn execute(flags: &TargetFlags) -> Result<Exit, Stop> {
    let target = named(flags)?;
    let signals = Signals::listen()?;
    let control = signals.unless_interrupted(async { Ok(Control::connect(&target).await?) }).await?;
    let schema = Schema::new(&control, &flags.schema);
    let Some(meta) = signals.unless_interrupted(async { Ok(schema.inspect().await?) }).await? else {
        exit::print(&format!("there is nothing of contend's in schema \"{}\"\n", flags.schema))?;
        return Ok(Exit::Holds);
    };
    // Whoever is running now keeps its tables. The lease goes with the meta row.
    with_lease(&target, &flags.schema, signals.reach(1), async |_: Leased<'_>| {
        Ok(with_a_word(schema.drop(meta)).await?)
    })
    .await?;
    let what = if meta.made_schema { "the schema" } else { "contend's tables in the schema" };
    exit::print(&format!("dropped {what} \"{}\"\n", flags.schema))?;
    Ok(Exit::Holds)
}

/// Does something, and says so when it takes long.
async fn with_a_word<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(LONG) => exit::note(WAITING),
    }
    work.await
}
