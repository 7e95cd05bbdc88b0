//! Was the schedule of an open loop kept? What was offered, what began, and how exact contend's own pacing was.

use super::page::Page;
use super::shares::{COUNT, NAME, SHARE};
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{ABSENT, count, duration, rate, share};
use crate::run::{Run, SavedOpenLoop};

/// The section; a closed loop has no schedule.
pub(super) fn show(run: &Run, page: &mut Page) {
    let Some(open_loop) = &run.open_loop else { return };
    page.heading("Schedule (open loop: response counts from the scheduled start)");
    page.table(&starts(open_loop));
    page.line(&pacing(open_loop));
}

fn starts(open_loop: &SavedOpenLoop) -> Table {
    let SavedOpenLoop { offered, started, skipped, waited, offered_tps, achieved_tps, .. } = *open_loop;
    let mut table = Table::new([Align::Left(NAME), Align::Right(COUNT), Align::Right(SHARE), Align::Left(0)]);
    let per_second = |tps: f64, what: &str| format!("{}/s {what}", rate(tps));
    let rows = [
        ("offered", offered, per_second(offered_tps, "due")),
        ("started", started, per_second(achieved_tps, "ended in the measured time")),
        ("skipped", skipped, String::new()),
        ("found no free worker", waited, String::new()),
    ];
    for (name, number, what) in rows {
        table.row([name, &count(number), &share(number as f64, offered as f64), &what].map(Cell::from));
    }
    table
}

/// How late those were for which a worker was waiting.
fn pacing(open_loop: &SavedOpenLoop) -> String {
    let lag = &open_loop.lag_ns;
    if lag.count == 0 {
        return format!("pacing error  {ABSENT}, since no worker ever waited for a start");
    }
    let [p50, p99, max] = [lag.p50, lag.p99, lag.max].map(|time| duration(time as f64));
    format!("pacing error  p50 {p50}, p99 {p99}, max {max}")
}
