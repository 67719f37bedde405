//! The members of a set, and which of them a token is for.

use std::sync::Arc;

use ::time::OffsetDateTime;

use super::pending::Begun;
#[cfg(feature = "http")]
use super::policy_view::PolicyView;
use super::route::Issuers;
use super::stages::Stages;
use crate::crypto::{PayloadBuffer, UnverifiedPayload};
use crate::envelope::before_disclosures;
use crate::error::ConfigError;
use crate::json::Document;
use crate::limits::Limits;
use crate::request_facts::RequestFacts;
use crate::token::{HeaderBuffer, Look, check_size};

/// A member, whatever its claims.
pub(super) trait Member<D>: Send + Sync {
    fn stages(&self) -> &Stages;
    fn begin(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Begun<D>;
    fn now(&self) -> OffsetDateTime;
    #[cfg(feature = "http")]
    fn policy(&self) -> PolicyView<'_>;
}

/// The members, of which there is at least one.
pub(super) struct Members<D> {
    first: Arc<dyn Member<D>>,
    others: Vec<Arc<dyn Member<D>>>,
    /// How much of a token is read to find its member: as much as one of them reads.
    limits: Limits,
}

impl<D> Members<D> {
    /// Refuses members that a token could not choose between.
    pub(super) fn of(members: Vec<Arc<dyn Member<D>>>) -> Result<Self, ConfigError> {
        for (nth, one) in members.iter().enumerate() {
            let mut before = members.iter().take(nth);
            if before.clone().any(|other| one.stages().meets(other.stages())) {
                return Err(ConfigError::AmbiguousSet);
            }
            if before.any(|other| one.stages().issuers.share_keys(&other.stages().issuers)) {
                return Err(ConfigError::SetSharesKeys);
            }
        }
        let limits = members.iter().map(|member| member.stages().limits);
        let limits = limits.reduce(Limits::widest);
        let mut members = members.into_iter();
        let first = members.next().ok_or(ConfigError::EmptySet)?;
        Ok(Self { first, others: members.collect(), limits: limits.unwrap_or_default() })
    }

    #[cfg(feature = "http")]
    pub(super) fn first(&self) -> &dyn Member<D> {
        &*self.first
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Member<D>>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The member that appraises a token. Nothing that is read here is believed.
    pub(super) fn for_token(&self, token: &[u8]) -> &dyn Member<D> {
        &**self.find(token).unwrap_or(&self.first)
    }

    fn find(&self, token: &[u8]) -> Option<&Arc<dyn Member<D>>> {
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        // A longer token is not searched for disclosures.
        let is_short = check_size(token, self.limits.token_bytes).is_ok();
        let signed = is_short.then(|| before_disclosures(token));
        let look =
            signed.and_then(|signed| Look::at_any(signed, &self.limits, &mut octets, &mut json));
        let Some(look) = look else {
            return self.iter().find(|member| member.stages().envelope.is_encrypted());
        };
        let typ = look.header.typ();
        let mut fitting = self.iter().filter(|member| {
            let stages = member.stages();
            let is_signed = !stages.envelope.is_encrypted() && stages.envelope.fits(token);
            is_signed && stages.header.typ.accepts(typ)
        });
        let first = fitting.next()?;
        let Some(second) = fitting.next() else {
            return Some(first);
        };
        let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
        let segment = look.token.unverified_payload();
        let mut payload = UnverifiedPayload::of(segment, &self.limits, &mut octets, &mut json);
        let mut fitting = [first, second].into_iter().chain(fitting);
        fitting.find(|member| member.stages().knows_party_of(&mut payload)).or(Some(first))
    }
}

impl<D> Clone for Members<D> {
    fn clone(&self) -> Self {
        Self { first: Arc::clone(&self.first), others: self.others.clone(), limits: self.limits }
    }
}

impl Stages {
    /// Whether a token could be for both.
    fn meets(&self, other: &Self) -> bool {
        // The `~` of an SD-JWT is not signed, so the presenter of a token can add or remove it.
        if self.envelope.is_encrypted() != other.envelope.is_encrypted() {
            return false;
        }
        // What an encrypted token is of is not seen from outside.
        self.envelope.is_encrypted()
            || (self.header.typ.overlaps(&other.header.typ) && !self.knows_others_than(other))
    }

    /// Whether an unverified token names a party that this member knows.
    fn knows_party_of(&self, payload: &mut UnverifiedPayload<'_, '_>) -> bool {
        let claim = self.kind.signer.claim();
        claim.is_none_or(|claim| self.issuers.find(payload, claim).is_ok())
    }

    /// Whether the same claim names the party of both, and never the same one.
    fn knows_others_than(&self, other: &Self) -> bool {
        self.kind.signer.claim() == other.kind.signer.claim()
            && self.issuers.is_disjoint(&other.issuers)
    }
}

impl Issuers {
    /// Whether parties of two names have the same keys.
    fn share_keys(&self, other: &Self) -> bool {
        let (own, others) = (self.trusted(), other.trusted());
        own.iter().any(|one| others.iter().any(|other| one.shares_keys_with(other)))
    }

    /// Whether no party is known to both; of a source that is not known.
    fn is_disjoint(&self, other: &Self) -> bool {
        match (self.parties(), other.parties()) {
            (Some(one), Some(other)) => one.iter().all(|party| !other.contains(party)),
            _ => false,
        }
    }
}
