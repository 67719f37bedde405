//! Values that the claims of several kinds have.

use std::fmt;

use ::time::OffsetDateTime;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::names::UntrustedStr;
use crate::redacted::redacted_debug;

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
    /// Returns the values in the token's order.
    pub fn iter(&self) -> AudiencesIter<'_> {
        AudiencesIter(self.values().iter())
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.values().len()
    }

    /// Returns whether there is no value. A token of a kind that requires an audience has at least one.
    pub fn is_empty(&self) -> bool {
        self.values().is_empty()
    }

    /// Returns whether exactly this value is among them.
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|own| own == audience)
    }

    fn values(&self) -> &[Box<str>] {
        match &self.0 {
            AudienceValues::One(value) => std::slice::from_ref(value),
            AudienceValues::Several(values) => values,
        }
    }
}

/// The values of [`Audiences`].
#[derive(Clone)]
pub struct AudiencesIter<'a>(std::slice::Iter<'a, Box<str>>);

impl<'a> Iterator for AudiencesIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next().map(|value| &**value)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for AudiencesIter<'_> {}

impl<'a> IntoIterator for &'a Audiences {
    type Item = &'a str;
    type IntoIter = AudiencesIter<'a>;

    fn into_iter(self) -> AudiencesIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for AudiencesIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(UntrustedStr::new)).finish()
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
    /// Returns the scopes in the token's order.
    pub fn iter(&self) -> ScopesIter<'_> {
        ScopesIter(self.0.split(' '))
    }

    /// Returns the number of scopes.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns whether the token has no scope.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Returns whether exactly this scope is among them.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|own| own == scope)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(UntrustedStr::new)).finish()
    }
}

/// The scopes of [`Scopes`].
#[derive(Clone)]
pub struct ScopesIter<'a>(std::str::Split<'a, char>);

impl<'a> Iterator for ScopesIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.find(|scope| !scope.is_empty())
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a str;
    type IntoIter = ScopesIter<'a>;

    fn into_iter(self) -> ScopesIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for ScopesIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone().map(UntrustedStr::new)).finish()
    }
}

/// The actor that acts for a token's subject.
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
    /// Returns the actor's name as a subject.
    pub fn sub(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// Returns the issuer of that subject, if it is not the token's issuer.
    pub fn iss(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// Returns the actor's name as a client.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// Returns the actors that acted before, the latest first. They must not be used for access control.
    pub fn history(&self) -> ActorsIter<'_> {
        ActorsIter(self.act.as_deref())
    }

    /// Returns the whole chain: this actor, then those that acted before.
    pub fn iter(&self) -> ActorsIter<'_> {
        ActorsIter(Some(self))
    }
}

/// A chain of actors, the latest first.
#[derive(Clone)]
pub struct ActorsIter<'a>(Option<&'a Actor>);

impl<'a> Iterator for ActorsIter<'a> {
    type Item = &'a Actor;

    fn next(&mut self) -> Option<&'a Actor> {
        let actor = self.0?;
        self.0 = actor.act.as_deref();
        Some(actor)
    }
}

impl<'a> IntoIterator for &'a Actor {
    type Item = &'a Actor;
    type IntoIter = ActorsIter<'a>;

    fn into_iter(self) -> ActorsIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for ActorsIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActorsIter").finish_non_exhaustive()
    }
}

redacted_debug!(Actor);

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

redacted_debug!(AuthorizationDetail);

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
