//! Possession of a key: what a token is bound to, and what a proof says of the request.

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::generic::{check_text, malformed, missing};
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::base64url;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};
use crate::uri::TargetUri;

registry! {
    /// Each member of `cnf` is satisfied by evidence that came with the request. A proof that came
    /// along is for no access token.
    CNF = ClaimRule::of("claims.cnf", "cnf", &Confirmation(ProofRule::Optional))
        .records(Fact::Confirmation)
        .section(Section::rfc(7800, "3.1"))
        .says("satisfied by evidence in `RequestFacts`");

    /// As [`CNF`], for a kind of access token: a proof that came along is for this very token, so a
    /// token that is not bound is rejected beside one.
    CNF_OF_ACCESS_TOKEN = ClaimRule::of("claims.cnf", "cnf", &Confirmation(ProofRule::Binds))
        .records(Fact::Confirmation)
        .section(Section::rfc(9449, "7.1"))
        .says("satisfied by evidence in `RequestFacts`; required beside a DPoP proof, which is then for this token");

    /// `htm` is the method of the request, in the same letters.
    HTM = ClaimRule::of("claims.htm", "htm", &check_htm)
        .required()
        .section(Section::rfc(9449, "4.3"))
        .says("the method of the request");

    /// `htu` is the URI of the request, after normalization and without query and fragment.
    HTU = ClaimRule::of("claims.htu", "htu", &check_htu)
        .required()
        .section(Section::rfc(9449, "4.3"))
        .says("the URI of the request, without query and fragment");

    /// `ath` is the hash of the access token that came along.
    ATH = ClaimRule::of("claims.ath", "ath", &AccessTokenHash)
        .section(Section::rfc(9449, "4.3"))
        .says("the hash of the access token; required if the request has one");

    /// `nonce` is the one that the server gave to the client, if it gives out any.
    NONCE_OF_PROOF = ClaimRule::of("claims.nonce", "nonce", &ProofNonce)
        .section(Section::rfc(9449, "9"))
        .says("the nonce that the server gave to the client; required if it gave one");

    /// The proof's key is the one that the access token is bound to, where that is known.
    PROOF_KEY = ClaimRule::about_all("cnf.proof_key", &check_proof_key)
        .section(Section::rfc(9449, "4.3"))
        .says("`jwk` is the key that the access token is bound to, if that is given (`RequestFacts::bound_to`)");
}

/// What a proof of possession that came along means for a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ProofRule {
    /// The token is bound to the proof's key and is the one that the proof is for.
    Binds,
    /// The same, of the token that is introspected.
    BindsIntrospected,
    /// The token may be bound or not; the proof is for no access token.
    Optional,
}

/// A token that is bound to a key is no bearer token: each member of `cnf` is satisfied, and one that
/// is not known here cannot be.
pub(super) struct Confirmation(pub(super) ProofRule);

impl CheckFn for Confirmation {
    fn check(&self, cnf: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        self.satisfied(cnf, cx).into()
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        self.unbound(cx)
    }
}

impl Confirmation {
    /// Each member is satisfied, and there is one.
    pub(super) fn satisfied(&self, cnf: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
        if cnf.kind() != JsonKind::Object {
            return wrong_type(cnf);
        }
        let mut members = 0_usize;
        for (name, value) in cnf.members() {
            members = members.saturating_add(1);
            self.satisfied_member(name, value, cx)?;
        }
        // A proof is of the key that the token is bound to, or of nothing.
        let bound = cnf.get("jkt").is_some() || cx.proof.is_none();
        if members == 0 || !bound {
            return Err(ReasonKind::Unsatisfied.into());
        }
        Ok(())
    }

    /// A proof that came along with a token that is not bound shows nothing about the token.
    pub(super) fn unbound(&self, cx: &RuleContext<'_>) -> Finding {
        // A proof that is checked in the same appraisal is for this token, whatever its kind.
        let is_for_this = self.0 != ProofRule::Optional || cx.facts.dpop_proof.is_some();
        let demanded = is_for_this && cx.proof.is_some();
        if demanded { missing() } else { Finding::Absent }
    }

    fn satisfied_member(
        &self,
        name: &str,
        value: Value<'_>,
        cx: &RuleContext<'_>,
    ) -> Result<(), Reason> {
        // The second token is verified with this key, or the appraisal does not accept.
        if name == "jwk" && cx.confirms_key {
            return Ok(());
        }
        let Some(text) = value.as_str() else {
            // An unknown member is not satisfied, whatever its type.
            let known = matches!(name, "jkt" | "x5t#S256");
            return if known { wrong_type(value) } else { Err(ReasonKind::Unsatisfied.into()) };
        };
        let satisfied = match name {
            "jkt" => cx.shows_key(text) && self.is_for_this_token(cx),
            "x5t#S256" => cx.facts.shows_certificate(text),
            _ => false,
        };
        if satisfied { Ok(()) } else { Err(ReasonKind::Unsatisfied.into()) }
    }

    /// The proof of a request with an access token is for that token alone; the proof of a request for
    /// one is for none yet. A service that checked the proof elsewhere checked that as well.
    fn is_for_this_token(&self, cx: &RuleContext<'_>) -> bool {
        let Some(ath) = cx.proof.and_then(|proof| proof.ath) else {
            return true;
        };
        match self.0 {
            ProofRule::Optional => true,
            ProofRule::Binds => ath == hash(cx.presented, cx),
            ProofRule::BindsIntrospected => {
                cx.facts.access_token.is_some_and(|token| ath == hash(token.as_bytes(), cx))
            }
        }
    }
}

fn hash(text: &[u8], cx: &RuleContext<'_>) -> String {
    base64url::encode(&(cx.provider.sha256)(text))
}

fn check_htm(htm: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    match (htm.as_str(), cx.facts.method) {
        (None, _) => wrong_type(htm),
        (Some(_), None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
        (Some(htm), Some(method)) if htm == method => Ok(()),
        (Some(htm), Some(_)) => fail(ReasonKind::OtherRequest, Found::Bytes(htm.len())),
    }
}

fn check_htu(htu: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let Some(text) = htu.as_str() else {
        return wrong_type(htu);
    };
    let Some(uri) = cx.facts.uri else {
        return fail(ReasonKind::FactNotGiven, Found::Nothing);
    };
    match (TargetUri::parse(text), TargetUri::parse(uri)) {
        (None, _) => malformed("expected an http or https URI"),
        (Some(htu), Some(uri)) if htu == uri => Ok(()),
        (Some(_), _) => fail(ReasonKind::OtherRequest, Found::Bytes(text.len())),
    }
}

struct AccessTokenHash;

impl CheckFn for AccessTokenHash {
    fn check(&self, ath: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match (ath.as_str(), cx.access_token()) {
            (None, _) => wrong_type(ath),
            (Some(_), None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
            (Some(ath), Some(token)) if ath == hash(token, cx) => Finding::Pass,
            (Some(ath), Some(_)) => fail(ReasonKind::OtherRequest, Found::Bytes(ath.len())),
        }
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        cx.access_token().map_or(Finding::Absent, |_| missing())
    }
}

/// A server that gives out no nonce has none to compare.
struct ProofNonce;

impl CheckFn for ProofNonce {
    fn check(&self, nonce: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        let given = cx.nonces_of_proof();
        match nonce.as_str() {
            None => wrong_type(nonce),
            Some(_) if given.is_empty() => check_text(nonce, cx).into(),
            Some(nonce) if given.contains(nonce) => Finding::Pass,
            Some(nonce) => fail(ReasonKind::WrongNonce, Found::Bytes(nonce.len())),
        }
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        if cx.nonces_of_proof().is_empty() {
            return Finding::Absent;
        }
        fail(ReasonKind::WrongNonce, Found::Words("found none".into()))
    }
}

fn check_proof_key(_: Value<'_>, cx: &RuleContext<'_>) -> Finding {
    match (cx.bound_to(), cx.header_key) {
        (None, _) => Finding::Absent,
        (Some(bound_to), Some(key)) if bound_to == key => Finding::Pass,
        _ => ReasonKind::OtherRequest.into(),
    }
}
