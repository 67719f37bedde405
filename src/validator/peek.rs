//! The one member that is read of a payload before it is verified: the name of the issuer or the client
//! whose keys are to be looked up.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::check::{Found, Reason, ReasonKind, fail};
use crate::json::JsonKind;

/// The claim of a payload that names its signer. Nothing else of it is looked at, and nothing of it is
/// believed.
pub(super) fn peek<'p>(payload: &'p [u8], claim: &str) -> Result<Cow<'p, str>, Reason> {
    let mut json = serde_json::Deserializer::from_slice(payload);
    let peeked = Seek(claim).deserialize(&mut json);
    let peeked = peeked.and_then(|peeked| json.end().map(|()| peeked)).map_err(|error| {
        if error.is_data() { ReasonKind::NotAnObject } else { ReasonKind::NotJson }
    })?;
    match peeked {
        Peeked::Absent => fail(ReasonKind::Missing, Found::Nothing),
        Peeked::Twice => fail(ReasonKind::DuplicateName, Found::Nothing),
        Peeked::Once(Value::Text(name)) => Ok(name),
        Peeked::Once(Value::Other(kind)) => fail(ReasonKind::WrongType, Found::Kind(kind)),
    }
}

/// Looks for a member of this name.
struct Seek<'n>(&'n str);

/// What an object says of the member.
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

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Peeked<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Peeked<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Peeked<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peeked<'de>, A::Error> {
        let mut peeked = Peeked::Absent;
        while let Some(name) = map.next_key::<Value<'de>>()? {
            if !matches!(name, Value::Text(name) if name == self.0) {
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
