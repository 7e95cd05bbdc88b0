//! How many, how fast, how long? Flags.

use std::time::Duration;

use clap::Args;

use crate::command::exit::Stop;
use crate::command::pace::PaceFlags;
use crate::command::values::{duration, positive_duration};
use crate::load::Launch;
use crate::plan::{Load, Stop as StopAt};

/// Who works.
#[derive(Debug, Args)]
pub(super) struct CrewFlags {
    /// Concurrent workers, each with one transaction at a time (default: 16, and 64 with a rate)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Launch::MAX_WORKERS)))]
    pub(super) workers: Option<u32>,
    /// Connections that the workers share (default: one for each worker); two or three more are for contend itself
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) connections: Option<u32>,
    /// Shards, each a thread with its own workers and connections (default: one per core)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(super) threads: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct LoadFlags {
    #[command(flatten)]
    crew: CrewFlags,
    #[command(flatten)]
    pace: PaceFlags,
    /// Start the workers one after another over this time; with --rate, let the rate rise over it
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    ramp: Duration,
    /// Run this long before measuring; these transactions are verified too
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    warmup: Duration,
    /// Measure this long, with --steps each of them; transactions that have begun may end
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = positive_duration)]
    duration: Duration,
    /// Measure this many transactions instead
    #[arg(long, value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..))]
    transactions: Option<u64>,
    /// How long transactions that have begun may take to end; what is left then is failed, exhausted or ambiguous
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    drain_timeout: Duration,
    /// The seed of all randomness (default: a random one, printed)
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
}

impl LoadFlags {
    pub(super) fn load(&self, simulated: bool) -> Result<Load, Stop> {
        let Self { ramp, warmup, duration, transactions, drain_timeout, .. } = *self;
        let (workers, pace) = (self.pace.workers(self.crew.workers)?, self.pace.pace()?);
        let steps = self.pace.steps(duration);
        let (connections, threads) = self.crew.shared(workers, simulated)?;
        let time = steps.map_or(duration, |steps| steps.total());
        let stop = transactions.map_or(StopAt::After(time), StopAt::Transactions);
        Ok(Load { workers, connections, threads, ramp, warmup, pace, steps, stop, drain_timeout })
    }
}

impl CrewFlags {
    /// The connections and the threads of so many workers.
    pub(super) fn shared(&self, workers: u32, simulated: bool) -> Result<(u32, u32), Stop> {
        let connections = self.connections.unwrap_or(workers);
        let most = workers.min(connections);
        let cores = if simulated { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
        let threads = match self.threads {
            Some(threads) if threads > most => {
                return Err(Stop::usage(format!(
                    "--threads {threads}: every thread needs a worker and a connection of its own, so {most} is the most here"
                )));
            }
            Some(threads) => threads,
            None => u32::try_from(cores).unwrap_or(1).min(most),
        };
        Ok((connections, threads))
    }
}
