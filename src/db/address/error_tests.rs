//! Is what is wrong with an address said, by name, and with what it may be instead?

use super::tests::resolve;

#[track_caller]
fn error(address: &str) -> String {
    let error = resolve(&[address], &[]).expect_err(address);
    assert!(error.is_text(), "{error}");
    error.to_string()
}

/// Addresses, and what is wrong with one of their settings.
const WRONG_SETTINGS: &[(&str, &str)] = &[
    ("host=h sslmod=require", "unknown keyword sslmod; did you mean sslmode?"),
    ("host=h aplication_name=x", "unknown keyword aplication_name; did you mean application_name?"),
    ("host=h password=hunter2 aplication_name=x", "unknown keyword; did you mean application_name?"),
    ("host=h password=my hunter=x", "unknown keyword"),
    ("host=h database=x", "unknown keyword database; did you mean dbname?"),
    ("host=h Xyzzy2=x", "unknown keyword"),
    ("postgres://h/db?ssl=require", "unknown keyword ssl; did you mean sslmode?"),
    ("postgres://h/db?search_path=x", "unknown keyword search_path"),
    (
        "postgres://h/db?sslmode=verify_full",
        "sslmode has to be disable, allow, prefer, require, verify-ca or verify-full; did you mean verify-full?",
    ),
    (
        "postgres://h/db?sslmode=sometimes",
        "sslmode has to be disable, allow, prefer, require, verify-ca or verify-full",
    ),
    (
        "host=h sslmode=Require",
        "sslmode has to be disable, allow, prefer, require, verify-ca or verify-full; did you mean require?",
    ),
    (
        "host=h target_session_attrs=read_write",
        "target_session_attrs has to be any, read-write, read-only, primary, standby or prefer-standby; did you mean read-write?",
    ),
    ("host=h channel_binding=yes", "channel_binding has to be disable, prefer or require"),
    ("host=h load_balance_hosts=on", "load_balance_hosts has to be disable or random"),
    ("host=h sslnegotiation=tls", "sslnegotiation has to be postgres or direct"),
    ("host=h sslsni=yes", "sslsni has to be 0 or 1"),
    (
        "host=h sslcertmode=require",
        "sslcertmode has to be disable or allow (contend cannot tell whether the server has asked for its certificate)",
    ),
    (
        "host=h ssl_min_protocol_version=TLSv2",
        "ssl_min_protocol_version has to be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3; did you mean TLSv1?",
    ),
    (
        "host=h ssl_max_protocol_version=TLSv1.1",
        "ssl_max_protocol_version has to be TLSv1.2 or TLSv1.3 (contend speaks no older TLS); did you mean TLSv1.2?",
    ),
    (
        "host=h ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2",
        "ssl_min_protocol_version is newer than ssl_max_protocol_version",
    ),
    (
        "host=h sslrootcert=system sslmode=require",
        "sslmode=require is too weak for sslrootcert=system, which needs sslmode=verify-full",
    ),
    (
        "host=h sslnegotiation=direct",
        "sslmode=prefer is too weak for sslnegotiation=direct, which needs sslmode=require or more",
    ),
    ("host=h gssencmode=require", "gssencmode has to be disable or prefer (contend does not speak GSSAPI)"),
    (
        "host=h client_encoding=LATIN1",
        "client_encoding has to be UTF8, auto, UTF-8 or unicode (contend speaks no other encoding)",
    ),
    (
        "host=h replication=database",
        "replication has to be false, off, no or 0 (contend runs transactions, which a replication connection does not)",
    ),
    (
        "host=h min_protocol_version=3.2",
        "min_protocol_version has to be 3.0 (contend speaks version 3.0 of the protocol); did you mean 3.0?",
    ),
    ("host=h sslcrl=x", "sslcrl is refused, since ignoring it would be wrong: contend does not check revocation lists"),
    (
        "host=h sslcrldir=x",
        "sslcrldir is refused, since ignoring it would be wrong: contend does not check revocation lists",
    ),
    (
        "host=h requirepeer=x",
        "requirepeer is refused, since ignoring it would be wrong: contend cannot tell as whom the server runs",
    ),
    (
        "host=h require_auth=scram-sha-256",
        "require_auth is refused, since ignoring it would be wrong: contend cannot restrict how the server asks for a login",
    ),
    (
        "postgres://h/db?sslinline=true",
        "sslinline is refused, since ignoring it would be wrong: contend reads certificates from files alone: sslrootcert, sslcert, sslkey",
    ),
    (
        "host=h sslkeylogfile=x",
        "sslkeylogfile is refused, since ignoring it would be wrong: contend writes no keys to files",
    ),
    (
        "host=h scram_client_key=hunter2",
        "scram_client_key is refused, since ignoring it would be wrong: contend logs in with passwords and certificates alone",
    ),
    ("host=h connect_timeout=soon", "connect_timeout has to be a whole number"),
    ("host=h keepalives=yes", "keepalives has to be a whole number"),
    ("postgres://u:hunter2@h:port/db", "port has to be a number from 1 to 65535"),
    ("host=h port=0", "port has to be a number from 1 to 65535"),
    ("host=h port=65536", "port has to be a number from 1 to 65535"),
    ("host=a,b port=1,2,3", "3 ports for 2 hosts: one for all is needed, or one for each"),
    ("postgres://a:1,b:2/db?port=1,2,3", "3 ports for 2 hosts: one for all is needed, or one for each"),
    ("host=a,b hostaddr=::1", "hostaddr names 1 and host 2: they have to be as many"),
    ("host=h hostaddr=localhost", "hostaddr has to be a numeric IP address"),
    ("host=@abstract", "a host with an @ in front is a socket in the abstract namespace, which contend does not reach"),
];

#[test]
fn a_wrong_text_is_answered_with_what_is_wrong() {
    let wrong = "the address is not a database address: ";
    let cases = [
        (
            "",
            "it is empty; an address looks like postgres://user@host:5432/database or \"host=... user=... dbname=...\"",
        ),
        ("localhost", "it looks like a server; did you mean postgres://localhost:26257/?"),
        ("localhost:5432", "it looks like a server; did you mean postgres://localhost:5432/?"),
        ("db.example.com:5432/bank", "it looks like a server; did you mean postgres://db.example.com:5432/bank?"),
        ("/tmp/sock", "it looks like a directory; did you mean host=/tmp/sock?"),
        (
            "u:hunter2@h/db",
            "it is neither a URL nor key=value pairs, nor the name of a database; an address looks like",
        ),
        ("two words", "it is neither a URL nor"),
        ("postgres:/h/db", "it is neither a URL nor"),
        ("mysql://u:hunter2@h/db", "its scheme is mysql, not postgres, postgresql, cockroachdb, cockroach or crdb"),
        (
            "SIM://snapshot",
            "its scheme is SIM, not postgres, postgresql, cockroachdb, cockroach or crdb; did you mean sim://?",
        ),
        ("postgre://u:hunter2@h/db", "did you mean postgres://?"),
        ("POSTGRES://h/db", "did you mean postgres://?"),
        ("cockraochdb://h/db", "did you mean cockroachdb://?"),
        (
            "postgres://u:hunter2%zz@h/db",
            "behind a % come two hexadecimal digits other than 00 (a % itself is written as %25)",
        ),
        ("postgres://u:hunter2@::1:26257/db", "an IPv6 address has to be put between [ and ]"),
        ("postgres://u:hunter2%00@h/db", "behind a % come two hexadecimal digits"),
        ("postgres://u:hunter2%2@h/db", "behind a % come two hexadecimal digits"),
        ("postgres://u:hunter2%ff@h/db", "what %XX stands for is no UTF-8"),
        ("postgres://me:hun@ter2@h/b", "an @ in a password has to be written as %40, and a / as %2F"),
        ("postgres://me:p@ss/w:rd@127.0.0.1:5599/bank", "an @ in a password"),
        ("postgres://me:1/hunter2@h/b", "an @ in a password"),
        ("postgres://me:1/x?hunter=2@h/b", "an @ in a password"),
        ("postgres://[::1/db", "a ] is missing behind an IPv6 address"),
        ("postgres://[]/db", "an IPv6 address is missing between [ and ]"),
        ("postgres://[::1]5/db", "behind the ] of an IPv6 address comes a port (:5432) or nothing"),
        ("postgres://h/db?sslmode", "behind the ? come pairs such as sslmode=require, with & between them"),
        ("postgres://h/db?port=1&&user=u", "behind the ? come pairs"),
        ("postgres://h/db?options=-c a=b", "a = in a value behind the ? has to be written as %3D"),
        ("host=h password='hunter2", "a ' is missing at the end of a value (a ' within one is written as \\')"),
        ("host=h password=hunter2 ssl mode=disable", "a keyword without a = behind it; a value with blanks in it"),
        ("host=h password=my hunter2", "a keyword without a = behind it"),
    ];
    for (address, reason) in cases {
        let error = error(address);
        assert!(
            error.starts_with(&format!("{wrong}{reason}")) || reason.starts_with("did") && error.ends_with(reason),
            "{address}: {error}"
        );
    }
}

#[test]
fn a_wrong_setting_is_answered_with_its_name_and_what_it_may_be() {
    for (address, reason) in WRONG_SETTINGS.iter().copied() {
        assert_eq!(error(address), format!("the address: {reason}"), "{address}");
    }
}

#[test]
fn pairs_that_the_shell_took_apart_are_no_addresses() {
    for addresses in [
        &["host=h", "password=my", "hunter2"][..],
        &["host=h", "user=u"],
        &["postgres://h", "bank"],
        &["host=h", "secret=a://host"],
    ] {
        let error = resolve(addresses, &[]).unwrap_err().to_string();
        let expected = "is not a database address: it names no server; key=value pairs of one address have to be one argument, \"host=... user=...\"";
        assert!(error.starts_with("address 2") && error.ends_with(expected), "{error}");
    }
}
