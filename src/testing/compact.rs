//! Compact serializations of any bytes, and changes to them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "tampering with a byte that is not there would be a test that tests nothing"
)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::TestKey;

/// Signs these bytes as header and payload with `key`, and returns the compact serialization
/// ([RFC 7515 §7.1](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)). They are taken as they
/// are, and need not be JSON nor agree with the key.
///
/// # Panics
///
/// If the cryptographic library reports an internal error.
///
/// ```
/// use jwt_appraisal::SignatureAlgorithm;
/// use jwt_appraisal::testing::{TestKey, compact};
///
/// let key = TestKey::generate("k1", SignatureAlgorithm::Es256);
/// let scalar_payload = compact(br#"{"alg":"ES256"}"#, b"42", &key);
/// assert!(scalar_payload.starts_with("eyJhbGciOiJFUzI1NiJ9.NDI."));
/// ```
pub fn compact(header: &[u8], payload: &[u8], key: &TestKey) -> String {
    let input = signing_input(header, payload);
    let signature = key.sign(input.as_bytes());
    format!("{input}.{}", base64url(&signature))
}

/// A segment of a signed token in compact serialization.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Segment {
    /// The first: the JOSE header.
    Header,
    /// The second: the claims.
    Payload,
    /// The third: the signature.
    Signature,
}

/// Flips the lowest bit of one byte of a segment's decoded content, and encodes it again without
/// signing it again. The token stays well-formed base64url and only this byte differs.
///
/// `byte_index` counts from 0; a segment of `n` characters has `n * 3 / 4` bytes.
///
/// # Panics
///
/// If `token` does not have three segments of base64url, or the segment does not have that byte.
///
/// ```
/// use jwt_appraisal::testing::{Segment, TestIssuer, tamper};
///
/// let issuer = TestIssuer::new("https://as.example.com");
/// let token = issuer.access_token("https://api.example.com").sign();
/// let tampered = tamper(&token, Segment::Signature, 0);
/// assert_ne!(token, tampered);
/// assert_eq!(token, tamper(&tampered, Segment::Signature, 0));
/// ```
pub fn tamper(token: &str, segment: Segment, byte_index: usize) -> String {
    let segments: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = segments.as_slice() else {
        panic!("a signed token has three segments, not {}", segments.len());
    };
    let flip = |encoded: &str| flip_bit(encoded, segment, byte_index);
    match segment {
        Segment::Header => format!("{}.{payload}.{signature}", flip(header)),
        Segment::Payload => format!("{header}.{}.{signature}", flip(payload)),
        Segment::Signature => format!("{header}.{payload}.{}", flip(signature)),
    }
}

fn flip_bit(encoded: &str, segment: Segment, byte_index: usize) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(encoded).expect("a token's segments are base64url");
    let length = bytes.len();
    let byte = bytes.get_mut(byte_index).unwrap_or_else(|| {
        panic!("the {segment:?} segment is {length} bytes long and has no byte {byte_index}")
    });
    *byte ^= 1;
    base64url(&bytes)
}

pub(super) fn signing_input(header: &[u8], payload: &[u8]) -> String {
    format!("{}.{}", base64url(header), base64url(payload))
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
