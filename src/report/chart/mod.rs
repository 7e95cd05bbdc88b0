//! What does a comparison of policies look like? Goodput against p99, the ranking with its rounds, the drift of the
//! server; and of a single policy, how long it waits.
//!
//! Each chart says where everything stands on a [`Sheet`], which is written as SVG: on white, so that it can be read
//! wherever it is shown, and in colors that color-blind readers can tell apart.

mod delays;
mod drift;
mod front;
mod key;
mod labels;
mod mark;
mod ranking;
mod scale;
mod sheet;
#[cfg(test)]
mod tests;

use crate::retry::Policy;
use crate::run::Tune;
use sheet::Sheet;

/// The pictures of an experiment: the name of each file, and its SVG.
#[must_use]
pub fn tune_pictures(tune: &Tune) -> Vec<(String, String)> {
    sheets(tune).into_iter().map(|(name, sheet)| (name, sheet.svg())).collect()
}

/// How long a policy waits before each attempt, as SVG.
#[must_use]
pub fn delay_picture(name: &str, policy: &Policy) -> String {
    delays::draw(name, policy).svg()
}

fn sheets(tune: &Tune) -> Vec<(String, Sheet)> {
    let mut sheets = Vec::new();
    for analysis in &tune.analyses {
        let Some(&workers) = tune.workers.get(analysis.setting) else { continue };
        sheets.extend(front::draw(tune, analysis, workers).map(|sheet| (format!("front-{workers}.svg"), sheet)));
        sheets.push((format!("goodput-{workers}.svg"), ranking::draw(tune, analysis, workers)));
    }
    sheets.extend(drift::draw(tune).map(|sheet| ("drift.svg".to_owned(), sheet)));
    sheets
}

/// What the second line of every chart says: where the numbers come from.
fn source(tune: &Tune) -> String {
    let server = &tune.server;
    let simulated = if server.is_simulated() { "SIMULATED, no database: " } else { "" };
    let rounds = tune.blocks.iter().map(|block| block.round.saturating_add(1)).max().unwrap_or(0);
    let rounds = crate::report::units::counted(rounds.into(), "round");
    let block = crate::report::units::seconds(tune.design.block_s);
    format!("{simulated}{} {}; {rounds} of blocks of {block}", server.product, server.version)
}
