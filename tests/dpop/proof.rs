//! Which pair of a token and a proof is accepted, and where it is rejected.

use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, Outcome, Profile, RequestFacts, SignatureAlgorithm,
};
use serde_json::{Value, json};

use super::client::{Client, URI, facts, proofs, rows, tokens};
use super::support::{NOW, Scene, expect_accepted, expect_rejected, now};

#[test]
fn accepts_a_bound_token_beside_its_proof() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    expect_accepted("DP-11", "token and proof", &appraisal);
    let outcomes = rows(&appraisal, "proof.");
    for code in ["proof.form.header", "proof.crypto.signature", "proof.claims.htm"] {
        assert!(outcomes.contains(&(code.to_owned(), "pass")), "{code}: {outcomes:?}");
    }
    assert!(outcomes.contains(&("proof.state.replay".to_owned(), "pass")), "{outcomes:?}");
    let jkt = client.jkt();
    assert_eq!(appraisal.record().bound_to_key(), jkt["jkt"].as_str());
}

#[test]
fn accepts_an_unbound_token_without_a_proof_and_rejects_a_bound_one() {
    let client = Client::new();
    let validator = tokens(&client);
    let unbound = client.token().without("cnf").sign();
    let appraisal = validator.appraise_at(&unbound, now());
    expect_accepted("DP-13", "not bound, no proof", &appraisal);
    assert!(rows(&appraisal, "proof.").iter().all(|(_, outcome)| *outcome == "absent"));
    let bound = validator.appraise_at(client.token().sign(), now());
    expect_rejected("DP-13", &["claims.cnf"], "bound, no proof", &bound);
}

#[test]
fn rejects_a_proof_that_is_not_for_this_request() {
    let client = Client::new();
    let token = client.token().sign();
    let good = client.proof(&token);
    let other = TestKey::generate("other", SignatureAlgorithm::Es256);
    for (rule, what, proof, code) in [
        ("DP-02", "typ", good.clone().header("typ", "JWT"), "proof.header.typ"),
        ("DP-02", "no key", good.clone().without_header("jwk"), "proof.key.embedded"),
        ("DP-02", "no jti", good.clone().without("jti"), "proof.claims.jti"),
        (
            "DP-04",
            "signed by another key",
            good.clone().signed_by(&other),
            "proof.crypto.signature",
        ),
        ("DP-06", "htm", good.clone().claim("htm", "POST"), "proof.claims.htm"),
        ("DP-07", "htu", good.clone().claim("htu", "https://evil.example"), "proof.claims.htu"),
        ("DP-09", "old", good.clone().claim("iat", NOW - 61), "proof.time.age"),
        ("DP-10", "ath", good.clone().claim("ath", "AAAA"), "proof.claims.ath"),
        ("DP-10", "no ath", good.clone().without("ath"), "proof.claims.ath"),
        ("DP-08", "cnf", good.clone().claim("cnf", json!({})), "proof.claims.cnf"),
    ] {
        let proof = proof.sign();
        let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
        expect_rejected(rule, &[code], what, &appraisal);
    }
    for (what, proof) in [("empty", ""), ("three dots", "..."), ("not a token", "\u{0}é")] {
        let appraisal = tokens(&client).appraise_with_at(&token, &facts(proof), now());
        expect_rejected("DP-02", &["proof.form.compact"], what, &appraisal);
    }
    let long = "a".repeat(1024 * 1024);
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&long), now());
    expect_rejected("DP-02", &["proof.form.size"], "too long", &appraisal);
}

#[test]
fn rejects_a_proof_of_another_key_or_for_another_token() {
    let client = Client::new();
    let thief = Client { scene: Scene::new(), key: Client::new().key };
    let token = client.token().sign();
    let proof = thief.proof(&token).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    expect_rejected("DP-11", &["claims.cnf"], "another key", &appraisal);
    let unbound = client.token().without("cnf").sign();
    let proof = client.proof(&unbound).sign();
    let appraisal = tokens(&client).appraise_with_at(&unbound, &facts(&proof), now());
    expect_rejected("DP-13", &["claims.cnf"], "a token that is not bound", &appraisal);
}

/// A proof that fails here is not replaced by evidence that was checked elsewhere.
#[test]
fn rejects_a_wrong_proof_although_its_key_was_shown_otherwise() {
    let client = Client::new();
    let token = client.token().sign();
    let wrong = client.proof(&token).claim("htm", "POST").sign();
    let key = client.thumbprint();
    for validator in [tokens(&client), client.scene.validator_of(Profile::access_token())] {
        for facts in
            [facts(&wrong).proof_key(key), RequestFacts::new().proof_key(key).dpop_proof(&wrong)]
        {
            assert!(!validator.appraise_with_at(&token, &facts, now()).is_accepted());
        }
    }
}

/// The validator finds out by itself which token the proof must be for and by which key, so facts that say
/// otherwise change neither an acceptance nor a rejection.
#[test]
fn facts_about_the_key_and_the_token_have_no_effect_beside_a_proof() {
    let (client, thief) = (Client::new(), Client::new());
    let token = client.token().sign();
    let other = client.token().claim("jti", "t-2").sign();
    let theirs = thief.proof(&token).claim("jti", "p-2").sign();
    let shown = RequestFacts::new().method("GET").uri(URI).access_token(&token);
    let shown = proofs().appraise_with_at(&theirs, &shown, now()).into_result().unwrap();
    let good = client.proof(&token).sign();
    for (proof, is_accepted) in [(&good, true), (&theirs, false)] {
        for facts in [
            facts(proof).bound_to(thief.thumbprint()),
            facts(proof).access_token(&other),
            facts(proof).proof_key(thief.thumbprint()),
            facts(proof).proof(&shown),
        ] {
            let appraisal = tokens(&client).appraise_with_at(&token, &facts, now());
            assert_eq!(appraisal.is_accepted(), is_accepted, "{appraisal}");
        }
    }
}

/// A kind whose rule on `cnf` does not know of access tokens is held to the same.
#[test]
fn rejects_an_unbound_token_of_a_custom_kind_beside_a_proof() {
    let client = Client::new();
    let profile = Profile::<Value>::new("receipt+jwt");
    let validator = client.scene.builder_of(profile).dpop(proofs()).build().unwrap();
    let receipt = client.token().header("typ", "receipt+jwt");
    let appraise = |receipt: &TestToken| {
        let receipt = receipt.clone().sign();
        let proof = client.proof(&receipt).sign();
        validator.appraise_with_at(&receipt, &facts(&proof), now())
    };
    expect_accepted("DP-11", "bound", &appraise(&receipt));
    let unbound = appraise(&receipt.clone().without("cnf"));
    expect_rejected("DP-13", &["claims.cnf"], "not bound", &unbound);
}

#[test]
fn a_validator_without_dpop_rejects_a_token_beside_a_proof() {
    let client = Client::new();
    let validator = client.scene.validator_of(Profile::access_token());
    for (what, token) in [("bound", client.token()), ("not bound", client.token().without("cnf"))] {
        let token = token.sign();
        let proof = client.proof(&token).sign();
        let appraisal = validator.appraise_with_at(&token, &facts(&proof), now());
        expect_rejected("DP-13", &["claims.cnf"], what, &appraisal);
    }
}

/// `ValidatorBuilder::dpop` is for tokens that are presented at a resource server. A proof of a request for a
/// token has no `ath` (RFC 9449 §5), and is checked by a validator of its own.
#[test]
fn rejects_a_proof_without_ath_beside_a_grant() {
    let client = Client::new();
    let builder = client.scene.builder_of(Profile::id_jag());
    let validator = builder.dpop(proofs()).build().unwrap();
    let grant = client.token().header("typ", "oauth-id-jag+jwt").claim("client_id", "c-1").sign();
    let appraise = |proof: &TestToken| {
        let proof = proof.clone().sign();
        validator.appraise_with_at(&grant, &facts(&proof).client_id("c-1"), now())
    };
    let good = client.proof(&grant);
    let without = appraise(&good.clone().without("ath"));
    expect_rejected("DP-10", &["proof.claims.ath"], "a grant", &without);
    expect_accepted("DP-10", "a grant that is presented with ath", &appraise(&good));
}

#[test]
fn a_rejected_token_leaves_its_proof_unverified() {
    let client = Client::new();
    let token = client.token().claim("aud", "https://other.example.com").sign();
    let proof = client.proof(&token).sign();
    let validator = tokens(&client);
    let appraisal = validator.appraise_with_at(&token, &facts(&proof), now());
    expect_rejected("CLM-04", &["claims.aud"], "another audience", &appraisal);
    let outcomes = rows(&appraisal, "proof.");
    assert!(outcomes.contains(&("proof.header.typ".to_owned(), "pass")), "{outcomes:?}");
    assert!(outcomes.contains(&("proof.crypto.signature".to_owned(), "not_reached")));
    assert_eq!(appraisal.record().subject(), Some("user-1"), "the signature of the token passed");
}

#[test]
fn a_malformed_proof_leaves_its_token_unread() {
    let client = Client::new();
    let appraisal = tokens(&client).appraise_with_at("not a token", &facts("x"), now());
    expect_rejected("DP-02", &["proof.form.compact"], "both malformed", &appraisal);
    assert!(!appraisal.record().is_verified());
    assert!(rows(&appraisal, "form.compact").iter().all(|(_, outcome)| *outcome == "not_reached"));
}

#[test]
fn keys_that_a_proof_brings_along_in_vain_are_named() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).header("x5u", "https://evil.example/key").sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    let check = appraisal.checks().find(|check| check.code() == "proof.header.keys").unwrap();
    let Outcome::Ignored(keys) = check.outcome() else { unreachable!("{check:?}") };
    assert_eq!(keys.names().collect::<Vec<_>>(), ["x5u"]);
    let own = appraisal.checks().find(|check| check.code() == "header.keys").unwrap();
    assert_eq!(own.outcome(), &Outcome::Absent);
}

/// An accepted proof is no accepted access token, and the record says which kind was demanded.
#[test]
fn the_record_is_about_the_token() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    let accepted: &Accepted<AccessTokenClaims> = appraisal.accepted().unwrap();
    assert_eq!(accepted.record().kind(), "access-token");
    assert_eq!(accepted.token_id(), Some("t-1"));
    let json = serde_json::to_string(&accepted.record().with_subjects()).unwrap();
    assert!(!json.contains("p-1") && json.contains("proof.claims.jti"), "{json}");
}
