//! Does a password, whatever is in it and however it is written, ever show?

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

use super::tests::resolve;

/// Passwords of recognizable pieces with odd characters between them. No piece is a part of any word of contend's.
fn password() -> impl Strategy<Value = (String, Vec<String>)> {
    let piece = "[QXZ79]{4,7}";
    let odd = "[@/:?#&=%+,; '\"\\\\\\[\\]\t\u{e9}]{1,3}";
    (piece, proptest::collection::vec((odd, piece), 0..4)).prop_map(|(first, others)| {
        let text = others.iter().fold(first.clone(), |text, (odd, piece)| text + odd + piece);
        (text, std::iter::once(first).chain(others.into_iter().map(|(_, piece)| piece)).collect())
    })
}

/// Everything that a person gets to see.
fn seen(addresses: &[&str], variables: &[(&str, &str)]) -> String {
    match resolve(addresses, variables) {
        Err(error) => format!("{error} {error:?}"),
        Ok(None) => String::new(),
        Ok(Some(target)) => {
            let parts: Vec<String> = target.parts.iter().map(|part| format!("{part:?} {}", part.source)).collect();
            format!("{target:?} {:?} {} {} {:?}", target.nodes, target.display, parts.join(" "), target.notes)
        }
    }
}

/// The password of the first server, where the address is one.
fn taken(address: &str) -> Option<String> {
    let target = resolve(&[address], &[]).ok()??;
    Some(String::from_utf8_lossy(target.nodes[0].config.get_password()?).into_owned())
}

proptest! {
    #[test]
    fn a_password_never_shows((password, pieces) in password()) {
        let encoded = utf8_percent_encode(&password, NON_ALPHANUMERIC).to_string();
        let quoted = password.replace('\\', "\\\\").replace('\'', "\\'");
        let right = [
            format!("postgres://u:{encoded}@h/db"),
            format!("postgres://h/db?user=u&password={encoded}"),
            format!("host=h user=u password='{quoted}' dbname=db"),
        ];
        for address in &right {
            prop_assert_eq!(taken(address), Some(password.clone()), "{}", address);
        }
        let wrong = [
            format!("postgres://u:{encoded}@h/db?sslmode=bogus"),
            format!("host=h user=u password='{quoted}' dbnme=db"),
            format!("mysql://u:{password}@h/db"),
            format!("u:{password}@h/db"),
            format!("postgres://u:{password}@h:port/db"),
        ];
        for address in right.iter().chain(&wrong) {
            let seen = seen(&[address], &[]);
            prop_assert!(!pieces.iter().any(|piece| seen.contains(piece)), "{}: {}", address, seen);
        }
        let seen = seen(&["host=h"], &[("PGPASSWORD", &password)]);
        prop_assert!(!pieces.iter().any(|piece| seen.contains(piece)), "{}", seen);
    }

    /// Without an encoding the pieces get into other places of the address.
    #[test]
    fn a_password_that_was_not_encoded_does_not_show_either((password, pieces) in password()) {
        let url = format!("postgres://u:{password}@h/db");
        let seen_of_url = seen(&[&url], &[]);
        prop_assert!(!pieces.iter().any(|piece| seen_of_url.contains(piece)), "{}: {}", url, seen_of_url);
        let pairs = format!("host=h password={password} user=u");
        let seen_of_pairs = seen(&[&pairs], &[]);
        prop_assert!(!pieces.iter().any(|piece| seen_of_pairs.contains(piece)), "{}: {}", pairs, seen_of_pairs);
        let shell: Vec<&str> = pairs.split(' ').collect();
        let seen_of_shell = seen(&shell, &[]);
        prop_assert!(!pieces.iter().any(|piece| seen_of_shell.contains(piece)), "{}: {}", pairs, seen_of_shell);
    }
}

#[test]
fn pieces_in_lower_case_are_not_taken_for_keywords() {
    for address in [
        "postgres://u:1/x?hunter=2@h/db",
        "postgres://u:p@h?hunter=x@h/db",
        "host=h password=my hunter=x",
        "host=h password='it's hunter=x",
        "host=h sslpassword=my hunter=x",
    ] {
        let seen = seen(&[address], &[]);
        assert!(seen.contains("database address") || seen.contains("unknown keyword"), "{address}: {seen}");
        assert!(!seen.contains("hunter"), "{address}: {seen}");
    }
    assert!(!seen(&["host=h password=my", "hunter=x"], &[]).contains("hunter"));
}
