//! A recipient of encrypted tokens, with its key.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test key that can not be made or used is a mistake of the test"
)]

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement::{self, PrivateKey};
use aws_lc_rs::encoding::{AsBigEndian as _, AsDer as _, Curve25519SeedBin, EcPrivateKeyBin};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey};
use pkcs8::der::Decode as _;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::compact::base64url;
use super::envelope::TestEnvelope;
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, Mode};

/// A recipient of encrypted tokens: a key with its `kid` and its one key management algorithm.
///
/// ```
/// use jwt_appraisal::testing::{TestIssuer, TestRecipient};
/// use jwt_appraisal::{ContentEncryptionAlgorithm, DecryptionKey, KeyManagementAlgorithm};
///
/// let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::EcdhEsA256Kw);
///
/// // What the service under test is configured with
/// let key = DecryptionKey::from_jwk(recipient.private_jwk().to_string())?;
///
/// // A good encrypted token, and one whose header does not say what is inside
/// let signed = TestIssuer::new("https://as.example.com")
///     .access_token("https://api.example.com")
///     .sign();
/// let good = recipient.encrypt(&signed, ContentEncryptionAlgorithm::A256Gcm);
/// let untyped = recipient
///     .envelope(&signed, ContentEncryptionAlgorithm::A256Gcm)
///     .without_header("cty")
///     .encrypt();
/// assert_eq!(good.split('.').count(), 5);
/// # let _ = (key, untyped);
/// # Ok::<(), jwt_appraisal::KeyError>(())
/// ```
#[derive(Clone)]
pub struct TestRecipient {
    kid: String,
    algorithm: KeyManagementAlgorithm,
    pub(super) key: RecipientKey,
}

#[derive(Clone)]
pub(super) enum RecipientKey {
    Rsa(Arc<PrivateDecryptingKey>),
    Agreement(Curve, Arc<PrivateKey>),
    Secret(Arc<Zeroizing<Vec<u8>>>),
}

/// A curve by its name in a JWK, and what agrees on it.
#[derive(Clone, Copy)]
pub(super) struct Curve {
    pub(super) crv: &'static str,
    pub(super) agreement: &'static agreement::Algorithm,
}

impl Curve {
    const ALL: [Self; 4] = [
        Self { crv: "P-256", agreement: &agreement::ECDH_P256 },
        Self { crv: "P-384", agreement: &agreement::ECDH_P384 },
        Self { crv: "P-521", agreement: &agreement::ECDH_P521 },
        Self { crv: "X25519", agreement: &agreement::X25519 },
    ];

    /// The members of a JWK that hold a public key.
    pub(super) fn public_members(self, public: &[u8]) -> Value {
        match public.split_first() {
            Some((4, coordinates)) if self.crv != "X25519" => {
                let (x, y) = coordinates.split_at(coordinates.len().div_euclid(2));
                json!({ "kty": "EC", "crv": self.crv, "x": base64url(x), "y": base64url(y) })
            }
            _ => json!({ "kty": "OKP", "crv": self.crv, "x": base64url(public) }),
        }
    }
}

impl TestRecipient {
    /// A fresh random key for `algorithm`: RSA of 2048 bits, P-256, or a secret of the algorithm's
    /// length. For `dir` it has 16 bytes, for A128GCM; for others use [`TestRecipient::secret`].
    ///
    /// # Panics
    ///
    /// If the cryptographic library reports an internal error.
    pub fn generate(kid: impl Into<String>, algorithm: KeyManagementAlgorithm) -> Self {
        let key = match algorithm.mode() {
            Mode::KeyEncryption(_) => {
                let key = PrivateDecryptingKey::generate(KeySize::Rsa2048);
                RecipientKey::Rsa(Arc::new(key.expect("aws-lc-rs generates an RSA key")))
            }
            Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_) => {
                return Self::generate_on(kid, algorithm, "P-256");
            }
            Mode::KeyWrapping(bytes) | Mode::GcmKeyWrapping(bytes) => random_secret(bytes),
            Mode::DirectEncryption | Mode::Password(_) => random_secret(16),
        };
        Self { kid: kid.into(), algorithm, key }
    }

    /// A fresh random key for ECDH-ES on the curve of this name: `P-256`, `P-384`, `P-521` or
    /// `X25519`.
    ///
    /// # Panics
    ///
    /// If `crv` is another curve, or the algorithm is not one of ECDH-ES.
    pub fn generate_on(
        kid: impl Into<String>,
        algorithm: KeyManagementAlgorithm,
        crv: &str,
    ) -> Self {
        let agrees = matches!(
            algorithm.mode(),
            Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_)
        );
        assert!(agrees, "{algorithm} does not agree on a key");
        let curve = Curve::ALL.into_iter().find(|curve| curve.crv == crv);
        let curve = curve.unwrap_or_else(|| panic!("no key is agreed on with the curve {crv}"));
        let key = PrivateKey::generate(curve.agreement).expect("aws-lc-rs generates an EC key");
        Self { kid: kid.into(), algorithm, key: RecipientKey::Agreement(curve, Arc::new(key)) }
    }

    /// A secret that the sender and the recipient share, for `dir`, key wrapping or a password. Any
    /// length is taken.
    pub fn secret(
        kid: impl Into<String>,
        algorithm: KeyManagementAlgorithm,
        secret: &[u8],
    ) -> Self {
        let key = RecipientKey::Secret(Arc::new(Zeroizing::new(secret.to_vec())));
        Self { kid: kid.into(), algorithm, key }
    }

    /// The same key under another algorithm of its type.
    #[must_use]
    pub fn with_algorithm(&self, algorithm: KeyManagementAlgorithm) -> Self {
        Self { algorithm, ..self.clone() }
    }

    /// The key's name, as it stands in the header's and the JWK's `kid`.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key's one algorithm.
    pub fn algorithm(&self) -> KeyManagementAlgorithm {
        self.algorithm
    }

    /// The JWK to decrypt with, with `kid`, `alg` and `"use": "enc"`.
    ///
    /// # Panics
    ///
    /// If the cryptographic library reports an internal error.
    pub fn private_jwk(&self) -> Value {
        let mut jwk = match &self.key {
            RecipientKey::Rsa(key) => rsa_members(key),
            RecipientKey::Agreement(curve, key) => {
                let public = key.compute_public_key().expect("a key pair has a public key");
                let mut jwk = curve.public_members(public.as_ref());
                if let Some(members) = jwk.as_object_mut() {
                    members.insert("d".into(), base64url(&private_scalar(*curve, key)).into());
                }
                jwk
            }
            RecipientKey::Secret(secret) => json!({ "kty": "oct", "k": base64url(secret) }),
        };
        if let Some(members) = jwk.as_object_mut() {
            members.insert("kid".into(), self.kid().into());
            members.insert("alg".into(), self.algorithm.name().into());
            members.insert("use".into(), "enc".into());
        }
        jwk
    }

    /// Encrypts a token to this recipient, with `cty` "JWT".
    ///
    /// # Panics
    ///
    /// If the key does not fit the algorithms, or the cryptographic library reports an internal
    /// error.
    pub fn encrypt(&self, token: &str, enc: ContentEncryptionAlgorithm) -> String {
        self.envelope(token, enc).encrypt()
    }

    /// Drafts an encrypted token with any content, with the header members `alg`, `enc`, `kid` and
    /// `cty` "JWT". Those that the algorithm has (`epk`, `iv`, `tag`, `p2s`, `p2c`) are added when it
    /// is encrypted.
    pub fn envelope(
        &self,
        content: impl AsRef<[u8]>,
        enc: ContentEncryptionAlgorithm,
    ) -> TestEnvelope {
        TestEnvelope::draft(self, content.as_ref(), enc)
    }
}

fn random_secret(bytes: usize) -> RecipientKey {
    let mut secret = Zeroizing::new(vec![0; bytes]);
    rand::fill(&mut secret).expect("aws-lc-rs gives random bytes");
    RecipientKey::Secret(Arc::new(secret))
}

/// The library writes PKCS #8, of which the numbers are read.
fn rsa_members(key: &PrivateDecryptingKey) -> Value {
    let der = key.as_der().expect("aws-lc-rs writes an RSA key");
    let info = pkcs8::PrivateKeyInfoRef::from_der(der.as_ref()).expect("PKCS #8");
    let numbers = pkcs1::RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).expect("PKCS #1");
    let text = |number: pkcs1::UintRef<'_>| base64url(number.as_bytes());
    json!({
        "kty": "RSA",
        "n": text(numbers.modulus),
        "e": text(numbers.public_exponent),
        "d": text(numbers.private_exponent),
        "p": text(numbers.prime1),
        "q": text(numbers.prime2),
        "dp": text(numbers.exponent1),
        "dq": text(numbers.exponent2),
        "qi": text(numbers.coefficient),
    })
}

fn private_scalar(curve: Curve, key: &PrivateKey) -> Zeroizing<Vec<u8>> {
    let octets = if curve.crv == "X25519" {
        let seed: Curve25519SeedBin<'_> = key.as_be_bytes().expect("aws-lc-rs writes a key");
        seed.as_ref().to_vec()
    } else {
        let scalar: EcPrivateKeyBin<'_> = key.as_be_bytes().expect("aws-lc-rs writes a key");
        scalar.as_ref().to_vec()
    };
    Zeroizing::new(octets)
}

impl fmt::Debug for TestRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestRecipient")
            .field("kid", &self.kid)
            .field("alg", &self.algorithm.name())
            .finish_non_exhaustive()
    }
}
