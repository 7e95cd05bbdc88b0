//! Do thousands of workers share a few connections, in little memory and without starving?

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::support::{Contend, Server};

/// One of these at a time: each takes what the machine has, and the first one looks at times.
fn alone() -> MutexGuard<'static, ()> {
    static MACHINE: Mutex<()> = Mutex::new(());
    MACHINE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn five_thousand_workers_share_sixty_four_connections() {
    let _alone = alone();
    let database = Server::postgres().database();
    let sql = database.sql();
    let flags = "--workers 5000 --connections 64 --accounts 10000 --lock-order sorted --duration 5s --quiet";
    let mut running = Contend::run().on(&database.address).flags(flags).spawn();
    let connected = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'contend'";
    let mut most = 0;
    while running.is_running() {
        most = most.max(sql.number(connected));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(most, 64 + 3, "the 64, one for the tables, one for the lease and one for the audits");
    let run = running.wait().expect(0).saved();
    assert!(run.client.max_rss_bytes < 200_000_000, "{} bytes", run.client.max_rss_bytes);
    assert!(run.intervals.iter().any(|second| second.in_flight >= 4900), "{:?}", run.intervals);
    assert!(run.latency_ns.queue.p50 > run.latency_ns.service.p50, "most of the time is spent waiting in line");
    // Served first come, first served, all get about the same. Were those served first who ask again at once, 64 workers
    // would get everything, and the index would be 0.013.
    // On a busy machine not every worker had its turn yet; nobody had many more than the others.
    let fairness = run.fairness.unwrap();
    assert!(fairness.most_commits <= fairness.least_commits + 4, "{fairness:?}");
}

#[test]
fn ten_thousand_workers_share_a_hundred_connections_in_turn() {
    let _alone = alone();
    let database = Server::postgres().database();
    let run = |workers: u32, transactions: u32| {
        let flags = format!(
            "--workers {workers} --connections 100 --accounts 10000 --lock-order sorted --mix transfer --warmup 0s \
             --transactions {transactions} --verify balance --audit off --quiet"
        );
        Contend::run().on(&database.address).flags(&flags).finish().expect(0).saved()
    };
    let (many, few) = (run(10_000, 20_000), run(100, 1_000));
    let fairness = many.fairness.unwrap();
    assert!(fairness.least_commits >= 1 && fairness.most_commits <= 4, "{fairness:?}");
    let more = many.client.max_rss_bytes.saturating_sub(few.client.max_rss_bytes) / 9_900;
    // Something for each worker has to be seen, or it is not its memory that was measured.
    assert!((1_000..=16_384).contains(&more), "{more} bytes for one more worker");
}

#[test]
fn a_thousand_connections_raise_the_limit_of_open_files_by_themselves() {
    let _alone = alone();
    // The server that contend starts has room for as many as are asked for.
    let flags = "--local postgres --workers 1000 --accounts 100000 --lock-order sorted --mix transfer --warmup 0s \
                 --transactions 2000 --verify balance --audit off --quiet";
    let run = Contend::run().flags(flags).with_open_files(256).finish().expect(0).saved();
    let made: u64 = run.server.hosts.iter().map(|host| host.connections).sum();
    assert!(made >= 1000 && run.counts.committed > 1000, "{made} connections, {:?}", run.counts);
}
