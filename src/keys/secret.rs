//! A secret that issuer and verifier share, for HS256, HS384 and HS512.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::jwk::{Jwk, Material};
use crate::alg::MacAlgorithm;
use crate::crypto::{CryptoProvider, VerifyingKey};
use crate::error::{InvalidKey, KeyError, KeyErrorKind};
use crate::names::KeyId;
use crate::redacted::redacted_debug;

/// A shared secret with its one MAC algorithm.
///
/// A verifier that has it can also sign with it, so it suits one issuer that serves one service. This
/// copy of the bytes is cleared when it is dropped.
///
/// A party can have several secrets while one replaces the other
/// ([`TrustedIssuer::with_secrets`](crate::TrustedIssuer::with_secrets)).
///
/// [RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)
pub struct SharedSecret {
    algorithm: MacAlgorithm,
    bytes: Zeroizing<Vec<u8>>,
    kid: Option<KeyId>,
}

impl SharedSecret {
    /// A secret of random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::Key`] if it is shorter than the hash's output (32, 48 or 64 bytes), or holds
    /// a public key: PEM, OpenSSH, JWK or DER.
    ///
    /// ```
    /// # use jwt_appraisal::{MacAlgorithm, SharedSecret};
    /// assert!(SharedSecret::new(MacAlgorithm::Hs256, b"password").is_err());
    /// ```
    pub fn new(algorithm: MacAlgorithm, secret: &[u8]) -> Result<Self, KeyError> {
        check_length(secret, algorithm)?;
        check_not_public(secret)?;
        Ok(Self { algorithm, bytes: Zeroizing::new(secret.to_vec()), kid: None })
    }

    /// The secret of a JWK of type `oct`. Its `kid`, if it has one, has to be the token's, if that
    /// has one.
    ///
    /// # Errors
    ///
    /// As [`SharedSecret::new`], and if the JWK is of another type, for another algorithm or not
    /// for signatures.
    pub fn from_jwk(algorithm: MacAlgorithm, jwk: &Jwk) -> Result<Self, KeyError> {
        let Material::Oct { k } = &jwk.material else {
            return Err(InvalidKey::new("kty", KeyErrorKind::AlgorithmOfOtherKey).into());
        };
        if jwk.alg.as_deref().is_some_and(|alg| alg != algorithm.name()) {
            let permitted = algorithm.name().to_owned();
            return Err(InvalidKey::new("alg", KeyErrorKind::NotPermitted { permitted }).into());
        }
        jwk.check_use()?;
        jwk.check_key_ops()?;
        let mut secret = Self::new(algorithm, k)?;
        secret.kid.clone_from(&jwk.kid);
        Ok(secret)
    }

    /// Imports secrets for the algorithm of the first as one key, which accepts what any of them
    /// signed.
    pub(super) fn import(secrets: &[&Self], provider: &CryptoProvider) -> VerifyingKey {
        let algorithm = secrets.first().map_or(MacAlgorithm::Hs256, |secret| secret.algorithm);
        let secrets = secrets.iter().map(|secret| secret.bytes.as_slice());
        VerifyingKey::import_secrets(provider, algorithm, secrets)
    }

    /// Returns whether both are the same bytes.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.is(&other.bytes)
    }

    /// Whether these are its bytes.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        *self.bytes == *bytes
    }

    pub(crate) fn algorithm(&self) -> MacAlgorithm {
        self.algorithm
    }

    pub(crate) fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }
}

/// "A key of the same size as the hash output or larger MUST be used":
/// <https://www.rfc-editor.org/rfc/rfc7518#section-3.2>
fn check_length(secret: &[u8], algorithm: MacAlgorithm) -> Result<(), InvalidKey> {
    let (found, least) = (secret.len(), algorithm.min_secret_bytes());
    if found < least {
        return Err(InvalidKey::new("k", KeyErrorKind::ShortSecret { found, least }));
    }
    Ok(())
}

/// A public key is no secret, whatever it is written in:
/// <https://www.rfc-editor.org/rfc/rfc8725#section-2.1>
pub(super) fn check_not_public(secret: &[u8]) -> Result<(), InvalidKey> {
    // UTF-16 of such a text is the text with a zero in each pair.
    let text = Zeroizing::new(secret.iter().copied().filter(|b| *b != 0).collect::<Vec<_>>());
    let public = has_mark(&text)
        || is_der_of_key(secret)
        || is_base64_of_key(&text)
        || Jwk::from_json(secret).is_ok();
    if public {
        return Err(InvalidKey::new("k", KeyErrorKind::PublicSecret));
    }
    Ok(())
}

/// Marks may stand anywhere, as files begin with comments and byte order marks.
fn has_mark(secret: &[u8]) -> bool {
    const MARKS: &[&[u8]] = &[
        b"BEGIN ",
        b"\"kty\"",
        b"ssh-rsa",
        b"ssh-dss",
        b"ssh-ed25519",
        b"ecdsa-sha2-",
        // The object identifiers rsaEncryption and id-ecPublicKey, in DER.
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01",
        b"\x2a\x86\x48\xce\x3d\x02\x01",
        // And in base64, where they begin at the first, second and third octet of a group.
        b"KoZIhvcNAQ",
        b"qGSIb3DQEB",
        b"hkiG9w0BAQ",
        b"KoZIzj0CAQ",
        b"qGSM49AgE",
        b"hkjOPQIB",
    ];
    MARKS.iter().any(|mark| secret.windows(mark.len()).any(|part| part == *mark))
}

/// Whether all of it is one SEQUENCE that begins with another, as in SubjectPublicKeyInfo and
/// certificates, or with an INTEGER, as in PKCS#1. Chance makes one of about 2^24 random secrets so.
fn is_der_of_key(secret: &[u8]) -> bool {
    const SEQUENCE: u8 = 0x30;
    const INTEGER: u8 = 0x02;
    let Some((content, [])) = der_element(secret, SEQUENCE) else {
        return false;
    };
    let inner = [SEQUENCE, INTEGER].into_iter().find_map(|tag| der_element(content, tag));
    inner.is_some_and(|(first, rest)| !first.is_empty() && !rest.is_empty())
}

/// The content of a DER element with this tag, and what follows it.
fn der_element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81 => rest.split_first().map(|(length, rest)| (usize::from(*length), rest))?,
        0x82 => {
            let (length, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn is_base64_of_key(text: &[u8]) -> bool {
    let lines = text.iter().copied().filter(|b| !b.is_ascii_whitespace() && *b != b'=');
    let lines = Zeroizing::new(lines.collect::<Vec<_>>());
    [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].into_iter().any(|alphabet| {
        alphabet.decode(&*lines).is_ok_and(|der| is_der_of_key(&Zeroizing::new(der)))
    })
}

redacted_debug!(SharedSecret, |secret| { algorithm: secret.algorithm });
