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
    /// [`KeyError::Key`] if it is shorter than the hash's output (32, 48 or 64 bytes), or is the
    /// text of a public key: PEM, OpenSSH or JWK.
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
fn check_not_public(secret: &[u8]) -> Result<(), KeyProblem> {
    let text = String::from_utf8_lossy(secret);
    let begins = |start: &str| text.trim_start().starts_with(start);
    let is_pem = text.contains("-----BEGIN ");
    let is_ssh = begins("ssh-") || begins("ecdsa-sha2-") || begins("sk-");
    let is_jwk = begins("{") && text.contains("\"kty\"");
    if is_pem || is_ssh || is_jwk {
        return Err(KeyProblem::new("k", KeyFault::PublicSecret));
    }
    Ok(())
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecret").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
