//! When a store requests newer keys, and from whom.

use std::fmt;
use std::pin::Pin;

use ::time::OffsetDateTime;

use crate::time::Seconds;

/// Fetches newer keys for a [`KeyStore`](crate::KeyStore).
///
/// The store requests them when a token names a key that it does not have or could not use, when a
/// signature fails under its keys, or when it has no keys that may be used. The fetch itself happens
/// elsewhere. It ends with new keys ([`KeyStore::replace`](crate::KeyStore::replace)), with the same keys
/// for longer ([`KeyStore::keep_until`](crate::KeyStore::keep_until)), or with
/// [`KeyStore::refresh_failed`](crate::KeyStore::refresh_failed). Until one of the first two follows a
/// request, tokens with an unknown `kid` are undetermined and not rejected.
pub trait KeyRefresher: fmt::Debug + Send + Sync {
    /// Requests newer keys because of a token that may need them. The store calls this at most once
    /// per cooldown, in the middle of an appraisal at this moment, so it must return at once.
    fn request(&self, now: OffsetDateTime);

    /// Returns a future that completes when the current fetch finishes, successfully or not, or `None`
    /// if no fetch is running. A fetch that [`request`](Self::request) has just asked for counts as
    /// running, and one that began too long before this moment does not. If keys arrived just now, the
    /// future is complete already, because a token may have been refused just before.
    fn pending_refresh(
        &self,
        now: OffsetDateTime,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>>;
}

/// When newer keys were requested, and whether they arrived.
pub(super) struct RefreshState {
    cooldown: i64,
    /// When the cooldown began.
    last: Option<Seconds>,
    /// When newer keys were requested that have not arrived yet.
    pending: Option<Seconds>,
    /// When the keys were requested from the issuer that arrived last, as far as that is known.
    refreshed: Option<Seconds>,
    /// The last fetch failed.
    failed: bool,
}

impl RefreshState {
    /// Long enough that random `kid`s cannot drive fetches, short enough that a rotation is noticed.
    const DEFAULT_SECONDS: i64 = 30;

    /// The longest cooldown in seconds: a rotation is noticed within a day.
    pub(super) const LONGEST_COOLDOWN: i64 = 86_400;

    pub(super) fn set_cooldown(&mut self, seconds: i64) {
        self.cooldown = seconds;
    }

    /// Whether it is over; then it begins anew.
    pub(super) fn is_over(&mut self, now: Seconds) -> bool {
        let over = match self.last {
            None => true,
            // A clock that went back far does not stop refreshes.
            Some(last) => !self.is_recent(last, now),
        };
        if over {
            self.last = Some(now);
        }
        over
    }

    /// Begins a request, unless the cooldown forbids it.
    pub(super) fn request(&mut self, now: Seconds) -> bool {
        let over = self.is_over(now);
        if over {
            self.pending = Some(now);
        }
        over
    }

    /// Returns whether the keys of the store are the issuer's present ones, as far as the cooldown
    /// permits: keys that were fetched within it count as present, because random `kid`s would
    /// otherwise keep every unknown `kid` undetermined.
    pub(super) fn is_settled(&self, now: Seconds) -> bool {
        let fresh = self.refreshed.is_some_and(|since| self.is_recent(since, now));
        !self.failed && (self.pending.is_none() || fresh)
    }

    /// Records that keys arrived, which the issuer was asked for at this moment. If that was before
    /// newer keys were requested, those are still to come, however long the cooldown is. A request from
    /// before the clock was set back is replaced by the next one.
    pub(super) fn succeed(&mut self, since: Option<Seconds>) {
        self.failed = false;
        self.refreshed = since;
        self.pending = self.pending.filter(|asked| since.is_some_and(|since| since < *asked));
    }

    pub(super) fn fail(&mut self) {
        self.failed = true;
    }

    fn is_recent(&self, moment: Seconds, now: Seconds) -> bool {
        now.since(moment).saturating_abs() < self.cooldown
    }
}

impl Default for RefreshState {
    fn default() -> Self {
        Self {
            cooldown: Self::DEFAULT_SECONDS,
            last: None,
            pending: None,
            refreshed: None,
            failed: false,
        }
    }
}
