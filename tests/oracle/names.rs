//! Which names are there, in which order of severity, and which levels does each break?

/// The levels, weakest first. `REPEATABLE_READ` and `SNAPSHOT` are incomparable.
pub const LEVELS: [&str; 7] = [
    "read-uncommitted",
    "read-committed",
    "repeatable-read",
    "snapshot",
    "serializable",
    "strong-session-serializable",
    "strict-serializable",
];

/// A set of levels: bit i stands for `LEVELS[i]`.
pub type Levels = u8;

pub const REPEATABLE_READ: Levels = 1 << 2;
pub const SNAPSHOT: Levels = 1 << 3;
pub const STRICT: Levels = 1 << 6;
pub const SESSION_UP: Levels = 1 << 5 | STRICT;
pub const SERIALIZABLE_UP: Levels = 1 << 4 | SESSION_UP;
pub const COMMITTED_UP: Levels = 0b111_1110;
pub const ALL: Levels = 0b111_1111;

/// Every name the notation can express, most severe first: by the weakest level broken (Adya), then storage before
/// isolation, then Elle's order G0, G1c, G-single, G-nonadjacent, G2-item, G2; process order, then real time, last.
pub const NAMES: [&str; 26] = [
    "G0",
    "duplicate version",
    "phantom writer",
    "garbage",
    "G1a",
    "dirty-update",
    "G1b",
    "G1c",
    "lost-update",
    "G-single",
    "G-nonadjacent",
    "internal",
    "G2-item",
    "G2",
    "G0-session",
    "G1c-session",
    "G-single-session",
    "G-nonadjacent-session",
    "G2-item-session",
    "G2-session",
    "G0-realtime",
    "G1c-realtime",
    "G-single-realtime",
    "G-nonadjacent-realtime",
    "G2-item-realtime",
    "G2-realtime",
];

/// The place of a name in `NAMES`.
pub fn rank(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).unwrap_or_else(|| panic!("no such name: {name}"))
}

/// What an anomaly that is no cycle breaks.
pub fn direct_levels(name: &str) -> Levels {
    match name {
        "internal" => SNAPSHOT | SERIALIZABLE_UP,
        "lost-update" => REPEATABLE_READ | SNAPSHOT | SERIALIZABLE_UP,
        _ => COMMITTED_UP,
    }
}

/// The strongest levels among those that hold.
pub fn strongest(violated: Levels) -> Vec<&'static str> {
    let holds = |level: &usize| violated & (1 << level) == 0;
    let candidates: [&[usize]; 6] = [&[6], &[5], &[4], &[2, 3], &[1], &[0]];
    let of = |levels: &&[usize]| levels.iter().filter(|l| holds(l)).map(|l| LEVELS[*l]).collect::<Vec<_>>();
    candidates.iter().map(of).find(|names| !names.is_empty()).unwrap_or_default()
}
