//! `aud`: for whom a token is meant.

use super::context::Context;
use super::registered::{check_string_or_uri, words};
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::alg::JwsAlgorithm;
use crate::check::{Finding, Found, PASS, Reason, ReasonKind, fail};
use crate::json::{JsonKind, Value};
use crate::policy::{AudienceRule, ExtraAudiences};
use crate::uri::is_same_resource;

/// `aud` is a string or an array of strings and contains one of the verifier's names; nothing else,
/// where the kind says so. Silence is refusal, but in a kind that may leave it out. Where the audience
/// was waived, `aud` still has the right type, if it is there.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3>, rfc8725bis §3.9
pub(crate) fn check_aud(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let rule = cx.policy.kind.audience;
    let Some(aud) = claims.get("aud") else {
        let optional = [AudienceRule::Waived, AudienceRule::ContainsOneOfMineIfThere];
        return absent(!optional.contains(&rule) || cx.policy.requires("aud"));
    };
    check_audience(aud, cx)
}

/// The names are for the verifier.
pub(super) fn check_audience(aud: Value<'_>, cx: &Context<'_>) -> Finding {
    let rule = cx.policy.kind.audience;
    if aud.kind() != JsonKind::Array {
        if is_mine(aud, cx)? || rule == AudienceRule::Waived {
            return PASS;
        }
        let bytes = aud.as_str().map_or(0, str::len);
        return fail(ReasonKind::WrongAudience, Found::Bytes(bytes));
    }
    let (mut found, mut mine) = (0_usize, 0_usize);
    for element in aud.elements() {
        found = found.saturating_add(1);
        mine = mine.saturating_add(usize::from(is_mine(element, cx)?));
    }
    if found == 0 {
        return fail(ReasonKind::Malformed, words("an empty array"));
    }
    if rule == AudienceRule::Waived {
        return PASS;
    }
    if mine == 0 {
        let words = words(&format!("found an array of {found}"));
        return fail(ReasonKind::WrongAudience, words);
    }
    check_others(aud, found, cx)
}

/// Whether an element is a name of the verifier's own, which is a StringOrURI since the validator was
/// built; any other has to be one too.
fn is_mine(element: Value<'_>, cx: &Context<'_>) -> Result<bool, Reason> {
    let Some(text) = element.as_str() else {
        return wrong_type(element.kind());
    };
    if is_own_name(text, cx) {
        return Ok(true);
    }
    check_string_or_uri(text).map(|_| false)
}

fn is_own_name(text: &str, cx: &Context<'_>) -> bool {
    let mut own = cx.policy.audiences.iter();
    if cx.policy.kind.audience_is_resource {
        return own.any(|own| is_same_resource(own.as_str(), text));
    }
    own.any(|own| *own == *text)
}

/// What stands beside the verifier's own name. Of an ID token with a MAC that is nothing:
/// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
fn check_others(aud: Value<'_>, found: usize, cx: &Context<'_>) -> Finding {
    let by_mac = matches!(cx.algorithm, JwsAlgorithm::Mac(_));
    let alone = cx.policy.kind.audience == AudienceRule::SolelyOneOfMine
        || (by_mac && cx.policy.kind.mac_for_one_audience);
    if alone && found > 1 {
        return fail(ReasonKind::SharedAudience, words(&format!("found an array of {found}")));
    }
    let ExtraAudiences::Trusted(trusted) = &cx.policy.kind.extra_audiences else {
        return PASS;
    };
    let known = |text: &str| is_own_name(text, cx) || trusted.iter().any(|other| *other == *text);
    match aud.elements().filter_map(Value::as_str).find(|text| !known(text)) {
        Some(other) => fail(ReasonKind::SharedAudience, Found::Bytes(other.len())),
        None => PASS,
    }
}
