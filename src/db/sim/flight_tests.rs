//! What becomes of a flight? Answered, retried by the server, or lost with its connection.

use futures_util::future::join;

use super::script::{access, add, at_once, fly, plan, read, serve, simulate, simulation};
use crate::db::{Answer, Class, Database, Session, Statement, classify};
use crate::history::{Access, Account, Collection, Group, Key, Member, Phase, Posted, Row, Table};
use crate::plan::{FIRST_BATCH, PORTION};

const BEGIN: Statement = Statement::Begin;
const COMMIT: Statement = Statement::Commit;

#[test]
fn the_answers_in_front_of_a_failure_are_given_and_nothing_behind_it_is_done() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(1);
    simulate(&time, async {
        let mut session = database.checkout().await.unwrap();
        let mut answers = vec![Answer::Done];
        let flight = [BEGIN, read(1), read(99), add(1, 5, 1), COMMIT];
        let failure = session.flight(&flight, &mut answers).await.unwrap_err();
        assert_eq!(failure.cause.to_string(), "02000 row missing");
        let row = Row { balance: 1000, version: 0, writer: 0 };
        assert_eq!(answers, [Answer::Done, Answer::Done, Answer::Row(row)]);
    });
    assert_eq!(server.state().accounts.versions, 0);
}

/// One transaction holds account 1 and commits while another one waits, whose snapshot is older.
fn behind_a_writer(address: &str, flights: &[&[Statement]]) -> (Vec<Result<usize, String>>, i128) {
    let (server, time) = serve(&at_once(address));
    let database = server.database(2);
    let results = simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[BEGIN, add(1, 1, 1)]).await.unwrap();
        let commits = async {
            time.sleep(std::time::Duration::from_millis(1)).await;
            fly(&mut one, &[COMMIT]).await.unwrap();
        };
        let flies = async {
            let mut results = Vec::new();
            for flight in flights {
                let result = fly(&mut two, flight).await;
                results.push(result.map(|answers| answers.len()).map_err(|failure| failure.cause.to_string()));
            }
            results
        };
        tokio::join!(commits, flies).1
    });
    (results, server.state().accounts.versions)
}

#[test]
fn a_transaction_in_one_flight_is_retried_by_the_server() {
    let late = || Err("40001 write-write".to_owned());
    let whole: &[Statement] = &[BEGIN, read(2), add(1, 1, 2), COMMIT];
    assert_eq!(behind_a_writer("serializable", &[whole]), (vec![Ok(4)], 2));
    assert_eq!(behind_a_writer("serializable?retries=1", &[whole]), (vec![Ok(4)], 2));
    assert_eq!(behind_a_writer("serializable?retries=0", &[whole]), (vec![late()], 1));
    // Of a part the client may have used the answers already.
    assert_eq!(behind_a_writer("serializable", &[&[BEGIN, read(2), add(1, 1, 2)]]), (vec![late()], 1));
    assert_eq!(behind_a_writer("serializable", &[&[BEGIN], &[add(1, 1, 2), COMMIT]]), (vec![Ok(1), late()], 1));
}

#[test]
fn behind_a_commit_that_was_refused_the_next_transaction_may_begin() {
    let (server, time) = serve(&at_once("serializable"));
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[BEGIN, read(1), read(2), add(1, 1, 1)]).await.unwrap();
        fly(&mut two, &[BEGIN, read(1), read(2), add(2, 1, 2)]).await.unwrap();
        fly(&mut one, &[COMMIT]).await.unwrap();
        let refused = fly(&mut two, &[COMMIT]).await.unwrap_err();
        assert_eq!(refused.cause.to_string(), "40001 pivot");
        assert_eq!(classify(&refused, Phase::Commit), Class::Retry);
        fly(&mut two, &[BEGIN, add(2, 1, 3), COMMIT]).await.unwrap();
    });
    assert_eq!(server.state().accounts.versions, 2);
}

/// When each asks to commit the other one has not: what was found out then is looked at again behind the log.
#[test]
fn of_two_that_are_being_logged_at_once_the_second_is_refused() {
    let commit = std::time::Duration::from_millis(1);
    let (server, time) = serve(&crate::db::sim::Simulation { commit, ..at_once("serializable") });
    let database = server.database(2);
    simulate(&time, async {
        let (mut one, mut two) = (database.checkout().await.unwrap(), database.checkout().await.unwrap());
        fly(&mut one, &[BEGIN, read(1), read(2), add(1, 1, 1)]).await.unwrap();
        fly(&mut two, &[BEGIN, read(1), read(2), add(2, 1, 2)]).await.unwrap();
        let (first, second) = join(fly(&mut one, &[COMMIT]), fly(&mut two, &[COMMIT])).await;
        assert!(first.is_ok(), "{first:?}");
        assert_eq!(second.unwrap_err().cause.to_string(), "40001 pivot");
        assert_eq!(time.now(), 1_000_000);
    });
    assert_eq!(server.state().accounts.versions, 1);
}

#[test]
fn of_the_commits_whose_answer_is_lost_half_are_applied() {
    let (server, time) = serve(&simulation("sim://serializable?rtt=1ms&service=0s&commit=0s&ambiguous=0.3"));
    let database = server.database(1);
    let (mut lost, mut answered): (u32, i128) = (0, 0);
    simulate(&time, async {
        for writer in 1..=2000 {
            let mut session = database.checkout().await.unwrap();
            assert!(session.is_open());
            fly(&mut session, &[BEGIN, add(1, 1, writer)]).await.unwrap();
            let begun = time.now();
            match fly(&mut session, &[COMMIT]).await {
                Ok(_) => answered += 1,
                Err(failure) => {
                    lost += 1;
                    assert_eq!(failure.cause.to_string(), "08006 connection lost");
                    assert_eq!(classify(&failure, Phase::Commit), Class::Ambiguous);
                    assert!(!session.is_open() && fly(&mut session, &[BEGIN]).await.unwrap_err().lost);
                    session.reconnect().await.unwrap();
                    assert_eq!(time.now() - begun, 2_000_000, "one round trip each");
                }
            }
        }
    });
    let applied = server.state().accounts.versions - answered;
    // Both within five standard deviations.
    assert!((500..=700).contains(&lost), "{lost} were lost");
    assert!((0.4..0.6).contains(&(applied as f64 / f64::from(lost))), "{applied} of {lost} were applied");
    assert_eq!(server.hosts(), [("node 0".to_owned(), 1 + u64::from(lost))]);
}

/// What is answered in one flight is sent at its end, and may be lost as a whole.
#[test]
fn the_answers_in_front_of_a_commit_that_is_not_answered_are_mostly_lost_too() {
    let (server, time) = serve(&simulation("sim://serializable?rtt=1ms&service=0s&commit=0s&ambiguous=1"));
    let database = server.database(1);
    let mut arrived = [0; 4];
    simulate(&time, async {
        for writer in 1..=400 {
            let mut session = database.checkout().await.unwrap();
            let mut answers = vec![Answer::Done];
            let flight = [BEGIN, read(2), add(1, 1, writer), COMMIT];
            session.flight(&flight, &mut answers).await.unwrap_err();
            arrived[answers.len() - 1] += 1;
            session.reconnect().await.unwrap();
        }
    });
    assert!((200..=300).contains(&arrived[0]) && arrived[1..].iter().all(|count| *count > 20), "{arrived:?}");
}

#[test]
fn the_state_is_that_of_the_tables_as_they_are_seeded_and_written() {
    let (server, time) = serve(&at_once("serializable"));
    let seeded = server.state();
    let rows = |count, balance| {
        Some((1..=count).map(|id| Account { id, row: Row { balance, version: 0, writer: 0 } }).collect::<Vec<_>>())
    };
    assert_eq!(seeded.accounts.accounts, rows(10, 1000));
    assert_eq!((seeded.accounts.total, seeded.accounts.lowest, seeded.accounts.highest), (10_000, 1000, 1000));
    assert_eq!((seeded.pairs, seeded.tills, seeded.fresh), (rows(10, PORTION), rows(1, FIRST_BATCH), Some(vec![])));
    assert_eq!((seeded.receipts, seeded.members, seeded.transfers), (Some(vec![]), Some(vec![]), Some(vec![])));
    let database = server.database(1);
    let group = Group { collection: Collection::Receipts, id: 9 };
    let (pair, fresh) = (Key { table: Table::Pairs, id: 2 }, Key { table: Table::Fresh, id: 4 });
    let written = [
        BEGIN,
        add(3, -7, 11),
        access(Access::Set { key: Key::account(5), from: 1000, to: 77 }, 11),
        access(Access::Add { key: pair, delta: 5 }, 11),
        access(Access::Insert { key: fresh }, 11),
        access(Access::Read { key: Key { id: 5, ..fresh } }, 11),
        access(Access::Join { group }, 11),
        access(Access::Post { ticket: 8, from: 3, to: 5, amount: 7 }, 11),
    ];
    simulate(&time, async {
        let mut session = database.checkout().await.unwrap();
        fly(&mut session, &written).await.unwrap();
        assert_eq!(server.state().accounts, seeded.accounts, "nothing is committed yet");
        fly(&mut session, &[COMMIT]).await.unwrap();
    });
    let state = server.state();
    let accounts = state.accounts.accounts.unwrap();
    let row = |balance| Row { balance, version: 1, writer: 11 };
    assert_eq!((accounts[2].row, accounts[4].row, state.pairs.unwrap()[1].row), (row(993), row(77), row(105)));
    assert_eq!(state.fresh, Some(vec![Account { id: 4, row: row(1) }]));
    assert_eq!(state.receipts, Some(vec![Member { id: 11, group: 9 }]));
    assert_eq!(state.transfers, Some(vec![Posted { writer: 11, ticket: 8, from: 3, to: 5, amount: 7 }]));
}

#[test]
fn tables_that_the_plan_has_no_use_for_are_not_there() {
    let mut plan = plan();
    plan.mix = "transfer".parse().unwrap();
    plan.verify.mode = crate::plan::VerifyMode::History;
    let simulation = "sim://serializable".parse().unwrap();
    let state = super::SimServer::new(&simulation, &plan, super::VirtualTime::default()).state();
    assert_eq!(state.accounts.count, 10);
    assert_eq!(crate::history::State { accounts: state.accounts.clone(), ..Default::default() }, state);
}
