//! How is it shown? Values in, bytes out.
//!
//! A [`crate::run::Run`] becomes a terminal report ([`text`]) or JSON ([`json`]); [`hints`] are what its numbers suggest
//! to try next. Nothing here prints or exits, except for [`Progress`], which draws on standard error while a run goes on.

mod balances;
mod bars;
mod chart;
mod emit;
pub mod export;
mod hints;
mod histogram;
mod json;
mod names;
mod picture;
mod progress;
mod style;
mod table;
mod text;
pub mod units;
mod wrap;

pub use balances::render as balances;
pub use chart::{delay_picture, tune_pictures};
pub use emit::{Evidence, Language, ParseLanguageError, emit};
pub use hints::hints;
pub use json::judgement as judgement_json;
pub use json::policies as policies_json;
pub use json::render as json;
pub use json::tune as tune_json;
pub use picture::Picture;
pub use progress::{ExperimentBar, LoadBar, Progress, SeedBar};
pub use style::Style;
pub use text::render as text;
pub use text::{Ping, Policies, design, judgement, ping, policies, policy_details, tune};
