//! The registered claims that name somebody or something: `iss`, `aud`, `sub`, `jti`.

use super::context::Context;
use super::string_or_uri::check_string_or_uri;
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{Finding, Found, PASS, ReasonKind, fail};
use crate::json::{JsonKind, Member, Value};
use crate::policy::AudienceRule;

/// `iss` is the issuer that the key belongs to, character by character. Silence is refusal.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1>, rfc8725bis §3.8
pub(crate) fn check_iss(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.string("iss") {
        Member::Absent => fail(ReasonKind::Missing, Found::Nothing),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present(iss) if *cx.party == *iss => PASS,
        Member::Present(iss) => fail(ReasonKind::WrongIssuer, Found::Bytes(iss.len())),
    }
}

/// `aud` is a string or an array of strings and contains one of the verifier's names. Silence is
/// refusal. Where the audience was waived, `aud` still has the right type, if it is there.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3>, rfc8725bis §3.9
pub(crate) fn check_aud(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let waived = cx.policy.kind.audience == AudienceRule::Waived;
    // A name of the verifier's own is a StringOrURI since the validator was built.
    let mine = |text: &str| cx.policy.audiences.iter().any(|own| *own == *text);
    let check = |element: Value<'_>| match element.as_str() {
        Some(text) if mine(text) => Ok(true),
        Some(text) => check_string_or_uri(text).map(|_| waived),
        None => wrong_type(element.kind()),
    };
    let Some(aud) = claims.get("aud") else {
        return absent(!waived || cx.policy.requires("aud"));
    };
    if aud.kind() != JsonKind::Array {
        if check(aud)? {
            return PASS;
        }
        return fail(ReasonKind::WrongAudience, length(aud));
    }
    let mut found = 0_usize;
    let mut any = false;
    for element in aud.elements() {
        any |= check(element)?;
        found = found.saturating_add(1);
    }
    match (any, found) {
        (true, _) => PASS,
        (false, 0) => fail(ReasonKind::Malformed, words("an empty array")),
        (false, _) => {
            let words = words(&format!("found an array of {found}"));
            fail(ReasonKind::WrongAudience, words)
        }
    }
}

fn length(text: Value<'_>) -> Found {
    Found::Bytes(text.as_str().map_or(0, str::len))
}

/// `sub` is a StringOrURI that is not empty.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2>
pub(crate) fn check_sub(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.string("sub") {
        Member::Absent => absent(cx.policy.requires("sub")),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present("") => fail(ReasonKind::Malformed, words("an empty string")),
        Member::Present(sub) => check_string_or_uri(sub),
    }
}

/// `jti` is a string that is not empty.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7>
pub(crate) fn check_jti(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_text(claims, "jti", cx)
}

/// A claim that the profile requires is there and is not `null`; its type is the claims type's
/// matter.
pub(crate) fn check_required(claims: VerifiedClaims<'_>, name: &str) -> Finding {
    match claims.get(name).map(Value::kind) {
        None => fail(ReasonKind::Missing, Found::Nothing),
        Some(JsonKind::Null) => wrong_type(JsonKind::Null),
        Some(_) => PASS,
    }
}

/// A string that is not empty.
pub(super) fn check_text(claims: VerifiedClaims<'_>, name: &str, cx: &Context<'_>) -> Finding {
    match claims.string(name) {
        Member::Absent => absent(cx.policy.requires(name)),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present("") => fail(ReasonKind::Malformed, words("an empty string")),
        Member::Present(_) => PASS,
    }
}

pub(super) fn words(text: &str) -> Found {
    Found::Words(text.into())
}
