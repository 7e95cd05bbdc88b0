//! How long does a policy wait? Its shortest, mean and longest wait before attempts 2 to 9.

use super::mark;
use super::scale::{Scale, time};
use super::sheet::{Anchor, BODY, EDGE, GRID, Sheet, Text, WIDTH};
use crate::report::picture::geometry::{Point, Rect};
use crate::report::units::{ABSENT, counted};
use crate::retry::{self, Policy};

const LEFT: f64 = 84.0;
const RIGHT: f64 = WIDTH - EDGE;
const TOP: f64 = 100.0;
const BOTTOM: f64 = 330.0;
const BAR: f64 = 34.0;
/// The last attempt that is shown.
const LAST: u32 = 9;

/// The waits before one attempt, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Wait {
    min: f64,
    mean: f64,
    max: f64,
}

/// The chart.
pub(super) fn draw(name: &str, policy: &Policy) -> Sheet {
    let mut sheet = Sheet::new(name, &explanation(name, policy));
    let waits = waits(policy);
    let longest = waits.iter().map(|wait| wait.max).fold(0.0, f64::max);
    // A policy that never waits has a scale all the same.
    let scale = Scale::linear((0.0, if longest > 0.0 { longest * 1.08 } else { 1e6 }), BOTTOM, TOP);
    for tick in scale.ticks() {
        let y = scale.at(tick);
        sheet.line(Point::new(LEFT, y), Point::new(RIGHT, y), GRID, 1.0);
        sheet.text(Text::new(Point::new(LEFT - 8.0, y + 4.0), &round(tick)).anchored(Anchor::End).gray());
    }
    sheet.text(
        Text::new(
            Point::new(EDGE, TOP - 14.0),
            "Wait before each attempt: from the shortest to the longest, and the mean",
        )
        .sized(BODY),
    );
    let column = (RIGHT - LEFT) / f64::from(LAST - 1);
    for (number, attempt) in (2..=LAST).enumerate() {
        let x = LEFT + column * (number as f64 + 0.5);
        let wait = waits.get(number);
        if let Some(wait) = wait {
            show_wait(&mut sheet, *wait, scale, x);
        }
        let words = wait.map_or_else(|| [ABSENT, ABSENT, ABSENT].map(str::to_owned), Wait::words);
        for (row, words) in (0..).zip([attempt.to_string()].iter().chain(&words)) {
            sheet.text(Text::new(Point::new(x, line(row)), words).anchored(Anchor::Middle).bold(row == 0));
        }
    }
    for (row, words) in (0..).zip(["attempt", "longest", "mean", "shortest"]) {
        sheet.text(Text::new(Point::new(EDGE, line(row)), words).gray());
    }
    sheet.height = line(3) + EDGE;
    sheet
}

/// The height of a line below the bars.
fn line(row: u32) -> f64 {
    BOTTOM + 22.0 + 20.0 * f64::from(row)
}

impl Wait {
    /// The longest, the mean and the shortest.
    fn words(&self) -> [String; 3] {
        // What is drawn as nothing is nothing: the shortest of so many draws is only as short as they are many.
        let shortest = if self.min < self.max / 1_000.0 { 0.0 } else { self.min };
        [self.max, self.mean, shortest].map(round)
    }
}

fn explanation(name: &str, policy: &Policy) -> String {
    let attempts = counted(policy.limits.max_attempts.into(), "attempt");
    let text = policy.to_string();
    if text == name { format!("at most {attempts}") } else { format!("{text}; at most {attempts}") }
}

fn show_wait(sheet: &mut Sheet, wait: Wait, scale: Scale, x: f64) {
    let (y0, y1, y) = (scale.at(wait.max), scale.at(wait.min), scale.at(wait.mean));
    let bar = Rect { x0: x - BAR / 2.0, x1: x + BAR / 2.0, y0, y1 };
    sheet.rect(bar, mark::color(0), 0.3);
    // A wait that is always the same is a line, not a bar.
    sheet.line(Point::new(bar.x0, y), Point::new(bar.x1, y), mark::color(0), 3.0);
}

/// Two digits: more would be noise of the draws.
fn round(nanoseconds: f64) -> String {
    if nanoseconds <= 0.0 {
        return "0".to_owned();
    }
    let unit = 10_f64.powf(nanoseconds.log10().floor() - 1.0);
    time((nanoseconds / unit).round() * unit)
}

/// The waits before attempt 2, 3 and so on, as far as the policy goes.
fn waits(policy: &Policy) -> Vec<Wait> {
    let in_nanoseconds =
        |wait: retry::Wait| Wait { min: wait.min_s * 1e9, mean: wait.mean_s * 1e9, max: wait.max_s * 1e9 };
    policy.waits(LAST).into_iter().map(in_nanoseconds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(text: &str) -> Policy {
        text.parse().unwrap()
    }

    #[test]
    fn the_waits_are_those_of_the_formula() {
        let waits = waits(&policy("exponential:base=10ms,factor=2,cap=100ms,jitter=equal"));
        assert_eq!(waits.len(), 8);
        for (wait, delay) in waits.iter().zip([10e6, 20e6, 40e6, 80e6, 100e6, 100e6, 100e6, 100e6]) {
            for (found, expected) in [(wait.min, delay / 2.0), (wait.mean, delay * 0.75), (wait.max, delay)] {
                assert!((found / expected - 1.0).abs() < 0.01, "{wait:?} of {delay}");
            }
        }
    }

    #[test]
    fn a_policy_that_gives_up_waits_no_more() {
        assert_eq!(waits(&policy("none")), []);
        let tutorial = waits(&policy("tutorial"));
        assert_eq!(tutorial.len(), 2);
        assert!((tutorial[0].mean / 0.2e9 - 1.0).abs() < 0.01, "{tutorial:?}");
        let sheet = draw("tutorial", &policy("tutorial"));
        assert_eq!(sheet.texts.iter().filter(|text| text.words == ABSENT).count(), 18);
    }

    #[test]
    fn two_digits_are_written() {
        let cases =
            [(0.0, "0"), (2_004_000.0, "2 ms"), (1_513_000.0, "1.5 ms"), (249.6e6, "250 ms"), (99.6e6, "100 ms")];
        for (nanoseconds, text) in cases {
            assert_eq!(round(nanoseconds), text);
        }
    }
}
