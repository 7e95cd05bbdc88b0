//! Is what is emitted a program? Said by the language's own compiler, where there is one.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use contend::report::Language;

use super::policies::{RESTARTS, all, emitted};
use super::tools::{find, folder, succeed};

/// Every loop, written to a file of its own by what makes a name and a text of its number and its source.
fn written(language: Language, file: impl Fn(usize, String) -> (String, String)) -> (PathBuf, Vec<String>) {
    let folder = folder(&language.to_string());
    let policies = all();
    let loops = policies.iter().flat_map(|policy| RESTARTS.map(|restart| emitted(language, policy, restart)));
    let mut names = Vec::new();
    for (number, source) in loops.enumerate() {
        let (name, text) = file(number, source);
        fs::create_dir_all(folder.join(&name).parent().unwrap()).unwrap();
        fs::write(folder.join(&name), text).unwrap();
        names.push(name);
    }
    (folder, names)
}

#[test]
fn python() {
    let Some(python) = find("python3") else { return };
    let (folder, names) = written(Language::Python, |number, text| (format!("loop{number}.py"), text));
    succeed(Command::new(python).args(["-W", "error", "-m", "py_compile"]).args(names).current_dir(folder));
}

#[test]
fn java() {
    let Some(javac) = find("javac") else { return };
    let file = |number, text| (format!("p{number}/Retry.java"), format!("package p{number};\n{text}"));
    let (folder, names) = written(Language::Java, file);
    let lint = ["-Xlint:all", "-Werror", "--release", "11", "-d", "classes"];
    succeed(Command::new(javac).args(lint).args(names).current_dir(folder));
}

#[test]
fn go() {
    let (Some(go), Some(gofmt)) = (find("go"), find("gofmt")) else { return };
    let (folder, _) = written(Language::Go, |number, text| (format!("p{number}/retry.go"), text));
    fs::write(folder.join("go.mod"), "module emitted\n\ngo 1.18\n").unwrap();
    let unformatted = succeed(Command::new(gofmt).args(["-l", "."]).current_dir(&folder));
    assert_eq!(unformatted, "", "gofmt would change these");
    succeed(Command::new(go).args(["vet", "./..."]).env("GOFLAGS", "-mod=mod").current_dir(&folder));
}

#[test]
fn typescript() {
    let Some(tsc) = find("tsc") else { return };
    let (folder, names) = written(Language::TypeScript, |number, text| (format!("loop{number}.ts"), text));
    let options = ["--noEmit", "--strict", "--noUnusedLocals", "--target", "es2022", "--module", "esnext"];
    succeed(Command::new(tsc).args(options).args(["--typeRoots", "."]).args(names).current_dir(folder));
}
