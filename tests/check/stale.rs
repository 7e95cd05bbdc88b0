//! Is a stale read recognised, whatever else is wrong around it? And is it told from a causal reverse?

use contend::check::history::notation;
use contend::check::isolation::{Judgement, check};

fn judge(lines: &[&str]) -> Judgement {
    check(&notation::parse(&lines.join("\n")).expect("a history"))
}

fn names(judgement: &Judgement) -> Vec<String> {
    judgement.anomalies.iter().map(|anomaly| anomaly.name.to_string()).collect()
}

/// How often, and whether the example is what it is counted as.
fn stale(lines: &[&str]) -> u64 {
    let stale = judge(lines).stale;
    assert!(stale.examples.iter().all(|example| example.is_stale_read() && !example.is_causal_reverse()));
    assert_eq!(stale.examples.len() as u64, stale.count);
    stale.count
}

#[test]
fn what_was_over_before_the_reader_began_was_missed() {
    let write = "T1 a [0,1] ok : w(x@1)";
    assert_eq!(stale(&[write, "T2 b [2,3] ok : r(x@0)"]), 1);
    assert_eq!(stale(&[write, "T2 b [1,3] ok : r(x@0)"]), 0, "touching");
    assert_eq!(stale(&[write, "T2 b [2,3] ok : r(x@1)"]), 0, "seen");
    assert_eq!(stale(&[write, "T2 b [2,3] abort : r(x@0)"]), 0, "not committed");
    assert_eq!(
        stale(&["T1 a [0,1] info : w(x@1)", "T2 b [2,3] ok : r(x@0)", "T3 c [4,5] ok : r(x@1)"]),
        0,
        "not settled"
    );
    assert_eq!(stale(&[write, "T2 a [2,3] ok : r(x@0)"]), 1, "in the same session, too");
    assert!(judge(&[write, "T2 a [2,3] ok : r(x@0)"]).anomalies[0].is_stale_read());
}

/// An ambiguous commit may have taken effect after its end, also where it is in a cycle for other reasons.
#[test]
fn an_ambiguous_commit_makes_nothing_stale() {
    assert_eq!(stale(&["T1 a [0,1] info : w(x@1) w(z@1)", "T2 b [2,3] ok : r(x@0) r(z@1)"]), 0);
    assert_eq!(stale(&["T1 a [0,1] info : add(P,m) w(z@1)", "T2 b [2,3] ok : rs(P,{}) r(z@1)"]), 0);
    // But somebody saw it who was over.
    assert_eq!(stale(&["T1 a [0,1] info : w(x@1)", "T2 b [0,2] ok : r(x@1)", "T3 c [3,4] ok : r(x@0)"]), 1);
    assert_eq!(stale(&["T1 a [0,1] info : add(P,m)", "T2 b [0,2] ok : rs(P,{m})", "T3 c [3,4] ok : rs(P,{})"]), 1);
}

/// The writer is still running, but somebody who saw it is not.
#[test]
fn what_another_reader_saw_was_missed() {
    assert_eq!(stale(&["T1 a [0,9] ok : w(x@1)", "T2 b [0,1] ok : r(x@1)", "T3 c [2,3] ok : r(x@0)"]), 1);
    assert_eq!(stale(&["T1 a [0,9] ok : add(P,m)", "T2 b [0,1] ok : rs(P,{m})", "T3 c [2,3] ok : rs(P,{})"]), 1);
    assert_eq!(stale(&["T1 a [0,1] ok : add(P,m)", "T3 c [2,3] ok : rs(P,{})"]), 1);
    assert_eq!(stale(&["T1 a [0,9] ok : add(P,m)", "T3 c [2,3] ok : rs(P,{})"]), 0);
}

/// The writer of the next version is still running, but that of a later one is not.
#[test]
fn a_later_version_was_missed() {
    let lines = ["T1 a [0,9] ok : w(x@1)", "T2 b [0,1] ok : w(x@2)", "T3 c [2,3] ok : r(x@0)"];
    assert_eq!(stale(&lines), 1);
    let example = judge(&lines).stale.examples.remove(0);
    assert_eq!((example.name.to_string(), example.transactions.len()), ("G-single-realtime".to_owned(), 3));
}

#[test]
fn a_worse_cycle_around_it_hides_no_stale_read() {
    let lines = [
        "T1 a [0,1] ok : w(x@1) r(y@0)",
        "T2 b [2,9] ok : r(x@0) r(y@0) w(z@1) w(y@1)",
        // Write skew of T2 and T3, and both writes of T3 and T4 the other way round.
        "T3 c [2,9] ok : r(z@0) r(y@1) w(x@2) w(p@1) w(q@2)",
        "T4 d [2,9] ok : w(p@2) w(q@1)",
    ];
    let judgement = judge(&lines);
    assert_eq!(names(&judgement)[0], "G0");
    assert_eq!(stale(&lines), 1);
    // The same two transactions.
    let both = ["T1 a [0,1] ok : w(x@1) w(y@1)", "T2 b [2,3] ok : r(x@0) r(y@1)"];
    assert_eq!(names(&judge(&both)), ["G-single"]);
    assert_eq!(stale(&both), 1);
}

#[test]
fn every_stale_read_is_counted_and_the_longest_come_first() {
    let mut lines = vec!["T0 w [0,1] ok : w(x@1)".to_owned()];
    lines.extend((2..300).map(|at| format!("T{at} s{at} [{at},400] ok : r(x@0)")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let judgement = judge(&lines);
    assert_eq!((judgement.stale.count, judgement.stale.examples.len()), (298, 100));
    assert_eq!(judgement.stale.examples[0].transactions, [298, 0]);
    assert!(judgement.stale.examples.iter().all(|example| example.transactions[0] >= 199));
}

#[test]
fn a_causal_reverse_is_no_stale_read() {
    let lines = ["T1 a [0,1] ok : w(x@1)", "T2 b [2,3] ok : w(y@1)", "T3 c [0,9] ok : r(x@0) r(y@1)"];
    let judgement = judge(&lines);
    assert_eq!(names(&judgement), ["G-single-realtime"]);
    assert!(judgement.anomalies[0].is_causal_reverse() && !judgement.anomalies[0].is_stale_read());
    assert_eq!(judgement.stale.count, 0);
    assert!(
        !self::judge(&["T1 a [0,1] ok : w(x@1) w(y@1)", "T2 b [0,3] ok : r(x@0) r(y@1)"]).anomalies[0]
            .is_causal_reverse()
    );
}
