//! `contend seed`: make the accounts, or make sure that they are right.

use super::Exit;
use super::connect::{TIMEOUT, named};
use super::exit::{self, Stop};
use super::flags::SeedFlags;
use crate::db::{Control, Lease, Schema, Seeded, Target, seed};
use crate::load::Launch;
use crate::plan::Bank;
use crate::report::Progress;

pub(super) async fn execute(flags: &SeedFlags) -> Result<Exit, Stop> {
    let bank = flags.bank()?;
    let target = named(&flags.target)?;
    let progress = Progress::new(flags.quiet);
    let control = Control::connect(&target, TIMEOUT).await?;
    let schema = Schema::new(&control, &bank.schema);
    schema.create().await?;
    let lease = Lease::take(&schema, holder()).await?;
    let seeded = tokio::select! {
        seeded = seed_accounts(&schema, &target, &bank, &lease, &progress) => seeded,
        () = keep(&schema, &lease) => Err(Stop::looking("another contend took over these accounts meanwhile")),
    };
    lease.release(&schema).await?;
    seeded?;
    let Bank { accounts, balance, .. } = bank;
    exit::print(&format!(
        "{accounts} accounts with {} in all are in {}\n",
        total(accounts, balance),
        schema_of(&bank)
    ))?;
    Ok(Exit::Holds)
}

fn total(accounts: u64, balance: i64) -> i128 {
    i128::from(accounts) * i128::from(balance)
}

fn schema_of(bank: &Bank) -> String {
    format!("{}.accounts", bank.schema)
}

/// Renews the lease until it is lost.
async fn keep(schema: &Schema<'_>, lease: &Lease) {
    loop {
        tokio::time::sleep(Lease::RENEWAL).await;
        if matches!(lease.renew(schema).await, Ok(false)) {
            return;
        }
    }
}

/// Makes sure of the accounts, and answers with the epoch of this lease.
pub(super) async fn seed_accounts(
    schema: &Schema<'_>,
    target: &Target,
    bank: &Bank,
    lease: &Lease,
    progress: &Progress,
) -> Result<i64, Stop> {
    // The epoch is a part of what writers sign with; when all of them have been used the accounts begin anew.
    let worn_out = lease.epoch > Launch::MAX_EPOCH;
    let bank = Bank { fresh: bank.fresh || worn_out, ..bank.clone() };
    let bar = progress.seeding(bank.accounts);
    let seeded = seed(schema, target, &bank, |rows| bar.advance(rows)).await;
    bar.finish();
    if let Seeded::Rebuilt(reason) = seeded? {
        progress.note(&format!("accounts rebuilt: {reason}"));
    }
    if worn_out { Ok(lease.restart_epoch(schema).await?) } else { Ok(lease.epoch) }
}

/// Who holds the lease, in words for the one who is refused.
pub(super) fn holder() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let since = humantime::format_rfc3339_seconds(std::time::SystemTime::now());
    let host = host.unwrap_or_else(|| "an unnamed host".to_owned());
    format!("process {} on {host}, since {since}", std::process::id())
}
