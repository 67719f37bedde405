//! The settings of a cache, checked.

use super::address::Address;
use crate::limits::Limits;
use crate::names::Issuer;

/// After its timeout, a request has this many seconds to be completed before it is given up.
const MARGIN: i64 = 5;

/// The settings of a cache, checked.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) issuer: Issuer,
    pub(super) place: Place,
    pub(super) stale_for: i64,
    pub(super) cooldown: i64,
    pub(super) timeout: i64,
    pub(super) limits: Limits,
}

/// Where the keys are, by the settings.
#[derive(Debug)]
pub(super) enum Place {
    /// Where the issuer's metadata says. The address is the issuer's name.
    Discovered(Address),
    Known(Address),
}

impl Plan {
    /// Returns how long one request may take.
    pub(super) fn request_timeout(&self) -> i64 {
        self.timeout.saturating_add(MARGIN)
    }

    /// Returns how long the requests of a round may take together.
    pub(super) fn round_timeout(&self) -> i64 {
        let requests = match self.place {
            Place::Discovered(_) => 3,
            Place::Known(_) => 1,
        };
        self.request_timeout().saturating_mul(requests)
    }
}
