//! What a check function concludes.

use super::found::Found;
use super::reason::{Reason, ReasonKind};

/// What a check concludes.
///
/// A rule returns it, or a `Result<(), Reason>`, which converts into it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a check has nothing else to conclude")]
pub enum Finding {
    /// The value is right.
    Pass,
    /// The optional member that the check is about is absent.
    Absent,
    /// Another check rejected what this one needs, so it did not run.
    Blocked,
    /// The value is wrong.
    Fail(Reason),
}

impl Finding {
    /// Whether the check failed.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Fail(_))
    }
}

impl From<Reason> for Finding {
    fn from(reason: Reason) -> Self {
        Self::Fail(reason)
    }
}

impl From<ReasonKind> for Finding {
    fn from(kind: ReasonKind) -> Self {
        Self::Fail(kind.into())
    }
}

impl From<Result<(), Reason>> for Finding {
    fn from(result: Result<(), Reason>) -> Self {
        result.map_or_else(Self::Fail, |()| Self::Pass)
    }
}

impl From<Result<Finding, Reason>> for Finding {
    fn from(result: Result<Finding, Reason>) -> Self {
        result.unwrap_or_else(Self::Fail)
    }
}

/// What can say that a check failed: a finding, or a result on the way to one.
pub(crate) trait Failure {
    fn of(reason: Reason) -> Self;
}

impl Failure for Finding {
    fn of(reason: Reason) -> Self {
        Self::Fail(reason)
    }
}

impl<T> Failure for Result<T, Reason> {
    fn of(reason: Reason) -> Self {
        Err(reason)
    }
}

/// Fails for a reason.
pub(crate) fn fail<F: Failure>(kind: ReasonKind, found: Found) -> F {
    F::of(Reason::new(kind, found))
}
