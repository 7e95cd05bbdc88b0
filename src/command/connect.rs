//! Which database does a command work on? The one that is named, else, for a run, one that contend starts itself.

use super::exit::Stop;
use super::flags::{ServerFlags, TargetFlags};
use crate::db::Target;
use crate::db::local::LocalServer;

/// A database, and the server behind it when contend started that.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) target: Target,
    pub(super) local: Option<LocalServer>,
}

/// The database that is named by the argument or the environment.
pub(super) fn named(flags: &TargetFlags) -> Result<Target, Stop> {
    Target::resolve(flags.url.as_deref(), variable)?
        .ok_or_else(|| Stop::usage("no database is named: give a URL, or set CONTEND_URL, DATABASE_URL or PGHOST"))
}

/// The database of a run, where one is named and the flags do not ask for a throw-away server.
pub(super) fn named_for_run(flags: &TargetFlags, server: &ServerFlags) -> Result<Option<Target>, Stop> {
    if server.wanted() { Ok(None) } else { Ok(Target::resolve(flags.url.as_deref(), variable)?) }
}

/// The named database, or a throw-away server.
pub(super) async fn place(named: Option<Target>, server: &ServerFlags, connections: u32) -> Result<Place, Stop> {
    if let Some(target) = named {
        return Ok(Place { target, local: None });
    }
    let local = LocalServer::start(&server.options(connections)).await?;
    // What the environment says about users and passwords is meant for other servers.
    let target = Target::resolve(Some(local.address()), |_| None)?
        .ok_or_else(|| Stop::looking("the throw-away server has no address"))?;
    Ok(Place { target, local: Some(local) })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
