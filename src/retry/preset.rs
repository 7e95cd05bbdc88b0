//! What do others do? The retry policies of real libraries and tools, under their names.
//!
//! Only those that the language of policies can say. Left out are the token buckets of the AWS SDKs and of `MongoDB`'s drivers,
//! which give back to a retry that succeeds what it has paid; kai-niemi/chaos, which adds a constant to what it doubles;
//! and what a server asks for, as Spanner's `RetryInfo` does. A delay that has no cap there has one of an hour here.

use super::{ParsePolicyError, Policy, Restart};

/// The policy of a library or tool, as its source says or its documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// What it is called here.
    pub name: &'static str,
    /// The policy's text.
    pub text: &'static str,
    /// What it does with the connection between two attempts. A policy that is parsed from the name does not say so: that
    /// is up to who runs it.
    pub restart: Restart,
    /// What it does, in words.
    pub formula: &'static str,
    /// Where that was read.
    pub source: &'static str,
}

const fn preset(
    name: &'static str,
    text: &'static str,
    restart: Restart,
    formula: &'static str,
    source: &'static str,
) -> Preset {
    Preset { name, text, restart, formula, source }
}

impl Preset {
    /// All of them: of CockroachDB's world, of PostgreSQL's tools, of other databases, of theory.
    pub const ALL: [Self; 19] = [
        preset(
            "cockroach-go",
            "immediate/attempts:51",
            Restart::Savepoint,
            "no delay, 50 retries, the locks are kept",
            "cockroachdb/cockroach-go, crdb/common.go: ExecuteInTx",
        ),
        preset(
            "crdb-docs",
            "exponential:base=200ms,factor=2,cap=1h,jitter=+100ms",
            Restart::Rollback,
            "2^n x 100 ms + up to 100 ms, no cap; the number of attempts is left open",
            "CockroachDB's documentation: Transaction Retry Error Example (v26.1)",
        ),
        preset(
            "psycopg-tutorial",
            "tutorial",
            Restart::Rollback,
            "2^n x 0.1 s x uniform(0.5, 1.5), 3 attempts",
            "CockroachDB's documentation: Build a Python App with psycopg2; dbworkload waits like this too",
        ),
        preset(
            "typeorm",
            "exponential:base=200ms,factor=2,cap=1h,jitter=+-50%/attempts:6",
            Restart::Savepoint,
            "the tutorial's delays, 5 retries, and the locks are kept while it waits",
            "typeorm/typeorm, CockroachQueryRunner.ts (since 2023)",
        ),
        preset(
            "jepsen",
            "exponential:base=20ms,factor=4,cap=1h,jitter=factor+-6.25%/attempts:31",
            Restart::Rollback,
            "20 ms, then each time the wait before x uniform(3.75, 4.25), no cap, 30 retries",
            "cockroachdb/jepsen, cockroachdb/src/jepsen/cockroach/client.clj: with-txn-retry",
        ),
        preset(
            "pgbench",
            "immediate",
            Restart::Rollback,
            "no delay; --max-tries says how many attempts, by default one",
            "PostgreSQL's documentation: pgbench (since 15)",
        ),
        preset(
            "benchbase",
            "immediate/attempts:3",
            Restart::Rollback,
            "no delay, 3 attempts",
            "cmu-db/benchbase, api/Worker.java: doWork",
        ),
        preset(
            "sysbench",
            "immediate/attempts:unlimited",
            Restart::Rollback,
            "no delay, until it is committed",
            "akopytov/sysbench, src/drivers/pgsql/drv_pgsql.c, src/lua/internal/sysbench.lua",
        ),
        preset(
            "pkgsite",
            "exponential:base=125ms,factor=2,cap=1h,jitter=none/attempts:21",
            Restart::Rollback,
            "125 ms, doubled each time, no jitter, no cap, 20 retries",
            "golang/pkgsite, internal/database/database.go: transactWithRetry (2026)",
        ),
        preset(
            "dbos",
            "exponential:base=1ms,factor=1.5,cap=2s,jitter=none/attempts:unlimited",
            Restart::Rollback,
            "1 ms, half as much again each time up to 2 s, no jitter, until it is committed",
            "dbos-inc/dbos-transact-py, dbos/_core.py",
        ),
        preset(
            "dsql-rust",
            "exponential:base=1ms,factor=2,cap=100ms,jitter=+25%/attempts:3",
            Restart::Rollback,
            "1 ms doubled up to 100 ms, then up to a quarter more (whole milliseconds there), 3 attempts",
            "awslabs/aurora-dsql-connectors, rust/sqlx/src/occ_retry.rs",
        ),
        preset(
            "dsql-go",
            "exponential:base=100ms,factor=2,cap=5s,jitter=+25%/attempts:4",
            Restart::Rollback,
            "100 ms doubled up to 5 s, then up to a quarter more, 3 retries",
            "awslabs/aurora-dsql-connectors, go/pgx/occretry/occretry.go",
        ),
        preset(
            "spanner-go",
            "uniform:1ms..30ms/attempts:unlimited",
            Restart::Rollback,
            "1 to 30 ms (whole ones there) where the server does not say how long, until it is committed",
            "googleapis/go-sql-spanner, transaction.go: randomRetryDelay",
        ),
        preset(
            "mongodb",
            "exponential:base=5ms,factor=1.5,cap=500ms,jitter=full/attempts:unlimited/deadline:2m",
            Restart::Rollback,
            "uniform(0, min(500 ms, 5 ms x 1.5^(n-1))), for two minutes",
            "mongodb/specifications: Convenient API for Transactions (2025)",
        ),
        preset(
            "aws-none",
            "immediate/attempts:unlimited",
            Restart::Rollback,
            "no delay",
            "aws-samples/aws-arch-backoff-simulator, src/backoff_simulator.py: NoBackoff (2015)",
        ),
        preset(
            "aws-exponential",
            "exponential:base=10ms,factor=2,cap=2s,jitter=none/attempts:unlimited",
            Restart::Rollback,
            "min(2 s, 5 ms x 2^n)",
            "aws-samples/aws-arch-backoff-simulator: ExpoBackoff",
        ),
        preset(
            "aws-equal",
            "exponential:base=10ms,factor=2,cap=2s,jitter=equal/attempts:unlimited",
            Restart::Rollback,
            "d/2 + uniform(0, d/2), where d = min(2 s, 5 ms x 2^n)",
            "aws-samples/aws-arch-backoff-simulator: ExpoBackoffEqualJitter",
        ),
        preset(
            "aws-full",
            "exponential:base=10ms,factor=2,cap=2s,jitter=full/attempts:unlimited",
            Restart::Rollback,
            "uniform(0, min(2 s, 5 ms x 2^n))",
            "aws-samples/aws-arch-backoff-simulator: ExpoBackoffFullJitter",
        ),
        preset(
            "aws-decorrelated",
            "exponential:base=5ms,factor=2,cap=2s,jitter=decorrelated/attempts:unlimited",
            Restart::Rollback,
            "min(2 s, uniform(5 ms, 3 x the previous wait)), from 5 ms on",
            "aws-samples/aws-arch-backoff-simulator: ExpoBackoffDecorr",
        ),
    ];

    /// The preset of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        const ALL: &[Preset] = &Preset::ALL;
        ALL.iter().find(|preset| preset.name == name)
    }

    /// Its policy.
    ///
    /// # Errors
    /// None: the text of every preset is one.
    pub fn policy(&self) -> Result<Policy, ParsePolicyError> {
        self.text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::*;

    #[test]
    fn every_text_is_a_policy_in_its_canonical_form() {
        for preset in Preset::ALL {
            let policy = preset.policy().unwrap();
            assert_eq!(policy.to_string(), preset.text, "{}", preset.name);
            assert_eq!(preset.name.parse(), Ok(policy), "{}", preset.name);
        }
    }

    #[test]
    fn no_name_is_that_of_a_form_or_of_another_preset() {
        let mut names: Vec<&str> = Preset::ALL.iter().map(|preset| preset.name).collect();
        assert!(names.iter().all(|name| Form::find(name).is_none()), "{names:?}");
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Preset::ALL.len());
    }

    #[test]
    fn its_restart_is_found_by_its_name() {
        assert_eq!(Preset::find("cockroach-go").map(|preset| preset.restart), Some(Restart::Savepoint));
        assert_eq!(Preset::find("cockroach-gone"), None);
    }
}
