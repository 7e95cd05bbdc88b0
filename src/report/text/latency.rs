//! How long did it take? The quantiles of each part of a transaction, and the histogram of response times.

use super::page::Page;
use super::shares::{BAR, COUNT, NAME, SHARE};
use crate::measure::Distribution;
use crate::report::bars::bar;
use crate::report::histogram::{Bucket, buckets, index_of};
use crate::report::style::Paint;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::{ABSENT, count, duration, share};
use crate::run::Run;

/// The columns of a bucket's lower bound; with the gap and the marks they are as wide as the names elsewhere.
const BOUND: usize = 9;

/// The sections; without any commit there is nothing to show.
pub(super) fn show(run: &Run, page: &mut Page) {
    let latency = &run.latency_ns;
    if latency.response.count == 0 {
        return;
    }
    page.heading("Latency of committed transactions (response = queue + service)");
    let mut columns = vec![Align::Left(0)];
    columns.extend([Align::Right(7); 7]);
    let mut table = Table::new(columns);
    table.row(["", "p50", "p90", "p95", "p99", "p99.9", "max", "mean"].map(Cell::from));
    table.row(row("response", &latency.response, Paint::Strong));
    table.row(row("service", &latency.service, Paint::Plain));
    table.row(row("queue", &latency.queue, Paint::Plain));
    table.row(row("backoff", &latency.backoff, Paint::Plain));
    table.row(row("attempt", &latency.attempt, Paint::Plain));
    page.table(&table);
    let buckets = buckets(&latency.response);
    if !buckets.is_empty() {
        page.heading("Response times, from");
        page.table(&histogram(&latency.response, &buckets));
    }
}

fn row(name: &str, distribution: &Distribution, paint: Paint) -> Vec<Cell> {
    let Distribution { p50, p90, p95, p99, p999, max, mean, count, histogram: _ } = distribution;
    let mut times = [*p50, *p90, *p95, *p99, *p999, *max].map(|time| duration(time as f64)).to_vec();
    times.push(duration(*mean));
    if *count == 0 {
        times.fill(ABSENT.to_owned());
    }
    let cells = times.iter().map(|time| Cell::new(time, paint));
    std::iter::once(Cell::new(name, paint)).chain(cells).collect()
}

fn histogram(response: &Distribution, buckets: &[Bucket]) -> Table {
    let largest = buckets.iter().map(|bucket| bucket.count).max().unwrap_or(0);
    let marks = [("p50", response.p50), ("p99", response.p99)];
    let name = [Align::Right(BOUND), Align::Left(NAME - BOUND - 2)];
    let mut table = Table::new([name[0], name[1], Align::Right(COUNT), Align::Right(SHARE), Align::Left(0)]);
    for (index, bucket) in buckets.iter().enumerate() {
        let here = marks.iter().filter(|(_, time)| index_of(buckets, *time) == index);
        let here: Vec<&str> = here.map(|(mark, _)| *mark).collect();
        table.row([
            duration(bucket.from as f64).into(),
            Cell::new(here.join(" "), Paint::Strong),
            count(bucket.count).into(),
            share(bucket.count as f64, response.count as f64).into(),
            bar(bucket.count as f64, largest as f64, BAR).into(),
        ]);
    }
    table
}
