//! Names as types: what configuration says, and what untrusted input says.

use std::fmt;
use std::sync::Arc;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

/// Defines a name that is compared code point by code point, as RFC 7519 §2 demands.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Arc<str>);

        impl $name {
            /// A name of exactly these characters; nothing is normalized.
            pub fn new(name: impl Into<Arc<str>>) -> Self {
                Self(name.into())
            }

            /// The name's characters.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
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

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&UntrustedStr::new(self.as_str()), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&UntrustedStr::new(self.as_str()), f)
            }
        }

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
    /// A media type as written.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The text it was made from.
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

impl fmt::Debug for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&UntrustedStr::new(&self.0), f)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&UntrustedStr::new(&self.0), f)
    }
}

impl From<&str> for MediaType {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

/// Text that came from a token before anything was verified.
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
        for c in self.0.chars().take(SHOWN) {
            match c {
                '"' | '\\' | '\n' | '\r' | '\t' => write!(f, "{}", c.escape_default())?,
                ' '..='~' => write!(f, "{c}")?,
                _ => write!(f, "{}", c.escape_unicode())?,
            }
        }
        match self.0.chars().nth(SHOWN) {
            Some(_) => write!(f, "… ({} bytes)", self.0.len()),
            None => Ok(()),
        }
    }
}
