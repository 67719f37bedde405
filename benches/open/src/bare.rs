//! The bare primitives of `aws-lc-rs` with ready keys, and of the token no more than they need: what
//! no validator can be faster than.

use std::sync::LazyLock;

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::cipher::{self, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use aws_lc_rs::key_wrap::{AES_128, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use aws_lc_rs::{error::Unspecified, hmac};
use base64::Engine as _;
use base64::engine::{Simd, general_purpose::NO_PAD};
use josekit::jwk::KeyPair as _;
use josekit::jwk::{Jwk, alg::rsa::RsaKeyPair};
use jwt_appraisal::testing::{TestKey, TestRecipient};
use jwt_appraisal::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use serde::Deserialize;
use serde_json::Value;

use crate::Algorithms;

static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

/// A key to decrypt with and one to verify with.
pub(crate) struct Bare {
    opener: Opener,
    verifier: ParsedPublicKey,
}

enum Opener {
    Rsa(OaepPrivateDecryptingKey),
    Agreement(PrivateKey),
    Gcm(LessSafeKey),
    CbcHmac(Box<CbcHmac>),
}

struct CbcHmac {
    key: PaddedBlockDecryptingKey,
    mac: hmac::Key,
}

/// A token's segments.
struct Segments<'a> {
    header: &'a str,
    encrypted_key: &'a str,
    iv: &'a str,
    ciphertext: &'a str,
    tag: &'a str,
}

/// What agreeing on a key needs of a header.
#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    epk: Point<'a>,
}

#[derive(Deserialize)]
struct Point<'a> {
    x: &'a str,
    y: &'a str,
}

impl Bare {
    pub(crate) fn new(algorithms: Algorithms, recipient: &TestRecipient, issuer: &TestKey) -> Self {
        let verifier = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point(&issuer.jwk()));
        Self {
            opener: Opener::new(algorithms, &recipient.private_jwk()),
            verifier: verifier.unwrap(),
        }
    }

    /// What is inside.
    pub(crate) fn open(&self, token: &str) -> Vec<u8> {
        let token = split(token);
        match &self.opener {
            Opener::Rsa(key) => {
                let mut encrypted_key = [0; 256];
                decode(token.encrypted_key, &mut encrypted_key);
                let mut cek = [0; 256];
                let cek = key.decrypt(&OAEP_SHA256_MGF1SHA256, &encrypted_key, &mut cek, None);
                open_gcm(&gcm(&aead::AES_256_GCM, cek.unwrap()), &token)
            }
            Opener::Agreement(key) => {
                let mut cek = [0; 16];
                agree_and_unwrap(key, &token, &mut cek);
                open_gcm(&gcm(&aead::AES_128_GCM, &cek), &token)
            }
            Opener::Gcm(key) => open_gcm(key, &token),
            Opener::CbcHmac(key) => open_cbc_hmac(key, &token),
        }
    }

    /// Verifies the signature of a token, and panics if it is another's.
    pub(crate) fn verify(&self, signed: &[u8]) {
        let dot = signed.iter().rposition(|byte| *byte == b'.').unwrap();
        let mut signature = [0; 64];
        ENGINE.decode_slice(&signed[dot + 1..], &mut signature).unwrap();
        self.verifier.verify_sig(&signed[..dot], &signature).unwrap();
    }
}

impl Opener {
    fn new(Algorithms { alg, enc }: Algorithms, jwk: &Value) -> Self {
        match (alg, enc) {
            (KeyManagementAlgorithm::RsaOaep256, ContentEncryptionAlgorithm::A256Gcm) => {
                let key = RsaKeyPair::from_jwk(&Jwk::from_bytes(jwk.to_string()).unwrap());
                let pkcs8 = key.unwrap().to_der_private_key();
                let key = PrivateDecryptingKey::from_pkcs8(&pkcs8).unwrap();
                Self::Rsa(OaepPrivateDecryptingKey::new(key).unwrap())
            }
            (KeyManagementAlgorithm::EcdhEsA128Kw, ContentEncryptionAlgorithm::A128Gcm) => {
                let key = PrivateKey::from_private_key(&agreement::ECDH_P256, &member(jwk, "d"));
                Self::Agreement(key.unwrap())
            }
            (KeyManagementAlgorithm::Dir, ContentEncryptionAlgorithm::A128Gcm) => {
                Self::Gcm(gcm(&aead::AES_128_GCM, &member(jwk, "k")))
            }
            (KeyManagementAlgorithm::Dir, ContentEncryptionAlgorithm::A256CbcHs512) => {
                let secret = member(jwk, "k");
                let (mac, key) = secret.split_at(32);
                let key = UnboundCipherKey::new(&cipher::AES_256, key).unwrap();
                let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).unwrap();
                let mac = hmac::Key::new(hmac::HMAC_SHA512, mac);
                Self::CbcHmac(Box::new(CbcHmac { key, mac }))
            }
            _ => unreachable!("no contest has {alg} with {enc}"),
        }
    }
}

fn split(token: &str) -> Segments<'_> {
    let mut segments = token.split('.');
    let mut next = || segments.next().unwrap();
    Segments { header: next(), encrypted_key: next(), iv: next(), ciphertext: next(), tag: next() }
}

/// ECDH-ES+A128KW. There are no `apu` and `apv` in these tokens, so what the Concat KDF mixes in is
/// always the same.
fn agree_and_unwrap(key: &PrivateKey, token: &Segments<'_>, cek: &mut [u8]) {
    const INFO: &[u8] = b"\0\0\0\x0eECDH-ES+A128KW\0\0\0\0\0\0\0\0\0\0\0\x80";
    let mut header = [0; 512];
    let header: Header<'_> = serde_json::from_slice(decode(token.header, &mut header)).unwrap();
    let mut ephemeral = [4; 65];
    decode(header.epk.x, &mut ephemeral[1..33]);
    decode(header.epk.y, &mut ephemeral[33..]);
    let ephemeral = UnparsedPublicKey::new(&agreement::ECDH_P256, ephemeral);
    let hash = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256).unwrap();
    let mut kek = [0; 16];
    agree(key, ephemeral, Unspecified, |secret| sskdf_digest(hash, secret, INFO, &mut kek))
        .unwrap();
    let mut encrypted_key = [0; 24];
    decode(token.encrypted_key, &mut encrypted_key);
    AesKek::new(&AES_128, &kek).unwrap().unwrap(&encrypted_key, cek).unwrap();
}

fn gcm(algorithm: &'static aead::Algorithm, key: &[u8]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap())
}

fn open_gcm(key: &LessSafeKey, token: &Segments<'_>) -> Vec<u8> {
    let mut iv = [0; 12];
    decode(token.iv, &mut iv);
    let mut content = content(token);
    let nonce = Nonce::assume_unique_for_key(iv);
    let opened = key.open_in_place(nonce, Aad::from(token.header), &mut content);
    let length = opened.unwrap().len();
    content.truncate(length);
    content
}

fn open_cbc_hmac(key: &CbcHmac, token: &Segments<'_>) -> Vec<u8> {
    let mut iv = [0; 16];
    decode(token.iv, &mut iv);
    let mut content = content(token);
    let ciphertext_bytes = content.len() - 32;
    let (ciphertext, tag) = content.split_at_mut(ciphertext_bytes);
    let mut mac = hmac::Context::with_key(&key.mac);
    let header_bits = token.header.len() as u64 * 8;
    for part in [token.header.as_bytes(), &iv, ciphertext, &header_bits.to_be_bytes()] {
        mac.update(part);
    }
    verify_slices_are_equal(&mac.sign().as_ref()[..32], tag).unwrap();
    let opened = key.key.decrypt(ciphertext, DecryptionContext::Iv128(iv.into()));
    let length = opened.unwrap().len();
    content.truncate(length);
    content
}

/// The ciphertext and then the tag.
fn content(token: &Segments<'_>) -> Vec<u8> {
    let length = token.ciphertext.len() * 3 / 4;
    let mut content = vec![0; length + token.tag.len() * 3 / 4];
    let (ciphertext, tag) = content.split_at_mut(length);
    decode(token.ciphertext, ciphertext);
    decode(token.tag, tag);
    content
}

/// Decodes into a buffer, and gives what was written.
fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> &'b [u8] {
    let length = ENGINE.decode_slice(text, buffer).unwrap();
    &buffer[..length]
}

/// The octets of a key's member.
fn member(jwk: &Value, name: &str) -> Vec<u8> {
    ENGINE.decode(jwk[name].as_str().unwrap()).unwrap()
}

/// An uncompressed point.
fn point(jwk: &Value) -> Vec<u8> {
    [vec![4], member(jwk, "x"), member(jwk, "y")].concat()
}
