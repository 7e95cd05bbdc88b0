//! What stands behind a colon? `option=value,...`, numbers and durations, and what is wrong with them.

use std::time::Duration;

use super::ParsePolicyError;
use crate::suggest::{closest, either};

/// No delay is longer.
const LONGEST: Duration = Duration::from_hours(1);

/// Calls `set` with each option and its value: once for each option, which is one of those that are known.
pub(super) fn each_option(
    of: &str,
    text: &str,
    known: &[&'static str],
    mut set: impl FnMut(&'static str, &str) -> Result<(), ParsePolicyError>,
) -> Result<(), ParsePolicyError> {
    let mut seen = Vec::new();
    for option in text.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let (name, value) = (name.trim(), value.trim());
        let Some(name) = known.iter().copied().find(|known| *known == name) else {
            let meant = closest(name, known.iter().copied());
            let takes = format!("{of} has no option \"{name}\"; it takes {}", either(known).replace(" or ", " and "));
            return Err(ParsePolicyError::unknown(takes, meant));
        };
        if seen.contains(&name) {
            return Err(ParsePolicyError::twice(&format!("{of}: the option {name}")));
        }
        seen.push(name);
        set(name, value)?;
    }
    Ok(())
}

/// A delay.
pub(super) fn duration(option: &str, value: &str) -> Result<Duration, ParsePolicyError> {
    match humantime::parse_duration(value.trim()) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        Ok(_) => Err(ParsePolicyError::value(option, value, "an hour is the longest delay")),
        Err(_) => Err(ParsePolicyError::value(option, value, "a duration such as 5ms or 1.5s is needed")),
    }
}

/// A number within bounds.
pub(super) fn number(option: &str, value: &str, least: f64, most: f64) -> Result<f64, ParsePolicyError> {
    match value.trim().parse::<f64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ if least <= f64::MIN_POSITIVE && least > 0.0 => {
            Err(ParsePolicyError::value(option, value, &format!("a number above 0, at most {most}, is needed")))
        }
        _ => Err(ParsePolicyError::value(option, value, &format!("a number from {least} to {most} is needed"))),
    }
}
