//! Which settings does an address of a simulation have? Each with its name, its text and its bounds.

use std::fmt;
use std::time::Duration;

use super::address::{Simulation, SimulationError};
use super::level::Level;
use super::matrix::Matrix;
use super::stall::Stall;
use crate::db::address::suggest;

/// The longest time of all kinds.
const LONGEST: Duration = Duration::from_hours(1);
/// More cores than any machine has.
const MOST_CORES: u32 = 1024;
/// More is no different from for ever.
const MOST_RETRIES: u32 = 1000;

/// What stands in front of an `=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    Rtt,
    Service,
    Commit,
    Cores,
    Nodes,
    Matrix,
    Deadlock,
    Ambiguous,
    Fault,
    Lag,
    Retries,
    Stall,
}

impl Parameter {
    /// In the order in which they are shown.
    pub(super) const ALL: [Self; 12] = [
        Self::Rtt,
        Self::Service,
        Self::Commit,
        Self::Cores,
        Self::Nodes,
        Self::Matrix,
        Self::Deadlock,
        Self::Ambiguous,
        Self::Fault,
        Self::Lag,
        Self::Retries,
        Self::Stall,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Rtt => "rtt",
            Self::Service => "service",
            Self::Commit => "commit",
            Self::Cores => "cores",
            Self::Nodes => "nodes",
            Self::Matrix => "matrix",
            Self::Deadlock => "deadlock",
            Self::Ambiguous => "ambiguous",
            Self::Fault => "fault",
            Self::Lag => "lag",
            Self::Retries => "retries",
            Self::Stall => "stall",
        }
    }

    /// Splits `rtt=1ms`.
    pub(super) fn of(setting: &str) -> Result<(Self, &str), SimulationError> {
        let names = Self::ALL.map(Self::name);
        let Some((name, value)) = setting.split_once('=') else {
            let message =
                format!("\"{setting}\" is no setting; behind the ? stand settings such as rtt=1ms, joined by &");
            return Err(SimulationError(message));
        };
        let found = Self::ALL.into_iter().find(|parameter| parameter.name() == name);
        let parameter = found.ok_or_else(|| {
            let meant = suggest::did_you_mean(suggest::closest(name, names));
            SimulationError(format!("a simulation has no setting \"{name}\"{meant}; there are {}", names.join(", ")))
        })?;
        Ok((parameter, value))
    }

    /// Gives a simulation this value.
    pub(super) fn set(self, to: &mut Simulation, value: &str) -> Result<(), SimulationError> {
        match self {
            Self::Rtt => to.rtt = self.duration(value)?,
            Self::Service => to.service = self.duration(value)?,
            Self::Commit => to.commit = self.duration(value)?,
            Self::Cores => to.cores = self.count(value, 1, MOST_CORES)?,
            Self::Nodes => to.matrix = self.nodes(&to.matrix, value)?,
            Self::Matrix => to.matrix = self.matrix(&to.matrix, value)?,
            Self::Deadlock => to.deadlock = self.duration(value)?,
            Self::Ambiguous => to.ambiguous = self.share(value)?,
            Self::Fault if to.is_sound() => {
                return Err(self.error(value, &format!("nothing is wrong with {}", to.level)));
            }
            Self::Fault => to.fault = self.share(value)?,
            Self::Lag if to.level != Level::StaleReplica => {
                return Err(self.error(value, "only stale-replica lags behind"));
            }
            Self::Lag => to.lag = self.duration(value)?,
            Self::Retries => to.retries = self.count(value, 0, MOST_RETRIES)?,
            Self::Stall => to.stall = Some(self.stall(value)?),
        }
        Ok(())
    }

    /// What a simulation has, as a text that [`Parameter::set`] reads; nothing where another parameter says it.
    pub(super) fn get(self, of: &Simulation) -> Option<String> {
        Some(match self {
            Self::Rtt => word(of.rtt),
            Self::Service => word(of.service),
            Self::Commit => word(of.commit),
            Self::Cores => of.cores.to_string(),
            // With distances, the rows of the matrix are the nodes.
            Self::Nodes => of.matrix.is_near().then(|| of.matrix.nodes().to_string())?,
            Self::Matrix => (!of.matrix.is_near()).then(|| of.matrix.to_string())?,
            Self::Deadlock => word(of.deadlock),
            Self::Ambiguous => of.ambiguous.to_string(),
            Self::Fault => of.fault.to_string(),
            Self::Lag => word(of.lag),
            Self::Retries => of.retries.to_string(),
            Self::Stall => of.stall?.to_string(),
        })
    }

    fn error(self, value: &str, needed: &str) -> SimulationError {
        SimulationError(format!("{self}={value}: {needed}"))
    }

    fn duration(self, value: &str) -> Result<Duration, SimulationError> {
        bounded(value).map_err(|needed| self.error(value, needed))
    }

    fn count(self, value: &str, least: u32, most: u32) -> Result<u32, SimulationError> {
        let count = value.parse().ok().filter(|count| (least..=most).contains(count));
        count.ok_or_else(|| self.error(value, &format!("a whole number from {least} to {most} is needed")))
    }

    fn share(self, value: &str) -> Result<f64, SimulationError> {
        let share = value.parse().ok().filter(|share| (0.0..=1.0).contains(share));
        share.ok_or_else(|| self.error(value, "a share from 0 to 1 is needed, such as 0.01"))
    }

    fn stall(self, value: &str) -> Result<Stall, SimulationError> {
        let stall = Stall::parse(value);
        stall.ok_or_else(|| {
            self.error(value, "two times of at most an hour are needed, the earlier one first, such as 2s..3s")
        })
    }

    fn nodes(self, matrix: &Matrix, value: &str) -> Result<Matrix, SimulationError> {
        let nodes = self.count(value, 1, Matrix::MOST_NODES)? as usize;
        match matrix.nodes() {
            1 => Ok(Matrix::near(nodes)),
            rows if rows == nodes => Ok(matrix.clone()),
            rows => Err(self.error(value, &format!("the matrix has {rows} rows, one for each node"))),
        }
    }

    fn matrix(self, before: &Matrix, value: &str) -> Result<Matrix, SimulationError> {
        let matrix = Matrix::parse(value).map_err(|reason| self.error(value, &reason))?;
        if before.nodes() != 1 && before.nodes() != matrix.nodes() {
            return Err(self.error(value, &format!("a row for each of {} nodes is needed", before.nodes())));
        }
        Ok(matrix)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A duration of at most an hour.
pub(super) fn bounded(text: &str) -> Result<Duration, &'static str> {
    let duration = humantime::parse_duration(text).ok().filter(|duration| *duration <= LONGEST);
    duration.ok_or("a time of at most an hour is needed, such as 500us or 2ms")
}

/// A duration as one word that is read back: `1ms500us`.
pub(super) fn word(duration: Duration) -> String {
    humantime::format_duration(duration).to_string().replace(' ', "")
}
