//! What a cache remembers: the keys that it fetched, and where they are.

use std::sync::Arc;

use super::address::Address;
use super::error::FetchError;
use crate::time::{Seconds, Span};

/// Metadata is fetched again after this many seconds.
const METADATA_FRESH: i64 = 24 * 60 * 60;
/// While the location of the keys is known, metadata that cannot be read is not tried more often.
const METADATA_PAUSE: i64 = 5 * 60;
/// If the keys came from this many seconds ahead of the clock, the clock was wrong then or is wrong now.
const AHEAD: i64 = 24 * 60 * 60;

/// The keys that are in the store, as they were fetched.
pub(super) struct CachedKeys {
    pub(super) text: Box<[u8]>,
    pub(super) etag: Option<Arc<str>>,
    pub(super) generation: u64,
    pub(super) lifetime: i64,
    since: Seconds,
    pub(super) fresh_until: Seconds,
    pub(super) usable_until: Seconds,
}

impl CachedKeys {
    pub(super) fn new(
        text: Vec<u8>,
        etag: Option<Arc<str>>,
        lifetime: i64,
        stale_for: i64,
        since: Seconds,
    ) -> Self {
        let (text, generation) = (text.into(), 0);
        let (fresh_until, usable_until) = (since, since);
        let mut cached =
            Self { text, etag, generation, lifetime, since, fresh_until, usable_until };
        cached.keep(lifetime, stale_for, since);
        cached
    }

    /// Prolongs the keys, because the issuer still publishes them.
    pub(super) fn keep(&mut self, lifetime: i64, stale_for: i64, since: Seconds) {
        self.lifetime = lifetime;
        self.since = since;
        self.fresh_until = Seconds::nearest(since.plus(lifetime));
        self.usable_until = Seconds::nearest(self.fresh_until.plus(stale_for));
    }

    /// Ends the freshness of the keys, because the issuer publishes others.
    pub(super) fn retire(&mut self, stale_for: i64, since: Seconds) {
        self.fresh_until = self.fresh_until.min(since);
        self.usable_until = self.usable_until.min(Seconds::nearest(since.plus(stale_for)));
    }

    /// Returns when the keys may be used.
    pub(super) fn usable(&self) -> Span {
        Span::new(Seconds::nearest(self.since.plus(AHEAD.saturating_neg())), self.usable_until)
    }
}

/// Where the keys are, by the issuer's metadata.
pub(super) struct JwksLocation {
    pub(super) address: Address,
    pub(super) since: Seconds,
    /// The last request for keys there failed, so they may have moved.
    pub(super) stale_location: bool,
}

impl JwksLocation {
    /// Returns whether metadata should be fetched again.
    pub(super) fn is_due(&self, failed: Option<&MetadataFailure>, now: Seconds) -> bool {
        let paused = |failed: &MetadataFailure| distance(failed.at, now) < METADATA_PAUSE;
        (self.stale_location || distance(self.since, now) >= METADATA_FRESH)
            && !failed.is_some_and(paused)
    }

    /// Returns whether the location is too old. It is trusted for as long as keys that are fresh for a day.
    pub(super) fn is_too_old(&self, stale_for: i64, now: Seconds) -> bool {
        distance(self.since, now) > METADATA_FRESH.saturating_add(stale_for)
    }
}

/// Why metadata could not be read, the last time.
pub(super) struct MetadataFailure {
    pub(super) error: FetchError,
    pub(super) at: Seconds,
}

/// Returns the seconds between two moments. A clock may be set back, so either may be the earlier one.
fn distance(one: Seconds, other: Seconds) -> i64 {
    one.since(other).saturating_abs()
}
