//! Does each variable of the environment lead to its server, and in which order do they count?

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::support::{Contend, Database, Ended, PASSWORD, Scratch, Server};

/// A database in which a bank of this size says which one it is.
fn bank(accounts: u32) -> Database {
    let database = Server::postgres().database();
    Contend::new("seed").on(&database.address).flags(&format!("--accounts {accounts}")).finish().expect(0);
    database
}

fn balances(variables: &[(&str, &str)]) -> Contend {
    variables.iter().fold(Contend::new("balances"), |contend, (name, value)| contend.env(name, value))
}

#[track_caller]
fn found(ended: Ended, accounts: u32) {
    let ended = ended.expect(0);
    assert!(ended.stdout.contains(&format!("\n{accounts} accounts: ")), "{}", ended.stdout);
}

#[test]
fn each_variable_leads_to_its_database() {
    let database = bank(11);
    let (directory, _) = Server::postgres().host();
    found(balances(&[("CONTEND_URL", &database.address)]).finish(), 11);
    found(balances(&[("DATABASE_URL", &database.address)]).finish(), 11);
    let pg = [("PGHOST", directory.as_str()), ("PGUSER", "postgres"), ("PGDATABASE", &database.name)];
    found(balances(&pg).env("PGPASSWORD", PASSWORD).finish(), 11);
}

#[test]
fn the_argument_wins_then_contend_url_then_database_url_then_pghost() {
    let [argument, contend, database] = [12, 13, 14].map(bank);
    let dead = "postgres://me@/db?host=/nowhere/at/all";
    let all = [
        ("CONTEND_URL", contend.address.as_str()),
        ("DATABASE_URL", database.address.as_str()),
        ("PGHOST", "/nowhere/at/all"),
    ];
    found(balances(&all).on(&argument.address).finish(), 12);
    found(balances(&all).finish(), 13);
    found(balances(&all[1..]).finish(), 14);
    let ended = balances(&all[2..]).finish().expect(4);
    assert!(ended.only_error().contains("/nowhere/at/all"), "{}", ended.stderr);
    let ended = balances(&all[1..]).on(dead).finish().expect(4);
    assert!(ended.only_error().contains("/nowhere/at/all"), "{}", ended.stderr);
}

#[test]
fn a_service_and_a_password_file_lead_to_a_database_and_verbose_tells_so() {
    let database = bank(16);
    let (directory, _) = Server::postgres().host();
    let home = Scratch::new();
    let write = |name: &str, text: String| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    };
    write(".pg_service.conf", format!("[bank]\nhost={directory}\nuser=postgres\ndbname={}\n", database.name));
    write(".pgpass", format!("*:*:*:*:{PASSWORD}\n"));
    let variables = [("HOME", home.path().to_str().unwrap()), ("PGSERVICE", "bank")];
    let ended = balances(&variables).flags("-v").finish().expect(0);
    assert!(ended.stdout.contains("\n16 accounts: "), "{}", ended.stdout);
    for told in ["service bank in ", ".pg_service.conf", "(hidden)", ".pgpass", "PGSERVICE"] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
    assert!(!ended.stderr.contains(PASSWORD), "{}", ended.stderr);
    let error = balances(&[variables[0], ("PGSERVICE", "other")]).finish().expect(4);
    assert!(error.only_error().contains("service other is not defined"), "{}", error.stderr);
}

#[test]
fn a_run_uses_the_environment_s_server_unless_a_local_one_is_asked_for() {
    let database = bank(15);
    let flags = "--accounts 15 --lock-order sorted --transactions 100 --warmup 0s";
    let run = || Contend::run().env("CONTEND_URL", &database.address).flags(flags);
    let saved = run().finish().expect(0).saved();
    assert_eq!(saved.server.local, None);
    assert!(saved.server.address.ends_with(&database.name), "{:?}", saved.server);
    let writes = database.sql().writes();
    assert!(writes > 0);
    let saved = run().flags("--local postgres").finish().expect(0).saved();
    assert!(saved.server.local.is_some(), "{:?}", saved.server);
    assert_eq!(database.sql().writes(), writes, "nothing was done on the other server");
}

#[test]
fn a_variable_that_is_no_text_is_told() {
    for name in ["DATABASE_URL", "PGHOST", "PGPASSWORD"] {
        let contend = Contend::new("balances").env("PGDATABASE", "bank").env_bytes(name, b"a\xff");
        let ended = contend.finish().expect(2);
        assert_eq!(ended.only_error(), format!("error: {name} is not UTF-8"));
    }
}
