//! How long does it take? To the nanosecond, where nothing is drawn.

use std::time::Duration;

use super::cores::Cores;
use super::script::{access, add, fly, read, serve, simulate, simulation};
use super::{SimServer, VirtualTime};
use crate::db::{Database, Session, Statement};
use crate::history::{Access, Collection, Group, Nanos};

const MS: Nanos = 1_000_000;

/// How long flights take that follow each other on one connection, in nanoseconds.
fn flights(address: &str, flights: &[&[Statement]]) -> Vec<Nanos> {
    let (server, time) = serve(&simulation(address));
    timed(&server, &time, flights)
}

fn timed(server: &SimServer, time: &VirtualTime, flights: &[&[Statement]]) -> Vec<Nanos> {
    let database = server.database(1);
    simulate(time, async {
        let mut session = database.checkout().await.unwrap();
        let mut took = Vec::new();
        for statements in flights {
            let begun = time.now();
            fly(&mut session, statements).await.unwrap();
            took.push(time.now() - begun);
        }
        took
    })
}

#[test]
fn a_flight_is_a_round_trip_however_many_statements_it_has() {
    let (begin, commit) = (Statement::Begin, Statement::Commit);
    let address = "sim://serializable?rtt=1001ns&service=0s&commit=700us";
    assert_eq!(
        flights(address, &[&[begin], &[read(1)], &[read(2), read(3), read(4)], &[commit]]),
        [1001, 1001, 1001, 1001],
        "a commit that wrote nothing is on no log"
    );
    assert_eq!(
        flights(address, &[&[begin, add(1, 1, 1)], &[commit], &[begin, read(1), commit]]),
        [1001, 701_001, 1001]
    );
    assert_eq!(flights(address, &[&[begin, add(1, 1, 1)], &[Statement::Rollback]]), [1001, 1001]);
}

#[test]
fn a_row_of_another_node_is_a_round_trip_away_and_a_commit_goes_to_the_farthest_it_wrote_on() {
    let (begin, commit) = (Statement::Begin, Statement::Commit);
    // The first connection is one to node 0. Rows 3, 6, 9 are there, 1, 4, 7 are on node 1, 2, 5, 8 on node 2.
    let address = "sim://serializable?rtt=1ms&service=0s&commit=2ms\
                   &matrix=0ms,20000001ns,80ms/30ms,0ms,60ms/90ms,60ms,0ms";
    let near = 20 * MS + 1;
    let group = |id| Group { collection: Collection::Members, id };
    for (body, commits, took, committed) in [
        (vec![read(3)], commit, MS, MS),
        (vec![read(1)], commit, MS + near, MS),
        (vec![read(2)], commit, 81 * MS, MS),
        (vec![read(1), read(2), read(3)], commit, 101 * MS + 1, MS),
        (vec![add(3, 1, 1)], commit, MS, 3 * MS),
        (vec![add(1, 1, 1)], commit, MS + near, 3 * MS + near),
        (vec![add(2, 1, 1), add(1, 1, 1), read(2)], commit, 181 * MS + 1, 83 * MS),
        (vec![add(1, 1, 1), read(2)], commit, 101 * MS + 1, 3 * MS + near),
        (vec![access(Access::Join { group: group(4) }, 9)], commit, MS + near, 3 * MS + near),
        (vec![access(Access::Scan { group: group(5) }, 9)], commit, 81 * MS, MS),
        (
            vec![add(3, 1, 1), access(Access::Post { ticket: 1, from: 3, to: 2, amount: 1 }, 2)],
            commit,
            81 * MS,
            83 * MS,
        ),
        (vec![add(2, 1, 1)], Statement::Rollback, 81 * MS, MS),
    ] {
        let times = flights(address, &[&[begin], &body, &[commits]]);
        assert_eq!(times, [MS, took, committed], "{body:?}");
    }
}

#[test]
fn connections_go_to_each_node_in_turn() {
    let (server, time) =
        serve(&simulation("sim://serializable?rtt=1ms&service=0s&matrix=0ms,20ms,80ms/30ms,0ms,60ms/90ms,60ms,0ms"));
    let database = server.database(4);
    simulate(&time, async {
        let mut sessions = Vec::new();
        for _ in 0..4 {
            sessions.push(database.checkout().await.unwrap());
        }
        assert_eq!(sessions.iter().map(Session::node).collect::<Vec<_>>(), [0, 1, 2, 0]);
        // From node 1 to node 0 it is farther than back.
        let begun = time.now();
        fly(&mut sessions[1], &[Statement::Begin, read(3)]).await.unwrap();
        assert_eq!(time.now() - begun, 31 * MS);
    });
    let hosts = |counts: [u64; 3]| (0..).zip(counts).map(|(node, count)| (format!("node {node}"), count)).collect();
    assert_eq!(server.hosts(), Vec::from_iter::<Vec<_>>(hosts([2, 1, 1])));
}

#[test]
fn work_waits_for_the_core_that_is_free_first() {
    let mut cores = Cores::new(2);
    let done: Vec<Nanos> =
        [(0, 10), (0, 4), (1, 3), (2, 5), (20, 1)].map(|(now, work)| cores.done(now, work, None)).into();
    assert_eq!(done, [10, 4, 7, 12, 21]);
}

#[test]
fn a_server_does_no_more_than_its_cores_can() {
    for (cores, expected) in [(1, 20.0), (4, 5.0)] {
        let (server, time) = serve(&simulation(&format!("sim://snapshot?rtt=0s&service=1ms&cores={cores}")));
        let database = server.database(50);
        simulate(&time, async {
            let work = async || {
                let mut session = database.checkout().await.unwrap();
                for _ in 0..400 {
                    fly(&mut session, &[Statement::Rollback]).await.unwrap();
                }
            };
            futures_util::future::join_all((0..50).map(|_| work())).await;
        });
        // 20,000 statements of 1 ms: the standard deviation of the sum is 0.7 percent.
        let seconds = Duration::from_nanos(time.now()).as_secs_f64();
        assert!((seconds / expected - 1.0).abs() < 0.04, "{seconds} s with {cores} cores");
    }
}
