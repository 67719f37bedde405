//! A DPoP proof beside a token in a dialect: its rows stand behind those of the token's own plan.

use std::sync::Arc;

use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, Jwk, MemoryReplayGuard, Profile, RequestFacts,
    SignatureAlgorithm, Validator,
};
use serde_json::json;

use super::acme::World;
use super::support::{NOW, expect_accepted, expect_rejected, findings, now, validator_builder};

const URI: &str = "https://api.example.com/orders";

struct Scene {
    world: World,
    holder: TestIssuer,
    validator: Validator<AccessTokenClaims>,
}

impl Scene {
    fn new() -> Self {
        let world = World::new();
        let proofs = validator_builder(Profile::dpop_proof())
            .algorithms([SignatureAlgorithm::Es256])
            .replay_guard(Arc::new(MemoryReplayGuard::new(100)))
            .build()
            .unwrap();
        let builder = world.trusting_all(Profile::access_token()).dpop(proofs);
        let validator = builder.build().unwrap();
        Self { world, holder: TestIssuer::new("holder"), validator }
    }

    fn bound(&self, token: TestToken) -> TestToken {
        let jwk = Jwk::from_json(self.holder.key().jwk().to_string()).unwrap();
        let thumbprint = jwk.thumbprint();
        token.claim("cnf", json!({ "jkt": thumbprint.to_string() }))
    }

    fn proof(&self, token: &str, jti: &str) -> TestToken {
        let ath = hash(token);
        let draft = self.holder.token("dpop+jwt").at(NOW).without("iss").without("exp");
        let draft = draft.without_header("kid").header("jwk", self.holder.key().jwk());
        draft.claim("jti", jti).claim("htm", "GET").claim("htu", URI).claim("ath", ath)
    }

    fn appraise(&self, token: &str, proof: Option<&str>) -> Appraisal<AccessTokenClaims> {
        let facts = RequestFacts::new().method("GET").uri(URI);
        let facts = proof.map_or(facts.clone(), |proof| facts.clone().dpop_proof(proof));
        self.validator.appraise_with_at(token, &facts, now())
    }

    /// The good token of each dialect.
    fn tokens(&self) -> [TestToken; 3] {
        [self.world.acme_token(), self.world.globex_token(), self.world.standard_token()]
    }
}

/// The hash of a token, as `ath` has it.
fn hash(token: &str) -> String {
    use base64::Engine as _;
    let digest = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest)
}

/// The outcomes of the rows of the token, and of those of the proof.
fn outcomes(appraisal: &Appraisal<AccessTokenClaims>, of_proof: bool) -> Vec<(String, String)> {
    let rows = appraisal.checks().filter(|check| check.code().starts_with("proof.") == of_proof);
    rows.map(|check| (check.code().to_owned(), check.outcome().name().to_owned())).collect()
}

#[test]
fn a_bound_token_of_each_dialect_is_accepted_beside_its_proof() {
    let scene = Scene::new();
    for (nth, token) in scene.tokens().into_iter().enumerate() {
        let token = scene.bound(token).sign();
        let proof = scene.proof(&token, &format!("j-{nth}")).sign();
        let appraisal = scene.appraise(&token, Some(&proof));
        expect_accepted("-", "bound", &appraisal);
        let of_proof = outcomes(&appraisal, true);
        assert_eq!(of_proof.len(), outcomes(&scene.appraise("", None), true).len());
        assert!(
            of_proof.iter().any(|row| *row == ("proof.crypto.signature".into(), "pass".into()))
        );
        let replayed = scene.appraise(&token, Some(&proof));
        expect_rejected("-", &["proof.state.replay"], "again", &replayed);
        expect_rejected("-", &["claims.cnf"], "alone", &scene.appraise(&token, None));
    }
}

/// The rows of a proof that was not sent are absent, wherever they stand in the plan of the issuer.
#[test]
fn a_token_that_is_not_bound_needs_no_proof() {
    let scene = Scene::new();
    for token in scene.tokens() {
        let appraisal = scene.appraise(&token.sign(), None);
        expect_accepted("-", "unbound", &appraisal);
        let of_proof = outcomes(&appraisal, true);
        assert!(!of_proof.is_empty() && of_proof.iter().all(|(_, outcome)| outcome == "absent"));
        let own = outcomes(&appraisal, false);
        assert!(own.iter().all(|(_, outcome)| outcome != "not_reached"));
    }
}

/// A refusal before the issuer is known has the rows of the proof too, and no row is mistaken for another.
#[test]
fn a_token_that_is_refused_early_has_the_rows_of_its_proof() {
    let scene = Scene::new();
    let good = scene.world.acme_token();
    for (code, token) in [
        ("key.issuer", good.clone().claim("iss", "https://id.acme.example/3")),
        ("header.typ", good.clone().header("typ", "logout+jwt")),
        ("header.typ", good.clone().header("typ", "at+jwt")),
        ("dialect.tells", good.clone().claim("token_use", "id")),
        ("dialect.names", good.clone().claim("client_id", "other")),
    ] {
        let token = scene.bound(token).sign();
        let proof = scene.proof(&token, "j-1").sign();
        for proof in [None, Some(&*proof)] {
            let appraisal = scene.appraise(&token, proof);
            assert_eq!(findings(&appraisal), [code], "{appraisal}");
            let sent = outcomes(&appraisal, true);
            let outcome = |code: &str| {
                let found = sent.iter().find(|(known, _)| known == code);
                found.map(|(_, outcome)| outcome.as_str())
            };
            let expected = if proof.is_some() { "pass" } else { "absent" };
            assert_eq!(outcome("proof.header.typ"), Some(expected), "{code}");
            let reached = if proof.is_some() { "not_reached" } else { "absent" };
            assert_eq!(outcome("proof.claims.htm"), Some(reached), "{code}");
        }
    }
    // The proof that was refused takes no room in the guard.
    let token = scene.bound(good).sign();
    let proof = scene.proof(&token, "j-1").sign();
    expect_accepted("-", "first", &scene.appraise(&token, Some(&proof)));
}

#[test]
fn a_bad_proof_refuses_a_good_token_of_each_dialect() {
    let scene = Scene::new();
    for token in scene.tokens() {
        let token = scene.bound(token).sign();
        let proof = scene.proof(&token, "j-1");
        let other = TestIssuer::new("other");
        for (code, proof) in [
            ("proof.claims.htm", proof.clone().claim("htm", "POST")),
            ("proof.claims.ath", proof.clone().claim("ath", hash("other"))),
            ("proof.header.typ", proof.clone().header("typ", "at+jwt")),
            ("proof.crypto.signature", proof.clone().signature([1; 64])),
            ("claims.cnf", proof.clone().signed_by(other.key()).header("jwk", other.key().jwk())),
        ] {
            let appraisal = scene.appraise(&token, Some(&proof.sign()));
            assert_eq!(findings(&appraisal), [code], "{appraisal}");
        }
    }
}
