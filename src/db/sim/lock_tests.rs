//! Are locks handed on? In the order in which they were asked for, also by who goes away; and not in a circle.

use std::time::Duration;

use futures_util::future::join;

use super::script::{access, add, at_once, fly, play, read, serve, simulate, simulation};
use crate::db::{Database, Session, Statement};
use crate::history::{Access, Key, Table};

#[test]
fn a_lock_is_handed_on_in_the_order_of_asking() {
    let done = "w1(1)=1 c1 w2(1)=2 c2 w3(1)=3 c3";
    assert_eq!(play("read-committed", "w1(1) w2(1) w3(1) c1 c2 c3"), done);
    assert_eq!(play("read-committed", "w1(1) w3(1) w2(1) c1 c2 c3"), "w1(1)=1 c1 w3(1)=2 c3 w2(1)=3 c2");
    assert_eq!(play("read-committed", "w1(1) w2(1) w3(1) a1 c2 c3"), "w1(1)=1 a1 w2(1)=1 c2 w3(1)=2 c3");
}

#[test]
fn who_waited_in_vain_hands_the_lock_on() {
    let done = "w1(1)=1 c1 w2(1)!write-write w3(1)!write-write r4(1)=1 w4(1)=2 c4";
    assert_eq!(play("snapshot", "w1(1) w2(1) w3(1) c1 c2 c3 r4(1) w4(1) c4"), done);
}

#[test]
fn an_insert_waits_for_another_one_of_the_same_row() {
    for level in ["read-committed", "snapshot", "serializable"] {
        assert_eq!(play(level, "i1(6) i2(6) c1 c2"), "i1(6)=1 c1 i2(6)!constraint", "{level}");
        assert_eq!(play(level, "i1(6) i2(6) a1 c2"), "i1(6)=1 a1 i2(6)=1 c2", "{level}");
        assert_eq!(play(level, "i1(6) c1 i2(6) c2"), "i1(6)=1 c1 i2(6)!constraint", "{level}");
    }
}

#[test]
fn a_deadlock_is_broken_by_who_looks_first() {
    for level in ["read-committed", "snapshot", "serializable"] {
        let done = "w1(1)=1 w2(2)=1 w1(2)!deadlock w2(1)=1 c2";
        assert_eq!(play(level, "w1(1) w2(2) w1(2) w2(1) c1 c2"), done, "{level}");
    }
    let of_three = "w1(1) w2(2) w3(3) w1(2) w2(3) w3(1) c1 c2 c3";
    let done = "w1(1)=1 w2(2)=1 w3(3)=1 w1(2)!deadlock w3(1)=1 c3 w2(3)=2 c2";
    assert_eq!(play("read-committed", of_three), done);
}

/// The third one waits for one of two who wait for each other, and looks before they do: he is in nobody's way.
#[test]
fn who_waits_for_a_deadlock_of_others_is_not_its_victim() {
    let done = "w1(1)=1 w2(2)=1 w1(2)!deadlock w3(1)=1 c3 w2(1)=2 c2";
    assert_eq!(play("read-committed", "w1(1) w2(2) w3(1) w1(2) w2(1) c1 c2 c3"), done);
}

#[test]
fn a_long_wait_is_no_deadlock() {
    let long = format!("w1(1) w2(2) w2(1) {} c1 c2", "r1(3) ".repeat(30));
    let done = play("read-committed", &long);
    assert!(done.ends_with("c1 w2(1)=2 c2"), "{done}");
}

#[test]
fn the_deadlock_is_found_after_the_time_for_it() {
    let (server, time) = serve(&at_once("read-committed?deadlock=70us"));
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[Statement::Begin, add(1, 1, 1)]).await.unwrap();
        fly(&mut two, &[Statement::Begin, add(2, 1, 2)]).await.unwrap();
        let (to_two, to_one) = ([add(2, 1, 1)], [add(1, 1, 2)]);
        let (first, second) = join(fly(&mut one, &to_two), fly(&mut two, &to_one)).await;
        assert_eq!(first.unwrap_err().cause.to_string(), "40P01 deadlock");
        assert!(second.is_ok());
        assert_eq!(time.now(), 70_000);
    });
}

#[test]
fn a_session_that_is_dropped_rolls_back_and_frees_its_locks() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(3);
    simulate(&time, async {
        let mut one = database.checkout().await.unwrap();
        fly(&mut one, &[Statement::Begin, add(1, 5, 1)]).await.unwrap();
        // The second one is cut off while it waits, the first one between two statements.
        let mut two = database.checkout().await.unwrap();
        let waits = async {
            let _ = fly(&mut two, &[Statement::Begin, add(1, 7, 2)]).await;
            panic!("it waits for the first one");
        };
        tokio::select! {
            () = waits => {}
            () = time.sleep(Duration::from_millis(1)) => {}
        }
        drop(two);
        let mut three = database.checkout().await.unwrap();
        let whole = [Statement::Begin, add(1, 9, 3), Statement::Commit];
        let ((), done) = tokio::join!(
            async {
                time.sleep(Duration::from_millis(1)).await;
                drop(one);
            },
            fly(&mut three, &whole)
        );
        assert!(done.is_ok(), "{done:?}");
    });
    let accounts = server.state().accounts;
    assert_eq!((accounts.total, accounts.versions), (10_009, 1));
    assert_eq!(time.now(), 2_000_000);
}

#[test]
fn a_session_that_connects_anew_leaves_no_locks_behind() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[Statement::Begin, add(1, 5, 1)]).await.unwrap();
        one.reconnect().await.unwrap();
        fly(&mut two, &[Statement::Begin, add(1, 7, 2), Statement::Commit]).await.unwrap();
    });
    assert_eq!((server.state().accounts.total, time.now()), (10_007, 0));
}

#[test]
fn a_commit_that_has_not_reached_the_server_has_no_effect() {
    for (cut, expected) in [(400, 0), (600, 0), (1_600, 1)] {
        let (server, time) = serve(&simulation("sim://serializable?rtt=1ms&service=0s&commit=1ms"));
        let database = server.database(1);
        simulate(&time, async {
            let mut session = database.checkout().await.unwrap();
            fly(&mut session, &[Statement::Begin, add(1, 5, 1)]).await.unwrap();
            tokio::select! {
                biased;
                _ = fly(&mut session, &[Statement::Commit]) => panic!("it takes 2 ms"),
                () = time.sleep(Duration::from_micros(cut)) => {}
            }
        });
        assert_eq!(server.state().accounts.versions, expected, "cut off after {cut} us");
    }
}

#[test]
fn connections_are_given_out_first_come_first_served_and_no_more_once_it_is_closed() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(1);
    simulate(&time, async {
        let order = std::cell::RefCell::new(Vec::new());
        let work = async |number: u32| {
            for _ in 0..2 {
                let Some(_session) = database.checkout().await else { return order.borrow_mut().push(0) };
                time.sleep(Duration::from_millis(1)).await;
                order.borrow_mut().push(number);
            }
        };
        tokio::join!(work(1), work(2), work(3));
        assert_eq!(order.take(), [1, 2, 3, 1, 2, 3]);
        let session = database.checkout().await.unwrap();
        database.close();
        work(4).await;
        assert_eq!(order.take(), [0]);
        assert!(session.is_open(), "those handed out stay usable");
    });
}

#[test]
fn what_cannot_be_done_is_said() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(1);
    simulate(&time, async {
        let mut session = database.checkout().await.unwrap();
        let outside = fly(&mut session, &[read(1)]).await.unwrap_err();
        assert_eq!(outside.cause.sqlstate.as_str(), "25P01");
        let pair = |id| access(Access::Read { key: Key { table: Table::Pairs, id } }, 0);
        for (statement, missing) in [
            (read(11), "row 11 of accounts does not exist"),
            (read(0), "row 0 of accounts does not exist"),
            (add(-1, 1, 1), "row -1 of accounts does not exist"),
            (pair(11), "row 11 of pairs does not exist"),
        ] {
            let failure = fly(&mut session, &[Statement::Begin, statement]).await.unwrap_err();
            assert_eq!(failure.message, missing);
            let behind = fly(&mut session, &[read(1)]).await.unwrap_err();
            assert_eq!(behind.cause.sqlstate.as_str(), "25P02", "until somebody says ROLLBACK");
            fly(&mut session, &[Statement::Rollback, Statement::Begin, read(10), pair(10)]).await.unwrap();
            fly(&mut session, &[Statement::Rollback]).await.unwrap();
        }
    });
}
