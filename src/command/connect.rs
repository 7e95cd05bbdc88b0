//! Which database does a command work on? The one that is named, else, for a run, one that contend starts itself.

use std::cell::RefCell;
use std::env::VarError;
use std::io::Write;

use super::exit::{self, Stop};
use super::flags::{RunFlags, ServerFlags, TargetFlags};
use crate::db::local::LocalServer;
use crate::db::{Part, Target};

/// Leaves half of a line of 80 columns to the keyword and the source.
const LONGEST_VALUE: usize = 40;

/// A database, and the server behind it when contend started that.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) target: Target,
    pub(super) local: Option<LocalServer>,
}

/// The database that is named by the arguments or the environment.
pub(super) fn named(flags: &TargetFlags) -> Result<Target, Stop> {
    named_if_any(flags)?
        .ok_or_else(|| Stop::usage("no database is named: give a URL, or set CONTEND_URL, DATABASE_URL or PGHOST"))
}

/// The database that is named, where one is.
pub(super) fn named_if_any(flags: &TargetFlags) -> Result<Option<Target>, Stop> {
    let not_text = RefCell::new(None);
    let variable = |name: &str| match std::env::var(name) {
        Err(VarError::NotUnicode(_)) => {
            not_text.replace(Some(name.to_owned()));
            None
        }
        value => value.ok(),
    };
    let target = Target::resolve(&flags.url, variable);
    // First: what is wrong with the rest may be because of that.
    if let Some(name) = not_text.take() {
        return Err(Stop::usage(format!("{name} is not UTF-8")));
    }
    let target = target?;
    if let Some(target) = &target {
        tell(target, flags.verbose);
    }
    Ok(target)
}

/// The database of a run, where one is named and the flags do not ask for a throw-away server.
pub(super) fn named_for_run(flags: &TargetFlags, server: &ServerFlags) -> Result<Option<Target>, Stop> {
    if server.wanted() { Ok(None) } else { named_if_any(flags) }
}

/// The named database, or a throw-away server.
pub(super) async fn place(named: Option<Target>, flags: &RunFlags, connections: u32) -> Result<Place, Stop> {
    if let Some(target) = named {
        return Ok(Place { target, local: None });
    }
    let local = LocalServer::start(&flags.server.options(connections)).await?;
    // What the environment says about users and passwords is meant for other servers.
    let target = Target::resolve(&[local.address().to_owned()], |_| None)?
        .ok_or_else(|| Stop::looking("the throw-away server has no address"))?;
    tell(&target, flags.target.verbose);
    Ok(Place { target, local: Some(local) })
}

/// Tells what the user should know of the address and, where that is asked for, all of it. Errors of stderr itself have
/// no one to be told to.
fn tell(target: &Target, verbose: bool) {
    for note in &target.notes {
        exit::note(note);
    }
    if verbose {
        let _ = write!(std::io::stderr(), "{}\n{}", target.display, table(&target.parts));
    }
}

/// `keyword  value  source`, a line each, in columns.
fn table(parts: &[Part]) -> String {
    let width = |text: fn(&Part) -> &str| parts.iter().map(|part| text(part).chars().count()).max().unwrap_or(0);
    // One long value does not push the sources of all out of sight.
    let (keywords, values) = (width(|part| &part.keyword), width(|part| &part.value).min(LONGEST_VALUE));
    let line = |Part { keyword, value, source }: &Part| format!("  {keyword:keywords$}  {value:values$}  {source}\n");
    parts.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_columns_without_the_password() {
        let variable = |name: &str| (name == "PGPASSWORD").then(|| "hunter2".to_owned());
        let target = Target::resolve(&["postgres://me@h/b?options=-c%20a=b".to_owned()], variable);
        assert!(target.is_err(), "a = in a value is written as %3D");
        let target = Target::resolve(&["postgres://me@h/b".to_owned()], variable).unwrap().unwrap();
        let expected = "  host              h         the address\n\
                        \x20 port              5432      default\n\
                        \x20 dbname            b         the address\n\
                        \x20 user              me        the address\n\
                        \x20 password          (hidden)  PGPASSWORD\n\
                        \x20 sslmode           prefer    default\n\
                        \x20 application_name  contend   default\n";
        assert_eq!(table(&target.parts), expected);
    }

    #[test]
    fn a_long_value_pushes_only_its_own_source() {
        let long = "x".repeat(60);
        let target = Target::resolve(&[format!("host=h user=me application_name={long}")], |_| None).unwrap().unwrap();
        let table = table(&target.parts);
        assert!(table.lines().filter(|line| !line.contains(&long)).all(|line| line.len() <= 80), "{table}");
        assert!(table.contains(&format!("{long}  the address\n")), "{table}");
    }
}
