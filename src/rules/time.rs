//! The registered claims about time: `exp`, `nbf`, `iat`, and how long a token may live.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::parameters::Parameters;
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::Value;
use crate::time::Seconds;

registry! {
    /// `exp` is ahead, within the leeway.
    EXP = ClaimRule::of("claims.exp", "exp", &check_exp)
        .records(Fact::ExpiresAt)
        .section(Section::rfc(7519, "4.1.4"))
        .says("in the future");

    /// `nbf` is not ahead, within the leeway.
    NBF = ClaimRule::of("claims.nbf", "nbf", &check_nbf)
        .section(Section::rfc(7519, "4.1.5"))
        .says("not in the future");

    /// `iat` is not ahead, within the leeway.
    IAT = ClaimRule::made("claims.iat", "iat", |parameters| {
        Some(Arc::new(IssuedBy { ahead: parameters.ahead() }))
    })
    .records(Fact::IssuedAt)
        .section(Section::rfc(7519, "4.1.6"))
    .says("not in the future");

    /// `exp` is not further from `iat` than the kind permits; without `iat`, not further from now.
    LIFETIME = ClaimRule::made_about_all("time.lifetime", |parameters| {
        Some(Arc::new(Lifetime { most: parameters.max_lifetime }))
    })
    .says("`exp` is at most 24 h after `iat`, or after now if there is no `iat`");

    /// `iat` is not longer ago than the greatest age of a token.
    AGE = ClaimRule::made_about_all("time.age", |parameters| {
        let most = parameters.max_token_age?;
        Some(Arc::new(Age { most, leeway: parameters.leeway_of_age() }))
    })
    .says("`iat` is no longer ago than `Profile::max_token_age`, if that is set");
}

fn check_exp(exp: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let exp = numeric_date(exp, Round::Down)?;
    if cx.now.get() < exp.plus(cx.leeway) {
        return Ok(());
    }
    fail(ReasonKind::Expired, Found::Moment(exp))
}

fn check_nbf(nbf: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let nbf = numeric_date(nbf, Round::Up)?;
    if cx.now.plus(cx.leeway) >= nbf.get() {
        return Ok(());
    }
    fail(ReasonKind::NotYetValid, Found::Moment(nbf))
}

struct IssuedBy {
    /// By how many seconds `iat` may lie ahead.
    ahead: i64,
}

impl CheckFn for IssuedBy {
    fn check(&self, iat: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match numeric_date(iat, Round::Up) {
            Err(reason) => reason.into(),
            Ok(iat) if iat.get() <= cx.now.plus(self.ahead) => Finding::Pass,
            Ok(iat) => fail(ReasonKind::IssuedAhead, Found::Moment(iat)),
        }
    }
}

struct Lifetime {
    most: Option<i64>,
}

impl CheckFn for Lifetime {
    fn check(&self, claims: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match (lifetime(claims, cx.now), self.most) {
            (Err(_), _) => Finding::Blocked,
            (Ok(None), _) => Finding::Absent,
            (Ok(Some(seconds)), Some(most)) if seconds > most => {
                fail(ReasonKind::LivesTooLong, Found::Lasting { seconds, most })
            }
            (Ok(Some(_)), _) => Finding::Pass,
        }
    }
}

/// Returns how many seconds the token lives, from `iat` or else from now; `None` without `exp`.
#[inline]
pub(crate) fn lifetime(claims: Value<'_>, now: Seconds) -> Result<Option<i64>, Reason> {
    let exp = claims.get("exp").map(|exp| numeric_date(exp, Round::Down)).transpose()?;
    let iat = claims.get("iat").map(|iat| numeric_date(iat, Round::Up)).transpose()?;
    Ok(exp.map(|exp| exp.since(iat.unwrap_or(now))))
}

struct Age {
    most: i64,
    leeway: i64,
}

impl CheckFn for Age {
    fn check(&self, claims: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        let iat = claims.get("iat").map(|iat| numeric_date(iat, Round::Down));
        let Some(Ok(iat)) = iat else {
            return Finding::Blocked;
        };
        let (seconds, most) = (cx.now.since(iat), self.most);
        if seconds > most.saturating_add(self.leeway) {
            return fail(ReasonKind::TooOld, Found::Lasting { seconds, most });
        }
        Finding::Pass
    }
}

/// Reads a NumericDate: a number of seconds within the calendar. Its fraction is dropped towards the
/// shorter validity. Both neighbours of a fraction must be dates, so that it does not matter which one
/// is taken.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(crate) fn numeric_date(value: Value<'_>, round: Round) -> Result<Seconds, Reason> {
    let Some(integers) = value.as_integers() else {
        return wrong_type(value);
    };
    let [Some(below), Some(above)] = integers.map(Seconds::new) else {
        return fail(ReasonKind::OutsideCalendar, Found::Nothing);
    };
    Ok(match round {
        Round::Down => below,
        Round::Up => above,
    })
}

/// The direction in which the fraction of a date is dropped.
#[derive(Clone, Copy)]
pub(crate) enum Round {
    Down,
    Up,
}

/// The last moment at which a token with these claims can still be accepted. After it, the token is
/// rejected for its age.
pub(crate) fn last_moment(claims: Value<'_>, parameters: &Parameters) -> Option<Seconds> {
    let date = |name| claims.get(name).and_then(|date| numeric_date(date, Round::Up).ok());
    let expires = date("exp").map(|exp| exp.plus(parameters.leeway));
    let ages = date("iat").zip(parameters.max_token_age);
    let ages = ages.map(|(iat, most)| iat.plus(most.saturating_add(parameters.leeway_of_age())));
    let earliest = expires.into_iter().chain(ages).min()?;
    Some(Seconds::nearest(earliest))
}
