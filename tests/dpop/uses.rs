//! What a request uses up, in validators that remember by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{Profile, RequestFacts, SignatureAlgorithm, danger};

use super::client::{Client, facts, guard, single_use};
use super::support::{expect_rejected, findings, now, validator_builder};

/// A single-use token is still good after a request that was denied for its proof, nonce or scopes.
#[test]
fn a_denied_request_does_not_use_the_token_up() {
    let client = Client::new();
    let validator = single_use(&client);
    let token = client.token().claim("scope", "read").sign();
    let good = client.proof(&token);
    let appraise = |proof: &TestToken, change: fn(RequestFacts<'_>) -> RequestFacts<'_>| {
        let proof = proof.clone().sign();
        let findings = validator.appraise_with_at(&token, &change(facts(&proof)), now());
        (findings.is_accepted(), findings.findings().map(|row| row.code().to_owned()).collect())
    };
    let denied = |code: &str| (false, vec![code.to_owned()]);
    let post = good.clone().claim("htm", "POST");
    assert_eq!(appraise(&post, |facts| facts), denied("proof.claims.htm"));
    assert_eq!(appraise(&good, |facts| facts.dpop_nonces(["n-1"])), denied("proof.claims.nonce"));
    let scopes = appraise(&good, |facts| facts.required_scopes(["admin"]));
    assert_eq!(scopes, denied("request.scopes"));
    assert_eq!(appraise(&good, |facts| facts.required_scopes(["read"])), (true, vec![]));
    assert_eq!(appraise(&good, |facts| facts), denied("proof.state.replay"));
    let fresh = good.claim("jti", "p-2");
    assert_eq!(appraise(&fresh, |facts| facts), denied("state.replay"));
}

/// A proof that was used before denies the request before the token is remembered.
#[test]
fn a_repeated_proof_does_not_use_the_token_up() {
    let client = Client::new();
    let validator = single_use(&client);
    let token = client.token().sign();
    let [first, second] = ["p-1", "p-2"].map(|jti| client.proof(&token).claim("jti", jti).sign());
    let other = client.token().claim("jti", "t-2").sign();
    let of_other = client.proof(&other).sign();
    assert!(validator.appraise_with_at(&other, &facts(&of_other), now()).is_accepted());
    // The same `jti` by the same caller, so the proof counts as repeated.
    let repeated = validator.appraise_with_at(&token, &facts(&first), now());
    expect_rejected("DP-12", &["proof.state.replay"], "a repeated proof", &repeated);
    assert!(validator.appraise_with_at(&token, &facts(&second), now()).is_accepted());
}

#[test]
fn a_request_that_a_rule_on_proofs_denies_uses_nothing_up() {
    let client = Client::new();
    let open = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&open);
    let proofs = validator_builder(Profile::dpop_proof())
        .algorithms([SignatureAlgorithm::Es256])
        .replay_guard(guard())
        .rule(
            "own.open",
            move |_, _| {
                if seen.load(Ordering::Relaxed) { Ok(()) } else { Err("is closed") }
            },
        )
        .build()
        .unwrap();
    let builder = client.scene.builder_of(Profile::access_token().single_use());
    // The same name on the token: the two codes are two.
    let builder = builder.replay_guard(guard()).rule("own.open", |_, _| Ok(()));
    let validator = builder.dpop(proofs).build().unwrap();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    for _ in 0..2 {
        let denied = validator.appraise_with_at(&token, &facts(&proof), now());
        assert_eq!(findings(&denied), ["proof.own.open"]);
    }
    open.store(true, Ordering::Relaxed);
    assert!(validator.appraise_with_at(&token, &facts(&proof), now()).is_accepted());
}

#[test]
fn without_replay_guard_waives_the_use_of_the_proof_alone() {
    let client = Client::new();
    let profile = danger::without_replay_guard(Profile::dpop_proof());
    let proofs =
        validator_builder(profile).algorithms([SignatureAlgorithm::Es256]).build().unwrap();
    let builder = client.scene.builder_of(Profile::access_token().single_use());
    let validator = builder.replay_guard(guard()).dpop(proofs).build().unwrap();
    let waived: Vec<_> = validator.waived().map(ToString::to_string).collect();
    assert_eq!(waived, ["proof.state.replay"]);
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    assert!(validator.appraise_with_at(&token, &facts(&proof), now()).is_accepted());
    let again = validator.appraise_with_at(&token, &facts(&proof), now());
    assert_eq!(findings(&again), ["state.replay"]);
    // Nothing but that row is waived.
    let bad = client.proof(&token).without("jti").sign();
    let bad = validator.appraise_with_at(&token, &facts(&bad), now());
    assert_eq!(findings(&bad), ["proof.claims.jti"]);
}
