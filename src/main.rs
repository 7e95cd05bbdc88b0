//! The `contend` command: everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    contend::command::main(std::env::args_os())
}
