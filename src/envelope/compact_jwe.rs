//! The compact serialization of a JWE: five segments.

use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::token::is_in_alphabet;

/// An encrypted token in five segments, each of them canonical base64url. Nothing about it is to be
/// believed.
#[derive(Clone, Copy, Debug)]
pub(super) struct EncryptedToken<'a> {
    header: &'a str,
    encrypted_key: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

impl<'a> EncryptedToken<'a> {
    /// Splits a token into its segments.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7516#section-7.1>, rfc8725bis §3.14
    pub(super) fn split(token: &'a [u8]) -> Result<Self, Reason> {
        let Ok(text) = std::str::from_utf8(token) else {
            return fail(ReasonKind::Alphabet, Found::Nothing);
        };
        let mut segments = text.split('.');
        let mut next = || segments.next();
        let five = [next(), next(), next(), next(), next()];
        let [Some(header), Some(encrypted_key), Some(iv), Some(ciphertext), Some(tag)] = five
        else {
            return Err(wrong_segments(text));
        };
        let split = Self { header, encrypted_key, iv, ciphertext, tag };
        if next().is_some() || !split.segments().into_iter().all(is_in_alphabet) {
            return Err(wrong_segments(text));
        }
        check_base64url(&split)?;
        Ok(split)
    }

    fn segments(&self) -> [&'a str; 5] {
        [self.header, self.encrypted_key, self.iv, self.ciphertext, self.tag]
    }

    pub(super) fn header(&self) -> &'a str {
        self.header
    }

    pub(super) fn encrypted_key(&self) -> &'a str {
        self.encrypted_key
    }

    pub(super) fn iv(&self) -> &'a str {
        self.iv
    }

    pub(super) fn tag(&self) -> &'a str {
        self.tag
    }

    /// The ciphertext and then the tag, decoded.
    pub(super) fn decode_content(&self) -> Option<Vec<u8>> {
        let length = base64url::decoded_len(self.ciphertext.len());
        let mut content = vec![0; length.saturating_add(base64url::decoded_len(self.tag.len()))];
        let (ciphertext, tag) = content.split_at_mut(length);
        base64url::decode_into(self.ciphertext, ciphertext).ok()?;
        base64url::decode_into(self.tag, tag).ok()?;
        Some(content)
    }
}

/// What is not five segments in the alphabet: <https://www.rfc-editor.org/rfc/rfc7516#section-9>
fn wrong_segments(text: &str) -> Reason {
    if !text.split('.').all(is_in_alphabet) {
        return ReasonKind::Alphabet.into();
    }
    match text.split('.').count() {
        3 => ReasonKind::NotEncrypted.into(),
        found => Reason::new(ReasonKind::JweSegments, Found::Number(found)),
    }
}

/// Only canonical base64url without padding: <https://www.rfc-editor.org/rfc/rfc7515#section-2>
fn check_base64url(token: &EncryptedToken<'_>) -> Result<(), Reason> {
    if token.segments().into_iter().all(base64url::is_canonical) {
        return Ok(());
    }
    fail(ReasonKind::NotBase64url, Found::Nothing)
}
