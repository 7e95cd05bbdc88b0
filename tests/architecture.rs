//! Does the source keep to its own rules: which layer may import which, and which place names which outside crate?
//!
//! Tests inside of src/ are free of them.

#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use rules::{
    LAYERS, LONGEST_MAIN, Rule, async_has_its_places, each_crate_has_its_door,
    files_are_short_and_named_after_what_they_do, imports_point_down, nothing_panics_in_passing,
    printing_has_its_places, randomness_comes_from_the_seed,
};
use source::Source;

/// A file that breaks a rule: its path, its text, and what has to be found.
type Sample = (&'static str, &'static str, &'static [&'static str]);

/// Each rule, and files that break it.
const RULES: [(&str, Rule, &[Sample]); 7] = [
    (
        "imports point down",
        imports_point_down,
        &[
            ("retry/policy.rs", "use crate::plan::Retry;", &["plan"]),
            ("load/shard.rs", "use crate::measure::Recorder;", &["measure"]),
            ("load/worker.rs", "use super::super::report;\nuse super::shard;", &["report"]),
            ("db/local/find.rs", "fn f() { super::super::super::load::go() }\nuse super::super::Error;", &["load"]),
            (
                "check/mod.rs",
                "use crate::{\n    history::{Row, Event},\n    measure, db::Pool,\n};",
                &["measure", "db"],
            ),
            ("db/pool.rs", "use crate::workload::Access;", &["workload"]),
            ("store/mod.rs", "use super::report;\nuse super::run::Run;", &["report"]),
            ("unheard_of/mod.rs", "use crate::history::Row;", &["history"]),
            (
                "transaction/run.rs",
                "use crate::run::Run;\nuse crate::load::Load;\nuse crate::command;",
                &["run", "command"],
            ),
            (
                "plan/mod.rs",
                "// use crate::db;\n#[cfg(test)]\nmod tests {\n    use crate::db;\n}\nuse crate::load::X;",
                &["load"],
            ),
        ],
    ),
    (
        "async stays in load, db, transaction, tutorial and command",
        async_has_its_places,
        &[
            ("report/json.rs", "async fn f() { g().await }", &["async", "await"]),
            ("check/mod.rs", "let f = async |x| x; // async", &["async"]),
        ],
    ),
    (
        "each crate has its door",
        each_crate_has_its_door,
        &[
            ("load/shard.rs", "use tokio_postgres::Client;\nlet console = 1;", &["tokio_postgres"]),
            ("run.rs", "#[derive(clap::Args)] struct A;\nfn f() -> anyhow::Result<()> {}", &["clap", "anyhow"]),
            ("store/mod.rs", "use anyhow;\nlet text = \"clap::Args\";", &["anyhow"]),
            ("check/mod.rs", "use hdrhistogram::Histogram; use indicatif::Bar;", &["hdrhistogram", "indicatif"]),
            ("tune/race.rs", "use statrs::distribution::StudentsT;", &["statrs"]),
        ],
    ),
    (
        "printing stays in command, main and report's progress",
        printing_has_its_places,
        &[
            ("load/mod.rs", "println!(\"x\"); eprint!(\"y\"); writeln!(w)", &["println", "eprint"]),
            ("report/text/mod.rs", "std::io::stdout().lock(); Style::of_stdout(); command.stderr(null)", &["stdout"]),
            ("store/mod.rs", "std::process::exit(1); exit::print()", &["exit"]),
        ],
    ),
    (
        "randomness comes from the seed",
        randomness_comes_from_the_seed,
        &[
            ("load/worker.rs", "let r = rand::rng();", &["rng"]),
            ("transaction/attempt.rs", "let r = rand::rng();", &["rng"]),
            ("retry/backoff.rs", "rand::random::<f64>(); random.random_range(0..2)", &["random"]),
        ],
    ),
    (
        "nothing panics in passing",
        nothing_panics_in_passing,
        &[
            ("store/mod.rs", "x.unwrap(); y.expect(\"z\"); #[expect(dead_code)] z.unwrap_or(1)", &["unwrap", "expect"]),
            ("run.rs", "todo!()", &["todo"]),
        ],
    ),
    (
        "files are short and named after what they do",
        files_are_short_and_named_after_what_they_do,
        &[("db/util.rs", "", &["util"]), ("common/mod.rs", "", &["common"])],
    ),
];

#[test]
fn the_source_keeps_to_every_rule() {
    let sources = Source::all();
    assert!(sources.len() > 60, "only {} files were found", sources.len());
    let mut broken = Vec::new();
    for (name, rule, _) in &RULES {
        for source in &sources {
            broken
                .extend(rule(source).iter().map(|(line, what)| format!("src/{}:{line}: {what} ({name})", source.path)));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_rule_can_be_broken() {
    for (name, rule, samples) in &RULES {
        for (path, text, expected) in *samples {
            let found: Vec<String> = rule(&Source::new(path, text)).into_iter().map(|(_, what)| what).collect();
            assert_eq!(found, *expected, "{name}: {path} with {text}");
        }
    }
    let long = files_are_short_and_named_after_what_they_do(&Source::new("main.rs", &"\n".repeat(LONGEST_MAIN + 1)));
    assert_eq!(long.len(), 1);
}

#[test]
fn the_library_s_own_table_is_in_the_order_of_the_layers() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs")).unwrap();
    let table = text.lines().filter(|line| line.starts_with("//! | ["));
    let named: Vec<&str> = table.flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
    let row = |name: &&str| LAYERS.iter().position(|row| row.contains(name));
    assert!(named.is_sorted_by_key(row) && named.iter().all(|name| row(name).is_some()), "{named:?}");
    let mut declared: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut sorted = named.clone();
    declared.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(declared, sorted, "every module is in the table");
}
