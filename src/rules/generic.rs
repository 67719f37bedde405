//! What any claim can be held to.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, fail};
use crate::json::{JsonKind, Value};
use crate::request_facts::Sent;
use crate::uri::is_string_or_uri;

/// A claim is a string that is not empty.
pub(super) fn check_text(claim: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    text(claim).map(|_| ())
}

/// The text of a claim, which is not empty.
pub(super) fn text<'d>(claim: Value<'d>) -> Result<&'d str, Reason> {
    match claim.as_str() {
        None => wrong_type(claim),
        Some("") => malformed("an empty string"),
        Some(text) => Ok(text),
    }
}

/// A text is a StringOrURI: any text, but one with a `:` must be a URI.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(super) fn check_string_or_uri(text: &str) -> Result<(), Reason> {
    if is_string_or_uri(text) { Ok(()) } else { malformed("has a ':' but is not a URI") }
}

/// A claim is not `null`.
fn check_not_null(claim: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    if claim.kind() == JsonKind::Null { wrong_type(claim) } else { Ok(()) }
}

/// A claim that the caller requires: present, and not `null`. Its type is a matter of the claims type.
pub(crate) fn required_claim(name: &Arc<str>) -> ClaimRule {
    let code = format!("claims.{name}");
    ClaimRule::new(code, name.to_string(), check_not_null).required().says("present")
}

/// An array of strings.
pub(super) fn check_strings(list: Value<'_>) -> Result<(), Reason> {
    if list.kind() != JsonKind::Array {
        return wrong_type(list);
    }
    match list.elements().find(|element| element.as_str().is_none()) {
        Some(other) => wrong_type(other),
        None => Ok(()),
    }
}

/// A claim is the value that was sent with the request. A claim without a value to compare it with,
/// and a value without its claim, are both wrong.
pub(super) fn compare_with_sent(
    claim: Option<Value<'_>>,
    sent: &Sent<'_>,
    required: bool,
) -> Finding {
    let Some(claim) = claim else {
        return if required || !sent.is_empty() { missing() } else { Finding::Absent };
    };
    match text(claim) {
        Err(reason) => reason.into(),
        Ok(_) if sent.is_empty() => fail(ReasonKind::FactNotGiven, Found::Nothing),
        Ok(claim) if sent.contains(claim) => Finding::Pass,
        Ok(claim) => fail(ReasonKind::OtherRequest, Found::Bytes(claim.len())),
    }
}

/// A claim equals the fact of the request that has its name.
pub(crate) struct MatchesFact(pub(crate) Arc<str>);

impl CheckFn for MatchesFact {
    fn check(&self, claim: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match (claim.as_str(), cx.facts.own_fact(&self.0)) {
            (None, _) => wrong_type(claim),
            (Some(_), None) => fail(ReasonKind::FactNotGiven, Found::Nothing),
            (Some(claim), Some(fact)) if claim == fact => Finding::Pass,
            (Some(claim), Some(_)) => fail(ReasonKind::OtherRequest, Found::Bytes(claim.len())),
        }
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        match cx.facts.own_fact(&self.0) {
            None => fail(ReasonKind::FactNotGiven, Found::Nothing),
            Some(_) => missing(),
        }
    }
}

pub(super) fn missing() -> Finding {
    ReasonKind::Missing.into()
}

/// Fails because of a value that is malformed, in the program's words.
pub(super) fn malformed<T>(text: &str) -> Result<T, Reason> {
    fail(ReasonKind::Malformed, words(text))
}

pub(super) fn words(text: &str) -> Found {
    Found::Words(text.into())
}
