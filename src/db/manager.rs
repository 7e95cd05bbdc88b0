//! How does a connection become ready for work? Connect, set the session up, ask the isolation level back; take it over
//! from the driver, and prepare.

use std::collections::BTreeSet;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bb8_postgres::bb8::ManageConnection;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::Lease;
use super::call::Call;
use super::cluster::Cluster;
use super::route::Link;
use super::text::Texts;
use super::watchdog::Watchdog;
use super::wire::{Canceling, Dialect, Login, Messages, Wire};
use super::{Failure, Product};
use crate::plan::{Flight, Isolation, Plan, Planner, Protocol, SchemaName, Session, VerifyMode};
use crate::retry::Restart;

/// What every connection of a run has in common.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    schema: SchemaName,
    isolation: Isolation,
    planner: Planner,
    statement_timeout: Duration,
    product: Product,
    holder: String,
    granted: Arc<Mutex<BTreeSet<String>>>,
    made: Arc<Mutex<Vec<(String, u64)>>>,
    flight: Flight,
    protocol: Protocol,
    restart: Restart,
    /// What transactions send.
    calls: Vec<Call>,
    /// What the names of prepared statements begin with, other ones in each run, and then in each connection of it: a pooler
    /// may hand on a connection of the server's on which others have left their own.
    prefix: String,
}

impl SessionSettings {
    /// The settings of a plan for a product, under a lease.
    #[must_use]
    pub fn new(plan: &Plan, product: Product, lease: &Lease) -> Self {
        let Session { isolation, planner, flight, protocol, statement_timeout } = plan.session;
        let (schema, holder) = (plan.bank.schema.clone(), lease.holder().to_owned());
        Self {
            schema,
            isolation,
            planner,
            statement_timeout,
            product,
            holder,
            granted: Arc::default(),
            made: Arc::default(),
            flight,
            protocol,
            restart: plan.retry.restart,
            prefix: prefix(lease.holder()),
            calls: Call::wanted(&plan.mix.shapes(), flight, plan.verify.mode == VerifyMode::Ledger),
        }
    }

    /// The settings of another plan under the same lease, which count their connections and levels together with these.
    #[must_use]
    pub fn of(&self, plan: &Plan, lease: &Lease) -> Self {
        let (granted, made) = (Arc::clone(&self.granted), Arc::clone(&self.made));
        Self { granted, made, ..Self::new(plan, self.product, lease) }
    }

    /// Every isolation level that a connection has answered so far, in the server's words.
    #[must_use]
    pub fn granted(&self) -> Vec<String> {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// How many connections have been made to each server so far, in the order of the first one to each.
    #[must_use]
    pub fn made(&self) -> Vec<(String, u64)> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a connection, and answers with the server's number and its own.
    fn note_made(&self, server: String) -> (u16, u64) {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let number = made.iter().position(|(name, _)| *name == server).unwrap_or_else(|| {
            made.push((server, 0));
            made.len() - 1
        });
        made[number].1 += 1;
        let all = made.iter().map(|(_, count)| count).sum();
        (u16::try_from(number).unwrap_or(u16::MAX), all)
    }

    /// The beginning of every transaction.
    fn begin(&self) -> String {
        let level = self.level();
        match self.protocol {
            // A pooler of transactions gives the server's connection to others afterwards: nothing is left on it.
            Protocol::Simple if self.is_kept_from_scans() => format!(
                "BEGIN ISOLATION LEVEL {level}; SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off"
            ),
            _ => format!("BEGIN ISOLATION LEVEL {level}"),
        }
    }

    fn level(&self) -> &'static str {
        match self.isolation {
            Isolation::ReadCommitted => "READ COMMITTED",
            Isolation::RepeatableRead => "REPEATABLE READ",
            Isolation::Serializable => "SERIALIZABLE",
        }
    }

    /// Whether transactions have no BEGIN that could say their level.
    fn is_alone(&self) -> bool {
        self.restart == Restart::Single
    }

    /// What is run once per connection, before anything else.
    fn set_up(&self) -> String {
        let mut statements = Vec::new();
        if self.is_alone() {
            let level = self.level();
            statements.push(format!("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {level}"));
        }
        if self.protocol == Protocol::Prepared && self.is_kept_from_scans() {
            statements.push("SET enable_seqscan = off; SET enable_bitmapscan = off".to_owned());
        }
        statements.join("; ")
    }

    fn is_kept_from_scans(&self) -> bool {
        self.product == Product::Postgres && self.planner == Planner::PrimaryKey
    }
}

/// Holders of a lease are never the same.
fn prefix(holder: &str) -> String {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(holder);
    format!("contend_{:08x}", hash & 0xffff_ffff)
}

/// A connection that is ready for transactions.
pub(super) struct Connection {
    pub(super) wire: Wire,
    pub(super) dialect: Dialect,
    pub(super) canceling: Canceling,
    /// Which server it leads to.
    pub(super) node: u16,
    pub(super) watchdog: Watchdog,
}

/// A place in the pool. A lost connection is dropped at once, so that the server can let go of it, and its place stays.
/// The pool moves it about a dozen times for each transaction, so that it is on the heap.
pub(super) struct Slot(pub(super) Option<Box<Connection>>);

impl fmt::Debug for Slot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Slot(taken)" } else { "Slot(free)" })
    }
}

/// Makes connections for the pool.
#[derive(Debug)]
pub(super) struct Manager {
    cluster: Cluster,
    settings: SessionSettings,
}

impl Manager {
    pub(super) fn new(cluster: Cluster, settings: SessionSettings) -> Self {
        Self { cluster, settings }
    }

    async fn prepare(&self, link: Link<Login>) -> Result<Connection, Failure> {
        let Link { made: mut login, server, .. } = link;
        let (node, number) = self.settings.note_made(server);
        login.driver.during(self.set_up(&login.client)).await?;
        let (bytes, canceling) = login.take_over().ok_or_else(Failure::connection_lost)?;
        let mut wire = Wire::new(bytes);
        let dialect = self.dialect(&mut wire, number).await?;
        Ok(Connection { wire, dialect, canceling, node, watchdog: Watchdog::new(self.settings.statement_timeout) })
    }

    async fn set_up(&self, client: &Client) -> Result<(), Failure> {
        let set_up = self.settings.set_up();
        if !set_up.is_empty() {
            client.batch_execute(&set_up).await?;
        }
        self.ask_isolation_back(client).await?;
        if self.cluster.is_several() {
            self.find_the_lease(client).await?;
        }
        Ok(())
    }

    /// Prepares what is to be prepared.
    async fn dialect(&self, wire: &mut Wire, number: u64) -> Result<Dialect, Failure> {
        let SessionSettings { schema, flight, protocol, calls, prefix, restart, .. } = &self.settings;
        let begin = self.settings.begin();
        if *protocol == Protocol::Simple {
            return Ok(Dialect::Simple(Box::new(Texts::new(&begin, calls, schema, *flight))));
        }
        let prepared = Messages::new(&format!("{prefix}_{number}"), &begin, calls, schema, *flight, *restart);
        let (messages, preparing) = prepared.map_err(|error| Failure::unexpected_answer(&error.to_string()))?;
        wire.prepare(preparing).await?;
        Ok(Dialect::Extended(Box::new(messages)))
    }

    /// Several servers can be those of several databases, in which the accounts are others.
    async fn find_the_lease(&self, client: &Client) -> Result<(), Failure> {
        let meta = format!("\"{}\".meta", self.settings.schema);
        let sql = format!("SELECT count(*)::INT8 FROM {meta} WHERE lease_holder = $1");
        let found: i64 = client.query_typed_one(&sql, &[(&self.settings.holder, Type::TEXT)]).await?.try_get(0)?;
        if found > 0 { Ok(()) } else { Err(Failure::another_database()) }
    }

    /// Servers grant another level than was asked for without a word. Outside of a transaction SHOW tells the session's
    /// default, so it is asked inside; and outside where transactions are statements that stand alone.
    async fn ask_isolation_back(&self, client: &Client) -> Result<(), Failure> {
        let is_alone = self.settings.is_alone();
        if !is_alone {
            client.batch_execute(&self.settings.begin()).await?;
        }
        let answer = client.simple_query("SHOW transaction_isolation").await?;
        if !is_alone {
            client.batch_execute("COMMIT").await?;
        }
        let level = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        if let Some(level) = level {
            self.settings.granted.lock().unwrap_or_else(PoisonError::into_inner).insert(level);
        }
        Ok(())
    }
}

impl ManageConnection for Manager {
    type Connection = Slot;
    type Error = Failure;

    async fn connect(&self) -> Result<Slot, Failure> {
        let link = self.cluster.connect::<Login>().await?;
        let limit = self.cluster.connect_timeout();
        let late = |_| Failure::connect_timeout(limit);
        let made = tokio::time::timeout(limit, self.prepare(link)).await.map_err(late)??;
        Ok(Slot(Some(Box::new(made))))
    }

    async fn is_valid(&self, _slot: &mut Slot) -> Result<(), Failure> {
        Ok(())
    }

    /// Never: a lost connection stays in its place, and the next worker that gets it connects again under the retry
    /// policy, where the reason is seen and counted. The pool would do it behind the scenes and tell only of a timeout.
    fn has_broken(&self, _slot: &mut Slot) -> bool {
        false
    }
}
