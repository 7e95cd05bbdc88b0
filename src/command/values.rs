//! How are the values of flags written? Those that no type of the plan reads itself.

use std::time::Duration;

use bytesize::ByteSize;

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text)
        .map_err(|_| "a time such as 500ms, 10s or 1m30s is needed (with its unit)".to_owned())?;
    if parsed > Duration::from_hours(366 * 24) { Err("a year is the longest".to_owned()) } else { Ok(parsed) }
}

pub(super) fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        time if time.is_zero() => Err("a time longer than 0 is needed".to_owned()),
        time => Ok(time),
    }
}

pub(super) fn size(text: &str) -> Result<u64, String> {
    let parsed: Result<ByteSize, _> = text.parse();
    parsed.map(|size| size.as_u64()).map_err(|_| "a size such as 512MiB or 2GiB is needed".to_owned())
}

pub(super) fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("on or off is needed".to_owned()),
    }
}

pub(super) fn run_name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('.') {
        Ok(text.to_owned())
    } else {
        Err("up to 64 letters, digits, dots, dashes and underscores are needed, not beginning with a dot".to_owned())
    }
}
