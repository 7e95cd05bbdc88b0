//! Does an experiment on a real server run its blocks under one lease, and end in good order?

use contend::run::{EndReason, Tune};
use nix::sys::signal::Signal;

use crate::support::{Contend, Database, Ended, Scratch, Server, Sql, until};

/// What is left of a writer's number above its block's epoch: the worker and the attempt.
const BELOW_EPOCH: u32 = 47;

fn start(database: &Database, flags: &str) -> Contend {
    let policies = "--policies immediate,exponential:base=1ms,cap=20ms --lock-order sorted --workers 8";
    Contend::tune().on(&database.address).flags(policies).flags(flags)
}

fn saved(ended: &Ended) -> Tune {
    serde_json::from_str(&std::fs::read_to_string(ended.folder().join("tune.json")).unwrap()).unwrap()
}

fn is_given_back(sql: &Sql) -> bool {
    sql.text("SELECT lease_holder FROM contend.meta").is_empty()
}

pub fn check_that_blocks_are_measured_in_rounds(server: &Server) {
    let database = server.database();
    let ended = start(&database, "--block 600ms --warmup 200ms --rounds 4 --seed 3 --quiet").finish().expect(0);
    let tune = saved(&ended);
    assert_eq!((tune.blocks.len(), tune.analyses.len(), tune.end.reason), (8, 1, EndReason::Completed));
    for (number, pair) in tune.blocks.chunks(2).enumerate() {
        let [one, two] = pair else { panic!("{pair:?}") };
        assert_eq!((one.round as usize, two.round as usize, one.candidate + two.candidate), (number, number, 1));
    }
    assert!(tune.blocks.is_sorted_by(|one, two| one.started_s + 0.8 <= two.started_s), "{:?}", tune.blocks);
    for measured in tune.blocks.iter().map(|block| &block.measured) {
        assert!((measured.seconds - 0.6).abs() < 0.05 && measured.committed > 0, "{measured:?}");
        assert!(measured.committed <= measured.transactions && measured.transactions <= measured.attempts);
        assert!(measured.p50_ns <= measured.p99_ns && measured.p99_ns <= measured.p999_ns, "{measured:?}");
        assert!(measured.wasted_s + measured.backoff_s <= measured.busy_s, "{measured:?}");
        // Workers take no longer than there is time, but for what is in flight at the end.
        assert!(measured.busy_s > 0.0 && measured.busy_s < 8.0 * 3.0, "{measured:?}");
    }
    let connections: u64 = tune.server.hosts.iter().map(|host| host.connections).sum();
    assert_eq!(connections, 8 * 8, "each block has its own");
    let sql = database.sql();
    assert!(is_given_back(&sql));
    assert_eq!(sql.number("SELECT sum(balance) FROM contend.accounts"), 10_000_000);
    // The epoch of the lease was that of the first block.
    let (epoch, writer) = ("SELECT epoch FROM contend.meta", "SELECT max(writer) FROM contend.accounts");
    assert_eq!((sql.number(epoch), sql.number(writer) >> BELOW_EPOCH), (8, 8));
}

#[test]
fn blocks_are_measured_in_rounds() {
    check_that_blocks_are_measured_in_rounds(Server::postgres());
}

#[test]
fn an_interrupt_reports_what_there_is() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let running = start(&database, "--block 1s --warmup 0s --rounds 100 --budget 10m").spawn();
    until("the second round has begun", || sql.writes() > 0 && sql.number("SELECT epoch FROM contend.meta") > 3);
    running.signal(Signal::SIGINT);
    let ended = running.wait().expect(0);
    let tune = saved(&ended);
    assert_eq!(tune.end.reason, EndReason::Interrupted);
    assert!((2..5).contains(&tune.blocks.len()), "what was cut off is no block: {:?}", tune.blocks);
    assert_eq!(tune.analyses.len(), 1);
    assert!(is_given_back(&sql));
}

#[test]
fn an_interrupt_in_the_first_block_leaves_nothing_to_say() {
    let database = Server::postgres().database();
    let sql = database.sql();
    let running = start(&database, "--block 60s --rounds 4 --budget 1h --quiet").spawn();
    until("transactions are being committed", || sql.writes() > 20);
    running.signal(Signal::SIGINT);
    let ended = running.wait().expect(3);
    assert!(ended.only_error().contains("ended before its first block did"), "{}", ended.stderr);
    assert_eq!(ended.out.names(), [""; 0]);
    assert!(is_given_back(&sql));
}

#[test]
fn the_accounts_begin_anew_when_all_epochs_are_used() {
    let database = Server::postgres().database();
    let sql = database.sql();
    Contend::new("seed").on(&database.address).flags("--accounts 10 --balance 1000000").finish().expect(0);
    sql.run("UPDATE contend.meta SET epoch = 65533");
    let ended = start(&database, "--block 300ms --warmup 0s --rounds 4 --verify history").finish().expect(0);
    assert_eq!(saved(&ended).blocks.len(), 8);
    assert!(ended.stderr.contains("accounts rebuilt: --fresh"), "{}", ended.stderr);
    assert_eq!(sql.number("SELECT epoch FROM contend.meta"), 6, "65534 and 65535, then from 1 on");
}

#[test]
fn the_plan_connects_to_nothing() {
    let here = Scratch::new();
    let plan = |flags: &str| {
        let contend = Contend::new("tune").on("postgres://me@127.0.0.1:1/db").flags("--plan --seed 4").flags(flags);
        contend.working_in(here.path()).finish().expect(0)
    };
    let ended = plan("--policies immediate,constant:5ms,immediate --vary workers=4,32 --block 2s --rounds 4");
    for words in ["immediate#1", "immediate#2", "constant:5ms", "32 workers", "24 blocks", "2.00 s measured", "Seed 4"]
    {
        assert!(ended.report().contains(words), "{words}: {}", ended.stdout);
    }
    assert_eq!(ended.stdout.lines().filter(|line| line.contains("restart rollback")).count(), 6, "{}", ended.stdout);
    assert!(ended.stderr.is_empty() && here.names().is_empty());
    assert!(plan("").stdout.lines().filter(|line| line.contains("restart rollback")).count() >= 8, "the usual ones");
}

#[test]
fn wrong_flags_are_told_in_one_line() {
    let here = Scratch::new();
    let cases: [(&[&str], &str); 14] = [
        (&["--policies", "immediate,expo"], "--policies"),
        (&["--policies", "cap=1s"], "is the option of no policy"),
        (&["--policies", "immediate,,none"], "a policy is missing"),
        (&["--policies", "immediate@sideways"], "no way to restart"),
        (&["--vary", "accounts=1,2"], "workers=8,64 is needed"),
        (&["--vary", "workers=8,8"], "different numbers"),
        (&["--vary", "workers=8,16", "--workers", "4"], "--workers"),
        (&["--vary", "workers=2,16", "--threads", "4", "--budget", "1h"], "--threads 4"),
        (&["--objective", "speed"], "goodput, p99 or wasted"),
        (&["--block", "0s"], "--block"),
        (&["--rounds", "0"], "--rounds"),
        (&["--budget", "10s", "--block", "5s", "--rounds", "8"], "budget"),
        (&["--with", "rtt=1ms"], "--with changes the simulation of --simulate"),
        (&["--emit", "python", "--json"], "--json"),
    ];
    for (flags, named) in cases {
        let contend = Contend::new("tune").on("postgres://me@127.0.0.1:1/db").working_in(here.path());
        let ended = flags.iter().fold(contend, |contend, flag| contend.arg(flag)).finish().expect(2);
        assert!(ended.only_error().contains(named), "{flags:?}: {}", ended.stderr);
    }
    assert_eq!(here.names(), [""; 0]);
}

#[test]
fn a_restart_that_the_server_does_not_have_is_refused_before_anything_is_made() {
    let database = Server::postgres().database();
    let tune = Contend::tune().on(&database.address).flags("--policies immediate,immediate@savepoint --quiet");
    let ended = tune.finish().expect(4);
    let error = ended.only_error();
    assert!(error.contains("--restart savepoint") && error.contains("this is PostgreSQL"), "{error}");
    assert_eq!(database.sql().text("SELECT count(*) FROM pg_namespace WHERE nspname = 'contend'"), "0");
}
