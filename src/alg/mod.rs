//! The names of algorithms, split by kind so that a MAC cannot stand where a signature is meant.

mod jwe;
mod jws;

pub use jwe::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
pub use jws::{MacAlgorithm, SignatureAlgorithm};

pub(crate) use jwe::Mode;
#[cfg_attr(
    not(any(feature = "aws-lc-rs", feature = "testing")),
    expect(unused_imports, reason = "read where RSA decrypts or encrypts")
)]
pub(crate) use jwe::OaepHash;
pub(crate) use jws::JwsAlgorithm;

/// A text that names no algorithm of the kind asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no algorithm of this kind has that name")]
#[non_exhaustive]
pub struct UnknownAlgorithm;

/// The `alg` of a key of any kind, for reports.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum KeyAlgorithm {
    Jws(JwsAlgorithm),
    KeyManagement(KeyManagementAlgorithm),
}

impl KeyAlgorithm {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Jws(alg) => alg.name(),
            Self::KeyManagement(alg) => alg.name(),
        }
    }
}

/// The registered name equal to `text`, so that a report can print it without printing input.
pub(crate) fn registered_name(text: &str) -> Option<&'static str> {
    const OTHERS: &[&str] = &["none", "RS1", "HS1", "RSA1_5"];
    let signatures = SignatureAlgorithm::ALL.iter().map(|alg| alg.name());
    let macs = MacAlgorithm::ALL.iter().map(|alg| alg.name());
    let key_management = KeyManagementAlgorithm::ALL.iter().map(|alg| alg.name());
    let content_encryption = ContentEncryptionAlgorithm::ALL.iter().map(|enc| enc.name());
    let mut known = signatures.chain(macs).chain(key_management).chain(content_encryption);
    known.find(|name| *name == text).or_else(|| OTHERS.iter().find(|name| **name == text).copied())
}
