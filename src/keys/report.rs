//! What happened to the keys of a set when it was loaded.

use std::fmt;

use crate::error::InvalidKey;
use crate::names::KeyId;

/// The result of loading a key set.
///
/// `Display` writes one line, for a log.
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
        write!(f, "{} usable, {} not", self.usable, self.skipped.len())?;
        self.skipped.iter().try_for_each(|invalid| write!(f, "; {invalid}"))?;
        self.notes.iter().try_for_each(|note| write!(f, "; {note}"))
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
        write!(f, "key {}: {}", self.index, self.kind)
    }
}

/// The kinds of remarks about keys.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyNoteKind {
    /// The set lists the same key under the same `kid` and algorithm before. It is used once.
    #[error("is the same key as key {of}")]
    Duplicate {
        /// The place of the key that is used.
        of: usize,
    },
    /// The certificate in `x5c` is a certificate of this key, as
    /// [RFC 7517 §4.7](https://www.rfc-editor.org/rfc/rfc7517#section-4.7) requires. Its chain, its
    /// validity and its revocation were not checked: the key is trusted because the issuer
    /// publishes it.
    #[error("member \"x5c\" holds a certificate of this key that was not validated")]
    CertificateNotValidated,
}
