//! How does a database say no? An SQLSTATE, and the reason behind it.

use std::fmt;
use std::str::FromStr;

/// A five-character SQLSTATE (ISO/IEC 9075; PostgreSQL documentation, appendix A).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sqlstate([u8; 5]);

impl Sqlstate {
    /// `40001`: the transaction lost against a concurrent one and has to be run again.
    pub const SERIALIZATION_FAILURE: Self = Self(*b"40001");
    /// `40P01`: PostgreSQL broke a deadlock by aborting this transaction.
    pub const DEADLOCK: Self = Self(*b"40P01");
    /// `40003`: the server cannot say whether the transaction committed.
    pub const COMPLETION_UNKNOWN: Self = Self(*b"40003");
    /// `08006`: the connection was lost. Also what contend records when the operating system reports the loss.
    pub const CONNECTION_FAILURE: Self = Self(*b"08006");
    /// `08001`: no connection could be made.
    pub const CANNOT_CONNECT: Self = Self(*b"08001");
    /// `57014`: the statement was canceled. Also what contend records for what its own end cut off.
    pub const QUERY_CANCELED: Self = Self(*b"57014");
    /// `08P01`: an answer that the protocol does not allow.
    pub const PROTOCOL_VIOLATION: Self = Self(*b"08P01");
    /// `28P01`: the password is wrong, or there is none.
    pub const INVALID_PASSWORD: Self = Self(*b"28P01");
    /// `3D000`: the database does not exist.
    pub const NO_DATABASE: Self = Self(*b"3D000");
    /// `23505`: a row with this key is there already.
    pub const UNIQUE_VIOLATION: Self = Self(*b"23505");
    /// `25P01`: there is no transaction.
    pub const NO_TRANSACTION: Self = Self(*b"25P01");
    /// `25P02`: a statement of the transaction has failed before.
    pub const IN_FAILED_TRANSACTION: Self = Self(*b"25P02");
    /// `40000`: the transaction was rolled back.
    pub const ROLLED_BACK: Self = Self(*b"40000");
    /// `02000`: a row that had to be there is not.
    pub const NO_DATA: Self = Self(*b"02000");

    /// Reads a code as the server sends it; anything but five ASCII letters and digits is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 5] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(Self(bytes))
    }

    /// A code from its five bytes, which [`Sqlstate::bytes`] gave.
    pub(super) fn of(bytes: [u8; 5]) -> Self {
        Self(bytes)
    }

    /// The five characters, as bytes.
    pub(super) fn bytes(self) -> [u8; 5] {
        self.0
    }

    /// The five characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("?????")
    }

    /// The first two characters: the class of the condition, such as `08`, connection exception.
    #[must_use]
    pub fn class(&self) -> &str {
        self.as_str().get(..2).unwrap_or("??")
    }
}

/// A text that is no SQLSTATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an SQLSTATE has five letters and digits, such as 40001")]
pub struct NoSqlstate;

impl FromStr for Sqlstate {
    type Err = NoSqlstate;

    fn from_str(text: &str) -> Result<Self, NoSqlstate> {
        Self::parse(text).ok_or(NoSqlstate)
    }
}

impl fmt::Display for Sqlstate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Sqlstate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Why an attempt ended without a commit: what retries are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    /// The code the server answered, or the one contend gives to a lost connection.
    pub sqlstate: Sqlstate,
    /// The server's own word for the reason where it has one (`RETRY_SERIALIZABLE`), else the field's (`deadlock`).
    pub reason: &'static str,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.sqlstate, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_letters_or_digits_and_nothing_else() {
        assert_eq!(Sqlstate::parse("40001"), Some(Sqlstate::SERIALIZATION_FAILURE));
        for wrong in ["", "4000", "400011", "40 01", "4000é"] {
            assert_eq!(Sqlstate::parse(wrong), None, "{wrong}");
        }
        assert_eq!(Sqlstate::CONNECTION_FAILURE.class(), "08");
    }
}
