//! The rules on claims: stage 5 of the pipeline.
//!
//! # What a rule is
//!
//! A [`ClaimRule`] is everything about one check of claims: its code, the claim, whether the claim must
//! be present, the check, the fact that it records, the section that demands it, and a sentence for the
//! documentation. A kind of token is a list of rules ([`kind`](crate::kind)). [`ALL`] lists the rules of
//! this crate; plans, the tables of the kinds and the page
//! [`manual::checks`](crate::manual::checks) are made from the same values.
//!
//! Rules run after the signature was verified, so no rule sees an unverified token. All rules of a kind
//! run, whatever the others find, and a report names every rule that failed.
//!
//! # Presence
//!
//! [`Presence`] is decided in one place, before the check runs:
//!
//! | | the claim is present | the claim is absent |
//! |---|---|---|
//! | [`required`](ClaimRule::required) | the check runs | rejected: it is missing |
//! | [`optional`](ClaimRule::optional) | the check runs | [`CheckFn::absent`] concludes, by default [`Finding::Absent`](crate::Finding::Absent) |
//! | [`forbidden`](ClaimRule::forbidden) | rejected, whatever the value | passes as absent |
//!
//! `null` is a value, so a claim that is `null` is present. A check never handles an absent claim unless it
//! implements [`CheckFn::absent`], which it must do if the request can require the claim: a rule that
//! compares a claim with a fact of the request would otherwise accept a token without the claim.
//!
//! # A rule of your own
//!
//! A check is a function of the value and the [`RuleContext`], or a type that implements [`CheckFn`]. Its
//! code has a prefix of its own, so that it is not mistaken for a rule of this crate. A reason has a kind, on
//! which programs branch, and constant words, so that no report repeats what a token says.
//!
//! ```
//! use jwt_appraisal::json::Value;
//! use jwt_appraisal::rules::{CheckFn, ClaimRule, RuleContext};
//! use jwt_appraisal::{Finding, Reason, ReasonKind, Section};
//!
//! /// `priority` is one of the words that this service knows.
//! fn check_priority(priority: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
//!     match priority.as_str() {
//!         Some("low" | "normal" | "high") => Ok(()),
//!         Some(_) => Err(Reason::because(ReasonKind::NotPermitted, "expected a known priority")),
//!         None => Err(Reason::wrong_type(priority)),
//!     }
//! }
//!
//! let priority = ClaimRule::new("order.priority", "priority", check_priority)
//!     .required()
//!     .section(Section::of("Handbook §4", "https://example.com/handbook#orders"))
//!     .says("`low`, `normal` or `high`");
//!
//! /// `challenge` is the challenge that this service sent, if it sent one.
//! struct Challenge;
//!
//! impl CheckFn for Challenge {
//!     fn check(&self, challenge: Value<'_>, cx: &RuleContext<'_>) -> Finding {
//!         match (challenge.as_str(), cx.fact("challenge")) {
//!             (None, _) => Reason::wrong_type(challenge).into(),
//!             (Some(found), Some(sent)) if found == sent => Finding::Pass,
//!             (Some(_), Some(_)) => ReasonKind::OtherRequest.into(),
//!             (Some(_), None) => ReasonKind::FactNotGiven.into(),
//!         }
//!     }
//!
//!     fn absent(&self, cx: &RuleContext<'_>) -> Finding {
//!         match cx.fact("challenge") {
//!             Some(_) => ReasonKind::Missing.into(),
//!             None => Finding::Absent,
//!         }
//!     }
//! }
//!
//! let challenge = ClaimRule::new("order.challenge", "challenge", Challenge);
//! # let kind = jwt_appraisal::kind::KindBuilder::issued("work-order").rules([priority, challenge]).build();
//! # assert_eq!(kind.rules().len(), 2);
//! ```
//!
//! A rule about several claims is made with [`ClaimRule::whole`]; its value is the whole claims set. A check
//! that needs a claim which another rule rejects returns [`Finding::Blocked`](crate::Finding::Blocked), so that one mistake is
//! reported once. If no other rule rejects the token, the blocked rule is itself the reason.
//!
//! Callers who only need a condition on their own claims type do not need a kind: see
//! [`ValidatorBuilder::rule`](crate::ValidatorBuilder::rule).
//!
//! # Facts
//!
//! A [`Fact`] is what a claim says about a token in words that are the same for every kind: the subject,
//! the client, the audiences. The rule that passes the claim records it, and
//! [`Record`](crate::Record) and [`Accepted`](crate::Accepted) show it, whatever the claims type is. A
//! claim that was rejected is not recorded.
//!
//! ```
//! use jwt_appraisal::rules::{self, Fact};
//!
//! // In this kind the client is the issuer of its own tokens.
//! let iss = rules::ISS.records(Fact::ClientId);
//! assert_eq!(iss.fact(), Some(Fact::ClientId));
//! ```

mod audience;
mod check_fn;
mod context;
mod custom;
mod delegation;
mod events;
mod fact;
mod generic;
mod introspection;
mod key_binding;
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
pub use self::check_fn::CheckFn;
pub(crate) use self::context::FirstToken;
pub use self::context::RuleContext;
pub use self::delegation::*;
pub use self::events::*;
pub use self::fact::Fact;
pub use self::introspection::*;
pub use self::key_binding::*;
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
#[cfg(feature = "http")]
pub(crate) use self::oauth::is_recent;
pub(crate) use self::parameters::Parameters;
pub(crate) use self::replicated::{REPLICATED, check_replicated};
pub(crate) use self::rule::MadeCheck;
pub(crate) use self::time::{last_moment, lifetime};
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
    key_binding::RULES,
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
    "form", "jwe", "sd_jwt", "header", "key", "crypto", "payload", "claims", "time", "state",
    "proof", "cnf", "actor", "kind", "request", "dialect",
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
