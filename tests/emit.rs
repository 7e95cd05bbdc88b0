//! Is an emitted retry loop a program of its language, does it wait as the policy does, and does it retry on a server?

#[path = "emit/compile.rs"]
mod compile;
#[path = "emit/delays.rs"]
mod delays;
#[path = "emit/policies.rs"]
mod policies;
#[path = "emit/rust.rs"]
mod rust;
#[path = "emit/tools.rs"]
mod tools;
#[path = "emit/unhappy.rs"]
mod unhappy;
