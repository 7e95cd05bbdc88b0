//! `contend check`: what it prints, and how it exits.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const SKEW: &str = "tests/histories/g2-item-write-skew.txt";

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// `contend check ARGUMENTS`, in the project's folder.
fn contend(arguments: &[&str], input: &[u8]) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_contend"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .arg("check")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // contend may have refused its arguments before it reads.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!stderr.contains("panicked"), "{stderr}");
    Ended { code: output.status.code(), stdout, stderr }
}

impl Ended {
    #[track_caller]
    fn refused(&self, code: i32, line: &str) {
        assert_eq!(
            (self.code, self.stdout.as_str(), self.stderr.as_str()),
            (Some(code), "", format!("{line}\n").as_str())
        );
    }
}

#[test]
fn write_skew_is_named_and_explained_within_80_columns() {
    let ended = contend(&[SKEW], b"");
    let expected = "\
VIOLATED        G2-item (write skew): serializable is violated; 1 found
Consistent with snapshot, and whatever is weaker
Judged          2 committed transactions
Found           1 G2-item

Levels
  read-uncommitted             holds
  read-committed               holds
  repeatable-read              violated
  snapshot                     holds
  serializable                 violated
  strong-session-serializable  violated
  strict-serializable          violated

G2-item (write skew): 2 transactions, key x, key y, between 0 and 9
  T1 s1 [0,9] ok : r(x@0) r(y@0) w(y@1)
  T2 s2 [1,8] ok : r(x@0) r(y@0) w(x@1)
  - T1 < T2, because T1 read version 0 of x, which T2 replaced by version 1.
  - However, T2 < T1, because T2 read version 0 of y, which T1 replaced by
    version 1: a contradiction!
  Forbidden by repeatable-read, serializable, strong-session-serializable,
      strict-serializable; allowed by read-uncommitted, read-committed,
      snapshot.
";
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(1), expected, ""));
}

#[test]
fn the_exit_code_judges_by_the_level_that_was_asked_for() {
    for (level, code) in [("read-committed", 0), ("snapshot", 0), ("repeatable-read", 1), ("strict-serializable", 1)] {
        assert_eq!(contend(&[SKEW, "--level", level], b"").code, Some(code), "{level}");
    }
    let ended = contend(&["--level=snapshot", SKEW], b"");
    assert!(ended.stdout.starts_with("HOLDS           snapshot: nothing contradicts it in 2 transactions; it permits"));
    let nothing = contend(&["tests/histories/ok-no-transactions.txt"], b"");
    assert_eq!(nothing.code, Some(3));
    assert!(nothing.stdout.starts_with("INCONCLUSIVE    nothing was committed"), "{}", nothing.stdout);
}

#[test]
fn json_is_for_programs() {
    let ended = contend(&["--json", "-"], b"T1 a [0,9] ok : r(x@0) w(x@1)\nT2 b [0,9] ok : r(x@0) w(x@2)");
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, &json["verdict"]), (Some(1), &"violated".into()));
    assert_eq!(
        (&json["anomalies"][0]["name"], &json["anomalies"][0]["also"][0]),
        (&"lost-update".into(), &"G-single".into())
    );
}

#[test]
fn at_most_three_examples_of_a_name_are_told() {
    use std::fmt::Write;
    let mut text = String::new();
    for pair in 0..9 {
        let (x, y) = (format!("x{pair}"), format!("y{pair}"));
        writeln!(text, "T{pair}1 a{pair} [0,9] ok : r({x}@0) w({y}@1)\nT{pair}2 b{pair} [0,9] ok : r({y}@0) w({x}@1)")
            .unwrap();
    }
    let ended = contend(&["-"], text.as_bytes());
    assert_eq!(ended.stdout.matches("\nG2-item (write skew)").count(), 3);
    assert!(ended.stdout.contains("\nFound           9 G2-item\n"), "{}", ended.stdout);
    assert!(ended.stdout.ends_with("\nand 6 more G2-item\n"), "{}", ended.stdout);
}

#[test]
fn wrong_flags_and_files_are_refused_in_one_line() {
    let malformed = "tests/histories/bad/unknown-outcome.txt";
    contend(&[malformed], b"")
        .refused(4, &format!("error: {malformed}, line 3, column 13: expected the outcome: ok, abort or info"));
    contend(&["no/such/file"], b"")
        .refused(4, "error: cannot read no/such/file: No such file or directory (os error 2)");
    contend(&["-"], b"\xff").refused(4, "error: the standard input, line 1, column 1: the file is no text in UTF-8");
    contend(&[SKEW, "--level", "promised"], b"").refused(
        2,
        &format!("error: --level promised: {SKEW} was written by hand, and no server promised anything; name a level, such as serializable"),
    );
    let level = contend(&[SKEW, "--level", "acid"], b"");
    assert_eq!((level.code, level.stderr.lines().count()), (Some(2), 1), "{}", level.stderr);
    assert!(level.stderr.contains("no such level; choose one of read-uncommitted, "), "{}", level.stderr);
    assert_eq!(contend(&[], b"").code, Some(2));
}
