//! Why a value does not fit the caller's type.

use std::fmt;

use serde::de::{Expected, Unexpected};

use super::document::JsonKind;
use crate::names::UntrustedStr;

/// Why a value does not fit the caller's type: member names and type names of the caller's
/// program, and kinds of JSON; nothing that came from the input.
#[derive(Debug, Default)]
pub(crate) struct Misfit {
    path: Vec<&'static str>,
    problem: Problem,
}

#[derive(Debug, Default)]
enum Problem {
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

impl Misfit {
    pub(super) fn inside(mut self, member: Option<&'static str>) -> Self {
        self.path.extend(member);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, member) in self.path.iter().rev().enumerate() {
            let before = if nth == 0 { "member " } else { "." };
            write!(f, "{before}{member}")?;
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        match &self.problem {
            Problem::Other => f.write_str("the claims type refuses the value"),
            Problem::Missing(member) => write!(f, "member {member} is missing"),
            Problem::Duplicate(member) => write!(f, "the claims type reads {member} twice"),
            Problem::Unknown => f.write_str("the claims type does not know a name in it"),
            Problem::Type { expected, found } => {
                write!(f, "expected {}, found {found}", UntrustedStr::new(expected))
            }
            Problem::Value { expected } => {
                write!(f, "expected {}, found another value", UntrustedStr::new(expected))
            }
        }
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    /// Drops the text: a type's own message may repeat the input.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::default()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let found = kind_of(found).to_string();
        Problem::Type { expected, found }.into()
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        Problem::Value { expected }.into()
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        Problem::Value { expected }.into()
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Problem::Unknown.into()
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Problem::Unknown.into()
    }

    fn missing_field(field: &'static str) -> Self {
        Problem::Missing(field).into()
    }

    fn duplicate_field(field: &'static str) -> Self {
        Problem::Duplicate(field).into()
    }
}

impl From<Problem> for Misfit {
    fn from(problem: Problem) -> Self {
        Self { path: Vec::new(), problem }
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
