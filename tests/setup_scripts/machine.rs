//! On what machine do the scripts believe to be? On one whose tools are all made up.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[path = "../support/scratch.rs"]
mod scratch;

use scratch::Scratch;

pub const PROJECT: &str = env!("CARGO_MANIFEST_DIR");

/// What every tool is a link to. Nothing is written here that is executed: a file that is still open for writing in
/// a process forked by another test cannot be.
const TOOL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/setup_scripts/tool");

/// The programs that the scripts look for.
const WANTED: [&str; 4] = ["cargo", "cc", "initdb", "postgres"];

/// A directory that is all of PATH, and the answers of the tools in it.
#[derive(Debug)]
pub struct Machine {
    root: Scratch,
    tmp: Scratch,
    uid: u32,
    system: &'static str,
    missing: String,
    failing: String,
    idle: String,
}

/// How a script ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The commands that a dry run names.
    pub fn would_run(&self) -> Vec<&str> {
        self.stderr.lines().filter_map(|line| line.strip_prefix("contend: would run: ")).collect()
    }
}

impl Machine {
    /// With these tools, for an ordinary user of Linux who lacks nothing.
    pub fn new(tools: &[&str]) -> Self {
        let machine = Self {
            root: Scratch::new(),
            tmp: Scratch::new(),
            uid: 1000,
            system: "Linux",
            missing: String::new(),
            failing: String::new(),
            idle: String::new(),
        };
        fs::create_dir(machine.bin()).unwrap();
        for name in ["id", "uname", "env", "true", "mkdir", "rmdir", "tee", "rm"].iter().chain(&WANTED).chain(tools) {
            symlink(TOOL, machine.bin().join(name)).unwrap();
        }
        for name in ["mktemp", "dirname"] {
            let path = std::env::var_os("PATH").unwrap();
            let file = std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file());
            symlink(file.unwrap(), machine.bin().join(name)).unwrap();
        }
        machine
    }

    pub fn root(mut self) -> Self {
        self.uid = 0;
        self
    }

    pub fn system(mut self, name: &'static str) -> Self {
        self.system = name;
        self
    }

    /// Without these programs, until a package manager brings them.
    pub fn without(mut self, programs: &[&str]) -> Self {
        for program in programs {
            assert!(WANTED.contains(program));
            fs::remove_file(self.bin().join(program)).unwrap();
            self.missing = format!("{} {program}", self.missing);
        }
        self
    }

    /// The tool fails.
    pub fn failing(mut self, tool: &str) -> Self {
        tool.clone_into(&mut self.failing);
        self
    }

    /// The package manager is content and installs nothing.
    pub fn idle(mut self, manager: &str) -> Self {
        manager.clone_into(&mut self.idle);
        self
    }

    /// `set_up postgres`, as scripts/test calls it, where no server is in the usual places.
    pub fn set_up(&self, mode: &str) -> Ended {
        let text = r#"set -eu; root=$1; . "$root/scripts/setup.sh"; usual_places() { :; }; set_up postgres"#;
        self.run(Command::new("/bin/sh").args(["-c", text, "sh", PROJECT]), mode)
    }

    /// scripts/demo or scripts/test, as users call it.
    pub fn script(&self, name: &str, mode: &str) -> Ended {
        self.run(&mut Command::new(Path::new(PROJECT).join("scripts").join(name)), mode)
    }

    fn run(&self, command: &mut Command, mode: &str) -> Ended {
        command.env_clear().stdin(Stdio::null()).env("PATH", self.bin()).env("CONTEND_SETUP", mode);
        command.env("HOME", self.root.path()).env("TMPDIR", self.tmp.path());
        command.env("FAKE_LOG", self.log()).env("FAKE_TOOL", TOOL).env("FAKE_UID", self.uid.to_string());
        command.env("FAKE_SYSTEM", self.system).env("FAKE_FAILING", &self.failing).env("FAKE_IDLE", &self.idle);
        command.env("FAKE_MISSING", &self.missing).env("FAKE_BREW_PREFIX", self.brew_prefix());
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// How the tools were called since this was last asked.
    pub fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let _ = fs::remove_file(self.log());
        text.lines().map(str::to_owned).collect()
    }

    pub fn left_in_tmp(&self) -> Vec<String> {
        self.tmp.names()
    }

    pub fn brew_prefix(&self) -> PathBuf {
        self.root.path().join("brew")
    }

    fn bin(&self) -> PathBuf {
        self.root.path().join("bin")
    }

    fn log(&self) -> PathBuf {
        self.root.path().join("log")
    }
}
