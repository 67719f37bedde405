//! The vocabulary of an appraisal: checks, their outcomes, and the reasons for a refusal.

mod finding;
mod found;
mod ignored;
mod ledger;
mod leniency;
mod plan;
mod reason;
mod section;
mod stage;

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use finding::Finding;
pub use ignored::IgnoredKeys;
pub use leniency::{Leniencies, Leniency};
pub use reason::{Reason, ReasonKind};
pub use section::Section;

pub(crate) use finding::{Failure, fail};
pub(crate) use found::Found;
pub(crate) use ledger::Ledger;
pub(crate) use plan::{Plan, PlannedCheck, PolicyId};
pub(crate) use stage::Stage;

/// The stable code of a check, `stage.thing`: the same string in reports, logs, tests and docs.
///
/// ```
/// # use jwt_appraisal::testing::TestIssuer;
/// # use jwt_appraisal::{KeyStore, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = TestIssuer::new("https://as.example.com");
/// # let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&issuer.jwks())?)?;
/// # let validator = Validator::builder(Profile::access_token())
/// #     .issuer(TrustedIssuer::new("https://as.example.com", keys))
/// #     .audience("https://api.example.com")
/// #     .build()?;
/// let appraisal = validator.appraise("not.a.token");
/// assert!(appraisal.checks().any(|check| check.id() == "form.header"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct CheckId(Code);

#[derive(Clone)]
enum Code {
    BuiltIn(&'static str),
    Named(Arc<str>),
}

impl CheckId {
    pub(crate) fn named(code: Cow<'static, str>) -> Self {
        Self(match code {
            Cow::Borrowed(code) => Code::BuiltIn(code),
            Cow::Owned(code) => Code::Named(code.into()),
        })
    }

    /// The code, such as `header.alg`.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Code::BuiltIn(code) => code,
            Code::Named(code) => code,
        }
    }
}

impl From<Stage> for CheckId {
    fn from(stage: Stage) -> Self {
        Self(Code::BuiltIn(stage.code()))
    }
}

impl Eq for CheckId {}

impl PartialEq for CheckId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Hash for CheckId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for CheckId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for CheckId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of one check.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It ran and passed.
    Pass,
    /// It ran and passed, but the header has keys or links to keys, which were ignored (check
    /// `header.keys`).
    Ignored(IgnoredKeys),
    /// It ran and passed, or found nothing, only because the issuer's dialect permits what the kind of token
    /// does not.
    Lenient(Leniencies),
    /// It is about an optional member that is not there.
    Absent,
    /// It ran and failed: the token's fault.
    Fail(Reason),
    /// It could not be decided: neither the token's fault nor the caller's.
    Undetermined(Reason),
    /// It did not run: an earlier stage failed, or another check refused what it needs.
    NotReached,
    /// It was switched off through [`danger`](crate::danger) when the validator was built.
    Waived,
}

impl Outcome {
    /// Whether this outcome stands in the way of acceptance.
    pub fn refuses(&self) -> bool {
        !matches!(
            self,
            Self::Pass | Self::Ignored(_) | Self::Lenient(_) | Self::Absent | Self::Waived
        )
    }

    /// Returns the word for it in serialised reports: `pass`, `ignored`, `lenient`, `absent`, `fail`,
    /// `undetermined`, `not_reached` or `waived`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Ignored(_) => "ignored",
            Self::Lenient(_) => "lenient",
            Self::Absent => "absent",
            Self::Fail(_) => "fail",
            Self::Undetermined(_) => "undetermined",
            Self::NotReached => "not_reached",
            Self::Waived => "waived",
        }
    }

    /// The reason, if it failed or could not be decided.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Fail(reason) | Self::Undetermined(reason) => Some(reason),
            Self::Pass
            | Self::Ignored(_)
            | Self::Lenient(_)
            | Self::Absent
            | Self::NotReached
            | Self::Waived => None,
        }
    }
}
