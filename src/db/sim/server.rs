//! What is a simulated server? Its state, its nodes, and the time that passes on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::Exp1;

use super::VirtualTime;
use super::address::Simulation;
use super::cores::Cores;
use super::database::SimDatabase;
use super::engine::Engine;
use super::matrix::Matrix;
use super::stall::Stall;
use crate::db::layout::Used;
use crate::db::{snapshot, state};
use crate::history::{Collection, Nanos, State, Table};
use crate::plan::Plan;

/// Workers have the streams from 0 on, faults the last one.
const STREAM: u64 = u64::MAX - 1;

/// A simulated server. Clones are the same server.
///
/// One thread works on it, so its lock is never waited for; it is there since the load is made on another thread than it
/// runs on.
#[derive(Clone, Debug)]
pub struct SimServer {
    pub(super) time: VirtualTime,
    pub(super) latency: Arc<Latency>,
    plan: Arc<Plan>,
    machine: Arc<Mutex<Machine>>,
}

/// How long things take that never take any longer.
#[derive(Debug)]
pub(super) struct Latency {
    pub(super) rtt: Nanos,
    pub(super) commit: Nanos,
    pub(super) deadlock: Nanos,
    pub(super) retries: u32,
    stall: Option<Stall>,
    matrix: Matrix,
}

impl Latency {
    fn of(simulation: &Simulation) -> Self {
        let Simulation { rtt, commit, deadlock, retries, stall, matrix, .. } = simulation;
        Self {
            rtt: nanos(*rtt),
            commit: nanos(*commit),
            deadlock: nanos(*deadlock),
            retries: *retries,
            stall: *stall,
            matrix: matrix.clone(),
        }
    }

    /// When the server is done with what it begins at a time.
    pub(super) fn done(&self, begin: Nanos, work: Nanos) -> Nanos {
        self.stall.map_or(begin.saturating_add(work), |stall| stall.done(begin, work))
    }

    /// From one node to another and back.
    pub(super) fn between(&self, from: u16, to: u16) -> Nanos {
        nanos(self.matrix.round_trip(usize::from(from), usize::from(to)))
    }

    /// The node at which a row or a group is.
    pub(super) fn home(&self, number: i64) -> u16 {
        let nodes = i64::try_from(self.matrix.nodes()).unwrap_or(1);
        u16::try_from(number.rem_euclid(nodes)).unwrap_or(0)
    }
}

/// What changes.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) engine: Engine,
    nodes: Vec<Node>,
    connected: u64,
    /// What a statement works on average, in nanoseconds.
    service: f64,
    stall: Option<Stall>,
    random: ChaCha8Rng,
}

#[derive(Debug)]
struct Node {
    cores: Cores,
    connections: u64,
}

impl SimServer {
    /// A server with the tables of a plan, as they are seeded. Everything that it draws descends from the plan's seed.
    #[must_use]
    pub fn new(simulation: &Simulation, plan: &Plan, time: VirtualTime) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(plan.seed);
        random.set_stream(STREAM);
        let node = |_| Node { cores: Cores::new(simulation.cores), connections: 0 };
        let machine = Machine {
            engine: Engine::new(simulation, plan),
            nodes: (0..simulation.matrix.nodes()).map(node).collect(),
            connected: 0,
            service: simulation.service.as_nanos() as f64,
            stall: simulation.stall,
            random,
        };
        let latency = Arc::new(Latency::of(simulation));
        Self { time, latency, plan: Arc::new(plan.clone()), machine: Arc::new(Mutex::new(machine)) }
    }

    /// So many connections to it, to each node in turn.
    #[must_use]
    pub fn database(&self, connections: u32) -> SimDatabase {
        SimDatabase::new(self.clone(), connections)
    }

    /// What is committed now: every table that the plan has a use for, where it is not too large to be held.
    #[must_use]
    pub fn state(&self) -> State {
        let (machine, used) = (self.machine(), Used::by(&self.plan));
        let Engine { rows, groups, posted, .. } = &machine.engine;
        let table = |table| rows.table(table, state::READ_WHOLE);
        let collection = |collection| {
            let members = used.collection(collection).then(|| groups.collection(collection));
            members.and_then(|members| held(members, state::READ_WHOLE))
        };
        State {
            accounts: rows.accounts(snapshot::READ_WHOLE),
            pairs: table(Table::Pairs),
            tills: table(Table::Tills),
            fresh: table(Table::Fresh),
            receipts: collection(Collection::Receipts),
            members: collection(Collection::Members),
            transfers: used.transfers.then(|| posted.clone()).and_then(|posted| held(posted, state::READ_WHOLE)),
        }
    }

    /// The nodes, and how many connections have been made to each.
    #[must_use]
    pub fn hosts(&self) -> Vec<(String, u64)> {
        let name = |(number, node): (usize, &Node)| (format!("node {number}"), node.connections);
        self.machine().nodes.iter().enumerate().map(name).collect()
    }

    pub(super) fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Machine {
    /// Makes a connection, to the node whose turn it is.
    pub(super) fn connect(&mut self) -> u16 {
        let node = self.connected % self.nodes.len().max(1) as u64;
        self.connected += 1;
        let number = u16::try_from(node).unwrap_or(0);
        if let Some(node) = self.nodes.get_mut(usize::from(number)) {
            node.connections += 1;
        }
        number
    }

    /// The time at which a statement that comes to a node now has been worked on.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive time of a few seconds")]
    pub(super) fn done(&mut self, node: u16, now: Nanos) -> Nanos {
        let work = if self.service > 0.0 { self.service * self.random.sample::<f64, _>(Exp1) } else { 0.0 };
        let (node, stall) = (self.nodes.get_mut(usize::from(node)), self.stall);
        node.map_or(now, |node| node.cores.done(now, work.round() as Nanos, stall))
    }
}

fn nanos(duration: std::time::Duration) -> Nanos {
    u64::try_from(duration.as_nanos()).unwrap_or(Nanos::MAX)
}

/// A table that is small enough.
fn held<T>(rows: Vec<T>, most: i64) -> Option<Vec<T>> {
    i64::try_from(rows.len()).is_ok_and(|count| count <= most).then_some(rows)
}
