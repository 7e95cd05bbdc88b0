//! How do tests get a CockroachDB that insists on TLS? A throw-away one with certificates of its own, where there is a
//! binary.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::ports::free_port;
use crate::support::{PASSWORD, Server, until};

/// Stops the server and removes its directory when the pipe on its stdin closes; see there.
const KEEPER: &str = include_str!("../../../src/db/local/keeper.sh");

/// The authority, the node's and a client's certificate, then the node.
const STEPS: &str = r#"
certs="--certs-dir=$dir/certs --ca-key=$dir/ca.key"
phase TERM 3 "$1" cert create-ca $certs &&
phase TERM 3 "$1" cert create-node localhost 127.0.0.1 ::1 $certs &&
phase TERM 3 "$1" cert create-client root $certs &&
phase TERM 3 "$@" "--certs-dir=$dir/certs" "--socket-dir=$dir" "--listening-url-file=$dir/url"
"#;

/// A secure single node. It ends, and leaves nothing, with this process, which holds the keeper's pipe.
#[derive(Debug)]
pub struct SecureCockroach {
    _keeper: Child,
    pub port: u16,
    /// Where its socket is.
    pub directory: PathBuf,
}

impl SecureCockroach {
    /// The one that tests share, where there is a binary. It has a user `demo` with the tests' password, who may create a schema.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<SecureCockroach>> = OnceLock::new();
        SERVER.get_or_init(|| Server::cockroach_binary().map(|binary| Self::start(&binary))).as_ref()
    }

    fn start(binary: &PathBuf) -> Self {
        // Chosen by us: the socket is named after the port on the command line, also when that is 0.
        let port = free_port();
        let directory = PathBuf::from(format!("/tmp/contend-{:08x}", rand::random::<u32>()));
        let mut command = Command::new("/bin/sh");
        command.args(["-c", KEEPER, "contend-keeper"]).arg(&directory).arg(STEPS).arg(binary);
        command.args(["start-single-node", &format!("--listen-addr=localhost:{port}"), "--http-addr=localhost:0"]);
        command.arg("--store=type=mem,size=1GiB").arg(format!("--log=file-defaults: {{dir: {}}}", directory.display()));
        command.arg(format!("--temp-dir={}", directory.display()));
        command.env("HOME", "/nonexistent").env("COCKROACH_SKIP_ENABLING_DIAGNOSTIC_REPORTING", "true");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut keeper = command.spawn().unwrap();
        keeper.stdin.as_mut().unwrap().write_all(b"go\n").unwrap();
        until("the secure CockroachDB listens", || {
            assert!(keeper.try_wait().unwrap().is_none(), "it did not start");
            directory.join("url").exists()
        });
        let server = Self { _keeper: keeper, port, directory };
        let sql = format!("CREATE USER demo WITH PASSWORD '{PASSWORD}'; GRANT ALL ON DATABASE defaultdb TO demo");
        let output = Command::new(binary)
            .args(["sql", "--host=localhost", "--port", &server.port.to_string(), "--execute", &sql])
            .arg("--certs-dir")
            .arg(server.directory.join("certs"))
            .env("HOME", &server.directory)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        server
    }

    /// One of the files that `cockroach cert` made.
    pub fn certificate(&self, name: &str) -> String {
        self.directory.join("certs").join(name).to_str().unwrap().to_owned()
    }
}
