//! A MAC over values that the server hands out and receives back, under its own secret.

use zeroize::Zeroizing;

use super::{CryptoProvider, ImportError, Verifier};
use crate::alg::MacAlgorithm;

/// Computes tags with HMAC SHA-256, and verifies the tags that it computed.
pub(crate) struct ServerMac {
    provider: &'static CryptoProvider,
    key: Zeroizing<[u8; 32]>,
    verifier: Box<dyn Verifier>,
}

impl ServerMac {
    pub(crate) fn new(provider: &'static CryptoProvider, key: [u8; 32]) -> Self {
        let verifier = (provider.import_secret)(MacAlgorithm::Hs256, &key);
        Self { provider, key: Zeroizing::new(key), verifier }
    }

    pub(crate) fn random(provider: &'static CryptoProvider) -> Result<Self, ImportError> {
        let mut key = Zeroizing::new([0; 32]);
        (provider.random)(&mut *key)?;
        Ok(Self::new(provider, *key))
    }

    pub(crate) fn tag(&self, message: &str) -> [u8; 32] {
        (self.provider.hmac_sha256)(&self.key, message.as_bytes())
    }

    /// Returns in constant time whether this secret computed the tag.
    pub(crate) fn made(&self, message: &str, tag: &[u8]) -> bool {
        self.verifier.accepts(message.as_bytes(), tag)
    }
}

/// Implements `hmac_sha256` for a library with the interface of `ring`. It stands apart from the
/// verification of MACs, which never computes a tag to compare it.
#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
macro_rules! implement_hmac_sha256 {
    ($library:ident) => {
        fn hmac_sha256(key: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
            use $library::hmac;
            let mut output = [0; 32];
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), bytes);
            output.copy_from_slice(tag.as_ref());
            output
        }
    };
}

#[cfg(any(feature = "ring", feature = "aws-lc-rs"))]
pub(super) use implement_hmac_sha256;
