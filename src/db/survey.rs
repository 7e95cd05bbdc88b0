//! What would a run find here? Isolation levels, limits and timeouts, asked without any right but that to connect.
//!
//! Nothing is made or changed. What a server does not know is left out, and what it does not tell this user is said so.

use std::time::{Duration, Instant};

use super::{Control, Error, Product};
use crate::plan::Isolation;

/// What is written for an answer that only others get.
const NOT_ALLOWED: &str = "not allowed to ask";
const ASK: &str = "ask for a setting";

/// What the server says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Who is connected.
    pub user: String,
    /// To which database.
    pub database: String,
    /// The isolation level of a transaction that asks for none.
    pub default_isolation: String,
    /// Each level that can be asked for, and the one that a transaction then has.
    pub isolation: Vec<(Isolation, String)>,
    /// Why nothing can be written here, where that is so.
    pub read_only: Option<&'static str>,
    /// Whether this user may create a schema in this database.
    pub may_create_schema: bool,
    /// Limits and timeouts under their own names.
    pub settings: Vec<(&'static str, String)>,
}

/// Asks for everything.
pub async fn survey(control: &Control) -> Result<Survey, Error> {
    let text = async |sql| Ok::<_, Error>(ask(control, sql).await?.unwrap_or_default());
    let mut isolation = Vec::new();
    for level in [Isolation::Serializable, Isolation::RepeatableRead, Isolation::ReadCommitted] {
        isolation.push((level, granted(control, level).await?));
    }
    Ok(Survey {
        user: text("SELECT current_user").await?,
        database: text("SELECT current_database()").await?,
        default_isolation: text("SHOW default_transaction_isolation").await?,
        isolation,
        read_only: read_only(control).await?,
        may_create_schema: text("SELECT has_database_privilege(current_database(), 'CREATE')").await? == "t",
        settings: settings(control).await?,
    })
}

/// How long the server takes to answer the shortest statement, again and again, one after another.
pub async fn round_trips(control: &Control, count: u32) -> Result<Vec<Duration>, Error> {
    /// The first ones find cold caches on the way.
    const WARM_UP: u32 = 3;
    let mut times = Vec::new();
    for round in 0..WARM_UP.saturating_add(count) {
        let begun = Instant::now();
        control.execute("wait for an answer", "SELECT 1").await?;
        if round >= WARM_UP {
            times.push(begun.elapsed());
        }
    }
    Ok(times)
}

/// Servers grant another level than was asked for without a word, so it is asked back, inside of a transaction.
async fn granted(control: &Control, level: Isolation) -> Result<String, Error> {
    let name = level.to_string().replace('-', " ").to_uppercase();
    let sql = format!("BEGIN ISOLATION LEVEL {name}; SHOW transaction_isolation; ROLLBACK");
    match control.first_value("ask the isolation level back", &sql).await {
        Ok(answer) => Ok(answer.unwrap_or_default()),
        Err(Error::Statement { failure, .. }) if !failure.lost => {
            control.execute("roll back", "ROLLBACK").await?;
            Ok(format!("a refusal: {}", failure.message))
        }
        Err(error) => Err(error),
    }
}

async fn read_only(control: &Control) -> Result<Option<&'static str>, Error> {
    let is = async |sql, yes| Ok::<_, Error>(ask(control, sql).await?.as_deref() == Some(yes));
    if is("SELECT pg_is_in_recovery()", "t").await? {
        return Ok(Some("the server is in recovery (a standby)"));
    }
    let read_only = is("SHOW default_transaction_read_only", "on").await?;
    Ok(read_only.then_some("default_transaction_read_only is on"))
}

async fn settings(control: &Control) -> Result<Vec<(&'static str, String)>, Error> {
    let own: &[(&str, &str)] = match control.server().product {
        Product::Cockroach => &COCKROACH,
        Product::Postgres | Product::Yugabyte | Product::Other => &POSTGRES,
    };
    let mut list = Vec::new();
    for (name, sql) in own {
        list.extend(ask(control, sql).await?.map(|value| (*name, value)));
    }
    for name in TIMEOUTS {
        let value = ask(control, &format!("SELECT current_setting('{name}', true)")).await?;
        // 0 is how every one of them is off. CockroachDB gives milliseconds without their unit.
        let set = value.filter(|value| value != "0");
        let bare = |value: &String| value.bytes().all(|byte| byte.is_ascii_digit());
        list.extend(set.map(|value| (name, if bare(&value) { format!("{value}ms") } else { value })));
    }
    Ok(list)
}

/// Shown where they are set.
const TIMEOUTS: [&str; 5] = [
    "statement_timeout",
    "lock_timeout",
    "transaction_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
];

/// Only administrators may list the nodes, and see settings of the cluster (CockroachDB documentation, "SHOW CLUSTER
/// SETTING"); since v26 nobody sees `crdb_internal` unless it is asked for ("`crdb_internal`", access control).
const COCKROACH: [(&str, &str); 3] = [
    ("nodes", "SELECT count(*) FROM crdb_internal.gossip_nodes"),
    ("sql.txn.read_committed_isolation.enabled", "SHOW CLUSTER SETTING sql.txn.read_committed_isolation.enabled"),
    ("server.max_connections_per_gateway", "SHOW CLUSTER SETTING server.max_connections_per_gateway"),
];

/// What is free is the least of what the server, the user and the database have left; only the server keeps superusers
/// from more (PostgreSQL documentation, `max_connections`, `reserved_connections`, CREATE ROLE). The type of other users'
/// backends is hidden from most.
const POSTGRES: [(&str, &str); 3] = [
    ("max_connections", "SHOW max_connections"),
    (
        "connections free for this user",
        "WITH client AS (SELECT usename, datname FROM pg_catalog.pg_stat_activity \
             WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend') \
         SELECT greatest(0, least( \
             current_setting('max_connections')::INT - (SELECT count(*) FROM client) - CASE WHEN r.rolsuper THEN 0 ELSE \
                 current_setting('superuser_reserved_connections')::INT \
                 + coalesce(current_setting('reserved_connections', true)::INT, 0) END, \
             CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper \
                 THEN r.rolconnlimit - (SELECT count(*) FROM client WHERE usename = r.rolname) END, \
             CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper \
                 THEN d.datconnlimit - (SELECT count(*) FROM client WHERE datname = d.datname) END)) \
         FROM pg_catalog.pg_roles r, pg_catalog.pg_database d \
         WHERE r.rolname = current_user AND d.datname = current_database()",
    ),
    ("deadlock_timeout", "SHOW deadlock_timeout"),
];

/// One value. Nothing for what the server does not know.
async fn ask(control: &Control, sql: &str) -> Result<Option<String>, Error> {
    match control.first_value(ASK, sql).await {
        Err(Error::Statement { failure, .. }) if !failure.lost => {
            Ok((failure.cause.sqlstate.as_str() == "42501").then(|| NOT_ALLOWED.to_owned()))
        }
        answer => answer,
    }
}
