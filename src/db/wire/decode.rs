//! What has the server said? Its messages, one by one, read where they have arrived.

use std::io;

use bytes::{Buf, BytesMut};
use postgres_protocol::message::backend::{
    BIND_COMPLETE_TAG, CLOSE_COMPLETE_TAG, COMMAND_COMPLETE_TAG, DATA_ROW_TAG, ERROR_RESPONSE_TAG, Header, NO_DATA_TAG,
    NOTICE_RESPONSE_TAG, NOTIFICATION_RESPONSE_TAG, PARAMETER_DESCRIPTION_TAG, PARAMETER_STATUS_TAG,
    PARSE_COMPLETE_TAG, READY_FOR_QUERY_TAG, ROW_DESCRIPTION_TAG,
};
use tokio::io::AsyncReadExt;

use super::line::Line;
use crate::db::Failure;
use crate::db::failure::ErrorFields;

/// The answers to a flight fit, but for those of large scans.
const ROOM: usize = 4096;
/// A message's type and its length.
const HEADER: usize = 5;

/// What has arrived and was not read yet.
#[derive(Debug)]
pub(super) struct Inbox {
    bytes: BytesMut,
    /// How much of it was read.
    read: usize,
}

/// A message that matters. Its body is without type and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message<'a> {
    /// A row of an answer.
    Row(&'a [u8]),
    /// A statement is done: with this tag.
    Complete(&'a [u8]),
    /// A statement has failed.
    Error(&'a [u8]),
    /// The server waits for the next flight.
    Ready,
}

/// How the numbers of a row are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Eight bytes, the highest first.
    Binary,
    /// Decimal digits.
    Text,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self { bytes: BytesMut::with_capacity(ROOM), read: 0 }
    }

    /// Waits for more. Nothing has come when the connection has ended.
    pub(super) async fn fill(&mut self, line: &mut Line) -> io::Result<usize> {
        self.bytes.advance(self.read);
        self.read = 0;
        if self.bytes.is_empty() {
            self.bytes.clear();
        }
        // As much again as there is, and never what a length merely promises.
        self.bytes.reserve(self.bytes.len().max(ROOM));
        line.read_buf(&mut self.bytes).await
    }

    /// The next message that matters. None when it has not arrived yet, or not all of it.
    pub(super) fn next(&mut self) -> Result<Option<Message<'_>>, Failure> {
        loop {
            let unread = &self.bytes[self.read..];
            let header = Header::parse(unread).map_err(|error| Failure::unexpected_answer(&error.to_string()))?;
            let Some(header) = header else { return Ok(None) };
            // The length counts itself, and not the type.
            let length = usize::try_from(header.len()).unwrap_or(usize::MAX).saturating_add(1);
            if unread.len() < length {
                return Ok(None);
            }
            let (begin, end) = (self.read + HEADER, self.read + length);
            self.read = end;
            let body = begin..end;
            return Ok(Some(match header.tag() {
                DATA_ROW_TAG => Message::Row(&self.bytes[body]),
                COMMAND_COMPLETE_TAG => Message::Complete(&self.bytes[body]),
                ERROR_RESPONSE_TAG => Message::Error(&self.bytes[body]),
                READY_FOR_QUERY_TAG => Message::Ready,
                // What we know already, and what the server says to everybody.
                PARSE_COMPLETE_TAG
                | BIND_COMPLETE_TAG
                | CLOSE_COMPLETE_TAG
                | NO_DATA_TAG
                | ROW_DESCRIPTION_TAG
                | PARAMETER_DESCRIPTION_TAG
                | PARAMETER_STATUS_TAG
                | NOTICE_RESPONSE_TAG
                | NOTIFICATION_RESPONSE_TAG => continue,
                other => {
                    let what = format!("a message of type {:?}", char::from(other));
                    return Err(Failure::unexpected_answer(&what));
                }
            }));
        }
    }
}

/// Appends the whole numbers of a row: how many there are, and for each its length and its bytes (PostgreSQL
/// documentation, 55.7, `DataRow`).
pub(super) fn row(body: &[u8], format: Format, cells: &mut Vec<i64>) -> Result<(), Failure> {
    let read = |rest: &mut &[u8]| -> Option<i64> {
        let (length, behind) = rest.split_first_chunk()?;
        // A NULL has the length -1.
        let (value, behind) = behind.split_at_checked(usize::try_from(i32::from_be_bytes(*length)).ok()?)?;
        *rest = behind;
        match format {
            Format::Binary => value.try_into().ok().map(i64::from_be_bytes),
            Format::Text => std::str::from_utf8(value).ok()?.parse().ok(),
        }
    };
    let not_whole = || Failure::unexpected_answer("no whole number");
    let (count, mut rest) = body.split_first_chunk().ok_or_else(not_whole)?;
    for _ in 0..u16::from_be_bytes(*count) {
        cells.push(read(&mut rest).ok_or_else(not_whole)?);
    }
    Ok(())
}

/// What an error says: fields with a letter each, every one up to a zero (PostgreSQL documentation, 55.8).
pub(super) fn error(body: &[u8]) -> ErrorFields<'_> {
    let mut fields = ErrorFields::default();
    for field in body.split(|byte| *byte == 0) {
        let Some((kind, value)) = field.split_first() else { break };
        let value = std::str::from_utf8(value).unwrap_or("(not in UTF-8)");
        match kind {
            b'C' => fields.code = value,
            b'M' => fields.message = value,
            b'D' => fields.detail = Some(value),
            b'R' => fields.routine = Some(value),
            _ => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(bytes: &[u8]) -> Inbox {
        Inbox { bytes: BytesMut::from(bytes), read: 0 }
    }

    #[test]
    fn messages_are_read_one_by_one_and_the_rest_is_waited_for() {
        let bytes = b"2\0\0\0\x04D\0\0\0\x06\0\0N\0\0\0\x05\0C\0\0\0\x0bCOMMIT\0Z\0\0\0\x05I";
        let mut all = inbox(bytes);
        assert_eq!(all.next().unwrap(), Some(Message::Row(&[0, 0])));
        assert_eq!(all.next().unwrap(), Some(Message::Complete(b"COMMIT\0")));
        assert_eq!(all.next().unwrap(), Some(Message::Ready));
        assert_eq!(all.next().unwrap(), None);
        for cut in 0..bytes.len() {
            let mut part = inbox(&bytes[..cut]);
            while let Some(message) = part.next().unwrap() {
                assert_ne!(message, Message::Ready, "{cut}");
            }
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        assert!(inbox(b"HTTP/1.1 400 Bad Request").next().is_ok_and(|message| message.is_none()));
        assert!(inbox(b"Z\0\0\0\x03").next().unwrap_err().message.contains("length"));
        assert!(inbox(b"G\0\0\0\x04").next().unwrap_err().message.contains("type 'G'"));
    }

    #[test]
    fn numbers_are_read_in_both_formats_and_nothing_else_is() {
        let mut cells = Vec::new();
        let binary = [&[0, 2][..], &[0, 0, 0, 8], &7i64.to_be_bytes(), &[0, 0, 0, 8], &(-1i64).to_be_bytes()].concat();
        row(&binary, Format::Binary, &mut cells).unwrap();
        row(b"\0\x02\0\0\0\x03-12\0\0\0\x013", Format::Text, &mut cells).unwrap();
        assert_eq!(cells, [7, -1, -12, 3]);
        let null = b"\0\x01\xff\xff\xff\xff";
        for (wrong, format) in [
            (&null[..], Format::Binary),
            (null, Format::Text),
            (b"\0\x01\0\0\0\x04\0\0\0\x01", Format::Binary),
            (b"\0\x01\0\0\0\x021x", Format::Text),
            (&binary[..20], Format::Binary),
            (b"\0", Format::Text),
        ] {
            assert!(row(wrong, format, &mut cells).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_error_is_its_code_its_words_and_where_it_is_from() {
        let body = b"SERROR\0VERROR\0C40001\0Mcould not serialize access\0Dsome detail\0RExecUpdate\0\0";
        let fields = error(body);
        let said = (fields.code, fields.message, fields.detail, fields.routine);
        assert_eq!(said, ("40001", "could not serialize access", Some("some detail"), Some("ExecUpdate")));
        assert_eq!(Failure::from(fields).cause.reason, "write-write");
        assert_eq!(Failure::from(error(b"\0")).cause.sqlstate.as_str(), "08P01");
    }
}
