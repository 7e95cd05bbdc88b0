//! What kinds of transactions were there? Each shape with what came of it and its own invariant.

use super::headline::status_paint;
use super::page::Page;
use crate::check::Status;
use crate::history::Shape;
use crate::plan::CAP;
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{ABSENT, count, ratio, share};
use crate::run::{Run, SavedShape};

/// The section.
pub(super) fn show(run: &Run, page: &mut Page) {
    if run.shapes.is_empty() {
        return;
    }
    page.heading("Mix");
    let columns = [Align::Left(0), Align::Right(0), Align::Right(0), Align::Right(0), Align::Left(0), Align::Wrap];
    let mut table = Table::new(columns);
    table.row(["", "share", "committed", "retries", "", "its own rule"].map(Cell::from));
    let all: u64 = run.shapes.iter().map(SavedShape::transactions).sum();
    for shape in &run.shapes {
        let share = share(shape.transactions() as f64, all as f64);
        let retries = format!("{} a commit", ratio(shape.retries, shape.committed));
        let (checks, rule) = rule(&shape.shape);
        let judged = checks.iter().filter_map(|name| run.verdict.check(name));
        let worst = judged.max_by_key(|check| check.status == Status::Violated.to_string());
        let status = worst.map_or(ABSENT, |check| &check.status);
        table.row([
            (&shape.shape).into(),
            share.into(),
            count(shape.committed).into(),
            retries.into(),
            Cell::new(status, if status == ABSENT { Paint::default() } else { status_paint(status) }),
            rule.into(),
        ]);
    }
    page.table(&table);
}

/// Which checks judge the rule of a shape, and the rule.
fn rule(name: &str) -> (&'static [&'static str], String) {
    let rule: (&[&str], &str) = match Shape::ALL.into_iter().find(|shape| shape.name() == name) {
        Some(Shape::Transfer | Shape::Absolute | Shape::Peek) => {
            (&["total-balance", "audit-total"], "the total stays the same")
        }
        Some(Shape::Skew) => (&["skew", "audit-pairs"], "no customer below zero"),
        Some(Shape::Batch) => (&["batch"], "reports on closed batches are final"),
        Some(Shape::Cap) => return (&["cap"], format!("at most {CAP} members in a group")),
        Some(Shape::Fresh) => (&["fresh"], "of two neighbors one sees the other"),
        Some(Shape::Audit) | None => (&[], "none, it writes nothing"),
    };
    (rule.0, rule.1.to_owned())
}
