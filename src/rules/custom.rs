//! The caller's own rules on typed claims, which run after every other check has passed.

use std::fmt;
use std::sync::Arc;

use super::context::RuleContext;
use crate::check::{Finding, Found, Reason, ReasonKind};

type Predicate<C> = dyn Fn(&C, &RuleContext<'_>) -> Result<(), &'static str> + Send + Sync;

/// A named rule of the caller's own on claims of the caller's type.
pub(crate) struct CustomRule<C> {
    pub(crate) name: Arc<str>,
    pub(crate) predicate: Arc<Predicate<C>>,
}

impl<C> Clone for CustomRule<C> {
    fn clone(&self) -> Self {
        Self { name: Arc::clone(&self.name), predicate: Arc::clone(&self.predicate) }
    }
}

impl<C> CustomRule<C> {
    /// Checks the claims. A refusal's words are the program's, so they cannot carry text of the token.
    pub(crate) fn check(&self, claims: &C, cx: &RuleContext<'_>) -> Finding {
        match (self.predicate)(claims, cx) {
            Ok(()) => Finding::Pass,
            Err(words) => Reason::new(ReasonKind::Rule, Found::Words(words.into())).into(),
        }
    }
}

impl<C> fmt::Debug for CustomRule<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomRule({})", self.name)
    }
}
