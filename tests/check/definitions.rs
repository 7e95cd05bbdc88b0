//! What do the definitions say about one cycle, and about one name?

/// Why one transaction is before another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Edge {
    Ww,
    Wr,
    Rw,
    RwSet,
    Session,
    Time,
}

/// The name of a cycle, and the levels it violates in the order of `Level::ALL`.
pub fn classify(edges: &[Edge]) -> (String, [bool; 7]) {
    let rw = |edge: Edge| matches!(edge, Edge::Rw | Edge::RwSet);
    let count = edges.iter().filter(|edge| rw(**edge)).count();
    let adjacent = (0..edges.len()).any(|at| rw(edges[at]) && rw(edges[(at + 1) % edges.len()]));
    let set = edges.contains(&Edge::RwSet);
    let (base, mut levels) = match (count, adjacent) {
        (0, _) if !edges.contains(&Edge::Wr) => ("G0", [true; 7]),
        (0, _) => ("G1c", [false, true, true, true, true, true, true]),
        (1, _) => ("G-single", [false, false, !set, true, true, true, true]),
        (_, false) => ("G-nonadjacent", [false, false, !set, true, true, true, true]),
        _ if set => ("G2", [false, false, false, false, true, true, true]),
        _ => ("G2-item", [false, false, true, false, true, true, true]),
    };
    let suffix = if edges.contains(&Edge::Time) {
        levels = [false, false, false, false, false, false, true];
        "-realtime"
    } else if edges.contains(&Edge::Session) {
        levels = [false, false, false, false, false, true, true];
        "-session"
    } else {
        ""
    };
    (format!("{base}{suffix}"), levels)
}

/// The levels that a name without a cycle violates, in the order of `Level::ALL`.
pub fn direct_levels(name: &str) -> [bool; 7] {
    match name {
        "internal" => [false, false, false, true, true, true, true],
        _ => [false, true, true, true, true, true, true],
    }
}

/// The order of severity of cycles.
pub fn rank(name: &str) -> (usize, usize) {
    let bases = ["G0", "G1c", "G-single", "G-nonadjacent", "G2-item", "G2"];
    let needs = ["", "-session", "-realtime"];
    let places = (0..3).flat_map(|need| (0..6).map(move |base| (need, base)));
    places.into_iter().find(|(need, base)| format!("{}{}", bases[*base], needs[*need]) == name).expect("a name")
}
