//! Does an application's own transaction end as `run_transaction` says it does, on real servers?

#[path = "run_transaction/bank.rs"]
mod bank;
#[path = "run_transaction/cancelled.rs"]
mod cancelled;
#[path = "../examples/run_transaction.rs"]
#[allow(dead_code, reason = "main is the example's own")]
mod example;
#[path = "run_transaction/failed.rs"]
mod failed;
#[path = "run_transaction/given_up.rs"]
mod given_up;
#[path = "run_transaction/lost.rs"]
mod lost;
#[path = "ambiguous/proxy.rs"]
mod proxy;
#[path = "run_transaction/retried.rs"]
mod retried;
#[path = "run_transaction/session.rs"]
mod session;
#[path = "support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "other tests use the rest")]
mod support;
