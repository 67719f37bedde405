//! Who acts for a token's subject.

use std::sync::Arc;

use super::context::Context;
use super::registered::words;
use super::verified::{VerifiedClaims, absent, wrong_type};
use crate::check::{ABSENT, Finding, PASS, ReasonKind, fail};
use crate::json::{JsonKind, Member, Value};

/// `act` is an object that names the actor, and so is each earlier one inside it; none stands twice.
///
/// <https://www.rfc-editor.org/rfc/rfc8693#section-4.1>
pub(crate) fn check_act(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let Some(outermost) = claims.get("act") else {
        return absent(cx.policy.requires("act"));
    };
    for (depth, actor) in chain(outermost).enumerate() {
        if depth >= cx.policy.actor_depth {
            return Err(ReasonKind::TooDeep.into());
        }
        check_actor(actor)?;
        if chain(outermost).take(depth).any(|earlier| is_same_actor(earlier, actor)) {
            return Err(ReasonKind::ActorTwice.into());
        }
    }
    PASS
}

/// The current actor, and those who acted before.
fn chain(outermost: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    std::iter::successors(Some(outermost), |actor| actor.get("act"))
}

fn is_same_actor(one: Value<'_>, other: Value<'_>) -> bool {
    NAMES.iter().all(|name| one.string(name) == other.string(name))
}

const NAMES: &[&str] = &["sub", "client_id", "iss"];

/// An object that names the actor as a subject or as a client, each name a string, and says nothing
/// about time or audience, which mean nothing there.
fn check_actor(actor: Value<'_>) -> Finding {
    const MEANINGLESS: &[&str] = &["exp", "nbf", "iat", "aud"];
    check_names(actor)?;
    if MEANINGLESS.iter().any(|name| actor.get(name).is_some()) {
        let text = "an actor with exp, nbf, iat or aud, which mean nothing there";
        return fail(ReasonKind::Malformed, words(text));
    }
    PASS
}

fn check_names(actor: Value<'_>) -> Finding {
    if actor.kind() != JsonKind::Object {
        return wrong_type(actor.kind());
    }
    for name in NAMES {
        match actor.string(name) {
            Member::WrongType(kind) => return wrong_type(kind),
            Member::Present("") => return fail(ReasonKind::Malformed, words("an empty name")),
            Member::Present(_) | Member::Absent => {}
        }
    }
    if actor.get("sub").is_none() && actor.get("client_id").is_none() {
        return fail(ReasonKind::Malformed, words("an actor without sub and client_id"));
    }
    PASS
}

/// `may_act` is an object that names who may become the actor.
///
/// <https://www.rfc-editor.org/rfc/rfc8693#section-4.4>
pub(crate) fn check_may_act(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    match claims.get("may_act") {
        None => absent(cx.policy.requires("may_act")),
        Some(actor) => check_names(actor),
    }
}

/// The current actor is one of those that the policy permits, by `sub` and by `client_id`, whichever it
/// has a list for. Those who acted before are history and decide nothing.
///
/// <https://www.rfc-editor.org/rfc/rfc8693#section-4.1>
pub(crate) fn check_actor_allowed(claims: VerifiedClaims<'_>, cx: &Context<'_>) -> Finding {
    let (Some(permitted), Some(actor)) = (&cx.policy.kind.actors, claims.get("act")) else {
        return ABSENT;
    };
    // An actor of another issuer is somebody else, whatever its name.
    let foreign = actor.string("iss").present().is_some_and(|iss| *cx.party != *iss);
    let found = [("sub", &permitted.subjects), ("client_id", &permitted.clients)]
        .map(|(name, list)| is_permitted(actor.string(name).present(), list.as_deref()));
    if foreign || found.contains(&Some(false)) || !found.contains(&Some(true)) {
        return Err(ReasonKind::OtherActor.into());
    }
    PASS
}

/// Whether a list has the name; nothing where there is no list, or no name.
fn is_permitted(name: Option<&str>, list: Option<&[Arc<str>]>) -> Option<bool> {
    let (name, list) = name.zip(list)?;
    Some(list.iter().any(|permitted| **permitted == *name))
}
