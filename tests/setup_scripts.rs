//! Do the scripts install exactly what is missing, and nothing in a dry run?
//!
//! They run with a PATH of tools made here, which write down how they were called and change nothing.

#[path = "setup_scripts/machine.rs"]
mod machine;

use std::collections::BTreeSet;
use std::path::Path;

use machine::{Ended, Machine, PROJECT};

const MANAGERS: [&str; 4] = ["apt-get", "dnf", "apk", "brew"];

/// What runs for what is missing; each of them as root.
const AS_ROOT: [(&str, &[&str], &[&str]); 6] = [
    ("dnf", &["cc"], &["dnf install -y --setopt=install_weak_deps=False gcc"]),
    ("dnf", &["initdb", "postgres"], &["dnf install -y --setopt=install_weak_deps=False postgresql-server"]),
    ("dnf", &["cc", "initdb", "postgres"], &["dnf install -y --setopt=install_weak_deps=False gcc postgresql-server"]),
    ("apk", &["cc"], &["apk add --update-cache --wait 300 gcc musl-dev"]),
    // One of the two programs is as good as none.
    ("apk", &["initdb"], &["apk add --update-cache --wait 300 postgresql"]),
    ("apk", &["cc", "postgres"], &["apk add --update-cache --wait 300 gcc musl-dev postgresql"]),
];

/// apt's commands for the packages, with what keeps Debian's server package from starting a server.
fn apt(packages: &str) -> Vec<String> {
    let get = "env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300";
    let mut commands = vec![format!("{get} update"), format!("{get} install -y --no-install-recommends {packages}")];
    if packages.contains("postgresql") {
        let directories = ["/etc/postgresql-common", "/etc/postgresql-common/createcluster.d"];
        let drop_in = "/etc/postgresql-common/createcluster.d/zz-contend-setup.conf";
        let absent = || directories.iter().filter(|directory| !Path::new(directory).is_dir());
        let made = absent().map(|directory| format!("mkdir -m 755 {directory}")).chain([format!("tee {drop_in}")]);
        commands = made.chain(commands).chain([format!("rm -f {drop_in}")]).collect();
        commands.extend(absent().rev().map(|directory| format!("rmdir --ignore-fail-on-non-empty {directory}")));
    }
    commands
}

/// Every package manager that needs root: what is missing, and what runs for it.
fn cases() -> Vec<(&'static str, Vec<&'static str>, Vec<String>)> {
    let owned = |commands: &[&str]| commands.iter().map(|command| (*command).to_owned()).collect();
    let mut cases: Vec<_> =
        AS_ROOT.iter().map(|(manager, missing, commands)| (*manager, missing.to_vec(), owned(commands))).collect();
    cases.push(("apt-get", vec!["cc"], apt("gcc libc6-dev")));
    cases.push(("apt-get", vec!["initdb", "postgres"], apt("postgresql")));
    cases.push(("apt-get", vec!["cc", "initdb", "postgres"], apt("gcc libc6-dev postgresql")));
    cases
}

fn by_sudo(commands: &[String]) -> Vec<String> {
    ["true".to_owned()].iter().chain(commands).map(|command| format!("sudo {command}")).collect()
}

/// A real run and a dry run of the same, which have to agree.
fn set_up(machine: &Machine, commands: &[String]) {
    let dry = machine.set_up("dry-run");
    assert_eq!(dry.code, 0, "{dry:?}");
    assert_eq!(dry.would_run(), commands, "the dry run says what would run");
    assert_eq!(machine.calls(), [""; 0], "the dry run runs nothing");
    assert!(dry.stderr.ends_with("nothing was installed: this was a dry run (CONTEND_SETUP=dry-run)\n"), "{dry:?}");

    let real = machine.set_up("");
    assert_eq!((real.code, real.stdout.as_str()), (0, ""), "{real:?}");
    assert_eq!(machine.calls(), commands);
    let first = real.stderr.lines().next().unwrap();
    assert!(first.starts_with("contend: missing: ") && first.contains("; about to run: "), "{first}");
    assert!(machine.left_in_tmp().is_empty());

    let again = machine.set_up("");
    assert_eq!((again.code, again.stderr.as_str()), (0, ""), "what was installed is found");
    assert_eq!(machine.calls(), [""; 0]);
}

#[test]
fn root_installs_what_is_missing() {
    for (manager, missing, commands) in cases() {
        set_up(&Machine::new(&[manager]).root().without(&missing), &commands);
    }
}

#[test]
fn others_install_it_by_sudo() {
    for (manager, missing, commands) in cases() {
        set_up(&Machine::new(&[manager, "sudo"]).without(&missing), &by_sudo(&commands));
    }
}

#[test]
fn homebrew_installs_the_server_without_root_and_its_database_is_removed() {
    let machine = Machine::new(&["brew", "sudo"]).without(&["initdb", "postgres"]);
    let cluster = machine.brew_prefix().join("var/postgresql@17");
    let install = "env HOMEBREW_NO_ASK=1 brew install postgresql@17".to_owned();
    set_up(&machine, &[install, format!("rm -rf {}", cluster.display())]);
}

#[test]
fn homebrew_keeps_a_database_that_was_there() {
    let machine = Machine::new(&["brew"]).without(&["initdb", "postgres"]);
    std::fs::create_dir_all(machine.brew_prefix().join("var/postgresql@17")).unwrap();
    set_up(&machine, &["env HOMEBREW_NO_ASK=1 brew install postgresql@17".to_owned()]);
}

#[test]
fn nothing_missing_is_nothing_said() {
    let machine = Machine::new(&MANAGERS);
    let ended = machine.set_up("");
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (0, "", ""));
    let dry = machine.set_up("dry-run");
    assert_eq!((dry.code, dry.would_run()), (0, Vec::new()));
    assert!(dry.stderr.starts_with("contend: nothing is missing\n"), "{dry:?}");
    assert_eq!(machine.calls(), [""; 0]);
}

#[test]
fn the_system_s_package_manager_comes_before_homebrew() {
    let ended = Machine::new(&["brew", "dnf"]).root().without(&["cc"]).set_up("dry-run");
    assert_eq!(ended.would_run(), ["dnf install -y --setopt=install_weak_deps=False gcc"]);
}

/// Refused in one line, with exit status 4 and nothing run but what is named.
fn refused(machine: &Machine, words: &str, calls: &[&str]) {
    let Ended { code, stdout, stderr } = machine.set_up("");
    assert_eq!((code, stdout.as_str()), (4, ""), "{stderr}");
    let last = stderr.lines().last().unwrap();
    assert!(last.starts_with("contend: ") && last.contains(words), "{words} is not in: {last}");
    assert_eq!(machine.calls(), calls);
    let announced = usize::from(calls.iter().any(|call| call.contains("install")));
    assert_eq!(stderr.lines().count(), 1 + announced, "{stderr}");
}

#[test]
fn what_cannot_be_installed_is_said_in_one_line() {
    let without_cc = |tools: &[&str]| Machine::new(tools).without(&["cc"]);
    let dnf = "dnf install -y --setopt=install_weak_deps=False gcc";
    refused(&without_cc(&[]), "no apt-get, dnf, apk or brew", &[]);
    refused(&Machine::new(&[]).without(&["postgres"]), "no apt-get, dnf, apk or brew", &[]);
    refused(&without_cc(&["dnf"]), &format!("there is no sudo to install it with; as root, run: {dnf}"), &[]);
    let refuses = without_cc(&["dnf", "sudo"]).failing("sudo");
    refused(&refuses, &format!("sudo did not work; as root, run: {dnf}"), &["sudo true"]);
    refused(&without_cc(&["dnf"]).root().failing("dnf"), "the installation failed", &[dnf]);
    refused(&without_cc(&["dnf"]).root().idle("dnf"), "still missing after the installation", &[dnf]);
    refused(&without_cc(&["brew"]), "Homebrew has no cc", &[]);
    let no_server = Machine::new(&["brew"]).root().without(&["initdb"]);
    refused(&no_server, "as an ordinary user, run: brew install postgresql@17", &[]);
    refused(&without_cc(&["brew"]).system("Darwin"), "xcode-select --install", &[]);
    refused(&without_cc(&["dnf"]).root().without(&["cargo"]), "Rust is needed", &[]);
}

#[test]
fn a_list_that_cannot_be_fetched_and_a_failure_leave_no_setting_behind() {
    let machine = Machine::new(&["apt-get"]).root().without(&["initdb"]).failing("apt-get");
    let ended = machine.set_up("");
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("apt-get update failed; trying to install all the same"), "{ended:?}");
    assert_eq!(machine.calls(), apt("postgresql"));
}

#[test]
fn another_word_than_dry_run_is_refused() {
    let ended = Machine::new(&["dnf"]).root().without(&["cc"]).set_up("dryrun");
    assert_eq!(ended.code, 2);
    assert_eq!(ended.stderr, "contend: CONTEND_SETUP is 'dryrun': set it to dry-run, or not at all\n");
}

#[test]
fn demo_and_test_stop_after_a_dry_run() {
    for script in ["demo", "test"] {
        let machine = Machine::new(&["apt-get", "sudo"]).without(&["cc"]);
        let ended = machine.script(script, "dry-run");
        assert_eq!(ended.code, 0, "{script}: {ended:?}");
        assert!(ended.would_run().iter().any(|command| command.contains(" gcc libc6-dev")), "{script}: {ended:?}");
        assert_eq!(machine.calls(), [""; 0], "{script}: neither sudo nor cargo is called");
    }
}

#[test]
fn scripts_and_program_look_in_the_same_places() {
    let quoted = |path: &str, start: &str, end: &str| -> BTreeSet<String> {
        let text = std::fs::read_to_string(Path::new(PROJECT).join(path)).unwrap();
        let list = text.split_once(start).unwrap().1.split_once(end).unwrap().0;
        let words = list.split_whitespace().map(|word| word.trim_matches(['"', ',', ';']));
        words.filter(|word| word.starts_with('/') && *word != "//").map(str::to_owned).collect()
    };
    let program = quoted("src/db/local/places.rs", "const PATTERNS", "];");
    assert!(program.len() > 10, "{program:?}");
    assert_eq!(quoted("scripts/setup.sh", "usual_places() {", "\n}"), program);
}
