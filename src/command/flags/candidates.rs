//! Which policies take part? A list of policies, whose own options have commas too.

use crate::command::exit::Stop;
use crate::retry::{Policy, Restart};
use crate::tune::Candidate;

/// A policy as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    text: String,
    policy: Policy,
    /// None where it is as with all others.
    restart: Option<Restart>,
}

/// Reads a list such as `immediate,exponential:base=2ms,cap=1s,constant:5ms@savepoint`.
pub(super) fn asked(list: &str) -> Result<Vec<Asked>, String> {
    split(list)?.into_iter().map(one).collect()
}

/// A piece that assigns something belongs to the policy in front of it.
fn split(list: &str) -> Result<Vec<String>, String> {
    let mut policies: Vec<String> = Vec::new();
    for piece in list.split(',').map(str::trim) {
        let is_option = piece.find(['=', ':']).is_some_and(|at| piece[at..].starts_with('='));
        match policies.last_mut() {
            Some(policy) if is_option => *policy = format!("{policy},{piece}"),
            None if is_option => {
                return Err(format!("\"{piece}\" is the option of no policy; name one in front of it"));
            }
            _ if piece.is_empty() => return Err("a policy is missing between two commas or at an end".to_owned()),
            _ => policies.push(piece.to_owned()),
        }
    }
    Ok(policies)
}

fn one(text: String) -> Result<Asked, String> {
    let (policy, restart) = text.rsplit_once('@').map_or((text.as_str(), None), |(policy, how)| (policy, Some(how)));
    let restart =
        restart.map(str::parse).transpose().map_err(|error: crate::retry::ParsePolicyError| error.to_string())?;
    let policy = policy.parse().map_err(|error: crate::retry::ParsePolicyError| error.to_string())?;
    Ok(Asked { text, policy, restart })
}

/// Gives each one its name, and what all have in common; two that are called the same are numbered.
pub(super) fn candidates(
    asked: &[Asked],
    restart: Restart,
    limit: impl Fn(Policy) -> Policy,
) -> Result<Vec<Candidate>, Stop> {
    let count = |text: &str, among: &[Asked]| among.iter().filter(|other| other.text == text).count();
    let named = asked.iter().enumerate().map(|(index, Asked { text, policy, restart: own })| {
        let name = match count(text, asked) {
            1 => text.clone(),
            _ => format!("{text}#{}", count(text, &asked[..=index])),
        };
        Candidate { name, policy: limit(*policy), restart: own.unwrap_or(restart) }
    });
    let candidates: Vec<Candidate> = named.collect();
    if candidates.len() > MOST {
        return Err(Stop::usage(format!("--policies: {} policies; {MOST} are the most", candidates.len())));
    }
    Ok(candidates)
}

/// More than anybody waits for.
const MOST: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<String> {
        let asked = asked(list).unwrap();
        let candidates = candidates(&asked, Restart::Rollback, |policy| policy).unwrap();
        candidates
            .into_iter()
            .map(|candidate| format!("{}|{}|{}", candidate.name, candidate.policy, candidate.restart))
            .collect()
    }

    #[test]
    fn commas_belong_to_a_policy_where_an_option_follows() {
        assert_eq!(
            names("exponential:base=2ms,cap=1s, immediate,constant:5ms"),
            [
                "exponential:base=2ms,cap=1s|exponential:base=2ms,factor=2,cap=1s,jitter=full|rollback",
                "immediate|immediate|rollback",
                "constant:5ms|constant:5ms|rollback",
            ]
        );
    }

    #[test]
    fn a_policy_may_say_its_own_restart_and_twice_the_same_is_numbered() {
        assert_eq!(
            names("immediate,constant:5ms@reconnect,immediate"),
            [
                "immediate#1|immediate|rollback",
                "constant:5ms@reconnect|constant:5ms|reconnect",
                "immediate#2|immediate|rollback",
            ]
        );
    }

    #[test]
    fn a_wrong_list_is_told_in_one_line() {
        for (list, words) in [
            ("", "a policy is missing"),
            ("immediate,,none", "a policy is missing"),
            ("cap=1s,immediate", "\"cap=1s\" is the option of no policy"),
            ("immediate,expo", "no retry policy is called \"expo\""),
            ("immediate@sideways", "no way to restart is called \"sideways\""),
            ("immediate,base=2ms", "immediate,base=2ms"),
        ] {
            let error = asked(list).unwrap_err();
            assert!(error.contains(words) && error.lines().count() == 1, "{list}: {error}");
        }
    }
}
