//! What does psql say to the same? It is the reference; where there is none, that is said, and nothing is compared.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The first one that looks for its files where HOME says.
const FIRST_WITH_HOME: u32 = 15;

/// A psql.
#[derive(Debug)]
pub struct Psql {
    program: PathBuf,
    version: u32,
}

impl Psql {
    /// The newest one next to a server's programs, else that on PATH: Debian's there is a script that chooses between
    /// servers, and changes the environment for it.
    pub fn find() -> Option<&'static Self> {
        static PSQL: OnceLock<Option<Psql>> = OnceLock::new();
        let find = || {
            let beside = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
            let programs = beside.map(|entry| entry.path().join("bin/psql")).chain([PathBuf::from("psql")]);
            let found = programs.filter_map(|program| Some(Self { version: version(&program)?, program }));
            // Of equal ones the last counts.
            let psql = found.filter(|psql| psql.version >= FIRST_WITH_HOME).max_by_key(|psql| psql.version);
            if psql.is_none() {
                let line = "SKIPPED: the comparison with psql; there is no psql 15 or newer";
                std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
            }
            psql
        };
        PSQL.get_or_init(find).as_ref()
    }

    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whether it connects; else its words.
    pub fn connect(&self, address: Option<&str>, environment: &[(String, String)]) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        command.envs(environment.iter().cloned()).stdin(Stdio::null()).args(["-X", "-w", "-A", "-t", "-c", "SELECT 1"]);
        command.args(address.iter().flat_map(|address| ["-d", address]));
        let output = command.output().unwrap();
        match (output.status.success(), output.stdout.trim_ascii()) {
            (true, b"1") => Ok(()),
            (true, other) => panic!("{command:?}: {}", String::from_utf8_lossy(other)),
            (false, _) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}

fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1), or 18beta1
    let number = text.split_whitespace().nth(2)?;
    number.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}
