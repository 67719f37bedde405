//! A token that is not encrypted yet.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test key that can not be used is a mistake of the test"
)]

use aws_lc_rs::cipher::{self, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::{aead, hmac, rand};
use serde_json::{Map, Value};

use super::TestRecipient;
use super::compact::base64url;
use super::wrap;
use crate::alg::ContentEncryptionAlgorithm;

/// A token that is not encrypted yet: the header, the content, and what is wrapped as the content's
/// key can be changed before [`encrypt`](Self::encrypt).
///
/// [`TestRecipient::envelope`] drafts a good one. Of two calls that set the same thing, the later one
/// counts.
#[derive(Clone, Debug)]
#[must_use = "a draft is a token only after `encrypt`"]
pub struct TestEnvelope {
    pub(super) recipient: TestRecipient,
    pub(super) enc: ContentEncryptionAlgorithm,
    pub(super) header: Map<String, Value>,
    content: Vec<u8>,
    raw_header: Option<Vec<u8>>,
    wrapped_key: Option<Vec<u8>>,
    encrypted_key: Option<Vec<u8>>,
}

impl TestEnvelope {
    pub(super) fn draft(
        recipient: &TestRecipient,
        content: &[u8],
        enc: ContentEncryptionAlgorithm,
    ) -> Self {
        let draft = Self {
            recipient: recipient.clone(),
            enc,
            header: Map::new(),
            content: content.to_vec(),
            raw_header: None,
            wrapped_key: None,
            encrypted_key: None,
        };
        draft
            .header("alg", recipient.algorithm().name())
            .header("enc", enc.name())
            .header("kid", recipient.kid())
            .header("cty", "JWT")
    }

    /// Sets a header member. `apu`, `apv`, `p2s` and `p2c` are used as they are set; other members
    /// of the algorithm stay as they are set, whatever was used.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    /// Leaves a header member out.
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self
    }

    /// Encrypts with these bytes as the header, whatever the header members are set to. What the
    /// algorithm has in the header is not added.
    pub fn raw_header(self, header: impl Into<Vec<u8>>) -> Self {
        Self { raw_header: Some(header.into()), ..self }
    }

    /// Compresses the content, and says so (`zip` "DEF").
    pub fn compressed(mut self) -> Self {
        self.content = miniz_oxide::deflate::compress_to_vec(&self.content, 9);
        self.header("zip", "DEF")
    }

    /// Wraps these bytes instead of the content's key.
    pub fn wrapped_key(self, key: impl Into<Vec<u8>>) -> Self {
        Self { wrapped_key: Some(key.into()), ..self }
    }

    /// Uses these bytes as the encrypted key, instead of what the algorithm makes.
    pub fn encrypted_key(self, encrypted_key: impl Into<Vec<u8>>) -> Self {
        Self { encrypted_key: Some(encrypted_key.into()), ..self }
    }

    /// The token in compact serialization
    /// ([RFC 7516 §7.1](https://www.rfc-editor.org/rfc/rfc7516#section-7.1)).
    ///
    /// # Panics
    ///
    /// If the key does not fit the algorithms, or the cryptographic library reports an internal
    /// error.
    pub fn encrypt(&self) -> String {
        let wrapped = wrap::wrap(self, self.wrapped_key.as_deref());
        let mut header = wrapped.members;
        header.extend(self.header.clone());
        let header = Value::Object(header).to_string().into_bytes();
        let header = base64url(self.raw_header.as_deref().unwrap_or(&header));
        let encrypted_key = self.encrypted_key.as_deref().unwrap_or(&wrapped.encrypted_key);
        let sealed = seal(self.enc, &wrapped.cek, header.as_bytes(), &self.content);
        let [iv, ciphertext, tag] = sealed.map(|part| base64url(&part));
        format!("{header}.{}.{iv}.{ciphertext}.{tag}", base64url(encrypted_key))
    }
}

/// Initialization vector, ciphertext and tag.
fn seal(
    enc: ContentEncryptionAlgorithm,
    cek: &[u8],
    header: &[u8],
    content: &[u8],
) -> [Vec<u8>; 3] {
    use ContentEncryptionAlgorithm as Enc;
    let mut iv = vec![0; enc.iv_bytes()];
    rand::fill(&mut iv).expect("aws-lc-rs gives random bytes");
    let (ciphertext, tag) = match enc {
        Enc::A128Gcm => gcm(&aead::AES_128_GCM, cek, &iv, header, content),
        Enc::A192Gcm => gcm(&aead::AES_192_GCM, cek, &iv, header, content),
        Enc::A256Gcm => gcm(&aead::AES_256_GCM, cek, &iv, header, content),
        Enc::A128CbcHs256 => {
            cbc_hmac((&cipher::AES_128, hmac::HMAC_SHA256), cek, &iv, header, content)
        }
        Enc::A192CbcHs384 => {
            cbc_hmac((&cipher::AES_192, hmac::HMAC_SHA384), cek, &iv, header, content)
        }
        Enc::A256CbcHs512 => {
            cbc_hmac((&cipher::AES_256, hmac::HMAC_SHA512), cek, &iv, header, content)
        }
    };
    [iv, ciphertext, tag]
}

pub(super) fn gcm(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    iv: &[u8],
    header: &[u8],
    content: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let key = aead::UnboundKey::new(algorithm, key).expect("the key has the algorithm's length");
    let nonce = aead::Nonce::try_assume_unique_for_key(iv).expect("12 bytes");
    let mut text = content.to_vec();
    let tag = aead::LessSafeKey::new(key)
        .seal_in_place_separate_tag(nonce, aead::Aad::from(header), &mut text)
        .expect("aws-lc-rs encrypts");
    (text, tag.as_ref().to_vec())
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-5.2.2.1>
fn cbc_hmac(
    (cipher, hash): (&'static cipher::Algorithm, hmac::Algorithm),
    key: &[u8],
    iv: &[u8],
    header: &[u8],
    content: &[u8],
) -> (Vec<u8>, Vec<u8>) {
    let half = key.len().div_euclid(2);
    let (mac_key, encryption_key) = key.split_at(half);
    let key = UnboundCipherKey::new(cipher, encryption_key).expect("half of the key's length");
    let iv_16 = <[u8; 16]>::try_from(iv).expect("16 bytes");
    let mut text = content.to_vec();
    PaddedBlockEncryptingKey::cbc_pkcs7(key)
        .and_then(|key| key.less_safe_encrypt(&mut text, EncryptionContext::Iv128(iv_16.into())))
        .expect("aws-lc-rs encrypts");
    let header_bits = u64::try_from(header.len()).unwrap_or(u64::MAX).saturating_mul(8);
    let parts = [header, iv, &text, &header_bits.to_be_bytes()].concat();
    let mac = hmac::sign(&hmac::Key::new(hash, mac_key), &parts);
    let Some(tag) = mac.as_ref().get(..half) else {
        panic!("the MAC is as long as the key");
    };
    let tag = tag.to_vec();
    (text, tag)
}
