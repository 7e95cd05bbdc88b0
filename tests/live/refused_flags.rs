//! Is a wrong flag or address answered in one line, with exit code 2, and without the password?

use crate::support::{Contend, PASSWORD, Scratch};

/// What is wrong with a text is found out before anything is done, so nothing is left either.
fn refused(arguments: &[&str]) -> String {
    let here = Scratch::new();
    let (subcommand, rest) = arguments.split_first().unwrap();
    let contend = rest.iter().fold(Contend::new(subcommand), |contend, argument| contend.arg(argument));
    let ended = contend.working_in(here.path()).finish().expect(2);
    assert_eq!(here.names(), [""; 0], "{arguments:?} has left something");
    ended.only_error().to_owned()
}

/// An address that is never connected to: whatever is wrong is found before.
fn address() -> String {
    format!("postgres://me:{PASSWORD}@127.0.0.1:1/db")
}

#[test]
fn an_unknown_flag_gets_a_tip() {
    let error = refused(&["run", &address(), "--acounts", "10"]);
    assert!(error.contains("'--acounts'") && error.contains("similar") && error.contains("'--accounts'"), "{error}");
}

#[test]
fn an_address_that_is_none_is_refused() {
    for address in ["localhost", "mysql://me:hunter2-is-secret@h/db", "postgres://me:hunter2-is-secret@h:port/db"] {
        for subcommand in ["run", "seed", "balances", "clean"] {
            let error = refused(&[subcommand, address]);
            assert!(error.contains("is not a database address") || error.contains("port has to be"), "{error}");
        }
    }
}

#[test]
fn an_unknown_mode_of_tls_is_refused_by_name() {
    let error = refused(&["run", &format!("{}?sslmode=verify_full", address())]);
    assert!(error.contains("sslmode has to be") && error.ends_with("did you mean verify-full?"), "{error}");
}

#[test]
fn a_command_without_any_address_says_what_is_missing() {
    for subcommand in ["seed", "balances", "clean"] {
        let error = refused(&[subcommand]);
        assert!(error.contains("CONTEND_URL") && error.contains("PGHOST"), "{error}");
    }
}

#[test]
fn values_out_of_range_are_refused_by_the_flag_s_name() {
    let cases = [
        ("--accounts", "1"),
        ("--accounts", "many"),
        ("--balance", "-5"),
        ("--workers", "0"),
        ("--connections", "0"),
        ("--transactions", "0"),
        ("--rate", "0"),
        ("--rate", "5000/m"),
        ("--max-queue", "-1"),
        ("--duration", "0s"),
        ("--duration", "10"),
        ("--statement-timeout", "soon"),
        ("--retry", "expnential"),
        ("--retry", "exponential:base=2"),
        ("--retry", "constant:"),
        ("--retry", "immediate/attempts:0"),
        ("--retry", "cockroach-gone"),
        ("--max-attempts", "0"),
        ("--transaction-deadline", "0s"),
        ("--amount", "9..1"),
        ("--keys", "zipf:-1"),
        ("--keys", "hotspot:0%/90%"),
        ("--lock-order", "sideways"),
        ("--isolation", "snapshot"),
        ("--schema", "pg_catalog"),
        ("--schema", "no-schema\"; DROP"),
        ("--name", "../up"),
        ("--local", "oracle"),
        ("--steps", "128..8 x5"),
        ("--steps", "8..128"),
        ("--steps", "8..128/m x5"),
    ];
    for (flag, value) in cases {
        // With `=`, so that a value may begin with a dash. A throw-away server and an address exclude each other.
        let argument = format!("{flag}={value}");
        let error =
            if flag == "--local" { refused(&["run", &argument]) } else { refused(&["run", &address(), &argument]) };
        assert!(error.contains(flag), "{argument}: {error}");
    }
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let address = address();
    let cases: [(&[&str], &str); 14] = [
        (&["--threads", "17", "--workers", "16"], "--threads 17"),
        (&["--threads", "3", "--connections", "2"], "--threads 3"),
        (&["--duration", "1s", "--transactions", "5"], "--transactions"),
        (&["--steps", "8..128 x5", "--transactions", "5"], "--transactions"),
        (&["--steps", "8..128 x5", "--workers", "128"], "--workers"),
        (&["--steps", "8..200000 x5"], "--steps up to 200000 workers"),
        (&["--steps", "2..8 x2", "--threads", "9"], "--threads 9"),
        (&["--local", "postgres"], "--local"),
        (&["--arrivals", "uniform"], "--rate"),
        (&["--max-queue", "10"], "--rate"),
        (&["--rate", "10/s", "--arrivals", "sometimes"], "--arrivals"),
        (&["--rate", "10/s", "--steps", "1..9/s x3"], "--steps"),
        (&["--steps", "1..9 x3", "--max-queue", "5"], "--max-queue"),
        (&["--accounts", "1000000000", "--balance", "1000000000000"], "--accounts"),
    ];
    for (flags, named) in cases {
        let arguments: Vec<&str> = ["run", &address].iter().chain(flags).copied().collect();
        let error = refused(&arguments);
        assert!(error.contains(named), "{flags:?}: {error}");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["--version"], &["run", "--help"]] {
        let (subcommand, rest) = arguments.split_first().unwrap();
        let ended = rest.iter().fold(Contend::new(subcommand), |contend, argument| contend.arg(argument)).finish();
        let ended = ended.expect(0);
        assert!(ended.stdout.contains("contend") && ended.stderr.is_empty(), "{ended:?}");
    }
}
