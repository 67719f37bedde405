//! Bare cryptography with a ready key: what no validator can be faster than.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::testing::TestKey;
use ring::hmac;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};

use super::{Alg, SECRET};

/// A key of `ring`'s, ready for use.
pub(crate) enum BareKey {
    Hmac(hmac::Key),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    Other(UnparsedPublicKey<Vec<u8>>),
}

impl BareKey {
    pub(crate) fn new(alg: Alg, key: &TestKey) -> Self {
        let jwk = key.jwk();
        let member = |name: &str| decode(jwk[name].as_str().unwrap());
        match alg {
            Alg::Hs256 => Self::Hmac(hmac::Key::new(hmac::HMAC_SHA256, &SECRET)),
            Alg::Rs256 => Self::Rsa(RsaPublicKeyComponents { n: member("n"), e: member("e") }),
            Alg::Es256 => {
                let point = [vec![4], member("x"), member("y")].concat();
                let alg = &signature::ECDSA_P256_SHA256_FIXED;
                Self::Other(UnparsedPublicKey::new(alg, point))
            }
            Alg::Ed25519 => Self::Other(UnparsedPublicKey::new(&signature::ED25519, member("x"))),
        }
    }

    /// Verifies, and panics if the signature is not this key's.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) {
        match self {
            Self::Hmac(key) => hmac::verify(key, message, signature),
            Self::Rsa(key) => {
                key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            Self::Other(key) => key.verify(message, signature),
        }
        .unwrap();
    }
}

/// The signature that stands after the dot at `dot`, decoded.
pub(crate) fn signature_of(token: &str, dot: usize) -> Vec<u8> {
    decode(token.split_at(dot).1.trim_start_matches('.'))
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}
