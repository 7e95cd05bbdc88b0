//! What will be done? The blocks of an experiment before the first one, for `contend tune --plan`.

use std::time::Duration;

use super::page::Page;
use crate::report::style::Style;
use crate::report::table::{Align, Table};
use crate::report::units::{count, counted, seconds};
use crate::tune::{Design, Schedule};

/// The plan of an experiment, and the order of its first round.
#[must_use]
pub fn design(design: &Design, style: Style) -> String {
    let mut page = Page::new(style);
    let Design { candidates, workers, block, warmup, overhead, rounds, budget, objective, seed } = design;
    let numbers: Vec<String> = workers.iter().map(|number| count((*number).into())).collect();
    let compared = counted(candidates.len() as u64, "candidate");
    page.entry("Compared", &format!("{compared}, each with {} workers", numbers.join(" and ")));
    let blocks = counted(design.blocks() as u64, "block");
    page.entry("Rounds", &format!("{rounds}, {blocks} in all; who is clearly worse is dropped before the end"));
    let rest = if overhead.is_zero() { String::new() } else { format!(", about {} for the rest", time(*overhead)) };
    page.entry("A block", &format!("{} of warm-up, {} measured{rest}", time(*warmup), time(*block)));
    page.entry("Time", &format!("about {}; the budget is {}", whole(design.planned()), whole(*budget)));
    page.entry("Objective", &objective.to_string());
    page.entry("Seed", &seed.to_string());
    page.heading("First round");
    let mut table = Table::new([Align::Right(0), Align::Right(0), Align::Wrap]);
    let mut schedule = Schedule::new(design.clone());
    let slots = std::iter::from_fn(|| schedule.next(Duration::ZERO)).take_while(|slot| slot.round == 0);
    for (number, slot) in (1u32..).zip(slots.take(candidates.len() * workers.len())) {
        let (candidate, workers) = (&candidates[slot.candidate], workers[slot.setting]);
        let text = format!("{}, restart {}", candidate.name, candidate.restart);
        table.row([number.to_string().into(), counted(workers.into(), "worker").into(), text.into()]);
    }
    page.table(&table);
    page.finish()
}

fn time(time: Duration) -> String {
    seconds(time.as_secs_f64())
}

/// In whole seconds.
fn whole(time: Duration) -> String {
    humantime::format_duration(Duration::from_secs((time + Duration::from_millis(500)).as_secs())).to_string()
}
