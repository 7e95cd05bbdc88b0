//! What is tried, and what has to come of it? An address with an environment and files, as contend and psql see them.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::home::Home;
use crate::psql::Psql;
use crate::secure::TlsServer;
use crate::support::{Contend, Ended};
use crate::table;

/// What comes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A connection with TLS, as the server saw it.
    Tls,
    /// One without.
    Plain,
    /// One; nobody has looked how it was encrypted.
    Connected,
    /// None.
    Refused,
}

/// Whether psql is to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reference {
    Same,
    /// It comes to something else, for this reason.
    Differs(&'static str),
    /// Psqls before this version do not know the form.
    Since(u32),
    /// It cannot be asked.
    None,
}

/// One way to ask for a server.
#[derive(Debug)]
pub struct Case {
    form: String,
    addresses: Vec<String>,
    environment: Vec<(String, String)>,
    expected: Verdict,
    /// The exit codes that will do.
    codes: &'static [i32],
    /// Each of these has to be in the error, or, where there are `|` in it, one of its parts.
    words: Vec<String>,
    /// What the server has to note about the connection.
    noted: Vec<String>,
    /// The connection's name where the case sets it; else it is given one to be found by.
    name: Option<&'static str>,
    reference: Reference,
}

impl Case {
    /// To be connected, one way or the other.
    pub fn new(form: impl Into<String>, address: impl Into<String>) -> Self {
        Self { addresses: vec![address.into()], ..Self::of_environment(form) }
    }

    /// Without an address: the environment says it all.
    pub fn of_environment(form: impl Into<String>) -> Self {
        Self {
            form: form.into(),
            addresses: Vec::new(),
            environment: Vec::new(),
            expected: Verdict::Connected,
            codes: &[0],
            words: Vec::new(),
            noted: Vec::new(),
            name: None,
            reference: Reference::Same,
        }
    }

    /// One address more. psql takes one alone.
    pub fn and(mut self, address: impl Into<String>) -> Self {
        self.addresses.push(address.into());
        self.without_psql()
    }

    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    pub fn home(self, home: &Home) -> Self {
        self.env("HOME", home.path())
    }

    pub fn tls(self) -> Self {
        Self { expected: Verdict::Tls, ..self }
    }

    pub fn plain(self) -> Self {
        Self { expected: Verdict::Plain, ..self }
    }

    /// By what was learned by looking.
    pub fn refused(self, words: &[&str]) -> Self {
        self.without_connection(&[4], words)
    }

    /// By its text.
    pub fn misread(self, words: &[&str]) -> Self {
        self.without_connection(&[2], words)
    }

    /// By its text or by looking: it can be seen as either.
    pub fn fails(self, words: &[&str]) -> Self {
        self.without_connection(&[2, 4], words)
    }

    fn without_connection(self, codes: &'static [i32], words: &[&str]) -> Self {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Self { expected: Verdict::Refused, codes, words, ..self }
    }

    /// The server has to note this about the connection: `user=`, `database=`, `protocol=`.
    pub fn noted(mut self, text: &str) -> Self {
        self.noted.push(text.to_owned());
        self
    }

    /// The case gives the connection this name, by which no other connection goes.
    pub fn named(self, name: &'static str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// psql comes to something else.
    pub fn differs(self, why: &'static str) -> Self {
        Self { reference: Reference::Differs(why), ..self }
    }

    /// psql has learned it in this version.
    pub fn since(self, version: u32) -> Self {
        Self { reference: Reference::Since(version), ..self }
    }

    /// psql is not asked.
    pub fn without_psql(self) -> Self {
        Self { reference: Reference::None, ..self }
    }

    /// What is wrong about this case, line by line.
    fn judge(&self, server: Option<&TlsServer>) -> Vec<String> {
        let no_files = Home::new();
        let (contend, mut wrong) = self.try_contend(server, no_files.path());
        if !self.is_met_by(contend) {
            wrong.push(format!("{:?} was expected, contend: {contend:?}", self.expected));
        }
        let Some((psql, said)) = self.try_psql(server, no_files.path()) else {
            table::add(&self.form, "-", &format!("{contend:?}"), "-");
            return wrong;
        };
        let same = match self.reference {
            Reference::Differs(why) => {
                if self.is_met_by(psql) {
                    wrong.push(format!("psql was to differ ({why}): {psql:?} {said}"));
                }
                format!("no: {why}")
            }
            _ if psql == contend => "yes".to_owned(),
            _ => {
                wrong.push(format!("contend: {contend:?}, psql: {psql:?} {said}"));
                "NO".to_owned()
            }
        };
        table::add(&self.form, &format!("{psql:?}"), &format!("{contend:?}"), &same);
        wrong
    }

    fn is_met_by(&self, found: Verdict) -> bool {
        found == self.expected || (self.expected == Verdict::Connected && found != Verdict::Refused)
    }

    fn try_contend(&self, server: Option<&TlsServer>, no_files: &str) -> (Verdict, Vec<String>) {
        let (name, environment) = self.surroundings("contend", no_files);
        let start = Contend::new("ping");
        let contend = environment.iter().fold(start, |contend, (name, value)| contend.env(name, value));
        let contend = self.addresses.iter().fold(contend, |contend, address| contend.arg(address));
        let before = server.map(|server| server.log().len());
        let ended = contend.finish();
        let mut wrong = self.complaints(&ended);
        if ended.code != 0 {
            return (Verdict::Refused, wrong);
        }
        (self.seen(server.zip(before), &name, &mut wrong), wrong)
    }

    fn try_psql(&self, server: Option<&TlsServer>, no_files: &str) -> Option<(Verdict, String)> {
        let psql = Psql::find().filter(|psql| match self.reference {
            Reference::None => false,
            Reference::Since(version) => psql.version() >= version,
            Reference::Same | Reference::Differs(_) => true,
        })?;
        let (name, environment) = self.surroundings("psql", no_files);
        let before = server.map(|server| server.log().len());
        let mut wrong = Vec::new();
        let verdict = match psql.connect(self.addresses.first().map(String::as_str), &environment) {
            Ok(()) => self.seen(server.zip(before), &name, &mut wrong),
            Err(said) => return Some((Verdict::Refused, said)),
        };
        Some((verdict, wrong.join("; ")))
    }

    /// The connection's name, and the environment: an empty home, where the case has none of its own.
    fn surroundings(&self, program: &str, no_files: &str) -> (String, Vec<(String, String)>) {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("{program}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut environment = vec![("HOME".to_owned(), no_files.to_owned())];
        if self.name.is_none() {
            environment.push(("PGAPPNAME".to_owned(), name.clone()));
        }
        environment.extend(self.environment.iter().cloned());
        (self.name.map_or(name, str::to_owned), environment)
    }

    /// How the server saw the connection: the last note of it in the log, behind the place where the log was.
    fn seen(&self, log: Option<(&TlsServer, usize)>, name: &str, wrong: &mut Vec<String>) -> Verdict {
        let Some((server, before)) = log else { return Verdict::Connected };
        let log = server.log();
        let name = format!(" application_name={name}");
        let is_note =
            |line: &&str| line.contains("connection authorized: ") && format!("{line} ").contains(&format!("{name} "));
        let Some(note) = log[before..].lines().rfind(is_note) else {
            wrong.push(format!("the server knows of no connection with{name}"));
            return Verdict::Connected;
        };
        wrong
            .extend(self.noted.iter().filter(|text| !note.contains(*text)).map(|text| format!("no {text} in: {note}")));
        if note.contains("SSL enabled") { Verdict::Tls } else { Verdict::Plain }
    }

    /// What is wrong with contend's words, and its exit code.
    fn complaints(&self, ended: &Ended) -> Vec<String> {
        let Ended { code, stdout, stderr, .. } = ended;
        let mut wrong = Vec::new();
        let mut check = |right: bool, what: &str| {
            if !right {
                wrong.push(format!("{what}; exit code {code}, stdout: {stdout:?}, stderr: {stderr:?}"));
            }
        };
        check(self.codes.contains(code), &format!("exit code {:?} was expected", self.codes));
        let secrets = ["PRIVATE KEY", TlsServer::ODD_PASSWORD];
        check(!secrets.iter().any(|secret| stdout.contains(secret) || stderr.contains(secret)), "a secret is printed");
        if *code == 0 {
            check(!stdout.is_empty(), "something about the server is to be told");
        } else {
            let errors = stderr.lines().filter(|line| line.starts_with("error: ")).count();
            let notes = stderr.lines().filter(|line| line.starts_with("note: ")).count();
            let told = (errors, errors + notes) == (1, stderr.lines().count());
            check(told && stdout.is_empty(), "one line of an error, and notes, are to be all");
        }
        let said = stderr.to_lowercase();
        let has = |words: &str| words.split('|').any(|word| said.contains(&word.to_lowercase()));
        for words in &self.words {
            check(has(words), &format!("nothing of {words:?} is told"));
        }
        wrong
    }
}

#[test]
fn a_case_that_comes_to_something_else_is_found() {
    let server = TlsServer::shared();
    let wrong = |case: Case| case.judge(Some(server)).concat();
    let case = || Case::new("a case of its own", server.url("trusted", "sslmode=require"));
    assert_eq!(wrong(case().tls().noted("user=trusted ")), "");
    assert!(wrong(case().plain()).contains("Plain was expected, contend: Tls"));
    assert!(wrong(case().tls().noted("user=alice ")).contains("no user=alice  in: "));
    assert!(wrong(case().refused(&["password"])).contains("exit code [4] was expected"));
    if Psql::find().is_some() {
        assert!(wrong(case().tls().differs("it is said to")).contains("psql was to differ (it is said to): Tls"));
    }
}

/// Tries every case on this server, and fails with all that is wrong.
#[track_caller]
pub fn check(server: &TlsServer, cases: impl IntoIterator<Item = Case>) {
    judge_all(Some(server), cases);
}

/// The same where the server's log is not looked into.
#[track_caller]
pub fn check_unseen(cases: impl IntoIterator<Item = Case>) {
    judge_all(None, cases);
}

#[track_caller]
fn judge_all(server: Option<&TlsServer>, cases: impl IntoIterator<Item = Case>) {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for case in cases {
        tried += 1;
        wrong.extend(case.judge(server).into_iter().map(|line| format!("{}: {line}", case.form)));
    }
    assert!(tried > 0, "there is nothing to try");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
