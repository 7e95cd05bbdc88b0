//! Does `contend export` say what the history says? Each format is read back by a reader that is not contend's, and judged by
//! another checker.

mod command;
mod dbcop;
mod elle;
mod histories;
#[path = "../oracle/mod.rs"]
#[allow(dead_code, reason = "only its random histories, and what it says of them, are used here")]
mod oracle;
mod random;
mod recorded;
mod refused;
mod table;
