//! What a decryption key says of its use. The provider is `aws-lc-rs`, which has every algorithm.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::testing::TestRecipient;
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, KeyManagementAlgorithm, Limits,
};
use serde_json::{Value, json};
use support::{Sealed, build_sealed, expect_accepted, now};

const ENC: ContentEncryptionAlgorithm = ContentEncryptionAlgorithm::A128Gcm;

/// The registered operations (RFC 7517 section 4.3).
const OPERATIONS: [&str; 8] =
    ["sign", "verify", "encrypt", "decrypt", "wrapKey", "unwrapKey", "deriveKey", "deriveBits"];

/// Those of them of which each permits decryption by an algorithm.
fn sufficient(alg: KeyManagementAlgorithm) -> [&'static str; 2] {
    match alg.name() {
        // A key for direct encryption unwraps nothing.
        "dir" => ["decrypt", "decrypt"],
        name if name.starts_with("ECDH-ES") || name.starts_with("PBES2") => {
            ["deriveKey", "deriveBits"]
        }
        _ => ["decrypt", "unwrapKey"],
    }
}

/// A key with these members opens a token, or does not build and says which one is at fault.
fn check(rule: &str, scene: &Sealed, fault: &str, members: &Value, permitted: bool) {
    let alg = scene.recipient.algorithm();
    let what = format!("{rule}: {alg} {members}");
    let mut jwk = scene.recipient.private_jwk();
    let all = jwk.as_object_mut().unwrap();
    all.remove("use");
    all.extend(members.as_object().unwrap().clone());
    let key = DecryptionKey::from_jwk(jwk.to_string()).unwrap();
    let keys = DecryptionKeys::new([key], [alg], [ENC]);
    let built = build_sealed(&PROVIDER, &scene.issuer, keys, Limits::default());
    if permitted {
        let validator = built.unwrap_or_else(|error| unreachable!("{what}: {error}"));
        let appraisal = validator.appraise_at(scene.envelope().encrypt(), now());
        expect_accepted(rule, &what, &appraisal);
    } else {
        let text = format!(
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"{fault}\" does not permit decryption"
        );
        assert_eq!(built.err().map(|error| error.to_string()), Some(text), "{what}");
    }
}

fn scenes() -> impl Iterator<Item = Sealed> {
    let recipients =
        KeyManagementAlgorithm::ALL.iter().map(|alg| TestRecipient::generate("enc-1", *alg));
    recipients.map(|recipient| Sealed::new(&PROVIDER, recipient, ENC))
}

#[test]
fn key_ops() {
    for scene in scenes() {
        let sufficient = sufficient(scene.recipient.algorithm());
        let check = |members: Value, permitted: bool| {
            check("KEY-04", &scene, "key_ops", &members, permitted);
        };
        for operation in OPERATIONS {
            let permitted = sufficient.contains(&operation);
            check(json!({ "key_ops": [operation] }), permitted);
            check(json!({ "key_ops": ["of somebody's own", operation] }), permitted);
        }
        let [one, other] = sufficient;
        let insufficient = OPERATIONS.iter().filter(|operation| !sufficient.contains(operation));
        check(json!({ "key_ops": insufficient.collect::<Vec<_>>() }), false);
        check(json!({ "key_ops": [one.to_uppercase()] }), false);
        check(json!({ "key_ops": [] }), false);
        check(json!({ "key_ops": ["encrypt", "wrapKey", other], "use": "enc" }), true);
        for of_signatures in ["sign", "verify"] {
            check(json!({ "key_ops": [one, of_signatures], "use": "enc" }), false);
        }
    }
}

#[test]
fn key_use() {
    for scene in scenes() {
        for key_use in ["enc", "", "sig", "ENC", "enc ", "decrypt"] {
            let members = json!({ "use": key_use });
            check("KEY-03", &scene, "use", &members, key_use == "enc");
        }
    }
}
