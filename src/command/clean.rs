//! `contend clean`: drop what contend made, and nothing else.

use super::Exit;
use super::connect::{TIMEOUT, named};
use super::exit::{self, Stop};
use super::flags::TargetFlags;
use super::seed::holder;
use crate::db::{Control, Lease, Schema};

pub(super) async fn execute(flags: &TargetFlags) -> Result<Exit, Stop> {
    let target = named(flags)?;
    let control = Control::connect(&target, TIMEOUT).await?;
    let schema = Schema::new(&control, &flags.schema);
    let Some(meta) = schema.inspect().await? else {
        exit::print(&format!("there is nothing of contend's in schema \"{}\"\n", flags.schema))?;
        return Ok(Exit::Holds);
    };
    // Whoever is running now keeps its tables. The lease is dropped with the meta row.
    Lease::take(&schema, holder()).await?;
    schema.drop(meta).await?;
    let what = if meta.made_schema { "the schema" } else { "contend's tables in the schema" };
    exit::print(&format!("dropped {what} \"{}\"\n", flags.schema))?;
    Ok(Exit::Holds)
}
