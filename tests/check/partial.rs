//! Is nobody accused who may be innocent, where only a part was recorded? And is what the part proves still found?

use contend::check::history::{Builder, FinalRow, Header, Names, Outcome};
use contend::check::isolation::{Judgement, Level, check};

use super::simulator::{BLIND, Op, Run, run};

/// Of a run of 160 transactions those from here to there, whatever came before and after.
fn part(seed: u64, from: usize, to: usize) -> Run {
    let mut run = run(seed, 160);
    run.txns = run.txns[from..to].to_vec();
    run.partial = true;
    run
}

/// Two reads and two writes that prove nothing but themselves.
fn judge(partial: bool, fill: impl FnOnce(&mut Builder)) -> Judgement {
    let mut builder = Builder::new();
    fill(&mut builder);
    if partial {
        builder.partial();
    }
    check(&builder.finish(Names::default()).unwrap())
}

fn ok(session: u32, start: i64, end: i64) -> Header {
    Header::new(session, start, end, Outcome::Ok)
}

fn names(judgement: &Judgement) -> Vec<String> {
    judgement.anomalies.iter().map(|anomaly| anomaly.name.to_string()).collect()
}

#[test]
fn a_part_of_a_clean_run_is_clean_and_as_a_whole_it_would_not_be() {
    for seed in 0..12 {
        for (from, to) in [(0, 80), (50, 160), (40, 90)] {
            let mut run = part(seed, from, to);
            assert_eq!(run.names(), Vec::<String>::new(), "{seed}: {from}..{to}");
            assert_eq!(run.judge().strongest(), [Level::StrictSerializable]);
            run.partial = false;
            assert!(!run.names().is_empty(), "{seed}: {from}..{to}");
        }
    }
}

#[test]
fn the_end_of_a_part_loses_nothing() {
    let mut run = part(1, 0, 80);
    run.finals = vec![Some(FinalRow { version: 6, writer: 9_999 }); run.finals.len()];
    assert_eq!(run.names(), Vec::<String>::new());
}

#[test]
fn cycles_within_a_part_are_found() {
    for seed in 0..12 {
        let mut run = part(seed, 50, 130);
        let puts = run.of_shape("put", Outcome::Ok);
        let (one, other) = (puts[2], puts[3]);
        let first = run.txns[one].ops[0].clone();
        run.txns[one].ops[0] = std::mem::replace(&mut run.txns[other].ops[0], first);
        assert!(matches!(run.txns[one].ops[0], Op::Write { key, .. } if key == BLIND[0]));
        assert_eq!(run.names(), ["G0"]);
    }
}

/// Version 40 was there before the recording began.
#[test]
fn write_skew_on_versions_of_others_is_found() {
    let skew = |builder: &mut Builder| {
        for (session, written) in [(0, 0), (1, 1)] {
            builder.begin(ok(session, 0, 9));
            builder.read(0, 40, 0);
            builder.read(1, 40, 0);
            builder.write(written, 41);
        }
    };
    assert_eq!(names(&judge(true, skew)), ["G2-item"]);
}

#[test]
fn an_aborted_attempt_that_signed_what_was_read_is_found_and_an_unsigned_number_proves_nothing() {
    let read = |writer: u32| {
        move |builder: &mut Builder| {
            builder.begin(Header { fingerprint: 7, ..Header::new(0, 0, 1, Outcome::Abort) });
            builder.write(0, 41);
            builder.begin(Header { fingerprint: 8, ..ok(1, 2, 3) });
            builder.read(0, 41, writer);
        }
    };
    assert_eq!(names(&judge(true, read(7))), ["G1a"]);
    assert_eq!(names(&judge(true, read(0))), Vec::<String>::new());
    assert_eq!(names(&judge(false, read(0))), ["G1a"]);
    assert_eq!(names(&judge(true, read(99))), Vec::<String>::new());
    assert_eq!(names(&judge(false, read(99))), ["phantom writer"]);
}

#[test]
fn a_number_proves_no_ambiguous_commit_in_a_part() {
    let skew = |builder: &mut Builder| {
        builder.begin(Header::new(0, 0, 9, Outcome::Info));
        builder.read(0, 40, 0);
        builder.write(1, 41);
        builder.begin(ok(1, 0, 9));
        builder.read(1, 40, 0);
        builder.write(0, 41);
        // Whoever wrote version 41 of row 1: in a whole history only one can have.
        builder.begin(ok(2, 0, 9));
        builder.read(1, 41, 0);
        builder.write(1, 42);
    };
    let (part, whole) = (
        judge(true, skew),
        judge(false, |builder| {
            skew(builder);
            builder.initial(vec![40; 2]);
        }),
    );
    assert_eq!((names(&part), part.proven, part.unresolved), (Vec::new(), 0, 1));
    assert_eq!((names(&whole), whole.proven), (vec!["G2-item".to_owned()], 1));
}

#[test]
fn an_update_that_was_lost_in_a_part_is_found() {
    let lost = |builder: &mut Builder| {
        for (session, version) in [(0, 42), (1, 44)] {
            builder.begin(ok(session, 0, 9));
            builder.read(0, 40, 0);
            builder.write(0, version);
        }
    };
    assert_eq!(names(&judge(true, lost)), ["lost-update"]);
}

#[test]
fn an_aborted_attempt_in_a_gap_proves_nothing_in_a_part() {
    let gap = |builder: &mut Builder| {
        builder.begin(ok(0, 0, 1));
        builder.write(0, 40);
        builder.begin(Header::new(1, 2, 3, Outcome::Abort));
        builder.write(0, 41);
        builder.begin(ok(2, 4, 5));
        builder.write(0, 42);
    };
    assert_eq!(names(&judge(true, gap)), Vec::<String>::new());
    assert_eq!(names(&judge(false, gap)), ["dirty-update"]);
}

/// Somebody who is not here may have added the member in between, or instead of the attempt that was aborted.
#[test]
fn a_member_that_nobody_here_added_proves_nothing_in_a_part() {
    let added = |builder: &mut Builder| {
        for (start, members) in [(0, &[][..]), (2, &[7][..])] {
            builder.begin(ok(0, start, start + 1));
            builder.read_set(0, members);
        }
    };
    assert_eq!(names(&judge(true, added)), Vec::<String>::new());
    assert_eq!(names(&judge(false, added)), ["garbage"]);
    let aborted = |builder: &mut Builder| {
        builder.begin(Header::new(0, 0, 1, Outcome::Abort));
        builder.add(0, 7);
        builder.begin(ok(1, 2, 3));
        builder.read_set(0, &[7]);
    };
    assert_eq!(names(&judge(true, aborted)), Vec::<String>::new());
    assert_eq!(names(&judge(false, aborted)), ["G1a"]);
}

#[test]
fn a_version_that_somebody_unknown_made_again_is_no_dirty_update() {
    let fill = |builder: &mut Builder| {
        builder.begin(Header { fingerprint: 1, ..Header::new(0, 0, 1, Outcome::Abort) });
        builder.write(0, 1);
        builder.begin(Header { fingerprint: 2, ..ok(1, 2, 3) });
        builder.write(0, 2);
        // Another one of whom nothing is known has been here since.
        builder.begin(Header { fingerprint: 3, ..ok(2, 4, 5) });
        builder.read(0, 3, 99);
    };
    assert_eq!(names(&judge(true, fill)), Vec::<String>::new());
    assert!(names(&judge(false, fill)).contains(&"dirty-update".to_owned()));
}
