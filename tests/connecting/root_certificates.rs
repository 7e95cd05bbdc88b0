//! Where do the authorities that are trusted come from?

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::{Certificates, TlsServer};
use crate::server_certificates::STAYS;

const ROOT: &str = ".postgresql/root.crt";

#[test]
fn the_root_in_the_home_directory_counts() {
    let (server, certificates) = (TlsServer::shared(), Certificates::get());
    let (trusting, mistaken) = (Home::new(), Home::new());
    trusting.file(ROOT, &certificates.root());
    mistaken.file(ROOT, &certificates.other_root());
    let case = |form, home: &Home, mode| {
        Case::new(format!("~/{ROOT}: {form}, sslmode={mode}"), server.url("trusted", &format!("sslmode={mode}")))
            .home(home)
    };
    let right = ["prefer", "require", "verify-ca", "verify-full"].map(|mode| case("right", &trusting, mode).tls());
    let wrong = ["require", "verify-ca", "verify-full"]
        .map(|mode| case("wrong", &mistaken, mode).refused(&["authority|signed|issuer|trust"]));
    check(server, right.into_iter().chain(wrong));
    check(
        server,
        [case("wrong", &mistaken, "prefer").tls().differs(STAYS), case("wrong", &mistaken, "disable").plain()],
    );
}

#[test]
fn the_address_counts_over_the_variable_and_that_over_the_home_directory() {
    let (server, certificates, home) = (TlsServer::shared(), Certificates::get(), Home::new());
    let (right, wrong) = (home.file("right", &certificates.root()), home.file("wrong", &certificates.other_root()));
    home.file(ROOT, &certificates.other_root());
    let url = server.url("trusted", "sslmode=verify-full");
    check(
        server,
        [
            Case::new("sslrootcert over PGSSLROOTCERT", format!("{url}&sslrootcert={right}"))
                .env("PGSSLROOTCERT", wrong)
                .tls(),
            Case::new("PGSSLROOTCERT over ~/.postgresql", url).env("PGSSLROOTCERT", right).home(&home).tls(),
        ],
    );
}

#[test]
fn a_file_without_the_right_root_is_told() {
    let (server, certificates, home) = (TlsServer::shared(), Certificates::get(), Home::new());
    let file = |name: &str, text: &str| home.file(name, text);
    let both = file("both", &(certificates.other_root() + "a line between the two\n" + &certificates.root()));
    let (garbage, empty) = (file("garbage", "no certificate\n"), file("empty", ""));
    let broken = file("broken", "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n");
    let case = |form: &str, mode: &str, path: &str| {
        let query = format!("sslmode={mode}&sslrootcert={path}");
        Case::new(format!("sslrootcert: {form}, sslmode={mode}"), server.url("trusted", &query))
    };
    check(
        server,
        [
            case("two authorities", "verify-full", &both).tls(),
            case("no such file", "verify-ca", "/nowhere/root.crt").refused(&["/nowhere/root.crt"]),
            case("no such file", "verify-full", "/nowhere/root.crt").refused(&["/nowhere/root.crt"]),
            case("no such file", "require", "/nowhere/root.crt").tls(),
            case("garbage", "verify-full", &garbage).refused(&["garbage"]),
            case("empty", "verify-full", &empty).refused(&["empty"]),
            case("a broken certificate", "verify-full", &broken).refused(&["broken"]),
            case("garbage", "require", &garbage).refused(&["garbage"]),
            case("a directory", "verify-full", home.path()).refused(&[]),
        ],
    );
}

/// The variable leads OpenSSL and rustls to the system's authorities.
#[test]
fn the_system_s_authorities_can_be_trusted() {
    let (server, certificates, home) = (TlsServer::shared(), Certificates::get(), Home::new());
    let (right, wrong) = (home.file("right", &certificates.root()), home.file("wrong", &certificates.other_root()));
    let no_directory = Home::new();
    let case = |form: &str, query: &str, file: &str| {
        let url = server.url("trusted", &format!("sslrootcert=system{query}"));
        Case::new(format!("sslrootcert=system: {form}"), url)
            .env("SSL_CERT_FILE", file)
            .env("SSL_CERT_DIR", no_directory.path())
            .since(16)
    };
    check(
        server,
        [
            case("verify-full goes without saying", "", &right).tls(),
            case("verify-full", "&sslmode=verify-full", &right).tls(),
            case("another authority", "&sslmode=verify-full", &wrong).refused(&["authority|signed|issuer|trust"]),
            case("a weaker mode", "&sslmode=require", &right).fails(&["sslmode", "verify-full"]),
        ],
    );
}
