//! A rule: everything about one check of claims in one value.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::check_fn::CheckFn;
use super::fact::Fact;
use super::parameters::Parameters;
use crate::check::{CheckId, Section};

/// A rule about one claim: its code, the claim, whether the claim must be present, the check, the
/// section that demands it, and a sentence for the documentation.
///
/// A rule is a value, so a kind of token is a list of them. The rules of this crate are constants of
/// [`rules`](super); a kind changes a copy:
///
/// ```
/// use jwt_appraisal::{Section, rules};
///
/// let sub = rules::SUB.required().section(Section::rfc(9068, "2.2"));
/// assert_eq!(sub.code(), "claims.sub");
/// ```
///
/// [`ClaimRule::new`] makes one of your own; [the module](super) describes how.
#[derive(Clone)]
pub struct ClaimRule {
    code: Cow<'static, str>,
    /// `None`: the rule is about the claims set as a whole.
    claim: Option<Cow<'static, str>>,
    presence: Presence,
    maker: Maker,
    fact: Option<Fact>,
    /// The check compares the claim with the party that signed.
    names_party: bool,
    section: Option<Section>,
    says: &'static str,
}

/// Whether a claim must be present.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth way")]
pub enum Presence {
    /// A token without the claim is rejected.
    Required,
    /// The claim is checked where it is present.
    Optional,
    /// A token with the claim is rejected, whatever the value.
    Forbidden,
}

/// Where the check of a rule comes from.
#[derive(Clone)]
enum Maker {
    Static(&'static dyn CheckFn),
    Shared(Arc<dyn CheckFn>),
    /// From the settings of the validator; `None` where they leave nothing to check.
    FromParameters(fn(&Parameters) -> Option<Arc<dyn CheckFn>>),
}

/// The check of a rule, made.
pub(crate) enum MadeCheck {
    Static(&'static dyn CheckFn),
    Shared(Arc<dyn CheckFn>),
}

impl std::ops::Deref for MadeCheck {
    type Target = dyn CheckFn;

    #[inline]
    fn deref(&self) -> &(dyn CheckFn + 'static) {
        match self {
            Self::Static(check) => *check,
            Self::Shared(check) => &**check,
        }
    }
}

impl ClaimRule {
    /// A rule about a claim that may be absent.
    ///
    /// The code is what reports show, `word.word`. Its prefix must not be one that this crate uses, such as
    /// `claims`: a kind with such a rule does not build
    /// ([`ConfigError::RuleName`](crate::ConfigError::RuleName)).
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        claim: impl Into<Cow<'static, str>>,
        check: impl CheckFn + 'static,
    ) -> Self {
        let claim = Some(claim.into());
        Self::with(code.into(), claim, Maker::Shared(Arc::new(check)))
    }

    /// A rule about the claims set as a whole. Its check gets the set as its value. The set is always
    /// present, so a rule about it is never absent; forbidding it would reject every token.
    pub fn whole(code: impl Into<Cow<'static, str>>, check: impl CheckFn + 'static) -> Self {
        Self::with(code.into(), None, Maker::Shared(Arc::new(check)))
    }

    const fn with(code: Cow<'static, str>, claim: Option<Cow<'static, str>>, maker: Maker) -> Self {
        Self {
            code,
            claim,
            presence: Presence::Optional,
            maker,
            fact: None,
            names_party: false,
            section: None,
            says: "",
        }
    }

    /// A rule of this crate about a claim.
    pub(crate) const fn of(
        code: &'static str,
        claim: &'static str,
        check: &'static dyn CheckFn,
    ) -> Self {
        let claim = Some(Cow::Borrowed(claim));
        Self::with(Cow::Borrowed(code), claim, Maker::Static(check))
    }

    /// A rule of this crate about a claim, whose check is made from the validator's settings.
    pub(crate) const fn made(
        code: &'static str,
        claim: &'static str,
        make: fn(&Parameters) -> Option<Arc<dyn CheckFn>>,
    ) -> Self {
        let claim = Some(Cow::Borrowed(claim));
        Self::with(Cow::Borrowed(code), claim, Maker::FromParameters(make))
    }

    /// A rule of this crate about the claims set as a whole.
    pub(crate) const fn about_all(code: &'static str, check: &'static dyn CheckFn) -> Self {
        Self::with(Cow::Borrowed(code), None, Maker::Static(check))
    }

    /// A rule of this crate about the claims set as a whole, whose check is made from the
    /// validator's settings.
    pub(crate) const fn made_about_all(
        code: &'static str,
        make: fn(&Parameters) -> Option<Arc<dyn CheckFn>>,
    ) -> Self {
        Self::with(Cow::Borrowed(code), None, Maker::FromParameters(make))
    }

    /// The same rule about a claim that must be present.
    pub const fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// The same rule about a claim that may be absent.
    pub const fn optional(mut self) -> Self {
        self.presence = Presence::Optional;
        self
    }

    /// The same rule about a claim that must be absent.
    pub const fn forbidden(mut self) -> Self {
        self.presence = Presence::Forbidden;
        self
    }

    /// The same rule, demanded by another section.
    pub const fn section(mut self, section: Section) -> Self {
        self.section = Some(section);
        self
    }

    /// The same rule, described by another sentence: what the claim must be.
    pub const fn says(mut self, says: &'static str) -> Self {
        self.says = says;
        self
    }

    /// The same rule, which records a fact of the claim that it passed.
    pub const fn records(mut self, fact: Fact) -> Self {
        self.fact = Some(fact);
        self
    }

    /// The same rule, whose check compares the claim with the party that signed.
    pub(crate) const fn of_party(mut self) -> Self {
        self.names_party = true;
        self
    }

    pub(crate) fn names_party(&self) -> bool {
        self.names_party
    }

    /// Whether the rule was made by a caller or another crate.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.maker, Maker::Shared(_))
    }

    /// The fact that the rule records.
    pub fn fact(&self) -> Option<Fact> {
        self.fact
    }

    /// The code of the check, such as `claims.sub`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The claim that the rule is about; `None` for the claims set as a whole.
    pub fn claim(&self) -> Option<&str> {
        self.claim.as_deref()
    }

    /// Whether the claim must be present.
    pub fn presence(&self) -> Presence {
        self.presence
    }

    /// The section that demands the rule.
    pub fn source(&self) -> Option<Section> {
        self.section
    }

    /// What the claim must be, for the documentation.
    pub fn sentence(&self) -> &'static str {
        self.says
    }

    pub(crate) fn id(&self) -> CheckId {
        CheckId::named(self.code.clone())
    }

    pub(crate) fn set_presence(&mut self, presence: Presence) {
        self.presence = presence;
    }

    /// Makes the check; `None` where the settings leave nothing to check.
    pub(crate) fn make(&self, parameters: &Parameters) -> Option<MadeCheck> {
        match &self.maker {
            Maker::Static(check) => Some(MadeCheck::Static(*check)),
            Maker::Shared(check) => Some(MadeCheck::Shared(Arc::clone(check))),
            Maker::FromParameters(make) => make(parameters).map(MadeCheck::Shared),
        }
    }
}

impl fmt::Debug for ClaimRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.code, self.presence)
    }
}
