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

/// A folder for the pictures of one test.
fn scratch(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("contend-pictures-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn pictures_are_written_where_they_are_asked_for() {
    let folder = scratch("asked");
    let path = |name: &str| folder.join(name).display().to_string();
    let (svg, dot) = (path("skew.svg"), path("skew.dot"));
    let ended = contend(&[SKEW, "--svg", &svg, "--dot", &dot], b"");
    assert_eq!((ended.code, ended.stderr), (Some(1), format!("note: wrote {svg}\nnote: wrote {dot}\n")));
    assert_eq!(ended.stdout, contend(&[SKEW], b"").stdout);
    let (svg, dot) = (std::fs::read_to_string(svg).unwrap(), std::fs::read_to_string(dot).unwrap());
    assert!(svg.contains("<title id=\"title\">G2-item (write skew): Each read ") && svg.ends_with("</svg>\n"), "{svg}");
    assert!(dot.contains("n0 -> n1 [label=\"rw x: 0 to 1\""), "{dot}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn of_several_anomalies_each_has_a_picture_and_no_foreign_file_is_replaced() {
    let folder = scratch("several");
    let path = |name: &str| folder.join(name).display().to_string();
    let several = "tests/histories/two-cycles-separate.txt";
    let ended = contend(&[several, "--svg", &path("a.svg")], b"");
    let (first, second) = (path("a.svg"), path("a-2.svg"));
    assert_eq!(ended.stderr, format!("note: wrote 2 pictures, one for each anomaly: {first} to {second}\n"));
    assert_eq!((ended.code, std::fs::read_dir(&folder).unwrap().count()), (Some(1), 2));
    // What contend has made, and what was named, is replaced.
    std::fs::write(&first, "mine").unwrap();
    assert_eq!(contend(&[several, "--svg", &first], b"").code, Some(1));
    assert!(std::fs::read_to_string(&first).unwrap().starts_with("<!-- made by contend -->"));
    std::fs::write(&second, "mine").unwrap();
    let refused = contend(&[several, "--svg", &first], b"");
    assert_eq!(
        (refused.code, refused.stderr),
        (
            Some(4),
            format!(
                "error: cannot write {second}: it is there already, and is no picture that contend made; move it, or name another file\n"
            )
        )
    );
    assert_eq!(std::fs::read_to_string(&second).unwrap(), "mine");
    // Nor is one picture replaced by another one.
    let alike = contend(&[several, "--svg", &path("b"), "--dot", &path("b-2")], b"");
    let expected = format!("error: --svg and --dot both need {}: name files less alike\n", path("b-2"));
    assert_eq!((alike.code, alike.stderr), (Some(2), expected));
    assert!(!folder.join("b").exists());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn no_anomaly_is_no_picture_and_what_cannot_be_written_is_said_in_one_line() {
    let folder = scratch("none");
    let svg = folder.join("a.svg").display().to_string();
    let ended = contend(&["tests/histories/ok-serial-bank.txt", "--svg", &svg], b"");
    assert_eq!(
        (ended.code, ended.stderr.as_str()),
        (Some(0), "note: no anomaly was found, so no picture was written\n")
    );
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir_all(folder).unwrap();
    let ended = contend(&[SKEW, "--svg", "no/such/a.svg"], b"");
    let expected = "error: cannot write no/such/a.svg: No such file or directory (os error 2)\n";
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(4), expected));
    contend(&[SKEW, "--svg", "-"], b"")
        .refused(2, "error: --svg -: name a file; the judgement is on the standard output");
    contend(&[SKEW, "--svg", "a", "--dot", "a"], b"").refused(2, "error: --svg and --dot both name a: name two files");
}

#[test]
fn a_picture_never_takes_the_place_of_its_history() {
    let folder = scratch("itself");
    let path = |name: &str| folder.join(name).display().to_string();
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(SKEW)).unwrap();
    std::fs::write(folder.join("skew.txt"), &text).unwrap();
    for flag in ["--svg", "--dot"] {
        let line = format!("error: {flag} {}: that is the history; name another file", path("./skew.txt"));
        contend(&[&path("skew.txt"), flag, &path("./skew.txt")], b"").refused(2, &line);
    }
    assert_eq!(std::fs::read(folder.join("skew.txt")).unwrap(), text);
    std::fs::remove_dir_all(folder).unwrap();
}
