//! The stages, one method each: what runs a stage's checks and writes the ledger. Nothing here
//! depends on the claims type.

use std::borrow::Cow;
use std::sync::Arc;

use super::opening::Decryption;
use super::plan::PlannedRule;
use super::route::Issuers;
use crate::alg::KeyAlgorithm;
use crate::appraisal::{Ledger, Plan};
use crate::check::{ABSENT, Found, Reason, ReasonKind, Row};
use crate::claims::{self, Context, VerifiedClaims};
use crate::crypto::{CryptoProvider, PayloadBuffer, UnverifiedPayload, Verified, VerifiedDocument};
use crate::header_policy::{self, AdmittedHeader};
use crate::json::Document;
use crate::keys::{KeySnapshot, SelectedKey, TrustedIssuer, check_key_alg, embedded_key, select};
use crate::policy::{Policy, Signer};
use crate::replay::ReplayGuard;
use crate::time::Seconds;
use crate::token::{
    HeaderBuffer, JoseHeader, SignatureBuffer, UnverifiedToken, check_base64url, check_size,
};

/// What the stages need.
pub(super) struct Stages {
    pub(super) policy: Policy,
    pub(super) provider: &'static CryptoProvider,
    pub(super) plan: Arc<Plan>,
    /// Absent where tokens are only signed.
    pub(super) decryption: Option<Decryption>,
    pub(super) issuers: Issuers,
    /// The rules on claims, and where their checks stand.
    pub(super) claims: Vec<PlannedRule>,
    /// Required claims that no other check looks at, and where their checks stand.
    pub(super) required: Vec<(usize, Arc<str>)>,
    /// Claims that must not be there, and where their checks stand.
    pub(super) forbidden: Vec<(usize, &'static str)>,
    /// Claims that equal facts of the request, and where their checks stand.
    pub(super) matching: Vec<(usize, Arc<str>)>,
    /// Absent where a token may be used again.
    pub(super) guard: Option<Arc<dyn ReplayGuard>>,
}

impl Stages {
    /// The first check of all: how long the whole token is.
    pub(super) fn measure(&self, token: &[u8], ledger: &mut Ledger) -> Option<()> {
        let size = check_size(token, self.policy.limits.token_bytes);
        ledger.take(Row::FormSize, size).map(|_| ())
    }

    /// Stage 1: bytes → an unverified token and its header.
    pub(super) fn parse<'a, 'd, 'b>(
        &self,
        token: &'a [u8],
        octets: &'b mut HeaderBuffer,
        json: &'d mut Document<'b>,
        ledger: &mut Ledger,
    ) -> Option<(UnverifiedToken<'a>, JoseHeader<'d>)> {
        let limits = &self.policy.limits;
        let token = ledger.take(Row::FormCompact, UnverifiedToken::split(token))?;
        ledger.take(Row::FormBase64url, check_base64url(&token))?;
        let octets = octets.decode(token.header(), limits.header_bytes);
        let header = octets.and_then(|octets| JoseHeader::parse(octets, json, limits));
        Some((token, ledger.take(Row::FormHeader, header)?))
    }

    /// Stage 2: the header against the policy.
    pub(super) fn admit<'d>(
        &self,
        header: JoseHeader<'d>,
        ledger: &mut Ledger,
    ) -> Option<AdmittedHeader<'d>> {
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

    /// The payload, which is read once: in the first half of stage 3 if it names whose keys apply, or
    /// else after the signature.
    pub(super) fn payload<'d, 't>(
        &self,
        token: &UnverifiedToken<'t>,
        octets: &'t mut PayloadBuffer,
        json: &'d mut Document<'t>,
    ) -> UnverifiedPayload<'d, 't> {
        UnverifiedPayload::of(token.unverified_payload(), &self.policy.limits, octets, json)
    }

    /// Stage 3, first half: whose keys.
    pub(super) fn route(
        &self,
        payload: &mut UnverifiedPayload<'_, '_>,
        header: AdmittedHeader<'_>,
        ledger: &mut Ledger,
    ) -> Option<Cow<'_, Arc<TrustedIssuer>>> {
        let (row, party) = match (&self.issuers, self.policy.claims.kind.signer) {
            (Issuers::One(issuer), _) => return Some(Cow::Borrowed(issuer)),
            (Issuers::Bearer(_), _) | (_, Signer::Embedded) => {
                (Row::KeyEmbedded, embedded_key(header.jwk(), header.alg(), self.provider))
            }
            (issuers, Signer::Issuer) => (Row::KeyIssuer, issuers.find(payload, "iss")),
            (issuers, Signer::Client(claim)) => (Row::KeyClient, issuers.find(payload, claim)),
        };
        ledger.take(row, party).map(Cow::Owned)
    }

    /// Stage 3, second half: exactly one key.
    pub(super) fn select<'k>(
        &self,
        header: AdmittedHeader<'_>,
        issuer: &TrustedIssuer,
        (keys, now): (&'k KeySnapshot, Seconds),
        ledger: &mut Ledger,
    ) -> Option<SelectedKey<'k>> {
        let kid = issuer.keys().kid_to_find(header.kid());
        let key = select(keys, kid, header.alg());
        if let Err(reason) = &key {
            issuer.keys().lack(reason, now);
        }
        let key = ledger.take(Row::KeyFound, key)?;
        ledger.take(Row::KeyAlg, check_key_alg(key, header.alg()))?;
        Some(key)
    }

    /// Stage 4: cryptography.
    pub(super) fn verify<'a>(
        &self,
        token: &UnverifiedToken<'a>,
        key: SelectedKey<'_>,
        ledger: &mut Ledger,
    ) -> Option<Verified<'a>> {
        let mut buffer = SignatureBuffer::new();
        let signature = token.decode_signature(&mut buffer);
        let verified = key.key().verify(token.signing_input(), signature);
        let refusal = || {
            let algorithm = KeyAlgorithm::Jws(key.key().algorithm());
            let found = Found::Key(key.kid().cloned(), algorithm);
            Reason::new(ReasonKind::BadSignature, found)
        };
        ledger.take(Row::CryptoSignature, verified.ok_or_else(refusal))
    }

    /// Stage 5: the verified payload → claims that passed every check, or nothing.
    pub(super) fn check<'d>(
        &self,
        payload: VerifiedDocument<'d, '_>,
        outer: Option<JoseHeader<'_>>,
        cx: &Context<'_>,
        ledger: &mut Ledger,
    ) -> Option<VerifiedClaims<'d>> {
        let claims = VerifiedClaims::of(payload);
        self.check_claims(claims, cx, ledger);
        if let Some(outer) = outer {
            check_replicated(claims, outer, ledger);
        }
        ledger.is_clean().then_some(claims)
    }

    fn check_claims(&self, claims: VerifiedClaims<'_>, cx: &Context<'_>, ledger: &mut Ledger) {
        for rule in &self.claims {
            if rule.optional.is_some_and(|hash| claims.lacks(hash)) {
                ledger.check_at(rule.place, || ABSENT);
            } else {
                ledger.check_at(rule.place, || (rule.check)(claims, cx));
            }
        }
        for (place, name) in &self.required {
            ledger.check_at(*place, || claims::check_required(claims, name));
        }
        for (place, name) in &self.forbidden {
            ledger.check_at(*place, || claims::check_forbidden(claims, name));
        }
        for (place, name) in &self.matching {
            ledger.check_at(*place, || claims::check_matching(claims, name, cx));
        }
    }

    /// Last of all, so that a token which is refused anyway uses nothing up.
    pub(super) fn check_replay(
        &self,
        claims: VerifiedClaims<'_>,
        cx: &Context<'_>,
        ledger: &mut Ledger,
    ) {
        if let Some(guard) = &self.guard
            && ledger.is_clean()
        {
            ledger.check(Row::StateReplay, || claims::check_replay(claims, &**guard, cx));
        }
    }
}

/// What the header of an encrypted token replicates of its claims.
fn check_replicated(claims: VerifiedClaims<'_>, outer: JoseHeader<'_>, ledger: &mut Ledger) {
    for (row, name) in claims::REPLICATED {
        let replica = outer.get(name);
        // A kind that has no such check, or a check that failed already, has no room for it.
        let row = if ledger.may_still_fail(*row) { *row } else { Row::OuterOpened };
        ledger.check_also(row, || claims::check_replicated(claims, name, replica));
    }
}
