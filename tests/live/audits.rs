//! Do the snapshots during the load see what goes wrong in it, and say when?

use contend::db::{Auditor, Target};
use contend::history::{Overdrawn, Totals};
use contend::run::{Run, SavedCheck};

use crate::support::{Contend, Database, Server, until};

fn audits(run: &Run) -> Vec<&SavedCheck> {
    run.verdict.checks.iter().filter(|check| check.name.starts_with("audit")).collect()
}

/// The violated one of this name.
fn violated<'a>(run: &'a Run, name: &str) -> &'a str {
    let found = audits(run).into_iter().find(|check| check.name == name && check.status == "violated");
    &found.unwrap_or_else(|| panic!("{name} in {:?}", run.verdict)).detail
}

fn run(database: &Database, flags: &str) -> Contend {
    Contend::run().on(&database.address).flags("--mix transfer --warmup 0s --quiet").flags(flags)
}

/// How many snapshots the only line on them is about.
fn snapshots(run: &Run) -> u64 {
    let [audits] = audits(run)[..] else { panic!("{:?}", run.verdict) };
    assert_eq!((audits.name.as_str(), audits.status.as_str()), ("audits", "holds"), "{:?}", run.verdict);
    audits.detail.split_once(' ').unwrap().0.parse().unwrap()
}

pub fn check_that_audits_hold(server: &Server) {
    let database = server.database();
    let ended = run(&database, "--accounts 20 --lock-order sorted --duration 4s").finish().expect(0);
    let run = ended.saved();
    assert!((4..=60).contains(&snapshots(&run)), "{:?}", run.verdict);
    assert!(!audits(&run)[0].detail.contains("failed"), "{:?}", run.verdict);
    assert!(ended.report().contains("snapshots of the whole add up"), "{}", ended.stdout);
}

/// `from 3.104 to 3.110 s`, as it stands behind "of" in a violation: the four numbers of the two snapshots.
fn times(detail: &str) -> Vec<f64> {
    detail.split([' ', ';']).filter(|word| word.contains('.')).map(|word| word.parse().unwrap()).collect()
}

/// Money comes and goes again during the run: at the end nothing is to be seen of it.
pub fn check_that_a_passing_change_is_bracketed(server: &Server) {
    let database = server.database();
    let meddler = database.sql();
    let running = run(&database, "--accounts 1000 --balance 1000 --lock-order sorted --duration 5s").spawn();
    until("transactions are being committed", || meddler.writes() > 20);
    std::thread::sleep(std::time::Duration::from_millis(700));
    meddler.run("UPDATE contend.accounts SET balance = balance + 7 WHERE id = 3");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    meddler.run("UPDATE contend.accounts SET balance = balance - 7 WHERE id = 3");
    let saved = running.wait().expect(1).saved();
    let violated_checks = saved.verdict.checks.iter().filter(|it| it.status == "violated").map(|it| it.name.as_str());
    // Whoever read the row meanwhile has read money that nobody wrote.
    let bad: Vec<&str> = violated_checks.filter(|name| *name != "history").collect();
    assert_eq!(bad, ["audit-total"], "{:?}", saved.verdict);
    let detail = violated(&saved, "audit-total");
    assert!(detail.starts_with("total 1000000 in the snapshot of ") && detail.contains(", total 1000007 in that of "));
    let [good_from, good_to, bad_from, bad_to] = times(detail)[..] else { panic!("{detail}") };
    assert!(0.0 < good_from && good_from <= good_to && good_to <= bad_from && bad_from <= bad_to, "{detail}");
    assert!(bad_to - good_from < 2.0, "not much of a bracket: {detail}");
}

#[test]
fn audits_hold_where_everything_is_right() {
    check_that_audits_hold(Server::postgres());
}

#[test]
fn a_change_that_is_gone_at_the_end_is_seen_and_bracketed_in_time() {
    check_that_a_passing_change_is_bracketed(Server::postgres());
}

#[test]
fn half_a_transaction_is_seen() {
    let database = Server::postgres().database();
    let meddler = database.sql();
    let running = run(&database, "--accounts 1000 --lock-order sorted --duration 2s").spawn();
    until("transactions are being committed", || meddler.writes() > 20);
    meddler.run("UPDATE contend.accounts SET version = version + 1 WHERE id = 3");
    let saved = running.wait().expect(1).saved();
    let detail = violated(&saved, "audit-parity");
    assert!(detail.contains(": odd, where each transaction makes two; "), "{detail}");
}

#[test]
fn writes_that_are_taken_back_are_missed() {
    let database = Server::postgres().database();
    let meddler = database.sql();
    let running = run(&database, "--accounts 1000 --lock-order sorted --duration 2s").spawn();
    until("transactions are being committed", || meddler.writes() > 200);
    meddler.run("UPDATE contend.accounts SET version = version - 1000 WHERE id = 3");
    let saved = running.wait().expect(1).saved();
    let detail = violated(&saved, "audit-writes");
    assert!(detail.contains(" had been acknowledged before it; "), "{detail}");
}

#[test]
fn money_that_absolute_writes_lose_at_read_committed_is_missed_at_once() {
    let database = Server::postgres().database();
    let flags = "--mix absolute --isolation read-committed --lock-order sorted --warmup 0s --accounts 10 \
                 --balance 1000000 --duration 2s --quiet";
    let saved = Contend::run().on(&database.address).flags(flags).finish().expect(1).saved();
    let detail = violated(&saved, "audit-total");
    assert!(detail.starts_with("total 10000000 ") && detail.contains(" in the snapshot of "), "{detail}");
    let names: Vec<&str> = audits(&saved).iter().map(|check| check.name.as_str()).collect();
    assert_eq!(names, ["audit-total"], "the number of writes is right: {:?}", saved.verdict);
}

#[test]
fn overdrafts_at_read_committed_are_seen() {
    let database = Server::postgres().database();
    let flags = "--isolation read-committed --lock-order sorted --accounts 4 --balance 100 --think 2ms --duration 2s";
    let saved = run(&database, flags).finish().expect(1).saved();
    let detail = violated(&saved, "audit-sign");
    assert!(detail.contains("a lowest balance of -"), "{detail}");
}

#[test]
fn without_audits_there_is_no_line_on_them() {
    let database = Server::postgres().database();
    let ended = run(&database, "--accounts 20 --lock-order sorted --duration 500ms --audit off").finish().expect(0);
    assert!(audits(&ended.saved()).is_empty() && !ended.stdout.contains("audits "), "{}", ended.stdout);
}

#[test]
fn the_shortest_load_is_audited_too() {
    let database = Server::postgres().database();
    let ended = run(&database, "--accounts 20 --lock-order sorted --transactions 32").finish().expect(0);
    assert!(snapshots(&ended.saved()) >= 1, "{}", ended.stdout);
}

#[test]
fn an_audit_whose_connection_is_lost_is_told_and_ends_nothing() {
    let database = Server::postgres().database();
    let running = run(&database, "--accounts 1000 --lock-order sorted --duration 4s").spawn();
    let sql = database.sql();
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
               AND state = 'active' AND query LIKE 'SELECT count(*), coalesce(sum%'";
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(4);
    while sql.text(cut) == "0" {
        assert!(std::time::Instant::now() < deadline, "no audit was seen");
    }
    let saved = running.wait().expect(0).saved();
    assert!(snapshots(&saved) > 1, "{:?}", saved.verdict);
    let detail = &audits(&saved)[0].detail;
    assert!(detail.contains(" failed, the first with: cannot audit the accounts: "), "{detail}");
}

/// Customer c has the rows 2c - 1 and 2c.
pub fn check_that_overdrawn_customers_are_counted(server: &Server) {
    let database = server.database();
    let sql = database.sql();
    let columns = "id INT8 PRIMARY KEY, balance INT8 NOT NULL, version INT8 NOT NULL, writer INT8 NOT NULL";
    sql.run("CREATE SCHEMA contend");
    for table in ["accounts", "pairs"] {
        sql.run(&format!("CREATE TABLE contend.{table} ({columns})"));
    }
    sql.run("INSERT INTO contend.accounts VALUES (1, 5, 1, 0), (2, -6, 2, 0)");
    sql.run("INSERT INTO contend.pairs VALUES (1, -100, 1, 0), (2, 100, 0, 0), (3, 100, 0, 0), (4, 100, 0, 0)");
    let target = Target::resolve(std::slice::from_ref(&database.address), |_| None).unwrap().unwrap();
    let limit = std::time::Duration::from_secs(10);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let schema = "contend".parse().unwrap();
    let auditor = runtime.block_on(Auditor::connect(&target, &schema, true, limit)).unwrap();
    let audit = || runtime.block_on(auditor.audit(false)).unwrap();
    let accounts = Totals { count: 2, total: -1, versions: 3, lowest: -6, overdrawn: None };
    assert_eq!(audit(), accounts, "singly they may be below zero");
    sql.run("INSERT INTO contend.pairs VALUES (5, -100, 1, 0), (6, -50, 1, 0), (7, 0, 0, 0), (8, -1, 1, 0)");
    let overdrawn = Some(Overdrawn { customers: 2, first: 3, both: -150 });
    let now = Totals { overdrawn, ..accounts };
    let past = || runtime.block_on(auditor.audit(true)).ok();
    if auditor.behind().is_some() {
        assert_ne!(past(), Some(now), "it was so only now");
        until("the past has come that far", || past() == Some(now));
    }
    assert_eq!(audit(), now);
}

#[test]
fn customers_whose_accounts_are_below_zero_together_are_counted() {
    check_that_overdrawn_customers_are_counted(Server::postgres());
}
