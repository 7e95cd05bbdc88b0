//! contend
pub mod check; pub mod history; pub mod measure; pub mod plan; pub mod retry; pub mod workload; pub mod run; pub mod db; pub mod load;
