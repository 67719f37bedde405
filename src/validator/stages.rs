//! The stages, one method each: what runs a stage's checks and writes the ledger. Nothing here
//! depends on the claims type.

use std::borrow::Cow;
use std::sync::Arc;

use super::issuer_plan::{IssuerPlan, Plans};
use super::pending::{OpenQuestions, Sources};
use super::request::Jwe;
use super::route::{Issuers, Whose};
use crate::alg::KeyAlgorithm;
use crate::appraisal::{Claimed, Trace, VerifiedFacts};
use crate::check::{Finding, Found, Ledger, Plan, Reason, ReasonKind, Stage, fail};
use crate::crypto::{CryptoProvider, PayloadBuffer, UnverifiedPayload, Verified};
use crate::envelope::{Envelope, before_disclosures};
use crate::header_policy::AdmittedHeader;
use crate::json::Document;
use crate::keys::{KeySnapshot, SelectedKey, TrustedIssuer, check_key_alg, header_key, select};
use crate::kind::Kind;
use crate::limits::Limits;
use crate::policy::{HeaderPolicy, Signer, SingleUse};
use crate::rules::{
    Parameters, REPLICATED, RuleContext, VerifiedClaims, check_replicated, last_moment,
};
use crate::state::{FirstUse, TokenId};
use crate::time::Seconds;
use crate::token::{
    HeaderBuffer, JoseHeader, Look, LookError, SignatureBuffer, UnverifiedToken, check_size,
};

/// What the stages need.
pub(super) struct Stages {
    pub(super) kind: Kind,
    pub(super) header: HeaderPolicy,
    pub(super) parameters: Parameters,
    pub(super) limits: Limits,
    pub(super) provider: &'static CryptoProvider,
    /// The plan with which an appraisal begins.
    pub(super) plan: Arc<Plan>,
    /// The plan of each dialect.
    pub(super) plans: Plans,
    pub(super) envelope: Envelope,
    pub(super) issuers: Issuers,
    /// What answers questions about state.
    pub(super) sources: Sources,
}

/// A token whose form and header passed. Nothing of it is verified.
#[derive(Clone, Copy)]
pub(super) struct Head<'a, 'd> {
    pub(super) token: UnverifiedToken<'a>,
    pub(super) header: AdmittedHeader<'d>,
}

/// The keys of the party that a token names, as they are at the time of the appraisal.
pub(super) struct PartyKeys<'k> {
    pub(super) party: &'k TrustedIssuer,
    pub(super) snapshot: &'k KeySnapshot,
    pub(super) now: Seconds,
}

impl PartyKeys<'_> {
    /// Asks for fresh keys, and returns the reason with what that means for it.
    fn request_refresh(&self, reason: Reason) -> Reason {
        self.party.keys().request_refresh(reason, self.snapshot, self.now)
    }
}

impl Stages {
    /// The first check of all: how long the whole token is.
    pub(super) fn measure(&self, token: &[u8], ledger: &mut Ledger) -> Option<()> {
        let size = check_size(token, self.limits.token_bytes);
        ledger.take(Stage::FormSize, size)
    }

    /// Stages 1 and 2: bytes → an unverified token and its admitted header.
    pub(super) fn head<'a, 'd, 'b>(
        &self,
        token: &'a [u8],
        octets: &'b mut HeaderBuffer,
        json: &'d mut Document<'b>,
        ledger: &mut Ledger,
    ) -> Option<Head<'a, 'd>> {
        let look = Look::at(token, &self.limits, octets, json, |stage| ledger.pass(stage));
        let Look { token, header } =
            look.map_err(|LookError { stage, reason }| ledger.check(stage, || reason)).ok()?;
        let uses_jwk = matches!(self.kind.signer, Signer::HeaderKey);
        let header = AdmittedHeader::admit(header, &self.header, uses_jwk, ledger)?;
        Some(Head { token, header })
    }

    /// What a token says of itself, unverified.
    pub(super) fn claimed(&self, token: &[u8]) -> Option<Claimed> {
        check_size(token, self.limits.token_bytes).ok()?;
        let token = before_disclosures(token);
        let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
        let Look { token, header } = Look::at_any(token, &self.limits, &mut octets, &mut json)?;
        let own = |text: &str| (text.len() <= Claimed::MOST_BYTES).then(|| Box::from(text));
        let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
        let mut payload = self.payload(&token, &mut octets, &mut json);
        let claim = self.kind.signer.claim();
        let party = claim.and_then(|claim| payload.unverified_name(claim).ok());
        Some(Claimed {
            algorithm: header.alg().present().and_then(own),
            typ: header.typ().present().and_then(own),
            key_id: header.kid().present().and_then(own),
            party: party.and_then(|party| own(&party)),
        })
    }

    /// The payload, which is read once: in the first half of stage 3 if it names whose keys apply, or
    /// else after the signature.
    pub(super) fn payload<'d, 't>(
        &self,
        token: &UnverifiedToken<'t>,
        octets: &'t mut PayloadBuffer,
        json: &'d mut Document<'t>,
    ) -> UnverifiedPayload<'d, 't> {
        UnverifiedPayload::of(token.unverified_payload(), &self.limits, octets, json)
    }

    /// Stage 3, first half: whose keys.
    pub(super) fn route(
        &self,
        payload: &mut UnverifiedPayload<'_, '_>,
        header: AdmittedHeader<'_>,
        ledger: &mut Ledger,
    ) -> Option<Cow<'_, Arc<TrustedIssuer>>> {
        match self.issuers.whose(self.kind.signer) {
            Whose::Only(issuer) => Some(Cow::Borrowed(issuer)),
            Whose::HeaderKey => self.holder_of_key(header, ledger).map(Cow::Owned),
            Whose::ConfirmedKey => {
                // Without a first token there is no such key.
                ledger.check(Stage::KeyConfirmed, || ReasonKind::FactNotGiven);
                None
            }
            Whose::Named { claim, stage } => {
                ledger.take(stage, self.issuers.find(payload, claim)).map(Cow::Owned)
            }
        }
    }

    /// The party of a kind that is signed with the key in its own header: the holder of that key.
    pub(super) fn holder_of_key(
        &self,
        header: AdmittedHeader<'_>,
        ledger: &mut Ledger,
    ) -> Option<Arc<TrustedIssuer>> {
        let party = header_key(header.jwk(), header.alg(), self.provider);
        ledger.take(Stage::KeyEmbedded, party)
    }

    /// Stage 3, between its halves: the plan of the party, and its types in place of those of all dialects.
    #[inline]
    pub(super) fn settle(
        &self,
        party: &TrustedIssuer,
        header: AdmittedHeader<'_>,
        ledger: &mut Ledger,
    ) -> Option<&IssuerPlan> {
        if let Plans::One(plan) = &self.plans
            && plan.is_standard()
        {
            return Some(plan);
        }
        let plan = self.plans.of(party)?;
        plan.settle(header, ledger)?;
        Some(plan)
    }

    /// Stage 3, second half: exactly one key.
    pub(super) fn select<'k>(
        &self,
        header: AdmittedHeader<'_>,
        keys: &PartyKeys<'k>,
        ledger: &mut Ledger,
    ) -> Option<SelectedKey<'k>> {
        let kid = keys.party.keys().kid_to_find(header.kid());
        let refresh = |reason| keys.request_refresh(reason);
        let key = select(keys.snapshot, kid, header.alg()).map_err(refresh);
        let key = ledger.take(Stage::KeyFound, key)?;
        ledger.take(Stage::KeyAlg, check_key_alg(key, header.alg()).map_err(refresh))?;
        Some(key)
    }

    /// Stage 4: cryptography.
    pub(super) fn verify<'a>(
        &self,
        token: &UnverifiedToken<'a>,
        key: SelectedKey<'_>,
        keys: &PartyKeys<'_>,
        ledger: &mut Ledger,
    ) -> Option<Verified<'a>> {
        let mut buffer = SignatureBuffer::new();
        let signature = token.decode_signature(&mut buffer);
        let verified = key.key().verify(token.signing_input(), signature);
        let refusal = || {
            let algorithm = KeyAlgorithm::Jws(key.key().algorithm());
            let found = Found::Key(key.kid().cloned(), algorithm);
            let reason = Reason::new(ReasonKind::BadSignature, found);
            // A rotation may keep its `kid`, and keys may have none.
            keys.request_refresh(reason)
        };
        ledger.take(Stage::CryptoSignature, verified.ok_or_else(refusal))
    }

    /// Stage 5: every rule on claims.
    pub(super) fn check(
        &self,
        plan: &IssuerPlan,
        claims: VerifiedClaims<'_>,
        jwe: Option<Jwe<'_>>,
        cx: &RuleContext<'_>,
        Trace { ledger, facts, .. }: &mut Trace,
    ) -> Option<()> {
        let mut blocked = None;
        for rule in &plan.rules {
            let finding = rule.run(claims, cx, facts);
            if matches!(finding, Finding::Blocked) {
                blocked = Some(rule.place);
            }
            ledger.record(rule.place, finding);
        }
        // A rule that waits for another one, which did not fail, is itself the reason.
        if let Some(place) = blocked.filter(|_| ledger.is_clean()) {
            let words = Found::Words("a claim that the check needs".into());
            ledger.record(place, fail(ReasonKind::Missing, words));
        }
        if let Some(jwe) = jwe {
            check_all_replicated(plan, claims, jwe.header, ledger);
        }
        plan.note_leniencies(claims, cx.now, ledger);
        ledger.is_clean().then_some(())
    }

    /// What the request demands of a token that passed every other check. It comes before the questions
    /// about state, so that a denied request uses nothing up.
    pub(super) fn check_request(
        &self,
        accepts_proofs: bool,
        cx: &RuleContext<'_>,
        trace: &mut Trace,
    ) {
        let Trace { ledger, signed, facts, .. } = trace;
        let verified = signed.as_ref().map(|signed| VerifiedFacts { signed, facts });
        ledger.check(Stage::RequestScopes, || {
            // Of two tokens the first one grants access.
            let required = if cx.first.is_some() { &[][..] } else { &cx.facts.required_scopes };
            let has = |scope: &&str| verified.is_some_and(|verified| verified.has_scope(scope));
            match required.iter().filter(|scope| !has(scope)).count() {
                0 if required.is_empty() => Finding::Absent,
                0 => Finding::Pass,
                found => {
                    let (all, scopes) = (required.len(), required.join(" "));
                    let words = format!("{found} of {all} are missing: {scopes}");
                    fail(ReasonKind::InsufficientScope, Found::Words(words.into()))
                }
            }
        });
        ledger.check(Stage::RequestAuthentication, || {
            let (class, age) = (&cx.facts.acr_values, cx.facts.max_authentication_age);
            let no_class = class.is_some() && !self.kind.shows_class();
            let no_age = age.is_some() && !self.kind.shows_recency();
            match (cx.first, no_class || no_age) {
                (None, true) => ReasonKind::InsufficientAuthentication.into(),
                _ => Finding::Absent,
            }
        });
        ledger.check(Stage::RequestProof, || match cx.facts.dpop_proof {
            Some(_) if cx.first.is_none() && accepts_proofs => Finding::Pass,
            Some(_) if cx.first.is_none() => ReasonKind::NotUnderstood.into(),
            _ => Finding::Absent,
        });
    }

    /// The questions that are open about a token that passed every other check. A question about nothing is
    /// never asked.
    pub(super) fn open_questions(
        &self,
        claims: VerifiedClaims<'_>,
        cx: &RuleContext<'_>,
        trace: &Trace,
    ) -> Option<Box<OpenQuestions>> {
        if !trace.ledger.is_clean() {
            return None;
        }
        let verified = trace.verified().filter(|_| self.sources.know_revocation());
        let revoked = verified.map(|verified| Box::new(verified.token_facts()));
        let remembers = self.kind.single_use == SingleUse::Guarded && self.sources.remember_uses();
        let first_use = remembers.then(|| self.identify(claims, cx)).flatten();
        let first_use =
            first_use.map(|(token, until)| FirstUse { token, until: until.to_moment() });
        if revoked.is_none() && first_use.is_none() {
            return None;
        }
        Some(Box::new(OpenQuestions { revoked, first_use, second: None }))
    }

    /// The identity of a single-use token, and the last moment at which it can be accepted. The
    /// identity is a hash over the kind, the party and the `jti`, each after its length, so that no two
    /// identities differ only by where one part ends.
    fn identify(
        &self,
        claims: VerifiedClaims<'_>,
        cx: &RuleContext<'_>,
    ) -> Option<(TokenId, Seconds)> {
        let jti = claims.root().string("jti").present()?;
        let until = last_moment(claims.root(), &self.parameters)?;
        let parts = [&*self.kind.family, &self.kind.typ.name(), cx.party.as_str(), jti];
        let framed = parts.map(|part| format!("{}:{part}", part.len()));
        let [.., jti] = &framed;
        let whole = framed.concat();
        let party = whole.strip_suffix(jti.as_str()).unwrap_or_default();
        let party = cx.first.map_or(party, |first| first.caller);
        let hash = |text: &str| (self.provider.sha256)(text.as_bytes());
        Some((TokenId::new(hash(&whole), hash(party)), until))
    }
}

/// Claims that the header of an encrypted token replicates. One whose kind has no check for it, or
/// whose check has failed already, is reported under the check of the decryption.
fn check_all_replicated(
    plan: &IssuerPlan,
    claims: VerifiedClaims<'_>,
    header: JoseHeader<'_>,
    ledger: &mut Ledger,
) {
    for name in REPLICATED {
        let Some(replica) = header.get(name) else {
            continue;
        };
        let rule = plan.rules.iter().find(|rule| rule.is_about(name));
        let place = rule.map(|rule| rule.place).filter(|place| !ledger.has_failed(*place));
        if let Some(place) = place.or_else(|| ledger.place(Stage::JweDecrypt)) {
            ledger.check_also_at(place, || check_replicated(claims.get(name), replica));
        }
    }
}
