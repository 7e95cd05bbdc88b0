//! Do thousands of workers share a few connections, in little memory and without starving?

use crate::support::{Contend, Server};

#[test]
fn five_thousand_workers_share_sixty_four_connections() {
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
