//! A secret of the verifier's own, for what it gives out and takes back.

use zeroize::Zeroizing;

use super::{CryptoProvider, ImportError, Verifier};
use crate::alg::MacAlgorithm;

/// Makes tags by HMAC with SHA-256, and knows its own.
pub(crate) struct OwnSecret {
    provider: &'static CryptoProvider,
    key: Zeroizing<[u8; 32]>,
    verifier: Box<dyn Verifier>,
}

impl OwnSecret {
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

    /// In constant time.
    pub(crate) fn made(&self, message: &str, tag: &[u8]) -> bool {
        self.verifier.accepts(message.as_bytes(), tag)
    }
}
