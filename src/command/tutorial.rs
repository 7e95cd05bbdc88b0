//! `contend tutorial`: what CockroachDB's tutorial for Python and psycopg2 does, in its words, and then nothing is left of
//! it.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use jiff::Zoned;

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::TutorialFlags;
use super::leased::{Leased, with_lease};
use super::signals::Signals;
use crate::db::{Client, Cluster, Control, Error, Schema};
use crate::tutorial::{GaveUp, Log, Tutorial};

/// The form of Python's `time.asctime()`, in which the day has two columns.
const ASCTIME: &str = "%a %b %e %H:%M:%S %Y";
/// The third attempt is older than the second for which a retry is forced.
const WAIT: Duration = Duration::from_millis(400);

/// A minute for what takes some seconds.
const TIMEOUT: Duration = Duration::from_mins(1);

const NOT_TESTED: &str = "the retry loop was not tested: the first of its transactions had to give up and the second to \
                          succeed at its second or third attempt";

pub(super) async fn execute(flags: &TutorialFlags) -> Result<Exit, Stop> {
    let target = named(&flags.target)?;
    let signals = Signals::listen()?;
    let verbose = flags.target.verbose;
    let log = move |line: &str| {
        if verbose {
            // In one line, whatever the server's words are made of. Errors of stderr have no one to be told to.
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    };
    let control = signals.unless_interrupted(async { Ok(Control::connect(&target).await?) }).await?;
    let schema = Schema::new(&control, &flags.target.schema);
    signals.unless_interrupted(async { Ok(schema.create().await?) }).await?;
    let tutorial = Tutorial::new(&schema, control.server().product, &log);
    let begun = Cell::new(false);
    // The second Ctrl-C quits at once; so does the first one while there is nothing to clean up.
    let quit = async {
        signals.reach(1).await;
        if begun.get() {
            signals.reach(2).await;
        }
    };
    with_lease(&target, &flags.target.schema, quit, async |leased: Leased<'_>| {
        begun.set(true);
        let main = Box::pin(timely(main(&tutorial, control.cluster(), flags.force_retry, &log)));
        let done = signals.unless_interrupted(leased.unless_lost(main)).await;
        let cleaned = if leased.is_lost() { Ok(()) } else { clean_up(&schema, &log).await };
        if let (Err(_), Err(left)) = (&done, &cleaned) {
            exit::note(&format!("not everything is cleaned up: {}", left.message));
        }
        let exit = done?;
        cleaned.map(|()| exit)
    })
    .await
}

/// The whole of it takes some seconds; a server that takes longer does not answer.
async fn timely(main: impl Future<Output = Result<Exit, Stop>>) -> Result<Exit, Stop> {
    let late = |_| Error::Silent { doing: "finish the tutorial", after: TIMEOUT };
    tokio::time::timeout(TIMEOUT, main).await.map_err(late)?
}

/// The tutorial's `main`.
async fn main(tutorial: &Tutorial<'_>, cluster: &Cluster, force_retry: bool, log: &Log) -> Result<Exit, Stop> {
    let mut client = cluster.client().await?;
    tutorial.create_accounts(&client).await?;
    print_balances(&tutorial.balances(&client).await?)?;
    let (amount, from, to) = (100, 1, 2);
    let transferred = tutorial.transfer_funds(&mut client, from, to, amount).await?;
    if let Err(gave_up) = transferred {
        log(&format!("run_transaction(conn, op) failed: {gave_up}"));
    }
    let tested = if force_retry { force_retries(tutorial, &mut client).await? } else { true };
    print_balances(&tutorial.balances(&client).await?)?;
    tutorial.delete_accounts(&client).await?;
    transferred.map_err(|gave_up| Stop::looking(format!("the funds were not transferred: {gave_up}")))?;
    if tested { Ok(Exit::Holds) } else { Err(Stop::inconclusive(NOT_TESTED)) }
}

/// Tests the retry loop: as the tutorial does, which can only give up, and so that the last attempt commits. False when
/// either ended otherwise.
async fn force_retries(tutorial: &Tutorial<'_>, client: &mut Client) -> Result<bool, Stop> {
    exit::print("Forced retries; each transaction is a new one, and fails until it is 1 s old:\n")?;
    let gives_up = tutorial.test_retry_loop(client, Duration::ZERO).await?;
    print_end(gives_up)?;
    exit::print("Forced retries, with a longer wait in each transaction, in the third 1.2 s:\n")?;
    let commits = tutorial.test_retry_loop(client, WAIT).await?;
    print_end(commits)?;
    Ok(gives_up.is_err() && commits.is_ok_and(|attempt| attempt > 1))
}

fn print_end(ended: Result<u32, GaveUp>) -> Result<(), Stop> {
    exit::print(&match ended {
        Ok(attempt) => format!("Transaction succeeded at attempt {attempt}\n"),
        Err(gave_up) => format!("{gave_up}\n"),
    })
}

/// Drops the tutorial's table, and all that is contend's where there are no accounts. Nobody can make any meanwhile: the
/// lease is held.
async fn clean_up(schema: &Schema<'_>, log: &Log) -> Result<(), Stop> {
    schema.drop_tutorial_accounts().await?;
    log(&format!("dropped {}", schema.tutorial_accounts()));
    if let Some(meta) = schema.inspect().await?.filter(|meta| meta.accounts == 0) {
        schema.drop(meta).await?;
        log(if meta.made_schema {
            "dropped the schema too, which was made for this"
        } else {
            "dropped contend's meta"
        });
    }
    Ok(())
}

/// As the tutorial does since 2020: each row as a tuple.
fn print_balances(rows: &[(i64, i64)]) -> Result<(), Stop> {
    let mut text = format!("Balances at {}:\n", Zoned::now().strftime(ASCTIME));
    for (id, balance) in rows {
        let _ = writeln!(text, "({id}, {balance})");
    }
    exit::print(&text)
}
