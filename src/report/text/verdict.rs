//! What does the verdict rest on? Each check with its evidence.

use super::headline::status_paint;
use super::page::Page;
use crate::report::table::{Align, Cell, Table};
use crate::run::SavedVerdict;

/// The section.
pub(super) fn show(verdict: &SavedVerdict, page: &mut Page) {
    if verdict.checks.is_empty() {
        return;
    }
    page.heading("Checks");
    let mut table = Table::new([Align::Left(0), Align::Left(0), Align::Wrap]);
    for check in &verdict.checks {
        table.row([
            (&check.name).into(),
            Cell::new(&check.status, status_paint(&check.status)),
            (&check.detail).into(),
        ]);
    }
    page.table(&table);
}
