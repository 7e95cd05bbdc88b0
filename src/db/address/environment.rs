//! What does the environment say? The variables that libpq reads (34.15), the home directory, the user's name.

use std::path::PathBuf;

use nix::unistd::{User, geteuid};

use super::keyword::{KEYWORDS, Keyword};
use super::settings::Settings;
use super::source::Source;

/// The variables that hold a whole address, the stronger one first.
const ADDRESSES: [&str; 2] = ["CONTEND_URL", "DATABASE_URL"];

/// The variables that say which database is meant; PGUSER and PGPASSWORD alone name none.
const NAMING: [&str; 5] = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGPORT", "PGDATABASE"];

/// The variables of a process; an empty one counts as none.
#[derive(Clone, Copy)]
pub(super) struct Environment<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Environment<'a> {
    pub(super) fn new(variable: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(variable)
    }

    pub(super) fn variable(self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// A whole address, and where it stands.
    pub(super) fn address(self) -> Option<(String, Source)> {
        ADDRESSES.into_iter().find_map(|name| Some((self.variable(name)?, Source::Variable(name))))
    }

    /// Whether the PG* variables name a database.
    pub(super) fn names_a_database(self) -> bool {
        NAMING.into_iter().any(|name| self.variable(name).is_some())
    }

    /// The PG* variables.
    pub(super) fn settings(self) -> Settings {
        let mut settings = Settings::default();
        // From before PGSSLMODE, which counts over it.
        if self.variable("PGREQUIRESSL").is_some_and(|value| value.starts_with('1'))
            && let Some(keyword) = Keyword::find("sslmode")
        {
            settings.set(keyword, "require", &Source::Variable("PGREQUIRESSL"));
        }
        for keyword in &KEYWORDS {
            if let Some((name, value)) = keyword.variable.and_then(|name| Some((name, self.variable(name)?))) {
                settings.set(keyword, value, &Source::Variable(name));
            }
        }
        settings
    }

    /// A file in the home directory. Where the environment has no HOME, there is none: then nothing of the user's
    /// gets into the address of a throw-away server.
    pub(super) fn home(self, file: &str) -> Option<PathBuf> {
        Some(PathBuf::from(self.variable("HOME")?).join(file))
    }
}

/// The name of the user that contend runs as, which libpq takes for the database's user, too.
pub(super) fn system_user() -> Option<String> {
    User::from_uid(geteuid()).ok().flatten().map(|user| user.name)
}
