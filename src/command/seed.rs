//! `contend seed`: make the accounts, or make sure that they are right.

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::SeedFlags;
use super::leased::{Leased, with_lease};
use super::signals::Signals;
use crate::db::{Control, Schema, Seeded, Target, seed};
use crate::load::Launch;
use crate::plan::Bank;
use crate::report::Progress;

pub(super) async fn execute(flags: &SeedFlags) -> Result<Exit, Stop> {
    let bank = flags.bank()?;
    let target = named(&flags.target)?;
    let (signals, progress) = (Signals::listen()?, Progress::new(flags.quiet));
    let control = signals.unless_interrupted(async { Ok(Control::connect(&target).await?) }).await?;
    let schema = Schema::new(&control, &bank.schema);
    signals.unless_interrupted(async { Ok(schema.create().await?) }).await?;
    with_lease(&target, &bank.schema, signals.reach(1), async |leased: Leased<'_>| {
        leased.unless_lost(seed_accounts(&schema, &target, &bank, &leased, leased.lease.epoch, &progress)).await
    })
    .await?;
    let total = i128::from(bank.accounts) * i128::from(bank.balance);
    exit::print(&format!("{} accounts with {total} in all are in {}.accounts\n", bank.accounts, bank.schema))?;
    Ok(Exit::Holds)
}

/// Makes sure of the accounts, and answers with the epoch to sign with: this one, unless they had to begin anew.
pub(super) async fn seed_accounts(
    schema: &Schema<'_>,
    target: &Target,
    bank: &Bank,
    leased: &Leased<'_>,
    epoch: i64,
    progress: &Progress,
) -> Result<i64, Stop> {
    // The epoch is a part of what writers sign with; when all of them have been used the accounts begin anew.
    let worn_out = epoch > Launch::MAX_EPOCH;
    let bank = Bank { fresh: bank.fresh || worn_out, ..bank.clone() };
    let bar = progress.seeding(bank.accounts);
    let seeded = seed(schema, target, &bank, |rows| bar.advance(rows)).await;
    bar.finish();
    if let Seeded::Rebuilt(reason) = seeded? {
        progress.note(&format!("accounts rebuilt: {reason}"));
    }
    if worn_out { Ok(leased.lease.restart_epoch(schema).await?) } else { Ok(epoch) }
}
