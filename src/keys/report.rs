//! What happened to the keys of a set when it was loaded.

use std::fmt;

use crate::error::{InvalidKey, write_place};
use crate::names::KeyId;

/// The result of loading a key set.
///
/// `Display` writes a line with the numbers, and then a line for each key that was left out and for each
/// remark, for an operator.
///
/// ```
/// # use jwt_appraisal::*;
/// let set = JwkSet::from_json(r#"{"keys":[{"kty":"oct","k":"c2VjcmV0","kid":"a"},{"kty":"quantum"}]}"#)?;
/// let keys = KeyStore::new([SignatureAlgorithm::Es256], set)?;
/// assert_eq!(
///     keys.report().to_string(),
///     "0 keys are usable, 2 are left out\n\
///      key 0 (kid \"a\"): its member \"k\" belongs to a symmetric key, but a published set has public keys \
///      only; replace the key\n\
///      key 1: its member \"kty\" has a value that this crate does not know",
/// );
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyReport {
    pub(super) usable: usize,
    pub(super) skipped: Vec<InvalidKey>,
    pub(super) notes: Vec<KeyNote>,
}

impl KeyReport {
    /// Returns the number of usable keys. A key that is listed twice counts once.
    pub fn usable(&self) -> usize {
        self.usable
    }

    /// Returns the keys that cannot be used, each with its index, the member at fault and the
    /// reason.
    pub fn skipped(&self) -> &[InvalidKey] {
        &self.skipped
    }

    /// Returns remarks about keys that are not at fault themselves. They do not prevent the use of a
    /// key.
    pub fn notes(&self) -> &[KeyNote] {
        &self.notes
    }
}

impl fmt::Display for KeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, verb) = if self.usable == 1 { ("key", "is") } else { ("keys", "are") };
        let left_out = self.skipped.len();
        let are = if left_out == 1 { "is" } else { "are" };
        write!(f, "{} {noun} {verb} usable, {left_out} {are} left out", self.usable)?;
        self.skipped.iter().try_for_each(|invalid| write!(f, "\n{invalid}"))?;
        self.notes.iter().try_for_each(|note| write!(f, "\n{note}"))
    }
}

/// A remark about a key of a set that is not at fault itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyNote {
    pub(super) index: usize,
    pub(super) kid: Option<KeyId>,
    pub(super) kind: KeyNoteKind,
}

impl KeyNote {
    /// Returns the key's place in the set's array `keys`, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the key's `kid`.
    pub fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    /// Returns what the remark is about.
    pub fn kind(&self) -> &KeyNoteKind {
        &self.kind
    }
}

impl fmt::Display for KeyNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, Some(self.index), self.kid.as_ref())?;
        write!(f, ": {}", self.kind)
    }
}

/// The kinds of remarks about keys.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyNoteKind {
    /// The set lists the same key under the same `kid` and algorithm before. It is used once.
    #[error("it is the same key as key {of}")]
    #[non_exhaustive]
    Duplicate {
        /// The place of the key that is used.
        of: usize,
    },
    /// The certificate in `x5c` is a certificate of this key, as
    /// [RFC 7517 §4.7](https://www.rfc-editor.org/rfc/rfc7517#section-4.7) requires. Its chain, its
    /// validity and its revocation were not checked: the key is trusted because the issuer
    /// publishes it.
    #[error("its member \"x5c\" holds a certificate of this key that was not validated")]
    CertificateNotValidated,
}
