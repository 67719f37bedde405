//! The validator: [`Validator::run`] is the whole pipeline, a line a stage.

mod api;
mod appraise;
mod both_tokens;
mod build;
mod builder;
mod config;
mod envelopes;
mod issuer_plan;
mod key_wait;
mod kind_settings;
mod members;
mod parties;
mod pending;
mod plan;
#[cfg(test)]
mod plans;
mod policy_id;
#[cfg(feature = "http")]
mod policy_view;
mod proof;
mod request;
mod route;
mod second_token;
mod set;
mod stages;
pub mod states;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::DeserializeOwned;

#[cfg(feature = "http")]
pub(crate) use appraise::Appraise;
pub use builder::ValidatorBuilder;
pub use pending::{Begun, Pending};
pub use set::{ValidatorSet, ValidatorSetBuilder};

use crate::appraisal::{Appraisal, Signed, Trace};
use crate::check::{Ledger, Stage};
use crate::crypto::{PayloadBuffer, UnverifiedPayload};
use crate::envelope::Envelope;
use crate::json::Document;
use crate::keys::{SelectedKey, TrustedIssuer, confirmed_key};
use crate::rules::{CustomRule, RuleContext, VerifiedClaims};
use crate::scope::ScopeHierarchy;
use crate::state::Local;
use crate::time::Clock;
use crate::token::HeaderBuffer;
use issuer_plan::IssuerPlan;
use request::{Jwe, Passed, Request};
use second_token::SecondToken;
use stages::{Head, PartyKeys, Stages};

/// Appraises tokens of one kind under one policy.
///
/// It is built once and shared: `Send + Sync`, and cheap to clone.
///
/// `R` says how far it reaches for its answers: a [`Local`] validator answers at once, and a [`Remote`](crate::state::Remote) one
/// asks a [`StateSource`](crate::state::StateSource) and is awaited.
pub struct Validator<C, R = Local>(Arc<Inner<C>>, PhantomData<fn() -> R>);

struct Inner<C> {
    stages: Stages,
    custom_rules: Vec<CustomRule<C>>,
    clock: Arc<dyn Clock>,
    hierarchy: Option<ScopeHierarchy>,
    /// Whether a refusal before the signature records what the token says of itself.
    records_claimed: bool,
    /// What may follow a token.
    second: Option<Arc<dyn SecondToken>>,
}

impl<C: DeserializeOwned> Inner<C> {
    /// The pipeline. A stage takes what the one before made, and ends the pipeline where a check
    /// failed. The claims come out as the caller wraps them.
    fn begin<D>(&self, request: &Request<'_>, wrap: impl FnOnce(C) -> D) -> Begun<D> {
        let (mut trace, at) = (Trace::new(&self.stages.plan), request.now);
        let passed = self.run_stages(request, &mut trace);
        if self.records_claimed && trace.signed.is_none() {
            trace.claimed = self.stages.claimed(request.token).map(Box::new);
        }
        let Some(Passed { claims, open, .. }) = passed else {
            return Begun::Done(Appraisal::refuse(trace, at));
        };
        match open {
            None => Begun::Done(Appraisal::conclude(trace, at, wrap(claims))),
            Some(open) => Begun::new(trace, at, wrap(claims), &self.stages.sources, open),
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
        let snapshot = party.keys().snapshot(now, stages.provider);
        let keys = PartyKeys { party, snapshot: &snapshot, now };
        let key = stages.select(head.header, &keys, ledger)?;
        let verified = stages.verify(&head.token, key, &keys, ledger)?;
        let mut payload = ledger.take(Stage::PayloadJson, payload.verified(&verified))?;
        if let Some(disclosures) = request.disclosures {
            disclosures.graft(&mut payload, stages.provider, ledger)?;
        }
        trace.signed = Some(self.signed(party, key, request.jwe));
        plan.translate(&mut payload, ledger)?;
        let claims = VerifiedClaims::of(payload);
        let cx = self.context(request, party, key, claims);
        stages.check(plan, claims, request.jwe, &cx, trace)?;
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
    fn signed(&self, issuer: &TrustedIssuer, key: SelectedKey<'_>, jwe: Option<Jwe<'_>>) -> Signed {
        Signed {
            party: issuer.issuer().clone(),
            kid: key.kid().cloned(),
            algorithm: key.key().algorithm().name(),
            encryption: jwe.map(|jwe| jwe.algorithms),
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
