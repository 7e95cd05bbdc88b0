//! Does `contend clean` drop all that contend made, and nothing else?

use crate::support::{Contend, Database, Server};

fn seed(database: &Database) {
    Contend::new("seed").on(&database.address).flags("--accounts 20").finish().expect(0);
}

fn clean(database: &Database) -> String {
    Contend::new("clean").on(&database.address).finish().expect(0).stdout
}

fn tables(database: &Database) -> Vec<Vec<String>> {
    database.sql().rows("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'contend' ORDER BY 1")
}

pub fn check_that_clean_drops_everything(server: &Server) {
    let database = server.database();
    seed(&database);
    assert!(database.sql().schema_exists("contend"));
    assert_eq!(clean(&database), "dropped the schema \"contend\"\n");
    assert!(!database.sql().schema_exists("contend"));
    assert_eq!(clean(&database), "there is nothing of contend's in schema \"contend\"\n");
    seed(&database);
    assert_eq!(tables(&database), [["accounts"], ["meta"]], "after it one can begin anew");
}

pub fn check_that_clean_keeps_a_schema_it_did_not_make(server: &Server) {
    let database = server.database();
    database.sql().run("CREATE SCHEMA contend");
    seed(&database);
    assert_eq!(clean(&database), "dropped contend's tables in the schema \"contend\"\n");
    assert!(database.sql().schema_exists("contend"));
    assert_eq!(tables(&database), [[""; 1]; 0]);
}

#[test]
fn clean_drops_everything() {
    check_that_clean_drops_everything(Server::postgres());
}

#[test]
fn clean_keeps_a_schema_it_did_not_make() {
    check_that_clean_keeps_a_schema_it_did_not_make(Server::postgres());
}

#[test]
fn clean_is_refused_while_a_table_of_others_is_there() {
    let database = Server::postgres().database();
    seed(&database);
    database.sql().run("CREATE TABLE contend.invoices AS SELECT 1 AS id");
    let ended = Contend::new("clean").on(&database.address).finish().expect(4);
    assert!(ended.only_error().contains("\"invoices\""), "{}", ended.stderr);
    assert_eq!(tables(&database), [["accounts"], ["invoices"], ["meta"]]);
}

#[test]
fn a_schema_with_a_function_or_a_type_of_others_is_refused() {
    for (create, name) in [
        ("CREATE FUNCTION contend.answer() RETURNS INT LANGUAGE sql AS 'SELECT 42'", "answer"),
        ("CREATE TYPE contend.colour AS ENUM ('red')", "colour"),
        ("CREATE TYPE contend.pair AS (a INT, b INT)", "pair"),
    ] {
        let database = Server::postgres().database();
        seed(&database);
        database.sql().run(create);
        for subcommand in ["clean", "seed", "tutorial"] {
            let ended = Contend::new(subcommand).on(&database.address).finish().expect(4);
            assert!(ended.only_error().contains(&format!("\"{name}\"")), "{}", ended.stderr);
        }
        assert_eq!(tables(&database), [["accounts"], ["meta"]]);
    }
}

#[test]
fn other_schemas_are_not_touched() {
    let database = Server::postgres().database();
    seed(&database);
    Contend::new("seed").on(&database.address).flags("--accounts 20 --schema other").finish().expect(0);
    clean(&database);
    assert_eq!(database.sql().number("SELECT count(*) FROM other.accounts"), 20);
}

/// Somebody drops contend's accounts and puts a table of the same name in their place.
#[test]
fn an_accounts_table_that_contend_did_not_make_is_not_touched() {
    check_that_other_accounts_are_not_touched(Server::postgres());
}

pub fn check_that_other_accounts_are_not_touched(server: &Server) {
    for columns in ["id INT8, note TEXT", "id INT8, balance INT8, version INT8, writer INT8, note TEXT"] {
        let database = server.database();
        let sql = database.sql();
        Contend::new("seed").on(&database.address).finish().expect(0);
        sql.run(&format!("DROP TABLE contend.accounts; CREATE TABLE contend.accounts ({columns})"));
        sql.run("INSERT INTO contend.accounts (id, note) VALUES (1, 'mine')");
        for arguments in ["seed --accounts 20", "seed --fresh", "run --duration 1s --quiet", "balances", "clean"] {
            let (subcommand, flags) = arguments.split_once(' ').unwrap_or((arguments, ""));
            let ended = Contend::new(subcommand).on(&database.address).flags(flags).finish().expect(4);
            assert!(ended.error().contains("\"accounts\", which contend did not create"), "{}", ended.stderr);
        }
        assert_eq!(sql.number("SELECT count(*) FROM contend.accounts WHERE note = 'mine'"), 1, "{columns}");
    }
}
