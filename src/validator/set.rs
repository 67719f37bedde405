//! Several validators for one endpoint.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

use super::Validator;
use super::appraise::Appraise;
use super::key_wait::Fetched;
use super::members::{Member, Members};
use super::pending::Begun;
#[cfg(feature = "http")]
use super::policy_view::PolicyView;
use super::request::Request;
use super::stages::Stages;
use crate::appraisal::Appraisal;
use crate::check::CheckId;
use crate::error::ConfigError;
use crate::request_facts::{NO_FACTS, RequestFacts};
use crate::state::{Local, Reach, Remote};

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
///
/// `R` is [`Remote`] as soon as one member is: the set then has
/// [`appraise_async`](ValidatorSet::appraise_async) in place of `appraise`.
pub struct ValidatorSet<D, R = Local> {
    members: Members<D>,
    reach: PhantomData<fn() -> R>,
}

/// Builds a [`ValidatorSet`].
pub struct ValidatorSetBuilder<D, R = Local> {
    members: Vec<Arc<dyn Member<D>>>,
    reach: PhantomData<fn() -> R>,
}

/// A validator, and what its claims become in the set.
struct Wrapped<C, R, W> {
    validator: Validator<C, R>,
    wrap: W,
}

impl<C, R, D, W> Member<D> for Wrapped<C, R, W>
where
    C: DeserializeOwned,
    W: Fn(C) -> D + Send + Sync,
{
    fn stages(&self) -> &Stages {
        &self.validator.0.stages
    }

    fn begin(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Begun<D> {
        let now = now.unwrap_or_else(|| self.now());
        self.validator.0.begin(&Request::new(token, facts, now), &self.wrap)
    }

    fn now(&self) -> OffsetDateTime {
        self.validator.0.clock.now()
    }

    #[cfg(feature = "http")]
    fn policy(&self) -> PolicyView<'_> {
        self.validator.0.policy()
    }
}

impl<D, R> Appraise<D> for ValidatorSet<D, R> {
    fn begin_any(
        &self,
        token: &[u8],
        facts: &RequestFacts<'_>,
        now: Option<OffsetDateTime>,
    ) -> Begun<D> {
        self.members.for_token(token).begin(token, facts, now)
    }

    fn fetched(&self, token: &[u8]) -> Option<Fetched> {
        let member = self.members.for_token(token);
        member.stages().pending_refresh(token, member.now())
    }

    #[cfg(feature = "http")]
    fn policies(&self) -> Vec<PolicyView<'_>> {
        self.members.iter().map(|member| member.policy()).collect()
    }

    #[cfg(feature = "http")]
    fn first_policy(&self) -> PolicyView<'_> {
        self.members.first().policy()
    }
}

impl<D> ValidatorSet<D> {
    /// Begins a set.
    pub fn builder() -> ValidatorSetBuilder<D> {
        ValidatorSetBuilder { members: Vec::new(), reach: PhantomData }
    }

    /// Appraises a token at the present time.
    pub fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<D> {
        self.appraise_with(token, &NO_FACTS)
    }

    /// Appraises a token as if it were `now`.
    pub fn appraise_at(&self, token: impl AsRef<[u8]>, now: OffsetDateTime) -> Appraisal<D> {
        self.appraise_with_at(token, &NO_FACTS, now)
    }

    /// Appraises a token with what is known of the request that it came with.
    pub fn appraise_with(&self, token: impl AsRef<[u8]>, facts: &RequestFacts<'_>) -> Appraisal<D> {
        self.begin_any(token.as_ref(), facts, None).without_answers()
    }

    /// Appraises a token with what is known of the request that it came with, as if it were `now`.
    pub fn appraise_with_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Appraisal<D> {
        self.begin_any(token.as_ref(), facts, Some(now)).without_answers()
    }
}

impl<D: Send> ValidatorSet<D, Remote> {
    /// Appraises a token at the present time, and asks the member's source of state what only it knows
    /// ([`Validator::appraise_async`]).
    pub async fn appraise_async(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
    ) -> Appraisal<D> {
        self.begin(token, facts).answered().await
    }

    /// As [`appraise_async`](Self::appraise_async), as if it were `now`.
    pub async fn appraise_async_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Appraisal<D> {
        self.begin_at(token, facts, now).answered().await
    }

    /// Begins an appraisal: runs every local check, and returns the open questions for the caller to ask.
    pub fn begin(&self, token: impl AsRef<[u8]>, facts: &RequestFacts<'_>) -> Begun<D> {
        self.begin_any(token.as_ref(), facts, None)
    }

    /// As [`begin`](Self::begin), as if it were `now`.
    pub fn begin_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Begun<D> {
        self.begin_any(token.as_ref(), facts, Some(now))
    }
}

impl<D, R> ValidatorSet<D, R> {
    /// Returns the codes of the checks that an appraisal may have, in the order of the members, each code
    /// once.
    pub fn checks(&self) -> impl Iterator<Item = &CheckId> {
        let mut codes: Vec<&CheckId> = Vec::new();
        for check in self.members.iter().flat_map(|member| member.stages().plans.checks()) {
            if !codes.contains(&&check.id) {
                codes.push(&check.id);
            }
        }
        codes.into_iter()
    }
}

impl<D, R: Reach> ValidatorSetBuilder<D, R> {
    /// Adds a validator, and what its claims become in the set.
    pub fn member<C: DeserializeOwned + 'static, Q: Reach>(
        mut self,
        validator: Validator<C, Q>,
        wrap: impl Fn(C) -> D + Send + Sync + 'static,
    ) -> ValidatorSetBuilder<D, R::Or<Q>>
    where
        D: 'static,
    {
        self.members.push(Arc::new(Wrapped { validator, wrap }));
        ValidatorSetBuilder { members: self.members, reach: PhantomData }
    }

    /// Builds the set.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptySet`] if there is no member, [`ConfigError::AmbiguousSet`] if a token could be
    /// for two, because neither their types are disjoint nor, as far as is known, the parties that one
    /// claim names, and [`ConfigError::SetSharesKeys`] if two parties share a key store or a secret.
    pub fn build(self) -> Result<ValidatorSet<D, R>, ConfigError> {
        let members = Members::of(self.members)?;
        Ok(ValidatorSet { members, reach: PhantomData })
    }
}

/// Clones share their members.
impl<D, R> Clone for ValidatorSet<D, R> {
    fn clone(&self) -> Self {
        Self { members: self.members.clone(), reach: PhantomData }
    }
}

impl<D, R> fmt::Debug for ValidatorSet<D, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.members.iter().map(|member| &member.stages().header.typ);
        f.debug_list().entries(types).finish()
    }
}

impl<D, R> fmt::Debug for ValidatorSetBuilder<D, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types = self.members.iter().map(|member| &member.stages().header.typ);
        f.debug_list().entries(types).finish()
    }
}
