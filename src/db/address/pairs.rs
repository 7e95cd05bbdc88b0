//! What do key=value pairs say? libpq's rules (34.1.1.1): blanks around `=`, quotes, backslashes.

use super::error::AddressError;
use super::keyword::unknown;
use super::settings::Settings;
use super::source::Source;

pub(super) fn parse(text: &str, source: &Source) -> Result<Settings, AddressError> {
    let wrong = |reason: &str| AddressError::syntax(source, reason);
    let mut settings = Settings::default();
    // What stands behind a password may be a piece of it that was not quoted.
    let mut behind_password = false;
    let mut rest = text.trim_ascii_start();
    while !rest.is_empty() {
        let end = rest.find(|letter: char| letter == '=' || letter.is_ascii_whitespace()).unwrap_or(rest.len());
        let name = &rest[..end];
        let value = rest[end..].trim_ascii_start().strip_prefix('=').ok_or_else(|| {
            wrong("a keyword without a = behind it; a value with blanks in it has to be put between ' and '")
        })?;
        let (value, behind) = read_value(value.trim_ascii_start())
            .ok_or_else(|| wrong("a ' is missing at the end of a value (a ' within one is written as \\')"))?;
        settings
            .assign(name, &value, source)
            .ok_or_else(|| AddressError::setting(source, unknown(name, behind_password)))?;
        behind_password |= ["password", "sslpassword"].contains(&name);
        rest = behind.trim_ascii_start();
    }
    Ok(settings)
}

/// A value, and what stands behind it; none where the closing quote is missing.
fn read_value(text: &str) -> Option<(String, &str)> {
    let (quoted, text) = text.strip_prefix('\'').map_or((false, text), |text| (true, text));
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            '\'' if quoted => return Some((value, &text[at + 1..])),
            letter if !quoted && letter.is_ascii_whitespace() => return Some((value, &text[at..])),
            letter => value.push(letter),
        }
    }
    (!quoted).then_some((value, ""))
}
