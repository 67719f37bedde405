//! Rules of the caller's own, which see claims that passed every other check.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;

use crate::check::{Finding, Found, PASS, Reason, ReasonKind};
use crate::names::Issuer;
use crate::request_facts::RequestFacts;

/// What a rule sees beside the claims.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RuleContext<'a> {
    pub(crate) now: OffsetDateTime,
    pub(crate) issuer: &'a Issuer,
    pub(crate) leeway: i64,
    pub(crate) expect: &'a RequestFacts<'a>,
}

impl<'a> RuleContext<'a> {
    /// The time of the appraisal.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// The issuer of the token, verified.
    pub fn issuer(&self) -> &'a Issuer {
        self.issuer
    }

    /// A fact of the request ([`RequestFacts::fact`]).
    pub fn fact(&self, name: &str) -> Option<&'a str> {
        self.expect.own_fact(name)
    }

    /// By how much clocks may differ.
    pub fn leeway(&self) -> ::time::Duration {
        ::time::Duration::seconds(self.leeway)
    }
}

type Predicate<C> = dyn Fn(&C, &RuleContext<'_>) -> Result<(), &'static str> + Send + Sync;

/// A named rule of a profile.
pub(crate) struct Rule<C> {
    pub(crate) name: Arc<str>,
    pub(crate) predicate: Arc<Predicate<C>>,
}

impl<C> Clone for Rule<C> {
    fn clone(&self) -> Self {
        Self { name: Arc::clone(&self.name), predicate: Arc::clone(&self.predicate) }
    }
}

impl<C> fmt::Debug for Rule<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.name)
    }
}

/// Asks one rule. Its words are the program's, so they can not carry anything from the token.
pub(crate) fn check_rule<C>(rule: &Rule<C>, claims: &C, context: &RuleContext<'_>) -> Finding {
    match (rule.predicate)(claims, context) {
        Ok(()) => PASS,
        Err(words) => Err(Reason::new(ReasonKind::Rule, Found::Words(words.into()))),
    }
}
