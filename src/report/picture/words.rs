//! How is it put? The words of a picture: its sentence, and what kinds of edges and outcomes are called.

use crate::check::history::{Clock, History, Outcome};
use crate::check::isolation::{Anomaly, Edge, Kind, Phenomenon, direct};
use crate::report::units;

/// Why it is a contradiction, in one sentence.
pub(super) fn sentence(history: &History, anomaly: &Anomaly) -> String {
    if !anomaly.is_cycle() {
        return capitalized(&format!("{}.", direct(history, anomaly)));
    }
    let circle = circle(anomaly.transactions.len());
    let late = anomaly.edges.iter().find(|edge| matches!(edge.kind, Kind::Session | Kind::RealTime));
    if let Some(Edge { from, to, kind, .. }) = late {
        let (from, to) = (history.name(*from), history.name(*to));
        let began = match kind {
            Kind::Session => format!("{to} ran after {from} in the same session"),
            _ => format!("{to} began after {from} had ended"),
        };
        let stale = anomaly.is_stale_read();
        return if stale {
            format!("{began}, and yet read what was there before.")
        } else {
            format!("{circle}; {began}.")
        };
    }
    told(history, anomaly).unwrap_or_else(|| format!("{circle}."))
}

/// The most frequent forms of cycles that need no order but that of the data.
fn told(history: &History, anomaly: &Anomaly) -> Option<String> {
    let kinds: Vec<&'static str> = anomaly.edges.iter().map(|edge| kind(edge.kind)).collect();
    let two = kinds.len() == 2;
    let read = anomaly.edges.iter().find(|edge| edge.kind.is_rw());
    let ends = read.map(|edge| (history.name(edge.from), history.name(edge.to)));
    Some(match (anomaly.name.phenomenon, ends) {
        (_, Some((reader, writer))) if two && anomaly.overwrites_what_it_missed() => {
            format!("{reader} wrote over what {writer} had written meanwhile, without having seen it.")
        }
        (Phenomenon::GSingle, Some((reader, writer))) if two && kinds.contains(&"wr") => {
            format!("{reader} saw a part of what {writer} did, and missed another part of it.")
        }
        (Phenomenon::G0, _) if two => {
            "Each overwrote what the other wrote, so each would have to come last.".to_owned()
        }
        (Phenomenon::G1c, _) if two && kinds == ["wr", "wr"] => {
            "Each read what the other wrote, so each would have to come last.".to_owned()
        }
        (Phenomenon::G2Item, _) if two => {
            "Each read what the other then replaced, so each would have to come first.".to_owned()
        }
        (Phenomenon::G2, _) if two => {
            "Each read without seeing what the other did, so each would have to come first.".to_owned()
        }
        (Phenomenon::GNonadjacent, _) if kinds == ["wr", "rw", "wr", "rw"] || kinds == ["rw", "wr", "rw", "wr"] => {
            "Two saw two changes in opposite orders: each saw one of them and missed the other.".to_owned()
        }
        _ => return None,
    })
}

/// A sentence begins with a capital letter, a name stays as it is.
fn capitalized(sentence: &str) -> String {
    let ours = ["both ", "nobody ", "the "].iter().any(|word| sentence.starts_with(word));
    let (first, rest) = sentence.split_at(usize::from(ours));
    first.to_uppercase() + rest
}

fn circle(transactions: usize) -> String {
    match transactions {
        2 => "Each of the two would have to come before the other".to_owned(),
        count => format!("Each of these {count} would have to come before the next, and the last before the first"),
    }
}

/// How a transaction ended.
pub(super) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "committed",
        Outcome::Abort => "aborted",
        Outcome::Info => "ambiguous",
    }
}

/// A kind of edge in front of its label: whether it goes through a predicate is said by what follows.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Ww => "ww",
        Kind::Wr | Kind::WrPredicate => "wr",
        Kind::Rw | Kind::RwPredicate => "rw",
        Kind::Session => "session",
        Kind::RealTime => "real time",
    }
}

/// What a kind of edge means.
pub(super) fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Ww => "ww: wrote what the other replaced",
        Kind::Wr | Kind::WrPredicate => "wr: wrote what the other read",
        Kind::Rw | Kind::RwPredicate => "rw: read what the other replaced",
        Kind::Session => "session: the same session ran it first",
        Kind::RealTime => "real time: ended before the other began",
    }
}

/// A stretch of time.
pub(super) fn time(clock: Clock, length: i64) -> String {
    match clock {
        Clock::Ticks => length.to_string(),
        Clock::Nanoseconds => units::duration(length as f64),
    }
}
