//! The validator: [`Validator::run`] is the whole pipeline, a line a stage.

mod awaiting;
mod builder;
mod config;
mod opening;
mod plan;
mod proof;
mod route;
#[cfg(feature = "http")]
mod seen;
mod set;
mod stages;

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

pub use builder::{AfterIssuer, Ready, ValidatorBuilder, WantsAudience, WantsIssuer};
pub use set::{ValidatorSet, ValidatorSetBuilder};

use crate::appraisal::{Appraisal, Ledger, VerifiedFacts};
use crate::check::{CheckId, Row};
use crate::claims::{self, Context, Rule, RuleContext};
use crate::crypto::{CryptoProvider, PayloadBuffer};
use crate::expect::{Expect, NOTHING};
use crate::json::Document;
use crate::keys::{SelectedKey, TrustedIssuer};
use crate::profile::Profile;
use crate::scope::ScopeHierarchy;
use crate::time::{Clock, Seconds};
use crate::token::{HeaderBuffer, JoseHeader};
use opening::Decryption;
use stages::Stages;

/// Appraises tokens of one kind under one policy.
///
/// It is built once and shared: `Send + Sync`, and cheap to clone.
pub struct Validator<C>(Arc<Inner<C>>);

struct Inner<C> {
    stages: Stages,
    rules: Vec<Rule<C>>,
    first_rule: usize,
    clock: Arc<dyn Clock>,
    hierarchy: Option<ScopeHierarchy>,
}

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
    pub fn builder<T>(profile: Profile<C, T>) -> ValidatorBuilder<C, T, WantsIssuer> {
        Self::builder_with(&crate::crypto::ring::PROVIDER, profile)
    }

    /// Begins a validator with a crypto provider of one's choice. The key stores of its issuers
    /// have to have imported their keys with the same one.
    pub fn builder_with<T>(
        provider: &'static CryptoProvider,
        profile: Profile<C, T>,
    ) -> ValidatorBuilder<C, T, WantsIssuer> {
        ValidatorBuilder::new(provider, profile)
    }

    /// The codes of the checks that each appraisal has, in order.
    pub fn checks(&self) -> impl Iterator<Item = &CheckId> {
        self.0.stages.plan.checks().iter().map(|check| &check.id)
    }

    /// The codes of the checks that were waived through [`danger`](crate::danger).
    pub fn waived(&self) -> impl Iterator<Item = &CheckId> {
        let checks = self.0.stages.plan.checks().iter();
        checks.filter(|check| check.waived).map(|check| &check.id)
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
        self.appraise_with_at(token, &NOTHING, now)
    }

    /// Appraises a token at the present time, with what is known of the request that it came with.
    pub fn appraise_with(&self, token: impl AsRef<[u8]>, expect: &Expect<'_>) -> Appraisal<C> {
        self.appraise_with_at(token, expect, self.0.clock.now())
    }

    /// Appraises a token with what is known of the request that it came with, as if it were `now`.
    pub fn appraise_with_at(
        &self,
        token: impl AsRef<[u8]>,
        expect: &Expect<'_>,
        now: OffsetDateTime,
    ) -> Appraisal<C> {
        self.0.run(Request { token: token.as_ref(), expect, now }, |claims| claims)
    }
}

/// What is appraised, and under which circumstances.
#[derive(Clone, Copy)]
struct Request<'a> {
    /// As it came.
    token: &'a [u8],
    expect: &'a Expect<'a>,
    now: OffsetDateTime,
}

impl<C: DeserializeOwned> Inner<C> {
    /// The pipeline. A stage takes what the one before made, and ends it where a check failed. The
    /// claims come out as the caller wraps them.
    fn run<D>(&self, request: Request<'_>, wrap: impl FnOnce(C) -> D) -> Appraisal<D> {
        let (mut ledger, mut claims) = (Ledger::new(&self.stages.plan), None);
        let facts = self.run_stages(request, &mut ledger, &mut claims);
        Appraisal::conclude(ledger, claims.map(wrap), facts)
    }

    fn run_stages(
        &self,
        request: Request<'_>,
        ledger: &mut Ledger,
        claims: &mut Option<C>,
    ) -> Option<VerifiedFacts> {
        self.stages.measure(request.token, ledger)?;
        match &self.stages.decryption {
            None => self.run_signed(request.token, None, request, ledger, claims),
            Some(decryption) => self.run_encrypted(decryption, request, ledger, claims),
        }
    }

    /// The token inside goes through every stage as if it had come alone.
    fn run_encrypted(
        &self,
        decryption: &Decryption,
        request: Request<'_>,
        ledger: &mut Ledger,
        claims: &mut Option<C>,
    ) -> Option<VerifiedFacts> {
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let limits = &self.stages.policy.limits;
        let opened = decryption.open(request.token, limits, (&mut octets, &mut json), ledger)?;
        let inner = opened.inner.unverified();
        let facts = self.run_signed(inner, Some(opened.header), request, ledger, claims)?;
        Some(VerifiedFacts { encryption: Some(opened.algorithms), ..facts })
    }

    fn run_signed(
        &self,
        token: &[u8],
        outer: Option<JoseHeader<'_>>,
        request: Request<'_>,
        ledger: &mut Ledger,
        claims: &mut Option<C>,
    ) -> Option<VerifiedFacts> {
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let (token, header) = self.stages.parse(token, &mut octets, &mut json, ledger)?;
        let header = self.stages.admit(header, ledger)?;
        let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
        let mut payload = self.stages.payload(&token, &mut octets, &mut json);
        let issuer = self.stages.route(&mut payload, header, ledger)?;
        let now = Seconds::at(request.now);
        let keys = issuer.keys().snapshot(now);
        let key = self.stages.select(header, &issuer, (&keys, now), ledger)?;
        let verified = self.stages.verify(&token, key, ledger)?;
        let cx = self.context(request, &issuer, key);
        let payload = ledger.take(Row::PayloadJson, payload.verified(&verified))?;
        let checked = self.stages.check(payload, outer, &cx, ledger)?;
        ledger.check(Row::PayloadShape, || claims::check_shape(checked, claims));
        self.check_rules(claims.as_ref()?, &issuer, request, ledger);
        self.stages.check_replay(checked, &cx, ledger);
        Some(self.facts(&issuer, key))
    }

    /// What the checks of claims see beside the claims.
    fn context<'a>(
        &'a self,
        request: Request<'a>,
        issuer: &'a TrustedIssuer,
        key: SelectedKey<'_>,
    ) -> Context<'a> {
        Context {
            policy: &self.stages.policy.claims,
            party: issuer.issuer(),
            now: Seconds::at(request.now),
            expect: request.expect,
            algorithm: key.key().algorithm(),
            provider: self.stages.provider,
            embedded: issuer.thumbprint(),
            presented: request.token,
        }
    }

    /// The caller's own rules.
    fn check_rules(
        &self,
        claims: &C,
        issuer: &TrustedIssuer,
        request: Request<'_>,
        ledger: &mut Ledger,
    ) {
        let context = RuleContext {
            now: request.now,
            issuer: issuer.issuer(),
            leeway: self.stages.policy.claims.leeway,
            expect: request.expect,
        };
        for (place, rule) in (self.first_rule..).zip(&self.rules) {
            ledger.check_at(place, || claims::check_rule(rule, claims, &context));
        }
    }

    fn facts(&self, issuer: &TrustedIssuer, key: SelectedKey<'_>) -> VerifiedFacts {
        VerifiedFacts {
            issuer: issuer.issuer().clone(),
            kid: key.kid().cloned(),
            algorithm: key.key().algorithm().name(),
            encryption: None,
            embedded: issuer.thumbprint(),
            hierarchy: self.hierarchy.clone(),
        }
    }
}

impl<C> Clone for Validator<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<C> fmt::Debug for Validator<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator")
            .field("header", &self.0.stages.policy.header)
            .field("claims", &self.0.stages.policy.claims)
            .field("decryption", &self.0.stages.decryption)
            .field("issuers", &self.0.stages.issuers)
            .field("rules", &self.0.rules)
            .field("waived", &self.waived().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
