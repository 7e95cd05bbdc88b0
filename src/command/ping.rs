//! `contend ping`: what server is it, how fast does it answer, and what does it allow?

use super::Exit;
use super::connect::named;
use super::exit::{self, Stop};
use super::flags::PingFlags;
use crate::db::{Control, round_trips, survey};
use crate::report::{self, Ping, Style};

pub(super) async fn execute(flags: &PingFlags) -> Result<Exit, Stop> {
    let target = named(&flags.target)?;
    let control = Control::connect(&target).await?;
    let (survey, round_trips) = (survey(&control).await?, round_trips(&control, flags.count).await?);
    let found = Ping {
        address: &target.display,
        server: control.server().to_string(),
        encryption: control.encryption(),
        survey: &survey,
        round_trips: &round_trips,
    };
    exit::print(&report::ping(&found, Style::of_stdout()))?;
    Ok(Exit::Holds)
}
