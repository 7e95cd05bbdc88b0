//! Is everything that only the server, or the disk, can tell answered in one line, with exit code 4?

use std::fs;
use std::path::Path;

use tokio::net::TcpSocket;

use crate::support::{Contend, PASSWORD, Scratch, Server, until};

const SUBCOMMANDS: [&str; 5] = ["run", "seed", "balances", "clean", "tutorial"];

/// The one line about an address that leads nowhere, the same for every command.
pub fn refused(address: &str) -> String {
    let errors = SUBCOMMANDS.map(|name| {
        let contend = if name == "run" { Contend::run() } else { Contend::new(name) };
        let ended = contend.on(address).finish().expect(4);
        assert_eq!(ended.out.names(), [""; 0], "a run that did not begin leaves nothing");
        ended.only_error().to_owned()
    });
    assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
    errors[0].clone()
}

fn refused_run(address: &str, flags: &str) -> String {
    let ended = Contend::run().on(address).flags(flags).flags("--warmup 0s --duration 1s").finish().expect(4);
    assert_eq!(ended.out.names(), [""; 0]);
    ended.only_error().to_owned()
}

/// Bound and not listening: nobody else can take it, and nobody answers.
pub fn dead_port() -> (TcpSocket, u16) {
    let socket = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket
    });
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[test]
fn a_dead_port_is_told_with_its_address() {
    let (_socket, port) = dead_port();
    let error = refused(&format!("postgres://me:{PASSWORD}@127.0.0.1:{port}/db"));
    assert!(error.contains(&format!("me@127.0.0.1:{port}/db")) && error.contains("refused"), "{error}");
}

#[test]
fn a_socket_directory_that_does_not_exist_is_told() {
    let error = refused(&format!("postgres://me:{PASSWORD}@/db?host=/nowhere/at/all"));
    assert!(error.contains("/nowhere/at/all") && error.contains("No such file"), "{error}");
}

#[test]
fn a_database_that_does_not_exist_is_told() {
    let error = refused(&Server::postgres().url("postgres", "no_such_database"));
    assert!(error.contains("\"no_such_database\" does not exist") && error.contains("create the database"), "{error}");
}

#[test]
fn a_user_that_may_not_create_is_told_what_is_needed() {
    let server = Server::postgres();
    let database = server.database();
    server.sql().run("CREATE ROLE may_not_create LOGIN");
    let error = refused_run(&server.url("may_not_create", &database.name), "");
    assert!(error.contains("permission denied") && error.contains("--schema"), "{error}");
    let ended = Contend::new("seed").on(&server.url("may_not_create", &database.name)).finish().expect(4);
    assert!(ended.only_error().contains("permission denied"), "{}", ended.stderr);
}

#[test]
fn a_wrong_password_is_told_and_not_printed() {
    let server = Server::postgres();
    let database = server.database();
    server.sql().run("CREATE ROLE with_password LOGIN PASSWORD 'another one'");
    let rules = Path::new(&server.host().0).join("data/pg_hba.conf");
    let old = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("local all with_password scram-sha-256\n{old}")).unwrap();
    server.sql().run("SELECT pg_reload_conf()");
    let loaded = "SELECT count(*) FROM pg_hba_file_rules WHERE 'with_password' = ANY (user_name)";
    until("the rule is in the file", || server.sql().number(loaded) == 1);
    let address = server.url("with_password", &database.name);
    // The postmaster takes the signal when it likes: until then the server asks for no password, and `balances` finds no
    // accounts.
    until("the rule is loaded", || {
        Contend::new("balances").on(&address).finish().expect(4).error().contains("password")
    });
    let error = refused(&address);
    assert!(error.contains("password authentication failed") && error.contains("PGPASSWORD"), "{error}");
}

#[test]
fn a_read_only_server_is_told() {
    let server = Server::postgres();
    let database = server.database();
    server.sql().run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name));
    let error = refused_run(&database.address, "");
    assert!(error.contains("read-only transaction") && error.contains("default_transaction_read_only"), "{error}");
}

#[test]
fn more_connections_than_the_server_has_are_refused_before_anything_is_made() {
    let database = Server::postgres().database();
    let error = refused_run(&database.address, "--workers 2000 --connections 2000");
    assert!(error.contains("max_connections") && error.contains("--connections"), "{error}");
    assert!(!database.sql().schema_exists("contend"));
}

#[test]
fn a_role_s_own_connection_limit_is_told() {
    let server = Server::postgres();
    let database = server.database();
    server.sql().run("CREATE ROLE three_at_a_time LOGIN CONNECTION LIMIT 3");
    server.sql().run(&format!("GRANT CREATE ON DATABASE {} TO three_at_a_time", database.name));
    let error = refused_run(&server.url("three_at_a_time", &database.name), "--workers 8");
    assert!(error.contains("too many connections for role") && error.contains("--connections"), "{error}");
}

#[test]
fn results_that_cannot_be_written_are_found_out_before_the_run() {
    let scratch = Scratch::new();
    let file = scratch.path().join("a-file");
    fs::write(&file, "kept").unwrap();
    let database = Server::postgres().database();
    let out = file.join("results");
    let ended = Contend::new("run").on(&database.address).arg("--out").arg(out.to_str().unwrap()).finish().expect(4);
    assert!(ended.only_error().contains("--out"), "{}", ended.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    assert!(!database.sql().schema_exists("contend"));
}

#[test]
fn tables_of_others_are_refused_and_left_alone() {
    for table in ["accounts", "meta", "invoices"] {
        let database = Server::postgres().database();
        let sql = database.sql();
        sql.run(&format!("CREATE SCHEMA contend; CREATE TABLE contend.{table} (id INT8 PRIMARY KEY, owner TEXT)"));
        sql.run(&format!("INSERT INTO contend.{table} VALUES (1, 'me')"));
        let error = refused(&database.address);
        assert!(error.contains(&format!("\"{table}\"")) && error.contains("nothing was touched"), "{error}");
        assert_eq!(sql.rows(&format!("SELECT id, owner FROM contend.{table}")), [["1", "me"]]);
        let all = "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'contend'";
        assert_eq!(sql.number(all), 1, "nothing is beside {table}");
    }
}
