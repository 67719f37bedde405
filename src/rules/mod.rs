//! The rules on claims: stage 5 of the pipeline.
//!
//! Each check of a claim is a [`ClaimRule`], and [`ALL`] lists the rules of this crate. A kind of
//! token is a list of rules ([`kind`](crate::kind)); plans, the documentation of the kinds and the
//! page [`manual::checks`](crate::manual::checks) are made from the same values.
//!
//! Whether a claim must be present is decided in one place, so the check of a rule sees a value or, if
//! it asks for that, the absence of an optional one. No rule can see an unverified token.

mod audience;
mod check;
mod context;
mod custom;
mod delegation;
mod events;
mod fact;
mod generic;
mod introspection;
mod oauth;
mod oidc;
mod parameters;
mod possession;
mod registered;
mod replicated;
mod request_object;
mod rule;
mod subject_identifier;
mod time;
mod verified;

pub use self::audience::*;
pub use self::check::Check;
pub use self::context::RuleContext;
pub use self::delegation::*;
pub use self::events::*;
pub use self::fact::Fact;
pub use self::introspection::*;
pub use self::oauth::*;
pub use self::oidc::*;
pub use self::possession::*;
pub use self::registered::*;
pub use self::request_object::*;
pub use self::rule::{ClaimRule, Presence};
pub use self::subject_identifier::*;
pub use self::time::*;

use crate::check::{Section, Stage};

pub(crate) use self::custom::CustomRule;
pub(crate) use self::generic::{MatchesFact, required_claim};
pub(crate) use self::oauth::is_recent;
pub(crate) use self::parameters::Parameters;
pub(crate) use self::replicated::{REPLICATED, check_replicated};
pub(crate) use self::rule::MadeCheck;
pub(crate) use self::time::last_moment;
pub(crate) use self::verified::VerifiedClaims;

/// Every rule of this crate, by topic. Several rules may have one code, where kinds of tokens demand
/// different things of one claim.
pub static ALL: &[&[ClaimRule]] = &[
    registered::RULES,
    audience::RULES,
    time::RULES,
    possession::RULES,
    delegation::RULES,
    oauth::RULES,
    oidc::RULES,
    events::RULES,
    subject_identifier::RULES,
    introspection::RULES,
    request_object::RULES,
];

/// The rules on the registered claims, which nearly every kind of token has: it begins with them, then
/// replaces or adds what is different.
///
/// ```
/// use jwt_appraisal::kind::KindBuilder;
/// use jwt_appraisal::rules;
///
/// let receipt = KindBuilder::issued("receipt")
///     .typ("receipt+jwt")
///     .rules(rules::COMMON)
///     .rules([rules::SUB.required(), rules::NONCE.forbidden()]);
/// ```
pub const COMMON: [ClaimRule; 12] =
    [ISS, AUD, EXP.required(), NBF, IAT, LIFETIME, AGE, SUB, JTI, CNF, ACT, ACTOR_ALLOWED];

/// Defines the rules of a topic: each is a public constant and an entry of `RULES`.
macro_rules! registry {
    ($($(#[$doc:meta])* $rule:ident = $value:expr;)*) => {
        $($(#[$doc])* pub const $rule: $crate::rules::ClaimRule = $value;)*

        pub(super) static RULES: &[$crate::rules::ClaimRule] = &[$($rule,)*];
    };
}
use registry;

/// The codes that a rule of a caller's own cannot begin with.
const OWN_PREFIXES: &[&str] = &[
    "form", "jwe", "header", "key", "crypto", "payload", "claims", "time", "state", "proof", "cnf",
    "actor", "kind", "request", "dialect",
];

/// Whether a code is one that a caller or another crate may choose: `word.word`, with a prefix that is
/// none of this crate's.
pub(crate) fn is_own_code(code: &str) -> bool {
    let word = |part: &str| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        part.bytes().all(allowed) && part.starts_with(|c: char| c.is_ascii_lowercase())
    };
    code.split_once('.')
        .is_some_and(|(prefix, rest)| word(prefix) && word(rest) && !OWN_PREFIXES.contains(&prefix))
}

/// One code, with what it means.
#[derive(Clone, Copy, Debug)]
pub struct CheckDescription<'a> {
    code: &'a str,
    section: Option<Section>,
    sentence: &'a str,
}

impl<'a> CheckDescription<'a> {
    /// The code, such as `header.alg`.
    pub fn code(&self) -> &'a str {
        self.code
    }

    /// The section that demands the check.
    pub fn section(&self) -> Option<Section> {
        self.section
    }

    /// What the check demands.
    pub fn sentence(&self) -> &'a str {
        self.sentence
    }
}

/// Every check of this crate with its code, section and meaning: those of the pipeline, then the rules
/// on claims.
///
/// ```
/// let codes: Vec<_> = jwt_appraisal::rules::catalogue().map(|check| check.code()).collect();
/// assert!(codes.contains(&"header.alg") && codes.contains(&"claims.exp"));
/// ```
pub fn catalogue() -> impl Iterator<Item = CheckDescription<'static>> {
    let pipeline = Stage::ALL.iter().map(|stage| CheckDescription {
        code: stage.code(),
        section: stage.section(),
        sentence: stage.says(),
    });
    let rules = ALL.iter().flat_map(|topic| topic.iter()).map(|rule| CheckDescription {
        code: rule.code(),
        section: rule.source(),
        sentence: rule.sentence(),
    });
    pipeline.chain(rules)
}
