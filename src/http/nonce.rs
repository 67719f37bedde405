//! Nonces that a server gives to clients for their DPoP proofs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ::time::OffsetDateTime;

use super::error::ResourceServerError;
use crate::base64url;
use crate::crypto::CryptoProvider;
use crate::time::Seconds;

/// The nonces that DPoP proofs have to have. Several servers behind one name have to give and accept the
/// same ones.
///
/// [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)
pub trait DpopNonces: fmt::Debug + Send + Sync {
    /// The nonce that clients are given now. Its characters are those of RFC 9449 §8.1 (`NQCHAR`).
    fn current(&self, now: OffsetDateTime) -> Arc<str>;

    /// The one before, if it is accepted still.
    fn previous(&self, now: OffsetDateTime) -> Option<Arc<str>>;
}

/// Nonces of one process: a random one, and another after some time; the one before is accepted too.
pub(super) struct RotatingNonces {
    provider: &'static CryptoProvider,
    /// In seconds.
    lifetime: i64,
    state: Mutex<State>,
}

struct State {
    current: Arc<str>,
    previous: Option<Arc<str>>,
    since: Seconds,
}

impl RotatingNonces {
    pub(super) fn new(
        provider: &'static CryptoProvider,
        lifetime: i64,
        now: OffsetDateTime,
    ) -> Result<Self, ResourceServerError> {
        let current = random_nonce(provider).ok_or(ResourceServerError::NoRandomness)?;
        let state = State { current, previous: None, since: Seconds::at(now) };
        Ok(Self { provider, lifetime, state: Mutex::new(state) })
    }

    fn at<T>(&self, now: OffsetDateTime, read: impl FnOnce(&State) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.rotate(self.lifetime, Seconds::at(now), || random_nonce(self.provider));
        read(&state)
    }
}

impl State {
    /// Without random bytes the present nonce stays.
    fn rotate(&mut self, lifetime: i64, now: Seconds, next: impl FnOnce() -> Option<Arc<str>>) {
        let age = now.since(self.since).saturating_abs();
        if age < lifetime {
            return;
        }
        if let Some(next) = next() {
            let last = std::mem::replace(&mut self.current, next);
            let in_time = age < lifetime.saturating_mul(2);
            self.previous = in_time.then_some(last);
            self.since = now;
        }
    }
}

impl DpopNonces for RotatingNonces {
    fn current(&self, now: OffsetDateTime) -> Arc<str> {
        self.at(now, |state| Arc::clone(&state.current))
    }

    fn previous(&self, now: OffsetDateTime) -> Option<Arc<str>> {
        self.at(now, |state| state.previous.clone())
    }
}

impl fmt::Debug for RotatingNonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotatingNonces").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// 128 random bits.
fn random_nonce(provider: &CryptoProvider) -> Option<Arc<str>> {
    let mut bytes = [0; 16];
    (provider.random)(&mut bytes).ok()?;
    Some(base64url::encode(&bytes).into())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

    use super::*;

    fn at(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(seconds).unwrap()
    }

    #[cfg(feature = "ring")]
    #[test]
    fn a_nonce_is_accepted_for_two_lifetimes() {
        let nonces = RotatingNonces::new(&crate::crypto::ring::PROVIDER, 300, at(0)).unwrap();
        let first = nonces.current(at(0));
        assert_eq!((nonces.current(at(299)), nonces.previous(at(299))), (first.clone(), None));
        let second = nonces.current(at(300));
        assert_ne!(first, second);
        assert_eq!(nonces.previous(at(599)), Some(first));
        let third = nonces.current(at(600));
        assert_eq!(nonces.previous(at(600)), Some(second));
        // Nobody came for long: the last one is too old as well.
        assert_eq!(nonces.previous(at(1_200)), None);
        assert_ne!(nonces.current(at(1_200)), third);
    }
}
