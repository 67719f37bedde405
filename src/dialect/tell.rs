//! Tells: what distinguishes an issuer's tokens of one kind from its other tokens.

use std::fmt;

use super::Dialect;
use crate::check::{Found, Reason, ReasonKind};
use crate::json::{JsonKind, Value};

/// What a claim must be.
#[derive(Clone, Eq, PartialEq)]
pub(super) enum Tell {
    Has(Box<str>),
    HasOneOf(Vec<Box<str>>),
    Is(Box<str>, Box<str>),
    HasNot(Box<str>),
    IsNot(Box<str>, Box<str>),
}

impl Tell {
    fn holds(&self, claims: Value<'_>) -> bool {
        let has =
            |claim: &str| claims.get(claim).is_some_and(|claim| claim.kind() != JsonKind::Null);
        let text = |claim: &str| claims.get(claim).map(Value::as_str);
        match self {
            Self::Has(claim) => has(claim),
            Self::HasOneOf(all) => all.iter().any(|claim| has(claim)),
            Self::Is(claim, value) => text(claim) == Some(Some(value)),
            Self::HasNot(claim) => claims.get(claim).is_none(),
            // A list might contain the value, so what is no string is as good as the value.
            Self::IsNot(claim, value) => match text(claim) {
                None => true,
                Some(found) => found.is_some_and(|found| *found != **value),
            },
        }
    }

    /// The claims that it looks at.
    pub(super) fn claims(&self) -> impl Iterator<Item = &str> {
        let several = match self {
            Self::HasOneOf(all) => all.as_slice(),
            Self::Has(claim) | Self::HasNot(claim) | Self::Is(claim, _) | Self::IsNot(claim, _) => {
                std::slice::from_ref(claim)
            }
        };
        several.iter().map(|claim| &**claim)
    }

    /// The value that it compares with.
    pub(super) fn value(&self) -> Option<&str> {
        match self {
            Self::Is(_, value) | Self::IsNot(_, value) => Some(value),
            Self::Has(_) | Self::HasOneOf(_) | Self::HasNot(_) => None,
        }
    }

    /// Whether it says what the token is, and not only what it is not.
    pub(super) fn is_positive(&self) -> bool {
        matches!(self, Self::Has(_) | Self::HasOneOf(_) | Self::Is(..))
    }

    /// Whether no token can have both.
    pub(super) fn contradicts(&self, other: &Self) -> bool {
        let is_needed = |claim: &str| match self {
            Self::Has(own) | Self::Is(own, _) => **own == *claim,
            Self::HasOneOf(all) => all.iter().all(|own| **own == *claim),
            Self::HasNot(_) | Self::IsNot(..) => false,
        };
        match (self, other) {
            (_, Self::HasNot(claim)) => is_needed(claim),
            (Self::Is(own, value), Self::IsNot(claim, other)) => own == claim && value == other,
            (Self::Is(own, value), Self::Is(claim, other)) => own == claim && value != other,
            _ => false,
        }
    }
}

impl fmt::Display for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Has(claim) => write!(f, "{claim:?} present"),
            Self::HasOneOf(all) => {
                let all: Vec<_> = all.iter().map(|claim| format!("{claim:?}")).collect();
                write!(f, "{} present", all.join(" or "))
            }
            Self::Is(claim, value) => write!(f, "{claim:?} to be {value:?}"),
            Self::HasNot(claim) => write!(f, "{claim:?} absent"),
            Self::IsNot(claim, value) => write!(f, "{claim:?} not to be {value:?}"),
        }
    }
}

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Dialect {
    /// Checks the claims, as the issuer wrote them, against every tell. The reason names those that fail, in
    /// the words of the dialect.
    pub(crate) fn check_tells(&self, claims: Value<'_>) -> Result<(), Reason> {
        let failed: Vec<_> =
            self.tells.iter().filter(|tell| !tell.holds(claims)).map(ToString::to_string).collect();
        if failed.is_empty() {
            return Ok(());
        }
        let words = format!("expected {}", failed.join(" and "));
        Err(Reason::new(ReasonKind::NoDiscriminator, Found::Words(words.into())))
    }

    /// Whether it has any tell.
    pub(crate) fn has_tells(&self) -> bool {
        !self.tells.is_empty()
    }
}
