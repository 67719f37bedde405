//! This crate.

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::testing::{TestKey, TestRecipient};
use jwt_appraisal::{
    AccessTokenClaims, DecryptionKey, DecryptionKeys, JwkSet, KeyStore, Outcome, Profile,
    SignatureAlgorithm, TrustedIssuer, Validator,
};
use serde_json::json;

use crate::Algorithms;
use crate::token::{AUDIENCE, CLIENT, ISSUER};

pub(crate) struct Ours(Validator<AccessTokenClaims>);

impl Ours {
    pub(crate) fn new(
        Algorithms { alg, enc }: Algorithms,
        recipient: &TestRecipient,
        issuer: &TestKey,
    ) -> Self {
        let jwks = json!({ "keys": [issuer.jwk()] }).to_string();
        let jwks = JwkSet::from_json(&jwks).unwrap();
        let keys = KeyStore::with_provider(&PROVIDER, [SignatureAlgorithm::Es256], jwks).unwrap();
        let decryption_key = DecryptionKey::from_jwk(recipient.private_jwk().to_string()).unwrap();
        let validator = Validator::builder_with(&PROVIDER, Profile::access_token())
            .issuer(TrustedIssuer::new(ISSUER, keys))
            .audience(AUDIENCE)
            .encrypted_to(DecryptionKeys::new([decryption_key], [alg], [enc]))
            .build();
        Self(validator.unwrap())
    }

    /// Appraises, and panics if the token is not accepted.
    pub(crate) fn accept(&self, token: &str) {
        let accepted = self.0.appraise(token).into_result().unwrap();
        assert_eq!(&*accepted.claims().client_id, CLIENT);
    }

    /// Appraises, and panics unless the token was opened and what is inside refused at once.
    pub(crate) fn open(&self, token: &str) {
        let appraisal = self.0.appraise(token);
        let mut checks = appraisal.checks().skip_while(|check| *check.id() != *"jwe.decrypt");
        assert_eq!(*checks.next().unwrap().outcome(), Outcome::Pass);
        let refusal = checks.find(|check| check.outcome().reason().is_some()).unwrap();
        assert_eq!(*refusal.id(), *"form.compact");
    }
}
