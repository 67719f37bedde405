//! A validator of second tokens, such as DPoP proofs, for the validator of the tokens that they follow.

use super::request::{Passed, Request};
use super::stages::{Head, Stages};
use crate::appraisal::Trace;
use crate::keys::TrustedIssuer;

/// A validator of second tokens, whatever their claims.
pub(super) trait SecondToken: Send + Sync {
    fn stages(&self) -> &Stages;

    /// Everything after the header and the key.
    fn finish(
        &self,
        head: Head<'_, '_>,
        party: &TrustedIssuer,
        request: &Request<'_>,
        trace: &mut Trace,
    ) -> Option<Passed<()>>;
}
