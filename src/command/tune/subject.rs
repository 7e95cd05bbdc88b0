//! What is experimented on? A database, a throw-away server, or a simulation: one by its address, or one like a saved run.

use crate::command::calibrating::calibrated;
use crate::command::connect::{Named, named_for_run};
use crate::command::exit::Stop;
use crate::command::flags::TuneFlags;
use crate::db::Target;
use crate::db::sim::{Level, Simulation};
use crate::run::Calibration;
use crate::store::read_run;

/// The subject of an experiment.
pub(super) struct Subject {
    pub(super) works: Works,
}

/// On what the blocks work.
pub(super) enum Works {
    Database(Target),
    Simulation(Box<Simulation>, Option<Calibration>),
    /// On a server that contend starts.
    Nothing,
}

impl Subject {
    /// What the flags name. Reads files, and connects to nothing.
    pub(super) async fn of(flags: &TuneFlags) -> Result<Self, Stop> {
        let works = match flags.simulated()? {
            Some((run, changes)) => {
                // Before the long search: what is wrong is wrong with any simulation.
                changed(&Simulation::new(Level::Serializable), changes)?;
                let (simulation, calibration) = calibrated(&read_run(run)?).await?;
                let simulation = changed(&simulation, changes)?;
                Works::Simulation(Box::new(simulation), Some(calibration))
            }
            None => match named_for_run(&flags.target, &flags.server)? {
                Some(Named::Simulation(simulation)) => Works::Simulation(Box::new(simulation), None),
                Some(Named::Database(target)) => Works::Database(target),
                None => Works::Nothing,
            },
        };
        Ok(Self { works })
    }

    pub(super) fn simulation(&self) -> Option<&Simulation> {
        match &self.works {
            Works::Simulation(simulation, _) => Some(simulation),
            Works::Database(_) | Works::Nothing => None,
        }
    }
}

/// The simulation with other settings, where there are any.
fn changed(simulation: &Simulation, changes: Option<&str>) -> Result<Simulation, Stop> {
    let Some(changes) = changes else { return Ok(simulation.clone()) };
    simulation.with(changes).map_err(|error| Stop::usage(format!("--with {changes}: {error}")))
}
