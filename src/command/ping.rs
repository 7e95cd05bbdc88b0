//! `contend ping`: what server is it, how fast does it answer, and what does it allow?

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::PingFlags;
use crate::db::{Control, Target, round_trips, survey};
use crate::report::{self, Ping, Style};

/// Every server that is named, one after the other.
pub(super) async fn execute(flags: &PingFlags) -> Result<Exit, Stop> {
    let servers = named(&flags.target)?.each();
    let mut exit = Exit::Holds;
    for (index, server) in servers.iter().enumerate() {
        match ping(server, flags.count).await {
            Ok(text) if index > 0 => exit::print(&format!("\n{text}"))?,
            Ok(text) => exit::print(&text)?,
            Err(stop) => {
                exit::complain(&stop);
                exit = stop.exit;
            }
        }
    }
    Ok(exit)
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
