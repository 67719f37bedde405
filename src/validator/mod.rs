//! The validator: [`Validator::run`] is the whole pipeline, a line a stage.

mod builder;
mod config;
mod plan;
mod route;

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

pub use builder::{AfterIssuer, Ready, ValidatorBuilder, WantsAudience, WantsIssuer};

use crate::appraisal::{Appraisal, Ledger, Plan, VerifiedFacts};
use crate::check::{CheckId, Found, Reason, ReasonKind, Row};
use crate::claims::{self, PayloadBuffer, Rule, RuleContext, VerifiedClaims};
use crate::crypto::{CryptoProvider, Verified};
use crate::header_policy::{self, AdmittedHeader};
use crate::json::Document;
use crate::keys::{KeySnapshot, SelectedKey, TrustedIssuer, check_key_alg, select};
use crate::policy::Policy;
use crate::profile::Profile;
use crate::time::{Clock, Seconds};
use crate::token::{
    HeaderBuffer, JoseHeader, SignatureBuffer, UnverifiedToken, check_base64url, check_size,
};
use route::Issuers;

/// Appraises tokens of one kind under one policy.
///
/// It is built once and shared: `Send + Sync`, and cheap to clone.
pub struct Validator<C>(Arc<Inner<C>>);

struct Inner<C> {
    policy: Policy,
    plan: Arc<Plan>,
    issuers: Issuers,
    rules: Vec<Rule<C>>,
    first_rule: usize,
    required: Vec<(usize, Arc<str>)>,
    clock: Arc<dyn Clock>,
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
        self.0.plan.checks().iter().map(|check| &check.id)
    }

    /// The codes of the checks that were waived through [`danger`](crate::danger).
    pub fn waived(&self) -> impl Iterator<Item = &CheckId> {
        let checks = self.0.plan.checks().iter();
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
        self.0.run(token.as_ref(), now)
    }
}

impl<C: DeserializeOwned> Inner<C> {
    /// The pipeline. A stage takes what the one before made, and ends it where a check failed.
    fn run(&self, token: &[u8], now: OffsetDateTime) -> Appraisal<C> {
        let mut ledger = Ledger::new(&self.plan);
        let outcome = self.stages(token, now, &mut ledger);
        Appraisal::conclude(ledger, outcome)
    }

    fn stages(
        &self,
        token: &[u8],
        now: OffsetDateTime,
        ledger: &mut Ledger,
    ) -> Option<(C, VerifiedFacts)> {
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let (token, header) = self.parse(token, &mut octets, &mut json, ledger)?;
        let header = self.admit(header, ledger)?;
        let issuer = self.route(&token, ledger)?;
        let keys = issuer.keys().snapshot();
        let key = self.select(header, &issuer, &keys, ledger)?;
        let verified = self.verify(&token, key, ledger)?;
        let claims = self.check(&verified, &issuer, now, ledger)?;
        Some((claims, self.facts(&issuer, key)))
    }

    /// Stage 1: bytes → an unverified token and its header.
    fn parse<'a, 'd, 'b>(
        &self,
        token: &'a [u8],
        octets: &'b mut HeaderBuffer,
        json: &'d mut Document<'b>,
        ledger: &mut Ledger,
    ) -> Option<(UnverifiedToken<'a>, JoseHeader<'d>)> {
        let limits = &self.policy.limits;
        ledger.take(Row::FormSize, check_size(token, limits.token_bytes))?;
        let token = ledger.take(Row::FormCompact, UnverifiedToken::split(token))?;
        ledger.take(Row::FormBase64url, check_base64url(&token))?;
        let octets = octets.decode(token.header(), limits.header_bytes);
        let header = octets.and_then(|octets| JoseHeader::parse(octets, json, limits));
        Some((token, ledger.take(Row::FormHeader, header)?))
    }

    /// Stage 2: the header against the policy.
    fn admit<'d>(&self, header: JoseHeader<'d>, ledger: &mut Ledger) -> Option<AdmittedHeader<'d>> {
        let policy = &self.policy.header;
        ledger.check(Row::HeaderAlg, || header_policy::check_alg(header, policy));
        ledger.check(Row::HeaderTyp, || header_policy::check_typ(header, policy));
        ledger.check(Row::HeaderCty, || header_policy::check_cty(header));
        ledger.check(Row::HeaderCrit, || header_policy::check_crit(header));
        ledger.check(Row::HeaderB64, || header_policy::check_b64(header));
        ledger.check(Row::HeaderZip, || header_policy::check_zip(header));
        ledger.check(Row::HeaderKid, || header_policy::check_kid(header));
        ledger.check(Row::HeaderKeys, || header_policy::check_keys(header));
        ledger.is_clean().then(|| AdmittedHeader::admit(header))?
    }

    /// Stage 3, first half: whose keys.
    fn route(
        &self,
        token: &UnverifiedToken<'_>,
        ledger: &mut Ledger,
    ) -> Option<Arc<TrustedIssuer>> {
        match &self.issuers {
            Issuers::One(issuer) => Some(Arc::clone(issuer)),
            Issuers::Several(_) | Issuers::Source(_) => {
                ledger.take(Row::KeyIssuer, self.issuers.find(token))
            }
        }
    }

    /// Stage 3, second half: exactly one key.
    fn select<'k>(
        &self,
        header: AdmittedHeader<'_>,
        issuer: &TrustedIssuer,
        keys: &'k KeySnapshot,
        ledger: &mut Ledger,
    ) -> Option<SelectedKey<'k>> {
        let kid = issuer.keys().kid_to_find(header.kid());
        let key = ledger.take(Row::KeyFound, select(keys, kid, header.alg()))?;
        ledger.take(Row::KeyAlg, check_key_alg(key, header.alg()))?;
        Some(key)
    }

    /// Stage 4: cryptography.
    fn verify<'a>(
        &self,
        token: &UnverifiedToken<'a>,
        key: SelectedKey<'_>,
        ledger: &mut Ledger,
    ) -> Option<Verified<'a>> {
        let mut buffer = SignatureBuffer::new();
        let signature = token.decode_signature(&mut buffer);
        let verified = key.key().verify(token.signing_input(), signature);
        let refusal = || {
            let found = Found::Key(key.kid().cloned(), key.key().algorithm());
            Reason::new(ReasonKind::BadSignature, found)
        };
        ledger.take(Row::CryptoSignature, verified.ok_or_else(refusal))
    }

    /// Stage 5: the claims.
    fn check(
        &self,
        verified: &Verified<'_>,
        issuer: &TrustedIssuer,
        now: OffsetDateTime,
        ledger: &mut Ledger,
    ) -> Option<C> {
        let (mut buffer, mut json) = (PayloadBuffer::new(), Document::new());
        let octets = ledger.take(Row::PayloadJson, buffer.decode(verified))?;
        let read = VerifiedClaims::read(octets, &mut json, &self.policy.limits);
        let claims = ledger.take(Row::PayloadJson, read)?;
        self.check_claims(claims, issuer, Seconds::at(now), ledger);
        let typed = ledger.is_clean().then(|| claims.read_into())?;
        let typed = ledger.take(Row::PayloadShape, typed)?;
        self.check_rules(&typed, issuer, now, ledger);
        Some(typed)
    }

    fn check_claims(
        &self,
        claims: VerifiedClaims<'_>,
        issuer: &TrustedIssuer,
        now: Seconds,
        ledger: &mut Ledger,
    ) {
        let policy = &self.policy.claims;
        ledger.check(Row::ClaimsIss, || claims::check_iss(claims, issuer.issuer()));
        ledger.check(Row::ClaimsAud, || claims::check_aud(claims, policy));
        ledger.check(Row::ClaimsExp, || claims::check_exp(claims, now, policy));
        ledger.check(Row::ClaimsNbf, || claims::check_nbf(claims, now, policy));
        ledger.check(Row::ClaimsIat, || claims::check_iat(claims, now, policy));
        ledger.check(Row::TimeLifetime, || claims::check_lifetime(claims, now, policy));
        ledger.check(Row::TimeAge, || claims::check_age(claims, now, policy));
        ledger.check(Row::ClaimsSub, || claims::check_sub(claims, policy));
        ledger.check(Row::ClaimsJti, || claims::check_jti(claims, policy));
        ledger.check(Row::ClaimsCnf, || claims::check_cnf(claims, policy));
        ledger.check(Row::ClaimsAct, || claims::check_act(claims, policy));
        ledger.check(Row::ClaimsClientId, || claims::check_client_id(claims, policy));
        ledger.check(Row::ClaimsScope, || claims::check_scope(claims, policy));
        ledger.check(Row::ClaimsAuthTime, || claims::check_auth_time(claims, policy));
        ledger.check(Row::ClaimsAcr, || claims::check_acr(claims, policy));
        ledger.check(Row::ClaimsAmr, || claims::check_amr(claims, policy));
        ledger.check(Row::ClaimsAuthorizationDetails, || {
            claims::check_authorization_details(claims, policy)
        });
        for (place, name) in &self.required {
            ledger.check_at(*place, || claims::check_required(claims, name));
        }
    }

    /// The caller's own rules.
    fn check_rules(
        &self,
        claims: &C,
        issuer: &TrustedIssuer,
        now: OffsetDateTime,
        ledger: &mut Ledger,
    ) {
        let context =
            RuleContext { now, issuer: issuer.issuer(), leeway: self.policy.claims.leeway };
        for (place, rule) in (self.first_rule..).zip(&self.rules) {
            ledger.check_at(place, || claims::check_rule(rule, claims, &context));
        }
    }

    fn facts(&self, issuer: &TrustedIssuer, key: SelectedKey<'_>) -> VerifiedFacts {
        VerifiedFacts {
            issuer: issuer.issuer().clone(),
            kid: key.kid().cloned(),
            algorithm: key.key().algorithm().name(),
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
            .field("header", &self.0.policy.header)
            .field("claims", &self.0.policy.claims)
            .field("issuers", &self.0.issuers)
            .field("rules", &self.0.rules)
            .field("waived", &self.waived().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
