//! What a validator demands, as data. Profiles write it, the builder completes it, stages read it.

use std::sync::Arc;

use crate::json::Member;
use crate::names::{Audience, MediaType, same_media_type};

/// Ten years, in seconds: a longer bound is none.
pub(crate) const LONGEST_LIFETIME: i64 = 10 * 366 * DAY;

/// 24 hours, in seconds.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// How far `iat` may lie ahead at the most, in seconds.
pub(crate) const MAX_AHEAD: i64 = 60;

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
    HeaderKey,
    /// The key that the token before it confirms.
    ConfirmedKey,
}

/// Whether a claim, or one value of it, tells a kind of token from the issuer's other tokens. Tokens of any kind
/// have these claims, and the names of parties have the same value in all of them.
pub(crate) fn distinguishes(claim: &str, has_value: bool) -> bool {
    const OF_ANY_KIND: &[&str] = &[
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "azp",
        "sid",
        "auth_time",
        "acr",
        "amr",
        "cnf",
    ];
    const OF_ANY_VALUE: &[&str] = &["iss", "sub", "aud", "azp"];
    let of_any = if has_value { OF_ANY_VALUE } else { OF_ANY_KIND };
    !of_any.contains(&claim)
}

impl Signer {
    /// The claim that names the party whose keys verify a token.
    pub(crate) fn claim(self) -> Option<&'static str> {
        match self {
            Self::Issuer => Some("iss"),
            Self::Client(claim) => Some(claim),
            Self::HeaderKey | Self::ConfirmedKey => None,
        }
    }
}

/// Which `typ` a header has to have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum TypPolicy {
    Exactly(MediaType),
    /// None, `JWT`, or this one, if the kind has one: for kinds whose issuers do not all send it.
    UntypedOr(Option<MediaType>),
    /// One of these; none or `JWT`, if that is permitted. For the tokens of an issuer that has a dialect.
    OneOf {
        types: Vec<MediaType>,
        untyped: bool,
    },
    /// Waived through `danger`.
    Waived,
}

impl TypPolicy {
    /// The types, and whether none or `JWT` is accepted too; `None` where the type was waived.
    pub(crate) fn parts(&self) -> Option<(&[MediaType], bool)> {
        match self {
            Self::Exactly(typ) => Some((std::slice::from_ref(typ), false)),
            Self::UntypedOr(typ) => Some((typ.as_slice(), true)),
            Self::OneOf { types, untyped } => Some((types, *untyped)),
            Self::Waived => None,
        }
    }

    /// Whether there is a type that both accept.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (Some((own, untyped)), Some((others, other_untyped))) = (self.parts(), other.parts())
        else {
            return true;
        };
        (untyped && other_untyped) || own.iter().any(|typ| others.contains(typ))
    }

    /// Accepts what any of these accepts.
    pub(crate) fn any_of<'a>(policies: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut all, mut any_untyped) = (Vec::new(), false);
        for policy in policies {
            let Some((own, untyped)) = policy.parts() else {
                return Self::Waived;
            };
            any_untyped |= untyped;
            for typ in own {
                if !all.contains(typ) {
                    all.push(typ.clone());
                }
            }
        }
        Self::OneOf { types: all, untyped: any_untyped }
    }

    /// Whether a header's `typ` will do; `JWT` types nothing (rfc8725bis §3.11).
    pub(crate) fn accepts(&self, typ: Member<&str>) -> bool {
        match (self, typ) {
            (_, Member::WrongType(_)) | (Self::Exactly(_), Member::Absent) => false,
            (Self::Waived, _) | (Self::UntypedOr(_), Member::Absent) => true,
            (Self::Exactly(own), Member::Present(typ)) => own.matches(typ),
            (Self::UntypedOr(own), Member::Present(typ)) => {
                same_media_type(typ, "JWT") || own.as_ref().is_some_and(|own| own.matches(typ))
            }
            (Self::OneOf { untyped, .. }, Member::Absent) => *untyped,
            (Self::OneOf { types, untyped }, Member::Present(typ)) => {
                let is_untyped = *untyped && same_media_type(typ, "JWT");
                is_untyped || types.iter().any(|own| own.matches(typ))
            }
        }
    }

    /// The type's name in one spelling; of untyped kinds the word that types nothing.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Exactly(typ) | Self::UntypedOr(Some(typ)) => typ.normalized(),
            Self::UntypedOr(None) | Self::OneOf { .. } | Self::Waived => "jwt".to_owned(),
        }
    }
}

/// The audience that a token must have.
#[derive(Clone, Debug)]
pub(crate) struct AudiencePolicy {
    pub(crate) rule: AudienceRule,
    /// Audiences beside the verifier's own.
    pub(crate) extra: ExtraAudiences,
    /// Audiences are URIs of resources, compared in canonical form.
    pub(crate) is_resource: bool,
    /// A secret is shared with one audience, so a MAC for several does not tell who made it.
    pub(crate) mac_for_one_audience: bool,
}

impl Default for AudiencePolicy {
    fn default() -> Self {
        Self {
            rule: AudienceRule::ContainsOneOfMine,
            extra: ExtraAudiences::Allowed,
            is_resource: false,
            mac_for_one_audience: false,
        }
    }
}

/// How `aud` relates to the verifier's names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AudienceRule {
    /// `aud` contains one of the verifier's names.
    ContainsOneOfMine,
    /// `aud` is one of the verifier's names and nothing else.
    SolelyOneOfMine,
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

/// The permitted actors. If a list is set and the actor has that kind of name, the list must contain
/// it. At least one list must match.
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
