//! Do the numbers of a run under heavy contention fit together, and with what is in the database?

use serde_json::Value;

use crate::support::{Contend, Ended, Server};

/// 64 workers on 10 accounts, then every equation there is. In random lock order PostgreSQL spends the time waiting for
/// deadlocks to be found: a warm-up would leave next to nothing to be measured, and with the usual second before it looks
/// for them a run of a few seconds may not commit anything.
pub fn check_a_contended_run(server: &Server, lock_order: &str, warmup: &str) -> Value {
    let database = server.database();
    if server.superuser() == "postgres" {
        database.sql().run(&format!("ALTER DATABASE {} SET deadlock_timeout = '20ms'", database.name));
    }
    let flags = "--mix transfer --workers 64 --accounts 10 --duration 3s --drain-timeout 5s --quiet --lock-order";
    let ended = Contend::run()
        .on(&database.address)
        .flags(flags)
        .arg(lock_order)
        .flags(&format!("--warmup {warmup}"))
        .finish()
        .expect(0);
    assert!(ended.stdout.starts_with("HOLDS"), "{}", ended.stdout);
    let run = ended.json();
    assert_eq!(run["verdict"]["status"], "holds");
    assert_eq!(run["end"]["reason"], "completed");
    assert!(number(&run["counts"]["retries"]) > 0, "{}", run["counts"]);
    counts_fit_together(&run);
    rates_and_latencies_fit_the_counts(&run);
    intervals_cover(&run);
    the_report_has_the_numbers(&ended, &run);
    let accounts = database.sql().accounts();
    assert_eq!(accounts.iter().map(|[_, balance, ..]| balance).sum::<i64>(), 10 * 1000);
    let versions: i64 = accounts.iter().map(|[_, _, version, _]| version).sum();
    let ambiguous = number(&run["counts"]["ambiguous"]);
    // Two writes for each commit, of the warm-up too, which only the intervals count.
    let writes = 2 * sum(&run["intervals"], "committed");
    assert!((writes..=writes + 2 * (ambiguous + 64)).contains(&versions.cast_unsigned()), "{versions}, not {writes}");
    assert!(ambiguous > 0 || versions.cast_unsigned() == writes, "{versions}, not {writes}");
    run
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn sum(list: &Value, field: &str) -> u64 {
    list.as_array().unwrap().iter().map(|part| number(&part[field])).sum()
}

pub fn counts_fit_together(run: &Value) {
    let counts = &run["counts"];
    let [transactions, attempts, retries] = ["transactions", "attempts", "retries"].map(|name| number(&counts[name]));
    let outcomes = ["committed", "declined", "exhausted", "ambiguous", "failed"];
    assert_eq!(transactions, outcomes.map(|name| number(&counts[name])).iter().sum::<u64>(), "{counts}");
    assert_eq!(attempts, transactions + retries, "{counts}");
    for (list, total) in [
        ("retries_by", "retries"),
        ("exhausted_by", "exhausted"),
        ("ambiguous_by", "ambiguous"),
        ("failed_by", "failed"),
    ] {
        assert_eq!(sum(&counts[list], "count"), number(&counts[total]), "{list} of {counts}");
        for cause in counts[list].as_array().unwrap() {
            let sqlstate = cause["sqlstate"].as_str().expect("a SQLSTATE is a string");
            assert!(sqlstate.len() == 5 && !cause["reason"].as_str().unwrap().is_empty(), "{cause}");
        }
    }
    let bins = run["attempts_per_transaction"].as_array().unwrap();
    assert_eq!(sum(&run["attempts_per_transaction"], "transactions"), transactions);
    let product = |bin: &Value| number(&bin["attempts"]) * number(&bin["transactions"]);
    assert_eq!(bins.iter().map(product).sum::<u64>(), attempts);
}

fn rates_and_latencies_fit_the_counts(run: &Value) {
    let committed = number(&run["counts"]["committed"]);
    for name in ["response", "service", "queue", "backoff"] {
        assert_eq!(number(&run["latency_ns"][name]["count"]), committed, "{name}");
    }
    let float = |value: &Value| value.as_f64().unwrap();
    let measured = float(&run["phases"]["measured_s"]);
    assert!((2.9..4.0).contains(&measured), "{measured} s measured of 3 s asked for");
    // Rates are of what ended in the measured time. Second k begins at k - 1, or a little later, and ends at k, or later.
    let (begun, late) = (float(&run["phases"]["warmup_s"]), 0.8);
    let committed_from = |first: f64, last: f64| {
        let within = |interval: &&Value| (first..=last).contains(&float(&interval["second"]));
        let intervals = run["intervals"].as_array().unwrap();
        intervals.iter().filter(within).map(|interval| float(&interval["committed"])).sum::<f64>()
    };
    let inside = committed_from(begun + 1.0, begun + measured - late);
    let around = committed_from(begun - late, (begun + measured).ceil());
    let (goodput, throughput) = (float(&run["goodput_tps"]), float(&run["throughput_tps"]));
    let ended = goodput * measured;
    assert!((inside - 0.5..=around + 0.5).contains(&ended), "{goodput} tx/s for {measured} s: {inside} to {around}");
    assert!((goodput * measured).fract().min(1.0 - (goodput * measured).fract()) < 1e-3, "a whole number of commits");
    assert!(throughput >= goodput, "{throughput} attempts/s, {goodput} tx/s");
    let time = &run["time"];
    assert!(float(&time["wasted_s"]) + float(&time["backoff_s"]) <= float(&time["busy_s"]), "{time}");
    let fairness = &run["fairness"];
    let [least, median, most] = ["least_commits", "median_commits", "most_commits"].map(|name| number(&fairness[name]));
    assert!(least <= median && median <= most && most <= committed, "{fairness}");
}

fn intervals_cover(run: &Value) {
    let intervals = run["intervals"].as_array().unwrap();
    let seconds: Vec<u64> = intervals.iter().map(|interval| number(&interval["second"])).collect();
    assert_eq!(seconds, (1..=seconds.len() as u64).collect::<Vec<_>>(), "no second is left out");
    assert!(seconds.len() >= 3, "a run of 3 s, in {seconds:?}");
    assert!(sum(&run["intervals"], "committed") >= number(&run["counts"]["committed"]), "the warm-up is in them too");
    assert!(sum(&run["intervals"], "retries") >= number(&run["counts"]["retries"]));
    assert_eq!(number(&intervals.last().unwrap()["in_flight"]), 0, "at the end nothing runs any more");
}

fn the_report_has_the_numbers(ended: &Ended, run: &Value) {
    for cause in run["counts"]["retries_by"].as_array().unwrap() {
        let name = format!("{} {}", cause["sqlstate"].as_str().unwrap(), cause["reason"].as_str().unwrap());
        assert!(ended.report().contains(&name), "{name} is missing in\n{}", ended.stdout);
    }
    assert!(ended.report().contains(&format!("--seed {}", run["plan"]["seed"])), "{}", ended.stdout);
}

#[test]
fn a_sorted_run_holds_and_adds_up() {
    let run = check_a_contended_run(Server::postgres(), "sorted", "500ms");
    assert_eq!(run["server"]["isolation"]["granted"], serde_json::json!(["serializable"]));
    assert_eq!(run["server"]["product"], "PostgreSQL");
}

#[test]
fn a_run_in_random_lock_order_holds_and_adds_up() {
    check_a_contended_run(Server::postgres(), "random", "0s");
}
