//! Where did a setting come from? In words that a person understands.

use std::fmt;
use std::path::PathBuf;

/// Where a setting, or a whole address, came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The address on the command line: its number where there are several, from 1.
    Argument(Option<usize>),
    /// This variable of the environment.
    Variable(&'static str),
    /// A section of a service file.
    Service {
        /// The section.
        name: String,
        /// The file.
        file: PathBuf,
    },
    /// A password file.
    PasswordFile(PathBuf),
    /// Nobody said anything.
    Default,
    /// The name of the user that contend runs as.
    OperatingSystem,
}

impl Source {
    /// Whether it was learned by looking into a file, and not told by whoever started contend.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::Service { .. } | Self::PasswordFile(_))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(None) => formatter.write_str("the address"),
            Self::Argument(Some(number)) => write!(formatter, "address {number}"),
            Self::Variable(name) => formatter.write_str(name),
            Self::Service { name, file } => write!(formatter, "service {name} in {}", file.display()),
            Self::PasswordFile(file) => write!(formatter, "{}", file.display()),
            Self::Default => formatter.write_str("default"),
            Self::OperatingSystem => formatter.write_str("operating system"),
        }
    }
}
