//! JWE: a key and bytes → the bytes inside, which go on to stage 1. Decryption does not prove who wrote
//! them, so there is no way from here to claims.

#![cfg_attr(
    not(feature = "aws-lc-rs"),
    expect(dead_code, reason = "read by the providers that have it")
)]

use std::fmt;
use std::num::NonZeroU32;

use zeroize::{Zeroize as _, Zeroizing};

use super::{CryptoProvider, ImportError};
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};

/// A curve to agree on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AgreementCurve {
    P256,
    P384,
    P521,
    X25519,
}

/// A private or symmetric key's numbers, big-endian.
#[derive(Clone, Copy)]
pub(crate) enum PrivateKey<'a> {
    Rsa(&'a RsaPrivateNumbers),
    Agreement {
        curve: AgreementCurve,
        private: &'a [u8],
        /// An uncompressed point, or `x` on X25519.
        public: Option<&'a [u8]>,
    },
    Secret(&'a [u8]),
}

/// The numbers of an RSA private key, by their names in a JWK.
#[derive(Clone)]
pub(crate) struct RsaPrivateNumbers {
    pub(crate) n: Vec<u8>,
    pub(crate) e: Vec<u8>,
    pub(crate) d: Zeroizing<Vec<u8>>,
    pub(crate) p: Zeroizing<Vec<u8>>,
    pub(crate) q: Zeroizing<Vec<u8>>,
    pub(crate) dp: Zeroizing<Vec<u8>>,
    pub(crate) dq: Zeroizing<Vec<u8>>,
    pub(crate) qi: Zeroizing<Vec<u8>>,
}

/// What the sender says of how the content's key was wrapped.
#[derive(Debug)]
pub(crate) enum Parameters {
    None,
    Gcm {
        iv: [u8; 12],
        tag: [u8; 16],
    },
    Agreement {
        curve: AgreementCurve,
        /// An uncompressed point, or `x` on X25519; not yet checked.
        ephemeral: Vec<u8>,
        apu: Vec<u8>,
        apv: Vec<u8>,
    },
    Password {
        p2s: Vec<u8>,
        p2c: NonZeroU32,
    },
}

/// A wrapped content key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrapped<'a> {
    pub(crate) enc: ContentEncryptionAlgorithm,
    pub(crate) parameters: &'a Parameters,
    pub(crate) encrypted_key: &'a [u8],
}

/// The encrypted content of a JWE.
pub(crate) struct JweContent<'a> {
    /// The header segment: what is authenticated beside the content.
    pub(crate) header: &'a str,
    pub(crate) iv: &'a [u8],
    /// The ciphertext and then the tag, which has its full length.
    pub(crate) ciphertext: Vec<u8>,
}

/// Unwraps or derives the key of the content.
pub(crate) trait KeyManager: Send + Sync {
    /// Writes the content's key, if it has exactly the length of `cek`.
    fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()>;
}

/// Decrypts the content, if it is authentic.
pub(crate) trait ContentCipher: Send + Sync {
    /// Decrypts in place, and gives the length of the plaintext.
    fn decrypt(&self, header: &[u8], iv: &[u8], content: &mut [u8]) -> Option<usize>;
}

/// A key that decrypts by one key management algorithm and no other; for direct encryption also by one
/// content encryption algorithm only.
///
/// rfc8725bis §3.1: "each key MUST be used with exactly one algorithm".
pub(crate) struct DecryptingKey {
    algorithm: KeyManagementAlgorithm,
    provider: &'static CryptoProvider,
    mode: KeyManagementMode,
}

enum KeyManagementMode {
    Direct(ContentEncryptionAlgorithm, Box<dyn ContentCipher>),
    Unwrapping {
        manager: Box<dyn KeyManager>,
        /// In place of a content key that could not be unwrapped. It is random and known to no other party.
        substitute: Zeroizing<[u8; MOST_KEY_BYTES]>,
    },
}

/// The longest content key in bytes: that of A256CBC-HS512.
const MOST_KEY_BYTES: usize = 64;

impl DecryptingKey {
    /// Imports a key that encrypts the content itself.
    pub(crate) fn direct(
        provider: &'static CryptoProvider,
        enc: ContentEncryptionAlgorithm,
        secret: &[u8],
    ) -> Result<Self, ImportError> {
        let cipher = (provider.content_cipher)(enc, secret)?;
        Ok(Self {
            algorithm: KeyManagementAlgorithm::Dir,
            provider,
            mode: KeyManagementMode::Direct(enc, cipher),
        })
    }

    /// Imports a key that makes the content's key known.
    pub(crate) fn unwrapping(
        provider: &'static CryptoProvider,
        algorithm: KeyManagementAlgorithm,
        key: PrivateKey<'_>,
    ) -> Result<Self, ImportError> {
        let manager = (provider.import_private)(algorithm, key)?;
        let mut substitute = Zeroizing::new([0; MOST_KEY_BYTES]);
        (provider.random)(&mut *substitute)?;
        Ok(Self {
            algorithm,
            provider,
            mode: KeyManagementMode::Unwrapping { manager, substitute },
        })
    }

    pub(crate) fn algorithm(&self) -> KeyManagementAlgorithm {
        self.algorithm
    }

    /// The one content encryption algorithm of a key for direct encryption.
    pub(crate) fn content_encryption(&self) -> Option<ContentEncryptionAlgorithm> {
        match &self.mode {
            KeyManagementMode::Direct(enc, _) => Some(*enc),
            KeyManagementMode::Unwrapping { .. } => None,
        }
    }

    /// Decrypts the content, or says nothing of why not. Where the content's key could not be
    /// unwrapped, another one takes its place, so that the same work is done.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7516#section-11.5>
    pub(crate) fn decrypt(
        &self,
        wrapped: &Wrapped<'_>,
        content: JweContent<'_>,
    ) -> Option<Decrypted> {
        match &self.mode {
            KeyManagementMode::Direct(enc, cipher) => {
                (*enc == wrapped.enc).then(|| Decrypted::decrypt(&**cipher, content))?
            }
            KeyManagementMode::Unwrapping { manager, substitute } => {
                let mut cek = Zeroizing::new([0; MOST_KEY_BYTES]);
                let cek = cek.get_mut(..wrapped.enc.key_bytes())?;
                let unwrapped = manager.unwrap(wrapped, cek);
                if unwrapped.is_none() {
                    cek.copy_from_slice(substitute.get(..cek.len())?);
                }
                let cipher = (self.provider.content_cipher)(wrapped.enc, cek).ok()?;
                let decrypted = Decrypted::decrypt(&*cipher, content);
                unwrapped.and(decrypted)
            }
        }
    }
}

impl fmt::Debug for DecryptingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptingKey({})", self.algorithm)
    }
}

/// The content of a JWE. Its author is unknown until its signature is verified. It is cleared when it
/// is dropped.
pub(crate) struct Decrypted {
    content: Vec<u8>,
    length: usize,
}

impl Decrypted {
    fn decrypt(cipher: &dyn ContentCipher, content: JweContent<'_>) -> Option<Self> {
        let mut decrypted = Self::new(content.ciphertext);
        decrypted.length =
            cipher.decrypt(content.header.as_bytes(), content.iv, &mut decrypted.content)?;
        Some(decrypted)
    }

    pub(crate) fn new(content: Vec<u8>) -> Self {
        Self { length: content.len(), content }
    }

    /// Returns the bytes, which must be parsed as an unverified token.
    pub(crate) fn unverified(&self) -> &[u8] {
        self.content.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Decrypted {
    fn drop(&mut self) {
        // As a slice: that is cleared at once, a vector byte by byte.
        self.content.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decrypted({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::crypto::{aws_lc_rs, ring};

    thread_local! {
        /// The content keys that were imported.
        static IMPORTED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
        /// Those that were used, in the order of their use.
        static DECRYPTED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }

    const UNWRAPPED: u8 = 7;
    const SUBSTITUTE: u8 = 9;

    /// Unwraps an encrypted key of one byte. For any other it writes a key too, and then gives up.
    struct OneByte;

    impl KeyManager for OneByte {
        fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()> {
            cek.fill(UNWRAPPED);
            (wrapped.encrypted_key.len() == 1).then_some(())
        }
    }

    /// Decrypts everything, whatever the key.
    struct Anything(Vec<u8>);

    impl ContentCipher for Anything {
        fn decrypt(&self, _: &[u8], _: &[u8], content: &mut [u8]) -> Option<usize> {
            DECRYPTED.with_borrow_mut(|keys| keys.push(self.0.clone()));
            Some(content.len())
        }
    }

    static DOUBLE: CryptoProvider = CryptoProvider {
        name: "double",
        import_private: |_, _| Ok(Box::new(OneByte)),
        content_cipher: |_, key| {
            IMPORTED.with_borrow_mut(|keys| keys.push(key.to_vec()));
            Ok(Box::new(Anything(key.to_vec())))
        },
        random: |bytes| {
            bytes.fill(SUBSTITUTE);
            Ok(())
        },
        ..aws_lc_rs::PROVIDER
    };

    /// The same is done whether or not the content's key could be unwrapped.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7516#section-11.5>
    #[test]
    fn another_key_takes_the_place_of_one_that_could_not_be_unwrapped() {
        let key = DecryptingKey::unwrapping(
            &DOUBLE,
            KeyManagementAlgorithm::A128Kw,
            PrivateKey::Secret(&[]),
        );
        let key = key.ok();
        for enc in ContentEncryptionAlgorithm::ALL {
            for (encrypted_key, expected) in [(&[1_u8][..], UNWRAPPED), (&[1, 2], SUBSTITUTE)] {
                let parameters = &Parameters::None;
                let wrapped = Wrapped { enc: *enc, parameters, encrypted_key };
                let content = JweContent { header: "", iv: &[], ciphertext: b"content".to_vec() };
                let decrypted = key.as_ref().and_then(|key| key.decrypt(&wrapped, content));
                assert_eq!(decrypted.is_some(), expected == UNWRAPPED, "{enc}");
                let expected = [vec![expected; enc.key_bytes()]];
                assert_eq!(IMPORTED.take(), expected, "{enc}");
                assert_eq!(DECRYPTED.take(), expected, "{enc}");
            }
        }
    }

    #[test]
    fn what_is_random_differs_each_time() {
        for provider in [&ring::PROVIDER, &aws_lc_rs::PROVIDER] {
            let [mut one, mut other] = [[0; MOST_KEY_BYTES]; 2];
            assert_eq!((provider.random)(&mut one), Ok(()), "{provider:?}");
            assert_eq!((provider.random)(&mut other), Ok(()), "{provider:?}");
            let halves = [&one, &other].map(|bytes| bytes.split_at(MOST_KEY_BYTES / 2));
            let parts = halves.map(|(first, second)| [first, second]).concat();
            let distinct: std::collections::BTreeSet<_> = parts.iter().collect();
            assert_eq!(distinct.len(), 4, "{provider:?}");
            assert!(parts.iter().all(|part| part.iter().any(|byte| *byte != 0)), "{provider:?}");
        }
    }
}
