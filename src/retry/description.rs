//! What is there to say about a policy? A form, a preset or a text of one's own, and what its waits come to.

use serde::Serialize;

use super::{Form, Limits, ParsePolicyError, Policy, Preset, Wait};

/// Waits are described up to this attempt.
const LAST: u32 = 8;

/// One policy, described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// What was asked for: the name of a form or a preset, or the text of a policy.
    pub name: String,
    /// How it is written with all its options, where a form was asked for.
    pub written: Option<String>,
    /// The policy: of a form an example, with the defaults where it has them.
    pub policy: String,
    /// How long it waits.
    pub formula: String,
    /// What a preset does with the connection between two attempts.
    pub restart: Option<String>,
    /// Attempts of one transaction; none where it never gives up.
    pub attempts: Option<u32>,
    /// No attempt begins later than this after the first, in seconds.
    pub deadline_s: Option<f64>,
    /// What retries may cost, where they may not be had for nothing.
    pub budget: Option<String>,
    /// How many transactions at a time, where that is held back.
    pub aimd: Option<String>,
    /// Where the form or the preset comes from.
    pub source: Option<String>,
    /// The waits before the second attempt and those behind it, up to the eighth.
    pub waits: Vec<Wait>,
}

impl Description {
    /// Of a form, a preset or the text of a policy.
    ///
    /// # Errors
    /// It is neither.
    pub fn of(text: &str) -> Result<Self, ParsePolicyError> {
        if let Some(form) = Form::find(text) {
            return Self::of_form(form);
        }
        match Preset::find(text) {
            Some(preset) => Self::of_preset(preset),
            None => Ok(Self::new(text, &text.parse()?)),
        }
    }

    /// Of a form, with its example.
    ///
    /// # Errors
    /// None: every example is a policy.
    pub fn of_form(form: &Form) -> Result<Self, ParsePolicyError> {
        let described = Self::new(form.name, &form.example.parse()?);
        let (formula, written) = (form.formula.to_owned(), Some(form.written.to_owned()));
        Ok(Self { formula, written, source: form.source.map(str::to_owned), ..described })
    }

    /// Of a preset.
    ///
    /// # Errors
    /// None: every preset is a policy.
    pub fn of_preset(preset: &Preset) -> Result<Self, ParsePolicyError> {
        let described = Self::new(preset.name, &preset.policy()?);
        let (restart, source) = (Some(preset.restart.to_string()), Some(preset.source.to_owned()));
        Ok(Self { formula: preset.formula.to_owned(), restart, source, ..described })
    }

    fn new(name: &str, policy: &Policy) -> Self {
        let Policy { delays, limits: Limits { max_attempts, deadline }, budget, aimd } = policy;
        let jitter = delays.jitter().map(|jitter| format!("; jitter {jitter}"));
        Self {
            name: name.to_owned(),
            written: None,
            policy: policy.to_string(),
            formula: format!("{}{}", Form::of(delays).formula, jitter.unwrap_or_default()),
            restart: None,
            attempts: (*max_attempts != Limits::UNLIMITED).then_some(*max_attempts),
            deadline_s: deadline.map(|deadline| deadline.as_secs_f64()),
            budget: budget.map(|budget| budget.to_string()),
            aimd: aimd.map(|aimd| aimd.to_string()),
            source: None,
            waits: policy.waits(LAST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::{Delays, FORMS};

    #[test]
    fn every_form_is_read_by_its_example_and_has_its_defaults_there() {
        for form in FORMS {
            let delays: Delays = form.example.parse().unwrap();
            assert_eq!(Form::of(&delays), &form);
            assert_eq!(delays.to_string(), form.example);
            if form.written.contains('[') {
                assert_eq!(form.name.parse(), Ok(delays), "{}: its defaults", form.name);
            }
        }
    }

    #[test]
    fn forms_presets_and_texts_are_told_apart() {
        let form = Description::of("age").unwrap();
        assert!(form.written.is_some() && form.restart.is_none() && form.source.is_some(), "{form:?}");
        let preset = Description::of("sysbench").unwrap();
        assert!(preset.written.is_none() && preset.restart.is_some() && preset.attempts.is_none(), "{preset:?}");
        let text = Description::of("sysbench/attempts:2/budget").unwrap();
        assert_eq!(text.policy, "immediate/attempts:2/budget:capacity=100,cost=1,deposit=0.1");
        assert_eq!((text.attempts, text.waits.len(), text.source), (Some(2), 1, None));
        assert!(Description::of("sysbenh").unwrap_err().to_string().ends_with("did you mean sysbench?"));
    }
}
