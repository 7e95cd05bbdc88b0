//! How do tests get a PostgreSQL that speaks TLS, and asks for logins? A throw-away one, set up by SQL and reloads.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use contend::db::local::{Kind, LocalServer, Options};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::ports::free_port;
use super::{Certificates, Identity, ServerCertificate};
use crate::support::{PASSWORD, Sql, until};

/// Who is let in how. The roles are named after that.
const RULES: &str = "\
local     all scram                 scram-sha-256
local     all all                   trust
hostssl   all alice             all cert
hostssl   all tls_only          all trust
hostnossl all plain_only        all trust
host      all scram,odd         all scram-sha-256
host      all md5               all md5
host      all clear             all password
host      all trusted,no_such   all trust
";

/// A PostgreSQL on a port of localhost, with both roles and rules. It ends, and leaves nothing, with this process.
#[derive(Debug)]
pub struct TlsServer {
    local: LocalServer,
    pub port: u16,
    /// Where its socket is.
    pub directory: PathBuf,
}

impl TlsServer {
    /// A password with everything in it that means something in a URL, a connection string or a password file.
    pub const ODD_PASSWORD: &str = r"p@ss/w:r d%41\?'&=#+";

    /// The one that tests share, with a good certificate. Nobody changes it.
    pub fn shared() -> &'static Self {
        static SERVER: OnceLock<TlsServer> = OnceLock::new();
        SERVER.get_or_init(|| {
            let server = Self::without_tls();
            server.show(&Certificates::get().server(ServerCertificate::Good));
            server
        })
    }

    /// One that does not speak TLS, until it is told to.
    pub fn without_tls() -> Self {
        let (local, port) = start();
        let config = Config::from_str(local.address()).unwrap();
        let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("{config:?}") };
        let server = Self { directory: directory.clone(), port, local };
        let rules = server.directory.join("data/pg_hba.conf");
        fs::write(rules, RULES.to_owned() + &format!("host all \"{}\" all trust\n", current_user())).unwrap();
        let sql = server.sql();
        for name in ["trusted", "tls_only", "plain_only", "alice", &current_user()] {
            sql.run(&format!("CREATE ROLE \"{name}\" LOGIN"));
        }
        sql.run("SET password_encryption = 'md5'");
        sql.run(&format!("CREATE ROLE md5 LOGIN PASSWORD '{PASSWORD}'"));
        sql.run("SET password_encryption = 'scram-sha-256'");
        for name in ["scram", "clear"] {
            sql.run(&format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'"));
        }
        sql.run(&format!("CREATE ROLE odd LOGIN PASSWORD '{}'", Self::ODD_PASSWORD.replace('\'', "''")));
        sql.run("CREATE DATABASE bank");
        // The role of the same name is led here when it names no database.
        sql.run("CREATE DATABASE trusted");
        server.set("log_connections", "on");
        server.reload("log_connections", "on");
        server
    }

    /// A connection of its superuser, past every rule.
    pub fn sql(&self) -> Sql {
        Sql::connect(self.local.address())
    }

    /// Shows this certificate from now on, and asks for one by the trusted authority.
    pub fn show(&self, identity: &Identity) {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let file = |name: &str, text: &str| self.file(&format!("{number}.{name}"), text);
        let certificate = file("crt", &identity.certificate);
        for (setting, value) in [
            ("ssl_cert_file", certificate.as_str()),
            ("ssl_key_file", &file("key", &identity.key)),
            ("ssl_ca_file", &file("ca.crt", &Certificates::get().root())),
            ("ssl", "on"),
        ] {
            self.set(setting, value);
        }
        self.reload("ssl_cert_file", &certificate);
        assert!(!self.log().contains("SSL configuration was not reloaded"), "{}", self.log());
    }

    /// The address of a role in the database `postgres`, by the name that is in the good certificate.
    pub fn url(&self, user: &str, query: &str) -> String {
        format!("postgres://{user}@localhost:{}/postgres?{query}", self.port)
    }

    /// The same through the Unix socket.
    pub fn socket_url(&self, user: &str, query: &str) -> String {
        format!("postgres://{user}@/postgres?host={}&port={}&{query}", self.directory.display(), self.port)
    }

    /// All that the server has said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap()
    }

    /// A file that its server alone may read, as PostgreSQL insists on for keys.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.directory.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let owner = fs::metadata(&self.directory).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn set(&self, setting: &str, value: &str) {
        self.sql().run(&format!("ALTER SYSTEM SET {setting} = '{value}'"));
    }

    /// Loads what was set, and the rules. The server reads settings, certificates and rules in one go, before it lets
    /// anyone else in: whoever sees the setting sees all of it.
    fn reload(&self, setting: &str, value: &str) {
        self.sql().run("SELECT pg_reload_conf()");
        until("the settings are loaded", || self.sql().text(&format!("SHOW {setting}")) == value);
    }
}

/// The name of the user that the tests run as.
pub fn current_user() -> String {
    nix::unistd::User::from_uid(nix::unistd::getuid()).unwrap().unwrap().name
}

fn start() -> (LocalServer, u16) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let port = free_port();
    let options = Options { kind: Some(Kind::Postgres), connections: 100, port: Some(port), ..Options::default() };
    (runtime.block_on(LocalServer::start(&options)).unwrap(), port)
}
