//! Are several hosts, and several addresses, all used?

use crate::case::{Case, check};
use crate::secure::{Dead, Relay, TlsServer};
use crate::support::Contend;

/// Every worker has a connection of its own.
const WORKERS: usize = 16;

#[test]
fn several_addresses_may_be_given() {
    let (server, dead) = (TlsServer::shared(), Dead::new());
    let live = || server.url("trusted", "");
    let dead = format!("postgres://trusted@127.0.0.1:{}/postgres", dead.port);
    check(
        server,
        [
            Case::new("two addresses", live())
                .and(format!("postgres://trusted@127.0.0.1:{}/postgres", server.port))
                .tls(),
            Case::new("two addresses, both dead", &*dead).and(&*dead).refused(&["refused"]),
            Case::new("two addresses, the second one no address", live())
                .and("localhost=x")
                .misread(&["2|second|localhost"]),
        ],
    );
}

/// Runs on these addresses; afterwards each relay has carried its part of the load.
fn check_that_both_are_used(name: &str, relays: &[Relay; 2], addresses: &[String]) {
    let sql = TlsServer::shared().sql();
    sql.run(&format!("CREATE DATABASE {name} OWNER trusted"));
    let run = addresses.iter().fold(Contend::run(), |run, address| run.arg(address));
    let flags =
        format!("--workers {WORKERS} --connections {WORKERS} --transactions 200 --warmup 0s --lock-order sorted");
    let ended = run.flags(&flags).env("HOME", "/nonexistent").finish().expect(0);
    let hosts = ended.saved().server.hosts;
    let made: Vec<u64> = hosts.iter().map(|host| host.connections).collect();
    assert_eq!((made.len(), made.iter().sum()), (2, WORKERS as u64), "{hosts:?}");
    assert!(made.iter().all(|made| *made + 1 >= WORKERS as u64 / 2), "in turn: {hosts:?}");
    let told = format!("Servers {}: {} connections", hosts[0].address, made[0]);
    assert!(ended.report().contains(&told), "{}", ended.stdout);
    let used = relays.each_ref().map(Relay::connections);
    // Those of contend itself come on top.
    assert!(used.iter().all(|connections| *connections + 1 >= WORKERS / 2), "{used:?}");
}

#[test]
fn the_connections_of_a_run_go_to_every_host() {
    let relays = [Relay::to(TlsServer::shared().port), Relay::to(TlsServer::shared().port)];
    let [one, other] = relays.each_ref().map(|relay| relay.port);
    let address = format!("postgres://trusted@localhost:{one},127.0.0.1:{other}/hosts?sslmode=require");
    check_that_both_are_used("hosts", &relays, &[address]);
}

#[test]
fn the_connections_of_a_run_go_to_every_address() {
    let relays = [Relay::to(TlsServer::shared().port), Relay::to(TlsServer::shared().port)];
    let addresses = relays.each_ref().map(|relay| format!("postgres://trusted@127.0.0.1:{}/addresses", relay.port));
    check_that_both_are_used("addresses", &relays, &addresses);
}
