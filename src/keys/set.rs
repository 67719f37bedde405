//! A JWK set, as published by an issuer.

use std::fmt;

use super::bounds::bounds;
use super::jwk::Jwk;
use crate::error::{InvalidKey, KeyError, check_limits};
use crate::json::{Document, JsonError, JsonKind, Value};
use crate::limits::Limits;

/// A JWK set: the keys that could be read, and for each other key why it could not.
///
/// A key that is malformed or of an unknown type does not break the set.
///
/// [RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)
#[derive(Clone, Default)]
pub struct JwkSet {
    pub(super) keys: Vec<Result<Jwk, InvalidKey>>,
}

impl JwkSet {
    /// Reads a set from its JSON text, within the default [`Limits`].
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the text is longer than 256 KiB, not strict JSON, not an object with an
    /// array `keys`, or has more than 100 keys. A problem with one key is no error.
    ///
    /// ```
    /// # use jwt_appraisal::JwkSet;
    /// let set = JwkSet::from_json(r#"{"keys":[{"kty":"quantum"}]}"#)?;
    /// assert_eq!(set.invalid_keys().count(), 1);
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::from_json_within(json, &Limits::default())
    }

    /// Reads a set from its JSON text, within the caller's limits.
    ///
    /// # Errors
    ///
    /// As [`JwkSet::from_json`], and [`KeyError::OutOfRange`] if a limit is out of its range.
    pub fn from_json_within(json: impl AsRef<[u8]>, limits: &Limits) -> Result<Self, KeyError> {
        let mut document = Document::new();
        let keys = read_keys(json.as_ref(), &mut document, limits)?;
        let read = |(index, key): (usize, Value<'_>)| {
            let kid = key.get("kid").and_then(Value::as_str).map(Into::into);
            Jwk::parse(key).map_err(|invalid| invalid.of_key(index, kid.as_ref()))
        };
        Ok(Self { keys: keys.elements().enumerate().map(read).collect() })
    }

    /// A set of keys that were read one by one.
    pub fn from_keys(keys: impl IntoIterator<Item = Jwk>) -> Self {
        Self { keys: keys.into_iter().map(Ok).collect() }
    }

    /// The keys that could be read.
    pub fn keys(&self) -> impl Iterator<Item = &Jwk> {
        self.keys.iter().filter_map(|key| key.as_ref().ok())
    }

    /// Why the other keys could not be read.
    pub fn invalid_keys(&self) -> impl Iterator<Item = &InvalidKey> {
        self.keys.iter().filter_map(|key| key.as_ref().err())
    }
}

impl fmt::Debug for JwkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwkSet")
            .field("keys", &self.keys().collect::<Vec<_>>())
            .field("invalid_keys", &self.invalid_keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Reads a set as far as its array of keys.
pub(super) fn read_keys<'d, 't>(
    json: &'t [u8],
    document: &'d mut Document<'t>,
    limits: &Limits,
) -> Result<Value<'d>, KeyError> {
    check_limits(limits)?;
    check_size(json, limits.key_set_bytes)?;
    document.read(json, bounds(limits))?;
    check_keys(document.root(), limits.keys_per_set)
}

/// A set is refused for its length before it is read.
fn check_size(json: &[u8], most: usize) -> Result<(), KeyError> {
    let found = json.len();
    if found > most {
        return Err(KeyError::SetTooLong { found, most });
    }
    Ok(())
}

/// The member `keys`, an array of bounded length.
fn check_keys<'d>(set: Value<'d>, most: usize) -> Result<Value<'d>, KeyError> {
    let keys = set.get("keys").ok_or(KeyError::NotASet)?;
    if keys.kind() != JsonKind::Array {
        return Err(KeyError::NotASet);
    }
    if keys.elements().nth(most).is_some() {
        return Err(KeyError::TooManyKeys { most });
    }
    let inside: usize = keys.elements().map(|key| key.repeated_names().count()).sum();
    if set.repeated_names().count() > inside {
        return Err(JsonError::DuplicateName.into());
    }
    Ok(keys)
}
