//! The content encryption algorithms on `aws-lc-rs`.

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{self, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;

use crate::alg::ContentEncryptionAlgorithm;
use crate::crypto::ImportError;
use crate::crypto::decrypt::ContentCipher;

pub(super) fn content_cipher(
    enc: ContentEncryptionAlgorithm,
    key: &[u8],
) -> Result<Box<dyn ContentCipher>, ImportError> {
    use ContentEncryptionAlgorithm as Enc;
    match enc {
        Enc::A128Gcm => Ok(Box::new(Gcm::new(&aead::AES_128_GCM, key)?)),
        Enc::A192Gcm => Ok(Box::new(Gcm::new(&aead::AES_192_GCM, key)?)),
        Enc::A256Gcm => Ok(Box::new(Gcm::new(&aead::AES_256_GCM, key)?)),
        Enc::A128CbcHs256 => cbc_hmac(&cipher::AES_128, hmac::HMAC_SHA256, key),
        Enc::A192CbcHs384 => cbc_hmac(&cipher::AES_192, hmac::HMAC_SHA384, key),
        Enc::A256CbcHs512 => cbc_hmac(&cipher::AES_256, hmac::HMAC_SHA512, key),
    }
}

pub(super) struct Gcm(LessSafeKey);

impl Gcm {
    pub(super) fn new(
        algorithm: &'static aead::Algorithm,
        key: &[u8],
    ) -> Result<Self, ImportError> {
        let key = UnboundKey::new(algorithm, key).map_err(|_| ImportError::Rejected)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Decrypts in place a text whose tag stands apart.
    pub(super) fn open_apart(&self, iv: [u8; 12], tag: &[u8], text: &mut [u8]) -> Option<()> {
        let nonce = Nonce::assume_unique_for_key(iv);
        let decrypted = self.0.open_in_place_separate_tag(nonce, Aad::empty(), tag, text);
        decrypted.ok().map(|_| ())
    }
}

impl ContentCipher for Gcm {
    fn decrypt(&self, header: &[u8], iv: &[u8], content: &mut [u8]) -> Option<usize> {
        let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
        let plaintext = self.0.open_in_place(nonce, Aad::from(header), content);
        plaintext.ok().map(|plaintext| plaintext.len())
    }
}

struct CbcHmac {
    encryption: PaddedBlockDecryptingKey,
    mac: hmac::Key,
    tag_bytes: usize,
}

/// The first half of the key is for the MAC, the second for the cipher; the tag is the first half
/// of the MAC.
///
/// <https://www.rfc-editor.org/rfc/rfc7518#section-5.2.2.1>
fn cbc_hmac(
    cipher: &'static cipher::Algorithm,
    hash: hmac::Algorithm,
    key: &[u8],
) -> Result<Box<dyn ContentCipher>, ImportError> {
    let half = key.len() / 2;
    let (mac_key, encryption_key) = key.split_at(half);
    let encryption = UnboundCipherKey::new(cipher, encryption_key)
        .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
        .map_err(|_| ImportError::Rejected)?;
    let mac = hmac::Key::new(hash, mac_key);
    Ok(Box::new(CbcHmac { encryption, mac, tag_bytes: half }))
}

impl ContentCipher for CbcHmac {
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-5.2.2.2>
    fn decrypt(&self, header: &[u8], iv: &[u8], content: &mut [u8]) -> Option<usize> {
        let ciphertext_bytes = content.len().checked_sub(self.tag_bytes)?;
        let (ciphertext, tag) = content.split_at_mut(ciphertext_bytes);
        self.check_tag(header, iv, ciphertext, tag)?;
        let iv = <[u8; 16]>::try_from(iv).ok()?;
        let context = DecryptionContext::Iv128(iv.into());
        let plaintext = self.encryption.decrypt(ciphertext, context);
        plaintext.ok().map(|plaintext| plaintext.len())
    }
}

impl CbcHmac {
    /// In constant time, and before anything is decrypted.
    fn check_tag(&self, header: &[u8], iv: &[u8], ciphertext: &[u8], tag: &[u8]) -> Option<()> {
        let header_bits = u64::try_from(header.len()).ok()?.checked_mul(8)?;
        let mut mac = hmac::Context::with_key(&self.mac);
        for part in [header, iv, ciphertext, &header_bits.to_be_bytes()] {
            mac.update(part);
        }
        let mac = mac.sign();
        let expected = mac.as_ref().get(..self.tag_bytes)?;
        verify_slices_are_equal(expected, tag).ok()
    }
}
