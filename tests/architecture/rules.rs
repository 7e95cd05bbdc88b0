//! What are the rules? Each one a function that finds what breaks it.

use super::source::{Source, Word};

/// Imports point down. Within a row there are none, but for [`SIDEWAYS`].
pub const LAYERS: [&[&str]; 9] = [
    &["command"],
    &["tutorial"],
    &["transaction"],
    &["report", "store", "run"],
    &["load", "workload", "db"],
    &["check", "measure", "tune"],
    &["plan"],
    &["retry", "history", "stats"],
    &["suggest"],
];
const SIDEWAYS: [(&str, &str); 4] = [("report", "run"), ("store", "run"), ("load", "workload"), ("load", "db")];
/// The load emits events, and does not know who counts them. An application's transactions are counted by nobody.
const NOT_EVEN_DOWN: [(&str, &[&str]); 2] = [
    ("load", &["measure", "check", "tune"]),
    ("transaction", &["report", "store", "run", "workload", "measure", "check", "tune"]),
];

/// A crate, and where it may be named.
const DOORS: [(&str, &[&str]); 18] = [
    ("clap", &["command/"]),
    // The tutorial is an application: its transactions are written with the driver, as an application's are.
    ("tokio_postgres", &["db/", "transaction/", "tutorial/"]),
    ("postgres_protocol", &["db/wire/"]),
    ("bytes", &["db/wire/"]),
    ("socket2", &["db/wire/"]),
    ("bb8", &["db/"]),
    ("bb8_postgres", &["db/"]),
    ("tokio_postgres_rustls", &["db/"]),
    ("rustls", &["db/tls/"]),
    ("rustls_native_certs", &["db/tls/"]),
    ("postcard", &["history/"]),
    ("flate2", &["store/"]),
    ("hdrhistogram", &["measure/", "report/"]),
    ("statrs", &["stats/"]),
    ("indicatif", &["report/"]),
    ("console", &["report/"]),
    ("jiff", &["command/"]),
    ("anyhow", &["command/", "main.rs"]),
];
const ASYNC: [&str; 5] = ["load/", "db/", "transaction/", "tutorial/", "command/"];
const PRINTS: [&str; 4] = ["command/", "main.rs", "report/progress/", "report/style.rs"];
/// A seed, a password, delays of an application, and which server is connected to when the address asks for any.
const UNSEEDED: [&str; 5] = ["command/flags/", "db/local/", "db/cluster.rs", "db/server.rs", "transaction/run.rs"];
const LONGEST_FILE: usize = 400;
pub const LONGEST_MAIN: usize = 40;
const NO_NAMES: [&str; 6] = ["util", "utils", "helper", "helpers", "common", "misc"];

/// A rule: what of a file breaks it, each with its line.
pub type Rule = fn(&Source) -> Vec<(usize, String)>;

fn is_in(source: &Source, places: &[&str]) -> bool {
    places.iter().any(|place| if place.ends_with('/') { source.path.starts_with(place) } else { source.path == *place })
}

/// The words of a file outside of these places that break a rule.
fn outside(source: &Source, places: &[&str], breaks: impl Fn(&Word<'_>) -> bool) -> Vec<(usize, String)> {
    let words = if is_in(source, places) { Vec::new() } else { source.words() };
    words.iter().filter(|word| breaks(word)).map(|word| (word.line, word.text.to_owned())).collect()
}

pub fn imports_point_down(source: &Source) -> Vec<(usize, String)> {
    let module = source.module();
    let Some(from) = module.first() else { return Vec::new() };
    let row = |name: &str| LAYERS.iter().position(|row| row.contains(&name));
    let allowed = |to: &str| match (row(from), row(to)) {
        _ if to == *from || SIDEWAYS.contains(&(from, to)) => true,
        _ if NOT_EVEN_DOWN.iter().any(|(not_from, not_to)| not_from == from && not_to.contains(&to)) => false,
        (Some(from), Some(to)) => from < to,
        // A module without a row has to be given one.
        _ => false,
    };
    let mut imports = imports(source, &module);
    imports.retain(|(_, to)| !allowed(to));
    imports
}

/// The top-level modules that `crate::` and `super::` lead to.
fn imports(source: &Source, module: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for word in source.words().iter().filter(|word| ["crate", "super"].contains(&word.text)) {
        // The chain is read from its beginning.
        if word.before.ends_with("::") || !word.behind.starts_with("::") {
            continue;
        }
        let mut left = if word.text == "crate" { 0 } else { module.len() - 1 };
        let mut path = &word.behind[2..];
        while let Some(rest) = path.strip_prefix("super::") {
            (left, path) = (left.saturating_sub(1), rest);
        }
        if left > 0 {
            continue;
        }
        // A group may go on in the lines below.
        let below: String = source.code[word.line..].join(" ");
        found.extend(first_names(&format!("{path} {below}")).into_iter().map(|name| (word.line, name)));
    }
    found
}

/// `db` of `db::Pool`; `check` and `db` of `{check::{Status, Verdict}, db}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| {
        let text = text.trim_start();
        text[..text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len())].to_owned()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut names, mut part) = (1, Vec::new(), String::new());
    for letter in group.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if depth == 0 || (depth == 1 && letter == ',') {
            names.push(name(&std::mem::take(&mut part)));
        } else {
            part.push(letter);
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

pub fn async_has_its_places(source: &Source) -> Vec<(usize, String)> {
    outside(source, &ASYNC, |word| ["async", "await"].contains(&word.text))
}

pub fn each_crate_has_its_door(source: &Source) -> Vec<(usize, String)> {
    let names = |word: &Word<'_>, name: &str| {
        // `use anyhow;` and `anyhow::Result`, and no variable or field of that name.
        let is_path = word.behind.starts_with("::") || word.before.trim_end().ends_with("use");
        word.text == name && is_path && !word.before.ends_with("::")
    };
    let through = |(name, places): &(&str, &[&str])| outside(source, places, |word| names(word, name));
    DOORS.iter().flat_map(through).collect()
}

pub fn printing_has_its_places(source: &Source) -> Vec<(usize, String)> {
    outside(source, &PRINTS, |word| match word.text {
        "println" | "eprintln" | "print" | "eprint" | "dbg" => word.behind.starts_with('!'),
        // `.stdout(...)` is what a Command's child gets.
        "stdout" | "stderr" => word.behind.starts_with('(') && !word.before.ends_with('.'),
        "exit" | "abort" => word.before.ends_with("process::"),
        _ => false,
    })
}

pub fn randomness_comes_from_the_seed(source: &Source) -> Vec<(usize, String)> {
    outside(source, &UNSEEDED, |word| match word.text {
        "rng" | "random" | "random_range" => word.before.ends_with("rand::"),
        "thread_rng" | "from_os_rng" | "from_entropy" | "SysRng" | "OsRng" | "ThreadRng" => true,
        _ => false,
    })
}

/// But for those that say why, a few lines above.
pub fn nothing_panics_in_passing(source: &Source) -> Vec<(usize, String)> {
    let explained = |line: usize| {
        source.code[line.saturating_sub(8)..line].iter().any(|code| code.contains("#[expect(clippy::expect_used"))
    };
    let panics = |word: &Word<'_>| {
        let method =
            ["unwrap", "expect"].contains(&word.text) && word.before.ends_with('.') && word.behind.starts_with('(');
        let placeholder = ["todo", "unimplemented"].contains(&word.text) && word.behind.starts_with('!');
        (method && !explained(word.line)) || placeholder
    };
    outside(source, &[], panics)
}

pub fn files_are_short_and_named_after_what_they_do(source: &Source) -> Vec<(usize, String)> {
    let most = if source.path == "main.rs" { LONGEST_MAIN } else { LONGEST_FILE };
    let long = (source.lines > most).then(|| (source.lines, format!("more than {most} lines")));
    let named = source.module().into_iter().filter(|name| NO_NAMES.contains(name)).map(|name| (1, name.to_owned()));
    long.into_iter().chain(named).collect()
}
