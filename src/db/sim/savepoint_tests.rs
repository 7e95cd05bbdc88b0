//! What does a transaction keep that goes back to its savepoint, and when is one committed that has no COMMIT of its own?

use super::script::{access, add, at_once, fly, read, serve, simulate};
use crate::db::{Answer, Database, Session, Statement};
use crate::history::{Access, Row};

const BEGIN: Statement = Statement::Begin;
const SAVEPOINT: Statement = Statement::Savepoint;
const BACK: Statement = Statement::RollbackTo;
const RELEASE: Statement = Statement::Release;
const COMMIT: Statement = Statement::Commit;

fn version(answers: &[Answer]) -> i64 {
    let [Answer::Row(Row { version, .. })] = answers else { panic!("{answers:?}") };
    *version
}

#[test]
fn back_at_its_savepoint_it_has_its_locks_another_snapshot_and_nothing_written() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[BEGIN, SAVEPOINT, read(1), add(2, 1, 1)]).await.unwrap();
        fly(&mut two, &[BEGIN, add(1, 1, 2), COMMIT]).await.unwrap();
        let late = fly(&mut one, &[add(1, 1, 1)]).await.unwrap_err();
        assert_eq!(late.cause.to_string(), "40001 write-write");
        assert_eq!(fly(&mut one, &[read(1)]).await.unwrap_err().cause.sqlstate.as_str(), "25P02");
        let waits = async {
            fly(&mut two, &[BEGIN, add(2, 1, 3)]).await.unwrap();
            fly(&mut two, &[COMMIT]).await.unwrap();
            time.now()
        };
        let goes_on = async {
            time.sleep(std::time::Duration::from_millis(5)).await;
            fly(&mut one, &[BACK]).await.unwrap();
            assert_eq!(version(&fly(&mut one, &[read(1)]).await.unwrap()), 1, "what was committed meanwhile is seen");
            assert_eq!(version(&fly(&mut one, &[read(2)]).await.unwrap()), 0, "what it wrote is forgotten");
            fly(&mut one, &[add(1, 1, 4), RELEASE]).await.unwrap();
            assert_eq!(server.state().accounts.versions, 2, "RELEASE has committed");
            fly(&mut one, &[COMMIT]).await.unwrap();
        };
        let (waited, ()) = tokio::join!(waits, goes_on);
        assert!(waited >= 5_000_000, "the other one had to wait for its lock: {waited}");
    });
    assert_eq!(server.state().accounts.versions, 3);
}

#[test]
fn who_breaks_a_deadlock_keeps_no_lock() {
    let (server, time) = serve(&at_once("read-committed?deadlock=1ms"));
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[BEGIN, SAVEPOINT, add(1, 1, 1)]).await.unwrap();
        fly(&mut two, &[BEGIN, SAVEPOINT, add(2, 1, 2)]).await.unwrap();
        let (crosses, meets) = ([add(2, 1, 1)], [add(1, 1, 2)]);
        let (first, second) = tokio::join!(fly(&mut one, &crosses), fly(&mut two, &meets));
        let (won, mut lost) = if first.is_ok() { (second, two) } else { (first, one) };
        assert_eq!(won.unwrap_err().cause.sqlstate.as_str(), "40P01");
        fly(&mut lost, &[BACK, RELEASE, COMMIT]).await.unwrap();
    });
    assert_eq!(server.state().accounts.versions, 0, "the other one was never committed");
}

#[test]
fn there_is_no_way_back_without_a_savepoint_nor_behind_its_release() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(1);
    simulate(&time, async {
        let mut session = database.checkout().await.unwrap();
        for flight in [&[BACK][..], &[BEGIN, BACK], &[BEGIN, RELEASE], &[BEGIN, SAVEPOINT, add(1, 1, 1), RELEASE, BACK]]
        {
            assert!(fly(&mut session, flight).await.is_err(), "{flight:?}");
            fly(&mut session, &[Statement::Rollback]).await.unwrap();
        }
    });
    assert_eq!(server.state().accounts.versions, 1, "RELEASE has committed, whatever follows");
}

#[test]
fn a_statement_alone_is_a_transaction() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(1);
    let alone = |amount, writer| Statement::Alone { access: Access::Move { from: 1, to: 2, amount }, writer };
    simulate(&time, async {
        let mut session = database.checkout().await.unwrap();
        assert!(matches!(fly(&mut session, &[alone(7, 1)]).await.unwrap()[..], [Answer::Moved(Some(_))]));
        assert!(matches!(fly(&mut session, &[alone(5000, 2)]).await.unwrap()[..], [Answer::Moved(None)]));
        assert!(fly(&mut session, &[access(Access::Move { from: 1, to: 2, amount: 1 }, 3)]).await.is_err());
    });
    let state = server.state();
    assert_eq!(state.accounts.versions, 2);
    assert_eq!(state.accounts.accounts.unwrap()[0].row, Row { balance: 993, version: 1, writer: 1 });
}

#[test]
fn what_is_closed_is_undone() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[BEGIN, SAVEPOINT, add(1, 1, 1)]).await.unwrap();
        one.close();
        assert!(!one.is_open());
        fly(&mut two, &[BEGIN, add(1, 1, 2), COMMIT]).await.unwrap();
        one.reconnect().await.unwrap();
        fly(&mut one, &[BEGIN, add(1, 1, 3), COMMIT]).await.unwrap();
    });
    assert_eq!(server.state().accounts.versions, 2);
}
