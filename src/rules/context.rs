//! What a rule sees beside the value that it checks.

use std::fmt;

use ::time::{Duration, OffsetDateTime};

use crate::alg::JwsAlgorithm;
use crate::crypto::CryptoProvider;
use crate::json::Value;

use crate::names::Issuer;
use crate::request_facts::RequestFacts;
use crate::thumbprint::Thumbprint;
use crate::time::Seconds;

/// What a rule sees beside the value that it checks: the time, the verified party, the facts of the
/// request, and the other claims.
#[derive(Clone, Copy)]
pub struct RuleContext<'a> {
    pub(crate) moment: OffsetDateTime,
    pub(crate) now: Seconds,
    /// By how many seconds clocks may differ.
    pub(crate) leeway: i64,
    /// The party that the key belongs to.
    pub(crate) party: &'a Issuer,
    pub(crate) facts: &'a RequestFacts<'a>,
    /// The algorithm of the key.
    pub(crate) algorithm: JwsAlgorithm,
    pub(crate) provider: &'a CryptoProvider,
    /// The thumbprint of the key in the token's own header, where the kind is signed with that key.
    pub(crate) header_key: Option<Thumbprint>,
    /// The token as the request presented it.
    pub(crate) presented: &'a [u8],
    pub(crate) claims: Value<'a>,
}

impl<'a> RuleContext<'a> {
    /// The time of the appraisal.
    pub fn now(&self) -> OffsetDateTime {
        self.moment
    }

    /// The party that signed the token, verified: the issuer, or the client. For a kind that is
    /// signed with the key in its own header it is the thumbprint of that key as a URI.
    pub fn issuer(&self) -> &'a Issuer {
        self.party
    }

    /// A fact of the request ([`RequestFacts::fact`]).
    pub fn fact(&self, name: &str) -> Option<&'a str> {
        self.facts.own_fact(name)
    }

    /// By how much clocks may differ.
    pub fn leeway(&self) -> Duration {
        Duration::seconds(self.leeway)
    }

    /// The whole claims set, for a rule that compares two claims. The signature was verified, but
    /// other rules may reject what it contains.
    pub fn claims(&self) -> Value<'a> {
        self.claims
    }
}

/// The token and its claims are not printed.
impl fmt::Debug for RuleContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleContext")
            .field("now", &self.moment)
            .field("issuer", &self.party)
            .finish_non_exhaustive()
    }
}
