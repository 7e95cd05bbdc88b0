//! What do tests of TLS and logins need? Servers that speak TLS, their certificates, and ports that do not answer.

mod certificates;
mod cockroach;
mod ports;
mod postgres;

pub use certificates::{Certificates, ClientCertificate, Identity, ServerCertificate};
pub use cockroach::SecureCockroach;
pub use ports::{Dead, Relay, Silent};
pub use postgres::{TlsServer, current_user};
