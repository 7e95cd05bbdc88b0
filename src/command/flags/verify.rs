//! What is recorded, and what is it judged by? Flags.

use clap::Args;

use crate::check::Standard;
use crate::command::values::{on_or_off, size};
use crate::plan::{Verify, VerifyMode};

#[derive(Debug, Args)]
pub(super) struct VerifyFlags {
    /// balance (records nothing), history (records and checks every attempt) or ledger (that, and a row per transfer)
    #[arg(long, value_name = "WHAT", default_value_t)]
    verify: VerifyMode,
    /// Stop recording, and go on, when the history would take more memory than this
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = size)]
    history_limit: u64,
    /// on or off: read the whole state in snapshots while the load runs (default: on, and off in a simulation)
    #[arg(long, value_name = "WHETHER", action = clap::ArgAction::Set, value_parser = on_or_off)]
    audit: Option<bool>,
    /// What the exit code judges the history by: read-uncommitted, read-committed, repeatable-read, snapshot,
    /// serializable, strong-session-serializable, strict-serializable, or promised for what the server promises
    #[arg(long, value_name = "LEVEL", default_value_t)]
    pub(super) level: Standard,
}

impl VerifyFlags {
    pub(super) fn verify(&self, audited: bool) -> Verify {
        let Self { verify: mode, history_limit, audit, level: _ } = *self;
        Verify { mode, history_limit, audit: audit.unwrap_or(audited) }
    }
}
