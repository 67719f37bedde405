//! The registered claims that name somebody or something: `iss`, `sub`, `jti`; and what any
//! claim can be held to.

use super::context::Context;
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{ABSENT, Finding, Found, PASS, ReasonKind, UNREADABLE, fail};
use crate::json::{JsonKind, Member, Value};
use crate::policy::{Signer, SubjectRule};
use crate::uri::is_string_or_uri;

/// `iss` is the party that the key belongs to, character by character. Silence is refusal, but in a
/// kind whose client signs and may leave it out.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1>, rfc8725bis §3.8
pub(crate) fn check_iss(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let required = cx.policy.kind.signer != Signer::Client("client_id");
    match claims.string("iss") {
        Member::Absent => absent(required || cx.policy.requires("iss")),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present(iss) if *cx.party == *iss => PASS,
        Member::Present(iss) => fail(ReasonKind::WrongIssuer, Found::Bytes(iss.len())),
    }
}

/// `sub` is a StringOrURI that is not empty, and the one that the kind demands.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2>
pub(crate) fn check_sub(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.string("sub") {
        Member::Absent => absent(cx.policy.requires("sub")),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present("") => fail(ReasonKind::Malformed, words("an empty string")),
        Member::Present(sub) => {
            check_string_or_uri(sub)?;
            check_subject(sub, cx)
        }
    }
}

/// A StringOrURI is any string, but one with a `:` must be a URI.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(super) fn check_string_or_uri(text: &str) -> Finding {
    if is_string_or_uri(text) {
        PASS
    } else {
        fail(ReasonKind::Malformed, words("has a ':' but is not a URI"))
    }
}

/// Who the subject is: of a client assertion the client
/// (<https://www.rfc-editor.org/rfc/rfc7523#section-3>), of a request object not the client
/// (<https://www.rfc-editor.org/rfc/rfc9101#section-10.8>), of an ID token somebody with a name of at
/// most 255 ASCII characters.
fn check_subject(sub: &str, cx: &Context<'_>) -> Finding {
    match cx.policy.kind.subject {
        SubjectRule::Anybody => PASS,
        SubjectRule::TheClient if *cx.party == *sub => PASS,
        SubjectRule::TheClient => fail(ReasonKind::OtherParty, Found::Bytes(sub.len())),
        SubjectRule::NotTheClient if *cx.party == *sub => {
            fail(ReasonKind::OtherParty, words("the client itself"))
        }
        SubjectRule::NotTheClient => PASS,
        SubjectRule::OpenIdConnect if sub.is_ascii() && sub.len() <= 255 => PASS,
        SubjectRule::OpenIdConnect => fail(ReasonKind::Malformed, Found::Bytes(sub.len())),
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

/// A claim that the kind must not have is not there, whatever its value.
pub(crate) fn check_forbidden(claims: VerifiedClaims<'_>, name: &str) -> Finding {
    match claims.get(name) {
        None => ABSENT,
        Some(_) => fail(ReasonKind::Forbidden, Found::Nothing),
    }
}

/// A claim equals the fact of the request of the same name.
pub(crate) fn check_matching(claims: VerifiedClaims<'_>, name: &str, cx: &Context<'_>) -> Finding {
    match (claims.string(name), cx.expect.own_fact(name)) {
        (Member::WrongType(kind), _) => wrong_type(kind),
        (_, None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
        (Member::Absent, Some(_)) => fail(ReasonKind::Missing, Found::Nothing),
        (Member::Present(claim), Some(fact)) if claim == fact => PASS,
        (Member::Present(claim), Some(_)) => {
            fail(ReasonKind::OtherRequest, Found::Bytes(claim.len()))
        }
    }
}

/// A claim is what was sent with the request; none is there where none was sent.
pub(super) fn check_sent(
    claims: VerifiedClaims<'_>,
    name: &str,
    sent: Option<&str>,
    required: bool,
) -> Finding {
    match (claims.string(name), sent) {
        (Member::WrongType(kind), _) => wrong_type(kind),
        (Member::Present(""), _) => fail(ReasonKind::Malformed, words("an empty string")),
        (Member::Absent, None) => absent(required),
        (Member::Absent, Some(_)) => fail(ReasonKind::Missing, Found::Nothing),
        (Member::Present(_), None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
        (Member::Present(claim), Some(sent)) if claim == sent => PASS,
        (Member::Present(claim), Some(_)) => {
            fail(ReasonKind::OtherRequest, Found::Bytes(claim.len()))
        }
    }
}

/// The claim that tells the kind apart is there, with the value that it has to have.
pub(crate) fn check_marker(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(marker) = &cx.policy.kind.marker else {
        return UNREADABLE;
    };
    match (claims.get(&marker.claim), &marker.value) {
        (Some(claim), None) if claim.kind() != JsonKind::Null => PASS,
        (Some(claim), Some(value)) if claim.as_str() == Some(&**value) => PASS,
        _ => fail(ReasonKind::Unmarked, Found::Nothing),
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
