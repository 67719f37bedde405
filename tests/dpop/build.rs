//! Which validators build.

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::testing::TestRecipient;
use jwt_appraisal::{
    AccessTokenClaims, ConfigError, ContentEncryptionAlgorithm, DecryptionKeys, IdTokenClaims,
    KeyManagementAlgorithm, Profile, SignatureAlgorithm, Validator, ValidatorBuilder, rules,
};
use serde_json::Value;
use time::Duration;

use super::client::{Client, facts, guard, proofs, rows, tokens};
use super::support::{expect_accepted, findings, now, private_key, validator_builder};

#[test]
fn a_validator_that_cannot_use_a_proof_does_not_build() {
    let client = Client::new();
    let not_dpop = client.scene.validator_of(Profile::access_token());
    let builder = client.scene.builder_of(Profile::access_token());
    let error = builder.dpop(not_dpop).build().unwrap_err();
    assert!(
        matches!(&error, ConfigError::NotDpop { kind, .. } if &**kind == "access-token"),
        "{error}"
    );
    let own: ValidatorBuilder<IdTokenClaims, _, _> = client.scene.builder_of(Profile::id_token());
    let id_tokens = own.dpop(proofs()).build();
    assert!(id_tokens.is_ok(), "an ID token may be bound to a key");
}

/// A kind with the name and the rules of DPoP proofs, but neither their type, their age nor their single use.
#[test]
fn a_weaker_kind_with_the_name_of_proofs_does_not_build() {
    let weak = KindBuilder::signed_with_header_key("dpop-proof")
        .typ("anything+jwt")
        .max_token_age(Duration::days(365), Duration::days(3650))
        .rules([
            rules::EXP,
            rules::NBF,
            rules::IAT.required(),
            rules::AGE,
            rules::JTI.required(),
            rules::CNF.forbidden(),
            rules::HTM,
            rules::HTU,
            rules::ATH,
            rules::NONCE_OF_PROOF,
            rules::PROOF_KEY,
        ])
        .profile::<Value>();
    let weak = validator_builder(weak).algorithms([SignatureAlgorithm::Es256]).build();
    let error = weak.unwrap_err();
    assert!(
        matches!(&error, ConfigError::KindName { name, .. } if &**name == "dpop-proof"),
        "{error}"
    );
}

/// No proof is decrypted, so none would ever be accepted.
#[test]
fn a_validator_of_encrypted_proofs_does_not_build() {
    let alg = KeyManagementAlgorithm::RsaOaep256;
    let recipient = TestRecipient::generate("enc-1", alg);
    let enc = ContentEncryptionAlgorithm::A256Gcm;
    let keys = DecryptionKeys::new([private_key(&recipient)], [alg], [enc]);
    let provider = &jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
    let proofs = Validator::builder_with(provider, Profile::dpop_proof())
        .algorithms([SignatureAlgorithm::Es256])
        .encrypted_to(keys)
        .replay_guard(guard())
        .build()
        .unwrap();
    let client = Client::new();
    let builder = client.scene.builder_of(Profile::access_token());
    let error = builder.dpop(proofs).build().unwrap_err();
    assert!(matches!(error, ConfigError::Unused { setting: "encrypted_to", .. }), "{error}");
}

fn with_rules(client: &Client, count: usize) -> Result<Validator<AccessTokenClaims>, ConfigError> {
    let mut builder = client.scene.builder_of(Profile::access_token()).dpop(proofs());
    for nth in 0..count {
        builder = builder.rule(format!("own.rule_{nth}"), |_, _| Ok(()));
    }
    builder.build()
}

#[test]
fn accepts_with_128_checks_and_refuses_to_build_with_more() {
    let client = Client::new();
    let own = tokens(&client).checks().count();
    let validator = with_rules(&client, 128 - own).unwrap();
    assert_eq!(validator.checks().count(), 128);
    assert!(matches!(with_rules(&client, 129 - own), Err(ConfigError::TooManyChecks { .. })));
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let first = validator.appraise_with_at(&token, &facts(&proof), now());
    expect_accepted("DP-11", "128 checks", &first);
    let again = validator.appraise_with_at(&token, &facts(&proof), now());
    assert_eq!(findings(&again), ["proof.state.replay"]);
    let last = rows(&again, "").pop();
    assert_eq!(last, Some(("proof.state.replay".to_owned(), "fail")));
    let bearer = validator.appraise_at(client.token().without("cnf").sign(), now());
    expect_accepted("DP-13", "128 checks, and no proof", &bearer);
}

#[test]
fn too_many_checks_are_an_error_and_no_panic_however_many_they_are() {
    let client = Client::new();
    for count in [100, 200, 230, 300, 1_000] {
        let built = with_rules(&client, count).map(|_| ());
        assert!(matches!(built, Err(ConfigError::TooManyChecks { .. })), "{count}: {built:?}");
    }
}
