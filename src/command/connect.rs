//! Which database does a command work on? The one that is named, else, for a run, one that contend starts itself.

use std::cell::RefCell;
use std::env::VarError;
use std::io::Write;

use super::exit::{self, Stop};
use super::flags::{ServerFlags, TargetFlags};
use crate::db::local::LocalServer;
use crate::db::sim::{Simulation, SimulationError};
use crate::db::{Part, Target};

/// Leaves half of a line of 80 columns to the keyword and the source.
const LONGEST_VALUE: usize = 40;

/// A database, and the server behind it when contend started that.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) target: Target,
    pub(super) local: Option<LocalServer>,
}

/// What is named by the arguments or the environment.
#[derive(Debug)]
pub(super) enum Named {
    /// A database.
    Database(Target),
    /// None: contend is to simulate one.
    Simulation(Simulation),
}

/// The database that is named.
pub(super) fn named(flags: &TargetFlags) -> Result<Target, Stop> {
    named_if_any(flags)?
        .ok_or_else(|| Stop::usage("no database is named: give a URL, or set CONTEND_URL, DATABASE_URL or PGHOST"))
}

/// The database that is named, where one is. A simulation is none.
pub(super) fn named_if_any(flags: &TargetFlags) -> Result<Option<Target>, Stop> {
    match anything_named(flags)? {
        None => Ok(None),
        Some(Named::Database(target)) => Ok(Some(target)),
        Some(Named::Simulation(simulation)) => Err(Stop::usage(format!(
            "{simulation} is a simulation, which exists only while `contend run` or `contend tune` works with it; name a database"
        ))),
    }
}

/// What a run is to work with, where that is named and the flags do not ask for a throw-away server.
pub(super) fn named_for_run(flags: &TargetFlags, server: &ServerFlags) -> Result<Option<Named>, Stop> {
    if server.wanted() { Ok(None) } else { anything_named(flags) }
}

fn anything_named(flags: &TargetFlags) -> Result<Option<Named>, Stop> {
    let not_text = RefCell::new(None);
    let variable = |name: &str| match std::env::var(name) {
        Err(VarError::NotUnicode(_)) => {
            not_text.replace(Some(name.to_owned()));
            None
        }
        value => value.ok(),
    };
    let simulation = Target::simulation(Simulation::SCHEME, &flags.url, variable);
    let target = if simulation.is_some() { Ok(None) } else { Target::resolve(&flags.url, variable) };
    // First: what is wrong with the rest may be because of that.
    if let Some(name) = not_text.take() {
        return Err(Stop::usage(format!("{name} is not UTF-8")));
    }
    if let Some(address) = simulation {
        if flags.url.len() > 1 {
            return Err(Stop::usage(format!("{address} is a simulation: it works with no other address beside it")));
        }
        let simulation: Simulation =
            address.parse().map_err(|error: SimulationError| Stop::usage(error.to_string()))?;
        return Ok(Some(Named::Simulation(simulation)));
    }
    let target = target?;
    if let Some(target) = &target {
        tell(target, flags.verbose);
    }
    Ok(target.map(Named::Database))
}

/// A throw-away server.
pub(super) async fn start_server(flags: &ServerFlags, connections: u32, verbose: bool) -> Result<Place, Stop> {
    let local = LocalServer::start(&flags.options(connections)).await?;
    // What the environment says about users and passwords is meant for other servers.
    let target = Target::resolve(&[local.address().to_owned()], |_| None)?
        .ok_or_else(|| Stop::looking("the throw-away server has no address"))?;
    tell(&target, verbose);
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
