//! Claims that tie an ID token, or a response of an authorization server, to the request.

use super::context::Context;
use super::registered::{check_sent, words};
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{Finding, Found, PASS, ReasonKind, fail};
use crate::json::Member;
use crate::policy::Signer;

/// `azp` is the client itself, if it is there.
///
/// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
pub(crate) fn check_azp(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let mine = |azp: &str| cx.policy.audiences.iter().any(|own| *own == *azp);
    match claims.string("azp") {
        Member::Absent => absent(cx.policy.requires("azp")),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present(azp) if mine(azp) => PASS,
        Member::Present(azp) => fail(ReasonKind::OtherParty, Found::Bytes(azp.len())),
    }
}

/// `nonce` is the one that was sent with the request. Where it comes through the browser there has to
/// be one.
///
/// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation),
/// [§3.2.2.11](https://openid.net/specs/openid-connect-core-1_0.html#ImplicitIDTValidation)
pub(crate) fn check_nonce(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    if cx.policy.kind.signer == Signer::Embedded {
        return super::possession::check_proof_nonce(claims, cx);
    }
    let required = has_type(cx, "id_token") || cx.policy.requires("nonce");
    check_sent(claims, "nonce", cx.expect.nonce, required)
}

/// Whether the request asked for this. One that is not understood asked for everything.
fn has_type(cx: &Context<'_>, wanted: &str) -> bool {
    const KNOWN: &[&str] = &["code", "token", "id_token", "none"];
    let mut parts = cx.expect.response_type.unwrap_or("code").split(' ');
    parts.any(|part| part == wanted || !KNOWN.contains(&part))
}

/// `at_hash` is the hash of the access token that came along.
///
/// [OpenID Connect Core §3.1.3.8](https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowTokenValidation),
/// [§3.2.2.9](https://openid.net/specs/openid-connect-core-1_0.html#ImplicitTokenValidation)
pub(crate) fn check_at_hash(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let required = has_type(cx, "id_token") && has_type(cx, "token");
    check_hash(claims, cx, "at_hash", cx.expect.access_token, required)
}

/// `c_hash` is the hash of the code that came along.
///
/// [OpenID Connect Core §3.3.2.10](https://openid.net/specs/openid-connect-core-1_0.html#CodeValidation)
pub(crate) fn check_c_hash(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let required = has_type(cx, "id_token") && has_type(cx, "code");
    check_hash(claims, cx, "c_hash", cx.expect.code, required)
}

/// `s_hash` is the hash of the state that was sent.
///
/// [FAPI 1.0 Advanced §5.2.2.1](https://openid.net/specs/openid-financial-api-part-2-1_0.html)
pub(crate) fn check_s_hash(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_hash(claims, cx, "s_hash", cx.expect.state, false)
}

fn check_hash(
    claims: VerifiedClaims<'_>,
    cx: &Context<'_>,
    name: &str,
    value: Option<&str>,
    required: bool,
) -> Finding {
    let hash = match claims.string(name) {
        Member::Absent => return absent(required || cx.policy.requires(name)),
        Member::WrongType(kind) => return wrong_type(kind),
        Member::Present(hash) => hash,
    };
    let Some(value) = value else {
        return fail(ReasonKind::FactNotGiven, Found::Nothing);
    };
    match cx.provider.token_hash_for(cx.algorithm, value) {
        Some(expected) if expected == hash => PASS,
        Some(_) => fail(ReasonKind::OtherRequest, Found::Bytes(hash.len())),
        None => fail(ReasonKind::NotPermitted, words("no hash is known for the algorithm")),
    }
}

/// `state` is the one that was sent with the request.
///
/// [JARM §2.4](https://openid.net/specs/oauth-v2-jarm.html#section-2.4)
pub(crate) fn check_state(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_sent(claims, "state", cx.expect.state, cx.policy.requires("state"))
}
