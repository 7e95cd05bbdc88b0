//! Does `contend tutorial` do what the tutorial does, say what it says, and leave nothing behind?

use std::process::Command;

use jiff::civil::DateTime;
use nix::sys::signal::Signal;

use crate::support::{Contend, Database, Ended, Running, Server, until};

/// What the tutorial says its output is, of 2020.
const EXPECTED: &str = "\
Balances at Fri Oct 30 18:27:00 2020:
(1, 1000)
(2, 250)
Balances at Fri Oct 30 18:27:00 2020:
(1, 900)
(2, 350)
";
const ITS_TIME: &str = "Fri Oct 30 18:27:00 2020";
const ASCTIME: &str = "%a %b %e %H:%M:%S %Y";

/// What its debug log says with -v, and then contend what it has dropped.
const STATUS: &str = "\
create_accounts(): status message: INSERT 0 2
print_balances(): status message: SELECT 2
transfer_funds(): status message: UPDATE 1
print_balances(): status message: SELECT 2
delete_accounts(): status message: DELETE 2
dropped \"contend\".tutorial_accounts
dropped the schema too, which was made for this
";

fn tutorial(database: &Database, flags: &str) -> Ended {
    Contend::new("tutorial").on(&database.address).flags(flags).finish()
}

fn times(stdout: &str) -> Vec<&str> {
    stdout.lines().filter_map(|line| line.strip_prefix("Balances at ")?.strip_suffix(':')).collect()
}

/// The output with the tutorial's time in place of today's, which have to be of the same form.
#[track_caller]
fn without_times(stdout: &str) -> String {
    times(stdout).iter().fold(stdout.to_owned(), |text, time| {
        let parsed = DateTime::strptime(ASCTIME, time).unwrap();
        assert_eq!((parsed.strftime(ASCTIME).to_string().as_str(), time.len()), (*time, ITS_TIME.len()));
        text.replace(time, ITS_TIME)
    })
}

fn relations(database: &Database) -> Vec<Vec<String>> {
    database.sql().rows(
        "SELECT schemaname, tablename FROM pg_catalog.pg_tables \
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'crdb_internal', 'pg_extension') ORDER BY 1, 2",
    )
}

fn has_table(database: &Database) -> bool {
    relations(database).iter().any(|name| name[1] == "tutorial_accounts")
}

pub fn check_that_the_output_is_the_tutorial_s(server: &Server) {
    let database = server.database();
    let sql = database.sql();
    sql.run("CREATE TABLE accounts (id INT PRIMARY KEY, balance INT); INSERT INTO accounts VALUES (1, 5)");
    for _ in 0..2 {
        let ended = tutorial(&database, "").expect(0);
        assert_eq!((without_times(&ended.stdout).as_str(), ended.stderr.as_str()), (EXPECTED, ""));
    }
    let ended = tutorial(&database, "-v").expect(0);
    assert_eq!(without_times(&ended.stdout), EXPECTED);
    let (address, log) = ended.stderr.split_at(ended.stderr.find("create_accounts").unwrap());
    assert_eq!(log, STATUS);
    assert!(address.lines().any(|line| line.ends_with("(hidden)  the address") || line.contains("host ")), "{address}");
    assert_eq!(relations(&database), [["public", "accounts"]], "nothing is left");
    assert!(!sql.schema_exists("contend"));
    assert_eq!(sql.rows("SELECT id, balance FROM accounts"), [["1", "5"]], "a user's own table is not touched");
}

#[test]
fn an_empty_schema_of_somebody_else_stays_and_stays_empty() {
    let database = Server::postgres().database();
    database.sql().run("CREATE SCHEMA contend");
    let ended = tutorial(&database, "-v").expect(0);
    assert!(ended.stderr.ends_with("\ndropped contend's meta\n"), "{}", ended.stderr);
    assert!(database.sql().schema_exists("contend") && relations(&database).is_empty());
}

#[test]
fn the_output_is_the_tutorial_s() {
    check_that_the_output_is_the_tutorial_s(Server::postgres());
}

/// The time is that of the clock on the wall.
#[test]
fn the_time_is_local() {
    let database = Server::postgres().database();
    let zone = "Asia/Kathmandu";
    let now = || {
        let output = Command::new("date").arg("+%a %b %e %H:%M").env("TZ", zone).env("LC_ALL", "C").output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    let before = now();
    let ended = Contend::new("tutorial").on(&database.address).env("TZ", zone).finish().expect(0);
    let minutes = [before, now()];
    for time in times(&ended.stdout) {
        assert!(minutes.iter().any(|minute| time.starts_with(minute)), "{time} is not in {minutes:?}");
    }
}

pub fn check_that_retries_are_forced(server: &Server) {
    let database = server.database();
    let ended = tutorial(&database, "--force-retry -v").expect(0);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert!(lines[3].starts_with("Forced retries;") && lines[5].starts_with("Forced retries,"), "{}", ended.stdout);
    assert_eq!(lines[4], "Transaction did not succeed after 3 retries");
    // On a busy machine the second attempt may be older than it needs to be.
    let succeeded = ["Transaction succeeded at attempt 2", "Transaction succeeded at attempt 3"];
    assert!(succeeded.contains(&lines[6]), "{}", ended.stdout);
    assert!(lines.iter().all(|line| line.len() <= 80), "{}", ended.stdout);
    let without: Vec<&str> = lines[..3].iter().chain(&lines[7..]).copied().collect();
    assert_eq!(without_times(&(without.join("\n") + "\n")), EXPECTED);
    let retries = ended.stderr.matches("EXECUTE SERIALIZATION_FAILURE BRANCH\n").count();
    let sleeps = ended.stderr.matches("\nSleeping 0.").count();
    assert!((4..=5).contains(&retries) && sleeps == retries - 1, "the third does not sleep: {}", ended.stderr);
    assert_eq!(ended.stderr.matches("got error: ").count(), retries, "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("test_retry_loop(): status message: ").count(), 1, "{}", ended.stderr);
    assert!(!database.sql().schema_exists("contend"));
}

#[test]
fn retries_are_forced() {
    check_that_retries_are_forced(Server::postgres());
}

/// Accounts that stay as they are from an earlier time, and do to each row what `action` says.
fn with_trigger(event: &str, action: &str) -> Database {
    let database = Server::postgres().database();
    Contend::new("seed").on(&database.address).finish().expect(0);
    let sql = database.sql();
    sql.run("CREATE TABLE contend.tutorial_accounts (id INT PRIMARY KEY, balance INT)");
    sql.run(&format!(
        "CREATE FUNCTION act() RETURNS trigger AS $$ BEGIN {action}; RETURN new; END $$ LANGUAGE plpgsql"
    ));
    let trigger = format!("CREATE TRIGGER act BEFORE {event} ON contend.tutorial_accounts FOR EACH ROW");
    sql.run(&format!("{trigger} EXECUTE FUNCTION act()"));
    database
}

#[test]
fn insufficient_funds_are_told_and_not_tried_again() {
    let database = with_trigger("INSERT", "new.balance = 50");
    let ended = tutorial(&database, "-v").expect(4);
    assert!(ended.error().contains("Insufficient funds in 1: have 50, need 100"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("BRANCH"), "{}", ended.stderr);
    assert_eq!(times(&ended.stdout).len(), 1, "{}", ended.stdout);
    assert_eq!(relations(&database), [["contend", "accounts"], ["contend", "meta"]], "the seeded accounts stay");
}

#[test]
fn an_error_that_no_retry_mends_takes_the_other_branch() {
    let database = with_trigger("UPDATE", "RAISE EXCEPTION 'no luck' USING ERRCODE = '22012'");
    let ended = tutorial(&database, "-v").expect(4);
    let log = "got error: no luck\nEXECUTE NON-SERIALIZATION_FAILURE BRANCH\n";
    assert!(ended.stderr.contains(log) && ended.error().contains("no luck"), "{}", ended.stderr);
    assert!(!has_table(&database));
}

#[test]
fn a_transfer_that_is_always_aborted_gives_up_after_three_attempts() {
    let database = with_trigger("UPDATE", "RAISE EXCEPTION 'never' USING ERRCODE = '40001'");
    let ended = tutorial(&database, "-v").expect(4);
    let gave_up = "Transaction did not succeed after 3 retries";
    assert!(ended.stderr.contains(&format!("run_transaction(conn, op) failed: {gave_up}\n")), "{}", ended.stderr);
    assert!(ended.error().ends_with(&format!("not transferred: {gave_up}")), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("EXECUTE SERIALIZATION_FAILURE BRANCH").count(), 3, "{}", ended.stderr);
    assert_eq!(without_times(&ended.stdout), EXPECTED.replace("900", "1000").replace("350", "250"));
    assert!(!has_table(&database));
}

#[test]
fn a_table_of_the_same_name_that_contend_did_not_make_is_refused() {
    let database = Server::postgres().database();
    let sql = database.sql();
    Contend::new("seed").on(&database.address).finish().expect(0);
    sql.run("CREATE TABLE contend.tutorial_accounts (id INT, owner TEXT)");
    sql.run("INSERT INTO contend.tutorial_accounts VALUES (1, 'me')");
    for subcommand in ["tutorial", "seed", "clean"] {
        let ended = Contend::new(subcommand).on(&database.address).finish().expect(4);
        assert!(ended.only_error().contains("\"tutorial_accounts\", which contend did not create"), "{}", ended.stderr);
    }
    assert_eq!(sql.rows("SELECT id, owner FROM contend.tutorial_accounts"), [["1", "me"]]);
}

/// A tutorial that has transferred the funds, and now waits between two forced retries.
fn start(server: &Server) -> (Database, Running) {
    let database = server.database();
    let running = Contend::new("tutorial").on(&database.address).flags("--force-retry").spawn();
    until("the funds are transferred", || {
        has_table(&database)
            && database.sql().number("SELECT count(*) FROM contend.tutorial_accounts WHERE balance = 900") == 1
    });
    (database, running)
}

pub fn check_that_an_interrupt_cleans_up(server: &Server) {
    let (database, running) = start(server);
    running.signal(Signal::SIGINT);
    let ended = running.wait().expect(130);
    assert_eq!((times(&ended.stdout).len(), ended.stderr.as_str()), (1, ""));
    assert!(!database.sql().schema_exists("contend"));
}

#[test]
fn an_interrupt_cleans_up() {
    check_that_an_interrupt_cleans_up(Server::postgres());
}

pub fn check_that_clean_drops_what_a_killed_one_leaves(server: &Server) {
    let (database, running) = start(server);
    let refused = Contend::new("clean").on(&database.address).finish().expect(4);
    assert!(refused.only_error().contains(&format!("process {} on ", running.pid())), "{}", refused.stderr);
    running.signal(Signal::SIGKILL);
    running.wait().expect(-9);
    assert!(has_table(&database));
    // As if its lease had ended.
    database.sql().run("UPDATE contend.meta SET lease_until = now()");
    tutorial(&database, "").expect(0);
    assert!(relations(&database).is_empty() && !database.sql().schema_exists("contend"), "nothing is left");
}

#[test]
fn what_a_killed_one_leaves_is_used_again() {
    check_that_clean_drops_what_a_killed_one_leaves(Server::postgres());
}

#[test]
fn clean_drops_the_table_of_a_killed_one() {
    let (database, running) = start(Server::postgres());
    running.signal(Signal::SIGKILL);
    running.wait().expect(-9);
    database.sql().run("UPDATE contend.meta SET lease_until = now()");
    Contend::new("clean").on(&database.address).finish().expect(0);
    assert!(!database.sql().schema_exists("contend"));
}

#[test]
fn accounts_that_are_there_stay() {
    let database = Server::postgres().database();
    Contend::new("seed").on(&database.address).flags("--accounts 3").finish().expect(0);
    tutorial(&database, "").expect(0);
    assert_eq!(relations(&database), [["contend", "accounts"], ["contend", "meta"]]);
    assert_eq!(database.sql().accounts().len(), 3);
}

#[test]
fn a_wrong_flag_is_refused() {
    let ended = Contend::new("tutorial").flags("--force-retries").finish().expect(2);
    assert!(ended.only_error().contains("'--force-retry'"), "{}", ended.stderr);
}
