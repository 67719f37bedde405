//! The compact serialization: three segments, one alphabet.

use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};

/// A token in three segments, each of them canonical base64url. Nothing about it is to be believed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnverifiedToken<'a> {
    /// The header and payload segments with the dot between them: what the signature covers.
    signing_input: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> UnverifiedToken<'a> {
    /// Splits a token into its segments.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7515#section-7.1>, rfc8725bis §3.14
    pub(crate) fn split(token: &'a [u8]) -> Result<Self, Reason> {
        let Ok(text) = std::str::from_utf8(token) else {
            return fail(ReasonKind::Alphabet, Found::Nothing);
        };
        let three = text.rsplit_once('.').and_then(|(signing_input, signature)| {
            let (header, payload) = signing_input.split_once('.')?;
            let split = Self { signing_input, header, payload, signature };
            split.segments().into_iter().all(is_in_alphabet).then_some(split)
        });
        let split = three.ok_or_else(|| wrong_segments(text))?;
        check_attached(split.payload)?;
        Ok(split)
    }

    fn segments(&self) -> [&'a str; 3] {
        [self.header, self.payload, self.signature]
    }

    pub(crate) fn signing_input(&self) -> &'a str {
        self.signing_input
    }

    pub(crate) fn header(&self) -> &'a str {
        self.header
    }

    /// The payload as encoded, for the look-up of the issuer among several and nothing else.
    pub(crate) fn unverified_payload(&self) -> &'a str {
        self.payload
    }

    /// Decodes the signature. One that is longer than any algorithm's reads as empty.
    pub(crate) fn decode_signature<'b>(&self, buffer: &'b mut SignatureBuffer) -> &'b [u8] {
        if base64url::decoded_len(self.signature.len()) > SignatureBuffer::MOST {
            return &[];
        }
        buffer.0.decode(self.signature).unwrap_or_default()
    }
}

/// Room for a decoded signature, on the stack.
pub(crate) struct SignatureBuffer(base64url::Buffer<256, { Self::MOST }>);

impl SignatureBuffer {
    /// ML-DSA-87: <https://www.rfc-editor.org/rfc/rfc9964>
    const MOST: usize = 4627;

    pub(crate) fn new() -> Self {
        Self(base64url::Buffer::new())
    }
}

/// A token is refused for its length before it is looked at.
pub(crate) fn check_size(token: &[u8], most: usize) -> Result<(), Reason> {
    let found = token.len();
    if found > most {
        return fail(ReasonKind::TooLong, Found::Count { found, most });
    }
    Ok(())
}

/// Whether a segment has no characters but those of base64url.
pub(crate) fn is_in_alphabet(segment: &str) -> bool {
    // Without branches the compiler looks at many bytes at once.
    let letter = |b: u8| (b | 0x20).wrapping_sub(b'a') < 26;
    let digit = |b: u8| b.wrapping_sub(b'0') < 10;
    segment.bytes().fold(true, |all, b| all & (letter(b) | digit(b) | (b == b'-') | (b == b'_')))
}

/// What is not three segments in the alphabet. Any other character, and it is not a JWT
/// (rfc8725bis §3.14); three segments are a JWS, five a JWE:
/// <https://www.rfc-editor.org/rfc/rfc7516#section-9>
fn wrong_segments(text: &str) -> Reason {
    if !text.split('.').all(is_in_alphabet) {
        if text.contains('~') && text.split(['.', '~']).all(is_in_alphabet) {
            return ReasonKind::SdJwt.into();
        }
        return ReasonKind::Alphabet.into();
    }
    match text.split('.').count() {
        5 => ReasonKind::Encrypted.into(),
        found => Reason::new(ReasonKind::Segments, Found::Number(found)),
    }
}

/// A JWS with detached content is not a JWT: <https://www.rfc-editor.org/rfc/rfc7515#appendix-F>
fn check_attached(payload: &str) -> Result<(), Reason> {
    if payload.is_empty() {
        return fail(ReasonKind::Detached, Found::Nothing);
    }
    Ok(())
}

/// Only canonical base64url without padding: <https://www.rfc-editor.org/rfc/rfc7515#section-2>
pub(crate) fn check_base64url(token: &UnverifiedToken<'_>) -> Result<(), Reason> {
    if token.segments().into_iter().all(base64url::is_canonical) {
        return Ok(());
    }
    fail(ReasonKind::NotBase64url, Found::Nothing)
}
