//! How wide will a text be? Estimated without a font, rather too wide than too narrow, so that what is drawn has room.

use crate::report::wrap;

/// The smallest letters of a picture, in pixels of its own width.
pub(in crate::report) const SMALL: f64 = 11.5;
/// The distance of two lines of it.
pub(super) const LINE: f64 = 15.0;
/// A bold letter is wider than a plain one.
const BOLD: f64 = 1.12;

/// Free of all that XML forbids or that would turn the letters around it: names come from files.
pub(in crate::report) fn clean(text: &str) -> String {
    let is_foreign = |letter: char| matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}');
    wrap::clean(text).chars().map(|letter| if is_foreign(letter) { '\u{fffd}' } else { letter }).collect()
}

/// The width in pixels. The proportions are those of `DejaVu` Sans, which is wider than other fonts that `system-ui` may be.
pub(in crate::report) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| advance(letter) * size).sum()
}

/// The same in bold letters.
pub(in crate::report) fn bold_width(text: &str, size: f64) -> f64 {
    width(text, size) * BOLD
}

fn advance(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '\'' | '|' => 0.30,
        ' ' | '.' | ',' | ':' | ';' | '/' | '-' => 0.36,
        'f' | 'r' | 't' | 'I' | '(' | ')' | '[' | ']' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '…' | '%' => 1.02,
        'a'..='z' | '{' | '}' | '_' => 0.635,
        '0'..='9' => 0.64,
        'A'..='Z' | '\u{a0}'..='\u{24f}' => 0.78,
        '=' | '<' | '>' | '+' | '→' | '~' | '#' => 0.84,
        ' '..='~' => 0.7,
        '\u{370}'..='\u{5ff}' => 0.85,
        _ => 1.3,
    }
}

/// The text, or as much of its beginning as there is room for, with an ellipsis.
pub(in crate::report) fn fit(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut used = width("…", size);
    let mut fitted: String = text
        .chars()
        .take_while(|letter| {
            used += advance(*letter) * size;
            used <= room
        })
        .collect();
    fitted.push('…');
    fitted
}

/// The text in lines of at most this width, broken between words; a word that is too long alone is shortened.
pub(super) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = fit(word, size, room);
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = word,
            Some(line) if width(line, size) + width(" ", size) + width(&word, size) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrapped_or_shortened_fits() {
        let long = format!("read {}@12 (=100), wrote 数据库@3", "account".repeat(40));
        for room in [30.0, 80.0, 200.0] {
            assert!(wrapped(&long, SMALL, room).iter().all(|line| width(line, SMALL) <= room), "{room}");
            assert!(width(&fit(&long, SMALL, room), SMALL) <= room && fit(&long, SMALL, room).ends_with('…'));
        }
        assert_eq!(fit("short", SMALL, 80.0), "short");
        assert_eq!(wrapped("one two three", SMALL, 60.0), ["one two", "three"]);
    }

    #[test]
    fn nothing_foreign_is_left() {
        assert_eq!(clean("a\u{1b}[2J\u{0}b\u{202e}c\u{ffff}"), "a [2J b\u{fffd}c\u{fffd}");
    }
}
