//! The one member that is read of a payload before it is verified: `iss`, to look its keys up.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::check::{Found, Reason, ReasonKind, fail};
use crate::json::JsonKind;

/// The `iss` of a payload. Nothing else of it is looked at, and nothing of it is believed.
pub(super) fn peek_issuer(payload: &[u8]) -> Result<Cow<'_, str>, Reason> {
    let peeked: Peeked<'_> = serde_json::from_slice(payload).map_err(|error| {
        if error.is_data() { ReasonKind::NotAnObject } else { ReasonKind::NotJson }
    })?;
    match peeked {
        Peeked::Absent => fail(ReasonKind::Missing, Found::Nothing),
        Peeked::Twice => fail(ReasonKind::DuplicateName, Found::Nothing),
        Peeked::Once(Value::Text(iss)) => Ok(iss),
        Peeked::Once(Value::Other(kind)) => fail(ReasonKind::WrongType, Found::Kind(kind)),
    }
}

/// What an object says of `iss`.
enum Peeked<'a> {
    Absent,
    Once(Value<'a>),
    Twice,
}

/// A string, or a value of another kind.
enum Value<'a> {
    Text(Cow<'a, str>),
    Other(JsonKind),
}

impl<'de> Deserialize<'de> for Peeked<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Peeked<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peeked<'de>, A::Error> {
                let mut peeked = Peeked::Absent;
                while let Some(name) = map.next_key::<Value<'de>>()? {
                    if !matches!(name, Value::Text(name) if name == "iss") {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    }
                    let value = map.next_value()?;
                    peeked = match peeked {
                        Peeked::Absent => Peeked::Once(value),
                        Peeked::Once(_) | Peeked::Twice => Peeked::Twice,
                    };
                }
                Ok(peeked)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Value<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Value<'de>, E> {
                Ok(Value::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Value<'de>, E> {
                Ok(Value::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E: Error>(self) -> Result<Value<'de>, E> {
                Ok(Value::Other(JsonKind::Null))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Value<'de>, E> {
                Ok(Value::Other(JsonKind::Boolean))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Value<'de>, E> {
                Ok(Value::Other(JsonKind::Number))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Value<'de>, E> {
                Ok(Value::Other(JsonKind::Number))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Value<'de>, E> {
                Ok(Value::Other(JsonKind::Number))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value<'de>, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Value::Other(JsonKind::Array))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::Other(JsonKind::Object))
            }
        }

        deserializer.deserialize_any(Any)
    }
}
