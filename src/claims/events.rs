//! Claims of security events, logout tokens and introspection responses.

use std::net::IpAddr;

use super::audience::check_audience;
use super::context::Context;
use super::possession::{check_confirmations, check_unbound};
use super::registered::{check_text, words};
use super::time::{Round, numeric_date, numeric_date_of};
use super::verified::{VerifiedClaims, absent, wrong_type};
use super::{delegation, oauth};
use crate::check::{Finding, Found, PASS, ReasonKind, fail};
use crate::json::{JsonKind, Member, Value};
use crate::uri::is_uri;

/// `events` is an object with at least one member, each named by a URI and an object; among them the
/// event that the kind is about, if it is about one.
///
/// <https://www.rfc-editor.org/rfc/rfc8417#section-2.2>
pub(crate) fn check_events(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(events) = claims.get("events") else {
        return absent(cx.policy.requires("events"));
    };
    if events.kind() != JsonKind::Object {
        return wrong_type(events.kind());
    }
    if events.members().next().is_none() {
        return fail(ReasonKind::Malformed, words("no event"));
    }
    for (name, event) in events.members() {
        if !is_uri(name) {
            return fail(ReasonKind::Malformed, words("an event whose name is no URI"));
        }
        if event.kind() != JsonKind::Object {
            return wrong_type(event.kind());
        }
    }
    match cx.policy.kind.event {
        Some(event) if events.get(event).is_none() => {
            fail(ReasonKind::Missing, words("the event that the kind is about"))
        }
        _ => PASS,
    }
}

/// `sid` is a string; it or `sub` is there.
///
/// [OpenID Connect Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken)
pub(crate) fn check_sid(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let finding = check_text(claims, "sid", cx)?;
    if claims.get("sid").is_none() && claims.get("sub").is_none() {
        return fail(ReasonKind::Missing, words("neither sid nor sub"));
    }
    Ok(finding)
}

/// `toe` is a NumericDate.
///
/// <https://www.rfc-editor.org/rfc/rfc8417#section-2.2>
pub(crate) fn check_toe(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match numeric_date(claims, "toe", Round::Down)? {
        None => absent(cx.policy.requires("toe")),
        Some(_) => PASS,
    }
}

/// `txn` is a string.
///
/// <https://www.rfc-editor.org/rfc/rfc8417#section-2.2>
pub(crate) fn check_txn(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    check_text(claims, "txn", cx)
}

/// `sub_id` is a subject identifier of a known format, with the members of that format and no others.
///
/// <https://www.rfc-editor.org/rfc/rfc9493#section-3>
pub(crate) fn check_sub_id(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.get("sub_id") {
        None => absent(cx.policy.requires("sub_id")),
        Some(sub_id) => match sub_id.string("format").present() {
            Some("aliases") => check_aliases(sub_id),
            Some("complex") => check_complex(sub_id),
            Some("ip-addresses") => check_addresses(sub_id),
            _ => check_identifier(sub_id),
        },
    }
}

/// Parts of one subject, each an identifier.
///
/// [Shared Signals Framework §3.2](https://openid.net/specs/openid-sharedsignals-framework-1_0.html)
fn check_complex(sub_id: Value<'_>) -> Finding {
    const PARTS: &[&str] =
        &["user", "device", "session", "application", "tenant", "org_unit", "group"];
    let mut parts = sub_id.members().filter(|(name, _)| *name != "format").peekable();
    if parts.peek().is_none() {
        return fail(ReasonKind::Malformed, words("a complex subject without parts"));
    }
    for (_, part) in parts {
        check_identifier(part)?;
    }
    check_no_others(sub_id, PARTS)
}

fn check_addresses(sub_id: Value<'_>) -> Finding {
    let list = sub_id.get("ip-addresses").filter(|list| list.kind() == JsonKind::Array);
    let Some(list) = list.filter(|list| list.elements().next().is_some()) else {
        return fail(ReasonKind::Malformed, words("no array of addresses"));
    };
    let address =
        |element: &Value<'_>| element.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok());
    if !list.elements().all(|element| address(&element)) {
        return fail(ReasonKind::Malformed, words("an element that is no address"));
    }
    check_no_others(sub_id, &["ip-addresses"])
}

/// Identifiers of one subject, none of them aliases again:
/// <https://www.rfc-editor.org/rfc/rfc9493#section-3.2.8>
fn check_aliases(sub_id: Value<'_>) -> Finding {
    let identifiers = sub_id.get("identifiers").filter(|list| list.kind() == JsonKind::Array);
    let Some(identifiers) = identifiers.filter(|list| list.elements().next().is_some()) else {
        return fail(ReasonKind::Malformed, words("aliases without identifiers"));
    };
    identifiers.elements().try_fold((), |(), each| check_identifier(each).map(|_| ()))?;
    check_no_others(sub_id, &["identifiers"])
}

/// The formats, and the members that each has.
const FORMATS: &[(&str, &[&str])] = &[
    ("account", &["uri"]),
    ("email", &["email"]),
    ("iss_sub", &["iss", "sub"]),
    ("opaque", &["id"]),
    ("phone_number", &["phone_number"]),
    ("did", &["url"]),
    ("uri", &["uri"]),
    // Shared Signals Framework 1.0 §3.4
    ("jwt_id", &["iss", "jti"]),
    ("saml_assertion_id", &["issuer", "assertion_id"]),
];

fn check_identifier(sub_id: Value<'_>) -> Finding {
    if sub_id.kind() != JsonKind::Object {
        return wrong_type(sub_id.kind());
    }
    let format = sub_id.string("format").present();
    let known = FORMATS.iter().find(|(name, _)| Some(*name) == format);
    let Some((name, members)) = known else {
        return fail(ReasonKind::Malformed, words("a subject identifier of no known format"));
    };
    for member in *members {
        match sub_id.string(member) {
            Member::WrongType(kind) => return wrong_type(kind),
            Member::Present(text) if is_in_format(name, text) => {}
            Member::Present(_) => return fail(ReasonKind::Malformed, words("not in its format")),
            Member::Absent => return fail(ReasonKind::Malformed, words("a member is missing")),
        }
    }
    check_no_others(sub_id, members)
}

fn is_in_format(format: &str, text: &str) -> bool {
    match format {
        "account" => text.starts_with("acct:") && is_uri(text),
        "did" => text.starts_with("did:") && is_uri(text),
        "uri" => is_uri(text),
        "email" => text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace)
        }),
        // E.164: <https://www.rfc-editor.org/rfc/rfc9493#section-3.2.5>
        "phone_number" => text.strip_prefix('+').is_some_and(|digits| {
            (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
        }),
        _ => !text.is_empty(),
    }
}

fn check_no_others(sub_id: Value<'_>, members: &[&str]) -> Finding {
    let known = |name: &str| name == "format" || members.contains(&name);
    match sub_id.members().find(|(name, _)| !known(name)) {
        Some(_) => fail(ReasonKind::Malformed, words("a member that the format does not have")),
        None => PASS,
    }
}

/// `token_introspection` is an object with a boolean `active`, and nothing else where that is false.
/// Of an active token the dates say that it is, and issuer, audience, scope, actor and key are right,
/// where it has them: the server that answers does not know for what it was shown, nor how.
///
/// <https://www.rfc-editor.org/rfc/rfc9701#section-5>,
/// <https://www.rfc-editor.org/rfc/rfc7662#section-4>
pub(crate) fn check_token_introspection(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(inner) = claims.get("token_introspection") else {
        return absent(cx.policy.requires("token_introspection"));
    };
    if inner.kind() != JsonKind::Object {
        return wrong_type(inner.kind());
    }
    match inner.get("active").map(|active| (active.as_bool(), active.kind())) {
        None => fail(ReasonKind::Malformed, words("no member active")),
        Some((None, kind)) => wrong_type(kind),
        Some((Some(false), _)) if inner.members().count() > 1 => {
            fail(ReasonKind::Malformed, words("an inactive token that says more"))
        }
        Some((Some(false), _)) => PASS,
        Some((Some(true), _)) => check_active(inner, cx),
    }
}

fn check_active(inner: Value<'_>, cx: &Context<'_>) -> Finding {
    check_dates(inner, cx)?;
    match inner.string("iss") {
        Member::WrongType(kind) => return wrong_type(kind),
        Member::Present(iss) if *cx.party != *iss => {
            return fail(ReasonKind::WrongIssuer, Found::Bytes(iss.len()));
        }
        Member::Present(_) | Member::Absent => {}
    }
    if let Some(aud) = inner.get("aud") {
        check_audience(aud, cx)?;
    }
    let claims = VerifiedClaims::inside(inner);
    oauth::check_scope(claims, cx)?;
    oauth::check_auth_time(claims, cx)?;
    oauth::check_acr(claims, cx)?;
    delegation::check_act(claims, cx)?;
    delegation::check_actor_allowed(claims, cx)?;
    check_binding(inner, cx)
}

/// A token that is bound to a key is of type `DPoP`, and one of that type is bound.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-6.2>
fn check_binding(inner: Value<'_>, cx: &Context<'_>) -> Finding {
    let typ = inner.string("token_type").present();
    let of_dpop = typ.map(|typ| typ.eq_ignore_ascii_case("DPoP"));
    let Some(cnf) = inner.get("cnf") else {
        if of_dpop == Some(true) {
            return fail(ReasonKind::Malformed, words("a token of type DPoP that is not bound"));
        }
        check_unbound(cx)?;
        return PASS;
    };
    if cnf.get("jkt").is_some() && of_dpop == Some(false) {
        return fail(ReasonKind::Malformed, words("a token bound to a key, and not of type DPoP"));
    }
    check_confirmations(cnf, cx)
}

fn check_dates(inner: Value<'_>, cx: &Context<'_>) -> Finding {
    if let Some(exp) = numeric_date_of(inner.get("exp"), Round::Down)?
        && cx.now.get() >= exp.plus(cx.policy.leeway)
    {
        return fail(ReasonKind::Expired, Found::Moment(exp));
    }
    if let Some(nbf) = numeric_date_of(inner.get("nbf"), Round::Up)?
        && cx.now.plus(cx.policy.leeway) < nbf.get()
    {
        return fail(ReasonKind::NotYetValid, Found::Moment(nbf));
    }
    PASS
}
