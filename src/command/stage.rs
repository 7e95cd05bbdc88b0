//! What does the first Ctrl-C end? Everything, while there is nothing to lose; later the load alone.

use std::cell::Cell;

use super::signals::Signals;

/// How far a command has come that loads a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// The first Ctrl-C ends everything, at once.
    Starting,
    /// Everything, but the lease is given back.
    Leased,
    /// The load; the rest goes on.
    Loading,
}

impl Stage {
    /// Waits until somebody wants to quit at once.
    pub(super) async fn until_quit(stage: &Cell<Self>, signals: &Signals) {
        signals.reach(1).await;
        if stage.get() != Self::Starting {
            signals.reach(2).await;
        }
    }

    /// Waits until somebody wants to quit for whom the lease has to be given back.
    pub(super) async fn until_interrupted(stage: &Cell<Self>, signals: &Signals) {
        signals.reach(1).await;
        if stage.get() == Self::Loading {
            std::future::pending::<()>().await;
        }
    }
}
