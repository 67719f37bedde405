//! Values that the claims of several kinds have.

use std::fmt;

use ::time::OffsetDateTime;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::names::UntrustedStr;

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
pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OffsetDateTime, D::Error> {
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

pub(super) fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    date(deserializer).map(Some)
}
