//! Nonces that a server gave out for proofs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::Profile;
use ring::digest::{SHA256, digest};

use super::client::{Client, facts, proofs, tokens};
use super::support::{AUDIENCE, NOW, expect_rejected, findings, now};

#[test]
fn accepts_any_of_several_nonces() {
    let client = Client::new();
    let token = client.token().sign();
    for (nonce, fine) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let proof = client.proof(&token).claim("nonce", nonce).sign();
        let facts = facts(&proof).dpop_nonces(["new", "old"]);
        let appraisal = tokens(&client).appraise_with_at(&token, &facts, now());
        assert_eq!(appraisal.is_accepted(), fine, "{nonce}: {appraisal}");
    }
    let proof = client.proof(&token).sign();
    let appraisal =
        tokens(&client).appraise_with_at(&token, &facts(&proof).dpop_nonces(["new", "old"]), now());
    expect_rejected("DP-08", &["proof.claims.nonce"], "no nonce", &appraisal);
}

#[test]
fn rejects_every_proof_where_no_nonce_is_good() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let none: [&str; 0] = [];
    let appraisal =
        tokens(&client).appraise_with_at(&token, &facts(&proof).dpop_nonces(none), now());
    expect_rejected("DP-08", &["proof.claims.nonce"], "any of no nonces", &appraisal);
    let proof = client.proof(&token).claim("nonce", "made-up").sign();
    let appraisal =
        tokens(&client).appraise_with_at(&token, &facts(&proof).dpop_nonces(none), now());
    expect_rejected("DP-08", &["proof.claims.nonce"], "any of no nonces", &appraisal);
}

/// The nonce of the session that an ID token answers, and the nonce that the server gave out for proofs.
#[test]
fn rejects_the_nonce_of_a_proof_in_an_id_token_and_the_other_way_round() {
    let client = Client::new();
    let validator = client.scene.builder_of(Profile::id_token()).dpop(proofs()).build().unwrap();
    let appraise = |of_token: &str, of_proof: &str| {
        let draft = client.scene.issuer.token("JWT").at(NOW).claim("aud", AUDIENCE);
        let draft = draft.claim("sub", "user-1").claim("nonce", of_token);
        let token = draft.claim("cnf", client.jkt()).sign();
        let jti = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
        let proof = client.proof(&token).claim("nonce", of_proof).claim("jti", jti).sign();
        let facts = facts(&proof).nonce("of-the-session").dpop_nonces(["of-the-server"]);
        findings(&validator.appraise_with_at(&token, &facts, now()))
    };
    assert_eq!(appraise("of-the-session", "of-the-server"), [""; 0]);
    assert_eq!(appraise("of-the-server", "of-the-server"), ["claims.nonce"]);
    assert_eq!(appraise("of-the-session", "of-the-session"), ["proof.claims.nonce"]);
}
