//! What is remembered of a token that is good for one use.

use super::context::Context;
use super::time::{Round, numeric_date};
use super::verified::VerifiedClaims;
use crate::check::{Finding, PASS, ReasonKind, UNREADABLE};
use crate::replay::{Replay, ReplayGuard, TokenId};
use crate::time::Seconds;

/// The token was not used before, as far as the guard knows.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7>
pub(crate) fn check_replay(
    claims: VerifiedClaims<'_>,
    guard: &dyn ReplayGuard,
    cx: &Context<'_>,
) -> Finding {
    let (Some(jti), Some(until)) = (claims.string("jti").present(), last_moment(claims, cx)) else {
        return UNREADABLE;
    };
    match guard.first_use(&identify(jti, cx), until.to_moment(), cx.now.to_moment()) {
        Replay::FirstUse => PASS,
        Replay::Replayed => Err(ReasonKind::Replayed.into()),
        Replay::Unknown => Err(ReasonKind::ReplayUnknown.into()),
    }
}

/// A hash over the kind, the party and the `jti`, each after its length, so that no two differ by
/// where one ends.
fn identify(jti: &str, cx: &Context<'_>) -> TokenId {
    let kind = &cx.policy.kind;
    let parts = [kind.label, &kind.typ.name(), cx.party.as_str(), jti];
    let framed = parts.map(|part| format!("{}:{part}", part.len()));
    let [.., jti] = &framed;
    let whole = framed.concat();
    let party = whole.strip_suffix(jti.as_str()).unwrap_or_default();
    let party = cx.expect.presenter.unwrap_or(party);
    let hash = |text: &str| (cx.provider.sha256)(text.as_bytes());
    TokenId::new(hash(&whole), hash(party))
}

/// After this moment the token is refused for its age.
fn last_moment(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Option<Seconds> {
    let date = |name| numeric_date(claims, name, Round::Up).ok().flatten();
    let expires = date("exp").map(|exp| exp.plus(cx.policy.leeway));
    let ages = date("iat").zip(cx.policy.kind.max_token_age);
    let ages = ages.map(|(iat, most)| iat.plus(most.saturating_add(cx.policy.leeway_of_age())));
    let earliest = expires.into_iter().chain(ages).min()?;
    Some(Seconds::nearest(earliest))
}
