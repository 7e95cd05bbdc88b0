//! Which password is in the password file?

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::TlsServer;
use crate::support::PASSWORD;

/// A home whose .pgpass has these lines; PORT and PASSWORD stand for what they say.
fn home(lines: &str) -> Home {
    let home = Home::new();
    home.file(".pgpass", &text(lines));
    home
}

fn text(lines: &str) -> String {
    let port = TlsServer::shared().port.to_string();
    format!("{}\n", lines.replace("PORT", &port).replace("PASSWORD", PASSWORD))
}

fn scram() -> String {
    TlsServer::shared().url("scram", "")
}

#[test]
fn the_line_that_fits_counts() {
    let right = [
        "localhost:PORT:postgres:scram:PASSWORD",
        "*:*:*:*:PASSWORD",
        "# a comment\n\n*:*:*:scram:PASSWORD",
        "127.0.0.1:*:*:*:wrong\nlocalhost:*:*:*:PASSWORD",
        "*:1:*:*:wrong\n*:*:bank:*:wrong\n*:*:*:trusted:wrong\n*:*:*:*:PASSWORD",
        "*:*:*:*:PASSWORD\n*:*:*:*:wrong",
        "l\\ocalhost:PORT:postgres:sc\\ram:PASSWORD",
        "localhost:PORT:postgres:scram:PASSWORD:what is behind it",
        "*:*:*:*:PASSWORD\r",
    ];
    let wrong = [
        "127.0.0.1:*:*:*:PASSWORD",
        "*:*:*:*:wrong\n*:*:*:*:PASSWORD",
        "*:1:*:*:PASSWORD",
        "*:*:bank:*:PASSWORD",
        "*:*:*:trusted:PASSWORD",
        "localhost:PORT:postgres:PASSWORD",
        "",
    ];
    let case = |lines: &str| Case::new(format!(".pgpass: {}", lines.escape_debug()), scram());
    for lines in right {
        check(TlsServer::shared(), [case(lines).home(&home(lines)).tls()]);
    }
    for lines in wrong {
        check(TlsServer::shared(), [case(lines).home(&home(lines)).refused(&["password"])]);
    }
}

#[test]
fn a_file_that_others_may_read_is_not_read() {
    let right = text("*:*:*:*:PASSWORD");
    for (mode, is_read) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o644, false)] {
        let home = Home::new();
        home.file_for(mode, ".pgpass", &right);
        let case = Case::new(format!(".pgpass with mode {mode:o}"), scram()).home(&home);
        check(TlsServer::shared(), [if is_read { case.tls() } else { case.refused(&["password"]) }]);
    }
}

#[test]
fn the_file_can_be_another_one() {
    let (server, mistaken) = (TlsServer::shared(), home("*:*:*:*:wrong"));
    let right = mistaken.file("right", &text("*:*:*:*:PASSWORD"));
    let pairs = format!("host=localhost port={} user=scram dbname=postgres", server.port);
    check(
        server,
        [
            Case::new("PGPASSFILE over ~/.pgpass", scram()).home(&mistaken).env("PGPASSFILE", &right).tls(),
            Case::new("passfile over PGPASSFILE", format!("{pairs} passfile={right}"))
                .env("PGPASSFILE", "/nowhere")
                .tls(),
            Case::new("PGPASSFILE: no such file", scram()).env("PGPASSFILE", "/nowhere").refused(&["password"]),
            Case::new("PGPASSFILE: a directory", scram()).env("PGPASSFILE", mistaken.path()).refused(&["password"]),
        ],
    );
}

#[test]
fn a_password_that_was_given_counts_over_the_file() {
    let (server, right, wrong) = (TlsServer::shared(), home("*:*:*:*:PASSWORD"), home("*:*:*:*:wrong"));
    let given = server.url(&format!("scram:{PASSWORD}"), "");
    check(
        server,
        [
            Case::new("the address's password over .pgpass", given).home(&wrong).tls(),
            Case::new("PGPASSWORD over .pgpass", scram()).home(&wrong).env("PGPASSWORD", PASSWORD).tls(),
            Case::new("a wrong PGPASSWORD over .pgpass", scram())
                .home(&right)
                .env("PGPASSWORD", "wrong")
                .refused(&["password"]),
            Case::new("an empty PGPASSWORD does not count", scram()).home(&right).env("PGPASSWORD", "").tls(),
        ],
    );
}

#[test]
fn colons_are_escaped_and_sockets_are_named_by_their_directory() {
    let server = TlsServer::shared();
    let escaped = TlsServer::ODD_PASSWORD.replace('\\', r"\\").replace(':', r"\:");
    let odd = home(&format!("localhost:*:*:odd:{escaped}"));
    let socket = home(&format!("{}:PORT:*:scram:PASSWORD", server.directory.display()));
    let localhost = home("localhost:*:*:*:PASSWORD");
    let address = server.socket_url("scram", "");
    let by_number = server.url("scram", "hostaddr=127.0.0.1");
    check(
        server,
        [
            Case::new(".pgpass: an odd password", server.url("odd", "")).home(&odd).tls(),
            Case::new(".pgpass: a socket's directory", &*address).home(&socket).plain(),
            Case::new(".pgpass: localhost is not any socket", address).home(&localhost).refused(&["password"]),
            Case::new(".pgpass: host counts, and not hostaddr", by_number).home(&localhost).tls(),
        ],
    );
}
