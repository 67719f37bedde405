//! `sub_id`: a subject identifier of a known format.

use std::net::IpAddr;

use super::context::RuleContext;
use super::generic::malformed;
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Reason, Section};
use crate::json::{JsonKind, Value};
use crate::uri::is_uri;

registry! {
    /// `sub_id` is a subject identifier of a known format, with the members of that format and no
    /// others.
    SUB_ID = ClaimRule::of("claims.sub_id", "sub_id", &check_sub_id)
        .section(Section::rfc(9493, "3"))
        .says("a subject identifier in its format");
}

fn check_sub_id(sub_id: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    match sub_id.string("format").present() {
        Some("aliases") => check_aliases(sub_id),
        Some("complex") => check_complex(sub_id),
        Some("ip-addresses") => check_addresses(sub_id),
        _ => check_identifier(sub_id),
    }
}

/// Parts of one subject, each an identifier.
///
/// [Shared Signals Framework §3.2](https://openid.net/specs/openid-sharedsignals-framework-1_0.html)
fn check_complex(sub_id: Value<'_>) -> Result<(), Reason> {
    const PARTS: &[&str] =
        &["user", "device", "session", "application", "tenant", "org_unit", "group"];
    let mut parts = sub_id.members().filter(|(name, _)| *name != "format").peekable();
    if parts.peek().is_none() {
        return malformed("a complex subject without parts");
    }
    for (_, part) in parts {
        check_identifier(part)?;
    }
    check_no_others(sub_id, PARTS)
}

fn check_addresses(sub_id: Value<'_>) -> Result<(), Reason> {
    let list = sub_id.get("ip-addresses").filter(|list| list.kind() == JsonKind::Array);
    let Some(list) = list.filter(|list| list.elements().next().is_some()) else {
        return malformed("no array of addresses");
    };
    let address =
        |element: Value<'_>| element.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok());
    if !list.elements().all(address) {
        return malformed("an element that is no address");
    }
    check_no_others(sub_id, &["ip-addresses"])
}

/// Identifiers of one subject, none of them aliases again:
/// <https://www.rfc-editor.org/rfc/rfc9493#section-3.2.8>
fn check_aliases(sub_id: Value<'_>) -> Result<(), Reason> {
    let identifiers = sub_id.get("identifiers").filter(|list| list.kind() == JsonKind::Array);
    let Some(identifiers) = identifiers.filter(|list| list.elements().next().is_some()) else {
        return malformed("aliases without identifiers");
    };
    identifiers.elements().try_for_each(check_identifier)?;
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

fn check_identifier(sub_id: Value<'_>) -> Result<(), Reason> {
    if sub_id.kind() != JsonKind::Object {
        return wrong_type(sub_id);
    }
    let format = sub_id.string("format").present();
    let known = FORMATS.iter().find(|(name, _)| Some(*name) == format);
    let Some((name, members)) = known else {
        return malformed("a subject identifier of no known format");
    };
    for member in *members {
        match sub_id.get(member).map(|value| (value, value.as_str())) {
            Some((value, None)) => return wrong_type(value),
            Some((_, Some(text))) if is_in_format(name, text) => {}
            Some((_, Some(_))) => return malformed("not in its format"),
            None => return malformed("a member is missing"),
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

fn check_no_others(sub_id: Value<'_>, members: &[&str]) -> Result<(), Reason> {
    let known = |name: &str| name == "format" || members.contains(&name);
    match sub_id.members().find(|(name, _)| !known(name)) {
        Some(_) => malformed("a member that the format does not have"),
        None => Ok(()),
    }
}
