//! Do the loops end as they should where something goes wrong? Told by connections that are none and fail as they are told.

use std::fs;
use std::process::Command;

use contend::report::Language;
use contend::retry::Restart;

use super::policies::{RESTARTS, emitted};
use super::tools::{find, folder, succeed};

/// A delay that others would use, if they could.
const POLICY: &str = "constant:20ms/attempts:5/aimd";

/// A script for the loop of one way to restart.
fn script(text: &str, restart: Restart) -> String {
    let single = restart == Restart::Single;
    text.replace("{{restart}}", &format!("\"{restart}\""))
        .replace("{{open}}", if restart == Restart::Reconnect { "() -> " } else { "" })
        .replace("{{options}}", if single { "" } else { "nil, " })
        .replace("{{handle}}", if single { "*sql.DB" } else { "*sql.Tx" })
}

#[test]
fn python() {
    let Some(python) = find("python3") else { return };
    let folder = folder("unhappy-python");
    for restart in RESTARTS {
        let file = folder.join(format!("{restart}.py"));
        let name = format!("\n\nRESTART = \"{restart}\"");
        fs::write(&file, emitted(Language::Python, POLICY, restart) + &name + include_str!("unhappy/python.txt"))
            .unwrap();
        succeed(Command::new(&python).arg(&file));
    }
}

#[test]
fn java() {
    let (Some(javac), Some(java)) = (find("javac"), find("java")) else { return };
    let folder = folder("unhappy-java");
    for restart in RESTARTS {
        let package = folder.join(restart.to_string());
        fs::create_dir_all(&package).unwrap();
        let files = [
            ("Retry.java", emitted(Language::Java, POLICY, restart)),
            ("Unhappy.java", script(include_str!("unhappy/java.txt"), restart)),
        ];
        for (name, text) in &files {
            fs::write(package.join(name), format!("package {restart};\n{text}")).unwrap();
        }
    }
    let sources = RESTARTS.map(|restart| [format!("{restart}/Retry.java"), format!("{restart}/Unhappy.java")]).concat();
    succeed(Command::new(javac).args(["-d", "classes"]).args(sources).current_dir(&folder));
    for restart in RESTARTS {
        let class = format!("{restart}.Unhappy");
        succeed(Command::new(&java).args(["-cp", "classes", &class]).current_dir(&folder));
    }
}

#[test]
fn go() {
    let Some(go) = find("go") else { return };
    let folder = folder("unhappy-go");
    for restart in RESTARTS {
        let package = folder.join(restart.to_string());
        fs::create_dir_all(&package).unwrap();
        fs::write(package.join("retry.go"), emitted(Language::Go, POLICY, restart)).unwrap();
        fs::write(package.join("unhappy_test.go"), script(include_str!("unhappy/go.txt"), restart)).unwrap();
    }
    fs::write(folder.join("go.mod"), "module emitted\n\ngo 1.18\n").unwrap();
    succeed(Command::new(go).args(["test", "-vet=off", "./..."]).env("GOFLAGS", "-mod=mod").current_dir(&folder));
}

#[test]
fn typescript() {
    let (Some(tsc), Some(node)) = (find("tsc"), find("node")) else { return };
    let folder = folder("unhappy-typescript");
    for restart in RESTARTS {
        let text = emitted(Language::TypeScript, POLICY, restart);
        let script = script(include_str!("unhappy/typescript.txt"), restart);
        // Of two texts that differ the compiler says that they are never equal.
        let script = script.replace(&format!("\"{restart}\" ==="), &format!("(\"{restart}\" as string) ==="));
        fs::write(folder.join(format!("{restart}.ts")), text + &script).unwrap();
    }
    let names = RESTARTS.map(|restart| format!("{restart}.ts"));
    let options = ["--strict", "--target", "es2022", "--module", "commonjs", "--typeRoots", "."];
    succeed(Command::new(tsc).args(options).args(names).current_dir(&folder));
    for restart in RESTARTS {
        succeed(Command::new(&node).arg(format!("{restart}.js")).current_dir(&folder));
    }
}
