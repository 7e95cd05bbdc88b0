//! What do the live tests share? Servers of their own, a database for each test, and contend as its users run it.

mod command;
mod ended;
mod processes;
mod scratch;
mod server;
mod sql;
mod wait;

pub use command::{Contend, PASSWORD, Running};
pub use ended::Ended;
pub use processes::{Process, keeper_of, processes_in};
pub use scratch::Scratch;
pub use server::{Database, Server};
pub use sql::Sql;
pub use wait::{PATIENCE, until};
