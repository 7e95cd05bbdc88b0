//! What does an address ask of TLS? Its ssl* settings; no file has been opened yet.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// How much encryption is wanted (PostgreSQL documentation, 34.19 "SSL Support", table 34.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// None.
    Disable,
    /// None, unless the server insists.
    Allow,
    /// Yes, where the server has it.
    #[default]
    Prefer,
    /// Yes; whoever the server is, unless there is a root certificate (then as `verify-ca`).
    Require,
    /// Yes, and its certificate is signed by an authority that we trust.
    VerifyCa,
    /// That, and the certificate is for the host's name.
    VerifyFull,
}

impl SslMode {
    /// Every mode, weakest first.
    pub const ALL: [Self; 6] =
        [Self::Disable, Self::Allow, Self::Prefer, Self::Require, Self::VerifyCa, Self::VerifyFull];
}

impl fmt::Display for SslMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        })
    }
}

/// A text that is no mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownSslMode;

impl FromStr for SslMode {
    type Err = UnknownSslMode;

    fn from_str(text: &str) -> Result<Self, UnknownSslMode> {
        Self::ALL.into_iter().find(|mode| mode.to_string() == text).ok_or(UnknownSslMode)
    }
}

/// Which authorities are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Roots {
    /// Those in a PEM file: `sslrootcert`, or `~/.postgresql/root.crt`. The file need not exist, unless a mode verifies.
    File(PathBuf),
    /// Those of the operating system: `sslrootcert=system`.
    System,
}

/// The TLS protocol versions that rustls speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2
    V1_2,
    /// TLS 1.3
    V1_3,
}

/// What an address asks of TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// `sslmode`
    pub mode: SslMode,
    /// `sslrootcert`; none where nothing is said and there is no home directory.
    pub roots: Option<Roots>,
    /// `sslcert`, PEM, else `~/.postgresql/postgresql.crt`. Where the file does not exist, no certificate is sent.
    pub certificate: Option<PathBuf>,
    /// `sslkey`, PEM, else `~/.postgresql/postgresql.key`. Only read when there is a certificate.
    pub key: Option<PathBuf>,
    /// `sslsni`: whether the server is told the host's name.
    pub send_name: bool,
    /// `ssl_min_protocol_version`
    pub oldest: TlsVersion,
    /// `ssl_max_protocol_version`
    pub newest: TlsVersion,
}
