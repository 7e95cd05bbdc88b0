//! Which levels can this mix tell apart? A level is tested only by transactions that could show what it forbids.
//!
//! | anomaly | shown by | because |
//! |---|---|---|
//! | dirty reads (G1) | every shape but audit | it reads what its own kind writes |
//! | lost update, read skew | transfer, absolute, peek, skew, batch | they write a row that they have read before |
//! | read skew through a predicate | cap, batch | a list may hold a member and lack one that its writer had seen |
//! | write skew (G2-item) | peek, skew, fresh | they write, and read a row that they do not write |
//! | phantom (G2) | cap, batch | they write, and list what others add to |
//! | an order against sessions or time | every shape but audit | it reads what another one wrote before |
//!
//! Transfer and absolute write every row that they read, so whoever replaced what they read also comes before them in the order of
//! the writes: each of their contradictions is one that snapshot isolation forbids. Audit writes nothing, so nothing can
//! be overwritten *and* overlooked in it: it sees the read skew and the long fork of others, which snapshot isolation forbids,
//! too. Fresh reads one row once: between two of them there is write skew, or a dirty read, and nothing in between.
//!
//! A transfer in a single flight is one statement, and the client sees nothing of what that has read: it only writes.

use super::isolation::{Level, Levels, Name, Needs, Phenomenon};
use crate::history::Shape;
use crate::plan::Flight;

/// Neighbors among the levels, the stronger one first, from strong to weak.
const NEIGHBORS: [(Level, Level); 7] = [
    (Level::StrictSerializable, Level::StrongSessionSerializable),
    (Level::StrongSessionSerializable, Level::Serializable),
    (Level::Serializable, Level::Snapshot),
    (Level::Serializable, Level::RepeatableRead),
    (Level::Snapshot, Level::ReadCommitted),
    (Level::RepeatableRead, Level::ReadCommitted),
    (Level::ReadCommitted, Level::ReadUncommitted),
];

/// Neighboring levels that no transaction of these shapes can tell apart, the stronger one first: of this level and those
/// that it implies.
#[must_use]
pub fn indistinct(shapes: &[Shape], flight: Flight, level: Level) -> Vec<(Level, Level)> {
    let shown = shown(shapes, flight);
    let told = |(strong, weak): (Level, Level)| {
        shown.iter().any(|violated| violated.contains(strong) && !violated.contains(weak))
    };
    NEIGHBORS.into_iter().filter(|pair| level.implies(pair.0) && !told(*pair)).collect()
}

/// What each anomaly that these shapes could show would violate.
fn shown(shapes: &[Shape], flight: Flight) -> Vec<Levels> {
    let is_blind = |shape: &Shape| flight == Flight::Single && *shape == Shape::Transfer;
    let rewrites = shapes.iter().any(|shape| REWRITING.contains(shape) && !is_blind(shape));
    let any = |of: &[Shape]| shapes.iter().any(|shape| of.contains(shape));
    let ordered = |needs| Name { needs, phenomenon: Phenomenon::GSingle }.violates(false);
    let plain = |phenomenon| Name::plain(phenomenon).violates(false);
    let rows = [
        (any(&WRITING), plain(Phenomenon::G1c)),
        (rewrites, plain(Phenomenon::GSingle)),
        (any(&LISTING), Name::plain(Phenomenon::GSingle).violates(true)),
        (any(&OVERLOOKING), plain(Phenomenon::G2Item)),
        (any(&LISTING), plain(Phenomenon::G2)),
        (any(&WRITING), ordered(Needs::Session)),
        (any(&WRITING), ordered(Needs::RealTime)),
    ];
    rows.into_iter().filter(|(could, _)| *could).map(|(_, violated)| violated).collect()
}

const WRITING: [Shape; 7] =
    [Shape::Transfer, Shape::Absolute, Shape::Peek, Shape::Skew, Shape::Batch, Shape::Cap, Shape::Fresh];
/// They write a row that they have read.
const REWRITING: [Shape; 5] = [Shape::Transfer, Shape::Absolute, Shape::Peek, Shape::Skew, Shape::Batch];
/// They write, and read a row that they do not write.
const OVERLOOKING: [Shape; 3] = [Shape::Peek, Shape::Skew, Shape::Fresh];
/// They write, and read by a predicate.
const LISTING: [Shape; 2] = [Shape::Batch, Shape::Cap];

/// The same in words; nothing where every level is told from its neighbors.
#[must_use]
pub fn caveat(shapes: &[Shape], flight: Flight, level: Level) -> Option<String> {
    let pairs = indistinct(shapes, flight, level);
    if shown(shapes, flight).is_empty() {
        return Some("this mix writes nothing that it reads, so it tells no levels apart".to_owned());
    }
    let mut groups: Vec<(Level, Vec<&str>)> = Vec::new();
    for (strong, weak) in pairs {
        match groups.iter_mut().find(|group| group.0 == strong) {
            Some(group) => group.1.push(weaker(strong, weak)),
            None => groups.push((strong, vec![weaker(strong, weak)])),
        }
    }
    let one = |(strong, weak): &(Level, Vec<&str>)| format!("{} from {}", words(*strong), weak.join(" or "));
    let all: Vec<String> = groups.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("this mix cannot tell {}", all.join(", nor ")))
}

/// What a level is called in a sentence. Databases that know a REPEATABLE READ mean snapshot isolation by it, so the level
/// that protects rows but not predicates goes by Adya's name.
fn words(level: Level) -> &'static str {
    match level {
        Level::Snapshot => "snapshot isolation",
        Level::RepeatableRead => "PL-2.99",
        other => other.name(),
    }
}

/// What is left of a level, and why it cannot be told from it where that can be said in passing.
fn weaker(strong: Level, weak: Level) -> &'static str {
    match (strong, weak) {
        (Level::Serializable, Level::RepeatableRead) => "PL-2.99 (no predicate is read)",
        _ => words(weak),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::history::notation;
    use crate::check::isolation::check;

    fn words_for(shapes: &[Shape]) -> Option<String> {
        caveat(shapes, Flight::Sequential, Level::Serializable)
    }

    #[test]
    fn transfers_cannot_tell_serializable_from_snapshot_isolation() {
        let expected = "this mix cannot tell serializable from snapshot isolation or PL-2.99 (no predicate is read)";
        for shapes in [&[Shape::Transfer][..], &[Shape::Absolute], &[Shape::Transfer, Shape::Audit]] {
            assert_eq!(words_for(shapes).as_deref(), Some(expected), "{shapes:?}");
            assert!(
                indistinct(shapes, Flight::Sequential, Level::StrictSerializable)
                    .contains(&(Level::Serializable, Level::Snapshot))
            );
            assert_eq!(
                indistinct(shapes, Flight::Sequential, Level::Snapshot),
                [],
                "lost updates tell it from read-committed"
            );
        }
    }

    #[test]
    fn transfers_in_single_flights_show_nothing_of_what_they_have_read() {
        let pairs = |shape, flight| indistinct(&[shape], flight, Level::Snapshot);
        assert_eq!(pairs(Shape::Transfer, Flight::Pipelined), []);
        assert_eq!(pairs(Shape::Transfer, Flight::Single), [(Level::Snapshot, Level::ReadCommitted)]);
        assert_eq!(pairs(Shape::Absolute, Flight::Single), [], "it travels in two");
        assert_eq!(pairs(Shape::Peek, Flight::Single), []);
    }

    #[test]
    fn one_shape_is_enough_to_tell_snapshot_isolation_and_two_to_tell_everything() {
        for shape in [Shape::Peek, Shape::Skew] {
            let expected = "this mix cannot tell serializable from PL-2.99 (no predicate is read)";
            assert_eq!(words_for(&[Shape::Transfer, shape]).as_deref(), Some(expected));
        }
        assert_eq!(words_for(&[Shape::Skew, Shape::Cap]), None);
        assert_eq!(words_for(&[Shape::Batch]), None);
        assert_eq!(
            indistinct(&[Shape::Transfer, Shape::Peek, Shape::Skew, Shape::Audit], Flight::Sequential, Level::Snapshot),
            []
        );
    }

    #[test]
    fn what_a_shape_alone_leaves_open_below_is_said_too() {
        assert_eq!(
            indistinct(&[Shape::Cap], Flight::Sequential, Level::Serializable),
            [(Level::RepeatableRead, Level::ReadCommitted)]
        );
        let fresh = indistinct(&[Shape::Fresh], Flight::Sequential, Level::Serializable);
        assert_eq!(fresh, [(Level::Serializable, Level::RepeatableRead), (Level::Snapshot, Level::ReadCommitted)]);
        let text = words_for(&[Shape::Fresh]).expect("a caveat");
        assert!(text.ends_with("(no predicate is read), nor snapshot isolation from read-committed"), "{text}");
        assert_eq!(indistinct(&[Shape::Audit], Flight::Sequential, Level::StrictSerializable), NEIGHBORS);
        assert!(words_for(&[Shape::Audit]).is_some_and(|text| text.contains("tells no levels apart")));
        assert!(words_for(&[]).is_some());
    }

    /// What the table says a shape could show, shown: a history that the weaker level permits and the stronger one forbids.
    #[test]
    fn each_difference_has_its_witness() {
        for (shape, (strong, weak), text) in [
            (
                Shape::Transfer,
                (Level::Snapshot, Level::ReadCommitted),
                "T1 s1 [0,9] ok : r(a@0) w(a@2) w(b@1)\nT2 s2 [0,9] ok : r(a@0) w(a@1) w(c@1)",
            ),
            (
                Shape::Peek,
                (Level::Serializable, Level::Snapshot),
                "T1 s1 [0,9] ok : r(a@0) r(c@0) w(a@1) w(b@1)\nT2 s2 [0,9] ok : r(c@0) r(a@0) w(c@1) w(d@1)",
            ),
            (
                Shape::Fresh,
                (Level::Serializable, Level::Snapshot),
                "T1 s1 [0,9] ok : w(a@1) r(b@0)\nT2 s2 [0,9] ok : w(b@1) r(a@0)",
            ),
            (
                Shape::Cap,
                (Level::Snapshot, Level::RepeatableRead),
                "T1 s1 [0,9] ok : rs(G,{}) add(G,x)\nT2 s2 [0,9] ok : rs(G,{x}) add(G,y)\n\
                 T3 s3 [0,9] ok : rs(G,{y}) add(G,z)",
            ),
            (
                Shape::Batch,
                (Level::Serializable, Level::Snapshot),
                "T1 s1 [0,9] ok : r(till@0) add(B,x)\nT2 s2 [0,9] ok : r(till@0) w(till@1)\n\
                 T3 s3 [0,9] ok : r(till@1) rs(B,{})",
            ),
        ] {
            let violated = check(&notation::parse(text).expect("a history")).violated;
            assert!(violated.contains(strong) && !violated.contains(weak), "{shape}: {violated:?}");
            assert!(
                shown(&[shape], Flight::Sequential).iter().any(|shown| shown.contains(strong) && !shown.contains(weak)),
                "{shape}"
            );
        }
    }
}
