//! What is a local server to the rest of the program? An address, until it is stopped or dropped.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::find::{Installed, find};
use super::keeper::{Keeper, Launch};
use super::user::{User, unprivileged};
use super::{Error, Kind, Options, cockroach, directory, postgres, probe};

/// How long a server may take. PostgreSQL's time includes `initdb`'s.
const POSTGRES_STARTS_WITHIN: Duration = Duration::from_secs(30);
const COCKROACH_STARTS_WITHIN: Duration = Duration::from_mins(1);

/// How long to wait between two looks at a server that does not answer yet.
const POLL: Duration = Duration::from_millis(20);

/// A database server of our own. It is gone, with everything it wrote, once this is stopped or dropped or the process
/// that holds it has ended, by whatever means.
#[derive(Debug)]
pub struct LocalServer {
    kind: Kind,
    address: String,
    description: String,
    keeper: Keeper,
}

impl LocalServer {
    /// Starts a server and waits until it answers. Dropped half way, the future leaves nothing behind either.
    pub async fn start(options: &Options) -> Result<Self, Error> {
        let (installed, user) = look_around(options.clone()).await?;
        let place = directory::fresh(user.is_some());
        let launch = launch(&installed, &place, options);
        let mut keeper = Keeper::start(&place, &launch, user.as_ref()).await?;
        let kind = installed.kind();
        match first_answer(kind, &mut keeper, options, user.as_ref()).await {
            Ok((address, version)) => {
                let circumstances = circumstances(kind, &keeper, options);
                Ok(Self { kind, address, description: format!("{version} {circumstances}"), keeper })
            }
            Err(error) => {
                keeper.stop().await;
                Err(error)
            }
        }
    }

    /// A connection string for it: as user `postgres` of PostgreSQL, as `root` of CockroachDB in `defaultdb`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its product.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// One line: its product and version, where it listens, how durable it is.
    #[must_use]
    pub fn describe(&self) -> String {
        self.description.clone()
    }

    /// Stops it and waits until it and its directory are gone. To drop it does the same but waits two seconds at most:
    /// the keeper finishes on its own.
    pub async fn stop(mut self) {
        self.keeper.stop().await;
    }
}

/// What is installed and who we are: a few system calls and programs that are fast, but not for a thread that also
/// serves connections.
async fn look_around(options: Options) -> Result<(Installed, Option<User>), Error> {
    let look = spawn_blocking(move || Ok((find(&options)?, unprivileged()?)));
    look.await.map_err(|error| Error::System { what: "look for a server", source: error.into() })?
}

fn launch(installed: &Installed, place: &Path, options: &Options) -> Launch {
    match installed {
        Installed::Cockroach(program) => cockroach::launch(program, place, options),
        Installed::Postgres(programs) => postgres::launch(programs, place, options),
    }
}

fn circumstances(kind: Kind, keeper: &Keeper, options: &Options) -> String {
    match kind {
        Kind::Cockroach => cockroach::circumstances(keeper.directory(), options.durable),
        Kind::Postgres => postgres::circumstances(keeper.directory(), options.durable),
    }
}

/// Waits until the server answers; gives its address and version.
async fn first_answer(
    kind: Kind,
    keeper: &mut Keeper,
    options: &Options,
    user: Option<&User>,
) -> Result<(String, String), Error> {
    let patience = match kind {
        Kind::Cockroach => COCKROACH_STARTS_WITHIN,
        Kind::Postgres => POSTGRES_STARTS_WITHIN,
    };
    let product = kind.product();
    let as_user = || user.map(|user| format!(" (it runs as user `{}`)", user.name)).unwrap_or_default();
    let deadline = Instant::now() + patience;
    let mut refusal = "it has not said where it listens".to_owned();
    loop {
        if let Some(status) = keeper.exited() {
            let said =
                keeper.last_words().unwrap_or_else(|| format!("{status}, and its log is empty (is the disk full?)"));
            return Err(Error::Ended { product, user: as_user(), said });
        }
        let address = match kind {
            Kind::Cockroach => cockroach::address(keeper.directory()),
            Kind::Postgres => Some(postgres::address(keeper.directory(), options)),
        };
        if let Some(address) = address {
            match probe::version(&address).await {
                Ok(version) => return Ok((address, version)),
                Err(reason) => refusal = reason,
            }
        }
        if Instant::now() >= deadline {
            let said = keeper.last_words().unwrap_or(refusal);
            return Err(Error::Silent { product, seconds: patience.as_secs(), user: as_user(), said });
        }
        sleep(POLL).await;
    }
}
