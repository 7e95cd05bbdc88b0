//! Is what stands in the environment, in service files and in password files found, and in the right order?

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::tests::{part, resolve};
use super::{AddressError, Target};

/// A folder that is gone at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("contend-address-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Writes a file that only its owner may read.
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[track_caller]
fn found(addresses: &[&str], variables: &[(&str, &str)]) -> Target {
    resolve(addresses, variables).unwrap().expect("an address")
}

fn display(addresses: &[&str], variables: &[(&str, &str)]) -> Option<String> {
    resolve(addresses, variables).unwrap().map(|target| target.display)
}

fn passwords(target: &Target) -> Vec<Option<&str>> {
    target.nodes.iter().map(|node| node.config.get_password().map(|bytes| str::from_utf8(bytes).unwrap())).collect()
}

#[test]
fn the_argument_comes_first_then_the_environment_in_order() {
    let all =
        [("CONTEND_URL", "postgres://u@c/x"), ("DATABASE_URL", "postgres://u@d/x"), ("PGHOST", "p"), ("PGUSER", "pg")];
    assert_eq!(display(&["postgres://u@a/x"], &all).as_deref(), Some("u@a:5432/x"));
    assert_eq!(display(&[], &all).as_deref(), Some("u@c:5432/x"));
    assert_eq!(display(&[], &all[1..]).as_deref(), Some("u@d:5432/x"));
    assert_eq!(display(&[], &all[2..]).as_deref(), Some("pg@p:5432"));
    assert_eq!(display(&[], &[("DATABASE_URL", "")]), None);
    assert_eq!(display(&[], &[("PGUSER", "u"), ("PGPASSWORD", "p")]), None, "a user alone names no database");
    for naming in [("PGHOSTADDR", "::1"), ("PGPORT", "1"), ("PGDATABASE", "db")] {
        assert!(display(&[], &[naming]).is_some(), "{naming:?}");
    }
}

#[test]
fn what_an_address_leaves_open_comes_from_the_environment() {
    let variables = [
        ("PGUSER", "u"),
        ("PGDATABASE", "db"),
        ("PGPASSWORD", "secret"),
        ("PGPORT", "26"),
        ("PGSSLMODE", "require"),
        ("PGAPPNAME", "app"),
        ("PGCONNECT_TIMEOUT", "7"),
    ];
    let target = found(&["host=h"], &variables);
    assert_eq!(target.display, "u@h:26/db");
    assert_eq!(part(&target, "host"), Some(("h".to_owned(), "the address".to_owned())));
    for (keyword, value, variable) in [
        ("user", "u", "PGUSER"),
        ("dbname", "db", "PGDATABASE"),
        ("password", "(hidden)", "PGPASSWORD"),
        ("port", "26", "PGPORT"),
        ("sslmode", "require", "PGSSLMODE"),
        ("application_name", "app", "PGAPPNAME"),
        ("connect_timeout", "7", "PGCONNECT_TIMEOUT"),
    ] {
        assert_eq!(part(&target, keyword), Some((value.to_owned(), variable.to_owned())));
    }
    assert_eq!(display(&["cockroachdb://h:1/x"], &variables).as_deref(), Some("u@h:1/x"));
    assert_eq!(display(&["cockroachdb://h/x"], &variables).as_deref(), Some("u@h:26/x"), "PGPORT is no default");
    assert_eq!(display(&["host=h dbname=''"], &variables).as_deref(), Some("u@h:26"), "nothing is something");
    assert_eq!(
        display(&["host=h sslmode=disable"], &[("PGSSLMODE", "bogus"), ("PGUSER", "u")]).as_deref(),
        Some("u@h:5432")
    );
    let old = found(&["host=h"], &[("PGREQUIRESSL", "1")]);
    assert_eq!(part(&old, "sslmode"), Some(("require".to_owned(), "PGREQUIRESSL".to_owned())));
    let both = found(&["host=h"], &[("PGREQUIRESSL", "1"), ("PGSSLMODE", "disable")]);
    assert_eq!(part(&both, "sslmode"), Some(("disable".to_owned(), "PGSSLMODE".to_owned())));
}

#[test]
fn a_wrong_variable_is_named() {
    for (variable, value, reason) in [
        ("PGPORT", "x", "PGPORT: port has to be a number from 1 to 65535"),
        ("PGSSLCRL", "x", "PGSSLCRL: sslcrl is refused"),
        ("PGREQUIREAUTH", "none", "PGREQUIREAUTH: require_auth is refused"),
        ("CONTEND_URL", "mysql://h/b", "CONTEND_URL is not a database address: its scheme is mysql"),
        ("DATABASE_URL", "postgres://h/b?sslmode=x", "DATABASE_URL: sslmode has to be"),
    ] {
        let error = resolve(&[], &[(variable, value), ("PGHOST", "h")]).unwrap_err();
        assert!(error.is_text() && error.to_string().starts_with(reason), "{error}");
    }
}

const SERVICES: &str = "# ours\n\n[other]\nhost=wrong\n[bank]\n  host=h1,h2  \n# within\nport=7\nport=8\nuser=su\n\
                        dbname=sdb\npassword=hunter2\n[bank]\nhost=second\n[bad]\nhosst=x\n[open]\nhost x\n\
                        [blank]\nhost = x\n[nested]\nservice=bank\n[value]\nhost=h\nsslmode=bogus\n";

#[test]
fn a_service_counts_over_the_environment_and_under_the_address() {
    let folder = Folder::new();
    let file = folder.write("services", SERVICES);
    let variables = [("PGSERVICEFILE", file.as_str()), ("PGUSER", "pu"), ("PGAPPNAME", "app")];
    let target = found(&["postgres:///adb?service=bank"], &variables);
    assert_eq!(target.display, "su@h1:7,h2:7/adb");
    assert_eq!(part(&target, "dbname").unwrap().1, "the address");
    assert_eq!(part(&target, "user"), Some(("su".to_owned(), format!("service bank in {file}"))));
    assert_eq!(part(&target, "application_name").unwrap().1, "PGAPPNAME");
    assert_eq!(passwords(&target), [Some("hunter2"); 2]);
    assert_eq!(display(&[&format!("service=bank servicefile={file}")], &[]).as_deref(), Some("su@h1:7,h2:7/sdb"));
    let all = [("PGSERVICE", "bank"), variables[0]];
    assert_eq!(display(&[], &all).as_deref(), Some("su@h1:7,h2:7/sdb"));
}

#[test]
fn the_own_service_file_comes_before_the_shared_one() {
    let (home, shared) = (Folder::new(), Folder::new());
    home.write(".pg_service.conf", "[one]\nhost=own\nuser=u\n");
    shared.write("pg_service.conf", "[one]\nhost=shared\nuser=u\n[two]\nhost=shared\nuser=u\n");
    let variables = [("HOME", home.path()), ("PGSYSCONFDIR", shared.path())];
    assert_eq!(display(&["service=one"], &variables).as_deref(), Some("u@own:5432"));
    assert_eq!(display(&["service=two"], &variables).as_deref(), Some("u@shared:5432"));
    let error = resolve(&["service=three"], &variables).unwrap_err();
    let (own, shared) = (home.0.join(".pg_service.conf"), shared.0.join("pg_service.conf"));
    let looked = format!("service three is not defined: looked in {}, {}", own.display(), shared.display());
    assert!(!error.is_text() && error.to_string().starts_with(&looked), "{error}");
}

#[test]
fn what_is_wrong_in_a_service_file_is_named_with_its_line() {
    let folder = Folder::new();
    let file = folder.write("services", SERVICES);
    let wrong = |service: &str| -> AddressError {
        resolve(&[&format!("service={service}")], &[("PGSERVICEFILE", &file)]).unwrap_err()
    };
    for (service, reason) in [
        ("bad", format!("{file}:16: unknown keyword hosst; did you mean host?")),
        ("open", format!("{file}:18: neither [service] nor keyword=value")),
        ("blank", format!("{file}:20: there may be no blank in front of the =")),
        ("nested", format!("{file}:22: a service cannot refer to another one")),
        ("value", format!("service value in {file}: sslmode has to be disable, allow")),
    ] {
        let error = wrong(service);
        assert!(!error.is_text() && error.to_string().starts_with(&reason), "{error}");
    }
    let missing = resolve(&["service=bank servicefile=/nowhere/at/all"], &[]).unwrap_err();
    assert_eq!(missing.to_string(), "there is no service file /nowhere/at/all");
    let unreadable = resolve(&[&format!("service=bank servicefile={}", folder.path())], &[]).unwrap_err();
    assert!(unreadable.to_string().contains("cannot be read"), "{unreadable}");
}

#[test]
fn passwords_are_looked_up_for_each_server() {
    let home = Folder::new();
    let lines = "a:1:db:u:first\n*:2:db:u:second\nlocalhost:5432:*:u:socket\n/tmp/own:5432:*:u:own\nh:5432:u:u:named\n";
    let file = home.write(".pgpass", lines);
    let variables = [("HOME", home.path())];
    let target = found(&["postgres://u@a:1,b:2,c:3/db"], &variables);
    assert_eq!(passwords(&target), [Some("first"), Some("second"), None]);
    assert_eq!(part(&target, "password"), Some(("(hidden)".to_owned(), file.clone())));
    assert_eq!(
        passwords(&found(&["host=/tmp,/var/run/postgresql,/tmp/own user=u"], &variables)),
        [Some("socket"), Some("socket"), Some("own")]
    );
    assert_eq!(passwords(&found(&["host=h user=u"], &variables)), [Some("named")], "the user's name is the database's");
    assert_eq!(passwords(&found(&["host=a port=1 user=u dbname=db password=given"], &variables)), [Some("given")]);
    assert_eq!(passwords(&found(&["host=a hostaddr=::1 port=1 user=u dbname=db"], &variables)), [Some("first")]);
    let elsewhere = format!("host=a port=1 user=u dbname=db passfile={file}");
    assert_eq!(passwords(&found(&[&elsewhere], &[])), [Some("first")]);
    assert_eq!(passwords(&found(&["host=a port=1 user=u dbname=db"], &[("PGPASSFILE", &file)])), [Some("first")]);
    assert_eq!(passwords(&found(&["host=a port=1 user=u dbname=db"], &[])), [None], "no HOME, nothing of the user's");
}

#[test]
fn a_password_file_that_cannot_be_used_is_left_aside_with_a_note() {
    let home = Folder::new();
    let file = home.write(".pgpass", "*:*:*:*:hunter2\n");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    let variables = [("HOME", home.path())];
    let target = found(&["host=h user=u", "host=i user=u"], &variables);
    assert_eq!(passwords(&target), [None, None]);
    let note =
        format!("the password file {file} is ignored: others than its owner may use it (chmod 600 makes it private)");
    assert_eq!(target.notes, [note], "once for both");
    assert!(found(&["host=h user=u password=x"], &variables).notes.is_empty(), "it is not even looked at");
    let target = found(&["host=h user=u"], &[("PGPASSFILE", "/dev/null")]);
    assert_eq!(target.notes, ["the password file /dev/null is ignored: it is not a plain file"]);
    assert!(found(&["host=h user=u"], &[("PGPASSFILE", "/nowhere/at/all")]).notes.is_empty());
}

#[test]
fn a_revocation_list_that_libpq_would_heed_gets_a_note() {
    let home = Folder::new();
    let file = home.write(".postgresql/root.crl", "");
    let notes = |address: &str| found(&[address], &[("HOME", home.path())]).notes;
    assert_eq!(
        notes("host=h sslmode=verify-ca"),
        [format!("{file} is not used: contend does not check revocation lists")]
    );
    assert!(notes("host=h sslmode=prefer").is_empty());
}
