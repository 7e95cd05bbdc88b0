//! What was run? The database, the load and the retry policy, as far as a reader of the numbers needs them.

use super::page::Page;
use super::policies::pieces as policy_pieces;
use crate::db::Product;
use crate::plan::{Flight, Isolation, Protocol, VerifyMode};
use crate::report::units::{count, counted, rate, seconds};
use crate::report::wrap::shorten;
use crate::retry::Restart;
use crate::run::{GrantedIsolation, Run, SavedOpenLoop, SavedPlan, Server};

/// Versions are cut to one line: some go on with the compiler and the day of the build.
const VERSION_WIDTH: usize = 64;

/// The section.
pub(super) fn show(run: &Run, page: &mut Page) {
    let (plan, server) = (&run.plan, &run.server);
    page.gap();
    show_server(server, page);
    let threads = counted(plan.threads.into(), "thread");
    let [workers, connections] =
        [(plan.workers, "worker"), (plan.connections, "connection")].map(|(number, noun)| counted(number.into(), noun));
    page.entry("Load", &format!("{workers}, {connections}, {threads}"));
    if let Ok(flight) = plan.flight.parse() {
        page.entry("Flights", &flights(flight, plan, server));
    }
    if let Some(steps) = plan.steps.as_ref().filter(|_| run.open_loop.is_none()) {
        page.entry("Steps", &format!("{steps}, and back to the first"));
    }
    if let Some(open_loop) = &run.open_loop {
        page.entry("Schedule", &schedule(open_loop, plan.steps.as_deref()));
    }
    page.entry("Time", &time(run));
    let accounts = count(plan.accounts);
    page.entry("Transfers", &format!("{accounts} accounts, keys {}, lock order {}", plan.keys, plan.lock_order));
    for (index, piece) in policy_pieces(&plan.retry).iter().enumerate() {
        page.entry(if index == 0 { "Retry policy" } else { "" }, piece);
    }
    if let Some(restart) = plan.restart.parse().ok().and_then(restarts) {
        page.entry("Restart", restart);
    }
    if let Ok(mode) = plan.verify.parse() {
        page.entry("Verified by", verified_by(mode));
    }
}

/// Against what, and what it granted.
pub(super) fn show_server(server: &Server, page: &mut Page) {
    if let Some(local) = &server.local {
        page.entry("Database", &format!("throw-away {local}"));
    } else {
        page.entry("Database", &shorten(&format!("{} {}", server.product, server.version), VERSION_WIDTH));
        page.entry("", &server.address);
    }
    if server.hosts.len() > 1 {
        for (index, host) in server.hosts.iter().enumerate() {
            let made = counted(host.connections, "connection");
            page.entry(if index == 0 { "Servers" } else { "" }, &format!("{}: {made}", host.address));
        }
    }
    page.entry("Isolation", &isolation(&server.isolation));
}

/// How statements travelled, and who has retried them.
pub(super) fn flights(flight: Flight, plan: &SavedPlan, server: &Server) -> String {
    let together = match flight {
        Flight::Sequential => "sequential: one statement per round trip",
        Flight::Pipelined => "pipelined: BEGIN with the reads, the writes with COMMIT",
        Flight::Single => "single: the whole transaction, where its shape allows it",
    };
    let simple = if plan.protocol == Protocol::Simple.to_string() { "; simple protocol" } else { "" };
    let by_server = flight == Flight::Single && server.product == Product::Cockroach.to_string();
    let retried =
        if by_server { "; CockroachDB retries it by itself, and those retries are not seen here" } else { "" };
    format!("{together}{simple}{retried}")
}

/// What is done between two attempts, where it is not what everybody does.
fn restarts(restart: Restart) -> Option<&'static str> {
    match restart {
        Restart::Rollback => None,
        Restart::Savepoint => Some("savepoint: a transaction goes back to its savepoint, and waits with its locks"),
        Restart::Reconnect => Some("reconnect: each attempt behind an abort has a new connection"),
        Restart::Single => Some("single: each transaction is one statement, without BEGIN and COMMIT"),
    }
}

/// What is recorded costs time, so that runs of different modes are not compared.
fn verified_by(mode: VerifyMode) -> &'static str {
    match mode {
        VerifyMode::Balance => "balance: nothing is recorded, the end state alone is checked",
        VerifyMode::History => "history: every attempt is recorded and checked",
        VerifyMode::Ledger => "ledger: every attempt is recorded and checked, and each transfer writes a row more",
    }
}

fn isolation(isolation: &GrantedIsolation) -> String {
    let GrantedIsolation { asked, granted, .. } = isolation;
    let level = |text: &String| Isolation::from_server(text);
    let as_asked = asked.parse::<Isolation>().ok();
    match granted.as_slice() {
        [] => format!("{asked} (the server was not asked back)"),
        [one] if as_asked.is_some() && level(one) == as_asked => one.clone(),
        all => format!("{} ({asked} was asked for)", all.join(", ")),
    }
}

/// The rate of an open loop.
fn schedule(open_loop: &SavedOpenLoop, steps: Option<&str>) -> String {
    let SavedOpenLoop { rate_tps, arrivals, max_queue, .. } = open_loop;
    let rate = steps.map_or_else(|| format!("{}/s", rate(*rate_tps)), str::to_owned);
    let queue = max_queue.map_or_else(String::new, |most| format!(", at most {} waiting for a worker", count(most)));
    format!("{rate}, {arrivals} arrivals{queue}")
}

fn time(run: &Run) -> String {
    let phases = &run.phases;
    let measured = seconds(phases.measured_s);
    let warmup =
        if phases.warmup_s < 0.001 { String::new() } else { format!(" after {} of warm-up", seconds(phases.warmup_s)) };
    let asked = run.plan.duration_s.filter(|asked| *asked > phases.measured_s + 0.5);
    let asked = asked.map_or_else(String::new, |asked| format!(" ({} asked for)", seconds(asked)));
    format!("{measured} measured{warmup}{asked}")
}
