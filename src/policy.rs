//! What a validator demands, as data. Profiles write it, the builder completes it, stages read it.

use std::sync::Arc;

use crate::check::Row;
use crate::json::{Member, name_hash};
use crate::limits::Limits;
use crate::names::{Audience, MediaType, same_media_type};

/// What one kind of token demands, whoever issues it.
#[derive(Clone, Debug)]
pub(crate) struct KindPolicy {
    pub(crate) typ: TypPolicy,
    /// Whose keys verify it.
    pub(crate) signer: Signer,
    pub(crate) audience: AudienceRule,
    /// Audiences beside the verifier's own.
    pub(crate) extra_audiences: ExtraAudiences,
    /// Audiences are URIs of resources, compared in canonical form.
    pub(crate) audience_is_resource: bool,
    /// A secret is shared with one audience, so a MAC for several says nothing of who made it.
    pub(crate) mac_for_one_audience: bool,
    pub(crate) subject: SubjectRule,
    /// The client that a token names is the one that the request names, which has to be given.
    pub(crate) client_of_request: bool,
    /// What a proof of possession that came along means for a token that is not bound.
    pub(crate) proof: ProofRule,
    /// The checks of the claims stage, in order.
    pub(crate) claims: Vec<Row>,
    /// Of these, those whose claims must not be there.
    pub(crate) forbidden: Vec<Row>,
    /// Claims that have to be there, beyond `iss` and `aud`.
    pub(crate) required: Vec<Arc<str>>,
    /// An event that has to be among the token's; else any will do.
    pub(crate) event: Option<&'static str>,
    /// What a token's identity is hashed with, where the type alone does not tell the kind.
    pub(crate) label: &'static str,
    /// A kind of the caller's own: its type has to be nobody else's, and a bound on its age takes
    /// the place of `exp`.
    pub(crate) custom: bool,
    /// The most that `exp − iat` may be, in seconds; none where it was waived through `danger`.
    pub(crate) max_lifetime: Option<i64>,
    /// The most that `now − iat` may be, in seconds.
    pub(crate) max_token_age: Option<i64>,
    /// The most that a caller may set for it, in seconds.
    pub(crate) most_age: i64,
    /// The most that `iat − now` may be, in seconds, instead of the leeway, which then does not
    /// lengthen the age either.
    pub(crate) max_ahead: Option<i64>,
    pub(crate) single_use: SingleUse,
    /// What tells this kind apart where its type does not.
    pub(crate) discriminator: Option<Discriminator>,
    /// Who may act for a token's subject, if that is bounded.
    pub(crate) actors: Option<Actors>,
}

impl KindPolicy {
    /// A kind of this type that is issued for an audience and bounded by `exp`.
    pub(crate) fn of(typ: TypPolicy) -> Self {
        Self {
            typ,
            signer: Signer::Issuer,
            audience: AudienceRule::ContainsOneOfMine,
            extra_audiences: ExtraAudiences::Allowed,
            audience_is_resource: false,
            mac_for_one_audience: false,
            subject: SubjectRule::Anybody,
            client_of_request: false,
            proof: ProofRule::Optional,
            claims: Vec::new(),
            forbidden: Vec::new(),
            required: Vec::new(),
            event: None,
            label: "",
            custom: false,
            max_lifetime: Some(MAX_LIFETIME),
            max_token_age: None,
            most_age: LONGEST_LIFETIME,
            max_ahead: None,
            single_use: SingleUse::No,
            discriminator: None,
            actors: None,
        }
    }

    pub(crate) fn requires(&self, claim: &str) -> bool {
        self.required.iter().any(|name| **name == *claim)
    }
}

/// Ten years, in seconds: beyond that a bound is none.
pub(crate) const LONGEST_LIFETIME: i64 = 10 * 366 * 24 * 60 * 60;

/// 24 hours, in seconds.
pub(crate) const MAX_LIFETIME: i64 = 24 * 60 * 60;

/// Whether a token is good for one use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SingleUse {
    No,
    Guarded,
    /// Waived through `danger`.
    Waived,
}

/// Whose keys verify a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Signer {
    /// Those of the issuer that `iss` names.
    Issuer,
    /// Those of the client that this claim names.
    Client(&'static str),
    /// The key that its own header has.
    Embedded,
}

/// Which `typ` a header has to have.
#[derive(Clone, Debug)]
pub(crate) enum TypPolicy {
    Exactly(MediaType),
    /// None, `JWT`, or this one, if the kind has one: for kinds whose issuers do not all send it.
    UntypedOr(Option<MediaType>),
    /// Waived through `danger`.
    Waived,
}

impl TypPolicy {
    /// Whether a header's `typ` will do; `JWT` types nothing (rfc8725bis §3.11).
    pub(crate) fn accepts(&self, typ: Member<&str>) -> bool {
        match (self, typ) {
            (_, Member::WrongType(_)) | (Self::Exactly(_), Member::Absent) => false,
            (Self::Waived, _) | (Self::UntypedOr(_), Member::Absent) => true,
            (Self::Exactly(own), Member::Present(typ)) => own.matches(typ),
            (Self::UntypedOr(own), Member::Present(typ)) => {
                same_media_type(typ, "JWT") || own.as_ref().is_some_and(|own| own.matches(typ))
            }
        }
    }

    /// The type's name in one spelling; of untyped kinds the word that types nothing.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Exactly(typ) | Self::UntypedOr(Some(typ)) => typ.normalized(),
            Self::UntypedOr(None) | Self::Waived => "jwt".to_owned(),
        }
    }
}

/// For whom a token has to be meant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AudienceRule {
    /// `aud` contains one of the verifier's names.
    ContainsOneOfMine,
    /// `aud` is one of the verifier's names and nothing else.
    SolelyOneOfMine,
    /// As the first, where `aud` is there at all.
    ContainsOneOfMineIfThere,
    /// The kind has no audience.
    None,
    /// Waived through `danger`.
    Waived,
}

/// What becomes of audiences beside the verifier's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ExtraAudiences {
    Allowed,
    /// Only these.
    Trusted(Vec<Audience>),
}

/// Who a token's subject has to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SubjectRule {
    Anybody,
    /// The client that signed.
    TheClient,
    /// Not the client that signed: such a token would pass for its assertion.
    NotTheClient,
    /// At most 255 ASCII characters.
    OpenIdConnect,
}

/// What a proof of possession that came along means for a token that is not bound to a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ProofRule {
    /// The token has to be bound to the proof's key, and be the one that the proof is for.
    Binds,
    /// The same, of the token that is introspected.
    BindsIntrospected,
    /// The token may be bound or not; the proof is for no access token.
    Optional,
}

/// Who may act, by the names that an actor has. A list that is there has to have the actor's name, if
/// the actor has one, and one of the lists has to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Actors {
    pub(crate) subjects: Option<Vec<Arc<str>>>,
    pub(crate) clients: Option<Vec<Arc<str>>>,
}

/// A claim that tells a kind apart, and its value, if any will not do.
#[derive(Clone, Debug)]
pub(crate) struct Discriminator {
    pub(crate) claim: Arc<str>,
    pub(crate) value: Option<Arc<str>>,
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

/// What the claims have to say.
#[derive(Clone, Debug)]
pub(crate) struct ClaimsPolicy {
    pub(crate) kind: KindPolicy,
    /// Of the claims that have to be there, a bit for each name's hash: most that are looked for and
    /// are not there may be absent.
    pub(crate) required_bits: u64,
    pub(crate) audiences: Vec<Audience>,
    /// Claims that have to equal a fact of the request of the same name.
    pub(crate) matching: Vec<Arc<str>>,
    /// Clocks may differ by so many seconds.
    pub(crate) leeway: i64,
    pub(crate) actor_depth: usize,
}

impl ClaimsPolicy {
    #[inline]
    pub(crate) fn requires(&self, claim: &str) -> bool {
        self.required_bits & name_bit(claim) != 0 && self.kind.requires(claim)
    }

    /// By how many seconds `iat` may lie ahead.
    pub(crate) fn ahead(&self) -> i64 {
        self.kind.max_ahead.unwrap_or(self.leeway)
    }

    /// What the leeway adds to the greatest age.
    pub(crate) fn leeway_of_age(&self) -> i64 {
        if self.kind.max_ahead.is_some() { 0 } else { self.leeway }
    }
}

pub(crate) fn name_bits(names: &[Arc<str>]) -> u64 {
    names.iter().fold(0, |bits, name| bits | name_bit(name))
}

#[inline]
fn name_bit(name: &str) -> u64 {
    1 << (name_hash(name) % 64)
}

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) header: HeaderPolicy,
    pub(crate) claims: ClaimsPolicy,
    pub(crate) limits: Limits,
}
