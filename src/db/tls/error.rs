//! What is wrong with the certificates and keys of an address? One line each, with what to do.

use std::path::PathBuf;

use super::SslMode;

/// A file of an address that cannot be used. Never shows what is in it.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A verifying mode without authorities.
    #[error(
        "sslmode={mode} needs a root certificate, and {} does not exist; name one (sslrootcert=FILE), or take those of the operating system (sslrootcert=system)", file.display()
    )]
    NoRoots {
        /// The mode.
        mode: SslMode,
        /// The file that was looked for.
        file: PathBuf,
    },
    /// A verifying mode, and not even a place to look for authorities.
    #[error("sslmode={0} needs a root certificate: sslrootcert=FILE, or sslrootcert=system")]
    RootsNotNamed(SslMode),
    /// The operating system gives no authorities.
    #[error(
        "sslrootcert=system: no root certificate was found in the operating system ({0}); name a file: sslrootcert=FILE"
    )]
    NoSystemRoots(String),
    /// The file cannot be read.
    #[error("{keyword}: {} cannot be read: {reason}", file.display())]
    Unreadable {
        /// The setting.
        keyword: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// The file holds no certificate.
    #[error("{keyword}: {} holds no certificate (PEM, -----BEGIN CERTIFICATE-----)", file.display())]
    NoCertificate {
        /// The setting.
        keyword: &'static str,
        /// The file.
        file: PathBuf,
    },
    /// There is something in the file that is no usable certificate.
    #[error("{keyword}: {} holds a certificate that cannot be used: {reason}", file.display())]
    BadCertificate {
        /// The setting.
        keyword: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
    /// A client certificate without its key.
    #[error("there is a client certificate, {}, but no key for it: {}; name its key (sslkey=FILE)", certificate.display(), missing(key.as_ref()))]
    NoKeyFile {
        /// The certificate.
        certificate: PathBuf,
        /// Where the key was looked for.
        key: Option<PathBuf>,
    },
    /// The key is not secret.
    #[error("sslkey: {} can be read by others (mode {mode:04o}); keep it to yourself: chmod 600", file.display())]
    KeyPermissions {
        /// The file.
        file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key is encrypted.
    #[error("sslkey: {} is encrypted, and contend asks for no passphrase; write a plain one: openssl pkey -in OLD -out NEW, chmod 600", file.display())]
    KeyEncrypted {
        /// The file.
        file: PathBuf,
    },
    /// The file holds no key that rustls reads.
    #[error("sslkey: {} holds no private key that can be read (PEM; PKCS #8, PKCS #1 or SEC 1)", file.display())]
    NoKey {
        /// The file.
        file: PathBuf,
    },
    /// Certificate and key are no pair.
    #[error("the key {} cannot be used with the client certificate {}: {reason}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// What rustls says.
        reason: rustls::Error,
    },
    /// No protocol version is left.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

fn missing(key: Option<&PathBuf>) -> String {
    key.map_or_else(|| "none is named".to_owned(), |file| format!("{} does not exist", file.display()))
}
