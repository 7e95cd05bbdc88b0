//! `contend policies`: which retry policies are there, and how long do they wait?

use clap::Args;

use super::Exit;
use super::exit::{self, Stop};
use crate::report::{self, Policies, Style};
use crate::retry::{Description, FORMS, ParsePolicyError, Preset};

/// Below the flags.
pub(super) const EXAMPLES: &str = "\
Examples:
  contend policies
  contend policies jepsen exponential:base=5ms,cap=1s,jitter=equal/attempts:10
  contend run --retry cockroach-go/attempts:5 --restart savepoint";

/// `contend policies`.
#[derive(Debug, Args)]
pub(super) struct PoliciesFlags {
    /// Forms, presets or whole policies to look at (default: the list of all forms and presets)
    #[arg(value_name = "NAME_OR_POLICY")]
    policies: Vec<String>,
    /// Print them as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(flags: &PoliciesFlags) -> Result<Exit, Stop> {
    let wrong = |error: ParsePolicyError| Stop::usage(error.to_string());
    let text = if flags.policies.is_empty() {
        let forms = FORMS.iter().map(Description::of_form).collect::<Result<_, _>>().map_err(wrong)?;
        let presets = Preset::ALL.iter().map(Description::of_preset).collect::<Result<_, _>>().map_err(wrong)?;
        let all = Policies { forms, presets };
        if flags.json { report::policies_json(&all) } else { report::policies(&all, Style::of_stdout()) }
    } else {
        let described: Vec<Description> =
            flags.policies.iter().map(|text| Description::of(text)).collect::<Result<_, _>>().map_err(wrong)?;
        if flags.json {
            report::policies_json(&described)
        } else {
            report::policy_details(&described, Style::of_stdout())
        }
    };
    exit::print(&text)?;
    Ok(Exit::Holds)
}
