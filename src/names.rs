//! Names as types: what configuration says, and what untrusted input says.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Implements what every trusted name offers. Such a name is configuration, so it prints exactly: two
/// names that differ never print the same text. `Debug` escapes it, so that it stays on one line.
macro_rules! trusted_text {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_quoted(f, self.as_str())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self::new(name)
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(name: &str) -> Result<Self, Infallible> {
                Ok(Self::new(name))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

/// Defines a name that is compared code point by code point, as RFC 7519 §2 requires.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Makes a name of exactly these characters. Nothing is normalized.
            pub fn new(name: impl Into<Arc<str>>) -> Self {
                Self(name.into())
            }

            /// Returns the name's characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        trusted_text!($name);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text).map(Self)
            }
        }
    };
}

name! {
    /// Who issued a token: the `iss` claim, compared exactly.
    ///
    /// [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1)
    Issuer
}

name! {
    /// For whom a token is meant: one value of the `aud` claim, compared exactly.
    ///
    /// [RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)
    Audience
}

name! {
    /// The `kid` of a key: an exact, case-sensitive look-up inside one issuer's set, nothing else.
    ///
    /// [RFC 7517 §4.5](https://www.rfc-editor.org/rfc/rfc7517#section-4.5)
    KeyId
}

/// Reads a string with one allocation.
struct Text;

impl Visitor<'_> for Text {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(text.into())
    }
}

/// A media type as `typ` and `cty` name it.
///
/// Two are equal if they are the same after `application/` is put before a value that has no `/`,
/// without regard to letter case; parameters are not accepted.
///
/// [RFC 7515 §4.1.9](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9)
///
/// ```
/// # use jwt_appraisal::MediaType;
/// assert_eq!(MediaType::new("at+jwt"), MediaType::new("application/AT+JWT"));
/// ```
#[derive(Clone)]
pub struct MediaType(Arc<str>);

impl MediaType {
    /// Makes a media type as written.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// Returns the text that it was made from.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a header's text names this type.
    pub(crate) fn matches(&self, text: &str) -> bool {
        // Most tokens spell it the same way.
        *self.0 == *text || same_media_type(&self.0, text)
    }

    /// The one spelling of all those that name this type.
    pub(crate) fn normalized(&self) -> String {
        let name = self.0.to_ascii_lowercase();
        name.strip_prefix("application/").map_or(name.clone(), str::to_owned)
    }

    /// Whether this is a type without parameters: one or two tokens of RFC 6838 §4.2.
    pub(crate) fn is_well_formed(&self) -> bool {
        let name = |part: &str| {
            let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
            !part.is_empty() && part.len() <= 127 && part.bytes().all(allowed)
        };
        match self.0.split_once('/') {
            Some((main, sub)) => name(main) && name(sub),
            None => name(&self.0),
        }
    }
}

/// Whether two texts name the same media type.
pub(crate) fn same_media_type(one: &str, other: &str) -> bool {
    subtype(one).eq_ignore_ascii_case(subtype(other))
}

/// The text without `application/`, which is implied where there is no `/`.
fn subtype(text: &str) -> &str {
    const PREFIX: &str = "application/";
    match (text.get(..PREFIX.len()), text.get(PREFIX.len()..)) {
        (Some(start), Some(rest)) if start.eq_ignore_ascii_case(PREFIX) && !rest.contains('/') => {
            rest
        }
        _ => text,
    }
}

impl Eq for MediaType {}

impl PartialEq for MediaType {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

trusted_text!(MediaType);

/// Text from a token that is not verified yet.
///
/// It prints escaped and cut to 64 characters, so that a log line stays one line.
///
/// ```
/// # use jwt_appraisal::UntrustedStr;
/// let kid = UntrustedStr::new("a\nb");
/// assert_eq!(kid.to_string(), "a\\nb");
/// ```
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct UntrustedStr<'a>(&'a str);

impl<'a> UntrustedStr<'a> {
    /// Marks a text as untrusted.
    pub fn new(text: &'a str) -> Self {
        Self(text)
    }

    /// The text itself, for an exact look-up and nothing else.
    pub fn expose_untrusted(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for UntrustedStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl fmt::Display for UntrustedStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 64;
        write_escaped(f, self.0.chars().take(SHOWN))?;
        match self.0.chars().nth(SHOWN) {
            Some(_) => write!(f, "… ({} bytes)", self.0.len()),
            None => Ok(()),
        }
    }
}

/// Writes a text between quotes, escaped and whole.
fn write_quoted(f: &mut impl fmt::Write, text: &str) -> fmt::Result {
    f.write_char('"')?;
    write_escaped(f, text.chars())?;
    f.write_char('"')
}

/// Writes characters so that they stay on one line and none of them is invisible.
pub(crate) fn write_escaped(
    f: &mut impl fmt::Write,
    characters: impl Iterator<Item = char>,
) -> fmt::Result {
    for c in characters {
        match c {
            '"' | '\\' | '\n' | '\r' | '\t' => write!(f, "{}", c.escape_default())?,
            ' '..='~' => f.write_char(c)?,
            _ => write!(f, "{}", c.escape_unicode())?,
        }
    }
    Ok(())
}
