//! How is a flight written where nothing is prepared? As one text in the simple protocol.
//!
//! For poolers of transactions, behind which nothing stays prepared. A server that finds an error in a text drops the rest
//! of it (PostgreSQL documentation, 55.2.2.1).

use super::Statement;
use super::call::Call;
use crate::plan::{Flight, SchemaName};

/// The texts of everything that transactions send.
#[derive(Debug, Default)]
pub(super) struct Texts {
    begin: String,
    calls: [Option<Template>; Call::COUNT],
}

/// A text with gaps for values.
#[derive(Debug)]
struct Template {
    /// What stands before a gap, and which value the gap is for.
    gaps: Vec<(String, usize)>,
    end: String,
}

impl Texts {
    pub(super) fn new(begin: &str, calls: &[Call], schema: &SchemaName, flight: Flight) -> Self {
        let mut texts = Self { begin: begin.to_owned(), ..Self::default() };
        for call in calls {
            texts.calls[call.index()] = Some(Template::new(&call.sql(schema, flight)));
        }
        texts
    }

    /// How many statements BEGIN is made of: as many times the server says that one is complete.
    pub(super) fn begin_parts(&self) -> usize {
        self.begin.split(';').count()
    }

    /// Writes a statement behind the others. Whether there is such a one.
    pub(super) fn write(&self, statement: Statement, text: &mut String) -> bool {
        if let Some((access, writer)) = statement.access() {
            let (call, values) = Call::of(access, writer);
            let Some(template) = &self.calls[call.index()] else { return false };
            template.write(values.as_slice(), text);
        } else {
            text.push_str(statement.text().unwrap_or(&self.begin));
        }
        text.push(';');
        true
    }
}

impl Template {
    fn new(text: &str) -> Self {
        let mut parts = text.split('$');
        let mut before = parts.next().unwrap_or_default().to_owned();
        let mut gaps = Vec::new();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            let number: usize = part[..digits].parse().unwrap_or(1);
            gaps.push((std::mem::replace(&mut before, part[digits..].to_owned()), number - 1));
        }
        Self { gaps, end: before }
    }

    fn write(&self, values: &[i64], text: &mut String) {
        let mut digits = itoa::Buffer::new();
        for (before, value) in &self.gaps {
            text.push_str(before);
            text.push_str(digits.format(values[*value]));
        }
        text.push_str(&self.end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Access, Key, Shape};

    fn debit() -> Statement {
        Statement::Access { access: Access::Add { key: Key::account(7), delta: -3 }, writer: 12 }
    }

    fn written(texts: &Texts) -> String {
        let mut text = String::new();
        assert!([Statement::Begin, debit(), Statement::Commit].into_iter().all(|one| texts.write(one, &mut text)));
        text
    }

    #[test]
    fn a_flight_is_one_text_of_statements_in_full() {
        let calls = Call::wanted(&[Shape::Transfer], Flight::Pipelined, false);
        let plain = Texts::new("BEGIN; SET LOCAL x = y", &calls, &SchemaName::default(), Flight::Pipelined);
        let expected = "BEGIN; SET LOCAL x = y;UPDATE \"contend\".accounts SET balance = balance + -3, version = version + 1, \
                        writer = 12 WHERE id = 7 RETURNING balance, version;COMMIT;";
        assert_eq!((written(&plain).as_str(), plain.begin_parts()), (expected, 2));
    }

    #[test]
    fn what_the_mix_has_no_use_for_is_not_written() {
        let texts = Texts::new("BEGIN", &[], &SchemaName::default(), Flight::Pipelined);
        let mut text = String::new();
        assert!(!texts.write(debit(), &mut text) && text.is_empty());
    }
}
