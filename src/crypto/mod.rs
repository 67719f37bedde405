//! Stage 4, VERIFY: a key and bytes → a verified payload, which only this module makes. Before stage
//! 1, encrypted bytes → the token inside.
//!
//! What is public here are the crypto providers.

#[cfg(feature = "aws-lc-rs")]
#[cfg_attr(docsrs, doc(cfg(feature = "aws-lc-rs")))]
pub mod aws_lc_rs;
mod decrypt;
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
mod hash;
mod payload;
#[cfg(feature = "ring")]
#[cfg_attr(docsrs, doc(cfg(feature = "ring")))]
pub mod ring;
#[cfg(feature = "tower")]
mod server_mac;
mod token_hash;

use std::fmt;

use crate::alg::{
    ContentEncryptionAlgorithm, JwsAlgorithm, KeyManagementAlgorithm, MacAlgorithm,
    SignatureAlgorithm,
};

pub(crate) use decrypt::{
    AgreementCurve, Decrypted, DecryptingKey, JweContent, Parameters, PrivateKey,
    RsaPrivateNumbers, Wrapped,
};
use decrypt::{ContentCipher, KeyManager};
pub(crate) use payload::{PayloadBuffer, UnverifiedPayload, VerifiedDocument};
#[cfg(feature = "tower")]
pub(crate) use server_mac::ServerMac;
pub(crate) use token_hash::Digest;

/// The cryptography that a validator uses: tables of what it has, named explicitly.
///
/// There is no process-wide provider and nothing to install. [`ring::PROVIDER`] is the default of
/// [`Validator::builder`](crate::Validator::builder).
pub struct CryptoProvider {
    pub(crate) name: &'static str,
    pub(crate) signatures: &'static [SignatureAlgorithm],
    pub(crate) import_public: ImportPublic,
    pub(crate) import_secret: fn(MacAlgorithm, &[u8]) -> Box<dyn Verifier>,
    pub(crate) key_management: &'static [KeyManagementAlgorithm],
    pub(crate) content_encryption: &'static [ContentEncryptionAlgorithm],
    pub(crate) import_private: ImportPrivate,
    pub(crate) content_cipher: MakeCipher,
    pub(crate) random: fn(&mut [u8]) -> Result<(), ImportError>,
    pub(crate) sha256: fn(&[u8]) -> [u8; 32],
    /// By a key of its own, for what this process gives out and takes back.
    #[cfg(feature = "tower")]
    pub(crate) hmac_sha256: fn(&[u8; 32], &[u8]) -> [u8; 32],
    pub(crate) digest: fn(Digest, &[u8]) -> Option<Vec<u8>>,
}

type ImportPrivate =
    fn(KeyManagementAlgorithm, PrivateKey<'_>) -> Result<Box<dyn KeyManager>, ImportError>;
type MakeCipher =
    fn(ContentEncryptionAlgorithm, &[u8]) -> Result<Box<dyn ContentCipher>, ImportError>;
type ImportPublic = fn(SignatureAlgorithm, PublicKey<'_>) -> Result<Box<dyn Verifier>, ImportError>;

impl CryptoProvider {
    /// The provider's name, as reports print it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The signature algorithms that it has.
    pub fn signature_algorithms(&self) -> &'static [SignatureAlgorithm] {
        self.signatures
    }

    /// The key management algorithms that it has.
    pub fn key_management_algorithms(&self) -> &'static [KeyManagementAlgorithm] {
        self.key_management
    }

    /// The content encryption algorithms that it has.
    pub fn content_encryption_algorithms(&self) -> &'static [ContentEncryptionAlgorithm] {
        self.content_encryption
    }

    pub(crate) fn supports(&self, algorithm: SignatureAlgorithm) -> bool {
        self.signatures.contains(&algorithm)
    }
}

impl fmt::Debug for CryptoProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CryptoProvider").field(&self.name).finish()
    }
}

/// A public key's numbers, big-endian.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "ring", feature = "aws-lc-rs")),
    expect(dead_code, reason = "read by providers only")
)]
pub(crate) enum PublicKey<'a> {
    Rsa {
        n: &'a [u8],
        e: &'a [u8],
    },
    /// An uncompressed point.
    Ec {
        point: &'a [u8],
    },
    Ed25519 {
        x: &'a [u8],
    },
    MlDsa {
        #[cfg_attr(
            not(feature = "aws-lc-rs"),
            expect(dead_code, reason = "read by the providers that have it")
        )]
        public: &'a [u8],
    },
}

/// Why a provider does not take a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    not(feature = "aws-lc-rs"),
    expect(dead_code, reason = "made by the providers that look for it")
)]
pub(crate) enum ImportError {
    Unsupported,
    NotOnCurve,
    /// A private key that comes with another one's public key.
    OtherPublic,
    Rejected,
}

/// A key with its one algorithm, ready for use.
pub(crate) trait Verifier: Send + Sync {
    /// Whether `signature` is this key's over `message`; for a MAC, in constant time.
    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A key that verifies by one algorithm and no other.
///
/// rfc8725bis §3.1: "each key MUST be used with exactly one algorithm".
pub(crate) struct VerifyingKey {
    algorithm: JwsAlgorithm,
    verifier: Box<dyn Verifier>,
}

impl VerifyingKey {
    pub(crate) fn import_public(
        provider: &CryptoProvider,
        algorithm: SignatureAlgorithm,
        key: PublicKey<'_>,
    ) -> Result<Self, ImportError> {
        Ok(Self {
            algorithm: JwsAlgorithm::Signature(algorithm),
            verifier: (provider.import_public)(algorithm, key)?,
        })
    }

    /// Imports secrets as one key, which accepts a MAC that was made with any of them.
    pub(crate) fn import_secrets<'s>(
        provider: &CryptoProvider,
        algorithm: MacAlgorithm,
        secrets: impl Iterator<Item = &'s [u8]>,
    ) -> Self {
        let mut verifiers: Vec<_> =
            secrets.map(|secret| (provider.import_secret)(algorithm, secret)).collect();
        let verifier = match (verifiers.pop(), verifiers.is_empty()) {
            (Some(only), true) => only,
            (last, _) => Box::new(AnyOf(verifiers.into_iter().chain(last).collect())),
        };
        Self { algorithm: JwsAlgorithm::Mac(algorithm), verifier }
    }

    pub(crate) fn algorithm(&self) -> JwsAlgorithm {
        self.algorithm
    }

    /// Verifies the signature over `header.payload`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7515#section-5.2>
    pub(crate) fn verify<'a>(
        &self,
        signing_input: &'a str,
        signature: &[u8],
    ) -> Option<Verified<'a>> {
        let accepted = self.verifier.accepts(signing_input.as_bytes(), signature);
        let (_, payload) = accepted.then(|| signing_input.split_once('.'))??;
        Some(Verified { payload })
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.algorithm.name())
    }
}

/// Several secrets of one party. All are computed, so that the time does not tell which one it was.
struct AnyOf(Vec<Box<dyn Verifier>>);

impl Verifier for AnyOf {
    fn accepts(&self, message: &[u8], tag: &[u8]) -> bool {
        self.0.iter().fold(false, |any, verifier| verifier.accepts(message, tag) | any)
    }
}

/// A payload whose signature was verified.
#[derive(Debug)]
pub(crate) struct Verified<'a> {
    payload: &'a str,
}

impl<'a> Verified<'a> {
    /// The payload in base64url.
    pub(crate) fn payload(&self) -> &'a str {
        self.payload
    }
}
