//! How is a retry policy written? `DELAYS/part/part`, or the name of a preset in place of the delays.

use std::str::FromStr;
use std::time::Duration;

use super::options::{each_option, number};
use super::{Aimd, Budget, Limits, ParsePolicyError, Policy, Preset, Restart};
use crate::suggest::{closest, either};

/// What may stand behind a slash, each at most once.
const PARTS: [&str; 4] = ["attempts", "deadline", "budget", "aimd"];
/// The longest deadline.
const YEAR: Duration = Duration::from_hours(366 * 24);

impl FromStr for Policy {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('/').map(str::trim);
        let head = parts.next().unwrap_or_default();
        let mut policy = match Preset::find(head) {
            Some(preset) => preset.policy()?,
            None => head.parse::<super::Delays>()?.into(),
        };
        let mut seen = Vec::new();
        for part in parts {
            let (name, value) = part.split_once(':').unwrap_or((part, ""));
            if seen.contains(&name) {
                return Err(ParsePolicyError::twice(&format!("/{name}")));
            }
            seen.push(name);
            policy.set(name, value)?;
        }
        Ok(policy)
    }
}

impl Policy {
    fn set(&mut self, part: &str, value: &str) -> Result<(), ParsePolicyError> {
        match part {
            "attempts" => self.limits.max_attempts = attempts(value)?,
            "deadline" => self.limits.deadline = Some(deadline(value)?),
            "budget" => self.budget = Some(budget(value)?),
            "aimd" => self.aimd = Some(aimd(value)?),
            _ => {
                let known = either(&PARTS).replace(" or ", " and ");
                let error = format!("a policy has no part \"/{part}\"; behind a slash there are {known}");
                return Err(ParsePolicyError::unknown(error, closest(part, PARTS)));
            }
        }
        Ok(())
    }
}

fn attempts(value: &str) -> Result<u32, ParsePolicyError> {
    match value.trim().parse() {
        _ if value.trim() == "unlimited" => Ok(Limits::UNLIMITED),
        Ok(attempts) if attempts > 0 => Ok(attempts),
        _ => Err(ParsePolicyError::value("attempts", value, "a number from 1 on, or unlimited, is needed")),
    }
}

fn deadline(value: &str) -> Result<Duration, ParsePolicyError> {
    match humantime::parse_duration(value.trim()) {
        Ok(time) if (Duration::from_nanos(1)..=YEAR).contains(&time) => Ok(time),
        Ok(_) => Err(ParsePolicyError::value("deadline", value, "a time longer than 0, at most a year, is needed")),
        Err(_) => Err(ParsePolicyError::value("deadline", value, "a time such as 500ms or 10s is needed")),
    }
}

fn budget(text: &str) -> Result<Budget, ParsePolicyError> {
    let mut budget = Budget::default();
    each_option("budget", text, &["capacity", "cost", "deposit"], |option, value| {
        match option {
            "capacity" => budget.capacity = number(option, value, Budget::LEAST, Budget::MOST)?,
            "cost" => budget.cost = number(option, value, Budget::LEAST, Budget::MOST)?,
            _ => budget.deposit = number(option, value, 0.0, Budget::MOST)?,
        }
        Ok(())
    })?;
    if budget.cost > budget.capacity {
        let reason = "a retry costs more than the bucket ever holds";
        return Err(ParsePolicyError::value("cost", &budget.cost.to_string(), reason));
    }
    Ok(budget)
}

fn aimd(text: &str) -> Result<Aimd, ParsePolicyError> {
    let mut aimd = Aimd::default();
    each_option("aimd", text, &["increase", "decrease", "min"], |option, value| {
        match option {
            "increase" => aimd.increase = number(option, value, 0.001, 1000.0)?,
            "decrease" => aimd.decrease = number(option, value, 0.001, 0.999)?,
            _ => {
                let min = value.parse().ok().filter(|min| *min > 0);
                aimd.min = min.ok_or(ParsePolicyError::value(option, value, "a whole number from 1 on is needed"))?;
            }
        }
        Ok(())
    })?;
    Ok(aimd)
}

impl FromStr for Restart {
    type Err = ParsePolicyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NAMES: [&str; 4] = ["rollback", "savepoint", "reconnect", "single"];
        match text {
            "rollback" => Ok(Self::Rollback),
            "savepoint" => Ok(Self::Savepoint),
            "reconnect" => Ok(Self::Reconnect),
            "single" => Ok(Self::Single),
            _ => {
                let known = either(&NAMES).replace(" or ", " and ");
                let error = format!("no way to restart is called \"{text}\"; there are {known}");
                Err(ParsePolicyError::unknown(error, closest(text, NAMES)))
            }
        }
    }
}
