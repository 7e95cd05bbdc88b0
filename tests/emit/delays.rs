//! Are the delays those of the policy? The shortest, the mean and the longest of many draws for each attempt.

use std::fs;
use std::process::Command;
use std::time::Duration;

use contend::report::Language;
use contend::retry::{Backoff, Delays, Restart};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::policies::{DELAYS, emitted};
use super::tools::{find, folder, succeed};

const DRAWS: usize = 20_000;
const ATTEMPTS: usize = 8;

/// Shortest, mean and longest delay of each attempt, in milliseconds.
type Shape = Vec<[f64; 3]>;

fn shape_of_backoff(text: &str) -> Shape {
    let delays: Delays = text.parse().unwrap();
    let mut shape = vec![[f64::INFINITY, 0.0, 0.0]; ATTEMPTS];
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..DRAWS {
        let (mut backoff, mut age) = (Backoff::new(delays), Duration::ZERO);
        for [shortest, mean, longest] in &mut shape {
            let delay = backoff.next_delay(age, &mut random);
            age += delay;
            let delay = delay.as_secs_f64() * 1e3;
            *shortest = shortest.min(delay);
            *mean += delay / DRAWS as f64;
            *longest = longest.max(delay);
        }
    }
    shape
}

/// One line of three numbers for each attempt.
fn assert_same(policy: &str, output: &str) {
    let parsed: Shape = output
        .lines()
        .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect::<Vec<f64>>().try_into().unwrap())
        .collect();
    assert_eq!(parsed.len(), ATTEMPTS, "{output}");
    for (attempt, (here, there)) in shape_of_backoff(policy).into_iter().zip(parsed).enumerate() {
        // Means of so many draws are this close; extremes of what has gone through many attempts less so, and least where a
        // long wait makes the next ones short.
        let extremes = if policy.starts_with("age") { 0.3 } else { 0.1 };
        for (index, share) in [extremes, 0.02, extremes].into_iter().enumerate() {
            let tolerance = share * here[2] + 1e-6;
            let text = format!("{policy} after attempt {}: {here:?} and {there:?}", attempt + 1);
            assert!((here[index] - there[index]).abs() <= tolerance, "{text}");
        }
    }
}

#[test]
fn python_waits_as_the_policy_does() {
    let Some(python) = find("python3") else { return };
    let driver = format!(
        "
import inspect
shape = [[float('inf'), 0.0, 0.0] for _ in range({ATTEMPTS})]
names = list(inspect.signature(retry_delay_ms).parameters)
for _ in range({DRAWS}):
    values = {{'failures': 0, 'previous': 0.0, 'elapsed': 0.0}}
    for one in shape:
        values['failures'] += 1
        delay = values['previous'] = retry_delay_ms(*(values[name] for name in names))
        values['elapsed'] += delay
        one[:] = min(one[0], delay), one[1] + delay / {DRAWS}, max(one[2], delay)
for one in shape:
    print(*one)
# Any number of attempts is no error.
retry_delay_ms(*({{'failures': 10**6, 'previous': 1.0, 'elapsed': 1e9}}[name] for name in names))
"
    );
    let folder = folder("delays-python");
    for policy in DELAYS {
        let file = folder.join("delays.py");
        fs::write(&file, emitted(Language::Python, policy, Restart::Rollback) + &driver).unwrap();
        assert_same(policy, &succeed(Command::new(&python).arg(&file)));
    }
}

#[test]
fn node_waits_as_the_policy_does() {
    let Some(node) = find("node") else { return };
    let driver = format!(
        "
const shape = Array.from({{ length: {ATTEMPTS} }}, () => [Infinity, 0, 0]);
const names = /\\((.*?)\\)/.exec(retryDelayMs.toString())[1].split(', ').filter(Boolean);
for (let draw = 0; draw < {DRAWS}; draw++) {{
  const values = {{ failures: 0, previous: 0, elapsed: 0 }};
  for (const one of shape) {{
    values.failures++;
    const delay = (values.previous = retryDelayMs(...names.map((name) => values[name])));
    values.elapsed += delay;
    one.splice(0, 3, Math.min(one[0], delay), one[1] + delay / {DRAWS}, Math.max(one[2], delay));
  }}
}}
for (const one of shape) console.log(one.join(' '));
"
    );
    let folder = folder("delays-node");
    for policy in DELAYS {
        let text = emitted(Language::TypeScript, policy, Restart::Rollback);
        // The constants and the function have no types but this one.
        let (begin, end) = (text.find("/** Attempts").unwrap(), text.find("/**\n * Nobody knows").unwrap());
        let script = text[begin..end].replace(": number", "").replace("export ", "");
        let file = folder.join("delays.cjs");
        fs::write(&file, script + &driver).unwrap();
        assert_same(policy, &succeed(Command::new(&node).arg(&file)));
    }
}
