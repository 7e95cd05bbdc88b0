//! How is a connection encrypted, and who is at its other end? TLS by rustls, with the meaning that libpq gives the ssl*
//! settings of an address.

mod connector;
mod error;
mod files;
mod refusal;
mod settings;
#[cfg(test)]
mod tests;
mod verifier;

pub(super) use connector::Connector;
pub use error::TlsError;
pub(super) use refusal::{explain, lacks_tls};
pub use settings::{Roots, SslMode, TlsSettings, TlsVersion};
