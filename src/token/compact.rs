//! The compact serialization: three segments, one alphabet.

use crate::base64url;
use crate::check::{Finding, Found, PASS, Reason, ReasonKind, fail};

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
        let text = check_alphabet(token)?;
        let three = text.rsplit_once('.').and_then(|(signing_input, signature)| {
            let (header, payload) = signing_input.split_once('.')?;
            let split = Self { signing_input, header, payload, signature };
            (!has_dot(payload)).then_some(split)
        });
        let split = three.ok_or_else(|| wrong_segments(text))?;
        check_attached(split.payload)?;
        Ok(split)
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
        base64url::decode_into(self.signature, &mut buffer.0).unwrap_or_default()
    }
}

/// Room for a decoded signature, on the stack: RSA with 8192 bits.
pub(crate) struct SignatureBuffer([u8; 1024]);

impl SignatureBuffer {
    pub(crate) fn new() -> Self {
        Self([0; 1024])
    }
}

/// A token is refused for its length before it is looked at.
pub(crate) fn check_size(token: &[u8], most: usize) -> Finding {
    let found = token.len();
    if found > most {
        return fail(ReasonKind::TooLong, Found::Count { found, most });
    }
    PASS
}

/// rfc8725bis §3.14: any other character, and it is not a JWT.
fn check_alphabet(token: &[u8]) -> Result<&str, Reason> {
    // Without branches the compiler looks at many bytes at once.
    let other = |b: u8| {
        let letter = (b | 0x20).wrapping_sub(b'a') < 26;
        let digit = b.wrapping_sub(b'0') < 10;
        u8::from(!(letter | digit | (b == b'-') | (b == b'_') | (b == b'.')))
    };
    match std::str::from_utf8(token) {
        Ok(text) if token.iter().fold(0, |any, b| any | other(*b)) == 0 => Ok(text),
        _ => fail(ReasonKind::Alphabet, Found::Nothing),
    }
}

/// Looks at all of the text, which the compiler does many bytes at once.
fn has_dot(text: &str) -> bool {
    text.bytes().fold(0, |any, b| any | u8::from(b == b'.')) != 0
}

/// Three segments are a JWS, five a JWE: <https://www.rfc-editor.org/rfc/rfc7516#section-9>
fn wrong_segments(text: &str) -> Reason {
    match text.split('.').count() {
        5 => ReasonKind::Encrypted.into(),
        found => Reason::new(ReasonKind::Segments, Found::Number(found)),
    }
}

/// A JWS with detached content is not a JWT: <https://www.rfc-editor.org/rfc/rfc7515#appendix-F>
fn check_attached(payload: &str) -> Finding {
    if payload.is_empty() {
        return fail(ReasonKind::Detached, Found::Nothing);
    }
    PASS
}

/// Only canonical base64url without padding: <https://www.rfc-editor.org/rfc/rfc7515#section-2>
pub(crate) fn check_base64url(token: &UnverifiedToken<'_>) -> Finding {
    let segments = [token.header, token.payload, token.signature];
    match segments.into_iter().try_for_each(base64url::check_canonical) {
        Ok(()) => PASS,
        Err(_) => fail(ReasonKind::NotBase64url, Found::Nothing),
    }
}
