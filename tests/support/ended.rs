//! What does a contend that has ended leave to be looked at?

use std::path::PathBuf;

use contend::run::Run;

use super::Scratch;

/// What a process left.
#[derive(Debug)]
pub struct Ended {
    /// The exit code; a signal as a negative number.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// The results folder of a run.
    pub out: Scratch,
}

impl Ended {
    /// The exit code is this one, or the test fails with all that was printed.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n-- stdout\n{}\n-- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// The one line that says what is wrong; nothing else on stderr looks like it.
    #[track_caller]
    pub fn error(&self) -> &str {
        let errors: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        errors[0]
    }

    /// The one line, where nothing else was printed at all.
    #[track_caller]
    pub fn only_error(&self) -> &str {
        assert_eq!((self.stdout.as_str(), self.stderr.lines().count()), ("", 1), "{}", self.stderr);
        self.error()
    }

    /// What was printed, however it was wrapped.
    pub fn report(&self) -> String {
        self.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The folder of the only run.
    #[track_caller]
    pub fn folder(&self) -> PathBuf {
        let names = self.out.names();
        assert_eq!(names.len(), 1, "{names:?}");
        self.out.path().join(&names[0])
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let text = std::fs::read_to_string(self.folder().join("run.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[track_caller]
    pub fn saved(&self) -> Run {
        serde_json::from_value(self.json()).unwrap()
    }
}
