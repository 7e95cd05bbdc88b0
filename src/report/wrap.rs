//! How does any text fit? Cleaned of control characters, broken into lines, or shortened.
//!
//! Versions, addresses and details come from elsewhere, so none of them is trusted to be short, or free of the escape
//! codes that would move a terminal's cursor.

use console::{measure_text_width, truncate_str};

/// The columns of a report.
pub(super) const WIDTH: usize = 80;

/// The text in one line, with a space for everything that is not printed.
pub(super) fn clean(text: &str) -> String {
    let printed: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    printed.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The text in one line of at most this many columns, with an ellipsis for what is left out.
pub(super) fn shorten(text: &str, width: usize) -> String {
    truncate_str(&clean(text), width, "…").into_owned()
}

/// The text in lines of at most this many columns, broken between words; a word that is longer is broken behind a comma
/// or a slash if that is enough, and where it has to if not.
/// There is at least one line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in clean(text).split(' ') {
        let length = measure_text_width(word);
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        } else if used > 0 {
            push(&mut lines, ' ');
            used += 1;
        }
        let parts: Vec<&str> = if length > width { word.split_inclusive([',', '/']).collect() } else { vec![word] };
        for (number, part) in parts.iter().enumerate() {
            if number > 0 && used + measure_text_width(part) > width {
                lines.push(String::new());
                used = 0;
            }
            used = push_word(&mut lines, used, part, width);
        }
    }
    lines
}

/// The word at the end of the last line, in as many lines more as it takes; the columns used of the last.
fn push_word(lines: &mut Vec<String>, mut used: usize, word: &str, width: usize) -> usize {
    for char in word.chars() {
        let columns = measure_text_width(char.encode_utf8(&mut [0; 4]));
        if used + columns > width.max(2) {
            lines.push(String::new());
            used = 0;
        }
        push(lines, char);
        used += columns;
    }
    used
}

fn push(lines: &mut [String], char: char) {
    if let Some(line) = lines.last_mut() {
        line.push(char);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_inside_a_word_only_when_it_is_too_long() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("one two", 7), ["one two"]);
        assert_eq!(wrap("a 0123456789", 4), ["a", "0123", "4567", "89"]);
        assert_eq!(wrap("is a=1,b=22,c=333", 8), ["is", "a=1,", "b=22,", "c=333"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("数据库 数据", 6), ["数据库", "数据"], "two columns each");
    }

    #[test]
    fn what_is_too_long_ends_with_an_ellipsis() {
        assert_eq!(shorten("PostgreSQL", 10), "PostgreSQL");
        assert_eq!(shorten("PostgreSQL 15", 10), "PostgreSQ…");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(clean("a\u{1b}[2Jb\r\nc\td "), "a [2Jb c d");
        assert_eq!(wrap("a\nb", 80), ["a b"]);
    }
}
