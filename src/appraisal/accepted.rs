//! An accepted token: the only way to its claims.

use std::fmt;
use std::sync::Arc;

use super::report::Checks;
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::check::Ledger;
use crate::names::{Issuer, KeyId};
use crate::scope::ScopeHierarchy;
use crate::thumbprint::Thumbprint;

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

struct Inner<C> {
    claims: C,
    facts: VerifiedFacts,
    ledger: Ledger,
}

/// What was verified about a token, beside its claims.
#[derive(Clone, Debug)]
pub(crate) struct VerifiedFacts {
    pub(crate) issuer: Issuer,
    pub(crate) kid: Option<KeyId>,
    pub(crate) algorithm: &'static str,
    pub(crate) encryption: Option<(KeyManagementAlgorithm, ContentEncryptionAlgorithm)>,
    pub(crate) header_key: Option<Thumbprint>,
    pub(crate) hierarchy: Option<ScopeHierarchy>,
}

impl<C> Accepted<C> {
    /// The one place where an accepted token is made: every check of the plan has to agree.
    pub(super) fn from_ledger(
        ledger: Ledger,
        verified: Option<(C, VerifiedFacts)>,
    ) -> Result<Self, Ledger> {
        match verified {
            Some((claims, facts)) if ledger.accepts() => {
                Ok(Self(Arc::new(Inner { claims, facts, ledger })))
            }
            _ => Err(ledger),
        }
    }

    /// The claims.
    pub fn claims(&self) -> &C {
        &self.0.claims
    }

    /// Who issued the token, or the client that signed it. Of a kind that is signed with the key in its
    /// own header it is that key's thumbprint as a URI: nobody vouches for it.
    pub fn issuer(&self) -> &Issuer {
        &self.0.facts.issuer
    }

    /// The `kid` of the key that signed it, if that key has one.
    pub fn key_id(&self) -> Option<&KeyId> {
        self.0.facts.kid.as_ref()
    }

    /// The registered name of the algorithm that it was signed with.
    pub fn algorithm(&self) -> &'static str {
        self.0.facts.algorithm
    }

    /// How it was encrypted; nothing if it was only signed. What a validator without
    /// [`encrypted_to`](crate::ValidatorBuilder::encrypted_to) accepted is never encrypted, and what
    /// one with it accepted always is.
    pub fn encryption(&self) -> Option<(KeyManagementAlgorithm, ContentEncryptionAlgorithm)> {
        self.0.facts.encryption
    }

    /// The thumbprint of the key in the token's own header, of a kind that is signed with that: what an
    /// access token is bound to ([`RequestFacts::proof`](crate::RequestFacts::proof)).
    ///
    /// [RFC 9449 §6.1](https://www.rfc-editor.org/rfc/rfc9449#section-6.1)
    pub fn key_thumbprint(&self) -> Option<Thumbprint> {
        self.0.facts.header_key
    }

    /// Which scopes imply others, if the validator knows.
    pub(crate) fn scope_hierarchy(&self) -> Option<&ScopeHierarchy> {
        self.0.facts.hierarchy.as_ref()
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
