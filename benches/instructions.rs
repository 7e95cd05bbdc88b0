//! How many instructions does a transaction take? `cargo bench --bench instructions [-- --functions]`, by valgrind's callgrind.
//!
//! One line for each flight, recording nothing (`balance`) and every attempt (`history`):
//! `instructions flight=sequential verify=balance per_transaction=...`. Counted is the shard's thread alone, which runs the
//! transactions: not the reading and checking of the accounts before and after, nor the judging of the history. And of that,
//! a run of 2 N transactions less a run of N, so that connecting is not in it. The seed is fixed, and there is one worker:
//! with more, as many answers come in at once as happens to be, which makes 5 % from one count to the next; alone, two counts
//! of the same build differ by half a percent at most.
//!
//! `--functions` also lists the functions that take most of them, each with its share by itself, without those it calls.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use contend::db::local::{Kind, LocalServer, Options};

const FLIGHTS: [&str; 3] = ["sequential", "pipelined", "single"];
const VERIFY: [&str; 2] = ["balance", "history"];
/// Few enough to read under valgrind, and none of them runs out of money.
const FLAGS: &str = "--accounts 20000 --balance 1000000 --mix transfer --workers 1 --threads 1 --seed 7 --warmup 0s \
                     --audit off --no-save --quiet --json";
const TRANSACTIONS: u64 = 2_000;
/// In the profile of a shard's thread, and of no other.
const WORKER: &str = "contend::load::worker::Worker";
/// How many functions are listed.
const LISTED: usize = 15;

/// What a run's shard took: instructions in all, and by function.
struct Profile {
    total: u64,
    functions: HashMap<String, u64>,
}

fn main() -> ExitCode {
    let functions = std::env::args().any(|argument| argument == "--functions");
    match count_all(functions) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn count_all(functions: bool) -> Result<(), Box<dyn Error>> {
    if Command::new("valgrind").arg("--version").stdout(Stdio::null()).status().is_err() {
        return Err("valgrind was not found; it counts the instructions: install the package valgrind".into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let options = Options { kind: Some(Kind::Postgres), connections: 16, ..Options::default() };
    let server = runtime.block_on(LocalServer::start(&options))?;
    let done = VERIFY.iter().flat_map(|verify| FLIGHTS.map(|flight| (flight, *verify))).try_for_each(
        |(flight, verify)| -> Result<(), Box<dyn Error>> {
            let once = profile(server.address(), flight, verify, TRANSACTIONS)?;
            let twice = profile(server.address(), flight, verify, 2 * TRANSACTIONS)?;
            print(flight, verify, &once, &twice, functions);
            Ok(())
        },
    );
    runtime.block_on(server.stop());
    done
}

fn print(flight: &str, verify: &str, once: &Profile, twice: &Profile, functions: bool) {
    let per = |once: u64, twice: u64| (twice as f64 - once as f64) / TRANSACTIONS as f64;
    let all = per(once.total, twice.total);
    println!("instructions flight={flight} verify={verify} per_transaction={all:.0}");
    if !functions {
        return;
    }
    let of_once = |name: &String| once.functions.get(name).copied().unwrap_or_default();
    let mut each: Vec<(f64, &String)> =
        twice.functions.iter().map(|(name, count)| (per(of_once(name), *count), name)).collect();
    each.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    for (count, name) in each.into_iter().take(LISTED) {
        println!("  {count:>7.0}  {:>4.1} %  {name}", 100.0 * count / all);
    }
}

/// Runs contend under callgrind.
fn profile(address: &str, flight: &str, verify: &str, transactions: u64) -> Result<Profile, Box<dyn Error>> {
    let directory = std::env::temp_dir().join(format!("contend-callgrind-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let run = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", directory.join("thread").display()))
        .args([env!("CARGO_BIN_EXE_contend"), "run", address])
        .args(FLAGS.split_whitespace())
        .args(["--flight", flight, "--verify", verify, "--transactions", &transactions.to_string()])
        .output()?;
    let counted = shard_of(&directory);
    let _ = std::fs::remove_dir_all(&directory);
    // 3, inconclusive: no two transactions at the same time prove nothing.
    if !matches!(run.status.code(), Some(0 | 3)) {
        let said = String::from_utf8_lossy(&run.stderr);
        return Err(format!("contend under valgrind ended with {}: {}", run.status, said.trim()).into());
    }
    counted
}

/// The thread that runs the transactions, among the files of all threads.
fn shard_of(directory: &Path) -> Result<Profile, Box<dyn Error>> {
    for file in std::fs::read_dir(directory)? {
        let text = std::fs::read_to_string(file?.path())?;
        if text.contains(WORKER) {
            return Ok(read(&text));
        }
    }
    Err("no thread that runs transactions is in what callgrind has written: was contend built without names?".into())
}

/// Adds up callgrind's file, function by function (Callgrind Format Specification): `fn=(number) name` begins a function, and
/// later `fn=(number)` alone means the same one. A line of a position and a cost is the function's own; the line behind
/// `calls=` is what was called.
fn read(text: &str) -> Profile {
    let (mut names, mut functions) = (HashMap::new(), HashMap::new());
    let (mut current, mut called) = (String::new(), false);
    for line in text.lines() {
        if let Some(function) = line.strip_prefix("fn=") {
            current = name_of(function, &mut names);
        } else if let Some(function) = line.strip_prefix("cfn=") {
            name_of(function, &mut names);
        } else if line.starts_with("calls=") {
            called = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || "+-*".contains(first)) {
            let cost = line.split_whitespace().nth(1).and_then(|cost| cost.parse::<u64>().ok()).unwrap_or_default();
            if !std::mem::take(&mut called) {
                *functions.entry(current.clone()).or_default() += cost;
            }
        }
    }
    Profile { total: functions.values().sum(), functions }
}

/// The name in `(number) name`, or the one that the number has had before.
fn name_of(text: &str, names: &mut HashMap<String, String>) -> String {
    match text.split_once(' ') {
        Some((number, name)) => {
            names.insert(number.to_owned(), name.to_owned());
            name.to_owned()
        }
        None => names.get(text).cloned().unwrap_or_else(|| text.to_owned()),
    }
}
