//! Is every course that a flight can take told as it was? Against a server that says what a test tells it to.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Messages;
use super::exchange::{Dialect, Wire};
use super::lent::Lent;
use super::line::Line;
use super::socket::Socket;
use crate::db::call::Call;
use crate::db::text::Texts;
use crate::db::{Answer, Failure, Statement};
use crate::history::{Access, Key, Row, Shape, Table};
use crate::plan::{Flight, SchemaName};
use crate::retry::Restart;

const READ: Statement =
    Statement::Access { access: Access::Read { key: Key { table: Table::Accounts, id: 7 } }, writer: 9 };
const FLIGHT: [Statement; 3] = [Statement::Begin, READ, Statement::Commit];

/// What a flight has come to: how many answers, the failure, whether the connection can be used again.
#[derive(Debug)]
struct Flown {
    answers: Vec<Answer>,
    result: Result<(), Failure>,
    is_open: bool,
}

impl Flown {
    fn sqlstate(&self) -> &str {
        self.result.as_ref().map_or_else(|failure| failure.cause.sqlstate.as_str(), |()| "00000")
    }
}

fn dialect(protocol: &str) -> Dialect {
    let calls = Call::wanted(&[Shape::Transfer], Flight::Pipelined, false);
    let schema = SchemaName::default();
    match protocol {
        "simple" => Dialect::Simple(Box::new(Texts::new("BEGIN; SET LOCAL x = y", &calls, &schema, Flight::Pipelined))),
        _ => Dialect::Extended(Box::new(
            Messages::new("contend", "BEGIN", &calls, &schema, Flight::Pipelined, Restart::Rollback).unwrap().0,
        )),
    }
}

async fn pair() -> (Wire, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    (Wire::new(Line::Plain(Socket::Tcp(client))), listener.accept().await.unwrap().0)
}

/// One flight, to which the server says these pieces, one by one, and then nothing, or hangs up.
async fn fly(protocol: &str, pieces: &[&[u8]], hangs_up: bool) -> Flown {
    let (mut wire, mut server) = pair().await;
    server.set_nodelay(true).unwrap();
    let saying = async {
        let mut heard = [0; 1024];
        let count = server.read(&mut heard).await.unwrap();
        assert!(heard[..count].ends_with(if protocol == "simple" { b"COMMIT;\0" } else { b"S\0\0\0\x04" }));
        for piece in pieces {
            server.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        (!hangs_up).then_some(server)
    };
    let (dialect, mut answers) = (dialect(protocol), Vec::new());
    let (result, _server) = tokio::join!(wire.fly(&dialect, &FLIGHT, &mut answers), saying);
    Flown { answers, result, is_open: wire.is_open() }
}

/// A message of the server.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[kind], &length[..], body].concat()
}

fn done(tag: &str) -> Vec<u8> {
    [message(b'2', b""), message(b'C', format!("{tag}\0").as_bytes())].concat()
}

fn error(sqlstate: &str) -> Vec<u8> {
    message(b'E', format!("SERROR\0C{sqlstate}\0Mdue to concurrent update\0\0").as_bytes())
}

fn row(values: [i64; 3]) -> Vec<u8> {
    let values = values.map(|value| [&[0, 0, 0, 8][..], &value.to_be_bytes()].concat()).concat();
    [message(b'2', b""), message(b'D', &[&[0, 3][..], &values].concat()), message(b'C', b"SELECT 1\0")].concat()
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

fn answered() -> Vec<Answer> {
    vec![Answer::Done, Answer::Row(Row { balance: 50, version: 3, writer: 4 }), Answer::Done]
}

#[tokio::test]
async fn a_flight_is_answered_however_its_answers_are_cut() {
    let notice = message(b'N', b"SNOTICE\0C00000\0Mhello\0\0");
    let setting = message(b'S', b"TimeZone\0UTC\0");
    let all = [done("BEGIN"), notice, row([50, 3, 4]), setting, done("COMMIT"), ready()].concat();
    for cut in 1..all.len() {
        let flown = fly("prepared", &[&all[..cut], &all[cut..]], false).await;
        assert_eq!((flown.result.clone(), flown.is_open), (Ok(()), true), "{cut}");
        assert_eq!(flown.answers, answered(), "{cut}");
    }
    let bytes: Vec<&[u8]> = all.chunks(1).collect();
    assert_eq!(fly("prepared", &bytes, false).await.answers, answered());
}

#[tokio::test]
async fn numbers_in_full_text_are_read_and_both_parts_of_begin_are_one_answer() {
    let row = message(b'D', b"\0\x03\0\0\0\x0250\0\0\0\x013\0\0\0\x014");
    let (begun, set) = (message(b'C', b"BEGIN\0"), message(b'C', b"SET\0"));
    let all = [begun, set, row, message(b'C', b"SELECT 1\0"), message(b'C', b"COMMIT\0"), ready()].concat();
    let flown = fly("simple", &[&all], false).await;
    assert_eq!((flown.result.clone(), flown.is_open, flown.answers), (Ok(()), true, answered()));
}

#[tokio::test]
async fn an_error_in_the_middle_leaves_the_connection_usable() {
    let all = [done("BEGIN"), error("40001"), ready()].concat();
    let flown = fly("prepared", &[&all], false).await;
    let failure = flown.result.clone().unwrap_err();
    assert_eq!((flown.sqlstate(), failure.cause.reason, failure.lost), ("40001", "write-write", false));
    assert_eq!((flown.answers.len(), flown.is_open), (1, true));
}

#[tokio::test]
async fn a_connection_that_ends_behind_the_answer_to_commit_has_committed() {
    let all = [done("BEGIN"), row([50, 3, 4]), done("COMMIT")].concat();
    let flown = fly("prepared", &[&all], true).await;
    assert_eq!((flown.result.clone(), flown.is_open), (Ok(()), false));
    assert_eq!(flown.answers, answered());
}

#[tokio::test]
async fn a_connection_that_ends_before_it_is_lost() {
    let flown = fly("prepared", &[&[done("BEGIN"), row([50, 3, 4])].concat()], true).await;
    assert_eq!((flown.sqlstate(), flown.answers.len(), flown.is_open), ("08006", 2, false));
    assert!(flown.result.unwrap_err().lost);
    // What the server has said before it closed the connection is the reason.
    let flown = fly("prepared", &[&[done("BEGIN"), error("57P01")].concat()], true).await;
    assert_eq!((flown.sqlstate(), flown.answers.len(), flown.is_open), ("57P01", 1, false));
}

#[tokio::test]
async fn a_commit_that_is_answered_with_rollback_is_none() {
    let all = [done("BEGIN"), row([50, 3, 4]), done("ROLLBACK"), ready()].concat();
    let flown = fly("prepared", &[&all], false).await;
    let failure = flown.result.clone().unwrap_err();
    assert_eq!((flown.sqlstate(), failure.lost, flown.answers.len()), ("40000", false, 2));
    let class = crate::db::classify(&failure, crate::history::Phase::Commit);
    assert_eq!(class, crate::db::Class::Fatal, "it is certain that nothing was committed");
}

#[tokio::test]
async fn a_row_that_is_missing_in_front_of_a_commit_leaves_all_open() {
    let all = [done("BEGIN"), done("SELECT 0"), done("COMMIT"), ready()].concat();
    let flown = fly("prepared", &[&all], false).await;
    assert_eq!((flown.sqlstate(), flown.answers.len()), ("02000", 1));
    assert!(flown.result.unwrap_err().lost, "the COMMIT has been run");
}

#[tokio::test]
async fn what_a_server_may_not_say_is_refused() {
    let few = [done("BEGIN"), ready()].concat();
    let many = [done("BEGIN"), row([50, 3, 4]), done("COMMIT"), done("COMMIT"), ready()].concat();
    let null = [message(b'2', b""), message(b'D', b"\0\x01\xff\xff\xff\xff")].concat();
    for wrong in [few, many, message(b'G', b"\0\0\0"), null] {
        let flown = fly("prepared", &[&wrong], true).await;
        assert_eq!(flown.sqlstate(), "08P01", "{wrong:?}: {flown:?}");
        assert!(flown.result.unwrap_err().lost);
    }
}

#[tokio::test]
async fn a_flight_that_was_left_in_the_middle_spoils_the_connection() {
    let (mut wire, _server) = pair().await;
    let (dialect, mut answers) = (dialect("prepared"), Vec::new());
    assert!(wire.is_open());
    let limit = std::time::Duration::from_millis(20);
    assert!(tokio::time::timeout(limit, wire.fly(&dialect, &FLIGHT, &mut answers)).await.is_err());
    assert!(!wire.is_open());
}

#[tokio::test]
async fn a_server_that_hangs_up_meanwhile_is_noticed() {
    let (wire, server) = pair().await;
    assert!(wire.is_open());
    drop(server);
    for _ in 0..1000 {
        if !wire.is_open() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    panic!("it is taken for open");
}

#[tokio::test]
async fn a_connection_that_is_given_up_takes_leave() {
    let (wire, mut server) = pair().await;
    drop(wire);
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"X\0\0\0\x04");
}

#[tokio::test]
async fn a_lent_line_is_taken_back_when_nobody_else_has_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let lent = Lent::new(Socket::Tcp(client));
    let other = lent.clone();
    assert!(lent.take_back().is_none());
    assert!(matches!(other.take_back(), Some(Line::Plain(Socket::Tcp(_)))));
}
