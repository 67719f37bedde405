//! A proof beside an encrypted token, and the stack that both need.

use std::thread;

use jwt_appraisal::testing::TestRecipient;
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, DecryptionKeys, JwkSet, KeyManagementAlgorithm,
    KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator,
};

use super::client::{Client, facts, proofs, tokens};
use super::support::{AUDIENCE, ISSUER, expect_accepted, findings, now, private_key};

fn encrypted() -> (Client, Validator<AccessTokenClaims>, String) {
    let provider = &jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
    let client = Client::new();
    let alg = KeyManagementAlgorithm::RsaOaep256;
    let enc = ContentEncryptionAlgorithm::A256Gcm;
    let recipient = TestRecipient::generate("enc-1", alg);
    let keys = DecryptionKeys::new([private_key(&recipient)], [alg], [enc]);
    let set = JwkSet::from_json(client.scene.issuer.jwks()).unwrap();
    let store = KeyStore::with_provider(provider, [SignatureAlgorithm::Es256], set).unwrap();
    let validator = Validator::builder_with(provider, Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, store))
        .audience(AUDIENCE)
        .encrypted_to(keys)
        .dpop(proofs())
        .build()
        .unwrap();
    let envelope = recipient.encrypt(&client.token().sign(), enc);
    (client, validator, envelope)
}

/// The proof is for the token as it was sent, which is the envelope.
#[test]
fn rejects_a_proof_that_is_not_for_the_envelope_of_its_token() {
    let (client, validator, envelope) = encrypted();
    let good = client.proof(&envelope);
    let appraise = |token: &str, proof: &str| {
        let appraisal = validator.appraise_with_at(token, &facts(proof), now());
        findings(&appraisal)
    };
    let of_inner = client.proof(&client.token().sign()).sign();
    assert_eq!(appraise(&envelope, &of_inner), ["proof.claims.ath"]);
    let thief = Client::new().proof(&envelope).sign();
    assert_eq!(appraise(&envelope, &thief), ["claims.cnf"]);
    assert_eq!(findings(&validator.appraise_at(&envelope, now())), ["claims.cnf"]);
    assert_eq!(appraise(&envelope, &envelope), ["proof.form.compact"]);
    let signed = good.sign();
    let accepted = validator.appraise_with_at(&envelope, &facts(&signed), now());
    expect_accepted("DP-10", "an encrypted token and its proof", &accepted);
    assert_eq!(appraise(&envelope, &signed), ["proof.state.replay"]);
}

/// `manual::threats` says what a thread needs, and tests are a debug build.
fn fits_a_stack_of(kib: usize, appraise: impl FnOnce() -> bool + Send + 'static) {
    let thread = thread::Builder::new().stack_size(kib * 1024).spawn(appraise).unwrap();
    assert!(thread.join().unwrap());
}

#[test]
fn a_bearer_token_fits_a_stack_of_128_kib() {
    let client = Client::new();
    let token = client.token().without("cnf").sign();
    let validator = tokens(&client);
    fits_a_stack_of(128, move || validator.appraise_at(&token, now()).is_accepted());
}

#[test]
fn a_token_and_its_proof_fit_a_stack_of_256_kib() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let validator = tokens(&client);
    fits_a_stack_of(256, move || {
        validator.appraise_with_at(&token, &facts(&proof), now()).is_accepted()
    });
}

#[test]
fn an_encrypted_token_and_its_proof_fit_a_stack_of_256_kib() {
    let (client, validator, envelope) = encrypted();
    let proof = client.proof(&envelope).sign();
    fits_a_stack_of(256, move || {
        validator.appraise_with_at(&envelope, &facts(&proof), now()).is_accepted()
    });
}
