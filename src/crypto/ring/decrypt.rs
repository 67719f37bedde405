//! JWE on `ring`: AES GCM with keys of 16 and 32 bytes, for the content and for its key.

use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use crate::crypto::ImportError;
use crate::crypto::decrypt::{ContentCipher, KeyManager, Parameters, PrivateKey, Wrapped};

pub(super) fn content_cipher(
    enc: ContentEncryptionAlgorithm,
    key: &[u8],
) -> Result<Box<dyn ContentCipher>, ImportError> {
    use ContentEncryptionAlgorithm as Enc;
    match enc {
        Enc::A128Gcm => Ok(Box::new(Gcm::new(&aead::AES_128_GCM, key)?)),
        Enc::A256Gcm => Ok(Box::new(Gcm::new(&aead::AES_256_GCM, key)?)),
        Enc::A192Gcm | Enc::A128CbcHs256 | Enc::A192CbcHs384 | Enc::A256CbcHs512 => {
            Err(ImportError::Unsupported)
        }
    }
}

pub(super) fn import_private(
    algorithm: KeyManagementAlgorithm,
    key: PrivateKey<'_>,
) -> Result<Box<dyn KeyManager>, ImportError> {
    use KeyManagementAlgorithm as Alg;
    match (algorithm, key) {
        (Alg::A128GcmKw, PrivateKey::Secret(key)) => {
            Ok(Box::new(Gcm::new(&aead::AES_128_GCM, key)?))
        }
        (Alg::A256GcmKw, PrivateKey::Secret(key)) => {
            Ok(Box::new(Gcm::new(&aead::AES_256_GCM, key)?))
        }
        _ => Err(ImportError::Unsupported),
    }
}

struct Gcm(LessSafeKey);

impl Gcm {
    fn new(algorithm: &'static aead::Algorithm, key: &[u8]) -> Result<Self, ImportError> {
        let key = UnboundKey::new(algorithm, key).map_err(|_| ImportError::Rejected)?;
        Ok(Self(LessSafeKey::new(key)))
    }
}

impl ContentCipher for Gcm {
    fn decrypt(&self, header: &[u8], iv: &[u8], content: &mut [u8]) -> Option<usize> {
        let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
        let plaintext = self.0.open_in_place(nonce, Aad::from(header), content);
        plaintext.ok().map(|plaintext| plaintext.len())
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.7>
impl KeyManager for Gcm {
    fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()> {
        let Parameters::Gcm { iv, tag } = wrapped.parameters else {
            return None;
        };
        let same_length = wrapped.encrypted_key.len() == cek.len();
        same_length.then(|| cek.copy_from_slice(wrapped.encrypted_key))?;
        let nonce = Nonce::assume_unique_for_key(*iv);
        let plaintext =
            self.0.open_in_place_separate_tag(nonce, Aad::empty(), (*tag).into(), cek, 0..);
        plaintext.ok().map(|_| ())
    }
}
