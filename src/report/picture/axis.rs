//! Where is an instant? On a true scale, or, where that would hide a bar, in order only.

use std::collections::BTreeSet;

use super::text::{SMALL, width};
use super::words::time;
use crate::check::history::Clock;

/// On a true scale no bar is shorter.
const SHORTEST: f64 = 64.0;
/// Nor are two different instants closer.
const CLOSEST: f64 = 6.0;
/// Without a scale, two neighbors are at least this far apart, in pixels, before the bars are given their room.
const STEP: f64 = 10.0;
/// So often the room is dealt out anew.
const ROUNDS: usize = 60;

/// A transaction's time, and how wide its bar would like to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) wanted: f64,
}

/// What is left of another instant is not later. A start is left of an end at the same instant: they are not in order.
type Mark = (i64, bool);

#[derive(Clone, Debug)]
pub(super) struct Axis {
    /// Ascending, with where they are.
    marks: Vec<(Mark, f64)>,
    pub(super) left: f64,
    pub(super) right: f64,
    /// Where a label stands, centered.
    pub(super) ticks: Vec<(f64, String)>,
    pub(super) caption: String,
}

impl Axis {
    pub(super) fn new(spans: &[Span], left: f64, right: f64, clock: Clock) -> Self {
        let marks: BTreeSet<Mark> = spans.iter().flat_map(|span| [(span.from, false), (span.to, true)]).collect();
        let marks: Vec<Mark> = marks.into_iter().collect();
        let mut axis = Self { marks: Vec::new(), left, right, ticks: Vec::new(), caption: String::new() };
        let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return axis };
        let length = distance(first.0, last.0);
        let true_scale = |mark: &Mark| left + distance(first.0, mark.0) / length.max(1.0) * (right - left);
        axis.marks = marks.iter().map(|mark| (*mark, true_scale(mark))).collect();
        let to_scale = axis.shows_everything(spans);
        if !to_scale {
            axis.marks = in_order(&marks, spans, left, right);
        }
        let unit = if clock == Clock::Nanoseconds { format!("; 0 is {}", seconds(first.0)) } else { String::new() };
        axis.caption = if to_scale { format!("time{unit}") } else { format!("times in order, not to scale{unit}") };
        axis.label(clock, first.0);
        axis
    }

    /// Where a start is; where an end is.
    pub(super) fn at(&self, instant: i64, is_end: bool) -> f64 {
        let at = self.marks.binary_search_by(|(mark, _)| mark.cmp(&(instant, is_end)));
        at.ok().and_then(|at| self.marks.get(at)).map_or(self.left, |(_, x)| *x)
    }

    fn shows_everything(&self, spans: &[Span]) -> bool {
        let apart = |pair: &[(Mark, f64)]| pair[0].0.0 == pair[1].0.0 || pair[1].1 - pair[0].1 >= CLOSEST;
        self.marks.windows(2).all(apart)
            && spans.iter().all(|span| self.at(span.to, true) - self.at(span.from, false) >= SHORTEST)
    }

    /// Every instant that there is room for; the first and the last in any case.
    fn label(&mut self, clock: Clock, zero: i64) {
        let name = |instant: i64| match clock {
            Clock::Ticks => instant.to_string(),
            Clock::Nanoseconds => time(clock, instant.saturating_sub(zero)),
        };
        let half = |text: &str| width(text, SMALL) / 2.0 + 5.0;
        let mut marks: Vec<(f64, String)> = self.marks.iter().map(|((instant, _), x)| (*x, name(*instant))).collect();
        let last = marks.pop();
        let limit = last.as_ref().map_or(self.right, |(x, text)| x - half(text));
        let mut used = f64::MIN;
        for (x, text) in marks {
            if x - half(&text) >= used && x + half(&text) <= limit {
                used = x + half(&text);
                self.ticks.push((x, text));
            }
        }
        self.ticks.extend(last);
    }
}

/// Gaps between neighboring marks, widened where bars are too short for what is written on them.
fn in_order(marks: &[Mark], spans: &[Span], left: f64, right: f64) -> Vec<(Mark, f64)> {
    let place = |mark: Mark| marks.binary_search(&mark).unwrap_or_default();
    let bars: Vec<(usize, usize, f64)> =
        spans.iter().map(|span| (place((span.from, false)), place((span.to, true)), span.wanted)).collect();
    let gaps = marks.len() - 1;
    let step = STEP.min((right - left) / 2.0 / gaps as f64);
    let room = right - left - step * gaps as f64;
    let mut weights = vec![1.0; gaps];
    let total = |weights: &[f64]| weights.iter().sum::<f64>();
    for _ in 0..ROUNDS {
        let scale = room / total(&weights);
        for (begin, end, wanted) in &bars {
            let has: f64 = weights[*begin..*end].iter().map(|weight| weight * scale + step).sum();
            let factor = (wanted / has).clamp(1.0, 1.15);
            weights[*begin..*end].iter_mut().for_each(|weight| *weight *= factor);
        }
    }
    let scale = room / total(&weights);
    let mut x = left;
    let mut placed = vec![(marks[0], x)];
    for (mark, weight) in marks[1..].iter().zip(&weights) {
        x += weight * scale + step;
        placed.push((*mark, x));
    }
    placed
}

fn distance(from: i64, to: i64) -> f64 {
    to.abs_diff(from) as f64
}

fn seconds(nanoseconds: i64) -> String {
    crate::check::history::Names { clock: Clock::Nanoseconds, ..Default::default() }.time(nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(times: &[(i64, i64)]) -> Axis {
        let spans: Vec<Span> = times.iter().map(|(from, to)| Span { from: *from, to: *to, wanted: 150.0 }).collect();
        Axis::new(&spans, 100.0, 700.0, Clock::Ticks)
    }

    #[test]
    fn times_are_true_where_every_bar_can_be_seen() {
        let axis = axis(&[(0, 10), (5, 20)]);
        assert_eq!((axis.caption.as_str(), axis.at(5, false), axis.at(20, true)), ("time", 250.0, 700.0));
    }

    #[test]
    fn otherwise_they_are_in_order() {
        for times in [
            &[(0, 1), (1, 1_000_000)][..],
            &[(3, 3)],
            &[(0, 9), (0, 9_000_000), (8, i64::MAX)],
            &[(i64::MIN, i64::MAX), (0, 0)],
        ] {
            let axis = axis(times);
            assert!(axis.caption.starts_with("times in order, not to scale"), "{times:?}");
            for (from, to) in times {
                assert!(axis.at(*to, true) - axis.at(*from, false) > 60.0, "{times:?}: {axis:?}");
            }
        }
        let touching = axis(&[(0, 1), (1, 1_000_000)]);
        assert!(touching.at(1, false) < touching.at(1, true), "what touches is not in order");
    }
}
