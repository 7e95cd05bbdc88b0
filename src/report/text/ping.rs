//! What is there to know before a run? The server and who is connected, how fast it answers, and what it allows.

use std::time::Duration;

use super::page::Page;
use crate::db::Survey;
use crate::plan::Isolation;
use crate::report::Style;
use crate::report::table::{Align, Table};
use crate::report::units::{counted, duration};

/// What `contend ping` has found out.
#[derive(Debug)]
pub struct Ping<'a> {
    /// Where the server is, without secrets.
    pub address: &'a str,
    /// Product and version.
    pub server: String,
    /// How the connection is encrypted.
    pub encryption: &'a str,
    /// What the server says about itself.
    pub survey: &'a Survey,
    /// How long it took to answer, each time.
    pub round_trips: &'a [Duration],
}

/// As an aligned block.
#[must_use]
pub fn render(ping: &Ping<'_>, style: Style) -> String {
    let Ping { address, server, encryption, survey, round_trips } = ping;
    let mut page = Page::new(style);
    page.entry("Address", address);
    page.entry("Server", server);
    page.entry("TLS", encryption);
    page.entry("User", &survey.user);
    page.entry("Database", &survey.database);
    page.entry("Read only", &survey.read_only.map_or("no".to_owned(), |why| format!("yes: {why}")));
    page.entry(
        "May create",
        if survey.may_create_schema {
            "a schema, as contend does"
        } else {
            "no schema; `contend setup` shows the grant"
        },
    );
    page.entry("Round trip", &spread(round_trips));
    page.entry("", &format!("SELECT 1, {}, one after another", counted(round_trips.len() as u64, "time")));
    page.entry("Isolation", &format!("{} by default", survey.default_isolation));
    for (asked, granted) in &survey.isolation {
        page.entry("", &isolation(*asked, granted));
    }
    if !survey.settings.is_empty() {
        page.heading("Settings");
        let mut table = Table::new([Align::Left(0), Align::Wrap]);
        for (name, value) in &survey.settings {
            table.row([(*name).into(), value.into()]);
        }
        page.table(&table);
    }
    page.finish()
}

fn spread(round_trips: &[Duration]) -> String {
    let mut sorted = round_trips.to_vec();
    sorted.sort_unstable();
    let at = |index: usize| sorted.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1e9);
    let [min, median, max] = [0, sorted.len() / 2, sorted.len().saturating_sub(1)].map(|index| duration(at(index)));
    format!("min {min}, median {median}, max {max}")
}

fn isolation(asked: Isolation, granted: &str) -> String {
    if Isolation::from_server(granted) == Some(asked) {
        format!("{asked} is granted")
    } else {
        format!("{asked} is answered with {granted}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_lines_up_within_80_columns() {
        let survey = Survey {
            user: "maxroach".into(),
            database: "bank".into(),
            default_isolation: "read committed".into(),
            isolation: vec![
                (Isolation::Serializable, "serializable".into()),
                (Isolation::RepeatableRead, "serializable".into()),
            ],
            read_only: None,
            may_create_schema: true,
            settings: vec![("max_connections", "100".into()), ("statement_timeout", "30s".into())],
        };
        let round_trips: Vec<Duration> = [3, 1, 2, 9].map(Duration::from_millis).into();
        let ping = Ping {
            address: "maxroach@localhost:5432/bank",
            server: "PostgreSQL 15.18".into(),
            encryption: "none",
            survey: &survey,
            round_trips: &round_trips,
        };
        let text = render(&ping, Style::default());
        let expected = "\
Address         maxroach@localhost:5432/bank
Server          PostgreSQL 15.18
TLS             none
User            maxroach
Database        bank
Read only       no
May create      a schema, as contend does
Round trip      min 1.00 ms, median 3.00 ms, max 9.00 ms
                SELECT 1, 4 times, one after another
Isolation       read committed by default
                serializable is granted
                repeatable-read is answered with serializable

Settings
  max_connections    100
  statement_timeout  30s
";
        assert_eq!(text, expected);
    }
}
