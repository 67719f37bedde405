//! The state of an issuer's keys, for health probes.

use std::sync::{Arc, Weak};

use crate::remote::Status;
use crate::remote::rounds::Rounds;
use crate::time::Clock;

/// A handle for health probes, from [`RemoteIssuer::status`](super::RemoteIssuer::status). It keeps neither
/// the refresh task nor the keys alive.
///
/// ```no_run
/// # use jwt_appraisal::{SignatureAlgorithm, remote};
/// # fn connect() -> Result<(), remote::RemoteError> {
/// let issuer = remote::issuer("https://as.example.com")
///     .algorithms([SignatureAlgorithm::Es256])
///     .connect_in_background()?;
/// let status = issuer.status();
/// // Later, at `/ready`:
/// let ready = status.get().is_some_and(|status| status.usable);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RemoteStatus {
    rounds: Weak<Rounds>,
    clock: Arc<dyn Clock>,
}

impl RemoteStatus {
    pub(super) fn new(rounds: &Arc<Rounds>, clock: &Arc<dyn Clock>) -> Self {
        Self { rounds: Arc::downgrade(rounds), clock: Arc::clone(clock) }
    }

    /// Returns the present state, by the issuer's clock, or `None` if the refresh task has ended.
    pub fn get(&self) -> Option<Status> {
        let rounds = self.rounds.upgrade()?;
        Some(rounds.status(self.clock.now()))
    }
}
