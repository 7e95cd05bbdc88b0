//! Does contend connect where psql connects, and refuse where psql refuses? Every form of an address, of a login and of
//! TLS, on real servers.
//!
//! Each test is a table of [cases](case::Case). A case is tried with `contend ping`, and with psql where there is one:
//! the same address, environment and files. Where contend is meant to differ, the case says why.

#[expect(dead_code, unused_imports, reason = "the live tests use what is left")]
#[path = "../support/mod.rs"]
mod support;

#[path = "../support/secure/mod.rs"]
mod secure;

mod case;
mod client_certificates;
mod cockroach;
mod encryption;
mod home;
mod hosts;
mod login;
mod misread;
mod password_files;
mod psql;
mod root_certificates;
mod server_certificates;
mod service_files;
mod several;
mod table;
mod variables;
mod workers;
