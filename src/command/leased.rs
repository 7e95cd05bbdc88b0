//! Who else works here? Nobody, while a command holds the lease: taken, renewed, and given back around some work.

use std::convert::Infallible;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use super::exit::Stop;
use super::signals::unless;
use crate::db::{Control, Lease, Schema, Target};
use crate::plan::SchemaName;

/// Giving the lease back is a courtesy, for which nobody waits longer.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);

/// The lease, as the work under it sees it.
#[derive(Clone, Debug)]
pub(super) struct Leased<'a> {
    pub(super) lease: &'a Lease,
    lost: watch::Receiver<bool>,
}

impl Leased<'_> {
    /// Whether somebody else has it by now.
    pub(super) fn is_lost(&self) -> bool {
        *self.lost.borrow()
    }

    /// Waits until somebody else has it.
    pub(super) async fn lost(&self) {
        let mut lost = self.lost.clone();
        // The other end lives as long as the work does.
        if lost.wait_for(|lost| *lost).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Does something that is worth nothing once the lease is lost.
    pub(super) async fn unless_lost<T>(&self, work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
        tokio::select! {
            done = work => done,
            () = self.lost() => Err(Stop::looking("another contend took over these accounts meanwhile")),
        }
    }
}

/// Works under the lease of a schema that contend has made, and gives the lease back, however the work ends. It is renewed
/// by a connection of its own, so that no long statement is in the way.
pub(super) async fn with_lease<T>(
    target: &Target,
    schema: &SchemaName,
    interrupted: impl Future<Output = ()>,
    work: impl AsyncFnOnce(Leased<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let mut interrupted = pin!(interrupted);
    let control = unless(&mut interrupted, async { Ok(Control::connect(target).await?) }).await?;
    let schema = Schema::new(&control, schema);
    let lease = unless(&mut interrupted, async { Ok(Lease::take(&schema, holder()).await?) }).await?;
    let (tell, lost) = watch::channel(false);
    let keep = async {
        lease.keep(&schema).await;
        tell.send_replace(true);
        std::future::pending::<Infallible>().await
    };
    let ended = tokio::select! {
        ended = work(Leased { lease: &lease, lost }) => ended,
        () = &mut interrupted => Err(Stop::quit()),
        never = keep => match never {},
    };
    // A server that does not answer keeps a lease that ends by itself.
    let _ = tokio::time::timeout(RELEASE_TIMEOUT, lease.release(&schema)).await;
    ended
}

/// Who holds the lease, in words for the one who is refused. Two containers can have the same host name and process
/// number; the nanosecond tells them apart.
fn holder() -> String {
    let host = nix::unistd::gethostname().ok().and_then(|name| name.into_string().ok());
    let host = host.unwrap_or_else(|| "an unnamed host".to_owned());
    let since = humantime::format_rfc3339_nanos(SystemTime::now());
    format!("process {} on {host}, since {since}", std::process::id())
}
