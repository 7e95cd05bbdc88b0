//! How are schedules played by hand? In the notation of the papers, one step each millisecond, without any latency.
//!
//! `r1(2)`: transaction 1 reads account 2. `w` adds 1 to it, `i` inserts a row into fresh, `l` looks for one there, `s`
//! reads a group, `j` joins it, `c` commits, `a` rolls back. Each is answered with the version that was read or made, or
//! the number of members, behind an `=`; or with the reason of a failure behind a `!`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::runtime::{Builder, LocalOptions};

use super::{SimDatabase, SimServer, SimSession, Simulation, VirtualTime};
use crate::db::{Answer, Database, Failure, Session, Statement};
use crate::history::{Access, Collection, Group, Key, Table};
use crate::plan::{
    Amount, Bank, Flight, Isolation, Keys, Load, LockOrder, Pace, Plan, Planner, Protocol, Retry, Stop, Transfer,
    Verify, VerifyMode,
};
use crate::retry::{Delays, Restart};

/// A simulation in which nothing takes any time.
pub(super) fn at_once(level: &str) -> Simulation {
    let [rtt, service, commit] = [Duration::ZERO; 3];
    Simulation { rtt, service, commit, ..format!("sim://{level}").parse().unwrap() }
}

pub(super) fn simulation(address: &str) -> Simulation {
    address.parse().unwrap()
}

/// Ten accounts with 1000 each, and every table there is.
pub(super) fn plan() -> Plan {
    Plan {
        bank: Bank { schema: "contend".parse().unwrap(), accounts: 10, balance: 1000, fresh: false },
        mix: "transfer,skew,batch,cap,fresh".parse().unwrap(),
        transfer: Transfer {
            keys: Keys::Uniform,
            amount: Amount { low: 1, high: 10 },
            lock_order: LockOrder::Random,
            think: Duration::ZERO,
        },
        session: crate::plan::Session {
            isolation: Isolation::Serializable,
            planner: Planner::PrimaryKey,
            flight: Flight::Sequential,
            protocol: Protocol::Prepared,
            statement_timeout: Duration::from_secs(30),
        },
        load: Load {
            workers: 1,
            connections: 1,
            threads: 1,
            ramp: Duration::ZERO,
            warmup: Duration::ZERO,
            pace: Pace::Closed,
            steps: None,
            stop: Stop::Transactions(1),
            drain_timeout: Duration::ZERO,
        },
        retry: Retry { policy: Delays::None.into(), restart: Restart::Rollback },
        verify: Verify { mode: VerifyMode::Ledger, history_limit: 0, audit: false },
        seed: 7,
    }
}

/// A server, and its clock.
pub(super) fn serve(simulation: &Simulation) -> (SimServer, VirtualTime) {
    let time = VirtualTime::default();
    (SimServer::new(simulation, &plan(), time.clone()), time)
}

/// Runs on a clock, without any driver of tokio's own.
pub(super) fn simulate<T>(time: &VirtualTime, work: impl Future<Output = T>) -> T {
    let clock = time.clone();
    let mut builder = Builder::new_current_thread();
    builder.on_thread_park(move || clock.advance());
    builder.build_local(LocalOptions::default()).unwrap().block_on(work)
}

/// A statement of the body, signed by a writer.
pub(super) fn access(access: Access, writer: i64) -> Statement {
    Statement::Access { access, writer }
}

pub(super) fn read(id: i64) -> Statement {
    access(Access::Read { key: Key::account(id) }, 0)
}

pub(super) fn add(id: i64, delta: i64, writer: i64) -> Statement {
    access(Access::Add { key: Key::account(id), delta }, writer)
}

/// One flight.
pub(super) async fn fly(session: &mut SimSession<'_>, statements: &[Statement]) -> Result<Vec<Answer>, Failure> {
    let mut answers = Vec::new();
    session.flight(statements, &mut answers).await.map(|()| answers)
}

/// Plays a schedule, and answers with its steps in the order in which they were done.
pub(super) fn play(level: &str, schedule: &str) -> String {
    let (server, time) = serve(&at_once(level));
    let database = Rc::new(server.database(9));
    let mut transactions: BTreeMap<i64, Vec<(u64, String)>> = BTreeMap::new();
    for (at, step) in (0..).zip(schedule.split_whitespace()) {
        transactions.entry(number(step)).or_default().push((at * 1_000_000, step.to_owned()));
    }
    let done = Rc::new(RefCell::new(Vec::new()));
    simulate(&time, async {
        let tasks = transactions.into_iter().map(|(writer, steps)| {
            let (database, time, done) = (Rc::clone(&database), time.clone(), Rc::clone(&done));
            tokio::task::spawn_local(transaction(database, time, writer, steps, done))
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
    done.borrow().join(" ")
}

async fn transaction(
    database: Rc<SimDatabase>,
    time: VirtualTime,
    writer: i64,
    steps: Vec<(u64, String)>,
    done: Rc<RefCell<Vec<String>>>,
) {
    let mut session = database.checkout().await.unwrap();
    for (index, (at, step)) in steps.into_iter().enumerate() {
        time.sleep_until(at).await;
        if index == 0 {
            fly(&mut session, &[Statement::Begin]).await.unwrap();
        }
        let answer = fly(&mut session, &[statement(&step, writer)]).await;
        let result = match &answer {
            Ok(answers) => match &answers[..] {
                [Answer::Row(row)] => format!("{step}={}", row.version),
                [Answer::Members(members)] => format!("{step}={}", members.len()),
                _ => step,
            },
            Err(failure) => format!("{step}!{}", failure.cause.reason),
        };
        done.borrow_mut().push(result);
        if answer.is_err() {
            return;
        }
    }
}

fn statement(step: &str, writer: i64) -> Statement {
    let id = || step.split(['(', ')']).nth(1).unwrap().parse().unwrap();
    let fresh = || Key { table: Table::Fresh, id: id() };
    let group = || Group { collection: Collection::Members, id: id() };
    match &step[..1] {
        "r" => read(id()),
        "w" => add(id(), 1, writer),
        "i" => access(Access::Insert { key: fresh() }, writer),
        "l" => access(Access::Read { key: fresh() }, writer),
        "s" => access(Access::Scan { group: group() }, writer),
        "j" => access(Access::Join { group: group() }, writer),
        "c" => Statement::Commit,
        "a" => Statement::Rollback,
        other => panic!("{other} is no step"),
    }
}

fn number(step: &str) -> i64 {
    step[1..2].parse().unwrap()
}
