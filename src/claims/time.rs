//! The registered claims about time: `exp`, `nbf`, `iat`, and how long a token may live.

use super::context::Context;
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{ABSENT, Finding, Found, PASS, Reason, ReasonKind, UNREADABLE, fail};
use crate::json::Value;
use crate::time::Seconds;

/// `now` is before `exp`, within the leeway. Required, unless the profile bounds the age instead.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4>
pub(crate) fn check_exp(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match numeric_date(claims, "exp", Round::Down)? {
        None => absent(cx.policy.requires("exp")),
        Some(exp) if cx.now.get() < exp.plus(cx.policy.leeway) => PASS,
        Some(exp) => fail(ReasonKind::Expired, Found::Moment(exp)),
    }
}

/// `now` is not before `nbf`, within the leeway.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5>
pub(crate) fn check_nbf(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match numeric_date(claims, "nbf", Round::Up)? {
        None => absent(cx.policy.requires("nbf")),
        Some(nbf) if cx.now.plus(cx.policy.leeway) >= nbf.get() => PASS,
        Some(nbf) => fail(ReasonKind::NotYetValid, Found::Moment(nbf)),
    }
}

/// `iat` does not lie in the future, within the leeway.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6>
pub(crate) fn check_iat(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match numeric_date(claims, "iat", Round::Up)? {
        None => absent(cx.policy.requires("iat")),
        Some(iat) if iat.get() <= cx.now.plus(cx.policy.ahead()) => PASS,
        Some(iat) => fail(ReasonKind::IssuedAhead, Found::Moment(iat)),
    }
}

/// `exp` is not further from `iat` than the kind permits; without `iat`, not further from `now`.
pub(crate) fn check_lifetime(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let exp = numeric_date(claims, "exp", Round::Down);
    let iat = numeric_date(claims, "iat", Round::Up);
    let seconds = match (exp, iat) {
        (Ok(Some(exp)), Ok(Some(iat))) => exp.since(iat),
        (Ok(Some(exp)), Ok(None)) => exp.since(cx.now),
        (Ok(None), Ok(_)) => return ABSENT,
        _ => return UNREADABLE,
    };
    match cx.policy.kind.max_lifetime {
        Some(most) if seconds > most => {
            fail(ReasonKind::LivesTooLong, Found::Lasting { seconds, most })
        }
        _ => PASS,
    }
}

/// The token was issued no longer ago than the profile permits, within the leeway.
pub(crate) fn check_age(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let (Ok(Some(iat)), Some(most)) =
        (numeric_date(claims, "iat", Round::Down), cx.policy.kind.max_token_age)
    else {
        return UNREADABLE;
    };
    let seconds = cx.now.since(iat);
    if seconds > most.saturating_add(cx.policy.leeway_of_age()) {
        return fail(ReasonKind::TooOld, Found::Lasting { seconds, most });
    }
    PASS
}

/// A NumericDate: a number of seconds within the calendar. Its fraction is dropped towards the
/// shorter validity; both neighbours of a fraction have to be dates, so that it does not matter
/// which one is taken.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(super) fn numeric_date(
    claims: VerifiedClaims<'_>,
    name: &str,
    round: Round,
) -> Result<Option<Seconds>, Reason> {
    numeric_date_of(claims.get(name), round)
}

pub(super) fn numeric_date_of(
    value: Option<Value<'_>>,
    round: Round,
) -> Result<Option<Seconds>, Reason> {
    let Some(value) = value else {
        return Ok(None);
    };
    let Some(integers) = value.as_integers() else {
        return wrong_type(value.kind());
    };
    let [Some(below), Some(above)] = integers.map(Seconds::new) else {
        return fail(ReasonKind::OutsideCalendar, Found::Nothing);
    };
    Ok(Some(match round {
        Round::Down => below,
        Round::Up => above,
    }))
}

/// Where to the fraction of a date is dropped.
#[derive(Clone, Copy)]
pub(super) enum Round {
    Down,
    Up,
}
