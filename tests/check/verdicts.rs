//! Is each name given where it belongs, and not one step beside it? Small histories, each with its near miss.

use contend::check::history::notation;
use contend::check::isolation::{Document, Judgement, Level, Verdict, check};

fn judge(lines: &[&str]) -> Judgement {
    check(&notation::parse(&lines.join("\n")).expect("a history"))
}

/// The names that are given, sorted.
fn names(lines: &[&str]) -> Vec<String> {
    let judgement = judge(lines);
    let all = judgement.anomalies.iter().flat_map(|anomaly| [anomaly.name].into_iter().chain(anomaly.also.clone()));
    let mut names: Vec<String> = all.map(|name| name.to_string()).collect();
    names.sort();
    names.dedup();
    names
}

fn strongest(lines: &[&str]) -> Vec<&'static str> {
    judge(lines).strongest().into_iter().map(Level::name).collect()
}

const NONE: [&str; 0] = [];

#[test]
fn write_skew_leaves_snapshot_isolation() {
    let skew = ["T1 a [0,9] ok : r(x@0) r(y@0) w(y@1)", "T2 b [0,9] ok : r(x@0) r(y@0) w(x@1)"];
    assert_eq!(names(&skew), ["G2-item"]);
    assert_eq!(strongest(&skew), ["snapshot"]);
    assert_eq!(names(&[skew[0], "T2 b [0,9] ok : r(x@0) r(y@1) w(x@1)"]), NONE);
}

#[test]
fn a_phantom_leaves_repeatable_read_and_snapshot_isolation() {
    let phantom = ["T1 a [0,9] ok : rs(P,{}) add(P,a)", "T2 b [0,9] ok : rs(P,{}) add(P,b)"];
    assert_eq!(names(&phantom), ["G2"]);
    assert_eq!(strongest(&phantom), ["repeatable-read", "snapshot"]);
    assert_eq!(names(&[phantom[0], "T2 b [0,9] ok : rs(P,{a}) add(P,b)"]), NONE);
}

#[test]
fn read_skew_through_a_predicate_leaves_repeatable_read() {
    let skew = ["T1 a [0,9] ok : w(x@1) add(P,a)", "T2 b [0,9] ok : r(x@1) rs(P,{})"];
    assert_eq!(names(&skew), ["G-single"]);
    assert_eq!(strongest(&skew), ["repeatable-read"]);
    // The anti-dependency decides, not the member that was seen (Adya's PL-2.99).
    assert_eq!(strongest(&[skew[0], "T2 b [0,9] ok : r(x@0) rs(P,{a})"]), ["read-committed"]);
}

#[test]
fn a_lost_update_is_also_read_skew() {
    let lost = ["T1 a [0,9] ok : r(x@0) w(x@1)", "T2 b [0,9] ok : r(x@0) w(x@2)"];
    assert_eq!(names(&lost), ["G-single", "lost-update"]);
    assert_eq!(judge(&lost).anomalies.len(), 1);
    assert_eq!(names(&[lost[0], "T2 b [0,9] ok : r(x@1) w(x@2)"]), NONE);
    // The second read decides.
    assert!(names(&[lost[0], "T2 b [0,9] ok : r(x@1) r(x@0) w(x@2)"]).contains(&"lost-update".to_owned()));
}

#[test]
fn an_unproven_transaction_is_never_accused() {
    assert_eq!(names(&["T1 a [0,9] ok : r(x@0) w(x@1)", "T2 b [0,9] info : r(x@0) w(x@2)"]), NONE);
    // Proven to have aborted by y, and yet x@1 is no dirty update: the proof may be wrong.
    assert_eq!(names(&["T1 a [0,1] info : w(x@1) w(y@1)", "T2 b [2,3] ok : w(x@2) w(y@1)"]), NONE);
    assert_eq!(names(&["T1 a [0,1] abort : w(x@1) w(y@1)", "T2 b [2,3] ok : w(x@2) w(y@1)"]), ["dirty-update"]);
    // One of two wrote what was read, or what lies below: nobody knows which.
    let two = ["T1 a [0,1] info : w(x@1)", "T2 b [0,1] info : w(x@1)", "T3 c [0,1] abort : w(x@1)"];
    assert_eq!(names(&[two[0], two[1], two[2], "T4 d [2,3] ok : r(x@1)"]), NONE);
    assert_eq!(names(&[two[0], two[1], two[2], "T4 d [2,3] ok : w(x@2)"]), NONE);
    let adds = ["T1 a [0,1] info : add(P,m)", "T2 b [0,1] info : add(P,m)", "T3 c [0,1] abort : add(P,m)"];
    assert_eq!(names(&[adds[0], adds[1], adds[2], "T4 d [2,3] ok : rs(P,{m})"]), NONE);
    assert_eq!(names(&[adds[2], "T4 d [2,3] ok : rs(P,{m})"]), ["G1a"]);
}

#[test]
fn a_version_that_another_made_proves_no_ambiguous_commit() {
    let judgement = judge(&["T1 a [0,1] info : w(x@1) w(y@9)", "T2 b [2,3] ok : w(x@1)", "T3 c [4,5] ok : r(x@1)"]);
    assert_eq!((judgement.proven, judgement.unresolved, judgement.anomalies.len()), (0, 0, 0));
}

#[test]
fn the_reads_of_a_proven_commit_count() {
    let skew = ["T1 a [0,9] info : r(x@0) r(y@0) w(y@1)", "T2 b [0,9] ok : r(x@0) r(y@0) w(x@1)"];
    assert_eq!(names(&skew), NONE);
    assert_eq!(names(&[skew[0], skew[1], "T3 c [0,9] ok : r(y@1)"]), ["G2-item"]);
}

#[test]
fn an_ambiguous_commit_may_take_effect_later() {
    for session in ["a", "b"] {
        let later = |outcome| {
            let read = format!("T2 {session} [2,3] ok : r(x@0)");
            names(&[&format!("T1 a [0,1] {outcome} : w(x@1)"), &read, "T3 c [4,5] ok : r(x@1)"])
        };
        assert_eq!(later("info"), NONE, "{session}");
        let expected = if session == "a" { "G-single-session" } else { "G-single-realtime" };
        assert_eq!(later("ok"), [expected]);
    }
    // But not before it began.
    let early = ["T1 a [0,1] ok : r(x@1)", "T2 b [2,3] info : w(x@1)"];
    assert_eq!(names(&early), ["G1c-realtime"]);
}

#[test]
fn times_that_touch_and_starts_that_coincide_are_no_order() {
    assert_eq!(names(&["T1 a [0,2] ok : w(x@1)", "T2 b [2,3] ok : r(x@0)"]), NONE);
    assert_eq!(names(&["T1 a [0,1] ok : w(x@1)", "T2 b [2,3] ok : r(x@0)"]), ["G-single-realtime"]);
    assert_eq!(names(&["T1 a [0,4] ok : w(x@1)", "T2 a [0,5] ok : r(x@0)"]), NONE);
    assert_eq!(names(&["T1 a [0,4] ok : w(x@1)", "T2 a [1,5] ok : r(x@0)"]), ["G-single-session"]);
}

#[test]
fn the_worst_comes_first() {
    let judgement = judge(&[
        "T1 a [0,9] ok : r(x@0) r(y@0) w(y@1)",
        "T2 b [0,9] ok : r(x@0) r(y@0) w(x@1)",
        "T3 c [0,9] ok : w(p@1) w(q@2)",
        "T4 d [0,9] ok : w(p@2) w(q@1)",
        "T5 e [20,21] ok : r(q@9)",
    ]);
    let order: Vec<String> = judgement.anomalies.iter().map(|anomaly| anomaly.name.to_string()).collect();
    assert_eq!(order, ["G0", "garbage", "G2-item"]);
}

#[test]
fn nothing_committed_is_nothing_judged() {
    let judgement = judge(&["T1 a [0,1] abort : w(x@1)", "T2 a [2,3] info : w(x@1)"]);
    assert_eq!((judgement.verdict(Level::Serializable), judgement.unresolved), (Verdict::Inconclusive, 1));
}

#[test]
fn the_document_has_the_documented_shape() {
    let text = "T1 a [0,9] ok : r(x@0) w(x@1)\nT2 b [0,9] ok : r(x@0) w(x@2)";
    let history = notation::parse(text).expect("a history");
    let document = Document::new(&history, &check(&history), Level::Serializable);
    let json = serde_json::to_value(&document).expect("JSON");
    assert_eq!((&json["verdict"], &json["level"]), (&"violated".into(), &"serializable".into()));
    let anomaly = &json["anomalies"][0];
    assert_eq!((&anomaly["name"], &anomaly["also"]), (&"lost-update".into(), &serde_json::json!(["G-single"])));
    assert_eq!(anomaly["transactions"], serde_json::json!(["T2", "T1"]));
    assert_eq!(
        anomaly["cycle"][0],
        serde_json::json!({
            "from": "T2", "to": "T1", "edge": "rw", "key": "x",
            "explanation": "T2 read version 0 of x, which T1 replaced by version 1",
        })
    );
    assert_eq!((&json["levels"]["read-committed"], &json["levels"]["snapshot"]), (&"holds".into(), &"violated".into()));
    assert_eq!(json["strongest"], serde_json::json!(["read-committed"]));
}
