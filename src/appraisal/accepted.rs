//! An accepted token: the only way to its claims.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::{Serialize, Serializer};

use super::Verdict;
use super::facts::Facts;
use super::record::{Record, RecordedActor, Signed, VerifiedFacts};
use super::report::{Checks, serialize};
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::check::Ledger;
use crate::names::{Issuer, KeyId};
use crate::thumbprint::Thumbprint;
use crate::time::Seconds;

/// A token that passed every check, with its claims.
///
/// There is no other way to get one than an appraisal, so a function that takes an
/// `Accepted<AccessTokenClaims>` can not be called without one, nor with claims of another type.
/// (Give each kind of token a claims type of its own: the type is what tells them apart here.)
///
/// ```compile_fail,E0308
/// # use jwt_appraisal::{Accepted, AccessTokenClaims};
/// # struct ReceiptClaims;
/// fn serve(caller: Accepted<AccessTokenClaims>) {}
/// fn wrong_kind(receipt: Accepted<ReceiptClaims>) {
///     serve(receipt);
/// }
/// ```
///
/// ```compile_fail,E0423
/// # use jwt_appraisal::Accepted;
/// let forged = Accepted("claims");
/// ```
///
/// It does not keep the token, so there is nothing to pass on by accident. Clones share one
/// allocation.
pub struct Accepted<C>(Arc<Inner<C>>);

pub(super) struct Inner<C> {
    pub(super) claims: C,
    pub(super) at: Seconds,
    pub(super) signed: Signed,
    pub(super) facts: Facts,
    pub(super) ledger: Ledger,
}

impl<C> Accepted<C> {
    /// The one place where an accepted token is made. [`Appraisal::conclude`](super::Appraisal::conclude)
    /// calls it if every check of the plan agrees.
    #[inline]
    pub(super) fn new(inner: Inner<C>) -> Self {
        Self(Arc::new(inner))
    }

    /// The claims, for a caller that needs nothing else of the token. They are cloned if another clone
    /// of the accepted token exists.
    pub fn into_claims(self) -> C
    where
        C: Clone,
    {
        Arc::try_unwrap(self.0).map_or_else(|shared| shared.claims.clone(), |inner| inner.claims)
    }

    /// The record of the appraisal: the same facts for every claims type.
    pub fn record(&self) -> Record<'_> {
        let Inner { at, signed, facts, ledger, .. } = &*self.0;
        Record::new(ledger, Verdict::Accepted, *at, Some(VerifiedFacts { signed, facts }))
    }

    /// The subject: unique within the issuer only, so identify a user by both.
    pub fn subject(&self) -> Option<&str> {
        self.record().subject()
    }

    /// The client that the token was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.record().client_id()
    }

    /// The scopes, in the token's order.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.record().scopes()
    }

    /// The audiences.
    pub fn audiences(&self) -> impl Iterator<Item = &str> {
        self.record().audiences()
    }

    /// The current actor, which acts for the subject. Actors that acted before are in the
    /// [record](Record::actors) and must not be used for access control.
    pub fn actor(&self) -> Option<RecordedActor<'_>> {
        self.record().actors().first().copied()
    }

    /// The end of the token's validity.
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        self.record().expires_at()
    }

    /// The identifier of the token (`jti`).
    pub fn token_id(&self) -> Option<&str> {
        self.record().token_id()
    }

    /// The claims.
    pub fn claims(&self) -> &C {
        &self.0.claims
    }

    /// Who issued the token, or the client that signed it. Of a kind that is signed with the key in its
    /// own header it is that key's thumbprint as a URI: nobody vouches for it.
    pub fn issuer(&self) -> &Issuer {
        &self.0.signed.party
    }

    /// The `kid` of the key that signed it, if that key has one.
    pub fn key_id(&self) -> Option<&KeyId> {
        self.0.signed.kid.as_ref()
    }

    /// The registered name of the algorithm that it was signed with.
    pub fn algorithm(&self) -> &'static str {
        self.0.signed.algorithm
    }

    /// How it was encrypted; nothing if it was only signed. What a validator without
    /// [`encrypted_to`](crate::ValidatorBuilder::encrypted_to) accepted is never encrypted, and what
    /// one with it accepted always is.
    pub fn encryption(&self) -> Option<(KeyManagementAlgorithm, ContentEncryptionAlgorithm)> {
        self.0.signed.encryption
    }

    /// The thumbprint of the key in the token's own header, of a kind that is signed with that: what an
    /// access token is bound to ([`RequestFacts::proof`](crate::RequestFacts::proof)).
    ///
    /// [RFC 9449 §6.1](https://www.rfc-editor.org/rfc/rfc9449#section-6.1)
    pub fn key_thumbprint(&self) -> Option<Thumbprint> {
        self.0.signed.header_key
    }

    /// The name under which the caller owns a session.
    #[cfg(feature = "tower")]
    pub(crate) fn caller_id(&self) -> Option<String> {
        let Inner { signed, facts, .. } = &*self.0;
        VerifiedFacts { signed, facts }.caller_id()
    }

    /// Every check of the appraisal; all of them passed, were absent or were waived.
    pub fn checks(&self) -> Checks<'_> {
        Checks::of(&self.0.ledger)
    }
}

impl<C> Clone for Accepted<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// The claims are not printed: they are somebody's.
impl<C> fmt::Debug for Accepted<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("issuer", self.issuer())
            .field("key_id", &self.key_id())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}

/// Serialises the verdict and the checks, never a claim.
impl<C> Serialize for Accepted<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(serializer, Verdict::Accepted, self.checks())
    }
}
