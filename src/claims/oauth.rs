//! Claims of OAuth tokens: whose client, for what, and how the user authenticated.

use super::context::Context;
use super::registered::{check_text, words};
use super::time::{Round, numeric_date};
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{Finding, Found, PASS, ReasonKind, fail};
use crate::json::{JsonKind, Member, Value};
use crate::policy::Signer;
use crate::uri::is_absolute_uri;

/// `client_id` is a string that is not empty; where a client signs, it is that client, and where the
/// request names one, it is that one.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2>,
/// <https://www.rfc-editor.org/rfc/rfc9101#section-6.3>
pub(crate) fn check_client_id(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let finding = check_text(claims, "client_id", cx)?;
    let claimed = claims.string("client_id").present();
    let signer = matches!(cx.policy.kind.signer, Signer::Client(_)).then(|| cx.party.as_str());
    let Some(client) = claimed.or(signer) else {
        return Ok(finding);
    };
    let other = |other: Option<&str>| other.is_some_and(|other| other != client);
    let of_request = cx.policy.kind.client_of_request;
    if other(signer) || (other(cx.expect.client_id) && (of_request || signer.is_some())) {
        return fail(ReasonKind::OtherParty, Found::Bytes(client.len()));
    }
    if of_request && cx.expect.client_id.is_none() {
        return fail(ReasonKind::FactNotGiven, Found::Nothing);
    }
    Ok(finding)
}

/// `scope` is scope tokens with one space between each two; an empty string grants nothing. Where
/// the token was derived from another, none goes beyond that one's.
///
/// <https://www.rfc-editor.org/rfc/rfc8693#section-4.2>,
/// <https://www.rfc-editor.org/rfc/rfc6749#section-3.3>
pub(crate) fn check_scope(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let scope = match claims.string("scope") {
        Member::Absent => {
            // Where scopes may go by another name, nothing says that they are narrower.
            let elsewhere = cx.policy.kind.marker.is_some() && cx.expect.parent_scopes.is_some();
            return absent(elsewhere || cx.policy.requires("scope"));
        }
        Member::WrongType(kind) => return wrong_type(kind),
        Member::Present("") => return PASS,
        Member::Present(scope) if is_scope(scope) => scope,
        Member::Present(_) => {
            let words = words("expected scopes with one space between each two");
            return fail(ReasonKind::Malformed, words);
        }
    };
    let Some(parent) = &cx.expect.parent_scopes else {
        return PASS;
    };
    match scope.split(' ').find(|scope| !parent.contains(scope)) {
        Some(more) => fail(ReasonKind::BroaderScope, Found::Bytes(more.len())),
        None => PASS,
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

/// `auth_time` is a NumericDate; where the request bounds the age of the authentication, it is there
/// and not longer ago.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1>,
/// <https://www.rfc-editor.org/rfc/rfc9470#section-3>
pub(crate) fn check_auth_time(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let auth_time = numeric_date(claims, "auth_time", Round::Down)?;
    match (auth_time, cx.expect.max_age) {
        (None, None) => absent(cx.policy.requires("auth_time")),
        (None, Some(_)) => {
            fail(ReasonKind::InsufficientAuthentication, words("it does not say when"))
        }
        (Some(_), None) => PASS,
        (Some(at), Some(_)) if at.get() > cx.now.plus(cx.policy.leeway) => {
            fail(ReasonKind::IssuedAhead, Found::Moment(at))
        }
        (Some(at), Some(most)) => {
            let seconds = cx.now.since(at);
            if seconds > most.saturating_add(cx.policy.leeway) {
                let found = Found::Lasting { seconds, most };
                return fail(ReasonKind::InsufficientAuthentication, found);
            }
            PASS
        }
    }
}

/// `acr` is a string; where the request demands classes, it is one of them.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1>,
/// <https://www.rfc-editor.org/rfc/rfc9470#section-3>
pub(crate) fn check_acr(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let finding = check_text(claims, "acr", cx)?;
    match (&cx.expect.acr_values, claims.string("acr").present()) {
        (None, _) => Ok(finding),
        (Some(demanded), Some(acr)) if demanded.contains(&acr) => PASS,
        (Some(_), _) => Err(ReasonKind::InsufficientAuthentication.into()),
    }
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

/// `groups` is an array of strings or objects.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1>
pub(crate) fn check_groups(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_attributes(claims, "groups", cx)
}

/// `roles` is an array of strings or objects.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1>
pub(crate) fn check_roles(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_attributes(claims, "roles", cx)
}

/// `entitlements` is an array of strings or objects.
///
/// <https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1>
pub(crate) fn check_entitlements(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_attributes(claims, "entitlements", cx)
}

/// Attributes of several values, as SCIM has them: <https://www.rfc-editor.org/rfc/rfc7643#section-2.4>
fn check_attributes(claims: VerifiedClaims<'_>, name: &str, cx: &Context<'_>) -> Finding {
    let Some(attributes) = claims.get(name) else {
        return absent(cx.policy.requires(name));
    };
    if attributes.kind() != JsonKind::Array {
        return wrong_type(attributes.kind());
    }
    let known = |value: &Value<'_>| matches!(value.kind(), JsonKind::String | JsonKind::Object);
    match attributes.elements().find(|value| !known(value)) {
        Some(other) => wrong_type(other.kind()),
        None => PASS,
    }
}

/// `resource` is a URI without a fragment, or an array of such.
///
/// <https://www.rfc-editor.org/rfc/rfc8707#section-2>
pub(crate) fn check_resource(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(resource) = claims.get("resource") else {
        return absent(cx.policy.requires("resource"));
    };
    if resource.kind() != JsonKind::Array {
        return check_one_resource(resource);
    }
    let mut finding = fail(ReasonKind::Malformed, words("an empty array"));
    for element in resource.elements() {
        check_one_resource(element)?;
        finding = PASS;
    }
    finding
}

fn check_one_resource(resource: Value<'_>) -> Finding {
    match resource.as_str() {
        None => wrong_type(resource.kind()),
        Some(text) if is_absolute_uri(text) => PASS,
        Some(text) => fail(ReasonKind::Malformed, Found::Bytes(text.len())),
    }
}

/// The parameters of an authorization request are strings, and numbers where they are numbers.
///
/// <https://www.rfc-editor.org/rfc/rfc9101#section-4>
pub(crate) fn check_parameters(claims: VerifiedClaims<'_>, _: &Context<'_>) -> Finding {
    const STRINGS: &[&str] = &[
        "response_type",
        "response_mode",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
        "display",
        "acr_values",
        "login_hint",
        "id_token_hint",
        "ui_locales",
        "dpop_jkt",
    ];
    for name in STRINGS {
        if let Member::WrongType(kind) = claims.string(name) {
            return wrong_type(kind);
        }
    }
    match claims.get("max_age") {
        Some(max_age) if max_age.kind() != JsonKind::Number => wrong_type(max_age.kind()),
        _ => PASS,
    }
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
