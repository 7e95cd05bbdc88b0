//! What did the user ask? One file per subcommand: its flags and its wiring. The only folder that prints.

mod auditing;
mod balances;
mod calibrating;
mod check;
mod clean;
mod connect;
mod drawing;
mod drive;
mod examine;
mod exit;
mod export;
mod findings;
mod flags;
mod history_file;
mod leased;
mod loaded;
mod observed;
mod pace;
mod ping;
mod policies;
mod run;
mod same_file;
mod seed;
mod setup;
mod signals;
mod simulated;
mod site;
mod stage;
mod tune;
mod tutorial;
mod usage_error;
mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use exit::Exit;

/// Provokes real transaction conflicts on a database that speaks PostgreSQL's protocol, retries them, measures them, and
/// checks from the recorded history whether the transactions were serializable.
#[derive(Debug, Parser)]
#[command(name = "contend", version, max_term_width = 100, after_help = EXIT_CODES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    holds: everything checked is right
  1    violated: something is wrong, and the report says what
  2    the text of a flag or address is wrong
  3    inconclusive: the run proves nothing, such as one without a commit
  4    something learned by looking is wrong: server, login, file, schema, disk
  130  quit by Ctrl-C; during the load of a run, by the second one

The database: the URL arguments, else CONTEND_URL, else DATABASE_URL, else PGHOST and its kin; for \
`contend run` and `contend tune` without any of them, a throw-away server that contend starts itself. Addresses, service files, ~/.pgpass \
and PG* variables mean what they mean to psql; sslmode as in libpq, TLS by rustls.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run transactions against a database, measure them, and check that they were serializable
    Run(Box<flags::RunFlags>),
    /// Compare retry policies on a database, and say which one to use
    ///
    /// Runs each policy in short blocks, round by round in random order, checks the accounts after each block, and ranks the
    /// policies with intervals and tests. Ends at --budget at the latest.
    #[command(
        mut_arg("accounts", |accounts| accounts.default_value("10")),
        mut_arg("balance", |balance| balance.default_value("1000000")),
        mut_arg("mix", |mix| mix.default_value("transfer")),
        mut_arg("lock_order", |order| order.default_value("sorted")),
        mut_arg("verify", |verify| verify.default_value("balance")),
        mut_arg("audit", |audit| audit.help("on or off: read the whole state in snapshots while a block runs [default: off]")),
        mut_arg("name", |name| name.default_value("tune")),
        mut_arg("json", |json| json.help("Print the experiment as JSON instead of the report")),
        after_help = tune::EXIT_CODES,
    )]
    Tune(Box<flags::TuneFlags>),
    /// Make the accounts, or make sure that they are right
    Seed(flags::SeedFlags),
    /// Print the balances
    Balances(flags::TargetFlags),
    /// Drop what contend made: its tables, and its schema
    Clean(flags::TargetFlags),
    /// Judge a history: was it really serializable?
    ///
    /// Names every anomaly, explains it, and says which isolation levels the history violates. Connects to nothing.
    #[command(after_help = check::NOTATION)]
    Check(check::CheckFlags),
    /// Write a history for other checkers (Elle, dbcop) or as a table (CSV)
    ///
    /// What a format cannot say is refused, not dropped. Connects to nothing.
    #[command(after_help = export::EXAMPLES)]
    Export(export::ExportFlags),
    /// Do what CockroachDB's psycopg2 tutorial does, and say what it says
    ///
    /// Two accounts, a transfer between them in a retry loop, and the balances before and after. The accounts are in
    /// a table of contend's own, `tutorial_accounts` in --schema; at the end, also after Ctrl-C, that is dropped, and so is
    /// the schema where it was made for this.
    #[command(mut_arg("verbose", |verbose| verbose.help("Show status messages and retries, and the resolved address")))]
    Tutorial(flags::TutorialFlags),
    /// List the retry policies, with their formulas, their sources and how long they wait
    ///
    /// Forms of delays, and presets: what libraries and tools do. With names or whole policies, details of those. Connects
    /// to nothing.
    #[command(after_help = policies::EXAMPLES)]
    Policies(policies::PoliciesFlags),
    /// Show which server answers, how fast, and what it allows
    ///
    /// Version, TLS, user, round trip, the isolation levels that are really granted, limits and timeouts. Needs no right
    /// but that to connect, and makes nothing.
    #[command(mut_arg("schema", |schema| schema.hide(true)))]
    Ping(flags::PingFlags),
    /// Print the statements that create a database, a user and its grants
    ///
    /// With an address it also says what the server has of them already.
    #[command(mut_arg("schema", |schema| schema.hide(true)), after_help = setup::NEXT)]
    Setup(flags::SetupFlags),
}

/// Parses the arguments, does what they ask for, and prints what went wrong, in one line, if anything did.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return usage_error::print(&error).into(),
    };
    let exit = match execute(cli.command) {
        Ok(exit) => exit,
        Err(stop) => {
            exit::complain(&stop);
            stop.exit
        }
    };
    exit.into()
}

fn execute(command: Command) -> Result<Exit, exit::Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| exit::Stop::looking(format!("cannot start: {error}")))?;
    let exit = runtime.block_on(async {
        match command {
            // The largest future by far: on the heap, where it does not weigh on the others.
            Command::Run(flags) => Box::pin(run::execute(&flags)).await,
            Command::Tune(flags) => Box::pin(tune::execute(&flags)).await,
            Command::Seed(flags) => seed::execute(&flags).await,
            Command::Balances(flags) => balances::execute(&flags).await,
            Command::Clean(flags) => clean::execute(&flags).await,
            Command::Check(flags) => check::execute(&flags),
            Command::Export(flags) => export::execute(&flags),
            Command::Tutorial(flags) => Box::pin(tutorial::execute(&flags)).await,
            Command::Policies(flags) => policies::execute(&flags),
            Command::Ping(flags) => ping::execute(&flags).await,
            Command::Setup(flags) => setup::execute(&flags).await,
        }
    });
    // Connections may still wait for a server that does not answer; nobody waits for them.
    runtime.shutdown_background();
    exit
}
