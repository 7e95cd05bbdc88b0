//! Which forms of delays are there? Each with its options, its formula and where that comes from, and how it is read.

use std::str::FromStr;
use std::time::Duration;

use super::options::{duration, each_option, number};
use super::{Delays, Jitter, ParsePolicyError, Preset};
use crate::suggest::closest;

/// A form of delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it is called.
    pub name: &'static str,
    /// How it is written, with all its options.
    pub written: &'static str,
    /// An example; where every option has a default, with the defaults.
    pub example: &'static str,
    /// The delay d before retry n.
    pub formula: &'static str,
    /// Where that comes from, where it comes from anywhere.
    pub source: Option<&'static str>,
}

/// All of them.
pub const FORMS: [Form; 8] = [
    Form {
        name: "none",
        written: "none",
        example: "none",
        formula: "no retry: one attempt, unless /attempts says otherwise",
        source: None,
    },
    Form {
        name: "immediate",
        written: "immediate",
        example: "immediate",
        formula: "0",
        source: Some("what many retry loops do: see cockroach-go, pgbench"),
    },
    Form {
        name: "tutorial",
        written: "tutorial",
        example: "tutorial",
        formula: "2^n x 0.1 s x uniform(0.5, 1.5), 3 attempts",
        source: Some("CockroachDB, the tutorial for Python and psycopg2"),
    },
    Form { name: "constant", written: "constant:TIME", example: "constant:5ms", formula: "TIME", source: None },
    Form {
        name: "uniform",
        written: "uniform:LOW..HIGH",
        example: "uniform:1ms..30ms",
        formula: "uniform(LOW, HIGH)",
        source: Some("see spanner-go"),
    },
    Form {
        name: "linear",
        written: "linear[:base=TIME,cap=TIME,jitter=JITTER]",
        example: "linear:base=5ms,cap=1s,jitter=full",
        formula: "d = min(cap, base x n), then the jitter",
        source: None,
    },
    Form {
        name: "exponential",
        written: "exponential[:base=TIME,factor=NUMBER,cap=TIME,jitter=JITTER]",
        example: "exponential:base=2ms,factor=2,cap=250ms,jitter=full",
        formula: "d = min(cap, base x factor^(n-1)), then the jitter",
        source: Some("Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015"),
    },
    Form {
        name: "age",
        written: "age[:base=TIME,half=TIME,jitter=JITTER]",
        example: "age:base=20ms,half=100ms,jitter=full",
        formula: "d = base x 2^(-age/half), then the jitter; age: time since the first attempt began",
        source: Some("older transactions first: Rosenkrantz, Stearns and Lewis, ACM TODS 3(2), 1978"),
    },
];

impl Form {
    /// The form of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        FORMS.iter().find(|form| form.name == name)
    }

    /// The form of delays.
    #[must_use]
    pub fn of(delays: &Delays) -> &'static Self {
        let index = match delays {
            Delays::None => 0,
            Delays::Immediate => 1,
            Delays::Tutorial => 2,
            Delays::Constant(_) => 3,
            Delays::Uniform { .. } => 4,
            Delays::Linear { .. } => 5,
            Delays::Exponential { .. } => 6,
            Delays::Age { .. } => 7,
        };
        &FORMS[index]
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
            "constant" => return Ok(Self::Constant(duration("constant", options)?)),
            "uniform" => return uniform(options),
            "linear" => return linear(options),
            "exponential" => return exponential(options),
            "age" => return age(options),
            _ => return Err(no_such(name)),
        };
        if options.is_empty() {
            Ok(plain)
        } else {
            Err(ParsePolicyError::new(format!("the retry policy {name} takes no options")))
        }
    }
}

/// Forms and presets are asked for in the same place.
fn no_such(name: &str) -> ParsePolicyError {
    let names = FORMS.iter().map(|form| form.name).chain(Preset::ALL.iter().map(|preset| preset.name));
    let error = format!("no retry policy is called \"{name}\"");
    match closest(name, names) {
        None => ParsePolicyError::new(format!("{error}; `contend policies` lists them")),
        meant => ParsePolicyError::unknown(error, meant),
    }
}

fn uniform(text: &str) -> Result<Delays, ParsePolicyError> {
    let Some((low, high)) = text.split_once("..") else {
        return Err(ParsePolicyError::value("uniform", text, "two durations such as 1ms..30ms are needed"));
    };
    let (low, high) = (duration("uniform", low)?, duration("uniform", high)?);
    if high < low {
        return Err(ParsePolicyError::value("uniform", text, "the first one is longer than the second one"));
    }
    Ok(Delays::Uniform { low, high })
}

fn linear(text: &str) -> Result<Delays, ParsePolicyError> {
    let (mut base, mut cap, mut jitter) = (Duration::from_millis(5), Duration::from_secs(1), Jitter::Full);
    each_option("linear", text, &["base", "cap", "jitter"], |option, value| {
        match option {
            "base" => base = duration(option, value)?,
            "cap" => cap = duration(option, value)?,
            _ => jitter = alone("linear", value)?,
        }
        Ok(())
    })?;
    above(base, cap)?;
    Ok(Delays::Linear { base, cap, jitter })
}

fn exponential(text: &str) -> Result<Delays, ParsePolicyError> {
    let (mut base, mut cap) = (Duration::from_millis(2), Duration::from_millis(250));
    let (mut factor, mut jitter) = (2.0, Jitter::Full);
    each_option("exponential", text, &["base", "factor", "cap", "jitter"], |option, value| {
        match option {
            "base" => base = duration(option, value)?,
            "cap" => cap = duration(option, value)?,
            "factor" => factor = number(option, value, 1.0, 100.0)?,
            _ => jitter = value.parse()?,
        }
        Ok(())
    })?;
    above(base, cap)?;
    Ok(Delays::Exponential { base, factor, cap, jitter })
}

fn age(text: &str) -> Result<Delays, ParsePolicyError> {
    let (mut base, mut half) = (Duration::from_millis(20), Duration::from_millis(100));
    let mut jitter = Jitter::Full;
    each_option("age", text, &["base", "half", "jitter"], |option, value| {
        match option {
            "base" => base = duration(option, value)?,
            "half" => half = duration(option, value)?,
            _ => jitter = alone("age", value)?,
        }
        Ok(())
    })?;
    if half.is_zero() {
        return Err(ParsePolicyError::value("half", "0s", "a time longer than 0 is needed"));
    }
    Ok(Delays::Age { base, half, jitter })
}

fn above(base: Duration, cap: Duration) -> Result<(), ParsePolicyError> {
    if cap < base {
        let cap = super::delays::compact(cap);
        return Err(ParsePolicyError::value("cap", &cap, "the cap is below the base"));
    }
    Ok(())
}

/// A jitter that is no sequence of its own.
fn alone(form: &str, value: &str) -> Result<Jitter, ParsePolicyError> {
    let jitter: Jitter = value.parse()?;
    if jitter.is_sequence() {
        let reason = format!("only exponential delays have this jitter, {form} ones do not");
        return Err(ParsePolicyError::value("jitter", value, &reason));
    }
    Ok(jitter)
}
