//! The broken levels: each is caught, by its name, on the default mix; and which of them a sum over the balances would have
//! let pass.

use std::fmt::Write;
use std::path::Path;

use contend::run::Run;

use super::support::Contend;

/// The address, what the database does wrong, and the names that the worst of it may have.
const BROKEN: [(&str, &str, &[&str]); 6] = [
    ("lost-updates", "writes over what it did not see", &["lost-update"]),
    ("stale-replica", "reads from a replica that is behind", &["stale read"]),
    ("dirty-abort", "keeps the writes of a rollback", &["G1a"]),
    ("no-write-conflict", "lets two write the same version", &["lost commit", "duplicate version"]),
    ("forgets-commits", "confirms commits and drops them", &["lost commit"]),
    ("applies-twice", "applies a commit again", &["applied twice"]),
];
const PAGE: &str = "docs/checker.md";
const BEGIN: &str = "<!-- broken levels, as tests/simulated/broken.rs writes them -->\n";
const END: &str = "<!-- end of the broken levels -->\n";

fn run(name: &str, seed: u64) -> Run {
    run_in("sequential", name, seed)
}

fn run_in(flight: &str, address: &str, seed: u64) -> Run {
    let flags = format!("--warmup 0s --transactions 5000 --seed {seed} --flight {flight}");
    Contend::run().on(&format!("sim://{address}")).flags(&flags).finish().expect(1).saved()
}

/// What the first line of the report calls it.
fn named(run: &Run) -> String {
    run.judgement.as_ref().and_then(|judgement| judgement.decisive.clone()).unwrap_or_default()
}

/// What it calls the anomalies that it explains.
fn told(run: &Run) -> String {
    let anomalies = run.judgement.iter().flat_map(|judgement| &judgement.anomalies);
    anomalies.filter_map(|anomaly| anomaly.explanation.first()).cloned().collect::<Vec<_>>().join("; ")
}

fn says(run: &Run, check: &str) -> String {
    run.verdict.checks.iter().find(|one| one.name == check).unwrap().status.clone()
}

#[test]
fn each_is_caught_by_its_name_whatever_the_seed() {
    for (name, _, names) in BROKEN {
        for seed in 1..=5 {
            let found = named(&run(name, seed));
            assert!(names.iter().any(|name| found.contains(name)), "sim://{name}, seed {seed}: {found}");
        }
    }
}

#[test]
fn each_is_caught_however_a_transaction_travels_and_whatever_answers_are_lost() {
    let mut wrong = Vec::new();
    for flight in ["pipelined", "single", "sequential --restart savepoint", "pipelined --restart reconnect"] {
        for (name, _, names) in BROKEN {
            for seed in 1..=3 {
                for address in [name.to_owned(), format!("{name}?ambiguous=0.01")] {
                    let found = told(&run_in(flight, &address, seed));
                    if !names.iter().any(|name| found.contains(name)) {
                        wrong.push(format!("sim://{address} --flight {flight} --seed {seed}: {found}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_page_tells_which_of_them_a_sum_would_have_passed() {
    let mut table = "| address | what it does | found | the total balance alone |\n|---|---|---|---|\n".to_owned();
    let mut passed = 0;
    for (name, does, _) in BROKEN {
        let run = run(name, 1);
        let total = says(&run, "total-balance");
        passed += u32::from(total == "holds");
        writeln!(table, "| `sim://{name}` | {does} | {} | {total} |", named(&run)).unwrap();
    }
    assert!(passed >= 3, "{table}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (told, after) = rest.split_once(END).unwrap();
    if std::env::var_os("CONTEND_UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(told, table, "write it with: CONTEND_UPDATE=1 cargo test --test simulated the_page");
    }
}

/// A saved run is judged again by its folder, and its page says first that nothing in it was a database.
#[test]
fn a_saved_simulation_says_so_when_it_is_checked() {
    let ended = Contend::run().on("sim://applies-twice").flags("--warmup 0s --transactions 3000 --seed 1").finish();
    let ended = ended.expect(1);
    let checked = Contend::new("check").arg(ended.folder().to_str().unwrap()).finish().expect(1);
    assert!(checked.stdout.starts_with("SIMULATED       sim://applies-twice ("), "{}", checked.stdout);
    assert!(checked.stdout.contains("VIOLATED        applied twice: "), "{}", checked.stdout);
}
