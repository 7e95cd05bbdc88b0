//! `contend balances`: what the accounts hold.

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::TargetFlags;
use crate::db::{Control, Error, Schema, largest_accounts, snapshot};
use crate::report;

/// So many of the largest accounts are shown of a bank that is too large to be read whole.
const LARGEST: u32 = 10;

pub(super) async fn execute(flags: &TargetFlags) -> Result<Exit, Stop> {
    let target = named(flags)?;
    let control = Control::connect(&target).await?;
    let schema = Schema::new(&control, &flags.schema);
    if schema.inspect().await?.is_none_or(|meta| meta.accounts == 0) {
        return Err(Error::NoAccounts { schema: flags.schema.to_string() }.into());
    }
    let snapshot = snapshot(&schema).await?;
    let largest = match snapshot.accounts {
        Some(_) => Vec::new(),
        None => largest_accounts(&schema, LARGEST).await?,
    };
    exit::print(&report::balances(&snapshot, &largest))?;
    Ok(Exit::Holds)
}
