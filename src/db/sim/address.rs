//! What does an address of a simulation mean? `sim://LEVEL?rtt=2ms&cores=4`, as a plain value.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::level::Level;
use super::matrix::Matrix;
use super::parameter::{Parameter, word};
use super::stall::Stall;
use crate::db::address::suggest;
use crate::plan::Isolation;

/// What a statement takes at least. Where it takes nothing, time stands still.
const LEAST: Duration = Duration::from_micros(1);

/// A simulated database, as its address describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// How it isolates transactions, or fails to.
    pub level: Level,
    /// A round trip between a client and its node; 500us.
    pub rtt: Duration,
    /// What a statement works on a core, on average, exponentially distributed; 50us.
    pub service: Duration,
    /// How long a commit that wrote something is written to a log; 500us.
    pub commit: Duration,
    /// Cores of each node, for which statements queue; 8.
    pub cores: u32,
    /// The nodes and the round trips between them; one node.
    pub matrix: Matrix,
    /// How long a statement waits for a lock before it looks for a deadlock; 10ms.
    pub deadlock: Duration,
    /// Of how many commits the answer is lost with the connection; 0.
    pub ambiguous: f64,
    /// How often the server does what is wrong with it; [`Level::usual_fault`], and 0 where nothing is.
    pub fault: f64,
    /// How old the snapshots of a stale replica are; 50ms.
    pub lag: Duration,
    /// How often the server itself retries a transaction that came in one flight; 10.
    pub retries: u32,
    /// When the whole server stands still; never.
    pub stall: Option<Stall>,
}

/// Why an address means no simulation, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SimulationError(pub(super) String);

impl Simulation {
    /// What such an address begins with.
    pub const SCHEME: &str = "sim://";

    /// With nothing but a level, everything else as usual.
    #[must_use]
    pub fn new(level: Level) -> Self {
        Self {
            level,
            rtt: Duration::from_micros(500),
            service: Duration::from_micros(50),
            commit: Duration::from_micros(500),
            cores: 8,
            matrix: Matrix::default(),
            deadlock: Duration::from_millis(10),
            ambiguous: 0.0,
            fault: level.usual_fault().unwrap_or(0.0),
            lag: Duration::from_millis(50),
            retries: 10,
            stall: None,
        }
    }

    /// The same with these settings, such as `rtt=80ms&nodes=3`, and all others as they are.
    pub fn with(&self, settings: &str) -> Result<Self, SimulationError> {
        let (mut simulation, mut given) = (self.clone(), Vec::new());
        for setting in settings.split('&') {
            let (parameter, value) = Parameter::of(setting)?;
            if given.contains(&parameter) {
                return Err(SimulationError(format!("{parameter} is there twice")));
            }
            parameter.set(&mut simulation, value)?;
            given.push(parameter);
        }
        if simulation.rtt + simulation.service < LEAST {
            let Self { rtt, service, .. } = simulation;
            return Err(SimulationError(format!(
                "rtt={} and service={}: a statement has to take 1us at least, or a run would hardly ever end",
                word(rtt),
                word(service)
            )));
        }
        Ok(simulation)
    }

    /// The name of its level.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.level.name()
    }

    /// The level that the server answers when it is asked for it.
    #[must_use]
    pub fn isolation(&self) -> Isolation {
        self.level.isolation()
    }

    /// Whether it keeps what it promises.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.level.is_sound()
    }
}

impl FromStr for Simulation {
    type Err = SimulationError;

    fn from_str(text: &str) -> Result<Self, SimulationError> {
        // What is wrong is quoted, in one line.
        if text.chars().any(char::is_control) {
            return Err(SimulationError(format!("an address behind {} has no control characters in it", Self::SCHEME)));
        }
        let rest = text.strip_prefix(Self::SCHEME);
        let rest = rest.ok_or_else(|| SimulationError(format!("a simulation begins with {}", Self::SCHEME)))?;
        // No name and no setting has an @: what stands in front of it may be a password.
        if rest.contains('@') {
            return Err(SimulationError(format!("a simulation has no user, password or host; {}", levels())));
        }
        let (name, settings) = rest.split_once('?').map_or((rest, None), |(name, settings)| (name, Some(settings)));
        let simulation = Self::new(level(name)?);
        settings.map_or(Ok(simulation.clone()), |settings| simulation.with(settings))
    }
}

/// The level of a name.
fn level(name: &str) -> Result<Level, SimulationError> {
    let found = Level::ALL.into_iter().find(|level| level.name() == name);
    found.ok_or_else(|| {
        let meant = suggest::did_you_mean(suggest::closest(name, Level::ALL.map(Level::name)));
        SimulationError(format!("\"{name}\" cannot be simulated{meant}; {}", levels()))
    })
}

/// What there is to simulate.
fn levels() -> String {
    format!("behind {} stands {}", Simulation::SCHEME, suggest::either(&Level::ALL.map(Level::name)))
}

impl fmt::Display for Simulation {
    /// The address, without what is as usual.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", Self::SCHEME, self.level)?;
        let usual = Self::new(self.level);
        let mut before = '?';
        for parameter in Parameter::ALL {
            if let Some(value) = parameter.get(self)
                && Some(&value) != parameter.get(&usual).as_ref()
            {
                write!(formatter, "{before}{parameter}={value}")?;
                before = '&';
            }
        }
        Ok(())
    }
}
