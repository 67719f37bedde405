//! `josekit`.

use josekit::jwe::{self, JweDecrypter};
use josekit::jwk::Jwk;
use josekit::jws::{self, JwsVerifier};
use josekit::jwt;
use jwt_appraisal::KeyManagementAlgorithm;
use jwt_appraisal::testing::{TestKey, TestRecipient};
use serde_json::Value;

use crate::token::CLIENT;

/// A key to decrypt with and one to verify with.
pub(crate) struct Theirs {
    decrypter: Box<dyn JweDecrypter>,
    verifier: Box<dyn JwsVerifier>,
}

impl Theirs {
    pub(crate) fn new(
        alg: KeyManagementAlgorithm,
        recipient: &TestRecipient,
        issuer: &TestKey,
    ) -> Self {
        let key = jwk(&recipient.private_jwk());
        let decrypter: Box<dyn JweDecrypter> = match alg {
            KeyManagementAlgorithm::RsaOaep256 => {
                Box::new(jwe::RSA_OAEP_256.decrypter_from_jwk(&key).unwrap())
            }
            KeyManagementAlgorithm::EcdhEsA128Kw => {
                Box::new(jwe::ECDH_ES_A128KW.decrypter_from_jwk(&key).unwrap())
            }
            KeyManagementAlgorithm::Dir => Box::new(jwe::Dir.decrypter_from_jwk(&key).unwrap()),
            other => unreachable!("no contest has {other}"),
        };
        let verifier = jws::ES256.verifier_from_jwk(&jwk(&issuer.jwk())).unwrap();
        Self { decrypter, verifier: Box::new(verifier) }
    }

    /// What is inside. `jwt::decode_with_decrypter` takes claims inside, and no signed token.
    pub(crate) fn open(&self, token: &str) -> Vec<u8> {
        jwe::deserialize_compact(token, &*self.decrypter).unwrap().0
    }

    /// Decodes a signed token, and panics if it is not believed.
    pub(crate) fn verify(&self, signed: &[u8]) {
        let (claims, _) = jwt::decode_with_verifier(signed, &*self.verifier).unwrap();
        assert_eq!(claims.claim("client_id").and_then(Value::as_str), Some(CLIENT));
    }
}

fn jwk(members: &Value) -> Jwk {
    Jwk::from_bytes(members.to_string()).unwrap()
}
