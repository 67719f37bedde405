//! What appraises tokens: a validator or a set of validators, whatever the types of their claims.

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

use super::Validator;
use super::key_wait::Fetched;
use super::pending::Begun;
#[cfg(feature = "http")]
use super::policy_view::PolicyView;
use super::request::Request;
use crate::request_facts::RequestFacts;

/// A validator or a set of validators.
#[cfg_attr(
    not(feature = "http"),
    expect(unreachable_pub, reason = "a sealed trait of `http` names it")
)]
pub trait Appraise<D>: Send + Sync {
    /// Begins an appraisal, at the present time if no time is given.
    fn begin_any(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Begun<D>;

    /// Returns a future that completes when the pending fetch of the keys for a token finishes.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "for the HTTP layers"))]
    fn fetched(&self, token: &[u8]) -> Option<Fetched>;

    /// The policies of all members.
    #[cfg(feature = "http")]
    fn policies(&self) -> Vec<PolicyView<'_>>;

    /// The policy of the first member.
    #[cfg(feature = "http")]
    fn first_policy(&self) -> PolicyView<'_>;
}

impl<C: DeserializeOwned, R> Appraise<C> for Validator<C, R> {
    fn begin_any(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Begun<C> {
        let now = now.unwrap_or_else(|| self.0.clock.now());
        self.0.begin(&Request::new(token, facts, now), |claims| claims)
    }

    fn fetched(&self, token: &[u8]) -> Option<Fetched> {
        self.pending_refresh(token)
    }

    #[cfg(feature = "http")]
    fn policies(&self) -> Vec<PolicyView<'_>> {
        vec![self.0.policy()]
    }

    #[cfg(feature = "http")]
    fn first_policy(&self) -> PolicyView<'_> {
        self.0.policy()
    }
}
