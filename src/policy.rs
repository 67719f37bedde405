//! What a validator demands, as data. Profiles write it, the builder completes it, stages read it.

use std::sync::Arc;

use crate::alg::{ContentEncryption, KeyManagement};
use crate::check::Row;
use crate::limits::Limits;
use crate::names::{Audience, MediaType};

/// What one kind of token demands, whoever issues it.
#[derive(Clone, Debug)]
pub(crate) struct KindPolicy {
    pub(crate) typ: TypPolicy,
    pub(crate) audience: AudienceRule,
    /// The checks of the claims stage, in order.
    pub(crate) claims: Vec<Row>,
    /// Claims that have to be there, beyond `iss` and `aud`.
    pub(crate) required: Vec<Arc<str>>,
    /// A kind of the caller's own: its type has to be nobody else's, and a bound on its age takes
    /// the place of `exp`.
    pub(crate) custom: bool,
    /// The most that `exp − iat` may be, in seconds; none where it was waived through `danger`.
    pub(crate) max_lifetime: Option<i64>,
    /// The most that `now − iat` may be, in seconds.
    pub(crate) max_age: Option<i64>,
}

impl KindPolicy {
    pub(crate) fn requires(&self, claim: &str) -> bool {
        self.required.iter().any(|name| **name == *claim)
    }
}

/// Which `typ` a header has to have.
#[derive(Clone, Debug)]
pub(crate) enum TypPolicy {
    Exactly(MediaType),
    /// Waived through `danger`.
    Waived,
}

/// For whom a token has to be meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AudienceRule {
    /// `aud` contains one of the verifier's names.
    ContainsOneOfMine,
    /// Waived through `danger`.
    Waived,
}

/// What the header has to say.
#[derive(Clone, Debug)]
pub(crate) struct HeaderPolicy {
    pub(crate) typ: TypPolicy,
    /// The permitted names; for an [`IssuerSource`](crate::IssuerSource) every nameable one, since
    /// the issuer's own list then decides in `key.alg`.
    pub(crate) algorithms: Vec<&'static str>,
}

impl HeaderPolicy {
    pub(crate) fn permits(&self, alg: &str) -> bool {
        self.algorithms.contains(&alg)
    }
}

/// What the header of an encrypted token has to say.
#[derive(Clone, Debug)]
pub(crate) struct EncryptionPolicy {
    pub(crate) key_management: Vec<KeyManagement>,
    pub(crate) content_encryption: Vec<ContentEncryption>,
    /// Whether compressed content is inflated.
    pub(crate) deflate: bool,
    /// Whether the content type may be absent; through `danger`.
    pub(crate) cty_waived: bool,
}

/// What the claims have to say.
#[derive(Clone, Debug)]
pub(crate) struct ClaimsPolicy {
    pub(crate) kind: KindPolicy,
    pub(crate) audiences: Vec<Audience>,
    /// Clocks may differ by so many seconds.
    pub(crate) leeway: i64,
    pub(crate) actor_depth: usize,
}

impl ClaimsPolicy {
    pub(crate) fn requires(&self, claim: &str) -> bool {
        self.kind.requires(claim)
    }
}

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) header: HeaderPolicy,
    pub(crate) claims: ClaimsPolicy,
    pub(crate) limits: Limits,
}
