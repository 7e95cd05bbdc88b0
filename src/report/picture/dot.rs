//! How is it written for Graphviz? One directed graph.

use std::fmt::Write;

use super::figure::{Arrow, Figure, Node, Sort};
use crate::check::history::Outcome;
use crate::check::isolation::Kind;

/// Who made it: contend replaces no file of which it is not the first line.
pub(super) const MADE: &str = "// made by contend";

/// In quotation marks, as the language of Graphviz wants it: a backslash begins an escape, too.
fn quoted(lines: &[&str]) -> String {
    let escaped = |line: &&str| line.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", lines.iter().map(escaped).collect::<Vec<_>>().join("\\n"))
}

pub(super) fn render(figure: &Figure) -> String {
    let mut out = format!("{MADE}\ndigraph anomaly {{\n");
    let title = quoted(&[&figure.title, &figure.sentence]);
    let _ = writeln!(out, "  graph [rankdir=LR, labelloc=t, fontname=\"sans-serif\", label={title}];");
    out.push_str("  node [shape=box, fontname=\"sans-serif\", fontsize=11];\n");
    out.push_str("  edge [fontname=\"sans-serif\", fontsize=10];\n");
    for (number, node) in figure.nodes.iter().enumerate() {
        let _ = writeln!(out, "  n{number} [label={}, style={}];", label(figure, node), style(node));
    }
    for arrow in &figure.arrows {
        let (color, dashes) = look(arrow.kind);
        let width = if arrow.closing { 2.5 } else { 1.2 };
        let (Arrow { from, to, .. }, label) = (arrow, quoted(&[&arrow.label]));
        let _ =
            writeln!(out, "  n{from} -> n{to} [label={label}, color=\"{color}\", style={dashes}, penwidth={width}];");
    }
    out.push_str("}\n");
    out
}

fn label(figure: &Figure, node: &Node) -> String {
    let lane = figure.lanes.get(node.lane).filter(|lane| !lane.is_empty());
    let head = lane.map_or_else(|| node.head.clone(), |lane| format!("{lane}: {}", node.head));
    let lines: Vec<&str> =
        [head.as_str()].into_iter().chain(node.lines.iter().map(|words| words.text.as_str())).collect();
    quoted(&lines)
}

fn style(node: &Node) -> &'static str {
    match node.sort {
        Sort::Transaction { outcome: Outcome::Ok, .. } => "solid",
        Sort::Transaction { outcome: Outcome::Abort, .. } => "dashed",
        Sort::Transaction { outcome: Outcome::Info, .. } => "dotted",
        Sort::Place(_) => "\"rounded,dashed\"",
    }
}

fn look(kind: Option<Kind>) -> (&'static str, &'static str) {
    match kind {
        Some(Kind::Ww) => ("#009e73", "solid"),
        Some(Kind::Wr | Kind::WrPredicate) => ("#0072b2", "solid"),
        Some(Kind::Rw | Kind::RwPredicate) => ("#d55e00", "dashed"),
        Some(Kind::Session) => ("#cc79a7", "dotted"),
        Some(Kind::RealTime) => ("#000000", "dotted"),
        None => ("#e69f00", "solid"),
    }
}
