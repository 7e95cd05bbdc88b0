//! Which loops are emitted? Every way to restart with policies that use every part of a template.

use contend::report::{Evidence, Language, emit};
use contend::retry::{Policy, Restart};

pub const RESTARTS: [Restart; 4] = [Restart::Rollback, Restart::Savepoint, Restart::Reconnect, Restart::Single];

/// Every form of delays, and every jitter.
pub const DELAYS: [&str; 15] = [
    "none",
    "immediate",
    "tutorial",
    "constant:5ms",
    "uniform:1ms..9ms",
    "linear:base=2ms,cap=11ms,jitter=equal",
    "exponential:base=2ms,factor=2,cap=250ms,jitter=none",
    "exponential:base=2ms,factor=2,cap=20ms,jitter=full",
    "exponential:base=2ms,factor=1.5,cap=20ms,jitter=equal",
    "exponential:base=2ms,factor=2,cap=50ms,jitter=decorrelated",
    "exponential:base=3ms,factor=2,cap=20ms,jitter=+25%",
    "exponential:base=3ms,factor=2,cap=20ms,jitter=+-50%",
    "exponential:base=3ms,factor=2,cap=20ms,jitter=+10ms",
    "exponential:base=3ms,factor=1.5,cap=40ms,jitter=factor+-6.25%",
    "age:base=20ms,half=30ms,jitter=full",
];

const BEYOND: [&str; 4] =
    ["", "/deadline:1s", "/budget:capacity=10,cost=1,deposit=0.1", "/deadline:1s/budget:capacity=10/aimd:min=2"];

/// Their texts: each form of delays, and each thing that a policy may have beside.
pub fn all() -> Vec<String> {
    let mut texts: Vec<String> = DELAYS.iter().map(ToString::to_string).collect();
    for delays in [DELAYS[1], DELAYS[7], DELAYS[9], DELAYS[14]] {
        texts.extend(BEYOND[1..].iter().map(|beyond| format!("{delays}{beyond}")));
    }
    texts.push(format!("{}/aimd:increase=1,decrease=0.5,min=1", DELAYS[7]));
    texts.push("constant:5ms/attempts:unlimited".to_owned());
    texts
}

/// The loop of a policy by its text.
pub fn emitted(language: Language, policy: &str, restart: Restart) -> String {
    let evidence = Evidence { lines: vec!["goodput: 412/s, 8 rounds".to_owned(), "id: 20260101T000000Z-t".to_owned()] };
    emit(language, &policy.parse::<Policy>().unwrap(), restart, &evidence)
}

#[test]
fn nothing_of_a_template_is_left_and_the_evidence_is_there() {
    for language in Language::ALL {
        for policy in all() {
            for restart in RESTARTS {
                let text = emitted(language, &policy, restart);
                assert!(!text.contains("{{") && !text.contains("@if") && !text.contains("@end"), "{text}");
                assert!(text.contains(&policy.parse::<Policy>().unwrap().to_string()), "{text}");
                assert!(text.contains("goodput: 412/s, 8 rounds\n"), "{text}");
                assert!(text.contains("may have been committed") && text.contains("40P01"), "{text}");
                let savepoint = text.to_lowercase().contains("release");
                assert_eq!(savepoint, restart == Restart::Savepoint, "{text}");
            }
        }
    }
}

#[test]
fn evidence_cannot_leave_its_comment() {
    let lines = ["a\nimport os", "b\rc\u{b}\u{c}\u{85}\u{2028}\u{2029}\0\u{202e}\u{feff}d", "\\u000ae", "{{result}}"];
    let evidence = Evidence { lines: lines.map(ToOwned::to_owned).to_vec() };
    for language in Language::ALL {
        let text = emit(language, &Policy::default(), Restart::Rollback, &evidence);
        let sign = if language == Language::Python { "#" } else { "//" };
        let spaces = " ".repeat(8);
        let comments = ["a", "import os", &format!("b c{spaces}d"), "/u000ae", "{{result}}"];
        let comments = comments.map(|comment| format!("{sign} {comment}\n")).concat();
        assert!(text.contains(&format!("\n{comments}")), "{text}");
        assert_eq!(text.matches("{{").count(), 1, "{text}");
    }
}

#[test]
fn no_limit_is_a_number_that_an_int_can_hold() {
    for (attempts, number) in [("unlimited", "2147483647"), ("4000000000", "2147483647"), ("7", "7")] {
        for language in Language::ALL {
            let text = emitted(language, &format!("immediate/attempts:{attempts}"), Restart::Rollback);
            assert!(text.contains(&format!(" = {number}")), "{text}");
            assert_eq!(text.contains("no limit"), number != "7", "{text}");
        }
    }
}
