//! The actors that act for a token's subject.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::generic::malformed;
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Finding, Reason, ReasonKind, Section};
use crate::json::{JsonKind, Member, Value};
use crate::policy::Actors;

registry! {
    /// `act` is an object that names the actor, and so is each earlier actor inside it; none occurs
    /// twice.
    ACT = ClaimRule::made("claims.act", "act", |parameters| {
        Some(Arc::new(ActorChain { depth: parameters.actor_depth }))
    })
    .records(Fact::Actors)
        .section(Section::rfc(8693, "4.1"))
    .says("objects that name actors, none twice");

    /// The current actor is one of those that the policy permits.
    ACTOR_ALLOWED = ClaimRule::made_about_all("actor.allowed", |parameters| {
        Some(Arc::new(PermittedActors(parameters.actors.clone()?)))
    })
    .section(Section::rfc(8693, "4.1"))
    .says("the current actor is permitted (`Profile::actors`), if there is one");

    /// `may_act` is an object that names the party that may become the actor.
    MAY_ACT = ClaimRule::of("claims.may_act", "may_act", &check_may_act)
        .section(Section::rfc(8693, "4.4"))
        .says("an object that names an actor");
}

pub(super) struct ActorChain {
    pub(super) depth: usize,
}

impl CheckFn for ActorChain {
    fn check(&self, act: Value<'_>, _: &RuleContext<'_>) -> Finding {
        self.well_formed(act).into()
    }
}

impl ActorChain {
    pub(super) fn well_formed(&self, outermost: Value<'_>) -> Result<(), Reason> {
        for (depth, actor) in chain(outermost).enumerate() {
            if depth >= self.depth {
                return Err(ReasonKind::TooDeep.into());
            }
            check_actor(actor)?;
            if chain(outermost).take(depth).any(|earlier| is_same_actor(earlier, actor)) {
                return Err(ReasonKind::ActorTwice.into());
            }
        }
        Ok(())
    }
}

/// The current actor, then those that acted before.
fn chain(outermost: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    std::iter::successors(Some(outermost), |actor| actor.get("act"))
}

const NAMES: &[&str] = &["sub", "client_id", "iss"];

fn is_same_actor(one: Value<'_>, other: Value<'_>) -> bool {
    NAMES.iter().all(|name| one.string(name) == other.string(name))
}

/// An object that names the actor as a subject or as a client, each name a string, without members
/// about time or audience, which have no meaning there.
fn check_actor(actor: Value<'_>) -> Result<(), Reason> {
    const MEANINGLESS: &[&str] = &["exp", "nbf", "iat", "aud"];
    check_names(actor)?;
    if MEANINGLESS.iter().any(|name| actor.get(name).is_some()) {
        return malformed("an actor with exp, nbf, iat or aud, which mean nothing there");
    }
    Ok(())
}

fn check_names(actor: Value<'_>) -> Result<(), Reason> {
    if actor.kind() != JsonKind::Object {
        return wrong_type(actor);
    }
    for name in NAMES {
        match actor.get(name).map(|value| (value, value.as_str())) {
            Some((value, None)) => return wrong_type(value),
            Some((_, Some(""))) => return malformed("an empty name"),
            Some((_, Some(_))) | None => {}
        }
    }
    if actor.get("sub").is_none() && actor.get("client_id").is_none() {
        return malformed("an actor without sub and client_id");
    }
    Ok(())
}

fn check_may_act(actor: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    check_names(actor)
}

/// The permitted actors, by `sub` and by `client_id`. Actors that acted before are history and decide
/// nothing.
pub(super) struct PermittedActors(pub(super) Actors);

impl CheckFn for PermittedActors {
    fn check(&self, claims: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match claims.get("act") {
            None => Finding::Absent,
            Some(actor) if self.permit(actor, cx) => Finding::Pass,
            Some(_) => ReasonKind::OtherActor.into(),
        }
    }
}

impl PermittedActors {
    pub(super) fn permit(&self, actor: Value<'_>, cx: &RuleContext<'_>) -> bool {
        // An actor of another issuer is another actor, whatever its name.
        let foreign = actor.string("iss").present().is_some_and(|iss| *cx.party != *iss);
        let found = [("sub", &self.0.subjects), ("client_id", &self.0.clients)]
            .map(|(name, list)| is_permitted(actor.string(name), list.as_deref()));
        !foreign && !found.contains(&Some(false)) && found.contains(&Some(true))
    }
}

/// Whether a list contains the name; `None` where there is no list, or no name.
fn is_permitted(name: Member<&str>, list: Option<&[Arc<str>]>) -> Option<bool> {
    let (name, list) = name.present().zip(list)?;
    Some(list.iter().any(|permitted| **permitted == *name))
}
