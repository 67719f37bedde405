//! `token_introspection`: what an authorization server says of another token.

use std::sync::Arc;

use super::audience::Recipients;
use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::delegation::{ActorChain, PermittedActors};
use super::generic::malformed;
use super::oauth::{AuthenticationClass, AuthenticationTime, check_scope};
use super::parameters::Parameters;
use super::possession::{Confirmation, ProofRule};
use super::registry;
use super::rule::ClaimRule;
use super::time::{Round, numeric_date};
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};

registry! {
    /// `token_introspection` is an object with a boolean `active`, and nothing else where that is
    /// `false`. The dates of an active token say that it is active, and its issuer, audience, scope,
    /// actor and key are right, where it has them: the server that answers does not know where the
    /// token was presented, nor how.
    TOKEN_INTROSPECTION = ClaimRule::made("claims.token_introspection", "token_introspection", |parameters| {
        Some(Arc::new(Introspection::new(parameters)))
    })
    .required()
    .section(Section::rfc(9701, "5"))
    .says("an object with a boolean `active`, and nothing else where that is false; its dates, `iss`, `aud`, `scope`, `act`, `acr`, `auth_time`, `token_type` and `cnf` right where it is true");
}

struct Introspection {
    recipients: Recipients,
    chain: ActorChain,
    actors: Option<PermittedActors>,
}

const CONFIRMATION: Confirmation = Confirmation(ProofRule::BindsIntrospected);

impl Introspection {
    fn new(parameters: &Parameters) -> Self {
        Self {
            recipients: Recipients::new(parameters),
            chain: ActorChain { depth: parameters.actor_depth },
            actors: parameters.actors.clone().map(PermittedActors),
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc7662#section-4>
    fn admit(&self, inner: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
        if inner.kind() != JsonKind::Object {
            return wrong_type(inner);
        }
        match inner.get("active").map(|active| (active, active.as_bool())) {
            None => malformed("no member active"),
            Some((active, None)) => wrong_type(active),
            Some((_, Some(false))) if inner.members().count() > 1 => {
                malformed("an inactive token that says more")
            }
            Some((_, Some(false))) => Ok(()),
            Some((_, Some(true))) => self.admit_active(inner, cx),
        }
    }

    fn admit_active(&self, inner: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
        admit_dates(inner, cx)?;
        if let Some(iss) = inner.get("iss") {
            admit_issuer(iss, cx)?;
        }
        if let Some(aud) = inner.get("aud") {
            self.recipients.admit(aud, cx)?;
        }
        if let Some(scope) = inner.get("scope") {
            check_scope(scope, cx)?;
        }
        run(&AuthenticationTime, inner.get("auth_time"), cx)?;
        run(&AuthenticationClass, inner.get("acr"), cx)?;
        if let Some(act) = inner.get("act") {
            self.chain.well_formed(act)?;
            if self.actors.as_ref().is_some_and(|actors| !actors.permit(act, cx)) {
                return Err(ReasonKind::OtherActor.into());
            }
        }
        admit_binding(inner, cx)
    }
}

impl CheckFn for Introspection {
    fn check(&self, inner: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        self.admit(inner, cx).into()
    }
}

/// Runs a check on a member of the inner token.
fn run(check: &dyn CheckFn, value: Option<Value<'_>>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let finding = match value {
        Some(value) => check.check(value, cx),
        None => check.absent(cx),
    };
    match finding {
        Finding::Fail(reason) => Err(reason),
        Finding::Pass | Finding::Absent | Finding::Blocked => Ok(()),
    }
}

fn admit_issuer(iss: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    match iss.as_str() {
        None => wrong_type(iss),
        Some(iss) if *cx.party == *iss => Ok(()),
        Some(iss) => fail(ReasonKind::WrongIssuer, Found::shown(iss)),
    }
}

/// A token that is bound to a key is of type `DPoP`, and one of that type is bound.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-6.2>
fn admit_binding(inner: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let typ = inner.string("token_type").present();
    let of_dpop = typ.map(|typ| typ.eq_ignore_ascii_case("DPoP"));
    let Some(cnf) = inner.get("cnf") else {
        if of_dpop == Some(true) {
            return malformed("a token of type DPoP that is not bound");
        }
        return run(&CONFIRMATION, None, cx);
    };
    if cnf.get("jkt").is_some() && of_dpop == Some(false) {
        return malformed("a token bound to a key, and not of type DPoP");
    }
    CONFIRMATION.satisfied(cnf, cx)
}

fn admit_dates(inner: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    if let Some(exp) = inner.get("exp") {
        let exp = numeric_date(exp, Round::Down)?;
        if cx.now.get() >= exp.plus(cx.leeway) {
            return fail(ReasonKind::Expired, Found::Moment(exp));
        }
    }
    if let Some(nbf) = inner.get("nbf") {
        let nbf = numeric_date(nbf, Round::Up)?;
        if cx.now.plus(cx.leeway) < nbf.get() {
            return fail(ReasonKind::NotYetValid, Found::Moment(nbf));
        }
    }
    Ok(())
}
