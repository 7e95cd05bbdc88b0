//! `contend clean`: drop what contend made, and nothing else.

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::TargetFlags;
use super::leased::{Leased, with_lease};
use super::signals::Signals;
use crate::db::{Control, Schema};

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
    with_lease(&target, &flags.schema, signals.reach(1), async |_: Leased<'_>| Ok(schema.drop(meta).await?)).await?;
    let what = if meta.made_schema { "the schema" } else { "contend's tables in the schema" };
    exit::print(&format!("dropped {what} \"{}\"\n", flags.schema))?;
    Ok(Exit::Holds)
}
