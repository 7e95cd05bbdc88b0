//! Which server is installed here?

use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf, absolute};
use std::process::Command;

use super::{Error, Kind, Options, places};

/// What was found, by absolute paths: the server does not run in our working directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Installed {
    /// The `cockroach` binary.
    Cockroach(PathBuf),
    /// The directory of `initdb` and `postgres`.
    Postgres(PathBuf),
}

impl Installed {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Cockroach(_) => Kind::Cockroach,
            Self::Postgres(_) => Kind::Postgres,
        }
    }
}

/// The server to start. A path that was given is used or is an error; what was not given is looked for.
pub(super) fn find(options: &Options) -> Result<Installed, Error> {
    choose(options, &env::var_os("PATH").unwrap_or_default())
}

fn choose(options: &Options, path: &OsStr) -> Result<Installed, Error> {
    match options.kind {
        Some(Kind::Cockroach) => cockroach(options, path)?.ok_or(Error::NoCockroach),
        Some(Kind::Postgres) => postgres(options, path)?.ok_or(Error::NoPostgres),
        // Who names a PostgreSQL and no CockroachDB does not mean the one that happens to be on PATH.
        None if options.pg_bin.is_some() && options.cockroach.is_none() => {
            postgres(options, path)?.ok_or(Error::NoPostgres)
        }
        None => match cockroach(options, path)? {
            Some(found) => Ok(found),
            None => postgres(options, path)?.ok_or(Error::NothingFound),
        },
    }
}

fn cockroach(options: &Options, path: &OsStr) -> Result<Option<Installed>, Error> {
    let Some(given) = &options.cockroach else {
        let mut files = directories(path).map(|directory| directory.join("cockroach"));
        return Ok(files.find(|file| is_program(file)).map(Installed::Cockroach));
    };
    let problem = match given.metadata() {
        Err(error) => error.to_string(),
        Ok(metadata) if metadata.is_dir() => "it is a directory".to_owned(),
        Ok(_) if !is_program(given) => "it is not executable".to_owned(),
        Ok(_) => return absolute(given).map(|file| Some(Installed::Cockroach(file))).map_err(no_working_directory),
    };
    Err(Error::WrongPath { flag: "--cockroach", path: given.clone(), problem, wanted: "the `cockroach` binary" })
}

fn postgres(options: &Options, path: &OsStr) -> Result<Option<Installed>, Error> {
    let Some(given) = &options.pg_bin else {
        let complete = |directory: &PathBuf| missing(directory).is_none();
        let found = directories(path).find(complete).or_else(|| pg_config().filter(complete));
        return Ok(found.or_else(|| places::usual().into_iter().find(complete)).map(Installed::Postgres));
    };
    let problem = match (given.metadata(), missing(given)) {
        (Err(error), _) => error.to_string(),
        (Ok(metadata), _) if !metadata.is_dir() => "it is not a directory".to_owned(),
        (Ok(_), Some(program)) => format!("there is no executable `{program}` in it"),
        (Ok(_), None) => {
            return absolute(given).map(|path| Some(Installed::Postgres(path))).map_err(no_working_directory);
        }
    };
    let wanted = "the directory that has `initdb` and `postgres`";
    Err(Error::WrongPath { flag: "--pg-bin", path: given.clone(), problem, wanted })
}

fn no_working_directory(source: io::Error) -> Error {
    Error::System { what: "tell the working directory", source }
}

/// The first of PostgreSQL's programs that the directory lacks.
fn missing(directory: &Path) -> Option<&'static str> {
    ["initdb", "postgres"].into_iter().find(|program| !is_program(&directory.join(program)))
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn directories(path: &OsStr) -> impl Iterator<Item = PathBuf> {
    env::split_paths(path).filter_map(|directory| absolute(directory).ok())
}

/// Where the PostgreSQL whose headers are installed keeps its programs.
fn pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim())).filter(|directory| directory.is_absolute())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A directory with empty programs in it, and what would be found when it is all of PATH.
    fn with_programs(name: &str, programs: &[&str], test: impl FnOnce(&Path)) {
        let directory = env::temp_dir().join(format!("contend-find-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        for program in programs {
            fs::write(directory.join(program), "").unwrap();
            fs::set_permissions(directory.join(program), fs::Permissions::from_mode(0o755)).unwrap();
        }
        test(&directory);
        fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn cockroach_comes_first_unless_postgres_is_asked_for() {
        with_programs("both", &["cockroach", "initdb", "postgres"], |directory| {
            let found = |options: &Options| choose(options, directory.as_os_str()).unwrap().kind();
            assert_eq!(found(&Options::default()), Kind::Cockroach);
            assert_eq!(found(&Options { kind: Some(Kind::Postgres), ..Options::default() }), Kind::Postgres);
            assert_eq!(found(&Options { pg_bin: Some(directory.into()), ..Options::default() }), Kind::Postgres);
        });
    }

    #[test]
    fn path_comes_before_the_usual_places() {
        with_programs("path", &["initdb", "postgres"], |directory| {
            let found = choose(&Options::default(), directory.as_os_str()).unwrap();
            assert_eq!(found, Installed::Postgres(directory.into()));
        });
    }

    #[test]
    fn one_program_of_two_is_not_enough() {
        with_programs("half", &["initdb"], |directory| {
            let given = Options { pg_bin: Some(directory.into()), ..Options::default() };
            let error = choose(&given, OsStr::new("/usr/bin:/bin")).unwrap_err().to_string();
            assert!(error.contains("no executable `postgres`"), "{error}");
        });
    }

    #[test]
    fn a_wrong_path_never_falls_through() {
        with_programs("wrong", &["cockroach", "initdb", "postgres"], |directory| {
            let wrong = Options { cockroach: Some(directory.join("roach")), ..Options::default() };
            assert!(matches!(choose(&wrong, directory.as_os_str()), Err(Error::WrongPath { flag: "--cockroach", .. })));
            let wrong = Options { pg_bin: Some(directory.join("bin")), ..Options::default() };
            assert!(matches!(choose(&wrong, directory.as_os_str()), Err(Error::WrongPath { flag: "--pg-bin", .. })));
        });
    }
}
