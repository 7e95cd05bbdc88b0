//! Does what `contend setup` prints make a user who can run contend, however often it is run, and does contend itself make
//! nothing?

use std::io::Write;
use std::process::{Command, Stdio};

use contend::db::Identifier;

use crate::refused_server::dead_port;
use crate::support::{Contend, PASSWORD, Server};

/// A shell of the server that reads statements, and stops at the first that fails.
fn pipe(mut shell: Command, statements: &str) {
    let mut child =
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server's shell");
    child.stdin.take().unwrap().write_all(statements.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{statements}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn psql(address: &str) -> Command {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-v", "ON_ERROR_STOP=1", address]);
    psql
}

fn cockroach_sql(server: &Server) -> Command {
    let (name, port) = server.host();
    let mut sql = Command::new(Server::cockroach_binary().unwrap());
    sql.args(["sql", "--insecure", "--host"]).arg(format!("{name}:{}", port.unwrap()));
    sql
}

fn setup(address: &str, user: &str, database: &str) -> String {
    let contend = Contend::new("setup").on(address).arg("--user").arg(user).arg("--database").arg(database);
    contend.finish().expect(0).stdout
}

/// The address of the command line that is printed last.
fn url(printed: &str) -> &str {
    let line = printed.lines().last().unwrap();
    line.strip_prefix("--   contend run '").and_then(|rest| rest.strip_suffix('\'')).unwrap()
}

fn check_that_the_user_can_work(server: &Server, shell: impl Fn() -> Command, user: &str, database: &str) {
    let address = server.url(&server.superuser(), &server.database().name);
    let before = setup(&address, user, database);
    let (name, base): (Identifier, Identifier) = (user.parse().unwrap(), database.parse().unwrap());
    assert!(before.contains(&format!("--   user {name} is not there yet\n")), "contend made it itself: {before}");
    assert!(before.contains(&format!("--   database {base} is not there yet\n")), "{before}");
    assert!(before.contains(" may create users and databases\n"), "{before}");
    pipe(shell(), &before);
    pipe(shell(), &before);
    let after = setup(&address, user, database);
    assert!(after.contains(&format!("--   user {name} is there already\n")), "{after}");
    assert!(after.contains(&format!("--   database {base} is there already\n")), "{after}");
    let flags = "--accounts 10 --lock-order sorted --transactions 50 --warmup 0s --quiet";
    let run = Contend::run().on(url(&after)).flags(flags).finish().expect(0).saved();
    assert!(run.server.address.starts_with(user) && run.server.address.ends_with(database), "{:?}", run.server);
    let as_user = setup(url(&after), user, database);
    assert!(as_user.contains(&format!("--   {user} may not create both of them\n")), "{as_user}");
}

/// Some systems have the server's programs without psql. Said past the test's own output, which nobody sees.
fn has_psql() -> bool {
    let found = Command::new("psql").arg("--version").output().is_ok();
    if !found {
        std::io::stderr().write_all(b"SKIPPED: a test of `contend setup`, since there is no psql on PATH\n").unwrap();
    }
    found
}

#[test]
fn the_statements_make_a_user_who_can_run_contend() {
    if !has_psql() {
        return;
    }
    let server = Server::postgres();
    let address = server.url(&server.superuser(), "postgres");
    check_that_the_user_can_work(server, || psql(&address), "maxroach", "bank");
}

#[test]
fn names_that_are_not_plain_do_too() {
    if !has_psql() {
        return;
    }
    let server = Server::postgres();
    let address = server.url(&server.superuser(), "postgres");
    check_that_the_user_can_work(server, || psql(&address), "O'Max \"the\" Roach; --", "select");
}

pub fn check_that_the_statements_make_a_user_who_can_run_contend(server: &Server) {
    check_that_the_user_can_work(server, || cockroach_sql(server), "maxroach", "bank");
    check_that_the_user_can_work(server, || cockroach_sql(server), "max-roach", "select");
    // It knows users by small letters alone.
    let capitals = setup(&server.url(&server.superuser(), &server.database().name), "Max-Roach", "Select");
    assert!(capitals.contains("  user \"max-roach\" is there already\n"), "{capitals}");
    pipe(cockroach_sql(server), &capitals);
}

/// The server itself knows which words have to be quoted.
pub fn check_that_reserved_words_are_quoted(server: &Server) {
    let words = server.sql().rows("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')");
    assert!(words.len() > 80, "{words:?}");
    for word in words.concat() {
        assert_eq!(word.parse::<Identifier>().unwrap().to_string(), format!("\"{word}\""));
    }
}

#[test]
fn reserved_words_are_quoted() {
    check_that_reserved_words_are_quoted(Server::postgres());
}

#[test]
fn without_an_address_nothing_is_connected_to() {
    let printed = |flags: &str| Contend::new("setup").flags(flags).finish().expect(0).stdout;
    let cockroach = printed("");
    assert_eq!(cockroach, printed("--for cockroach"), "it is the default");
    for statement in [
        "CREATE USER IF NOT EXISTS maxroach;\n",
        "CREATE DATABASE IF NOT EXISTS bank;\n",
        "GRANT ALL ON DATABASE bank TO maxroach;\n",
        "--   cockroach cert create-client maxroach --certs-dir=certs --ca-key=my-safe-directory/ca.key\n",
        "--   ALTER USER maxroach WITH PASSWORD '...';\n",
    ] {
        assert!(cockroach.contains(&format!("\n{statement}")), "{cockroach}");
    }
    assert_eq!(url(&cockroach), "postgres://maxroach@localhost:26257/bank?sslmode=disable");
    let postgres = printed("--for postgres --user me --database mine");
    assert!(postgres.contains("\n\\set ON_ERROR_STOP on\n"), "what fails is not passed over: {postgres}");
    assert!(postgres.contains("'CREATE DATABASE mine'") && postgres.contains("--   \\password me\n"), "{postgres}");
    assert_eq!(url(&postgres), "postgres://me@localhost:5432/mine");
}

#[test]
fn the_environment_s_server_is_asked_unless_the_product_is_said() {
    let (_socket, port) = dead_port();
    let address = format!("postgres://me:{PASSWORD}@127.0.0.1:{port}/db");
    let setup = || Contend::new("setup").env("DATABASE_URL", &address);
    let ended = setup().finish().expect(4);
    assert!(ended.only_error().contains("refused"), "{}", ended.stderr);
    setup().flags("--for postgres").finish().expect(0);
}

#[test]
fn what_is_no_name_or_product_is_refused() {
    let long = "x".repeat(64);
    let cases: [(&[&str], &str); 7] = [
        (&["--user", "public"], "--user public"),
        (&["--for", "postgres", "--user", "pg_monitor"], "--user pg_monitor"),
        (&["--for", "oracle"], "--for"),
        (&["--for", "postgres", "postgres://h/db"], "--for"),
        (&["--user", ""], "--user"),
        (&["--user", &long], "--user"),
        (&["--database", "two\nlines; DROP DATABASE bank"], "--database"),
    ];
    for (arguments, named) in cases {
        let contend = arguments.iter().fold(Contend::new("setup"), |contend, argument| contend.arg(argument));
        let ended = contend.finish().expect(2);
        assert!(ended.only_error().contains(named), "{}", ended.stderr);
    }
}
