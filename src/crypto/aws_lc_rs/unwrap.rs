//! The key management algorithms on `aws-lc-rs`.

use aes_kw::{KeyInit as _, KwAes192};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::{aead, pbkdf2};
use zeroize::Zeroizing;

use super::agreement;
use super::content::Gcm;
use super::rsa;
use crate::alg::{KeyManagementAlgorithm, Mode};
use crate::crypto::ImportError;
use crate::crypto::decrypt::{KeyManager, Parameters, PrivateKey, Wrapped};

pub(super) fn import_private(
    algorithm: KeyManagementAlgorithm,
    key: PrivateKey<'_>,
) -> Result<Box<dyn KeyManager>, ImportError> {
    match (algorithm.mode(), key) {
        (Mode::KeyWrapping(bytes), PrivateKey::Secret(key)) if key.len() == bytes => {
            Ok(Box::new(KeyWrapping(Zeroizing::new(key.to_vec()))))
        }
        (Mode::GcmKeyWrapping(bytes), PrivateKey::Secret(key)) => {
            let aes = match bytes {
                16 => &aead::AES_128_GCM,
                24 => &aead::AES_192_GCM,
                _ => &aead::AES_256_GCM,
            };
            Ok(Box::new(Gcm::new(aes, key)?))
        }
        (Mode::KeyEncryption(hash), PrivateKey::Rsa(numbers)) => rsa::import(hash, numbers),
        (
            Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_),
            PrivateKey::Agreement { curve, private, public },
        ) => agreement::import(algorithm, curve, private, public),
        (Mode::Password(bytes), PrivateKey::Secret(password)) => {
            let hash = match bytes {
                16 => pbkdf2::PBKDF2_HMAC_SHA256,
                24 => pbkdf2::PBKDF2_HMAC_SHA384,
                _ => pbkdf2::PBKDF2_HMAC_SHA512,
            };
            let password = Zeroizing::new(password.to_vec());
            Ok(Box::new(Password { algorithm, hash, kek_bytes: bytes, password }))
        }
        _ => Err(ImportError::Rejected),
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.4>
struct KeyWrapping(Zeroizing<Vec<u8>>);

impl KeyManager for KeyWrapping {
    fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()> {
        unwrap_aes(&self.0, wrapped.encrypted_key, cek)
    }
}

/// AES Key Wrap: <https://www.rfc-editor.org/rfc/rfc3394>
pub(super) fn unwrap_aes(kek: &[u8], encrypted_key: &[u8], cek: &mut [u8]) -> Option<()> {
    const INTEGRITY_BYTES: usize = 8;
    if encrypted_key.len().checked_sub(INTEGRITY_BYTES) != Some(cek.len()) {
        return None;
    }
    match kek.len() {
        16 => AesKek::new(&AES_128, kek).ok()?.unwrap(encrypted_key, cek).ok().map(|_| ()),
        // aws-lc-rs offers no key of 24 bytes here.
        24 => {
            let kek = KwAes192::new_from_slice(kek).ok()?;
            kek.unwrap_key(encrypted_key, cek).ok().map(|_| ())
        }
        32 => AesKek::new(&AES_256, kek).ok()?.unwrap(encrypted_key, cek).ok().map(|_| ()),
        _ => None,
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
        self.open_apart(*iv, tag, cek)
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.8>
struct Password {
    algorithm: KeyManagementAlgorithm,
    hash: pbkdf2::Algorithm,
    kek_bytes: usize,
    password: Zeroizing<Vec<u8>>,
}

impl KeyManager for Password {
    fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()> {
        let Parameters::Password { p2s, p2c } = wrapped.parameters else {
            return None;
        };
        let salt = [self.algorithm.name().as_bytes(), &[0], p2s].concat();
        let mut kek = Zeroizing::new([0; 32]);
        let kek = kek.get_mut(..self.kek_bytes)?;
        pbkdf2::derive(self.hash, *p2c, &salt, &self.password, kek);
        unwrap_aes(kek, wrapped.encrypted_key, cek)
    }
}
