//! A secret that issuer and verifier share, for HS256, HS384 and HS512.

use std::fmt;

use zeroize::Zeroizing;

use super::jwk::{Jwk, Material};
use crate::alg::MacAlgorithm;
use crate::crypto::{CryptoProvider, VerifyingKey};
use crate::error::{KeyError, KeyFault, KeyProblem};
use crate::names::KeyId;

/// A shared secret with its one MAC algorithm.
///
/// Whoever verifies with it can also sign with it, so it suits one issuer that serves one service.
/// Our copy of the bytes is cleared when it is dropped.
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
            return Err(KeyProblem::new("kty", KeyFault::AlgorithmOfOtherKey).into());
        };
        if jwk.alg.as_deref().is_some_and(|alg| alg != algorithm.name()) {
            let permitted = algorithm.name().to_owned();
            return Err(KeyProblem::new("alg", KeyFault::NotPermitted(permitted)).into());
        }
        jwk.check_use()?;
        jwk.check_key_ops()?;
        let mut secret = Self::new(algorithm, k)?;
        secret.kid.clone_from(&jwk.kid);
        Ok(secret)
    }

    pub(crate) fn import(&self, provider: &CryptoProvider) -> VerifyingKey {
        VerifyingKey::import_secret(provider, self.algorithm, &self.bytes)
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
fn check_length(secret: &[u8], algorithm: MacAlgorithm) -> Result<(), KeyProblem> {
    let (found, least) = (secret.len(), algorithm.min_secret_bytes());
    if found < least {
        return Err(KeyProblem::new("k", KeyFault::ShortSecret { found, least }));
    }
    Ok(())
}

/// The text of a public key is no secret: <https://www.rfc-editor.org/rfc/rfc8725#section-2.1>
///
/// What marks one may stand anywhere, as files begin with comments and byte order marks.
fn check_not_public(secret: &[u8]) -> Result<(), KeyProblem> {
    const MARKS: &[&[u8]] = &[
        b"BEGIN ",
        b"\"kty\"",
        b"ssh-rsa",
        b"ssh-dss",
        b"ssh-ed25519",
        b"ecdsa-sha2-",
        // The object identifiers rsaEncryption and id-ecPublicKey, in DER and in its base64.
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01",
        b"\x2a\x86\x48\xce\x3d\x02\x01",
        b"hkiG9w0BAQ",
        b"KoZIhvcNAQ",
        b"hkjOPQIB",
        b"qGSM49AgE",
    ];
    let holds = |mark: &&[u8]| secret.windows(mark.len()).any(|part| part == *mark);
    if MARKS.iter().any(holds) {
        return Err(KeyProblem::new("k", KeyFault::PublicSecret));
    }
    Ok(())
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecret").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
