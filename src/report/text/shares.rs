//! How does a whole divide? Rows of a name, a count, its share and a bar, in columns that are the same in every section.

use console::measure_text_width;

use crate::report::bars::bar;
use crate::report::table::{Align, Cell, Table};
use crate::report::units::share;

/// The columns of the name; the histogram divides them in two.
pub(super) const NAME: usize = 20;
/// The columns of the count.
pub(super) const COUNT: usize = 10;
/// The columns of the share.
pub(super) const SHARE: usize = 8;
/// The columns of the longest bar.
pub(super) const BAR: usize = 30;

/// One part of the whole.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// What it is.
    pub name: String,
    /// Its size as it is shown.
    pub shown: String,
    /// Its size.
    pub size: f64,
}

/// The parts with their shares of the whole; the longest bar is the largest part's. Long names take room from the bars.
pub(super) fn shares(parts: Vec<Part>, whole: f64) -> Table {
    let largest = parts.iter().map(|part| part.size).fold(0.0, f64::max);
    let longest = parts.iter().map(|part| measure_text_width(&part.name)).max().unwrap_or(0);
    let width = BAR.saturating_sub(longest.saturating_sub(NAME)).max(1);
    let mut table = Table::new([Align::Left(NAME), Align::Right(COUNT), Align::Right(SHARE), Align::Left(0)]);
    for Part { name, shown, size } in parts {
        table.row([name, shown, share(size, whole), bar(size, largest, width)].map(Cell::from));
    }
    table
}
