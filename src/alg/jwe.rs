//! The algorithms of JWE: how the key of the content is managed, and how the content is encrypted.

use std::fmt;
use std::str::FromStr;

use super::UnknownAlgorithm;

/// A key management algorithm of JWE, by its registered name: the `alg` of an encrypted token.
///
/// RSA1_5 cannot be named: its padding tells an attacker too much
/// ([RFC 8725 §3.2](https://www.rfc-editor.org/rfc/rfc8725#section-3.2)). Which of these work
/// depends on the crypto provider; one that the provider lacks is refused by `build()`.
///
/// The algorithms with a password (`PBES2-*`) let the sender of a token make the verifier work: up
/// to 1,200,000 iterations, some tenths of a second
/// ([RFC 7518 §4.8.1.2](https://www.rfc-editor.org/rfc/rfc7518#section-4.8.1.2), rfc8725bis §3.13).
///
/// [RFC 7518 §4.1](https://www.rfc-editor.org/rfc/rfc7518#section-4.1),
/// [RFC 8037 §3.2](https://www.rfc-editor.org/rfc/rfc8037#section-3.2)
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum KeyManagementAlgorithm {
    /// The shared key encrypts the content itself.
    Dir,
    /// AES Key Wrap with a key of 16 bytes.
    A128Kw,
    /// AES Key Wrap with a key of 24 bytes.
    A192Kw,
    /// AES Key Wrap with a key of 32 bytes.
    A256Kw,
    /// Key wrapping by AES GCM with a key of 16 bytes.
    A128GcmKw,
    /// Key wrapping by AES GCM with a key of 24 bytes.
    A192GcmKw,
    /// Key wrapping by AES GCM with a key of 32 bytes.
    A256GcmKw,
    /// RSAES-OAEP with SHA-1 and MGF1 with SHA-1: the parameters that this name has; OAEP does not
    /// depend on the weakness of SHA-1.
    RsaOaep,
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256.
    RsaOaep256,
    /// RSAES-OAEP with SHA-384 and MGF1 with SHA-384.
    RsaOaep384,
    /// RSAES-OAEP with SHA-512 and MGF1 with SHA-512.
    RsaOaep512,
    /// ECDH-ES (P-256, P-384, P-521 or X25519): what is agreed on encrypts the content itself.
    EcdhEs,
    /// ECDH-ES, and AES Key Wrap with 16 bytes of what is agreed on.
    EcdhEsA128Kw,
    /// ECDH-ES, and AES Key Wrap with 24 bytes of what is agreed on.
    EcdhEsA192Kw,
    /// ECDH-ES, and AES Key Wrap with 32 bytes of what is agreed on.
    EcdhEsA256Kw,
    /// A password: PBKDF2 with HMAC SHA-256, and AES Key Wrap with 16 bytes.
    Pbes2Hs256A128Kw,
    /// A password: PBKDF2 with HMAC SHA-384, and AES Key Wrap with 24 bytes.
    Pbes2Hs384A192Kw,
    /// A password: PBKDF2 with HMAC SHA-512, and AES Key Wrap with 32 bytes.
    Pbes2Hs512A256Kw,
}

impl KeyManagementAlgorithm {
    /// Every algorithm that can be named.
    pub const ALL: &'static [Self] = &[
        Self::Dir,
        Self::A128Kw,
        Self::A192Kw,
        Self::A256Kw,
        Self::A128GcmKw,
        Self::A192GcmKw,
        Self::A256GcmKw,
        Self::RsaOaep,
        Self::RsaOaep256,
        Self::RsaOaep384,
        Self::RsaOaep512,
        Self::EcdhEs,
        Self::EcdhEsA128Kw,
        Self::EcdhEsA192Kw,
        Self::EcdhEsA256Kw,
        Self::Pbes2Hs256A128Kw,
        Self::Pbes2Hs384A192Kw,
        Self::Pbes2Hs512A256Kw,
    ];

    /// The registered name, as it stands in a header's `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dir => "dir",
            Self::A128Kw => "A128KW",
            Self::A192Kw => "A192KW",
            Self::A256Kw => "A256KW",
            Self::A128GcmKw => "A128GCMKW",
            Self::A192GcmKw => "A192GCMKW",
            Self::A256GcmKw => "A256GCMKW",
            Self::RsaOaep => "RSA-OAEP",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::RsaOaep384 => "RSA-OAEP-384",
            Self::RsaOaep512 => "RSA-OAEP-512",
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA128Kw => "ECDH-ES+A128KW",
            Self::EcdhEsA192Kw => "ECDH-ES+A192KW",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::Pbes2Hs256A128Kw => "PBES2-HS256+A128KW",
            Self::Pbes2Hs384A192Kw => "PBES2-HS384+A192KW",
            Self::Pbes2Hs512A256Kw => "PBES2-HS512+A256KW",
        }
    }

    pub(crate) const fn mode(self) -> Mode {
        match self {
            Self::Dir => Mode::DirectEncryption,
            Self::A128Kw => Mode::KeyWrapping(16),
            Self::A192Kw => Mode::KeyWrapping(24),
            Self::A256Kw => Mode::KeyWrapping(32),
            Self::A128GcmKw => Mode::GcmKeyWrapping(16),
            Self::A192GcmKw => Mode::GcmKeyWrapping(24),
            Self::A256GcmKw => Mode::GcmKeyWrapping(32),
            Self::RsaOaep => Mode::KeyEncryption(OaepHash::Sha1),
            Self::RsaOaep256 => Mode::KeyEncryption(OaepHash::Sha256),
            Self::RsaOaep384 => Mode::KeyEncryption(OaepHash::Sha384),
            Self::RsaOaep512 => Mode::KeyEncryption(OaepHash::Sha512),
            Self::EcdhEs => Mode::DirectKeyAgreement,
            Self::EcdhEsA128Kw => Mode::KeyAgreementWithKeyWrapping(16),
            Self::EcdhEsA192Kw => Mode::KeyAgreementWithKeyWrapping(24),
            Self::EcdhEsA256Kw => Mode::KeyAgreementWithKeyWrapping(32),
            Self::Pbes2Hs256A128Kw => Mode::Password(16),
            Self::Pbes2Hs384A192Kw => Mode::Password(24),
            Self::Pbes2Hs512A256Kw => Mode::Password(32),
        }
    }
}

/// What kind of key management an algorithm is. A number is the length in bytes of the AES key that
/// wraps.
///
/// [RFC 7516 §2](https://www.rfc-editor.org/rfc/rfc7516#section-2)
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    DirectEncryption,
    KeyWrapping(usize),
    GcmKeyWrapping(usize),
    KeyEncryption(OaepHash),
    DirectKeyAgreement,
    KeyAgreementWithKeyWrapping(usize),
    Password(usize),
}

/// The hash of RSAES-OAEP, of the message and of the mask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum OaepHash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// A content encryption algorithm of JWE, by its registered name: the `enc` of an encrypted token.
///
/// [RFC 7518 §5.1](https://www.rfc-editor.org/rfc/rfc7518#section-5.1)
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ContentEncryptionAlgorithm {
    /// AES GCM with a key of 16 bytes.
    A128Gcm,
    /// AES GCM with a key of 24 bytes.
    A192Gcm,
    /// AES GCM with a key of 32 bytes.
    A256Gcm,
    /// AES CBC and HMAC SHA-256 with a key of 32 bytes, half of it for each.
    A128CbcHs256,
    /// AES CBC and HMAC SHA-384 with a key of 48 bytes, half of it for each.
    A192CbcHs384,
    /// AES CBC and HMAC SHA-512 with a key of 64 bytes, half of it for each.
    A256CbcHs512,
}

impl ContentEncryptionAlgorithm {
    /// Every algorithm that can be named.
    pub const ALL: &'static [Self] = &[
        Self::A128Gcm,
        Self::A192Gcm,
        Self::A256Gcm,
        Self::A128CbcHs256,
        Self::A192CbcHs384,
        Self::A256CbcHs512,
    ];

    /// The registered name, as it stands in a header's `enc`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A192Gcm => "A192GCM",
            Self::A256Gcm => "A256GCM",
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A192CbcHs384 => "A192CBC-HS384",
            Self::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// The length of its key in bytes.
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A192Gcm => 24,
            Self::A256Gcm | Self::A128CbcHs256 => 32,
            Self::A192CbcHs384 => 48,
            Self::A256CbcHs512 => 64,
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc7518#section-5.3>
    pub(crate) const fn iv_bytes(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm => 12,
            Self::A128CbcHs256 | Self::A192CbcHs384 | Self::A256CbcHs512 => 16,
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc7518#section-5.2.2.1>
    pub(crate) const fn tag_bytes(self) -> usize {
        match self {
            Self::A128Gcm | Self::A192Gcm | Self::A256Gcm | Self::A128CbcHs256 => 16,
            Self::A192CbcHs384 => 24,
            Self::A256CbcHs512 => 32,
        }
    }
}

impl fmt::Display for KeyManagementAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a registered name from configuration.
impl FromStr for KeyManagementAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let named = Self::ALL.iter().find(|alg| alg.name() == name);
        named.copied().ok_or(UnknownAlgorithm)
    }
}

impl fmt::Display for ContentEncryptionAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Reads a registered name from configuration.
impl FromStr for ContentEncryptionAlgorithm {
    type Err = UnknownAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        let named = Self::ALL.iter().find(|alg| alg.name() == name);
        named.copied().ok_or(UnknownAlgorithm)
    }
}
