//! Is each level what its name says? The schedules of the papers, step by step.

use super::Level;
use super::script::play;

const RC: &str = "read-committed";
const SI: &str = "snapshot";
const SSI: &str = "serializable";

/// Plays a schedule on each level, and compares.
fn compare(schedule: &str, expected: [(&str, &str); 3]) {
    for (level, done) in expected {
        assert_eq!(play(level, schedule), done, "{schedule} at {level}");
    }
}

#[test]
fn nobody_reads_what_is_not_committed() {
    let done = "w1(1)=1 r2(1)=0 a1 r2(1)=0 c2";
    compare("w1(1) r2(1) a1 r2(1) c2", [RC, SI, SSI].map(|level| (level, done)));
    for level in Level::ALL {
        assert!(play(level.name(), "w1(1) r2(1) c1 c2").contains("r2(1)=0"), "{level}");
    }
}

#[test]
fn everybody_reads_what_he_wrote_himself() {
    let schedule = "w1(1) r1(1) w1(1) r1(1) j1(7) s1(7) i1(6) l1(6) c1 r2(1) s2(7) l2(6) c2";
    let done = "w1(1)=1 r1(1)=1 w1(1)=2 r1(1)=2 j1(7) s1(7)=1 i1(6)=1 l1(6)=1 c1 r2(1)=2 s2(7)=1 l2(6)=1 c2";
    compare(schedule, [RC, SI, SSI].map(|level| (level, done)));
}

/// Berenson et al. 1995, P4.
#[test]
fn lost_update() {
    let refused = "r1(1)=0 r2(1)=0 w1(1)=1 c1 w2(1)!write-write";
    let lost = "r1(1)=0 r2(1)=0 w1(1)=1 c1 w2(1)=2 c2";
    compare("r1(1) r2(1) w1(1) c1 w2(1) c2", [(RC, lost), (SI, refused), (SSI, refused)]);
    // The same behind a lock.
    compare("r1(1) r2(1) w1(1) w2(1) c1 c2", [(RC, lost), (SI, refused), (SSI, refused)]);
    let after_abort = "r1(1)=0 r2(1)=0 w1(1)=1 a1 w2(1)=1 c2";
    compare("r1(1) r2(1) w1(1) w2(1) a1 c2", [RC, SI, SSI].map(|level| (level, after_abort)));
}

/// Berenson et al. 1995, A5A.
#[test]
fn read_skew() {
    let (skewed, shown) = ("r1(1)=0 w2(1)=1 w2(2)=1 c2 r1(2)=1 c1", "r1(1)=0 w2(1)=1 w2(2)=1 c2 r1(2)=0 c1");
    compare("r1(1) w2(1) w2(2) c2 r1(2) c1", [(RC, skewed), (SI, shown), (SSI, shown)]);
}

/// The snapshot is taken by the first statement, not by BEGIN: `r1` comes behind `c2`.
#[test]
fn a_snapshot_shows_what_was_committed_before_the_first_statement() {
    let done = "w2(1)=1 c2 r1(1)=1 w3(1)=2 c3 r1(1)=1 c1";
    compare(
        "w2(1) c2 r1(1) w3(1) c3 r1(1) c1",
        [(RC, &done.replace("r1(1)=1 c1", "r1(1)=2 c1")), (SI, done), (SSI, done)],
    );
}

/// Berenson et al. 1995, A5B.
#[test]
fn write_skew() {
    let both = "r1(1)=0 r1(2)=0 r2(1)=0 r2(2)=0 w1(1)=1 w2(2)=1 c1 c2";
    let one = "r1(1)=0 r1(2)=0 r2(1)=0 r2(2)=0 w1(1)=1 w2(2)=1 c1 c2!pivot";
    compare("r1(1) r1(2) r2(1) r2(2) w1(1) w2(2) c1 c2", [(RC, both), (SI, both), (SSI, one)]);
    // Found at the write, and at the read.
    assert_eq!(
        play(SSI, "r1(1) r1(2) r2(1) w1(1) c1 r2(1) w2(2) c2"),
        "r1(1)=0 r1(2)=0 r2(1)=0 w1(1)=1 c1 r2(1)=0 w2(2)!pivot"
    );
    assert_eq!(
        play(SSI, "r2(3) r1(1) r1(2) w1(1) c1 w2(2) r2(1) c2"),
        "r2(3)=0 r1(1)=0 r1(2)=0 w1(1)=1 c1 w2(2)=1 r2(1)!pivot"
    );
}

/// Berenson et al. 1995, A3: a group is counted, and grows.
#[test]
fn phantom() {
    let both = "s1(7)=0 s2(7)=0 j1(7) j2(7) c1 c2 s3(7)=2 c3";
    let one = "s1(7)=0 s2(7)=0 j1(7) j2(7) c1 c2!pivot s3(7)=1 c3";
    compare("s1(7) s2(7) j1(7) j2(7) c1 c2 s3(7) c3", [(RC, both), (SI, both), (SSI, one)]);
    // In different groups they do not meet.
    assert_eq!(play(SSI, "s1(7) s2(8) j1(7) j2(8) c1 c2"), "s1(7)=0 s2(8)=0 j1(7) j2(8) c1 c2");
}

/// A row that is not there can be read, too.
#[test]
fn two_that_insert_and_look_for_each_other() {
    let both = "i1(6)=1 i2(7)=1 l1(7)=0 l2(6)=0 c1 c2";
    compare("i1(6) i2(7) l1(7) l2(6) c1 c2", [(RC, both), (SI, both), (SSI, &both.replace(" c2", " c2!pivot"))]);
}

/// Fekete, O'Neil, O'Neil 2004: without the transaction that only reads everything would be in order.
#[test]
fn the_read_only_anomaly() {
    let without = "r2(1)=0 r2(2)=0 r1(2)=0 w1(2)=1 c1 w2(1)=1 c2";
    compare("r2(1) r2(2) r1(2) w1(2) c1 w2(1) c2", [RC, SI, SSI].map(|level| (level, without)));
    let anomaly = "r2(1)=0 r2(2)=0 r1(2)=0 w1(2)=1 c1 r3(1)=0 r3(2)=1 c3 w2(1)=1 c2";
    let schedule = "r2(1) r2(2) r1(2) w1(2) c1 r3(1) r3(2) c3 w2(1) c2";
    compare(schedule, [(RC, anomaly), (SI, anomaly), (SSI, &anomaly.replace(" c2", " c2!pivot"))]);
    // The reader comes last: then it is the one who cannot go on.
    assert_eq!(
        play(SSI, "r2(1) r2(2) r1(2) w1(2) c1 r3(3) w2(1) c2 r3(1) r3(2) c3"),
        "r2(1)=0 r2(2)=0 r1(2)=0 w1(2)=1 c1 r3(3)=0 w2(1)=1 c2 r3(1)!pivot"
    );
    // And one that began before the first commit is in nobody's way.
    assert_eq!(
        play(SSI, "r3(3) r2(1) r2(2) r1(2) w1(2) c1 w2(1) c2 r3(1) r3(2) c3"),
        "r3(3)=0 r2(1)=0 r2(2)=0 r1(2)=0 w1(2)=1 c1 w2(1)=1 c2 r3(1)=0 r3(2)=0 c3"
    );
    // Also where it has committed before the one in the middle writes.
    assert_eq!(
        play(SSI, "r3(3) r2(1) r2(2) r1(2) w1(2) c1 r3(1) c3 w2(1) c2"),
        "r3(3)=0 r2(1)=0 r2(2)=0 r1(2)=0 w1(2)=1 c1 r3(1)=0 c3 w2(1)=1 c2"
    );
}

/// Three in a circle, of which no two form one.
#[test]
fn a_circle_of_three() {
    let schedule = "r1(1) r2(2) r3(3) w1(2) w2(3) w3(1) c1 c2 c3";
    let all = "r1(1)=0 r2(2)=0 r3(3)=0 w1(2)=1 w2(3)=1 w3(1)=1 c1 c2 c3";
    compare(schedule, [(RC, all), (SI, all), (SSI, &all.replace(" c3", " c3!pivot"))]);
}

/// What is refused can be tried again, and then succeeds.
#[test]
fn whoever_was_refused_succeeds_the_second_time() {
    assert_eq!(
        play(SSI, "r1(1) r1(2) r2(1) r2(2) w1(1) w2(2) c1 c2 r3(1) r3(2) w3(2) c3"),
        "r1(1)=0 r1(2)=0 r2(1)=0 r2(2)=0 w1(1)=1 w2(2)=1 c1 c2!pivot r3(1)=1 r3(2)=0 w3(2)=1 c3"
    );
}

#[test]
fn each_broken_level_does_its_one_thing_wrong() {
    for (level, schedule, done) in [
        ("lost-updates", "r1(1) r2(1) w1(1) w2(1) c1 c2", "r1(1)=0 r2(1)=0 w1(1)=1 c1 w2(1)=2 c2"),
        ("no-write-conflict", "r1(1) r2(1) w1(1) w2(1) c1 c2", "r1(1)=0 r2(1)=0 w1(1)=1 w2(1)=1 c1 c2"),
        ("stale-replica?fault=1&lag=3ms", "w1(1) c1 r2(1) c2 r3(1) r4(1)", "w1(1)=1 c1 r2(1)=0 c2 r3(1)=1 r4(1)=1"),
        ("dirty-abort?fault=1", "w1(1) a1 r2(1) c2", "w1(1)=1 a1 r2(1)=1 c2"),
        ("forgets-commits?fault=1", "w1(1) c1 r2(1) c2", "w1(1)=1 c1 r2(1)=0 c2"),
        ("applies-twice?fault=1", "w1(1) j1(7) c1 r2(1) s2(7) c2", "w1(1)=1 j1(7) c1 r2(1)=2 s2(7)=1 c2"),
    ] {
        assert_eq!(play(level, schedule), done, "{level}");
        // Where it does not strike, it is serializable.
        let sound = format!("{}?fault=0", level.split('?').next().unwrap());
        assert_eq!(play(&sound, schedule), play(SSI, schedule), "{sound}");
    }
}

/// And nothing else: write skew is refused by all of them.
#[test]
fn the_broken_levels_are_serializable_otherwise() {
    for level in Level::ALL.into_iter().filter(|level| !level.is_sound()) {
        let done = play(level.name(), "r1(1) r1(2) r2(1) r2(2) w1(1) w2(2) c1 c2");
        assert!(done.ends_with("c1 c2!pivot"), "{level}: {done}");
    }
}
