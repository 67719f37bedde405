//! The check of a rule.

use super::context::RuleContext;
use crate::check::Finding;
use crate::json::Value;

/// The check of a [`ClaimRule`](super::ClaimRule). A function of a value and a context is one:
///
/// ```
/// use jwt_appraisal::json::Value;
/// use jwt_appraisal::rules::RuleContext;
/// use jwt_appraisal::{Reason, ReasonKind};
///
/// /// `color` is a name that this service knows.
/// fn check_color(color: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
///     match color.as_str() {
///         Some("red" | "green") => Ok(()),
///         Some(_) => Err(ReasonKind::NotPermitted.into()),
///         None => Err(Reason::wrong_type(color)),
///     }
/// }
/// ```
pub trait CheckFn: Send + Sync {
    /// Checks the value of the claim; of a rule about the whole claims set, the set.
    fn check(&self, value: Value<'_>, cx: &RuleContext<'_>) -> Finding;

    /// Concludes from the absence of an optional claim. Most checks have nothing to say about that;
    /// one that compares the claim with a fact of the request may.
    fn absent(&self, _cx: &RuleContext<'_>) -> Finding {
        Finding::Absent
    }

    /// Describes what the check expects, in the operator's words.
    fn expects(&self) -> Option<String> {
        None
    }
}

impl<F, R> CheckFn for F
where
    F: Fn(Value<'_>, &RuleContext<'_>) -> R + Send + Sync,
    R: Into<Finding>,
{
    fn check(&self, value: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        self(value, cx).into()
    }
}
