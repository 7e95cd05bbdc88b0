//! As whom does a certificate log in? The server lets `alice` in with a certificate of hers and no other way.

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::{Certificates, ClientCertificate, Identity, TlsServer};
use crate::support::PASSWORD;

/// A case of `alice` with these files in her address.
fn case(form: &str, files: &str) -> Case {
    Case::new(
        format!("client certificate: {form}"),
        TlsServer::shared().url("alice", &format!("sslmode=require&{files}")),
    )
}

fn identity(certificate: &str, key: &str) -> Identity {
    Identity { certificate: certificate.to_owned(), key: key.to_owned() }
}

#[test]
fn a_key_in_each_form_is_read() {
    let (home, certificates) = (Home::new(), Certificates::get());
    let (rsa, ec) = (certificates.client_with_rsa("alice"), certificates.client_with_ec("alice"));
    let fresh = certificates.client("alice", ClientCertificate::Good);
    let files = |name: &str, certificate: &str, key: &str| home.identity(name, &identity(certificate, key));
    check(
        TlsServer::shared(),
        [
            case("PKCS#8, made now", &home.identity("fresh", &fresh)).tls().noted("user=alice "),
            case("PKCS#8, RSA", &files("rsa", &rsa, Certificates::RSA)).tls(),
            case("PKCS#1, RSA", &files("pkcs1", &rsa, Certificates::RSA_PKCS1)).tls(),
            case("PKCS#8, P-256", &files("ec", &ec, Certificates::EC)).tls(),
            case("SEC1, P-256", &files("sec1", &ec, Certificates::EC_SEC1)).tls(),
        ],
    );
}

#[test]
fn the_files_may_be_named_by_the_home_directory_or_the_environment() {
    let (server, home) = (TlsServer::shared(), Home::new());
    let alice = Certificates::get().client("alice", ClientCertificate::Good);
    let certificate = home.file(".postgresql/postgresql.crt", &alice.certificate);
    let key = home.file(".postgresql/postgresql.key", &alice.key);
    check(
        server,
        [
            case("~/.postgresql/postgresql.crt and .key", "").home(&home).tls(),
            case("PGSSLCERT and PGSSLKEY", "").env("PGSSLCERT", &certificate).env("PGSSLKEY", key).tls(),
            case("PGSSLCERT, the key in ~/.postgresql", "").env("PGSSLCERT", certificate).home(&home).tls(),
            Case::new("client certificate: nobody asks for it", server.url("trusted", "sslmode=require"))
                .home(&home)
                .tls(),
        ],
    );
}

#[test]
fn a_certificate_that_the_server_does_not_take_is_told() {
    let (server, home, certificates) = (TlsServer::shared(), Home::new(), Certificates::get());
    let files = |name: &str, user: &str, kind| home.identity(name, &certificates.client(user, kind));
    let good = files("good", "alice", ClientCertificate::Good);
    check(
        server,
        [
            case("none", "").refused(&["certificate"]),
            case("of another authority", &files("other", "alice", ClientCertificate::OtherAuthority))
                .refused(&["certificate|authority|unknown ca|unknownca"]),
            case("expired", &files("expired", "alice", ClientCertificate::Expired))
                .refused(&["certificate", "expired"]),
            case("of another user", &files("bob", "bob", ClientCertificate::Good)).refused(&["certificate", "alice"]),
            Case::new("client certificate: without TLS", server.url("alice", &format!("sslmode=disable&{good}")))
                .refused(&["TLS|SSL|encrypt"]),
        ],
    );
}

#[test]
fn files_that_do_not_go_together_are_told() {
    let (home, certificates) = (Home::new(), Certificates::get());
    let alice = certificates.client("alice", ClientCertificate::Good);
    let (certificate, key) = (home.file("alice.crt", &alice.certificate), home.file("alice.key", &alice.key));
    let other_key = home.file("other.key", &certificates.client("alice", ClientCertificate::Good).key);
    let open_key = home.file_for(0o644, "open.key", &alice.key);
    let group_key = home.file_for(0o660, "group.key", &alice.key);
    let garbage = home.file("garbage", "neither a key nor a certificate\n");
    let with_key = |key: &str| format!("sslcert={certificate}&sslkey={key}");
    check(
        TlsServer::shared(),
        [
            case("a key alone", &format!("sslkey={key}")).refused(&["certificate"]),
            case("a certificate alone", &format!("sslcert={certificate}")).refused(&["key"]),
            case("no such certificate", &format!("sslcert=/nowhere/a.crt&sslkey={key}")).refused(&["certificate"]),
            case("no such key", &with_key("/nowhere/a.key")).refused(&["/nowhere/a.key"]),
            case("the key of another", &with_key(&other_key)).refused(&["key"]),
            case("a key that everybody may read", &with_key(&open_key)).refused(&["open.key"]),
            case("a key that the group may change", &with_key(&group_key)).refused(&["group.key"]),
            case("garbage for a key", &with_key(&garbage)).refused(&["garbage", "key"]),
            case("garbage for a certificate", &format!("sslcert={garbage}&sslkey={key}"))
                .refused(&["garbage", "certificate"]),
        ],
    );
}

#[test]
fn an_encrypted_key_is_told() {
    let (home, certificate) = (Home::new(), Certificates::get().client_with_rsa("alice"));
    let files = |name: &str, key: &str| home.identity(name, &identity(&certificate, key));
    let pkcs8 = files("pkcs8", Certificates::RSA_ENCRYPTED);
    let pkcs1 = files("pkcs1", Certificates::RSA_PKCS1_ENCRYPTED);
    let with = |password: &str, files: &str| format!("{files}&sslpassword={password}");
    let why = "contend reads no encrypted keys";
    check(
        TlsServer::shared(),
        [
            // psql would ask for the password, where there is a terminal.
            case("an encrypted PKCS#8 key", &pkcs8).refused(&["encrypted"]).without_psql(),
            case("an encrypted PKCS#1 key", &pkcs1).refused(&["encrypted"]).without_psql(),
            case("an encrypted key, a wrong sslpassword", &with("wrong", &pkcs8)).fails(&["encrypted|sslpassword"]),
            case("an encrypted PKCS#8 key, sslpassword", &with(PASSWORD, &pkcs8))
                .fails(&["encrypted|sslpassword"])
                .differs(why),
            case("an encrypted PKCS#1 key, sslpassword", &with(PASSWORD, &pkcs1))
                .fails(&["encrypted|sslpassword"])
                .differs(why),
        ],
    );
}
