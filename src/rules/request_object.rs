//! The parameters of an authorization request.

use super::context::RuleContext;
use super::generic::check_text;
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Reason, Section};
use crate::json::{JsonKind, Value};

registry! {
    /// `request` must be absent: a request object contains no other.
    REQUEST = ClaimRule::of("claims.request", "request", &check_text)
        .forbidden()
        .section(Section::rfc(9101, "4"))
        .says("a request object contains no other");

    /// `request_uri` must be absent: a request object refers to no other.
    REQUEST_URI = ClaimRule::of("claims.request_uri", "request_uri", &check_text)
        .forbidden()
        .section(Section::rfc(9101, "4"))
        .says("a request object refers to no other");

    /// The parameters of an authorization request are strings, and `max_age` is a number.
    PARAMETERS = ClaimRule::about_all("request.parameters", &check_parameters)
        .section(Section::rfc(9101, "4"))
        .says("the parameters are strings, and `max_age` is a number");
}

fn check_parameters(claims: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
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
        match claims.get(name) {
            Some(parameter) if parameter.as_str().is_none() => return wrong_type(parameter),
            _ => {}
        }
    }
    match claims.get("max_age") {
        Some(max_age) if max_age.kind() != JsonKind::Number => wrong_type(max_age),
        _ => Ok(()),
    }
}
