//! What can a format not say? Each refusal is one line that says what, and what to do.

use contend::check::history::{Builder, Header, Names, Outcome, notation};
use contend::report::export::{Dbcop, ExportError, Model, Translation, dbcop, elle};
use std::time::SystemTime;

use super::histories::{as_dbcop, as_elle};

#[track_caller]
fn refusal<T: std::fmt::Debug>(exported: Result<T, ExportError>) -> String {
    match exported.unwrap_err() {
        ExportError::Unsayable(reason) => reason,
        ExportError::Io(error) => panic!("{error}"),
    }
}

#[track_caller]
fn both_refuse(text: &str, expected: &str) {
    let history = notation::parse(text).unwrap();
    for exported in [as_elle(&history, Model::ListAppend), as_elle(&history, Model::RwRegister), as_dbcop(&history)] {
        assert_eq!(refusal(exported), expected);
    }
}

#[test]
fn a_read_of_what_nobody_wrote() {
    both_refuse(
        "T1 s1 [0,1] ok : r(x@3)",
        "T1 read version 3 of x, which nobody in this history wrote; choose --format csv, which says it",
    );
}

#[test]
fn a_read_of_what_several_may_have_written() {
    both_refuse(
        "T1 s1 [0,1] info : w(x@1)\nT2 s2 [0,1] info : w(x@1)\nT3 s3 [2,3] ok : r(x@1)",
        "T3 read version 1 of x, which several ambiguous transactions may have written; choose --format csv, which says it",
    );
}

#[test]
fn a_version_made_twice_and_a_member_added_twice() {
    both_refuse(
        "T1 s1 [0,1] ok : w(x@1)\nT2 s2 [0,1] ok : w(x@1)",
        "T1 and T2 both made version 1 of x; choose --format csv, which says it",
    );
    both_refuse(
        "T1 s1 [0,1] ok : add(P,a)\nT2 s2 [0,1] ok : add(P,a)",
        "T1 and T2 both added a to P; choose --format csv, which says it",
    );
}

#[test]
fn a_member_that_was_there_for_some() {
    both_refuse(
        "T1 s1 [0,1] ok : rs(P,{a})\nT2 s2 [2,3] ok : rs(P,{})",
        "nobody added a to P, and only some reads find it; choose --format csv, which says it",
    );
}

#[test]
fn of_several_members_the_first_is_named_every_time() {
    let history = notation::parse("T1 s1 [0,1] ok : rs(P,{a,b,c,d,e,f})\nT2 s2 [2,3] ok : rs(P,{})").unwrap();
    for _ in 0..20 {
        let reason = refusal(as_elle(&history, Model::ListAppend));
        assert!(reason.starts_with("nobody added a to P, "), "{reason}");
    }
}

fn signed(writer: u32, partial: bool) -> Result<(), ExportError> {
    let mut builder = Builder::new();
    builder.begin(Header { fingerprint: 1, ..Header::new(0, 0, 1, Outcome::Ok) });
    builder.write(0, 1);
    builder.begin(Header { fingerprint: 2, ..Header::new(1, 2, 3, Outcome::Ok) });
    builder.read(0, 1, writer);
    if partial {
        builder.partial();
    }
    let history = builder.finish(Names::default()).unwrap();
    Translation::new(&history).map(drop)
}

#[test]
fn a_signature_of_somebody_else() {
    assert!(signed(1, false).is_ok());
    let expected = "T1 read version 1 of 0, signed by somebody who did not write it in this history; choose --format csv, \
                    which says it";
    assert_eq!(refusal(signed(9, false)), expected);
}

#[test]
fn a_part_of_a_history() {
    assert_eq!(
        refusal(signed(1, true)),
        "this history is a part of its run: others may have written who are not in it; record the whole of it, or choose \
         --format csv, which tells what there is of it"
    );
}

#[track_caller]
fn elle_refuses(text: &str, expected: &str) {
    let history = notation::parse(text).unwrap();
    assert_eq!(refusal(as_elle(&history, Model::ListAppend)), expected);
}

#[test]
fn a_process_that_does_two_things_at_once_or_goes_on_after_a_crash() {
    elle_refuses(
        "T1 s1 [0,5] ok : w(x@1)\nT2 s1 [4,9] ok : w(x@2)",
        "T1 overlaps, in its session, with T2, which no process of Elle does; choose --format csv or dbcop",
    );
    elle_refuses(
        "T1 s1 [0,5] info : w(x@1)\nT2 s1 [7,9] ok : w(y@2)",
        "T1 is ambiguous, and its session goes on with T2, which no process of Elle does; choose --format csv or dbcop",
    );
    elle_refuses(
        "T1 s1 [0,5] ok : w(x@1)\nT2 s2 [0,5] ok : w(y@1)\nT3 s1 [5,6] ok : w(x@2)\nT4 s2 [5,6] ok : w(y@2)",
        "T1 and T2 touch, in two sessions, the transactions before or after them at the same instant: in Elle's sequence \
         of events some would be over before the others; choose --format csv or dbcop",
    );
    // One session alone can: what else happens at that instant comes before or after.
    let text = "T1 s1 [0,5] ok : w(x@1)\nT2 s2 [0,5] ok : w(y@1)\nT3 s1 [5,6] ok : w(x@2)\nT4 s3 [5,6] ok : w(y@2)";
    let exported = as_elle(&notation::parse(text).unwrap(), Model::ListAppend).unwrap();
    let names: Vec<&str> = exported.lines().map(|line| line.rsplit('"').nth(1).unwrap()).collect();
    assert_eq!(names, ["T1", "T2", "T4", "T1", "T3", "T2", "T3", "T4", "last state", "last state"]);
}

#[test]
fn lists_that_nobody_can_read() {
    let mut builder = Builder::new();
    for version in 1..=12_000_u32 {
        builder.begin(Header::new(0, i64::from(version) * 2, i64::from(version) * 2 + 1, Outcome::Ok));
        builder.read(0, version - 1, 0);
        builder.write(0, version);
    }
    let history = builder.finish(Names::default()).unwrap();
    let translation = Translation::new(&history).unwrap();
    let mut out = Vec::new();
    let expected = "its lists would have 72006000 elements, and 50000000 is the most: record a shorter run or more accounts, \
                    or choose --model rw-register";
    assert_eq!(refusal(elle(&translation, Model::ListAppend, &mut out)), expected);
    assert!(out.is_empty());
    elle(&translation, Model::RwRegister, &mut out).unwrap();
    assert!(out.len() > 1_000_000);
}

#[test]
fn what_dbcop_has_no_word_for() {
    let history = notation::parse("T1 s1 [0,1] info : w(x@1)\nT2 s2 [0,1] ok : r(x@0)").unwrap();
    let translation = Translation::new(&history).unwrap();
    let mut out = Vec::new();
    let options = Dbcop { epoch: SystemTime::UNIX_EPOCH, leave_out_ambiguous: false };
    let expected = "T1 is ambiguous, and dbcop has no word for that: say --leave-out ambiguous, as contend's judgement \
                    does, or choose --format elle";
    assert_eq!(refusal(dbcop(&translation, options, &mut out)), expected);
    assert!(out.is_empty());
    assert_eq!(dbcop(&translation, Dbcop { leave_out_ambiguous: true, ..options }, &mut out).unwrap(), 1);

    let text = "T1 s1 [0,1] info : w(x@1)\nT2 s2 [2,3] ok : r(x@1)\nT3 s1 [4,5] ok : r(x@1)";
    assert_eq!(
        refusal(as_dbcop(&notation::parse(text).unwrap())),
        "T1 was ambiguous, so that nothing in its session has to follow it, as T3, and dbcop would put one before the \
         other; choose --format csv, which says it"
    );
    let text = "T1 s1 [0,1] ok : w(x@1)\nT2 s1 [0,3] ok : r(x@1)";
    assert_eq!(
        refusal(as_dbcop(&notation::parse(text).unwrap())),
        "T1 begins, in its session, at the same instant as T2, and dbcop would put one before the other; choose --format \
         csv, which says it"
    );
}
