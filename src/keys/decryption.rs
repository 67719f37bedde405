//! The keys that encrypted tokens are encrypted to, and the algorithms that are permitted with them.

use std::fmt;

use zeroize::Zeroizing;

use super::bounds::bounds;
use super::jwk::Jwk;
use super::private::PrivateMaterial;
use super::secret::SharedSecret;
use super::set;
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::error::{InvalidKey, KeyError};
use crate::json::{Document, Value};
use crate::limits::Limits;
use crate::names::KeyId;
use crate::redacted::redacted_debug;

/// The recipient's private or symmetric key, which decrypts tokens.
///
/// Which algorithm it is for is decided when the validator is built: what its `alg` says, or the
/// only permitted algorithm for keys of its type. Our copies of its numbers are cleared when they
/// are dropped, and `Debug` prints none of them.
#[derive(Clone)]
pub struct DecryptionKey {
    pub(super) kid: Option<KeyId>,
    pub(super) alg: Option<Box<str>>,
    pub(super) key_use: Option<Box<str>>,
    pub(super) key_ops: Option<Vec<Box<str>>>,
    pub(super) material: PrivateMaterial,
}

impl DecryptionKey {
    /// Reads a JWK of type `RSA`, `EC`, `OKP` or `oct` with its private members. An RSA key has to
    /// have all of `n`, `e`, `d`, `p`, `q`, `dp`, `dq` and `qi`.
    ///
    /// [RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6)
    ///
    /// # Errors
    ///
    /// [`KeyError::Json`] if the text is not strict JSON, [`KeyError::Key`] with the member at
    /// fault if the key is malformed, public, or of a type or curve that nothing is decrypted with.
    ///
    /// ```
    /// # use jwt_appraisal::DecryptionKey;
    /// let public = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
    ///     "y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"}"#;
    /// let error = DecryptionKey::from_jwk(public).unwrap_err();
    /// assert_eq!(error.to_string(), "key: its member \"d\" is missing");
    /// ```
    pub fn from_jwk(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let mut document = Document::new();
        document.read(json.as_ref(), bounds(&Limits::default()))?;
        Ok(Self::parse(document.root())?)
    }

    /// Reads every key of a JWK set. Unlike a set that an issuer publishes, this one is the
    /// caller's own, so a key that cannot be read is an error.
    ///
    /// [RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)
    ///
    /// # Errors
    ///
    /// As [`JwkSet::from_json`](crate::JwkSet::from_json), and as [`DecryptionKey::from_jwk`] with
    /// the index of the key at fault.
    pub fn from_jwk_set(json: impl AsRef<[u8]>) -> Result<Vec<Self>, KeyError> {
        let mut document = Document::new();
        let keys = set::read_keys(json.as_ref(), &mut document, &Limits::default())?;
        let read = |(index, key): (usize, Value<'_>)| {
            let kid = key.get("kid").and_then(Value::as_str).map(Into::into);
            Self::parse(key).map_err(|problem| problem.of_key(index, kid.as_ref()).into())
        };
        keys.elements().enumerate().map(read).collect()
    }

    /// A secret that is shared with the issuer: an AES key, a key of a content encryption
    /// algorithm, or the bytes of a password, which has to have at least 16.
    ///
    /// # Errors
    ///
    /// [`KeyError::Key`] if it is empty. Whether its length fits is seen when the validator is
    /// built.
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        let secret = Zeroizing::new(secret.to_vec());
        Ok(Self::of(PrivateMaterial::secret(secret)?))
    }

    /// The same key with another `kid`. A key without one is found where a token names no key, or
    /// one that no other key has.
    pub fn with_kid(mut self, kid: impl Into<KeyId>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// The key's `kid`.
    pub fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    /// Whether it is the secret that tokens are signed with.
    pub(crate) fn is_secret(&self, secret: &SharedSecret) -> bool {
        matches!(&self.material, PrivateMaterial::Secret(own) if secret.is(own))
    }

    pub(super) fn of(material: PrivateMaterial) -> Self {
        Self { kid: None, alg: None, key_use: None, key_ops: None, material }
    }

    fn parse(value: Value<'_>) -> Result<Self, InvalidKey> {
        let jwk = Jwk::parse(value)?;
        let material = PrivateMaterial::parse(value, &jwk)?;
        let Jwk { kid, alg, key_use, key_ops, .. } = jwk;
        Ok(Self { kid, alg, key_use, key_ops, material })
    }
}

redacted_debug!(DecryptionKey, |key| { kty: key.material.kty(), kid: key.kid });

/// To whom tokens have to be encrypted, and how: the keys, the permitted key management algorithms,
/// and the permitted content encryption algorithms.
///
/// Each key is used with one algorithm and no other; one without `alg` gets the only permitted
/// algorithm for its type. A key for [`KeyManagementAlgorithm::Dir`] is also bound to one content encryption
/// algorithm: what its `alg` says (`A128GCM`, …), or the only permitted one for its length. What can
/// not be bound, or what the crypto provider does not have, is an error of
/// [`ValidatorBuilder::build`](crate::ValidatorBuilder::build).
///
/// A token's `kid` finds a key; where it has none, there has to be exactly one key for its
/// algorithms.
///
/// rfc8725bis §3.1
///
/// ```
/// use jwt_appraisal::crypto::aws_lc_rs;
/// use jwt_appraisal::{ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, KeyManagementAlgorithm};
/// use jwt_appraisal::{JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
/// use jwt_appraisal::testing::{TestIssuer, TestRecipient};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let provider = &aws_lc_rs::PROVIDER;
/// # let as_ = TestIssuer::new("https://as.example.com");
/// # let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::EcdhEsA128Kw);
/// # let (jwks, private_jwk) = (as_.jwks(), recipient.private_jwk().to_string());
/// let keys = KeyStore::with_provider(
///     provider,
///     [SignatureAlgorithm::Es256],
///     JwkSet::from_json(&jwks)?,
/// )?;
/// let validator = Validator::builder_with(provider, Profile::access_token())
///     .issuer(TrustedIssuer::new("https://as.example.com", keys))
///     .audience("https://api.example.com")
///     .encrypted_to(DecryptionKeys::new(
///         [DecryptionKey::from_jwk(&private_jwk)?],
///         [KeyManagementAlgorithm::EcdhEsA128Kw],
///         [ContentEncryptionAlgorithm::A128Gcm],
///     ))
///     .build()?;
///
/// let signed = as_.access_token("https://api.example.com").sign();
/// let encrypted = recipient.encrypt(&signed, ContentEncryptionAlgorithm::A128Gcm);
/// assert!(validator.appraise(&encrypted).into_result().is_ok());
/// assert!(validator.appraise(&signed).into_result().is_err()); // not encrypted
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct DecryptionKeys {
    pub(crate) keys: Vec<DecryptionKey>,
    pub(crate) key_management: Vec<KeyManagementAlgorithm>,
    pub(crate) content_encryption: Vec<ContentEncryptionAlgorithm>,
    pub(crate) deflate: bool,
    pub(crate) cty_waived: bool,
}

impl DecryptionKeys {
    /// What a token must be encrypted with, whatever the keys.
    pub(crate) fn policy(&self) -> impl fmt::Debug {
        (&self.key_management, &self.content_encryption, self.deflate, self.cty_waived)
    }

    /// These keys, with these algorithms and no others.
    pub fn new(
        keys: impl IntoIterator<Item = DecryptionKey>,
        key_management: impl IntoIterator<Item = KeyManagementAlgorithm>,
        content_encryption: impl IntoIterator<Item = ContentEncryptionAlgorithm>,
    ) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            key_management: distinct(key_management),
            content_encryption: distinct(content_encryption),
            deflate: false,
            cty_waived: false,
        }
    }

    /// Also takes compressed content (`zip` of `DEF`), and inflates it to at most 250,000 bytes
    /// ([`Limits::inflated_bytes`]). Refused by default: compression before encryption can reveal
    /// what is inside by its length, and a small token can stand for a large one.
    ///
    /// [RFC 7516 §4.1.3](https://www.rfc-editor.org/rfc/rfc7516#section-4.1.3), rfc8725bis §3.6
    /// and §3.15
    #[cfg(feature = "deflate")]
    #[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
    pub fn allow_deflate(mut self) -> Self {
        self.deflate = true;
        self
    }
}

fn distinct<T: Ord + Copy>(algorithms: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut algorithms: Vec<_> = algorithms.into_iter().collect();
    algorithms.sort_unstable();
    algorithms.dedup();
    algorithms
}

redacted_debug!(DecryptionKeys, |keys| {
    keys: keys.keys,
    key_management: keys.key_management,
    content_encryption: keys.content_encryption,
    deflate: keys.deflate
});
