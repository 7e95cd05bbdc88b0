//! Are the accounts made once, kept while they are right, and made anew when they are not?

use crate::support::{Contend, Database, Ended, Server};

fn seed(database: &Database, flags: &str) -> Ended {
    Contend::new("seed").on(&database.address).flags(flags).finish().expect(0)
}

/// What a seeding that keeps the accounts would keep, and one that makes them would not.
fn mark(database: &Database) {
    database.sql().run("UPDATE contend.accounts SET version = 5, writer = 99 WHERE id = 7");
}

fn is_marked(database: &Database) -> bool {
    database.sql().accounts()[6][2..] == [5, 99]
}

fn fresh(accounts: i64, balance: i64) -> Vec<[i64; 4]> {
    (1..=accounts).map(|id| [id, balance, 0, 0]).collect()
}

pub fn check_that_seeding_twice_keeps_the_accounts(server: &Server) {
    let database = server.database();
    let first = seed(&database, "--accounts 20 --balance 300");
    assert_eq!(first.stdout, "20 accounts with 6000 in all are in contend.accounts\n");
    assert_eq!(database.sql().accounts(), fresh(20, 300));
    mark(&database);
    let second = seed(&database, "--accounts 20 --balance 300");
    assert_eq!((second.stdout, second.stderr.as_str()), (first.stdout, ""));
    assert!(is_marked(&database), "{:?}", database.sql().accounts());
}

/// Seeds, marks, does `harm`, and seeds again with `flags`: the accounts have to be new, and one line has to say why.
pub fn check_that_the_accounts_are_rebuilt(server: &Server, harm: &str, flags: &str, why: &str) {
    let database = server.database();
    seed(&database, "--accounts 20");
    mark(&database);
    database.sql().run(harm);
    let ended = seed(&database, flags);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.starts_with("accounts rebuilt: ") && ended.stderr.contains(why), "{}", ended.stderr);
    let accounts = database.sql().accounts();
    assert_eq!(accounts, fresh(accounts.len().try_into().unwrap(), accounts[0][1]), "{flags}");
    let expected = format!("{} accounts with {} in all", accounts.len(), accounts.len() * 1000);
    assert!(ended.stdout.starts_with(&expected), "{}", ended.stdout);
}

#[test]
fn seeding_twice_keeps_the_accounts() {
    check_that_seeding_twice_keeps_the_accounts(Server::postgres());
}

#[test]
fn wrong_accounts_are_rebuilt_and_one_line_says_why() {
    let cases = [
        ("UPDATE contend.accounts SET balance = balance + 1 WHERE id = 3", "--accounts 20", "total of 20001"),
        ("DELETE FROM contend.accounts WHERE id = 20", "--accounts 20", "19 rows"),
        ("UPDATE contend.accounts SET balance = 4000 * id - 7000 WHERE id < 4", "--accounts 20", "balance of -3000"),
        ("DROP TABLE contend.accounts", "--accounts 20", "gone"),
        ("SELECT 1", "--accounts 30", "20 accounts instead of 30"),
        ("SELECT 1", "--accounts 20 --fresh", "--fresh"),
    ];
    for (harm, flags, why) in cases {
        check_that_the_accounts_are_rebuilt(Server::postgres(), harm, flags, why);
    }
}

#[test]
fn quiet_seeding_says_nothing_on_stderr() {
    let database = Server::postgres().database();
    seed(&database, "--accounts 20 --quiet");
    assert_eq!(seed(&database, "--accounts 30 --quiet").stderr, "");
}

#[test]
fn a_hundred_thousand_accounts_are_made_and_summed_up() {
    let database = Server::postgres().database();
    seed(&database, "--accounts 100000 --balance 5");
    let found = database.sql().rows("SELECT count(*), min(id), max(id), sum(balance) FROM contend.accounts");
    assert_eq!(found, [["100000", "1", "100000", "500000"]]);
    let balances = Contend::new("balances").on(&database.address).finish().expect(0).stdout;
    assert!(balances.starts_with("100,000 accounts: 500000 in all, 5 to 5 each; 0 writes"), "{balances}");
}

#[test]
fn balances_lists_a_small_bank() {
    let database = Server::postgres().database();
    let none = Contend::new("balances").on(&database.address).finish().expect(4);
    assert!(none.only_error().contains("contend seed"), "{}", none.stderr);
    assert!(!database.sql().schema_exists("contend"), "to look makes nothing");
    seed(&database, "--accounts 3");
    database.sql().run("UPDATE contend.accounts SET balance = 1234, version = 2 WHERE id = 2");
    let balances = Contend::new("balances").on(&database.address).finish().expect(0).stdout;
    let lines: Vec<Vec<&str>> = balances.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(
        lines[..4],
        [["account", "balance", "version"], ["1", "1000", "0"], ["2", "1234", "2"], ["3", "1000", "0"]]
    );
    assert!(balances.contains("3 accounts: 3234 in all, 1000 to 1234 each; 2 writes"), "{balances}");
}

#[test]
fn a_run_keeps_what_a_run_left() {
    let database = Server::postgres().database();
    let flags = "--accounts 20 --lock-order sorted --warmup 0s --transactions 100";
    Contend::run().on(&database.address).flags(flags).finish().expect(0);
    let writes = database.sql().writes();
    let second = Contend::run().on(&database.address).flags(flags).finish().expect(0);
    assert!(!second.stderr.contains("rebuilt"), "{}", second.stderr);
    assert!(writes > 0 && database.sql().writes() > writes);
}
