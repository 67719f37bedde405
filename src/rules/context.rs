//! What a rule sees beside the value that it checks.

use std::fmt;

use ::time::{Duration, OffsetDateTime};

use crate::alg::JwsAlgorithm;
use crate::crypto::CryptoProvider;
use crate::json::Value;

use crate::names::Issuer;
use crate::request_facts::{Proof, RequestFacts, Sent};
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
    /// The key whose possession was shown.
    pub(crate) proof: Option<Proof<'a>>,
    /// Whether a second token is verified with the key in `cnf.jwk` after this one.
    pub(crate) confirms_key: bool,
    /// The token that a second token follows.
    pub(crate) first: Option<FirstToken<'a>>,
}

/// What a second token, such as a DPoP proof, is held against: the token that it follows, which passed
/// every check of its own.
#[derive(Clone, Copy)]
pub(crate) struct FirstToken<'a> {
    /// As the request presented it.
    pub(crate) presented: &'a [u8],
    /// The hash of the first token, if it is an SD-JWT.
    pub(crate) sd_hash: Option<&'a str>,
    /// The key that the first token is bound to.
    pub(crate) bound_to: Option<Thumbprint>,
    /// The name under which the caller takes room in a replay guard.
    pub(crate) caller: &'a str,
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

    /// The access token that a proof must be for.
    pub(crate) fn access_token(&self) -> Option<&'a [u8]> {
        let given = self.facts.access_token.map(str::as_bytes);
        self.first.map(|first| first.presented).or(given)
    }

    /// The nonces that a proof may have.
    pub(crate) fn nonces_of_proof(&self) -> &'a Sent<'a> {
        if self.first.is_some() { &self.facts.dpop_nonces } else { &self.facts.nonces }
    }

    /// The key that the access token is bound to, if that is known.
    pub(crate) fn bound_to(&self) -> Option<Thumbprint> {
        self.first.map_or(self.facts.bound_to, |first| first.bound_to)
    }

    /// Whether possession of the key with this thumbprint was shown.
    pub(crate) fn shows_key(&self, thumbprint: &str) -> bool {
        let key = self.proof.and_then(|proof| proof.key);
        key.is_some_and(|key| key.to_string() == thumbprint)
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
