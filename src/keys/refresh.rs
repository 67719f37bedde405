//! Who keeps a store of keys fresh, and how often it may be asked to.

use std::fmt;
use std::pin::Pin;

use ::time::OffsetDateTime;

use crate::time::Seconds;

/// Keeps a [`KeyStore`](crate::KeyStore) fresh. The store asks for keys here when a token names one that
/// it does not have or could not use, or when it has none that may be used; whoever fetches them does so
/// elsewhere.
pub trait KeyRefresher: fmt::Debug + Send + Sync {
    /// A token names a key that the store does not have or could not use, or the store has none that may
    /// be used. It is called at most once per cooldown, from the middle of an appraisal at this moment, so
    /// it has to return at once.
    fn request(&self, now: OffsetDateTime);

    /// What ends when the fetch that is under way has ended, in success or not; `None` if none is, or not
    /// any more. One that [`request`](Self::request) has just asked for is to count as under way; one
    /// that began too long before this moment is not. Where keys came just now, something that is over
    /// already tells whoever was refused a moment ago to try again.
    fn under_way(&self, now: OffsetDateTime) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>>;
}

/// When a key was last asked for that is not in the store.
pub(super) struct Cooldown {
    seconds: i64,
    last: Option<Seconds>,
}

impl Cooldown {
    /// Long enough that random `kid`s can not drive fetches, short enough that a rotation is noticed.
    const DEFAULT_SECONDS: i64 = 30;

    pub(super) fn set(&mut self, seconds: i64) {
        self.seconds = seconds.clamp(1, 86_400);
    }

    /// Whether it is over; then it begins anew.
    pub(super) fn is_over(&mut self, now: Seconds) -> bool {
        let over = match self.last {
            None => true,
            // A clock that went back far does not stop refreshes.
            Some(last) => now.since(last).saturating_abs() >= self.seconds,
        };
        if over {
            self.last = Some(now);
        }
        over
    }
}

impl Default for Cooldown {
    fn default() -> Self {
        Self { seconds: Self::DEFAULT_SECONDS, last: None }
    }
}
