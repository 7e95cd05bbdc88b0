//! How is a retry policy written? `name` or `name:option=value,...`.

use std::str::FromStr;
use std::time::Duration;

use super::{Delays, Jitter, Policy, Restart};

/// Why a text is not a retry policy.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePolicyError {
    /// The part before the colon is no policy.
    #[error(
        "no retry policy is called \"{0}\"; there are none, immediate, tutorial, constant:5ms and \
         exponential:base=2ms,factor=2,cap=250ms,jitter=full"
    )]
    Name(String),
    /// A policy without options was given some.
    #[error("the retry policy {0} takes no options")]
    NoOptions(String),
    /// An option the policy does not have.
    #[error(
        "exponential has no option \"{0}\"; it takes base, factor, cap and jitter (none, full, equal, decorrelated)"
    )]
    Option(String),
    /// A value out of its range.
    #[error("{option}={value}: {reason}")]
    Value {
        /// The option's name.
        option: &'static str,
        /// What was written.
        value: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A way to restart that does not exist.
    #[error("no way to restart is called \"{0}\"; there are rollback, savepoint, reconnect and single")]
    Restart(String),
}

impl FromStr for Policy {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.parse::<Delays>()?.into())
    }
}

impl FromStr for Delays {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, options) = text.split_once(':').unwrap_or((text, ""));
        let plain = match name {
            "none" => Self::None,
            "immediate" => Self::Immediate,
            "tutorial" => Self::Tutorial,
            "constant" => return Ok(Self::Constant(duration("delay", options)?)),
            "exponential" => return exponential(options),
            _ => return Err(ParsePolicyError::Name(name.to_owned())),
        };
        if options.is_empty() { Ok(plain) } else { Err(ParsePolicyError::NoOptions(name.to_owned())) }
    }
}

fn exponential(options: &str) -> Result<Delays, ParsePolicyError> {
    let Delays::Exponential { mut base, mut factor, mut cap, mut jitter } = Delays::default() else {
        return Err(ParsePolicyError::Name("exponential".to_owned()));
    };
    for option in options.split(',').map(str::trim).filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        match key.trim() {
            "base" => base = duration("base", value)?,
            "cap" => cap = duration("cap", value)?,
            "factor" => factor = parse_factor(value)?,
            "jitter" => jitter = value.trim().parse()?,
            _ => return Err(ParsePolicyError::Option(key.to_owned())),
        }
    }
    if cap < base {
        return Err(wrong("cap", &humantime::format_duration(cap).to_string(), "the cap is below the base"));
    }
    Ok(Delays::Exponential { base, factor, cap, jitter })
}

fn parse_factor(value: &str) -> Result<f64, ParsePolicyError> {
    match value.trim().parse::<f64>() {
        Ok(factor) if (1.0..=100.0).contains(&factor) => Ok(factor),
        _ => Err(wrong("factor", value, "a number from 1 to 100 is needed")),
    }
}

fn duration(option: &'static str, value: &str) -> Result<Duration, ParsePolicyError> {
    match humantime::parse_duration(value.trim()) {
        Ok(duration) if duration <= Duration::from_hours(1) => Ok(duration),
        Ok(_) => Err(wrong(option, value, "an hour is the longest delay")),
        Err(_) => Err(wrong(option, value, "a duration such as 5ms or 1.5s is needed")),
    }
}

fn wrong(option: &'static str, value: &str, reason: &'static str) -> ParsePolicyError {
    ParsePolicyError::Value { option, value: value.to_owned(), reason }
}

impl FromStr for Jitter {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "full" => Ok(Self::Full),
            "equal" => Ok(Self::Equal),
            "decorrelated" => Ok(Self::Decorrelated),
            _ => Err(wrong("jitter", text, "none, full, equal or decorrelated is needed")),
        }
    }
}

impl FromStr for Restart {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "rollback" => Ok(Self::Rollback),
            "savepoint" => Ok(Self::Savepoint),
            "reconnect" => Ok(Self::Reconnect),
            "single" => Ok(Self::Single),
            _ => Err(ParsePolicyError::Restart(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_printing_and_parsing() {
        let forms = [
            "none",
            "immediate",
            "tutorial",
            "constant:5ms",
            "constant:1s500ms",
            "exponential:base=10ms,factor=2,cap=1s,jitter=full",
            "exponential:base=1ms,factor=1.5,cap=2s,jitter=decorrelated",
        ];
        for form in forms {
            let policy: Policy = form.parse().unwrap();
            assert_eq!(policy.to_string(), form);
        }
    }

    #[test]
    fn options_may_be_left_out_and_the_default_fills_them() {
        let policy: Policy = "exponential".parse().unwrap();
        assert_eq!(policy, Policy::default());
        let policy: Policy = "exponential:jitter=none".parse().unwrap();
        assert_eq!(policy.to_string(), "exponential:base=2ms,factor=2,cap=250ms,jitter=none");
    }

    #[test]
    fn a_wrong_text_is_named() {
        let cases = [
            ("expo", "no retry policy is called \"expo\""),
            ("none:5ms", "takes no options"),
            ("constant", "delay="),
            ("constant:5", "delay=5"),
            ("constant:2h", "an hour is the longest"),
            ("exponential:bse=1ms", "no option \"bse\""),
            ("exponential:factor=0.5", "factor=0.5"),
            ("exponential:factor=NaN", "factor=NaN"),
            ("exponential:jitter=fulll", "jitter=fulll"),
            ("exponential:base=1s,cap=10ms", "the cap is below the base"),
        ];
        for (text, message) in cases {
            let error = text.parse::<Policy>().unwrap_err().to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
