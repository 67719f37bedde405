//! How things stand with an issuer that keeps itself fresh, for whoever asks from outside.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::remote::Status;
use crate::remote::rounds::Rounds;
use crate::time::Clock;

/// A handle for probes of health: how things stand with the issuer that was built with it
/// ([`RemoteIssuerBuilder::status`](super::RemoteIssuerBuilder::status)). It keeps neither the task nor
/// the keys alive.
///
/// ```no_run
/// # use jwt_appraisal::{SignatureAlgorithm, remote};
/// # fn connect() -> Result<(), remote::RemoteError> {
/// let status = remote::RemoteStatus::default();
/// let issuer = remote::issuer("https://as.example.com")
///     .algorithms([SignatureAlgorithm::Es256])
///     .status(&status)
///     .connect_in_background()?;
/// // Later, at `/ready`:
/// let ready = status.get().is_some_and(|status| status.usable);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct RemoteStatus(Arc<Mutex<Option<Watched>>>);

#[derive(Clone, Debug)]
struct Watched {
    rounds: Weak<Rounds>,
    clock: Arc<dyn Clock>,
}

impl RemoteStatus {
    /// How things stand now, by the issuer's clock; `None` if nobody keeps its keys fresh: it is not
    /// connected yet, or its task has ended.
    pub fn get(&self) -> Option<Status> {
        let watched = self.watched().clone()?;
        let rounds = watched.rounds.upgrade()?;
        Some(rounds.status(watched.clock.now()))
    }

    pub(super) fn watch(&self, rounds: &Arc<Rounds>, clock: &Arc<dyn Clock>) {
        let (rounds, clock) = (Arc::downgrade(rounds), Arc::clone(clock));
        let before = self.watched().replace(Watched { rounds, clock });
        drop(before);
    }

    fn watched(&self) -> MutexGuard<'_, Option<Watched>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
