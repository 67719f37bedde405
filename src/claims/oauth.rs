//! Claims of OAuth tokens: whose client, for what, on whose behalf, bound to which key.

use super::context::Context;
use super::registered::{check_text, words};
use super::time::{Round, numeric_date};
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{Finding, PASS, ReasonKind, fail};
use crate::json::{JsonKind, Member, Value};

/// `client_id` is a string that is not empty.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2>
pub(crate) fn check_client_id(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_text(claims, "client_id", cx)
}

/// `scope` is scope tokens with one space between each two; an empty string grants nothing.
///
/// <https://www.rfc-editor.org/rfc/rfc8693#section-4.2>,
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
pub(crate) fn check_scope(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.string("scope") {
        Member::Absent => absent(cx.policy.requires("scope")),
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present("") => PASS,
        Member::Present(scope) if is_scope(scope) => PASS,
        Member::Present(_) => {
            fail(ReasonKind::Malformed, words("expected scopes with one space between each two"))
        }
    }
}

/// One space between each two scope tokens, and so none at either end.
fn is_scope(scope: &str) -> bool {
    // Without branches: most scopes are in order.
    let (mut wrong, mut before) = (false, b' ');
    for octet in scope.bytes() {
        let outside = !(b' '..=b'~').contains(&octet) | (octet == b'"') | (octet == b'\\');
        wrong |= outside | ((octet == b' ') & (before == b' '));
        before = octet;
    }
    !wrong && before != b' '
}

/// A token that is bound to a key is no bearer token: without evidence of possession any `cnf`
/// refuses it, whatever its members.
///
/// <https://www.rfc-editor.org/rfc/rfc7800#section-3.1>,
/// <https://www.rfc-editor.org/rfc/rfc9449#section-7.2>
pub(crate) fn check_cnf(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.get("cnf").map(Value::kind) {
        None => absent(cx.policy.requires("cnf")),
        Some(JsonKind::Object) => Err(ReasonKind::Unsatisfied.into()),
        Some(kind) => wrong_type(kind),
    }
}

/// `auth_time` is a NumericDate.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1>
pub(crate) fn check_auth_time(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match numeric_date(claims, "auth_time", Round::Down)? {
        None => absent(cx.policy.requires("auth_time")),
        Some(_) => PASS,
    }
}

/// `acr` is a string.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1>
pub(crate) fn check_acr(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_text(claims, "acr", cx)
}

/// `amr` is an array of strings.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1>
pub(crate) fn check_amr(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.get("amr") {
        None => absent(cx.policy.requires("amr")),
        Some(amr) => check_strings(amr),
    }
}

/// `act` is an object that names the actor, and so is each earlier one inside it.
///
/// <https://www.rfc-editor.org/rfc/rfc8693#section-4.1>
pub(crate) fn check_act(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(outermost) = claims.get("act") else {
        return absent(cx.policy.requires("act"));
    };
    let mut next = Some(outermost);
    let mut depth = 0_usize;
    while let Some(actor) = next {
        depth = depth.saturating_add(1);
        if depth > cx.policy.actor_depth {
            return Err(ReasonKind::TooDeep.into());
        }
        check_actor(actor)?;
        next = actor.get("act");
    }
    PASS
}

/// An object that names the actor as a subject or as a client, each name a string, and says nothing
/// about time or audience, which mean nothing there.
fn check_actor(actor: Value<'_>) -> Finding {
    const NAMES: &[&str] = &["sub", "client_id", "iss"];
    const MEANINGLESS: &[&str] = &["exp", "nbf", "iat", "aud"];
    if actor.kind() != JsonKind::Object {
        return wrong_type(actor.kind());
    }
    for name in NAMES {
        match actor.string(name) {
            Member::WrongType(kind) => return wrong_type(kind),
            Member::Present("") => return fail(ReasonKind::Malformed, words("an empty name")),
            Member::Present(_) | Member::Absent => {}
        }
    }
    if actor.get("sub").is_none() && actor.get("client_id").is_none() {
        return fail(ReasonKind::Malformed, words("an actor without sub and client_id"));
    }
    if MEANINGLESS.iter().any(|name| actor.get(name).is_some()) {
        let text = "an actor with exp, nbf, iat or aud, which mean nothing there";
        return fail(ReasonKind::Malformed, words(text));
    }
    PASS
}

/// `authorization_details` is an array of objects, each with a string `type`; the common members
/// have their types.
///
/// <https://www.rfc-editor.org/rfc/rfc9396#section-2>
pub(crate) fn check_authorization_details(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(details) = claims.get("authorization_details") else {
        return absent(cx.policy.requires("authorization_details"));
    };
    if details.kind() != JsonKind::Array {
        return wrong_type(details.kind());
    }
    details.elements().try_fold((), |(), detail| check_detail(detail).map(|_| ()))?;
    PASS
}

fn check_detail(detail: Value<'_>) -> Finding {
    const LISTS: &[&str] = &["locations", "actions", "datatypes", "privileges"];
    if detail.kind() != JsonKind::Object {
        return wrong_type(detail.kind());
    }
    match detail.string("type") {
        Member::Absent => return fail(ReasonKind::Malformed, words("an element without type")),
        Member::WrongType(kind) => return wrong_type(kind),
        Member::Present("") => return fail(ReasonKind::Malformed, words("an empty type")),
        Member::Present(_) => {}
    }
    for name in LISTS {
        if let Some(list) = detail.get(name) {
            check_strings(list)?;
        }
    }
    match detail.string("identifier") {
        Member::WrongType(kind) => wrong_type(kind),
        Member::Present(_) | Member::Absent => PASS,
    }
}

/// An array of strings.
fn check_strings(list: Value<'_>) -> Finding {
    if list.kind() != JsonKind::Array {
        return wrong_type(list.kind());
    }
    match list.elements().find(|element| element.as_str().is_none()) {
        Some(other) => wrong_type(other.kind()),
        None => PASS,
    }
}
