//! What is a report made of? Headings, labeled entries, tables: every line goes through here, so that all line up.

use crate::report::style::{Paint, Style};
use crate::report::table::Table;
use crate::report::wrap::{WIDTH, wrap};

/// Stands for a space where a line must not end.
pub(super) const UNBROKEN_SPACE: char = '\u{a0}';

/// The column where the text of an entry starts.
const LABEL: usize = 16;

/// A report that is being written.
#[derive(Debug)]
pub(super) struct Page {
    style: Style,
    text: String,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Ends the paragraph.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
    }

    /// Begins a section.
    pub(super) fn heading(&mut self, title: &str) {
        self.gap();
        self.text.push_str(&self.style.paint(title, Paint::Strong));
        self.text.push('\n');
    }

    /// A label and its text, which is broken into lines.
    pub(super) fn entry(&mut self, label: &str, text: &str) {
        self.painted(label, Paint::Plain, text, Paint::Plain);
    }

    /// An entry that stands out.
    pub(super) fn painted(&mut self, label: &str, label_paint: Paint, text: &str, paint: Paint) {
        for (index, line) in wrap(text, WIDTH - LABEL).iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let space = " ".repeat(LABEL.saturating_sub(label.len()));
            self.text.push_str(&self.style.paint(label, label_paint));
            self.text.push_str(&space);
            self.text.push_str(&self.style.paint(line, paint));
            self.text.push('\n');
        }
    }

    /// One point of a list, broken into lines.
    pub(super) fn point(&mut self, text: &str) {
        for (index, line) in wrap(text, WIDTH - 4).iter().enumerate() {
            self.text.push_str(if index == 0 { "  - " } else { "    " });
            self.text.push_str(&line.replace(UNBROKEN_SPACE, " "));
            self.text.push('\n');
        }
    }

    /// A line that keeps its indent, broken into lines; those that follow stand further in.
    pub(super) fn hanging(&mut self, line: &str) {
        let text = line.trim_start_matches(' ');
        let indent = line.len() - text.len();
        let further = indent + if text.starts_with("- ") { 2 } else { 4 };
        for (index, part) in wrap(text, WIDTH - further).iter().enumerate() {
            self.text.push_str(&" ".repeat(if index == 0 { indent } else { further }));
            self.text.push_str(part);
            self.text.push('\n');
        }
    }

    /// One line under a heading, already narrow enough.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str("  ");
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// What stands out under a heading, and has lines of its own below it.
    pub(super) fn item(&mut self, title: &str) {
        self.text.push_str("  ");
        self.text.push_str(&self.style.paint(title, Paint::Strong));
        self.text.push('\n');
    }

    /// A table under a heading.
    pub(super) fn table(&mut self, table: &Table) {
        for line in table.lines(self.style) {
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }
}
