//! What do the names in the tables leave out? Each candidate in full.

use super::super::page::Page;
use crate::report::names::Names;
use crate::report::table::{Align, Cell, Table};
use crate::report::wrap::clean;
use crate::retry::Restart;
use crate::run::SavedCandidate;

/// Each candidate of which its name in the tables does not say everything.
pub(super) fn show(candidates: &[SavedCandidate], names: &Names, page: &mut Page) {
    let mut table = Table::new([Align::Left(0), Align::Wrap]);
    let mut any = false;
    for (index, candidate) in candidates.iter().enumerate() {
        let short = names.short(index);
        let text = in_full(candidate, short);
        any |= !text.is_empty();
        if !text.is_empty() {
            table.row([Cell::from(short), Cell::from(text)]);
        }
    }
    if any {
        page.heading("In full");
        page.table(&table);
    }
}

/// What the name in the tables leaves out.
fn in_full(candidate: &SavedCandidate, short: &str) -> String {
    let SavedCandidate { name, policy, restart } = candidate;
    let mut parts = Vec::new();
    if clean(name) != short && name != policy {
        parts.push(name.clone());
    }
    if policy != short {
        parts.push(policy.clone());
    }
    if *restart != Restart::default().to_string() {
        parts.push(format!("restart by {restart}"));
    }
    parts.join(", ")
}
