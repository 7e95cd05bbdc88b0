//! How fast is a history kept, saved, read back and checked? `cargo bench --bench history [TRANSACTIONS]` prints one line:
//! each transaction has two reads and two writes on 10,000 accounts, in 16 workers on two shards.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use contend::check::isolation::{Level, Verdict, check};
use contend::check::recorded::{Setting, recorded_history};
use contend::history::{
    Account, Attempt, AttemptOutcome, Key, Log, Operation, Phase, Recording, Row, Shape, Snapshot, State, Writer,
    merged,
};
use contend::load::Usage;
use contend::run::{GrantedIsolation, SavedPlan, Server};
use contend::store::{HistoryHeader, HistoryParts, SavedTable, read_history, write_history};

const ACCOUNTS: u32 = 10_000;
const WORKERS: u32 = 16;
const SHARDS: u32 = 2;
/// Between the starts of two transactions, in nanoseconds.
const STEP: u64 = 10_000;

fn main() -> ExitCode {
    let wanted = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    match measure(wanted.unwrap_or(1_000_000)) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(count: u32) -> Result<String, Box<dyn std::error::Error>> {
    let transactions = u64::from(count);
    let begun = Instant::now();
    let (before, after, logs) = record(count);
    let recorded = begun.elapsed().as_secs_f64();
    let log_bytes: usize = logs.iter().map(Log::bytes).sum();

    let (begun, rss) = (Instant::now(), Usage::now().max_rss_bytes);
    let sizes = HistoryHeader { attempts: transactions, operations: 4 * transactions, ..header() }.sizes();
    let setting = Setting {
        sizes,
        before: &before,
        after: Some(&after),
        stopped_at: None,
        restart: contend::retry::Restart::Rollback,
    };
    let history = recorded_history(setting, merged(&logs))?;
    let converted = begun.elapsed().as_secs_f64();
    let grown = Usage::now().max_rss_bytes.saturating_sub(rss);
    drop(history);

    let begun = Instant::now();
    let parts =
        HistoryParts { header: header(), before: Arc::new(before), after: Some(Arc::new(after)), logs: logs.into() };
    let file = write_history(Vec::new(), parts)?;
    let written = begun.elapsed().as_secs_f64();

    let begun = Instant::now();
    let read = read_history(file.as_slice())?;
    let took = begun.elapsed().as_secs_f64();
    let verdict = check(&read.history).verdict(Level::StrictSerializable);
    let checked = begun.elapsed().as_secs_f64();
    if verdict != Verdict::Holds || u64::from(read.history.len()) != transactions {
        return Err("the history did not come back as it was".into());
    }
    let per = |bytes: u64| bytes as f64 / transactions as f64;
    Ok(format!(
        "history txns={transactions} record_ns={:.0} log_bytes={:.1} convert_s={converted:.2} convert_bytes={:.0} \
         write_s={written:.2} file_mb_per_s={:.1} file_bytes={:.1} read_s={took:.2} read_check_s={checked:.2}",
        recorded * 1e9 / transactions as f64,
        per(log_bytes as u64),
        per(grown),
        file.len() as f64 / 1e6 / written,
        per(file.len() as u64),
    ))
}

/// Transfers one after the other, as far as the rows are concerned; as far as the times are, as many at once as there are
/// workers.
fn record(transactions: u32) -> (State, State, Vec<Log>) {
    let recording = Recording::new(u64::MAX, 1);
    let mut logs: Vec<Log> = (0..SHARDS).map(|_| Log::new(Arc::clone(&recording))).collect();
    let mut rows = vec![Row { balance: 10_000, version: 0, writer: 0 }; ACCOUNTS as usize];
    let before = state(&rows);
    // Numbers that look drawn, the same on every machine.
    let mut random = 7_u32;
    for ticket in 0..transactions {
        let worker = ticket % WORKERS;
        let writer = Writer { epoch: 1, worker, attempt: ticket / WORKERS }.number();
        let mut draw = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) % ACCOUNTS
        };
        let (one, two) = (draw(), draw());
        let two = if one == two { (one + 1) % ACCOUNTS } else { two };
        let amount = i64::from(ticket % 100);
        let key = |index: u32| Key::account(i64::from(index) + 1);
        let [checked, credited] =
            [one, two].map(|index| Operation::Read { key: key(index), row: rows[index as usize] });
        let [debit, credit] = [(one, -amount), (two, amount)].map(|(index, delta)| {
            let row = &mut rows[index as usize];
            *row = Row { balance: row.balance + delta, version: row.version + 1, writer };
            Operation::Write { key: key(index), delta, row: *row }
        });
        let start = u64::from(ticket) * STEP;
        logs[(worker % SHARDS) as usize].add(&Attempt {
            ticket: u64::from(ticket),
            worker,
            number: 1,
            shape: Shape::Transfer,
            writer,
            node: 0,
            start,
            end: start + (u64::from(WORKERS) - 1) * STEP,
            outcome: AttemptOutcome::Committed,
            phase: Phase::Commit,
            cause: None,
            retry_of: None,
            measured: true,
            in_window: true,
            round_trips: 5,
            operations: &[checked, credited, debit, credit],
        });
    }
    (before, state(&rows), logs)
}

fn state(rows: &[Row]) -> State {
    let accounts = (1..).zip(rows).map(|(id, row)| Account { id, row: *row }).collect();
    State { accounts: Snapshot::of(accounts), ..State::default() }
}

fn header() -> HistoryHeader {
    HistoryHeader {
        contend_history: HistoryHeader::FORMAT,
        run: "bench".to_owned(),
        contend: env!("CARGO_PKG_VERSION").to_owned(),
        started: "1970-01-01T00:00:00Z".to_owned(),
        plan: SavedPlan {
            mix: "transfer".to_owned(),
            verify: "history".to_owned(),
            level: "serializable".to_owned(),
            flags: Vec::new(),
            workers: WORKERS,
            connections: WORKERS,
            threads: SHARDS,
            accounts: u64::from(ACCOUNTS),
            lock_order: "random".to_owned(),
            keys: "uniform".to_owned(),
            retry: "none".to_owned(),
            restart: "rollback".to_owned(),
            flight: "sequential".to_owned(),
            protocol: "prepared".to_owned(),
            rate_tps: None,
            arrivals: None,
            steps: None,
            seed: 7,
            duration_s: None,
        },
        server: Server {
            product: "none".to_owned(),
            version: String::new(),
            address: String::new(),
            local: None,
            isolation: GrantedIsolation { asked: "serializable".to_owned(), granted: Vec::new(), weaker: false },
            relation_locks: false,
            hosts: Vec::new(),
        },
        mix: [("transfer".to_owned(), 1)].into(),
        tables: [("accounts".to_owned(), SavedTable { rows: u64::from(ACCOUNTS), initial: 10_000 })].into(),
        invariant: [].into(),
        stopped_at_ns: None,
        before: Vec::new(),
        after: None,
        attempts: 0,
        operations: 0,
    }
}
