//! `contend ping`: what server is it, how fast does it answer, and what does it allow?

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::PingFlags;
use crate::db::{Control, Target, round_trips, survey};
use crate::report::{self, Ping, Style};

/// Connects as every command does, so that one server is enough; then tells of each one that is named.
pub(super) async fn execute(flags: &PingFlags) -> Result<Exit, Stop> {
    let target = named(&flags.target)?;
    let servers = target.each();
    if let [server] = servers.as_slice() {
        exit::print(&ping(server, flags.count).await?)?;
        return Ok(Exit::Holds);
    }
    Control::connect(&target).await?;
    let mut texts = Vec::new();
    for server in &servers {
        match ping(server, flags.count).await {
            Ok(text) => texts.push(text),
            Err(stop) => exit::note(&stop.message),
        }
    }
    exit::print(&texts.join("\n"))?;
    Ok(Exit::Holds)
}

async fn ping(target: &Target, count: u32) -> Result<String, Stop> {
    let control = Control::connect(target).await?;
    let (survey, round_trips) = (survey(&control).await?, round_trips(&control, count).await?);
    let found = Ping {
        address: &target.display,
        server: control.server().to_string(),
        encryption: control.encryption(),
        survey: &survey,
        round_trips: &round_trips,
    };
    Ok(report::ping(&found, Style::of_stdout()))
}
