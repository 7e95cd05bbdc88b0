//! How is a flight written? In the extended protocol: statements that are prepared once per connection, and one Sync.
//!
//! Behind a statement that fails, the server reads on to the Sync and runs nothing (PostgreSQL documentation, 55.2.3).
//! So a flight is like a transaction of its own: no COMMIT in it runs behind a failure.

use std::io;

use bytes::BytesMut;
use postgres_protocol::message::frontend::{self, BindError};
use postgres_protocol::{IsNull, Oid};

use crate::db::Statement;
use crate::db::call::Call;
use crate::plan::{Flight, SchemaName};
use crate::retry::Restart;

/// INT8, in the catalog `pg_type`.
const INT8: Oid = 20;
/// The format of values (PostgreSQL documentation, 55.7: Bind).
const BINARY: i16 = 1;
/// The bytes of an INT8, and of the length in front of it.
const VALUE: usize = 8;
const LENGTH: usize = 4;

/// Everything that transactions send, in bytes.
#[derive(Debug)]
pub(in crate::db) struct Messages {
    begin: Message,
    commit: Message,
    rollback: Message,
    /// Where transactions go back to a savepoint.
    savepoint: Option<Savepoint>,
    calls: [Option<Message>; Call::COUNT],
}

/// The statements around one.
#[derive(Debug)]
struct Savepoint {
    set: Message,
    release: Message,
    back: Message,
}

/// A Bind and an Execute. All values are of one length, so that each has its place.
#[derive(Debug)]
struct Message {
    bytes: BytesMut,
    /// Where the first value's length is.
    values_at: usize,
}

impl Messages {
    /// The messages, and what prepares their statements, under names that begin like this.
    pub(in crate::db) fn new(
        prefix: &str,
        begin: &str,
        calls: &[Call],
        schema: &SchemaName,
        flight: Flight,
        restart: Restart,
    ) -> io::Result<(Self, BytesMut)> {
        let mut preparing = BytesMut::new();
        let mut prepare = |name: &str, sql: &str, arity, has_rows| {
            let name = format!("{prefix}_{name}");
            frontend::parse(&name, sql, std::iter::repeat_n(INT8, arity), &mut preparing)?;
            Message::new(&name, arity, has_rows)
        };
        let mut fixed = |name: &str, statement: Statement| prepare(name, statement.text().unwrap_or(begin), 0, false);
        let mut messages = Self {
            begin: fixed("begin", Statement::Begin)?,
            commit: fixed("commit", Statement::Commit)?,
            rollback: fixed("rollback", Statement::Rollback)?,
            savepoint: match restart {
                Restart::Savepoint => Some(Savepoint {
                    set: fixed("savepoint", Statement::Savepoint)?,
                    release: fixed("release", Statement::Release)?,
                    back: fixed("back", Statement::RollbackTo)?,
                }),
                _ => None,
            },
            calls: [const { None }; Call::COUNT],
        };
        for call in calls {
            let (name, sql) = (call.index().to_string(), call.sql(schema, flight));
            messages.calls[call.index()] = Some(prepare(&name, &sql, call.arity(), true)?);
        }
        frontend::sync(&mut preparing);
        Ok((messages, preparing))
    }

    /// Writes a flight. Whether all its statements have been prepared.
    pub(super) fn write(&self, statements: &[Statement], out: &mut BytesMut) -> bool {
        for statement in statements {
            let Some(message) = self.message(*statement) else { return false };
            match statement.access() {
                Some((access, writer)) => message.write(Call::of(access, writer).1.as_slice(), out),
                None => message.write(&[], out),
            }
        }
        frontend::sync(out);
        true
    }

    fn message(&self, statement: Statement) -> Option<&Message> {
        match statement {
            Statement::Begin => Some(&self.begin),
            Statement::Commit => Some(&self.commit),
            Statement::Rollback => Some(&self.rollback),
            Statement::Savepoint => self.savepoint.as_ref().map(|savepoint| &savepoint.set),
            Statement::Release => self.savepoint.as_ref().map(|savepoint| &savepoint.release),
            Statement::RollbackTo => self.savepoint.as_ref().map(|savepoint| &savepoint.back),
            Statement::Access { access, writer } | Statement::Alone { access, writer } => {
                self.calls[Call::of(access, writer).0.index()].as_ref()
            }
        }
    }
}

impl Message {
    fn new(name: &str, arity: usize, has_rows: bool) -> io::Result<Self> {
        let mut bytes = BytesMut::new();
        let zero = |(): (), out: &mut BytesMut| {
            out.extend_from_slice(&[0; VALUE]);
            Ok(IsNull::No)
        };
        let values = std::iter::repeat_n((), arity);
        let (sent, answered) = ((arity > 0).then_some(BINARY), has_rows.then_some(BINARY));
        frontend::bind("", name, sent, values, zero, answered, &mut bytes).map_err(|error| match error {
            BindError::Serialization(error) => error,
            BindError::Conversion(error) => io::Error::other(error),
        })?;
        // Behind the values stand the formats of the answer.
        let values_at = bytes.len() - 2 - 2 * usize::from(has_rows) - arity * (LENGTH + VALUE);
        frontend::execute("", 0, &mut bytes)?;
        Ok(Self { bytes, values_at })
    }

    fn write(&self, values: &[i64], out: &mut BytesMut) {
        let mut at = out.len() + self.values_at;
        out.extend_from_slice(&self.bytes);
        for value in values {
            at += LENGTH;
            out[at..at + VALUE].copy_from_slice(&value.to_be_bytes());
            at += VALUE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Access, Key, Shape};

    fn messages() -> (Messages, BytesMut) {
        let calls = Call::wanted(&[Shape::Transfer], Flight::Pipelined, false);
        Messages::new("contend", "BEGIN", &calls, &SchemaName::default(), Flight::Pipelined, Restart::Rollback).unwrap()
    }

    /// A message: its type, its length, its body (PostgreSQL documentation, 55.7).
    fn message(kind: u8, body: &[&[u8]]) -> Vec<u8> {
        let body = body.concat();
        let length = u32::try_from(body.len() + 4).unwrap().to_be_bytes();
        [&[kind], &length[..], &body].concat()
    }

    #[test]
    fn a_flight_is_a_bind_and_an_execute_for_each_statement_and_one_sync() {
        let debit = Statement::Access { access: Access::Add { key: Key::account(7), delta: -3 }, writer: 12 };
        let mut out = BytesMut::new();
        assert!(messages().0.write(&[Statement::Begin, debit, Statement::Commit], &mut out));
        let execute = || message(b'E', &[b"\0\0\0\0\0"]);
        let simple = |name: &[u8]| message(b'B', &[b"\0", name, b"\0\0\0", b"\0\0", b"\0\0"]);
        let value = |value: i64| [&[0, 0, 0, 8][..], &value.to_be_bytes()].concat();
        let values = [value(7), value(-3), value(12)].concat();
        let bind = message(b'B', &[b"\0contend_4\0", b"\0\x01\0\x01", b"\0\x03", &values, b"\0\x01\0\x01"]);
        let expected = [
            simple(b"contend_begin"),
            execute(),
            bind,
            execute(),
            simple(b"contend_commit"),
            execute(),
            message(b'S', &[]),
        ];
        assert_eq!(out, expected.concat());
    }

    #[test]
    fn what_is_sent_is_prepared_first() {
        let (_, preparing) = messages();
        let begin = message(b'P', &[b"contend_begin\0BEGIN\0\0\0"]);
        assert!(preparing.starts_with(&begin) && preparing.ends_with(&message(b'S', &[])));
        let text = String::from_utf8_lossy(&preparing);
        assert!(text.contains("contend_4\0UPDATE \"contend\".accounts"), "{text}");
        assert!(
            text.ends_with("RETURNING balance, version\0\0\x03\0\0\0\x14\0\0\0\x14\0\0\0\x14S\0\0\0\x04"),
            "{text}"
        );
    }

    #[test]
    fn what_the_mix_has_no_use_for_is_not_written() {
        let scan = Access::Insert { key: Key::account(1) };
        assert!(!messages().0.write(&[Statement::Access { access: scan, writer: 1 }], &mut BytesMut::new()));
    }
}
