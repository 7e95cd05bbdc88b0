//! Which compilers are here? Those on PATH; each that is missing is told, once.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// The program, or a line on standard error, past the harness that swallows the output of a test that passes.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    if found.is_none() {
        let line = format!("SKIPPED: what needs {name}, which is not on PATH\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    found
}

/// Its standard output; it has to succeed.
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}\n{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// A folder of its own for what one test writes, empty.
pub fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("emit").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
