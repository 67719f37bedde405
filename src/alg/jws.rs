//! The algorithms of JWS: signatures and MACs.

use std::fmt;
use std::str::FromStr;

use super::UnknownAlgorithm;

/// A digital signature algorithm of JWS, by its registered name.
///
/// `none` cannot be named, and neither can a MAC: those are [`MacAlgorithm`]s. Which of these
/// work depends on the crypto provider; one that the provider lacks is refused by `build()`.
///
/// [RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1),
/// [RFC 8037 §3.1](https://www.rfc-editor.org/rfc/rfc8037#section-3.1),
/// [RFC 8812 §3](https://www.rfc-editor.org/rfc/rfc8812#section-3),
/// [RFC 9864 §2](https://www.rfc-editor.org/rfc/rfc9864#section-2), RFC 9964
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes.
    Ps256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes.
    Ps384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// ECDSA on secp256k1 with SHA-256.
    Es256k,
    /// Ed25519, by its fully specified name.
    Ed25519,
    /// Ed448, by its fully specified name.
    Ed448,
    /// The older, polymorphic name `EdDSA`; here it stands for Ed25519 keys only.
    EdDsa,
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl SignatureAlgorithm {
    /// Every algorithm that can be named.
    pub const ALL: &'static [Self] = &[
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256k,
        Self::Ed25519,
        Self::Ed448,
        Self::EdDsa,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// The registered name, as it stands in a header's `alg`.
    ///
    /// ```
    /// # use jwt_appraisal::SignatureAlgorithm;
    /// assert_eq!(SignatureAlgorithm::EdDsa.name(), "EdDSA");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::Es256k => "ES256K",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::EdDsa => "EdDSA",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a registered name from configuration. Tokens never come here: a header's `alg` is only
/// compared with the name of the key's own algorithm.
impl FromStr for SignatureAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let named = Self::ALL.iter().find(|alg| alg.name() == name);
        named.copied().ok_or(UnknownAlgorithm)
    }
}

/// A MAC algorithm of JWS, for a secret that issuer and verifier share.
///
/// [RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// HMAC with SHA-256; the secret has at least 32 bytes.
    Hs256,
    /// HMAC with SHA-384; the secret has at least 48 bytes.
    Hs384,
    /// HMAC with SHA-512; the secret has at least 64 bytes.
    Hs512,
}

impl MacAlgorithm {
    /// Every algorithm that can be named.
    pub const ALL: &'static [Self] = &[Self::Hs256, Self::Hs384, Self::Hs512];

    /// The registered name, as it stands in a header's `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// The shortest secret in bytes: the length of the hash's output.
    pub const fn min_secret_bytes(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }
}

impl fmt::Display for MacAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a registered name from configuration.
impl FromStr for MacAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let named = Self::ALL.iter().find(|alg| alg.name() == name);
        named.copied().ok_or(UnknownAlgorithm)
    }
}

/// What one key does: a signature or a MAC, never both.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JwsAlgorithm {
    Signature(SignatureAlgorithm),
    Mac(MacAlgorithm),
}

impl JwsAlgorithm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Signature(alg) => alg.name(),
            Self::Mac(alg) => alg.name(),
        }
    }
}
