//! Which word was probably meant?

/// Differences that still count as a slip: one in four letters or so, three at most.
fn most_slips(word: &str) -> usize {
    (word.chars().count().div_ceil(4)).min(3)
}

/// The candidate that differs least from the word, where it differs little. Capitals and the kind of dash do not count.
pub(crate) fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    let distance = |candidate: &&str| strsim::damerau_levenshtein(&word, &plain(candidate));
    let (candidate, slips) =
        candidates.into_iter().map(|candidate| (candidate, distance(&candidate))).min_by_key(|(_, slips)| *slips)?;
    (slips <= most_slips(&word)).then_some(candidate)
}

/// `, did you mean X?` where there is something to suggest.
pub(crate) fn did_you_mean(suggestion: Option<&str>) -> String {
    suggestion.map(|word| format!("; did you mean {word}?")).unwrap_or_default()
}

/// `a, b or c`.
pub(crate) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        let words = ["sslmode", "dbname", "user", "host", "verify-full"];
        for (word, meant) in [
            ("ssl_mode", Some("sslmode")),
            ("SSLMODE", Some("sslmode")),
            ("dbnme", Some("dbname")),
            ("usr", Some("user")),
            ("hots", Some("host")),
            ("verify_full", Some("verify-full")),
            ("hunter", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(word, words), meant, "{word}");
        }
    }

    #[test]
    fn the_last_of_several_words_follows_an_or() {
        assert_eq!(either(&["a"]), "a");
        assert_eq!(either(&["a", "b"]), "a or b");
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
    }
}
