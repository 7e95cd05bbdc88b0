//! Which way does each arrow take, and where does its label stand? Tried out, so that nothing lies on anything else.
//!
//! Arrow by arrow, the best way and the best place for the label among the others that are there already; then each of
//! them once more, a few times. All choices are weighed in the same order, so that a figure always looks the same.

use super::geometry::{Curve, Point, Rect};
use super::route::Way;

/// So often each arrow is placed anew.
const ROUNDS: usize = 4;
/// Ways that are looked at, of those that are the best alone.
const WAYS: usize = 120;
/// Of them, those for which places of the label are looked for.
const CLOSE: usize = 14;
/// Around a label.
const MARGIN: f64 = 6.0;
/// In front of the head of an arrow.
const HEAD: f64 = 11.0;
/// What weighs as much as something that nobody can read.
const UNREADABLE: f64 = 400.0;

/// An arrow that is to be placed.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) ways: Vec<Way>,
    /// Width and height of the label.
    pub(super) label: (f64, f64),
}

/// Where an arrow runs, and where its label stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) curve: Curve,
    pub(super) label: Rect,
    cost: f64,
}

/// Where labels may stand: between the rows.
#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) gutters: Vec<Rect>,
}

/// The places, and how much of them cannot be read.
pub(super) fn place(mut tasks: Vec<Task>, room: &Room) -> (Vec<Placed>, usize) {
    for task in &mut tasks {
        task.ways.sort_by(|one, other| one.cost.total_cmp(&other.cost));
        task.ways.truncate(WAYS);
    }
    let mut placed: Vec<Option<Placed>> = vec![None; tasks.len()];
    // Those that have the fewest ways first.
    let mut turns: Vec<usize> = (0..tasks.len()).collect();
    turns.sort_by_key(|task| tasks[*task].ways.len());
    for _ in 0..ROUNDS {
        for turn in &turns {
            placed[*turn] = None;
            let others: Vec<&Placed> = placed.iter().flatten().collect();
            placed[*turn] = best(&tasks[*turn], &others, room);
        }
    }
    let placed: Vec<Placed> = placed.into_iter().flatten().collect();
    let unreadable = placed.iter().filter(|arrow| arrow.cost >= UNREADABLE).count();
    (placed, unreadable)
}

fn best(task: &Task, others: &[&Placed], room: &Room) -> Option<Placed> {
    let weigh = |way: &Way| {
        let crossings: usize = others.iter().map(|other| way.curve.crossings(&other.curve)).sum();
        let hidden = others.iter().filter(|other| way.curve.inside(other.label.grown(MARGIN)) > 0).count();
        let together: f64 = others.iter().map(|other| touching(&way.curve, &other.curve)).sum();
        way.cost + crossings as f64 * 30.0 + together + hidden as f64 * UNREADABLE
    };
    let mut ways: Vec<(f64, &Way)> = task.ways.iter().map(|way| (weigh(way), way)).collect();
    ways.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut best: Option<Placed> = None;
    for (cost, way) in ways.into_iter().take(CLOSE) {
        for (label, dislike) in labels(&way.curve, task.label) {
            let total = cost + dislike + against(label, &way.curve, others, room);
            if best.as_ref().is_none_or(|best| total < best.cost) {
                best = Some(Placed { curve: way.curve.clone(), label, cost: total });
            }
        }
    }
    best
}

/// Arrows that begin or end at the same place look like one.
fn touching(one: &Curve, other: &Curve) -> f64 {
    let ends = [one.start, one.end()];
    let close = |distance: f64| (18.0 - distance).max(0.0) * 3.0;
    let each = ends.iter().flat_map(|end| [other.start, other.end()].map(|its| close(end.distance(its))));
    let columns = |curve: &Curve| (curve.pieces.len() > 1).then(|| curve.pieces[0].end.x);
    let side_by_side = match (columns(one), columns(other)) {
        (Some(one), Some(other)) if (one - other).abs() < 10.0 => 60.0,
        _ => 0.0,
    };
    each.sum::<f64>() + side_by_side
}

/// Places for a label: on its own line, which may run through it anywhere.
fn labels(curve: &Curve, (width, height): (f64, f64)) -> Vec<(Rect, f64)> {
    let count = curve.points.len();
    let mut labels = Vec::new();
    for (number, point) in curve.points.iter().enumerate().skip(2) {
        let off = (number as f64 / (count - 1) as f64 - 0.5).abs();
        for (part, dislike) in [(0.0, 0.0), (-0.2, 2.0), (0.2, 2.0), (-0.42, 5.0), (0.42, 5.0)] {
            let center = Point::new(point.x + width * part, point.y);
            labels.push((Rect::centered(center, width, height), off * 12.0 + dislike));
        }
    }
    labels
}

fn against(label: Rect, own: &Curve, others: &[&Placed], room: &Room) -> f64 {
    let mut faults = 0;
    faults += usize::from(!room.gutters.iter().any(|gutter| label.is_inside(*gutter)));
    faults += usize::from(label.grown(HEAD).contains(own.end()));
    for other in others {
        faults += usize::from(label.grown(MARGIN).overlaps(other.label.grown(MARGIN / 2.0)));
        faults += usize::from(other.curve.inside(label.grown(MARGIN)) > 0);
        faults += usize::from(label.grown(HEAD).contains(other.curve.end()));
    }
    faults as f64 * UNREADABLE
}
