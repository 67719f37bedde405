//! An issuer, and a client that holds a key.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, DpopProofClaims, JwkSet, MemoryReplayGuard, Profile,
    RequestFacts, SignatureAlgorithm, Thumbprint, Validator,
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::support::{NOW, Scene, validator_builder};

pub(crate) const URI: &str = "https://api.example.com/files";

#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) scene: Scene,
    pub(crate) key: TestKey,
}

impl Client {
    pub(crate) fn new() -> Self {
        let key = TestKey::generate("client", SignatureAlgorithm::Es256);
        Self { scene: Scene::new(), key }
    }

    pub(crate) fn thumbprint(&self) -> Thumbprint {
        let set = JwkSet::from_json(json!({ "keys": [self.key.jwk()] }).to_string()).unwrap();
        set.keys().next().unwrap().thumbprint()
    }

    /// The `cnf` of a token that is bound to the client's key.
    pub(crate) fn jkt(&self) -> Value {
        json!({ "jkt": self.thumbprint().to_string() })
    }

    /// A draft of a good token that is bound to the client's key.
    pub(crate) fn token(&self) -> TestToken {
        self.scene.token().claim("jti", "t-1").claim("cnf", self.jkt())
    }

    /// A draft of a good proof for a GET of [`URI`] with this token.
    pub(crate) fn proof(&self, token: &str) -> TestToken {
        let mut jwk = self.key.jwk();
        for member in ["kid", "alg", "use"] {
            jwk.as_object_mut().unwrap().remove(member);
        }
        let ath = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
        let draft = self.scene.issuer.token("dpop+jwt").signed_by(&self.key).without_header("kid");
        let draft = draft.without("iss").without("exp").without("sub").without("aud");
        draft
            .header("jwk", jwk)
            .claim("iat", NOW)
            .claim("jti", "p-1")
            .claim("htm", "GET")
            .claim("htu", URI)
            .claim("ath", ath)
    }
}

pub(crate) fn guard() -> Arc<MemoryReplayGuard> {
    Arc::new(MemoryReplayGuard::new(100))
}

pub(crate) fn proofs() -> Validator<DpopProofClaims> {
    let builder = validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
    builder.replay_guard(guard()).build().unwrap()
}

/// The facts of a GET of [`URI`] with this proof.
pub(crate) fn facts(proof: &str) -> RequestFacts<'_> {
    RequestFacts::new().dpop_proof(proof).method("GET").uri(URI)
}

/// Access tokens with DPoP.
pub(crate) fn tokens(client: &Client) -> Validator<AccessTokenClaims> {
    client.scene.builder_of(Profile::access_token()).dpop(proofs()).build().unwrap()
}

/// Access tokens that are good for one use, with DPoP.
pub(crate) fn single_use(client: &Client) -> Validator<AccessTokenClaims> {
    let builder = client.scene.builder_of(Profile::access_token().single_use());
    builder.replay_guard(guard()).dpop(proofs()).build().unwrap()
}

/// The codes and outcomes of the rows whose code begins so.
pub(crate) fn rows<C>(appraisal: &Appraisal<C>, prefix: &str) -> Vec<(String, &'static str)> {
    let checks = appraisal.checks().filter(|check| check.code().starts_with(prefix));
    checks.map(|check| (check.code().to_owned(), check.outcome().name())).collect()
}
