//! The registered claims about time: `exp`, `nbf`, `iat`, and how long a token may live.

use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{ABSENT, Finding, Found, PASS, Reason, ReasonKind, UNREADABLE, fail};
use crate::json::Value;
use crate::policy::ClaimsPolicy;
use crate::time::Seconds;

/// `now` is before `exp`, within the leeway. Required, unless the profile bounds the age instead.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4>
pub(crate) fn check_exp(
    claims: VerifiedClaims<'_>,
    now: Seconds,
    policy: &ClaimsPolicy,
) -> Finding {
    match numeric_date(claims, "exp", Value::as_floor)? {
        None => absent(policy.requires("exp")),
        Some(exp) if now.get() < exp.plus(policy.leeway) => PASS,
        Some(exp) => fail(ReasonKind::Expired, Found::Moment(exp)),
    }
}

/// `now` is not before `nbf`, within the leeway.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5>
pub(crate) fn check_nbf(
    claims: VerifiedClaims<'_>,
    now: Seconds,
    policy: &ClaimsPolicy,
) -> Finding {
    match numeric_date(claims, "nbf", Value::as_ceil)? {
        None => absent(policy.requires("nbf")),
        Some(nbf) if now.plus(policy.leeway) >= nbf.get() => PASS,
        Some(nbf) => fail(ReasonKind::NotYetValid, Found::Moment(nbf)),
    }
}

/// `iat` does not lie in the future, within the leeway.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6>
pub(crate) fn check_iat(
    claims: VerifiedClaims<'_>,
    now: Seconds,
    policy: &ClaimsPolicy,
) -> Finding {
    match numeric_date(claims, "iat", Value::as_ceil)? {
        None => absent(policy.requires("iat")),
        Some(iat) if iat.get() <= now.plus(policy.leeway) => PASS,
        Some(iat) => fail(ReasonKind::IssuedAhead, Found::Moment(iat)),
    }
}

/// `exp` is not further from `iat` than the kind permits; without `iat`, not further from `now`.
pub(crate) fn check_lifetime(
    claims: VerifiedClaims<'_>,
    now: Seconds,
    policy: &ClaimsPolicy,
) -> Finding {
    let exp = numeric_date(claims, "exp", Value::as_floor);
    let iat = numeric_date(claims, "iat", Value::as_ceil);
    let seconds = match (exp, iat) {
        (Ok(Some(exp)), Ok(Some(iat))) => exp.since(iat),
        (Ok(Some(exp)), Ok(None)) => exp.since(now),
        (Ok(None), Ok(_)) => return ABSENT,
        _ => return UNREADABLE,
    };
    match policy.kind.max_lifetime {
        Some(most) if seconds > most => {
            fail(ReasonKind::LivesTooLong, Found::Lasting { seconds, most })
        }
        _ => PASS,
    }
}

/// The token was issued no longer ago than the profile permits, within the leeway.
pub(crate) fn check_age(
    claims: VerifiedClaims<'_>,
    now: Seconds,
    policy: &ClaimsPolicy,
) -> Finding {
    let (Ok(Some(iat)), Some(most)) =
        (numeric_date(claims, "iat", Value::as_floor), policy.kind.max_age)
    else {
        return UNREADABLE;
    };
    let seconds = now.since(iat);
    if seconds > most.saturating_add(policy.leeway) {
        return fail(ReasonKind::TooOld, Found::Lasting { seconds, most });
    }
    PASS
}

/// Both neighbours of a fraction have to be dates, so that it does not matter which one is taken.
fn is_in_calendar(value: Value<'_>) -> bool {
    let neighbours = [value.as_floor(), value.as_ceil()];
    neighbours.into_iter().all(|seconds| seconds.and_then(Seconds::new).is_some())
}

/// A NumericDate: a number of seconds within the calendar. Its fraction is dropped towards the
/// shorter validity.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(super) fn numeric_date<'d>(
    claims: VerifiedClaims<'d>,
    name: &str,
    round: fn(Value<'d>) -> Option<i64>,
) -> Result<Option<Seconds>, Reason> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    match round(value) {
        None => wrong_type(value.kind()),
        Some(_) if !is_in_calendar(value) => fail(ReasonKind::OutsideCalendar, Found::Nothing),
        Some(seconds) => Ok(Seconds::new(seconds)),
    }
}
