//! Deserializes a value of a document into the caller's type, through serde.

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer,
    MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::deserialize_error::DeserializeError;
use super::document::Node;
use super::value::{JsonKind, Value};

impl Value<'_> {
    /// Deserializes the value into the caller's type.
    pub(crate) fn read_into<C: DeserializeOwned>(self) -> Result<C, DeserializeError> {
        C::deserialize(self)
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        match self.node() {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(value),
            Node::Unsigned(value) => visitor.visit_u64(value),
            Node::Signed(value) => visitor.visit_i64(value),
            Node::Float(value) => visitor.visit_f64(value),
            Node::Text(text) => visitor.visit_str(text),
            Node::Unescaped(_) => visitor.visit_str(self.as_str().unwrap_or_default()),
            Node::Array { .. } => self.visit_elements(visitor),
            Node::Object { .. } => self.visit_members(visitor, &[]),
            Node::Alias { .. } | Node::Hidden { .. } | Node::Link { .. } => {
                Err(DeserializeError::default())
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        if let Node::Null = self.node() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        if let Node::Object { .. } = self.node() {
            self.visit_members(visitor, fields)
        } else {
            self.deserialize_any(visitor)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let mut members = self.members();
        match (members.next(), members.next()) {
            (Some((name, value)), None) => visitor.visit_enum(Variant { name, value: Some(value) }),
            _ => match self.as_str() {
                Some(name) => visitor.visit_enum(Variant { name, value: None }),
                None => self.deserialize_any(visitor),
            },
        }
    }

    /// Accepts only a string as the name of a variant or member, because serde would let a number
    /// choose one by its position.
    fn deserialize_identifier<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        match self.as_str() {
            Some(name) => visitor.visit_str(name),
            None => Err(DeserializeError::invalid_type(self.unexpected(), &"a name")),
        }
    }

    /// Skips a value that the caller's type ignores. The reader has checked it already.
    fn deserialize_ignored_any<V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map
    }
}

impl<'de> IntoDeserializer<'de, DeserializeError> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Value<'_> {
    fn unexpected(self) -> Unexpected<'static> {
        match self.kind() {
            JsonKind::Null => Unexpected::Unit,
            JsonKind::Boolean => Unexpected::Bool(true),
            JsonKind::Number => Unexpected::Unsigned(0),
            JsonKind::String => Unexpected::Str(""),
            JsonKind::Array => Unexpected::Seq,
            JsonKind::Object => Unexpected::Map,
        }
    }

    fn visit_elements<'de, V: Visitor<'de>>(
        self,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        let mut elements = Elements(self.elements());
        let value = visitor.visit_seq(&mut elements);
        if value.is_ok() && elements.0.next().is_some() {
            return Err(DeserializeError::invalid_length(0, &"fewer elements"));
        }
        value
    }

    fn visit_members<'de, V: Visitor<'de>>(
        self,
        visitor: V,
        fields: &'static [&'static str],
    ) -> Result<V::Value, DeserializeError> {
        let mut members = Members { rest: self.members(), fields, current: None };
        let value = visitor.visit_map(&mut members);
        if value.is_ok() && members.rest.next().is_some() {
            return Err(DeserializeError::invalid_length(0, &"fewer members"));
        }
        value
    }
}

struct Elements<I>(I);

impl<'d, 'de, I: Iterator<Item = Value<'d>>> SeqAccess<'de> for Elements<I> {
    type Error = DeserializeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, DeserializeError> {
        self.0.next().map(|value| seed.deserialize(value)).transpose()
    }
}

struct Members<'d, I> {
    rest: I,
    /// The names that the caller's type declares. Only these may appear in an error.
    fields: &'static [&'static str],
    current: Option<(&'d str, Value<'d>)>,
}

impl<'d, 'de, I: Iterator<Item = (&'d str, Value<'d>)>> MapAccess<'de> for Members<'d, I> {
    type Error = DeserializeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, DeserializeError> {
        self.current = self.rest.next();
        self.current.map(|(name, _)| seed.deserialize(Key(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, DeserializeError> {
        let (name, value) = self.current.take().ok_or_else(DeserializeError::default)?;
        let known = |error: DeserializeError| {
            let field = self.fields.iter().find(|field| **field == name);
            error.inside(field.copied())
        };
        seed.deserialize(value).map_err(known)
    }
}

/// A member's name as a map key, which may be an integer or an enum in the caller's type.
struct Key<'d>(&'d str);

impl Key<'_> {
    /// Returns the integer that the name spells in its canonical form.
    fn integer<T: std::str::FromStr + ToString>(&self) -> Result<T, DeserializeError> {
        let wrong = || DeserializeError::invalid_type(Unexpected::Str(""), &"an integer as name");
        let value: T = self.0.parse().map_err(|_| wrong())?;
        if value.to_string() == self.0 { Ok(value) } else { Err(wrong()) }
    }
}

macro_rules! integer_keys {
    ($($deserialize:ident => $visit:ident),* $(,)?) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
            visitor.$visit(self.integer()?)
        })*
    };
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = DeserializeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        visitor.visit_str(self.0)
    }

    integer_keys! {
        deserialize_i8 => visit_i8, deserialize_i16 => visit_i16, deserialize_i32 => visit_i32,
        deserialize_i64 => visit_i64, deserialize_i128 => visit_i128, deserialize_u8 => visit_u8,
        deserialize_u16 => visit_u16, deserialize_u32 => visit_u32, deserialize_u64 => visit_u64,
        deserialize_u128 => visit_u128,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeserializeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        visitor.visit_enum(Variant { name: self.0, value: None })
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

/// A variant of an enum: its name, and its content if it has one.
struct Variant<'d> {
    name: &'d str,
    value: Option<Value<'d>>,
}

impl<'d> Variant<'d> {
    fn content(self) -> Result<Value<'d>, DeserializeError> {
        self.value.ok_or_else(|| {
            DeserializeError::invalid_type(Unexpected::Str(""), &"a variant with content")
        })
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = DeserializeError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), DeserializeError> {
        Ok((seed.deserialize(Key(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = DeserializeError;

    fn unit_variant(self) -> Result<(), DeserializeError> {
        match self.value.map(Value::kind) {
            None | Some(JsonKind::Null) => Ok(()),
            Some(_) => {
                Err(DeserializeError::invalid_type(Unexpected::Map, &"a variant without content"))
            }
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, DeserializeError> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        self.content()?.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DeserializeError> {
        self.content()?.deserialize_struct("", fields, visitor)
    }
}
