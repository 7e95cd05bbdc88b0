//! Does the server answer yet?

use std::error::Error;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// A server that took the connection and is silent (it may be stopped) is asked again after this long.
const ONE_TRY: Duration = Duration::from_secs(5);

/// What the server says it is, or why it said nothing. Any statement would show that it answers; this one names it.
pub(super) async fn version(address: &str) -> Result<String, String> {
    let answer =
        timeout(ONE_TRY, ask(address)).await.map_err(|_| "it takes connections and does not answer".to_owned())?;
    let messages = answer.map_err(|error| reason(&error))?;
    let text = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(short(text.unwrap_or_default()))
}

/// The driver's own text is no more than "db error"; what the server or the system said is one level down.
fn reason(error: &tokio_postgres::Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

async fn ask(address: &str) -> Result<Vec<SimpleQueryMessage>, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
    // Ends by itself once the client is dropped; what goes wrong with it the client reports.
    tokio::spawn(connection);
    client.simple_query("SELECT version()").await
}

/// `PostgreSQL 15.18` out of `PostgreSQL 15.18 (Debian ...) on x86_64-...`; `CockroachDB v25.2.1` out of
/// `CockroachDB CCL v25.2.1 (x86_64-..., built ...)`: the product, and the first word with a digit in it.
fn short(text: &str) -> String {
    let mut words = text.split_whitespace();
    let product = words.next().unwrap_or("unknown product");
    match words.find(|word| word.contains(|letter: char| letter.is_ascii_digit())) {
        Some(number) => format!("{product} {number}"),
        None => product.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_product_and_a_number() {
        let debian = "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit";
        assert_eq!(short(debian), "PostgreSQL 15.18");
        assert_eq!(short("PostgreSQL 18beta1 on aarch64-apple-darwin"), "PostgreSQL 18beta1");
        let cockroach = "CockroachDB CCL v25.2.1 (x86_64-pc-linux-gnu, built 2025/06/04 16:10:08, go1.23.7)";
        assert_eq!(short(cockroach), "CockroachDB v25.2.1");
        assert_eq!(short("CockroachDB OSS v21.2.0-alpha.3 (x86_64)"), "CockroachDB v21.2.0-alpha.3");
        assert_eq!(short(""), "unknown product");
    }
}
