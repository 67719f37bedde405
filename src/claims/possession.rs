//! Possession of a key: what a token is bound to, and what a proof says of the request.

use super::context::Context;
use super::registered::{check_sent, check_text, words};
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::base64url;
use crate::check::{ABSENT, Finding, Found, PASS, ReasonKind, fail};
use crate::json::{JsonKind, Member, Value};
use crate::policy::ProofRule;
use crate::uri::TargetUri;

/// A token that is bound to a key is no bearer token: each member of `cnf` has to be satisfied by
/// evidence that came with the request, and one that is not known here can not be.
///
/// <https://www.rfc-editor.org/rfc/rfc7800#section-3.1>,
/// <https://www.rfc-editor.org/rfc/rfc9449#section-7.2>,
/// <https://www.rfc-editor.org/rfc/rfc8705#section-3>
pub(crate) fn check_cnf(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(cnf) = claims.get("cnf") else {
        return check_unbound(cx);
    };
    check_confirmations(cnf, cx)
}

/// Each member is satisfied, and there is one.
pub(super) fn check_confirmations(cnf: Value<'_>, cx: &Context<'_>) -> Finding {
    if cnf.kind() != JsonKind::Object {
        return wrong_type(cnf.kind());
    }
    let mut members = 0_usize;
    for (name, value) in cnf.members() {
        members = members.saturating_add(1);
        check_confirmation(name, value, cx)?;
    }
    // A proof is of the key that the token is bound to, or of nothing.
    let bound = cnf.get("jkt").is_some() || cx.expect.proof.is_none();
    if members == 0 || !bound {
        return Err(ReasonKind::Unsatisfied.into());
    }
    PASS
}

/// A proof that came along with a token that is not bound shows nothing about the token.
pub(super) fn check_unbound(cx: &Context<'_>) -> Finding {
    let demanded = cx.policy.kind.proof != ProofRule::Optional && cx.expect.proof.is_some();
    absent(demanded || cx.policy.requires("cnf"))
}

fn check_confirmation(name: &str, value: Value<'_>, cx: &Context<'_>) -> Finding {
    let Some(text) = value.as_str() else {
        // What is not known is not satisfied, whatever its type.
        let known = matches!(name, "jkt" | "x5t#S256");
        return if known { wrong_type(value.kind()) } else { Err(ReasonKind::Unsatisfied.into()) };
    };
    let satisfied = match name {
        "jkt" => cx.expect.shows_key(text) && is_for_this_token(cx),
        "x5t#S256" => cx.expect.shows_certificate(text),
        _ => false,
    };
    if satisfied { PASS } else { Err(ReasonKind::Unsatisfied.into()) }
}

/// The proof of a request with an access token is for that token alone; the proof of a request for
/// one is for none yet. Whoever checked the proof elsewhere checked that as well.
fn is_for_this_token(cx: &Context<'_>) -> bool {
    let Some(ath) = cx.expect.proof.and_then(|proof| proof.ath) else {
        return true;
    };
    match cx.policy.kind.proof {
        ProofRule::Optional => true,
        ProofRule::Binds => ath == hash(cx.presented, cx),
        ProofRule::BindsIntrospected => {
            cx.expect.access_token.is_some_and(|token| ath == hash(token.as_bytes(), cx))
        }
    }
}

fn hash(text: &[u8], cx: &Context<'_>) -> String {
    base64url::encode(&(cx.provider.sha256)(text))
}

/// `htm` is the method of the request, in its letters.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
pub(crate) fn check_htm(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match (claims.string("htm"), cx.expect.method) {
        (Member::Absent, _) => fail(ReasonKind::Missing, Found::Nothing),
        (Member::WrongType(kind), _) => wrong_type(kind),
        (Member::Present(_), None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
        (Member::Present(htm), Some(method)) if htm == method => PASS,
        (Member::Present(htm), Some(_)) => fail(ReasonKind::OtherRequest, Found::Bytes(htm.len())),
    }
}

/// `htu` is the URI of the request, after normalization and without query and fragment.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
pub(crate) fn check_htu(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let htu = match claims.string("htu") {
        Member::Absent => return fail(ReasonKind::Missing, Found::Nothing),
        Member::WrongType(kind) => return wrong_type(kind),
        Member::Present(htu) => htu,
    };
    let Some(uri) = cx.expect.uri else {
        return fail(ReasonKind::FactNotGiven, Found::Nothing);
    };
    match (TargetUri::parse(htu), TargetUri::parse(uri)) {
        (None, _) => fail(ReasonKind::Malformed, words("expected an http or https URI")),
        (Some(htu), Some(uri)) if htu == uri => PASS,
        (Some(_), _) => fail(ReasonKind::OtherRequest, Found::Bytes(htu.len())),
    }
}

/// `ath` is the hash of the access token that came along; without a token there is none to compare.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
pub(crate) fn check_ath(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match (claims.string("ath"), cx.expect.access_token) {
        (Member::WrongType(kind), _) => wrong_type(kind),
        (Member::Absent, None) => absent(cx.policy.requires("ath")),
        (Member::Absent, Some(_)) => fail(ReasonKind::Missing, Found::Nothing),
        (Member::Present(_), None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
        (Member::Present(ath), Some(token)) if ath == hash(token.as_bytes(), cx) => PASS,
        (Member::Present(ath), Some(_)) => fail(ReasonKind::OtherRequest, Found::Bytes(ath.len())),
    }
}

/// `nonce` is the one that the client was given. A server that gives none out has none to compare.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-9>
pub(crate) fn check_proof_nonce(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    if cx.expect.nonce.is_none() {
        return check_text(claims, "nonce", cx);
    }
    check_sent(claims, "nonce", cx.expect.nonce, true)
}

/// The proof's key is the one that the access token is bound to, where that is known.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
pub(crate) fn check_binding(_: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match (cx.expect.bound_to, cx.embedded) {
        (None, _) => ABSENT,
        (Some(bound_to), Some(key)) if bound_to == key => PASS,
        _ => Err(ReasonKind::OtherRequest.into()),
    }
}
