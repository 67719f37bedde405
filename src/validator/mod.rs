//! The validator: [`Validator::run`] is the whole pipeline, a line a stage.

mod appraise;
mod builder;
mod config;
mod envelopes;
mod issuer_plan;
mod key_wait;
mod members;
mod pending;
mod plan;
#[cfg(test)]
mod plans;
#[cfg(feature = "http")]
mod policy_view;
mod proof;
mod route;
mod second_token;
mod set;
mod stages;
pub mod states;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;

#[cfg(feature = "http")]
pub(crate) use appraise::Appraise;
pub use builder::ValidatorBuilder;
pub use pending::{Begun, Pending};
pub use set::{ValidatorSet, ValidatorSetBuilder};

use crate::appraisal::{Appraisal, Signed, Trace};
use crate::check::{CheckId, Ledger, Reason, Stage};
use crate::crypto::{CryptoProvider, PayloadBuffer, UnverifiedPayload};
use crate::envelope::{Disclosures, Envelope};
use crate::json::Document;
use crate::keys::{SelectedKey, TrustedIssuer, confirmed_key};
use crate::kind::Profile;
use crate::request_facts::{NO_FACTS, Proof, RequestFacts};
use crate::rules::{CustomRule, FirstToken, RuleContext, VerifiedClaims};
use crate::scope::ScopeHierarchy;
use crate::state::{Local, Remote};
use crate::time::{Clock, Seconds};
use crate::token::{HeaderBuffer, JoseHeader};
use issuer_plan::IssuerPlan;
use pending::OpenQuestions;
use second_token::SecondToken;
use stages::{Head, Stages};

/// Appraises tokens of one kind under one policy.
///
/// It is built once and shared: `Send + Sync`, and cheap to clone.
///
/// `R` says how far it reaches for its answers: a [`Local`] validator answers at once, and a [`Remote`] one
/// asks a [`StateSource`](crate::state::StateSource) and is awaited.
pub struct Validator<C, R = Local>(Arc<Inner<C>>, PhantomData<fn() -> R>);

struct Inner<C> {
    stages: Stages,
    custom_rules: Vec<CustomRule<C>>,
    clock: Arc<dyn Clock>,
    hierarchy: Option<ScopeHierarchy>,
    /// What may follow a token.
    second: Option<Arc<dyn SecondToken>>,
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
    pub fn builder<T>(profile: Profile<C, T>) -> ValidatorBuilder<C, T, states::WantsTrust> {
        Self::builder_with(&crate::crypto::ring::PROVIDER, profile)
    }

    /// Begins a validator with a crypto provider of one's choice. The key stores of its issuers
    /// have to have imported their keys with the same one.
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
        let plans = &self.0.stages.plans;
        let codes = plans.checks().into_iter().map(|check| &check.id);
        codes.filter(|code| plans.waive(code))
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

/// What is appraised, and under which circumstances.
#[derive(Clone, Copy)]
struct Request<'a> {
    /// As it came.
    token: &'a [u8],
    facts: &'a RequestFacts<'a>,
    moment: OffsetDateTime,
    now: Seconds,
    /// The header of the JWE that the token was in.
    jwe_header: Option<JoseHeader<'a>>,
    /// The disclosures that came with the token.
    disclosures: Option<&'a Disclosures<'a>>,
    /// The algorithm of a second token that is verified with the key in `cnf.jwk`.
    confirmed_alg: Option<&'a str>,
    /// The key whose possession was shown.
    proof: Option<Proof<'a>>,
    /// The token that this one follows.
    first: Option<FirstToken<'a>>,
}

impl<'a> Request<'a> {
    fn new(token: &'a [u8], facts: &'a RequestFacts<'a>, moment: OffsetDateTime) -> Self {
        // A proof shows nothing until it is checked.
        let unchecked = facts.dpop_proof.map(|_| Proof { key: None, ath: None });
        Self {
            token,
            facts,
            moment,
            now: Seconds::at(moment),
            jwe_header: None,
            disclosures: None,
            confirmed_alg: None,
            proof: unchecked.or(facts.proof),
            first: None,
        }
    }
}

/// What the pipeline yields: the claims, and the questions that are open about the token.
struct Passed<C> {
    claims: C,
    /// Boxed, because few validators have questions.
    open: Option<Box<OpenQuestions>>,
    /// The holder of the key in `cnf.jwk`. Boxed, because few validators ask for it.
    holder: Option<Box<Result<Arc<TrustedIssuer>, Reason>>>,
}

impl<C: DeserializeOwned> Inner<C> {
    /// The pipeline. A stage takes what the one before made, and ends the pipeline where a check
    /// failed. The claims come out as the caller wraps them.
    fn begin<D>(&self, request: &Request<'_>, wrap: impl FnOnce(C) -> D) -> Begun<D> {
        let (mut trace, at) = (Trace::new(&self.stages.plan), request.now);
        match self.run_stages(request, &mut trace) {
            Some(Passed { claims, open: Some(open), .. }) => {
                Begun::new(trace, at, wrap(claims), &self.stages.sources, open)
            }
            passed => {
                let claims = passed.map(|passed| wrap(passed.claims));
                Begun::Done(Appraisal::conclude(trace, at, claims))
            }
        }
    }

    fn run_stages(&self, request: &Request<'_>, trace: &mut Trace) -> Option<Passed<C>> {
        self.stages.measure(request.token, &mut trace.ledger)?;
        if let Envelope::Disclosed = self.stages.envelope {
            return self.run_disclosed(request, trace);
        }
        match (&self.second, request.facts.dpop_proof) {
            (None, _) => self.run_token(request, trace),
            (Some(_), None) => {
                let passed = self.run_token(request, trace);
                // Only now is the plan that of the issuer.
                trace.ledger.skip_second();
                passed
            }
            (Some(second), Some(proof)) => {
                self.run_with_second(&**second, proof.as_bytes(), request, trace)
            }
        }
    }

    fn run_token(&self, request: &Request<'_>, trace: &mut Trace) -> Option<Passed<C>> {
        match &self.stages.envelope {
            Envelope::Plain => self.run_signed(request.token, request, trace),
            Envelope::Encrypted(decryption) => self.run_encrypted(decryption, request, trace),
            Envelope::Disclosed => {
                self.run_signed(request.disclosures?.issuer_jwt(), request, trace)
            }
        }
    }

    fn run_signed(
        &self,
        token: &[u8],
        request: &Request<'_>,
        trace: &mut Trace,
    ) -> Option<Passed<C>> {
        let (stages, ledger) = (&self.stages, &mut trace.ledger);
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let head = stages.head(token, &mut octets, &mut json, ledger)?;
        let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
        let mut payload = stages.payload(&head.token, &mut octets, &mut json);
        let party = stages.route(&mut payload, head.header, ledger)?;
        self.verify_and_check(head, &party, payload, request, trace)
    }

    /// Everything that follows once it is known whose keys apply.
    fn verify_and_check<'d>(
        &self,
        head: Head<'d, '_>,
        party: &TrustedIssuer,
        payload: UnverifiedPayload<'d, 'd>,
        request: &Request<'d>,
        trace: &mut Trace,
    ) -> Option<Passed<C>> {
        let (stages, ledger, now) = (&self.stages, &mut trace.ledger, request.now);
        let plan = stages.settle(party, head.header, ledger)?;
        let keys = party.keys().snapshot(now, stages.provider);
        let key = stages.select(head.header, party, (&keys, now), ledger)?;
        let verified = stages.verify(&head.token, key, party, (&keys, now), ledger)?;
        let mut payload = ledger.take(Stage::PayloadJson, payload.verified(&verified))?;
        if let Some(disclosures) = request.disclosures {
            disclosures.graft(&mut payload, stages.provider, ledger)?;
        }
        trace.signed = Some(self.signed(party, key));
        plan.translate(&mut payload, ledger)?;
        let claims = VerifiedClaims::of(payload);
        let cx = self.context(request, party, key, claims);
        stages.check(plan, (claims, request.jwe_header), &cx, trace)?;
        let typed = trace.ledger.take(Stage::ClaimsDeserialize, claims.deserialize())?;
        self.check_custom_rules(plan, &typed, &cx, &mut trace.ledger);
        let accepts_proofs = self.second.is_some() && !stages.kind.has_disclosures;
        stages.check_request(accepts_proofs, &cx, trace);
        let open = stages.open_questions(claims, &cx, trace);
        let holder = |alg| Box::new(confirmed_key(claims.get("cnf"), alg, stages.provider));
        let holder = request.confirmed_alg.map(holder);
        Some(Passed { claims: typed, open, holder })
    }

    /// What rules see beside the value that they check.
    fn context<'a>(
        &'a self,
        request: &Request<'a>,
        issuer: &'a TrustedIssuer,
        key: SelectedKey<'_>,
        claims: VerifiedClaims<'a>,
    ) -> RuleContext<'a> {
        RuleContext {
            moment: request.moment,
            now: request.now,
            leeway: self.stages.parameters.leeway,
            party: issuer.issuer(),
            facts: request.facts,
            algorithm: key.key().algorithm(),
            provider: self.stages.provider,
            header_key: issuer.thumbprint(),
            presented: request.token,
            claims: claims.root(),
            proof: request.proof,
            confirms_key: request.confirmed_alg.is_some(),
            first: request.first,
        }
    }

    /// The caller's own rules.
    fn check_custom_rules(
        &self,
        plan: &IssuerPlan,
        claims: &C,
        cx: &RuleContext<'_>,
        ledger: &mut Ledger,
    ) {
        for (place, rule) in (plan.first_custom_rule..).zip(&self.custom_rules) {
            ledger.record(place, rule.check(claims, cx));
        }
    }

    /// What the signature verified, before any claim is checked.
    fn signed(&self, issuer: &TrustedIssuer, key: SelectedKey<'_>) -> Signed {
        Signed {
            party: issuer.issuer().clone(),
            kid: key.kid().cloned(),
            algorithm: key.key().algorithm().name(),
            encryption: None,
            header_key: issuer.thumbprint(),
            hierarchy: self.hierarchy.clone(),
            leeway: self.stages.parameters.leeway,
        }
    }
}

impl<C, R> Clone for Validator<C, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}

impl<C, R> fmt::Debug for Validator<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Validator")
            .field("header", &self.0.stages.header)
            .field("kind", &self.0.stages.kind)
            .field("parameters", &self.0.stages.parameters)
            .field("envelope", &self.0.stages.envelope)
            .field("issuers", &self.0.stages.issuers)
            .field("dialects", &self.0.stages.plans.dialects())
            .field("custom_rules", &self.0.custom_rules)
            .field(
                "second_token",
                &self.0.second.as_ref().map(|second| second.stages().plan.kind()),
            )
            .field("waived", &self.waived().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
