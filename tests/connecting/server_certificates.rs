//! Which server is believed? Each sslmode, with each certificate a server may show.

use crate::case::{Case, check};
use crate::home::Home;
use crate::secure::{Certificates, ServerCertificate, TlsServer};

const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// What an error has to say.
type Words = &'static [&'static str];

/// What comes of a mode.
#[derive(Clone, Copy)]
enum Cell {
    /// A connection without TLS.
    P,
    /// One with TLS.
    T,
    /// None, and why.
    No(Words),
    /// None, though psql makes one.
    Own(Words, &'static str),
    /// One with TLS, though psql makes one without.
    Stays,
}
use Cell::{No, Own, P, Stays, T};

/// Whom the client trusts.
#[derive(Clone, Copy, Debug)]
enum Trusted {
    Nobody,
    Authority,
    OtherAuthority,
    TheCertificateItself,
    AuthorityOfVersion1,
}

const ROOT: Cell = No(&["root"]);
const NAME: Cell = No(&["name|valid for"]);
const EXPIRED: Cell = No(&["expired"]);
const SIGNED: Cell = No(&["authority|signed|issuer|trust"]);
const ONLY_NAME: Cell = Own(&["name|valid for"], "a name in the subject alone does not count (RFC 9525)");
/// With `prefer` psql checks the certificate where there is a root, and falls back to a connection that is neither
/// checked nor encrypted.
pub const STAYS: &str = "with prefer contend stays with TLS, unchecked";
const V1: Cell = Own(&["v1|version 1"], "rustls reads no X.509 v1");

/// What a server shows, whom the client trusts, and what comes of each mode.
const TABLE: [(ServerCertificate, Trusted, [Cell; 6]); 19] = [
    (ServerCertificate::Good, Trusted::Nobody, [P, P, T, T, ROOT, ROOT]),
    (ServerCertificate::Good, Trusted::Authority, [P, P, T, T, T, T]),
    (ServerCertificate::Good, Trusted::OtherAuthority, [P, P, Stays, SIGNED, SIGNED, SIGNED]),
    (ServerCertificate::Good, Trusted::TheCertificateItself, [P, P, Stays, SIGNED, SIGNED, SIGNED]),
    (ServerCertificate::NamedOtherwise, Trusted::Nobody, [P, P, T, T, ROOT, ROOT]),
    (ServerCertificate::NamedOtherwise, Trusted::Authority, [P, P, T, T, T, NAME]),
    (ServerCertificate::CommonNameOnly, Trusted::Authority, [P, P, T, T, T, ONLY_NAME]),
    (ServerCertificate::Expired, Trusted::Nobody, [P, P, T, T, ROOT, ROOT]),
    (ServerCertificate::Expired, Trusted::Authority, [P, P, Stays, EXPIRED, EXPIRED, EXPIRED]),
    (ServerCertificate::Expired, Trusted::TheCertificateItself, [P, P, Stays, EXPIRED, EXPIRED, EXPIRED]),
    (ServerCertificate::ExpiredSelfSigned, Trusted::TheCertificateItself, [P, P, Stays, EXPIRED, EXPIRED, EXPIRED]),
    (ServerCertificate::SelfSigned, Trusted::Nobody, [P, P, T, T, ROOT, ROOT]),
    (ServerCertificate::SelfSigned, Trusted::Authority, [P, P, Stays, SIGNED, SIGNED, SIGNED]),
    (ServerCertificate::SelfSigned, Trusted::TheCertificateItself, [P, P, T, T, T, T]),
    (ServerCertificate::OtherAuthority, Trusted::Authority, [P, P, Stays, SIGNED, SIGNED, SIGNED]),
    (ServerCertificate::OtherAuthority, Trusted::OtherAuthority, [P, P, T, T, T, T]),
    (ServerCertificate::Intermediate, Trusted::Authority, [P, P, T, T, T, T]),
    (ServerCertificate::Version1, Trusted::Nobody, [P, P, T, T, ROOT, ROOT]),
    (ServerCertificate::Version1, Trusted::AuthorityOfVersion1, [P, P, T, V1, V1, V1]),
];

/// Tries the rows of the table for these certificates on a server of their own.
fn check_rows(kinds: &[ServerCertificate]) {
    let (server, home, certificates) = (TlsServer::without_tls(), Home::new(), Certificates::get());
    for kind in kinds {
        let identity = certificates.server(*kind);
        server.show(&identity);
        let mut tried = 0;
        for (_, trusted, cells) in TABLE.iter().filter(|(shown, ..)| shown == kind) {
            let root = match trusted {
                Trusted::Nobody => None,
                Trusted::Authority => Some(certificates.root()),
                Trusted::OtherAuthority => Some(certificates.other_root()),
                Trusted::TheCertificateItself => Some(identity.certificate.clone()),
                Trusted::AuthorityOfVersion1 => Some(Certificates::VERSION_1_ROOT.to_owned()),
            };
            let root = root.map(|text| home.file(&format!("{trusted:?}.crt"), &text));
            let root = root.map(|path| format!("&sslrootcert={path}")).unwrap_or_default();
            let cases = MODES.iter().zip(cells).map(|(mode, cell)| {
                let form = format!("{kind:?} certificate, trusting {trusted:?}, sslmode={mode}");
                let case = Case::new(form, server.url("trusted", &format!("sslmode={mode}{root}")));
                match *cell {
                    P => case.plain(),
                    T => case.tls(),
                    No(words) => case.refused(words),
                    Own(words, why) => case.refused(words).differs(why),
                    Stays => case.tls().differs(STAYS),
                }
            });
            check(&server, cases);
            tried += 1;
        }
        assert!(tried > 0, "{kind:?} is in the table");
    }
}

#[test]
fn a_certificate_is_believed_as_psql_believes_it() {
    check_rows(&[ServerCertificate::Good, ServerCertificate::NamedOtherwise, ServerCertificate::CommonNameOnly]);
}

#[test]
fn an_expired_or_foreign_certificate_is_believed_by_those_who_do_not_look() {
    check_rows(&[ServerCertificate::Expired, ServerCertificate::OtherAuthority, ServerCertificate::Intermediate]);
}

#[test]
fn a_self_signed_or_old_certificate_is_believed_as_psql_believes_it() {
    check_rows(&[ServerCertificate::SelfSigned, ServerCertificate::ExpiredSelfSigned, ServerCertificate::Version1]);
}
