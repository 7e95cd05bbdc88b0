//! How do rows line up? A small table: as wide as its cells, every line within the report's width.

use console::measure_text_width;

use super::style::{Paint, Style};
use super::wrap::{WIDTH, clean, wrap};

const GAP: usize = 2;
const INDENT: usize = 2;

/// How the cells of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// At the left, for words; the number of columns it has at least.
    Left(usize),
    /// At the right, for numbers; the number of columns it has at least.
    Right(usize),
    /// At the left, broken into lines where the report ends; for the last column.
    Wrap,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    paint: Paint,
}

impl Cell {
    pub(super) fn new(text: impl AsRef<str>, paint: Paint) -> Self {
        Self { text: clean(text.as_ref()), paint }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Paint::Plain)
    }
}

/// Rows of cells. A row may be shorter than the list of columns.
#[derive(Clone, Debug)]
pub(super) struct Table {
    columns: Vec<Align>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(columns: impl Into<Vec<Align>>) -> Self {
        Self { columns: columns.into(), rows: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table's lines, indented, without spaces at their ends.
    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        let widths: Vec<usize> = (0..self.columns.len()).map(|column| self.width(column)).collect();
        self.rows.iter().flat_map(|row| self.row_lines(row, &widths, style)).collect()
    }

    fn width(&self, column: usize) -> usize {
        let least = match self.columns[column] {
            Align::Left(least) | Align::Right(least) => least,
            Align::Wrap => 0,
        };
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| measure_text_width(&cell.text)).max().unwrap_or(0).max(least)
    }

    fn row_lines(&self, row: &[Cell], widths: &[usize], style: Style) -> Vec<String> {
        let mut line = String::new();
        let mut used = 0;
        let mut start = INDENT;
        for ((cell, align), width) in row.iter().zip(&self.columns).zip(widths) {
            let free = width.saturating_sub(measure_text_width(&cell.text));
            let at = match align {
                Align::Left(_) | Align::Wrap => start,
                Align::Right(_) => start + free,
            };
            if *align == Align::Wrap {
                return hanging(&line, used, start, cell, style);
            }
            if !cell.text.is_empty() {
                line.push_str(&" ".repeat(at - used));
                line.push_str(&style.paint(&cell.text, cell.paint));
                used = at + measure_text_width(&cell.text);
            }
            start += width + GAP;
        }
        vec![line]
    }
}

/// The last cell of a row, in as many lines as it needs, each from the column where it starts.
fn hanging(before: &str, used: usize, start: usize, cell: &Cell, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, text) in wrap(&cell.text, WIDTH.saturating_sub(start)).iter().enumerate() {
        let (before, used) = if index == 0 { (before, used) } else { ("", 0) };
        let painted = style.paint(text, cell.paint);
        lines.push(format!("{before}{}{painted}", " ".repeat(start - used)).trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(table: &Table) -> Vec<String> {
        table.lines(Style::default())
    }

    #[test]
    fn words_stand_at_the_left_and_numbers_at_the_right() {
        let mut table = Table::new([Align::Left(0), Align::Right(6), Align::Left(0)]);
        table.row(["attempts".into(), "12".into()]);
        table.row(["µs".into(), "1,234".into(), "x".into()]);
        table.row([Cell::default(), Cell::default(), "y".into()]);
        assert_eq!(plain(&table), ["  attempts      12", "  µs         1,234  x", "                    y"]);
    }

    #[test]
    fn the_last_column_is_broken_within_the_width() {
        let mut table = Table::new([Align::Left(0), Align::Wrap]);
        table.row(["name".into(), Cell::from("word ".repeat(30))]);
        let lines = plain(&table);
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("        word word"), "{lines:?}");
        assert!(lines.iter().all(|line| measure_text_width(line) <= WIDTH));
    }

    #[test]
    fn color_changes_no_width() {
        let mut table = Table::new([Align::Left(0), Align::Right(0)]);
        table.row([Cell::new("a", Paint::Good), Cell::new("b", Paint::Bad)]);
        let lines = table.lines(Style { color: true });
        assert_ne!(lines, plain(&table));
        assert_eq!(console::strip_ansi_codes(&lines[0]), plain(&table)[0]);
    }
}
