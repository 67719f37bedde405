//! Scopes: which of them imply others, and that there are too few.

use std::fmt;
use std::sync::Arc;

/// Which scopes imply others: whether the first, granted, implies the second.
#[derive(Clone)]
pub(crate) struct ScopeHierarchy(Arc<Implies>);

type Implies = dyn Fn(&str, &str) -> bool + Send + Sync;

impl ScopeHierarchy {
    pub(crate) fn new(implies: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(implies))
    }

    pub(crate) fn implies(&self, granted: &str, needed: &str) -> bool {
        (self.0)(granted, needed)
    }
}

impl fmt::Debug for ScopeHierarchy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ScopeHierarchy")
    }
}

/// A token that does not permit an operation: 403.
///
/// [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InsufficientScope {
    required: Box<[Box<str>]>,
    missing: usize,
}

impl InsufficientScope {
    pub(crate) fn new<'a>(required: impl IntoIterator<Item = &'a str>, missing: usize) -> Self {
        Self { required: required.into_iter().map(Into::into).collect(), missing }
    }

    /// Every scope that the operation needs, whether the token has it or not, so that one challenge
    /// names them all. It is empty where authorization details are missing.
    pub fn required(&self) -> impl Iterator<Item = &str> {
        self.required.iter().map(|scope| &**scope)
    }
}

impl std::error::Error for InsufficientScope {}

/// The scopes are the program's, not the token's.
impl fmt::Display for InsufficientScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.required.is_empty() {
            return f.write_str("no element of authorization_details permits the operation");
        }
        match (self.missing, self.required.len()) {
            (_, 1) => f.write_str("the token lacks the scope that the operation needs:")?,
            (missing, all) => {
                write!(
                    f,
                    "the token lacks {missing} of the {all} scopes that the operation needs:"
                )?;
            }
        }
        self.required().try_for_each(|scope| write!(f, " {scope}"))
    }
}
