//! Several validators for one endpoint.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

use super::route::Issuers;
use super::stages::Stages;
use super::{Request, Validator};
use crate::appraisal::Appraisal;
use crate::check::CheckId;
use crate::crypto::PayloadBuffer;
use crate::error::ConfigError;
use crate::json::{Document, Member as HeaderMember};
use crate::policy::{Signer, TypPolicy};
use crate::request_facts::RequestFacts;
use crate::token::{HeaderBuffer, JoseHeader, UnverifiedToken, check_base64url, check_size};

/// Appraises tokens of several kinds at one endpoint, each by the validator of its kind.
///
/// A token is given to the one member that accepts its explicit type; among members that share a type,
/// to the one that trusts the issuer (or knows the client) that the token names. That is read before
/// anything is verified, and only chooses who appraises: the member checks both again. A token that is
/// for none is appraised by the first member, which refuses it.
///
/// ```
/// # use jwt_appraisal::testing::TestIssuer;
/// # use jwt_appraisal::*;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = TestIssuer::new("https://as.example.com");
/// # let keys = || -> Result<_, KeyError> {
/// #     KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&issuer.jwks())?)
/// # };
/// # let access_tokens = Validator::builder(Profile::access_token())
/// #     .issuer(TrustedIssuer::new("https://as.example.com", keys()?))
/// #     .audience("https://api.example.com")
/// #     .build()?;
/// # #[derive(serde::Deserialize)] struct Receipt { order_id: String }
/// # let receipts = Validator::builder(Profile::new("receipt+jwt"))
/// #     .issuer(TrustedIssuer::new("https://as.example.com", keys()?))
/// #     .audience("https://api.example.com")
/// #     .build()?;
/// enum Evidence {
///     AccessToken(AccessTokenClaims),
///     Receipt(Receipt),
/// }
///
/// let set = ValidatorSet::builder()
///     .member(access_tokens, Evidence::AccessToken)
///     .member(receipts, Evidence::Receipt)
///     .build()?;
/// # let token = issuer.access_token("https://api.example.com").sign();
/// match set.appraise(&token).into_result()?.claims() {
///     Evidence::AccessToken(claims) => assert_eq!(&*claims.sub, "user-1"),
///     Evidence::Receipt(receipt) => println!("{}", receipt.order_id),
/// }
/// # Ok(())
/// # }
/// ```
pub struct ValidatorSet<D> {
    first: Member<D>,
    others: Vec<Member<D>>,
}

/// Builds a [`ValidatorSet`].
pub struct ValidatorSetBuilder<D> {
    members: Vec<Member<D>>,
}

type Member<D> = Arc<dyn Appraise<D>>;

/// A member, whatever its claims.
trait Appraise<D>: Send + Sync {
    fn stages(&self) -> &Stages;
    fn appraise(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Appraisal<D>;
}

/// A validator, and what its claims become in the set.
struct Wrapped<C, W> {
    validator: Validator<C>,
    wrap: W,
}

impl<C, D, W> Appraise<D> for Wrapped<C, W>
where
    C: DeserializeOwned,
    W: Fn(C) -> D + Send + Sync,
    Validator<C>: Send + Sync,
{
    fn stages(&self) -> &Stages {
        &self.validator.0.stages
    }

    fn appraise(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Appraisal<D> {
        let inner = &self.validator.0;
        let now = now.unwrap_or_else(|| inner.clock.now());
        inner.begin(Request::new(token, facts, now), &self.wrap).without_answers()
    }
}

impl<D> ValidatorSet<D> {
    /// Begins a set.
    pub fn builder() -> ValidatorSetBuilder<D> {
        ValidatorSetBuilder { members: Vec::new() }
    }

    /// Appraises a token at the present time.
    pub fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<D> {
        self.appraise_with(token, &RequestFacts::new())
    }

    /// Appraises a token as if it were `now`.
    pub fn appraise_at(&self, token: impl AsRef<[u8]>, now: OffsetDateTime) -> Appraisal<D> {
        self.appraise_with_at(token, &RequestFacts::new(), now)
    }

    /// Appraises a token with what is known of the request that it came with.
    pub fn appraise_with(&self, token: impl AsRef<[u8]>, facts: &RequestFacts<'_>) -> Appraisal<D> {
        self.member_for(token.as_ref()).appraise(token.as_ref(), facts, None)
    }

    /// Appraises a token with what is known of the request that it came with, as if it were `now`.
    pub fn appraise_with_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Appraisal<D> {
        self.member_for(token.as_ref()).appraise(token.as_ref(), facts, Some(now))
    }

    /// Returns the codes of the checks that an appraisal may have, in the order of the members, each code
    /// once.
    pub fn checks(&self) -> impl Iterator<Item = &CheckId> {
        let mut codes: Vec<&CheckId> = Vec::new();
        for check in self.members().flat_map(|member| member.stages().plan.checks()) {
            if !codes.contains(&&check.id) {
                codes.push(&check.id);
            }
        }
        codes.into_iter()
    }

    fn members(&self) -> impl Iterator<Item = &Member<D>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Who appraises. Nothing that is read here is believed.
    fn member_for(&self, token: &[u8]) -> &dyn Appraise<D> {
        let fitting = || self.members().filter(|member| member.stages().is_for_type_of(token));
        let named = || fitting().find(|member| member.stages().knows_party_of(token));
        let found = if fitting().nth(1).is_some() { named() } else { None };
        &**found.or_else(|| fitting().next()).unwrap_or(&self.first)
    }
}

impl<D> ValidatorSetBuilder<D> {
    /// Adds a validator, and what its claims become in the set.
    pub fn member<C: DeserializeOwned + 'static>(
        mut self,
        validator: Validator<C>,
        wrap: impl Fn(C) -> D + Send + Sync + 'static,
    ) -> Self
    where
        Validator<C>: Send + Sync,
        D: 'static,
    {
        self.members.push(Arc::new(Wrapped { validator, wrap }));
        self
    }

    /// Builds the set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Set`] if there is no member; if a token could be for two, as neither their types
    /// are disjoint nor, as far as is known, the parties that one claim names; or if two parties share a
    /// key store.
    pub fn build(self) -> Result<ValidatorSet<D>, ConfigError> {
        for (nth, one) in self.members.iter().enumerate() {
            let mut before = self.members.iter().take(nth);
            if before.clone().any(|other| one.stages().meets(other.stages())) {
                return Err(ConfigError::Set("two members that a token could be for"));
            }
            if before.any(|other| one.stages().issuers.share_keys(&other.stages().issuers)) {
                return Err(ConfigError::Set("two parties that share a key store or a secret"));
            }
        }
        let mut members = self.members.into_iter();
        let first = members.next().ok_or(ConfigError::Set("no member"))?;
        Ok(ValidatorSet { first, others: members.collect() })
    }
}

impl Stages {
    /// Whether a token could be for both.
    fn meets(&self, other: &Self) -> bool {
        let (own, others) = (self.decryption.is_some(), other.decryption.is_some());
        if own != others {
            return false;
        }
        // What an encrypted token is of is not seen from outside.
        own || (accept_one_type(&self.header.typ, &other.header.typ)
            && !self.knows_others_than(other))
    }

    /// Whether the same claim names the party of both, and never the same one.
    fn knows_others_than(&self, other: &Self) -> bool {
        self.naming_claim() == other.naming_claim() && self.issuers.is_disjoint(&other.issuers)
    }

    fn naming_claim(&self) -> Option<&'static str> {
        match self.kind.signer {
            Signer::Issuer => Some("iss"),
            Signer::Client(claim) => Some(claim),
            Signer::HeaderKey => None,
        }
    }

    /// Whether an unverified token says that it is of a type for this member.
    fn is_for_type_of(&self, token: &[u8]) -> bool {
        let limits = &self.limits;
        let Some(token) = self.signed(token) else {
            return self.decryption.is_some();
        };
        if self.decryption.is_some() {
            return false;
        }
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let header = octets.decode(token.header(), limits.header_bytes);
        let header = header.and_then(|octets| JoseHeader::parse(octets, &mut json, limits));
        header.is_ok_and(|header| self.header.typ.accepts(header.typ()))
    }

    /// A token that seems to be signed and not encrypted.
    fn signed<'a>(&self, token: &'a [u8]) -> Option<UnverifiedToken<'a>> {
        check_size(token, self.limits.token_bytes).ok()?;
        let token = UnverifiedToken::split(token).ok()?;
        check_base64url(&token).ok().map(|_| token)
    }

    /// Whether an unverified token names a party that this member knows.
    fn knows_party_of(&self, token: &[u8]) -> bool {
        let Some(claim) = self.naming_claim() else {
            return true;
        };
        self.signed(token).is_some_and(|token| {
            let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
            let mut payload = self.payload(&token, &mut octets, &mut json);
            self.issuers.find(&mut payload, claim).is_ok()
        })
    }
}

/// Whether there is a type that both accept.
fn accept_one_type(one: &TypPolicy, other: &TypPolicy) -> bool {
    match (one, other) {
        (TypPolicy::Waived, _) | (_, TypPolicy::Waived) => true,
        (TypPolicy::UntypedOr(_), TypPolicy::UntypedOr(_)) => true,
        (TypPolicy::Exactly(one), other) | (other, TypPolicy::Exactly(one)) => {
            other.accepts(HeaderMember::Present(one.as_str()))
        }
    }
}

impl Issuers {
    /// Whether parties of two names have the same keys.
    fn share_keys(&self, other: &Self) -> bool {
        let (own, others) = (self.trusted(), other.trusted());
        own.iter().any(|one| others.iter().any(|other| one.shares_keys_with(other)))
    }

    /// Whether no party is known to both; of a source that can not be told.
    fn is_disjoint(&self, other: &Self) -> bool {
        match (self.parties(), other.parties()) {
            (Some(one), Some(other)) => one.iter().all(|party| !other.contains(party)),
            _ => false,
        }
    }
}

/// Clones share their members.
impl<D> Clone for ValidatorSet<D> {
    fn clone(&self) -> Self {
        Self { first: Arc::clone(&self.first), others: self.others.clone() }
    }
}

impl<D> fmt::Debug for ValidatorSet<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.members().map(|member| &member.stages().header.typ);
        f.debug_list().entries(types).finish()
    }
}

impl<D> fmt::Debug for ValidatorSetBuilder<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.members.iter().map(|member| &member.stages().header.typ);
        f.debug_list().entries(types).finish()
    }
}
