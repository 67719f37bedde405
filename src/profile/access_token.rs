//! OAuth access tokens.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{COMMON_CLAIMS, Issued, MAX_LIFETIME, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType, UntrustedStr};
use crate::policy::{AudienceRule, KindPolicy, TypPolicy};

pub(crate) const ACCESS_TOKEN_TYPE: &str = "at+jwt";

impl Profile<AccessTokenClaims, Issued> {
    /// A JWT access token.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt` | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart | | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_age`], if that is set | | `time.age` |
    /// | `sub` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.sub` |
    /// | `jti` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.jti` |
    /// | `cnf` | refused: no evidence can be given yet | [RFC 9449 §7.2](https://www.rfc-editor.org/rfc/rfc9449#section-7.2) | `claims.cnf` |
    /// | `act` | objects that name actors, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.client_id` |
    /// | `scope` | scopes with one space between each two, if there | [RFC 9068 §2.2.3](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3) | `claims.scope` |
    /// | `auth_time` | a date, if there | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.auth_time` |
    /// | `acr` | a string, if there | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.acr` |
    /// | `amr` | strings, if there | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | objects with a `type`, if there | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// let profile = Profile::access_token().require("acr");
    /// ```
    pub fn access_token() -> Self {
        Profile::access_token_as()
    }
}

impl<C> Profile<C, Issued> {
    /// A JWT access token with claims of one's own; the rules are those of
    /// [`Profile::access_token`], whatever the type reads.
    pub fn access_token_as() -> Self {
        let mut claims = COMMON_CLAIMS.to_vec();
        claims.extend([
            Row::ClaimsClientId,
            Row::ClaimsScope,
            Row::ClaimsAuthTime,
            Row::ClaimsAcr,
            Row::ClaimsAmr,
            Row::ClaimsAuthorizationDetails,
        ]);
        Profile::of(KindPolicy {
            typ: TypPolicy::Exactly(MediaType::new(ACCESS_TOKEN_TYPE)),
            audience: AudienceRule::ContainsOneOfMine,
            claims,
            required: ["exp", "iat", "sub", "jti", "client_id"].map(Arc::from).to_vec(),
            custom: false,
            max_lifetime: Some(MAX_LIFETIME),
            max_age: None,
        })
    }
}

/// The claims of a JWT access token.
///
/// [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct AccessTokenClaims {
    /// The authorization server.
    pub iss: Issuer,
    /// The subject: unique within the issuer only, so key on both. For a client that acts for
    /// itself it may equal `client_id`
    /// ([RFC 9068 §5](https://www.rfc-editor.org/rfc/rfc9068#section-5)).
    pub sub: Box<str>,
    /// The resource servers that the token is meant for.
    pub aud: Audiences,
    /// The client that the token was issued to.
    pub client_id: Box<str>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// When it was issued.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
    /// When it begins to be valid.
    #[serde(default, deserialize_with = "optional_date")]
    pub nbf: Option<OffsetDateTime>,
    /// The token's own identifier.
    pub jti: Box<str>,
    /// What it permits.
    #[serde(default, rename = "scope")]
    pub scopes: Scopes,
    /// When the user authenticated.
    #[serde(default, deserialize_with = "optional_date")]
    pub auth_time: Option<OffsetDateTime>,
    /// The class of that authentication.
    #[serde(default)]
    pub acr: Option<Box<str>>,
    /// The methods of that authentication.
    #[serde(default)]
    pub amr: Vec<Box<str>>,
    /// Who acts for the subject; without it, the subject itself or somebody in its name.
    #[serde(default, rename = "act")]
    pub actor: Option<Actor>,
    /// What it permits in detail.
    #[serde(default)]
    pub authorization_details: Vec<AuthorizationDetail>,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for AccessTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenClaims").finish_non_exhaustive()
    }
}

/// The values of `aud`.
///
/// [RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)
#[derive(Clone)]
pub struct Audiences(AudienceValues);

#[derive(Clone)]
enum AudienceValues {
    One(Box<str>),
    Several(Vec<Box<str>>),
}

impl Audiences {
    /// The values, in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let values = match &self.0 {
            AudienceValues::One(value) => std::slice::from_ref(value),
            AudienceValues::Several(values) => values.as_slice(),
        };
        values.iter().map(|value| &**value)
    }
}

impl fmt::Debug for Audiences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(UntrustedStr::new)).finish()
    }
}

impl<'de> Deserialize<'de> for Audiences {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = Audiences;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Audiences, E> {
                Ok(Audiences(AudienceValues::One(value.into())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Audiences, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Audiences(AudienceValues::Several(values)))
            }
        }

        deserializer.deserialize_any(Values)
    }
}

/// The scopes of a token.
///
/// [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Box<str>);

impl Scopes {
    /// The scopes, in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|scope| !scope.is_empty())
    }

    /// Whether this very scope is among them.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|own| own == scope)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(UntrustedStr::new)).finish()
    }
}

/// Who acts for a token's subject.
///
/// Only the current actor may be used for access control; earlier ones are history.
///
/// [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)
#[derive(Clone, Deserialize)]
pub struct Actor {
    sub: Option<Box<str>>,
    iss: Option<Box<str>>,
    client_id: Option<Box<str>>,
    act: Option<Box<Actor>>,
}

impl Actor {
    /// The actor as a subject.
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// The issuer of that subject, where it is not the token's.
    pub fn iss(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// The actor as a client.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Those who acted before, the latest first: for the record, never for a decision.
    pub fn history(&self) -> impl Iterator<Item = &Actor> {
        std::iter::successors(self.act.as_deref(), |actor| actor.act.as_deref())
    }
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Actor").finish_non_exhaustive()
    }
}

/// One element of `authorization_details`.
///
/// [RFC 9396 §2](https://www.rfc-editor.org/rfc/rfc9396#section-2)
#[derive(Clone, Deserialize)]
pub struct AuthorizationDetail {
    #[serde(rename = "type")]
    kind: Box<str>,
    #[serde(flatten)]
    members: serde_json::Map<String, serde_json::Value>,
}

impl AuthorizationDetail {
    /// Its `type`, which says what the other members mean.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Another member.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.members.get(name)
    }
}

impl fmt::Debug for AuthorizationDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationDetail").finish_non_exhaustive()
    }
}

/// A NumericDate; a fraction is dropped.
fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
    struct NumericDate;

    impl Visitor<'_> for NumericDate {
        type Value = OffsetDateTime;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of seconds since the epoch")
        }

        fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<OffsetDateTime, E> {
            let outside = |_| E::custom("outside of the calendar");
            OffsetDateTime::from_unix_timestamp(seconds).map_err(outside)
        }

        fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<OffsetDateTime, E> {
            self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
        }

        #[expect(clippy::as_conversions, reason = "saturates")]
        fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<OffsetDateTime, E> {
            self.visit_i64(seconds.floor() as i64)
        }
    }

    deserializer.deserialize_any(NumericDate)
}

fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    date(deserializer).map(Some)
}
