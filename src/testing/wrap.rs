//! The key management algorithms, from the sender's side.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test key that can not be used is a mistake of the test"
)]

use std::num::NonZeroU32;

use aes_kw::{KeyInit as _, KwAes192};
use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepPublicEncryptingKey, PrivateDecryptingKey,
};
use aws_lc_rs::{aead, digest, pbkdf2, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::compact::base64url;
use super::envelope::{TestEnvelope, gcm};
use super::recipient::{Curve, RecipientKey};
use crate::alg::{Mode, OaepHash};

/// A content key, and what makes it known to the recipient.
pub(super) struct Wrapped {
    pub(super) cek: Vec<u8>,
    pub(super) encrypted_key: Vec<u8>,
    /// What the algorithm has in the header.
    pub(super) members: Map<String, Value>,
}

/// Makes a content key known; `instead` is what is wrapped in its place.
pub(super) fn wrap(envelope: &TestEnvelope, instead: Option<&[u8]>) -> Wrapped {
    let recipient = &envelope.recipient;
    let algorithm = recipient.algorithm();
    let mut members = Map::new();
    let cek = random(envelope.enc.key_bytes());
    let to_wrap = instead.unwrap_or(&cek);
    let (cek, encrypted_key) = match (algorithm.mode(), &recipient.key) {
        (Mode::DirectEncryption, RecipientKey::Secret(secret)) => (secret.to_vec(), Vec::new()),
        (Mode::KeyWrapping(_), RecipientKey::Secret(kek)) => {
            let encrypted_key = wrap_aes(kek, to_wrap);
            (cek, encrypted_key)
        }
        (Mode::GcmKeyWrapping(bytes), RecipientKey::Secret(kek)) => {
            let encrypted_key = wrap_gcm(bytes, kek, to_wrap, &mut members);
            (cek, encrypted_key)
        }
        (Mode::KeyEncryption(hash), RecipientKey::Rsa(key)) => {
            let encrypted_key = wrap_rsa(hash, key, to_wrap);
            (cek, encrypted_key)
        }
        (Mode::DirectKeyAgreement, RecipientKey::Agreement(curve, key)) => {
            let (enc, bytes) = (envelope.enc.name(), envelope.enc.key_bytes());
            (derive(envelope, *curve, key, (enc, bytes), &mut members), Vec::new())
        }
        (Mode::KeyAgreementWithKeyWrapping(bytes), RecipientKey::Agreement(curve, key)) => {
            let kek = derive(envelope, *curve, key, (algorithm.name(), bytes), &mut members);
            let encrypted_key = wrap_aes(&kek, to_wrap);
            (cek, encrypted_key)
        }
        (Mode::Password(bytes), RecipientKey::Secret(password)) => {
            let kek = stretch(envelope, password, bytes, &mut members);
            let encrypted_key = wrap_aes(&kek, to_wrap);
            (cek, encrypted_key)
        }
        _ => panic!("the recipient's key is not for {algorithm}"),
    };
    Wrapped { cek, encrypted_key, members }
}

fn random(bytes: usize) -> Vec<u8> {
    let mut octets = vec![0; bytes];
    rand::fill(&mut octets).expect("aws-lc-rs gives random bytes");
    octets
}

fn wrap_aes(kek: &[u8], key: &[u8]) -> Vec<u8> {
    let mut wrapped = vec![0; key.len().saturating_add(8)];
    if kek.len() == 24 {
        let kek = KwAes192::new_from_slice(kek).expect("24 bytes");
        kek.wrap_key(key, &mut wrapped).expect("a key of whole blocks");
    } else {
        let aes = if kek.len() == 16 { &AES_128 } else { &AES_256 };
        let kek = AesKek::new(aes, kek).expect("the key has the algorithm's length");
        kek.wrap(key, &mut wrapped).expect("a key of whole blocks");
    }
    wrapped
}

fn wrap_gcm(bytes: usize, kek: &[u8], key: &[u8], members: &mut Map<String, Value>) -> Vec<u8> {
    let aes = match bytes {
        16 => &aead::AES_128_GCM,
        24 => &aead::AES_192_GCM,
        _ => &aead::AES_256_GCM,
    };
    let iv = random(12);
    let (wrapped, tag) = gcm(aes, kek, &iv, &[], key);
    members.insert("iv".into(), base64url(&iv).into());
    members.insert("tag".into(), base64url(&tag).into());
    wrapped
}

fn wrap_rsa(hash: OaepHash, recipient: &PrivateDecryptingKey, key: &[u8]) -> Vec<u8> {
    let padding = match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
        OaepHash::Sha384 => &OAEP_SHA384_MGF1SHA384,
        OaepHash::Sha512 => &OAEP_SHA512_MGF1SHA512,
    };
    let public = OaepPublicEncryptingKey::new(recipient.public_key()).expect("an RSA public key");
    let mut wrapped = vec![0; public.ciphertext_size()];
    public.encrypt(padding, key, &mut wrapped, None).expect("a key shorter than the modulus");
    wrapped
}

/// Agrees on a secret with a fresh key, and derives a key from it by the Concat KDF:
/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.6.2>
fn derive(
    envelope: &TestEnvelope,
    curve: Curve,
    recipient: &PrivateKey,
    (name, bytes): (&str, usize),
    members: &mut Map<String, Value>,
) -> Vec<u8> {
    let ephemeral = PrivateKey::generate(curve.agreement).expect("aws-lc-rs generates a key");
    let public = ephemeral.compute_public_key().expect("a key pair has a public key");
    members.insert("epk".into(), curve.public_members(public.as_ref()));
    let theirs = recipient.compute_public_key().expect("a key pair has a public key");
    let secret = shared_secret(curve.agreement, &ephemeral, theirs.as_ref());
    let [apu, apv] = ["apu", "apv"].map(|name| given_octets(envelope, name));
    let mut info = Vec::new();
    for part in [name.as_bytes(), &apu, &apv] {
        info.extend(length(part.len()));
        info.extend(part);
    }
    info.extend(length(bytes.saturating_mul(8)));
    let round = |counter: u32| {
        let input = [&counter.to_be_bytes(), secret.as_slice(), &info].concat();
        digest::digest(&digest::SHA256, &input).as_ref().to_vec()
    };
    let mut key = [round(1), round(2)].concat();
    key.truncate(bytes);
    key
}

fn shared_secret(
    algorithm: &'static agreement::Algorithm,
    ours: &PrivateKey,
    theirs: &[u8],
) -> Vec<u8> {
    let theirs = UnparsedPublicKey::new(algorithm, theirs);
    agree(ours, theirs, (), |secret| Ok(secret.to_vec())).expect("a point of the curve")
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).expect("a short text").to_be_bytes()
}

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.8.1>
fn stretch(
    envelope: &TestEnvelope,
    password: &[u8],
    bytes: usize,
    members: &mut Map<String, Value>,
) -> Vec<u8> {
    let hash = match bytes {
        16 => pbkdf2::PBKDF2_HMAC_SHA256,
        24 => pbkdf2::PBKDF2_HMAC_SHA384,
        _ => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    members.insert("p2s".into(), base64url(&random(16)).into());
    members.insert("p2c".into(), 1_000.into());
    members.extend(envelope.header.clone());
    let salt = members.get("p2s").and_then(Value::as_str).unwrap_or_default();
    let salt = URL_SAFE_NO_PAD.decode(salt).unwrap_or_default();
    let salt = [envelope.recipient.algorithm().name().as_bytes(), &[0], &salt].concat();
    let count = members.get("p2c").and_then(Value::as_u64);
    // What can not be used is refused before it would be.
    let count = count.and_then(|count| u32::try_from(count).ok()).filter(|count| *count < 100_000);
    let count = count.and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN);
    let mut kek = vec![0; bytes];
    pbkdf2::derive(hash, count, &salt, password, &mut kek);
    kek
}

fn given_octets(envelope: &TestEnvelope, name: &str) -> Vec<u8> {
    let text = envelope.header.get(name).and_then(Value::as_str).unwrap_or_default();
    URL_SAFE_NO_PAD.decode(text).unwrap_or_default()
}
