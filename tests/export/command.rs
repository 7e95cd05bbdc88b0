//! `contend export`: what it reads and writes, and how it exits.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SKEW: &str = "tests/histories/g2-item-write-skew.txt";

/// Exit code, standard output, standard error.
fn contend(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_contend"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .arg("export")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // contend may have refused its arguments before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), stdout, stderr)
}

#[track_caller]
fn refused(arguments: &[&str], input: &str, code: i32, line: &str) {
    assert_eq!(contend(arguments, input), (Some(code), String::new(), format!("{line}\n")));
}

/// A directory of this test, which goes away with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("contend_export_{}_{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_and_the_standard_input_are_the_same() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SKEW)).unwrap();
    for format in ["elle", "dbcop", "csv"] {
        let of_file = contend(&[SKEW, "--format", format], "");
        assert_eq!((of_file.0, of_file.2.as_str()), (Some(0), ""));
        assert!(of_file.1.lines().count() > 4, "{}", of_file.1);
        assert_eq!(contend(&["-", "--format", format], &text), of_file);
    }
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = Folder::new("whole");
    let out = folder.path("out.edn");
    let of_stdout = contend(&[SKEW, "--format", "elle"], "").1;
    assert_eq!(contend(&[SKEW, "--format", "elle", "--out", &out], ""), (Some(0), String::new(), String::new()));
    assert_eq!(fs::read_to_string(&out).unwrap(), of_stdout);
    let line = "error: T1 read version 9 of x, which nobody in this history wrote; choose --format csv, which says it";
    refused(&["-", "--format", "elle", "--out", &out], "T1 s1 [0,1] ok : r(x@9)", 4, line);
    assert_eq!(fs::read_to_string(&out).unwrap(), of_stdout, "what was there stays");
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1);
    assert_eq!(contend(&[SKEW, "--format", "csv", "--out", "/dev/null"], "").0, Some(0));
    assert!(!Path::new("/dev/null").is_file());
}

#[test]
fn a_history_is_never_written_over_by_its_own_export() {
    let folder = Folder::new("itself");
    let (history, other) = (folder.path("history.jsonl.gz"), folder.path("./history.jsonl.gz"));
    let text = "T1 s1 [0,1] ok : w(x@1)";
    fs::write(&history, text).unwrap();
    for run in [history.as_str(), folder.path("").as_str()] {
        let line = format!("error: --out {other}: that is the history; name another file");
        refused(&[run, "--format", "csv", "--out", &other], "", 2, &line);
    }
    assert_eq!(fs::read_to_string(&history).unwrap(), text);
    let of_stdout = contend(&[&history, "--format", "csv"], "");
    assert_eq!(contend(&[&history, "--format", "csv", "--out", "-"], ""), of_stdout);
}

#[test]
fn what_is_left_out_is_counted() {
    let text = "T1 s1 [0,1] info : w(x@1)\nT2 s2 [0,1] info : w(x@1)\nT3 s3 [0,1] ok : r(x@0)";
    let line = "error: T1 is ambiguous, the first of 2, and dbcop has no word for that: say --leave-out ambiguous, as \
                contend's judgement does, or choose --format elle";
    refused(&["-", "--format", "dbcop"], text, 4, line);
    let (code, stdout, stderr) = contend(&["-", "--format", "dbcop", "--leave-out", "ambiguous"], text);
    assert_eq!((code, stdout.matches("\"events\"").count()), (Some(0), 1));
    assert_eq!(stderr, "note: ambiguous transactions of which nothing is known, left out: 2\n");
}

#[test]
fn a_part_of_a_run_is_told_to_tables_alone_and_they_are_said_to_be_a_part() {
    let folder = Folder::new("part");
    let flags = ["run", "sim://serializable", "--history-limit", "20KiB", "--transactions", "500", "--warmup", "0s"];
    let run =
        Command::new(env!("CARGO_BIN_EXE_contend")).args(flags).args(["--quiet", "--out", &folder.path("")]).output();
    assert_eq!(run.unwrap().status.code(), Some(0));
    let run = fs::read_dir(&folder.0).unwrap().next().unwrap().unwrap().path().display().to_string();
    let (code, stdout, stderr) = contend(&[&run, "--format", "csv"], "");
    assert!(code == Some(0) && stdout.lines().count() > 100, "{stdout}");
    let note =
        "note: the recording stopped at --history-limit: what came later is not in the table, which does not say so\n";
    assert_eq!(stderr, note);
    let (code, _, stderr) = contend(&[&run, "--format", "elle"], "");
    assert!(code == Some(4) && stderr.starts_with("error: this history is a part of its run: "), "{stderr}");
}

#[test]
fn wrong_flags_and_files() {
    let line = "error: --model is Elle's: choose --format elle with it, or leave it out";
    refused(&[SKEW, "--format", "csv", "--model", "rw-register"], "", 2, line);
    let line = "error: --leave-out is for --format dbcop: the other formats can say what is ambiguous";
    refused(&[SKEW, "--format", "elle", "--leave-out", "ambiguous"], "", 2, line);
    let (code, _, stderr) = contend(&[SKEW, "--format", "json"], "");
    assert!(code == Some(2) && stderr.contains("elle, dbcop, csv") && stderr.lines().count() == 1, "{stderr}");
    let line = "error: cannot read nowhere.txt: No such file or directory (os error 2)";
    refused(&["nowhere.txt", "--format", "csv"], "", 4, line);
    let folder = Folder::new("empty");
    let (code, _, stderr) = contend(&[&folder.0.display().to_string(), "--format", "csv"], "");
    assert!(code == Some(4) && stderr.contains("history.jsonl.gz: contend run leaves one unless"), "{stderr}");
    let line = "error: the standard input, line 1, column 1: this is no history of contend, whose first line has \
                contend_history in it";
    refused(&["-", "--format", "csv"], "{}", 4, line);
    refused(&["-", "--format", "elle"], "{}", 4, line);
    let line = "error: cannot write /nowhere/x: No such file or directory (os error 2)";
    refused(&[SKEW, "--format", "csv", "--out", "/nowhere/x"], "", 4, line);
}
