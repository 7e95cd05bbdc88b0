//! What does a lower p99 cost in goodput? The candidates that none other beats in both, and where all of them stand.

use super::super::page::Page;
use super::figures::goodput_and_p99;
use crate::report::units::{duration, rate};
use crate::run::Tune;
use crate::tune::{Analysis, Ranked};

/// The plot, in columns and rows, and the columns in front of it.
const COLUMNS: usize = 60;
const ROWS: usize = 9;
const LABEL: usize = 9;

/// The front in words, and a plot where there is something to see.
pub(super) fn show(tune: &Tune, analysis: &Analysis, page: &mut Page) {
    let on_front = |candidate: &usize| analysis.ranked.iter().find(|ranked| ranked.candidate == *candidate);
    let each = |ranked: &Ranked| {
        format!("{} ({})", super::full_name(tune, ranked.candidate), goodput_and_p99(&ranked.estimates))
    };
    let front: Vec<String> = analysis.front.iter().filter_map(on_front).map(each).collect();
    match &front[..] {
        [] => {}
        [one] => page.entry("Pareto front", &format!("{one} alone: no other has more goodput or a lower p99")),
        [first, others @ ..] => {
            page.entry("Pareto front", first);
            for other in others {
                page.entry("", other);
            }
        }
    }
    if let Some(plot) = Plot::new(analysis) {
        page.gap();
        for line in plot.lines() {
            page.line(&line);
        }
    }
}

/// The ranks of the candidates where they stand: goodput to the right, p99 upward on a logarithmic scale.
struct Plot {
    points: Vec<Point>,
    goodput: (f64, f64),
    p99: (f64, f64),
}

struct Point {
    rank: String,
    goodput: f64,
    p99: f64,
}

impl Plot {
    /// Of three candidates or more: fewer are seen at a glance in the table.
    fn new(analysis: &Analysis) -> Option<Self> {
        let point = |(rank, ranked): (u32, &Ranked)| {
            let (goodput, p99) = (ranked.estimates.goodput_tps.mean, ranked.estimates.p99_ns.mean);
            (goodput > 0.0 && p99 > 0.0).then(|| Point { rank: rank.to_string(), goodput, p99 })
        };
        let points: Vec<Point> = (1..).zip(&analysis.ranked).filter_map(point).collect();
        let range = |of: fn(&Point) -> f64| {
            points.iter().map(of).fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)))
        };
        let (goodput, p99) = (range(|point| point.goodput), range(|point| point.p99));
        (points.len() > 2 && goodput.0 < goodput.1 && p99.0 < p99.1).then_some(Self { points, goodput, p99 })
    }

    fn lines(&self) -> Vec<String> {
        let mut cells = vec![vec![' '; COLUMNS]; ROWS];
        for Point { rank, goodput, p99 } in &self.points {
            let up = (p99 / self.p99.0).ln() / (self.p99.1 / self.p99.0).ln();
            let right = (goodput - self.goodput.0) / (self.goodput.1 - self.goodput.0);
            write_free(&mut cells, (place(1.0 - up, ROWS), place(right, COLUMNS)), rank);
        }
        let (highest, lowest) = (duration(self.p99.1), duration(self.p99.0));
        let row = |(number, cells): (usize, &Vec<char>)| {
            let label = match number {
                0 => highest.as_str(),
                last if last + 1 == ROWS => &lowest,
                _ => "",
            };
            format!("{label:>LABEL$} │{}", cells.iter().collect::<String>()).trim_end().to_owned()
        };
        let mut lines = vec![format!("{:>LABEL$}", "p99")];
        lines.extend(cells.iter().enumerate().map(row));
        lines.push(format!("{:>LABEL$} └{}", "", "─".repeat(COLUMNS)));
        let (least, most) = (rate(self.goodput.0), format!("{} tx/s", rate(self.goodput.1)));
        let between = COLUMNS.saturating_sub(least.chars().count());
        lines.push(format!("{:>LABEL$}  {least}{most:>between$}", ""));
        lines
    }
}

/// The index of a share of so many places.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 1, and the cast saturates")]
fn place(share: f64, places: usize) -> usize {
    ((share * (places - 1) as f64).round() as usize).min(places - 1)
}

/// Where it belongs, or at the nearest place of that row where nothing stands yet: at least a space apart from what does.
fn write_free(cells: &mut [Vec<char>], (row, column): (usize, usize), text: &str) {
    let length = text.len();
    let is_free = |from: usize| {
        let behind = (from + length + 1).min(COLUMNS);
        from + length <= COLUMNS && cells[row][from.saturating_sub(1)..behind].iter().all(|cell| *cell == ' ')
    };
    let nearest = (0..COLUMNS).filter(|from| is_free(*from)).min_by_key(|from| from.abs_diff(column));
    if let Some(from) = nearest {
        cells[row].splice(from..from + length, text.chars());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: &[(f64, f64)]) -> Vec<String> {
        let of = |(rank, &(goodput, p99)): (u32, &(f64, f64))| Point { rank: rank.to_string(), goodput, p99 };
        Plot { points: (1..).zip(points).map(of).collect(), goodput: (100.0, 1_000.0), p99: (1e6, 1e8) }.lines()
    }

    #[test]
    fn each_stands_where_its_numbers_say() {
        let lines = plot(&[(1_000.0, 1e8), (100.0, 1e6), (550.0, 1e7)]);
        assert_eq!(lines[1], format!("   100 ms │{}1", " ".repeat(59)));
        assert_eq!(lines[9], "  1.00 ms │2");
        assert_eq!(lines[5].chars().position(|letter| letter == '3'), Some(11 + 30));
    }

    #[test]
    fn what_stands_at_the_same_place_stands_side_by_side() {
        let lines = plot(&[(1_000.0, 1e8), (1_000.0, 1e8), (999.0, 1e8)]);
        assert!(lines[1].ends_with("3 2 1"), "{}", lines[1]);
    }
}
