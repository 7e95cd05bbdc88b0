//! Is every address read as it is meant, and every wrong one explained in one line?

use std::time::Duration;

use super::{Level, Matrix, Simulation};
use crate::plan::Isolation;

#[test]
fn every_level_has_an_address_that_says_nothing_else() {
    for level in Level::ALL {
        let address = format!("sim://{level}");
        let simulation: Simulation = address.parse().unwrap();
        assert_eq!(simulation, Simulation::new(level));
        assert_eq!((simulation.to_string(), simulation.name()), (address, level.name()));
        assert_eq!(simulation.is_sound(), simulation.fault == 0.0);
    }
    let answers = Level::ALL.map(Level::isolation);
    assert_eq!(answers[..2], [Isolation::ReadCommitted, Isolation::RepeatableRead]);
    assert!(answers[2..].iter().all(|answer| *answer == Isolation::Serializable));
}

#[test]
fn every_setting_survives_printing_and_parsing() {
    for address in [
        "sim://serializable?rtt=2ms",
        "sim://serializable?rtt=1ms500us&service=0s&commit=10ms&cores=1&nodes=3&deadlock=1s&ambiguous=0.01&retries=0",
        "sim://snapshot?matrix=0s,20ms,80ms/20ms,0s,60ms/80ms,60ms,0s",
        "sim://stale-replica?fault=0.5&lag=1s",
        "sim://applies-twice?fault=1",
        "sim://snapshot?stall=2s..3s500ms",
        "sim://dirty-abort?fault=0",
        "sim://read-committed?rtt=1h&cores=1024&nodes=64&ambiguous=1&retries=1000",
    ] {
        let simulation: Simulation = address.parse().unwrap();
        assert_eq!(simulation.to_string(), address);
        assert_ne!(simulation, Simulation::new(simulation.level), "{address}");
    }
    // What is as usual is not said, and what can be said in two ways is said in one.
    for (address, shown) in [
        ("sim://snapshot?rtt=500us&cores=8&retries=10&fault_free", None),
        ("sim://snapshot?rtt=500us&cores=8&retries=10&ambiguous=0", Some("sim://snapshot")),
        ("sim://snapshot?nodes=1&matrix=0ms", Some("sim://snapshot")),
        ("sim://snapshot?matrix=0s,0s/0s,0s", Some("sim://snapshot?nodes=2")),
        ("sim://snapshot?matrix=0s,1ms/2ms,0s&nodes=2", Some("sim://snapshot?matrix=0s,1ms/2ms,0s")),
        ("sim://snapshot?nodes=2&matrix=0s,1ms/2ms,0s", Some("sim://snapshot?matrix=0s,1ms/2ms,0s")),
        ("sim://stale-replica?lag=50ms&fault=0.2", Some("sim://stale-replica")),
        ("sim://snapshot?rtt=1500us", Some("sim://snapshot?rtt=1ms500us")),
    ] {
        let read = address.parse::<Simulation>().map(|simulation| simulation.to_string());
        assert_eq!(read.ok().as_deref(), shown, "{address}");
    }
    let simulation: Simulation = "sim://snapshot?matrix=0s,1ms/2ms,0s".parse().unwrap();
    assert_eq!(simulation.matrix.nodes(), 2);
    assert_eq!(simulation.matrix.round_trip(0, 1), Duration::from_millis(1));
    assert_eq!(simulation.matrix.round_trip(1, 0), Duration::from_millis(2));
    assert_eq!(Matrix::near(3).round_trip(0, 2), Duration::ZERO);
}

#[test]
fn an_error_is_one_line_whatever_the_address() {
    for address in ["sim://a\nb", "sim://snapshot?rtt=\u{1b}[31m", "sim://snapshot?\n"] {
        let error = address.parse::<Simulation>().unwrap_err().to_string();
        assert_eq!(error, "an address behind sim:// has no control characters in it");
    }
}

#[test]
fn every_error_says_what_is_wrong_where_and_what_is_possible() {
    let levels = "behind sim:// stands read-committed, snapshot, serializable, lost-updates, stale-replica, dirty-abort, \
                  no-write-conflict, forgets-commits or applies-twice";
    let settings =
        "there are rtt, service, commit, cores, nodes, matrix, deadlock, ambiguous, fault, lag, retries, stall";
    let time = "a time of at most an hour is needed, such as 500us or 2ms";
    let stretch = "two times of at most an hour are needed, the earlier one first, such as 2s..3s";
    for (address, expected) in [
        ("postgresql://localhost", "a simulation begins with sim://".to_owned()),
        ("sim://", format!("\"\" cannot be simulated; {levels}")),
        ("sim://oracle", format!("\"oracle\" cannot be simulated; {levels}")),
        ("sim://serialisable", format!("\"serialisable\" cannot be simulated; did you mean serializable?; {levels}")),
        (
            "sim://stale-replica/x",
            format!("\"stale-replica/x\" cannot be simulated; did you mean stale-replica?; {levels}"),
        ),
        ("sim://me:hunter2@snapshot", format!("a simulation has no user, password or host; {levels}")),
        ("sim://me:hunt?er2@snapshot", format!("a simulation has no user, password or host; {levels}")),
        ("sim://snapshot?", "\"\" is no setting; behind the ? stand settings such as rtt=1ms, joined by &".to_owned()),
        (
            "sim://snapshot?rtt=1ms&cores",
            "\"cores\" is no setting; behind the ? stand settings such as rtt=1ms, joined by &".to_owned(),
        ),
        ("sim://snapshot?speed=1", format!("a simulation has no setting \"speed\"; {settings}")),
        ("sim://snapshot?core=1", format!("a simulation has no setting \"core\"; did you mean cores?; {settings}")),
        ("sim://snapshot?rtt=1ms&rtt=2ms", "rtt is there twice".to_owned()),
        ("sim://snapshot?rtt=1", format!("rtt=1: {time}")),
        ("sim://snapshot?stall=3s..3s", format!("stall=3s..3s: {stretch}")),
        ("sim://snapshot?stall=3s", format!("stall=3s: {stretch}")),
        ("sim://snapshot?service=-1ms", format!("service=-1ms: {time}")),
        ("sim://snapshot?commit=61m", format!("commit=61m: {time}")),
        ("sim://snapshot?deadlock=", format!("deadlock=: {time}")),
        ("sim://stale-replica?lag=soon", format!("lag=soon: {time}")),
        (
            "sim://snapshot?rtt=0s&service=999ns",
            "rtt=0s and service=999ns: a statement has to take 1us at least, or a run would hardly ever end".to_owned(),
        ),
        ("sim://snapshot?lag=1s", "lag=1s: only stale-replica lags behind".to_owned()),
        ("sim://snapshot?fault=0.1", "fault=0.1: nothing is wrong with snapshot".to_owned()),
        ("sim://dirty-abort?fault=2", "fault=2: a share from 0 to 1 is needed, such as 0.01".to_owned()),
        ("sim://snapshot?ambiguous=NaN", "ambiguous=NaN: a share from 0 to 1 is needed, such as 0.01".to_owned()),
        ("sim://snapshot?cores=0", "cores=0: a whole number from 1 to 1024 is needed".to_owned()),
        ("sim://snapshot?cores=many", "cores=many: a whole number from 1 to 1024 is needed".to_owned()),
        ("sim://snapshot?retries=1001", "retries=1001: a whole number from 0 to 1000 is needed".to_owned()),
        ("sim://snapshot?nodes=65", "nodes=65: a whole number from 1 to 64 is needed".to_owned()),
        ("sim://snapshot?matrix=0s,1ms/1ms,0s&nodes=3", "nodes=3: the matrix has 2 rows, one for each node".to_owned()),
        (
            "sim://snapshot?nodes=3&matrix=0s,1ms/1ms,0s",
            "matrix=0s,1ms/1ms,0s: a row for each of 3 nodes is needed".to_owned(),
        ),
        (
            "sim://snapshot?matrix=0s,1ms/1ms",
            "matrix=0s,1ms/1ms: row 2 has 1, and each row needs 2, as many as there are rows".to_owned(),
        ),
        ("sim://snapshot?matrix=0s,1/1ms,0s", format!("matrix=0s,1/1ms,0s: row 1, column 2, \"1\": {time}")),
        (
            "sim://snapshot?matrix=0s,1ms/1ms,2ms",
            "matrix=0s,1ms/1ms,2ms: row 2, column 2, \"2ms\": from a node to itself it takes 0ms".to_owned(),
        ),
    ] {
        assert_eq!(address.parse::<Simulation>().unwrap_err().to_string(), expected, "{address}");
    }
    let rows = vec!["0s"; 65].join("/");
    let error = format!("sim://snapshot?matrix={rows}").parse::<Simulation>().unwrap_err().to_string();
    assert!(error.ends_with("65 rows, and 64 nodes are the most"), "{error}");
}
