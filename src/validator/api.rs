//! What a validator offers: how it is built, and how it appraises.

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

use super::Validator;
use super::builder::ValidatorBuilder;
use super::pending::Begun;
use super::request::Request;
use super::states;
use crate::appraisal::Appraisal;
use crate::check::CheckId;
use crate::crypto::CryptoProvider;
use crate::kind::Profile;
use crate::request_facts::{NO_FACTS, RequestFacts};
use crate::state::Remote;

impl<C> Validator<C> {
    /// Begins a validator for a kind of token, with the default crypto provider.
    ///
    /// The decisions that have no safe default are asked for one after the other: whom to trust,
    /// and who the verifier is. Everything else is a setting with a default.
    ///
    /// ```compile_fail,E0599
    /// # use jwt_appraisal::{Profile, Validator};
    /// // An issuer is missing.
    /// let validator = Validator::builder(Profile::access_token()).build();
    /// ```
    ///
    /// ```compile_fail,E0599
    /// # use jwt_appraisal::{Profile, TrustedIssuer, Validator};
    /// fn validator(issuer: TrustedIssuer) {
    ///     // An audience is missing.
    ///     let validator = Validator::builder(Profile::access_token()).issuer(issuer).build();
    /// }
    /// ```
    ///
    /// ```compile_fail,E0599
    /// # use jwt_appraisal::{Profile, TrustedIssuer, Validator};
    /// fn validator(issuer: TrustedIssuer) {
    ///     // A client signs its assertion, no issuer does.
    ///     let validator = Validator::builder(Profile::client_assertion()).issuer(issuer);
    /// }
    /// ```
    #[cfg(feature = "ring")]
    pub fn builder<T>(profile: Profile<C, T>) -> ValidatorBuilder<C, T, states::WantsTrust> {
        Self::builder_with(&crate::crypto::ring::PROVIDER, profile)
    }

    /// Begins a validator with another crypto provider. The key stores of its issuers must have imported
    /// their keys with the same provider; [`build`](ValidatorBuilder::build) checks that.
    pub fn builder_with<T>(
        provider: &'static CryptoProvider,
        profile: Profile<C, T>,
    ) -> ValidatorBuilder<C, T, states::WantsTrust> {
        ValidatorBuilder::new(provider, profile)
    }
}

impl<C, R> Validator<C, R> {
    /// The codes of the checks that each appraisal has, in order. If its issuers have several dialects, an
    /// appraisal has those of its issuer's dialect, and as long as the issuer is unknown those up to the
    /// payload.
    pub fn checks(&self) -> impl Iterator<Item = &CheckId> {
        self.0.stages.plans.checks().into_iter().map(|check| &check.id)
    }

    /// The codes of the checks that were waived through [`danger`](crate::danger).
    pub fn waived(&self) -> impl Iterator<Item = &CheckId> {
        self.0.stages.plans.waived()
    }
}

impl<C: DeserializeOwned> Validator<C> {
    /// Appraises a token at the present time.
    ///
    /// Any bytes give an appraisal, and what is refused costs no more than the limits permit.
    pub fn appraise(&self, token: impl AsRef<[u8]>) -> Appraisal<C> {
        self.appraise_at(token, self.0.clock.now())
    }

    /// Appraises a token as if it were `now`.
    pub fn appraise_at(&self, token: impl AsRef<[u8]>, now: OffsetDateTime) -> Appraisal<C> {
        self.appraise_with_at(token, &NO_FACTS, now)
    }

    /// Appraises a token at the present time, with what is known of the request that it came with.
    pub fn appraise_with(&self, token: impl AsRef<[u8]>, facts: &RequestFacts<'_>) -> Appraisal<C> {
        self.appraise_with_at(token, facts, self.0.clock.now())
    }

    /// Appraises a token with what is known of the request that it came with, as if it were `now`.
    pub fn appraise_with_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Appraisal<C> {
        let request = Request::new(token.as_ref(), facts, now);
        self.0.begin(&request, |claims| claims).without_answers()
    }
}

impl<C: DeserializeOwned + Send> Validator<C, Remote> {
    /// Appraises a token at the present time, and asks the source of state what only it knows. The signature
    /// is verified once. Dropping the future accepts nothing.
    ///
    /// ```
    /// # use jwt_appraisal::state::{Answer, AskKind, Question, Says, StateSource};
    /// # use jwt_appraisal::*;
    /// # #[derive(Debug)] struct Sessions;
    /// # impl StateSource for Sessions {
    /// #     fn kinds(&self) -> &[AskKind] { &[AskKind::Revoked] }
    /// #     async fn ask(&self, _: &[Question], _: time::OffsetDateTime) -> Vec<Answer> { Vec::new() }
    /// # }
    /// async fn appraise(issuer: TrustedIssuer, token: &str) -> Result<(), Box<dyn std::error::Error>> {
    ///     let validator = Validator::builder(Profile::access_token())
    ///         .issuer(issuer)
    ///         .audience("https://api.example.com")
    ///         .state_source(Sessions)
    ///         .build()?;
    ///     let accepted = validator.appraise_async(token, &RequestFacts::new()).await.into_result()?;
    ///     println!("{:?}", accepted.subject());
    ///     Ok(())
    /// }
    /// ```
    ///
    /// A validator with a source of state has no `appraise`, because that would block:
    ///
    /// ```compile_fail,E0599
    /// # use jwt_appraisal::state::Remote;
    /// # use jwt_appraisal::{AccessTokenClaims, Validator};
    /// fn blocks(validator: Validator<AccessTokenClaims, Remote>) {
    ///     validator.appraise("token");
    /// }
    /// ```
    pub async fn appraise_async(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
    ) -> Appraisal<C> {
        self.appraise_async_at(token, facts, self.0.clock.now()).await
    }

    /// As [`appraise_async`](Self::appraise_async), as if it were `now`.
    pub async fn appraise_async_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Appraisal<C> {
        self.begin_at(token, facts, now).answered().await
    }

    /// Begins an appraisal: runs every local check, and returns the open questions for the caller to ask.
    pub fn begin(&self, token: impl AsRef<[u8]>, facts: &RequestFacts<'_>) -> Begun<C> {
        self.begin_at(token, facts, self.0.clock.now())
    }

    /// As [`begin`](Self::begin), as if it were `now`.
    pub fn begin_at(
        &self,
        token: impl AsRef<[u8]>,
        facts: &RequestFacts<'_>,
        now: OffsetDateTime,
    ) -> Begun<C> {
        self.0.begin(&Request::new(token.as_ref(), facts, now), |claims| claims)
    }
}
