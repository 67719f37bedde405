//! The error of deserializing a value into the caller's type.

use std::fmt;

use serde::de::{Expected, Unexpected};

use super::value::JsonKind;
use crate::names::UntrustedStr;

/// The error of deserializing a value into the caller's type.
///
/// It contains member names and type names of the caller's program and JSON types, and no text of
/// the input.
#[derive(Debug, Default)]
pub struct DeserializeError {
    path: Vec<&'static str>,
    kind: DeserializeErrorKind,
}

#[derive(Debug, Default)]
enum DeserializeErrorKind {
    #[default]
    Other,
    Missing(&'static str),
    Duplicate(&'static str),
    Unknown,
    Type {
        expected: String,
        found: String,
    },
    Value {
        expected: String,
    },
}

impl DeserializeError {
    /// Adds the member that contains the value to the path.
    pub(super) fn inside(mut self, member: Option<&'static str>) -> Self {
        self.path.extend(member);
        self
    }
}

impl fmt::Display for DeserializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, member) in self.path.iter().rev().enumerate() {
            let before = if nth == 0 { "member " } else { "." };
            write!(f, "{before}{member}")?;
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        match &self.kind {
            DeserializeErrorKind::Other => f.write_str("the claims type refuses the value"),
            DeserializeErrorKind::Missing(member) => write!(f, "member {member} is missing"),
            DeserializeErrorKind::Duplicate(member) => {
                write!(f, "the claims type reads {member} twice")
            }
            DeserializeErrorKind::Unknown => {
                f.write_str("the claims type does not know a name in it")
            }
            DeserializeErrorKind::Type { expected, found } => {
                write!(f, "expected {}, found {found}", UntrustedStr::new(expected))
            }
            DeserializeErrorKind::Value { expected } => {
                write!(f, "expected {}, found another value", UntrustedStr::new(expected))
            }
        }
    }
}

impl std::error::Error for DeserializeError {}

impl serde::de::Error for DeserializeError {
    /// Drops the message, because the message of a caller's type may repeat the input.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let found = kind_of(found).to_string();
        DeserializeErrorKind::Type { expected, found }.into()
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        DeserializeErrorKind::Value { expected }.into()
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        DeserializeErrorKind::Value { expected }.into()
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        DeserializeErrorKind::Unknown.into()
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        DeserializeErrorKind::Unknown.into()
    }

    fn missing_field(field: &'static str) -> Self {
        DeserializeErrorKind::Missing(field).into()
    }

    fn duplicate_field(field: &'static str) -> Self {
        DeserializeErrorKind::Duplicate(field).into()
    }
}

impl From<DeserializeErrorKind> for DeserializeError {
    fn from(kind: DeserializeErrorKind) -> Self {
        Self { path: Vec::new(), kind }
    }
}

fn kind_of(found: Unexpected<'_>) -> JsonKind {
    match found {
        Unexpected::Unit | Unexpected::Option => JsonKind::Null,
        Unexpected::Bool(_) => JsonKind::Boolean,
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => JsonKind::Number,
        Unexpected::Seq => JsonKind::Array,
        Unexpected::Map
        | Unexpected::Enum
        | Unexpected::StructVariant
        | Unexpected::TupleVariant
        | Unexpected::NewtypeVariant => JsonKind::Object,
        Unexpected::Char(_)
        | Unexpected::Str(_)
        | Unexpected::Bytes(_)
        | Unexpected::UnitVariant
        | Unexpected::NewtypeStruct
        | Unexpected::Other(_) => JsonKind::String,
    }
}
