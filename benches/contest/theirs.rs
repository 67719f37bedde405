//! `jsonwebtoken`, set to demand as much of this crate's demands as it can.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use jwt_appraisal::testing::TestKey;
use serde::Deserialize;

use super::{AUDIENCE, Alg, CLIENT, ISSUER, SECRET};

/// The members of this crate's `AccessTokenClaims`, in the plainest types.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read to be there, as in a service")]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    client_id: String,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    jti: String,
    scope: String,
    auth_time: Option<i64>,
    acr: Option<String>,
    #[serde(default)]
    amr: Vec<String>,
}

/// A key and the demands, made once.
pub(crate) struct Theirs {
    key: DecodingKey,
    validation: Validation,
}

impl Theirs {
    pub(crate) fn new(alg: Alg, key: &TestKey) -> Self {
        let jwk = key.jwk();
        let member = |name: &str| jwk[name].as_str().unwrap();
        let (algorithm, key) = match alg {
            Alg::Hs256 => (Algorithm::HS256, Ok(DecodingKey::from_secret(&SECRET))),
            Alg::Rs256 => {
                (Algorithm::RS256, DecodingKey::from_rsa_components(member("n"), member("e")))
            }
            Alg::Es256 => {
                (Algorithm::ES256, DecodingKey::from_ec_components(member("x"), member("y")))
            }
            Alg::Ed25519 => (Algorithm::EdDSA, DecodingKey::from_ed_components(member("x"))),
        };
        Self { key: key.unwrap(), validation: demands(algorithm) }
    }

    /// Decodes, and panics if the token is not believed.
    pub(crate) fn decode(&self, token: &str) {
        let decoded = jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation);
        assert_eq!(decoded.unwrap().claims.client_id, CLIENT);
    }
}

fn demands(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_nbf = true;
    validation
}
