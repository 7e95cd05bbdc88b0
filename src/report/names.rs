//! What is a candidate called where there is little room? By as much of its name as tells it from the others.

use console::measure_text_width;

use super::wrap::{clean, shorten};
use crate::run::SavedCandidate;

/// The columns of a name.
const ROOM: usize = 20;

/// The columns that a shortened name keeps of its beginning.
const BEGINNING: usize = 3;

/// The names where there is little room, each of them different.
#[derive(Debug)]
pub(super) struct Names {
    short: Vec<String>,
}

impl Names {
    pub(super) fn new(candidates: &[SavedCandidate]) -> Self {
        let full: Vec<String> = candidates.iter().map(|candidate| clean(&candidate.name)).collect();
        let mut short: Vec<String> = full.iter().map(|name| shorten(name, ROOM)).collect();
        for name in clashing(&short) {
            let group: Vec<usize> = (0..short.len()).filter(|&other| short[other] == name).collect();
            let skipped = shared_beginning(&group.iter().map(|&index| full[index].as_str()).collect::<Vec<_>>());
            for index in group {
                short[index] = without(&full[index], skipped);
            }
        }
        for name in clashing(&short) {
            for (number, text) in (1..).zip(&mut short).filter(|(_, text)| **text == name) {
                let number = format!("#{number}");
                *text = shorten(text, ROOM - number.len()) + &number;
            }
        }
        Self { short }
    }

    /// In a table, or next to a point.
    pub(super) fn short(&self, candidate: usize) -> &str {
        self.short.get(candidate).map_or("", String::as_str)
    }
}

/// The names that more than one has.
fn clashing(names: &[String]) -> Vec<String> {
    let mut twice: Vec<String> =
        names.iter().filter(|name| names.iter().filter(|other| other == name).count() > 1).cloned().collect();
    twice.sort();
    twice.dedup();
    twice
}

/// How many characters all begin with, up to the beginning of the option in which they differ.
fn shared_beginning(names: &[&str]) -> usize {
    let Some((first, others)) = names.split_first() else { return 0 };
    let same = |other: &&str| first.chars().zip(other.chars()).take_while(|(one, two)| one == two).count();
    let shared = others.iter().map(same).min().unwrap_or(0);
    let ends = first.chars().take(shared).collect::<Vec<_>>();
    ends.iter().rposition(|letter| ",:/".contains(*letter)).map_or(shared, |end| end + 1)
}

/// The name without what lies between its beginning and the first so many characters.
fn without(name: &str, skipped: usize) -> String {
    if skipped <= BEGINNING || measure_text_width(name) <= ROOM {
        return shorten(name, ROOM);
    }
    let beginning: String = name.chars().take(BEGINNING).collect();
    let rest: String = name.chars().skip(skipped).collect();
    shorten(&format!("{beginning}…{rest}"), ROOM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str]) -> Vec<String> {
        let candidate = |name: &&str| SavedCandidate {
            name: (*name).to_owned(),
            policy: (*name).to_owned(),
            restart: "rollback".to_owned(),
        };
        Names::new(&names.iter().map(candidate).collect::<Vec<_>>()).short
    }

    #[test]
    fn a_name_that_fits_stays_as_it_is() {
        assert_eq!(short(&["none", "constant:5ms"]), ["none", "constant:5ms"]);
        assert_eq!(short(&["exponential:base=2ms,factor=2,cap=250ms"]), ["exponential:base=2m…"]);
    }

    #[test]
    fn what_tells_two_apart_is_kept() {
        let names = [
            "exponential:base=2ms,factor=2,cap=100ms,jitter=full",
            "exponential:base=2ms,factor=2,cap=250ms,jitter=full",
            "none",
        ];
        assert_eq!(short(&names), ["exp…cap=100ms,jitte…", "exp…cap=250ms,jitte…", "none"]);
    }

    #[test]
    fn no_two_are_called_the_same() {
        let same = "exponential:base=2ms,factor=2,cap=100ms,jitter=full";
        let names =
            short(&[same, same, "数据库数据库数据库数据库数据库数据库", "数据库数据库数据库数据库数据库数据库2"]);
        assert_eq!(&names[..2], ["exp…jitter=full#1", "exp…jitter=full#2"]);
        assert!(clashing(&names).is_empty(), "{names:?}");
        assert!(names.iter().all(|name| measure_text_width(name) <= ROOM), "{names:?}");
    }
}
