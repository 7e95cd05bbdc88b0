//! Which servers do tests work on? Throw-away ones: a PostgreSQL and, where there is a binary, a CockroachDB for all
//! tests of this program, and one more for a test that mistreats its server.

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use contend::db::local::{Kind, LocalServer, Options};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::{PASSWORD, Sql};

/// More than two tests at a time need.
const CONNECTIONS: u32 = 300;

/// A server that ends, and leaves nothing, with this process.
#[derive(Debug)]
pub struct Server {
    local: LocalServer,
}

/// A database that no other test uses.
#[derive(Debug)]
pub struct Database {
    pub name: String,
    /// As a URL, with a password in it (which a trusting server does not ask for).
    pub address: String,
}

impl Server {
    /// The PostgreSQL that tests share.
    pub fn postgres() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::new_postgres)
    }

    /// A PostgreSQL for one test alone.
    pub fn new_postgres() -> Self {
        Self::start(&Options { kind: Some(Kind::Postgres), connections: CONNECTIONS, ..Options::default() })
    }

    /// The CockroachDB that tests share, where there is one.
    pub fn cockroach() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let start = || {
            let options = Options { cockroach: Some(Self::cockroach_binary()?), ..Options::default() };
            Some(Self::start(&options))
        };
        SERVER.get_or_init(start).as_ref()
    }

    /// The binary that `CONTEND_TEST_COCKROACH` names, or the one on PATH. Without one a line is printed, once, and not
    /// by the macro, whose output nobody sees of a test that passes.
    pub fn cockroach_binary() -> Option<PathBuf> {
        static BINARY: OnceLock<Option<PathBuf>> = OnceLock::new();
        let find = || {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let mut on_path = std::env::split_paths(&path).map(|directory| directory.join("cockroach"));
            let given = std::env::var_os("CONTEND_TEST_COCKROACH").map(PathBuf::from);
            let found = given.or_else(|| on_path.find(|file| file.is_file()));
            if found.is_none() {
                let line =
                    "SKIPPED: the live tests on CockroachDB; set CONTEND_TEST_COCKROACH to its binary to run them";
                std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
            }
            found
        };
        BINARY.get_or_init(find).clone()
    }

    fn start(options: &Options) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { local: runtime.block_on(LocalServer::start(options)).unwrap() }
    }

    /// The address as its superuser.
    pub fn address(&self) -> &str {
        self.local.address()
    }

    pub fn sql(&self) -> Sql {
        Sql::connect(self.address())
    }

    /// Host and port as they stand in a configuration: a directory, or a name.
    pub fn host(&self) -> (String, Option<u16>) {
        let config = Config::from_str(self.address()).unwrap();
        let host = match &config.get_hosts()[0] {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.to_str().unwrap().to_owned(),
        };
        (host, config.get_ports().first().copied())
    }

    pub fn superuser(&self) -> String {
        Config::from_str(self.address()).unwrap().get_user().unwrap().to_owned()
    }

    /// The URL of a user with [`PASSWORD`] in a database.
    pub fn url(&self, user: &str, database: &str) -> String {
        match self.host() {
            (directory, _) if directory.starts_with('/') => {
                format!("postgres://{user}:{PASSWORD}@/{database}?host={directory}")
            }
            // An insecure CockroachDB knows no passwords, and takes none.
            (name, port) => format!("postgres://{user}@{name}:{}/{database}", port.unwrap()),
        }
    }

    /// A new and empty database.
    pub fn database(&self) -> Database {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql().run(&format!("CREATE DATABASE {name}"));
        Database { address: self.url(&self.superuser(), &name), name }
    }
}

impl Database {
    pub fn sql(&self) -> Sql {
        Sql::connect(&self.address)
    }
}
