//! Is a bank that somebody meddled with during the run found out, and the account named?

use contend::run::Run;

use crate::support::{Contend, Ended, Server, until};

/// Runs contend and the statement in the middle of it; answers with the end. Nobody runs out of money: at READ COMMITTED
/// that would be a violation of its own.
fn meddle(server: &Server, flags: &str, sql: &str) -> Ended {
    let database = server.database();
    let meddler = database.sql();
    let run = Contend::run()
        .on(&database.address)
        .flags("--mix transfer --accounts 10 --balance 1000000 --warmup 200ms --duration 3s --quiet");
    let run = run.flags(flags).spawn();
    until("transactions are being committed", || meddler.writes() > 20);
    meddler.run(sql);
    run.wait()
}

/// The checks of the end that are violated, and what they say. What the audits saw has tests of its own, and so has what
/// the history shows.
fn violated(run: &Run) -> Vec<(&str, &str)> {
    let of_the_end = |name: &str| !name.starts_with("audit") && name != "history";
    let checks = run.verdict.checks.iter().filter(|check| check.status == "violated" && of_the_end(&check.name));
    checks.map(|check| (check.name.as_str(), check.detail.as_str())).collect()
}

fn names(run: &Run) -> Vec<&str> {
    violated(run).into_iter().map(|(name, _)| name).collect()
}

/// How often the history shows an anomaly.
fn found(run: &Run, name: &str) -> u64 {
    run.judgement.as_ref().and_then(|judgement| judgement.counts.get(name)).copied().unwrap_or(0)
}

pub fn check_that_a_changed_balance_is_found(server: &Server, flags: &str) {
    let ended = meddle(server, flags, "UPDATE contend.accounts SET balance = balance + 7 WHERE id = 3").expect(1);
    assert!(ended.stdout.starts_with("VIOLATED"), "{}", ended.stdout);
    let run = ended.saved();
    assert_eq!(run.verdict.status, "violated");
    let [(_, total), (_, accounts)] = violated(&run)[..] else { panic!("{:?}", run.verdict) };
    assert_eq!(names(&run), ["total-balance", "accounts"]);
    assert_eq!(total, "10000000 before, 10000007 after: +7");
    assert!(accounts.starts_with("account 3 holds ") && accounts.ends_with(" (+7)"), "{accounts}");
    assert!(!accounts.contains("account 4"), "{accounts}");
    assert!(found(&run, "garbage") > 0, "what was added does not make what is there: {:?}", run.judgement);
    assert!(ended.report().contains("account 3 holds ") && ended.report().contains("(+7)"), "{}", ended.stdout);
}

#[test]
fn a_changed_balance_is_found_at_serializable() {
    check_that_a_changed_balance_is_found(Server::postgres(), "--lock-order sorted");
}

#[test]
fn a_changed_balance_is_found_at_read_committed() {
    check_that_a_changed_balance_is_found(Server::postgres(), "--lock-order sorted --isolation read-committed");
}

#[test]
fn a_write_that_changes_no_balance_is_found() {
    let sql = "UPDATE contend.accounts SET version = version + 1 WHERE id = 3";
    let run = meddle(Server::postgres(), "--lock-order sorted", sql).expect(1).saved();
    assert_eq!(names(&run), ["writes", "accounts"]);
    let [(_, writes), (_, accounts)] = violated(&run)[..] else { panic!("{:?}", run.verdict) };
    // Who happened to read the version that nobody made, or to have tried to make it, decides what it is called.
    let names = ["phantom writer", "garbage", "dirty-update"];
    assert!(names.iter().any(|name| found(&run, name) > 0), "{:?}", run.judgement);
    assert!(writes.ends_with("1 writes were applied that nobody acknowledged"), "{writes}");
    assert!(accounts.starts_with("account 3 was written "), "{accounts}");
}

#[test]
fn a_row_that_is_gone_is_found() {
    let sql = "DELETE FROM contend.accounts WHERE id = 3";
    let run = meddle(Server::postgres(), "--lock-order sorted", sql).expect(1).saved();
    assert!(names(&run).contains(&"rows") && names(&run).contains(&"accounts"), "{:?}", run.verdict);
    assert!(violated(&run).contains(&("accounts", "account 3 is gone")), "{:?}", run.verdict);
    assert!(run.counts.failed > 0, "transfers that need the account fail: {:?}", run.counts);
}
