//! Does all that matters hold on CockroachDB too? Where there is a binary.

use nix::sys::signal::Signal;

use crate::support::{Contend, Server, keeper_of, until};
use crate::{
    audits, broken, clean, flights, lease, levels, local, ping, refused_server, restarts, seed, serializable, setup,
    signals, tutorial,
};

/// Runs the test where there is a server; says that it was skipped where not.
fn on_cockroach(test: impl FnOnce(&Server)) {
    if let Some(server) = Server::cockroach() {
        test(server);
    }
}

#[test]
fn a_contended_run_holds_and_its_retries_have_reasons() {
    on_cockroach(|server| {
        let run = serializable::check_a_contended_run(server, "random", "500ms");
        assert_eq!(run["server"]["product"], "CockroachDB");
        let causes = run["counts"]["retries_by"].as_array().unwrap();
        let known = |reason: &str| {
            ["RETRY_", "ABORT_REASON_", "ReadWithin", "Transaction"].iter().any(|it| reason.starts_with(it))
        };
        for cause in causes.iter().filter(|cause| cause["sqlstate"] == "40001") {
            assert!(known(cause["reason"].as_str().unwrap()), "{causes:?}");
        }
        assert!(causes.iter().any(|cause| cause["reason"] == "RETRY_WRITE_TOO_OLD"), "{causes:?}");
    });
}

#[test]
fn every_shape_is_serializable() {
    on_cockroach(|server| {
        for shape in ["transfer", "absolute", "peek", "skew", "audit,transfer", "batch", "cap", "fresh"] {
            levels::check_that_it_is_serializable(server, shape, "");
        }
    });
}

#[test]
fn transactions_travel_in_flights_and_the_server_retries_the_whole_ones() {
    on_cockroach(|server| {
        flights::check_the_round_trips(server);
        flights::check_that_contention_holds(server);
        flights::check_the_shapes(server, &["batch", "peek,audit"]);
        let crowd = "--accounts 8 --workers 12 --mix transfer --warmup 0s --duration 1s --quiet --flight single";
        let ended = Contend::run().on(&server.database().address).flags(crowd).finish().expect(0);
        let run = ended.saved();
        assert!(run.counts.committed > 50 && run.counts.retries * 20 < run.counts.committed, "{:?}", run.counts);
        assert!(ended.stdout.contains("CockroachDB retries"), "{}", ended.stdout);
    });
}

#[test]
fn transactions_restart_in_every_way() {
    on_cockroach(|server| {
        restarts::check_savepoint(server);
        restarts::check_reconnect(server);
        restarts::check_single(server);
    });
}

#[test]
fn a_changed_balance_is_found() {
    on_cockroach(|server| broken::check_that_a_changed_balance_is_found(server, ""));
}

#[test]
fn audits_see_what_comes_and_goes_and_nothing_where_all_is_right() {
    on_cockroach(audits::check_that_audits_hold);
    on_cockroach(audits::check_that_a_passing_change_is_bracketed);
    on_cockroach(audits::check_that_overdrawn_customers_are_counted);
}

#[test]
fn an_interrupt_ends_the_run_in_good_order() {
    on_cockroach(|server| signals::check_that_a_signal_ends_the_run_in_good_order(server, Signal::SIGINT));
}

#[test]
fn seeding_twice_keeps_the_accounts() {
    on_cockroach(seed::check_that_seeding_twice_keeps_the_accounts);
}

#[test]
fn wrong_accounts_are_rebuilt() {
    on_cockroach(|server| {
        let harm = "UPDATE contend.accounts SET balance = balance + 1 WHERE id = 3";
        seed::check_that_the_accounts_are_rebuilt(server, harm, "--accounts 20", "total of 20001");
        seed::check_that_the_accounts_are_rebuilt(server, "SELECT 1", "--accounts 30", "20 accounts instead of 30");
    });
}

#[test]
fn clean_drops_what_contend_made() {
    on_cockroach(clean::check_that_clean_drops_everything);
    on_cockroach(clean::check_that_clean_keeps_a_schema_it_did_not_make);
    on_cockroach(clean::check_that_other_accounts_are_not_touched);
}

#[test]
fn the_second_run_on_a_schema_is_refused() {
    on_cockroach(lease::check_that_the_second_run_is_refused);
}

#[test]
fn ping_tells_what_a_cluster_tells() {
    on_cockroach(ping::check_what_a_cluster_tells);
}

#[test]
fn setup_makes_a_user_who_can_run_contend() {
    on_cockroach(setup::check_that_the_statements_make_a_user_who_can_run_contend);
    on_cockroach(setup::check_that_reserved_words_are_quoted);
}

#[test]
fn tutorial_does_and_says_what_the_tutorial_does() {
    on_cockroach(tutorial::check_that_the_output_is_the_tutorial_s);
    on_cockroach(tutorial::check_that_retries_are_forced);
    on_cockroach(tutorial::check_that_an_interrupt_cleans_up);
    on_cockroach(tutorial::check_that_clean_drops_what_a_killed_one_leaves);
}

#[test]
fn a_database_that_does_not_exist_is_told() {
    on_cockroach(|server| {
        let error = refused_server::refused(&server.url("root", "no_such_database"));
        assert!(error.contains("\"no_such_database\" does not exist"), "{error}");
    });
}

#[test]
fn a_throw_away_server_is_used_and_thrown_away() {
    let Some(binary) = Server::cockroach_binary() else { return };
    let run = Contend::run().arg("--cockroach").arg(binary.to_str().unwrap());
    let run = run.flags("--lock-order sorted --accounts 20 --warmup 0s --duration 1s --quiet").spawn();
    let mut directory = None;
    until("the server's keeper is there", || {
        directory = keeper_of(run.pid());
        directory.as_ref().is_some_and(|directory| directory.exists())
    });
    let run = run.wait().expect(0).saved();
    local::is_gone(&directory.unwrap());
    assert_eq!(run.server.product, "CockroachDB");
    assert!(run.server.local.is_some_and(|local| local.starts_with("CockroachDB v")));
}
