//! The keys that tokens are encrypted to: the caller's mistakes do not build.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::testing::{TestIssuer, TestRecipient};
use jwt_appraisal::{
    ConfigError, ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, KeyManagementAlgorithm,
    Limits, MacAlgorithm, Profile, SharedSecret,
};
use serde_json::{Value, json};
use support::{AUDIENCE, ISSUER, build_sealed, private_key, provider};

const ALG: KeyManagementAlgorithm = KeyManagementAlgorithm::A128GcmKw;
const ENC: ContentEncryptionAlgorithm = ContentEncryptionAlgorithm::A128Gcm;

#[test]
fn mistakes_of_the_caller_do_not_build() {
    let issuer = TestIssuer::new(ISSUER);
    let recipient = TestRecipient::generate("enc-1", ALG);
    let error =
        |keys| build_sealed(provider(), &issuer, keys, Limits::default()).unwrap_err().to_string();
    let good = || private_key(&recipient);
    let with = |name: &str, value: Value| {
        let mut jwk = recipient.private_jwk();
        jwk[name] = value;
        DecryptionKey::from_jwk(jwk.to_string()).unwrap()
    };
    let without_alg = |bytes: usize| DecryptionKey::from_secret(&vec![7; bytes]).unwrap();
    let dir = [KeyManagementAlgorithm::Dir];
    let rows = [
        (
            DecryptionKeys::new([], [ALG], [ENC]),
            "no decryption key is given, so no token could be decrypted; give at least one",
        ),
        (
            DecryptionKeys::new([good()], [], [ENC]),
            "no key management algorithm is permitted; give those of the decryption keys",
        ),
        (
            DecryptionKeys::new([good()], [ALG], []),
            "no content encryption algorithm is permitted; give at least one",
        ),
        (
            DecryptionKeys::new([good()], dir, [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"alg\" is not among the permitted algorithms (dir)",
        ),
        (
            DecryptionKeys::new([good(), good()], [ALG], [ENC]),
            "a decryption key cannot be used: key 1 (kid \"enc-1\"): its member \"kid\" is shared with another key of the set, so neither can be used; give each its own kid",
        ),
        (
            DecryptionKeys::new([without_alg(16), without_alg(16)], [ALG], [ENC]),
            "a decryption key cannot be used: key 1: its member \"kid\" is missing, as on another key for the same algorithm, so no token could find either; give each its own kid",
        ),
        (
            DecryptionKeys::new([with("use", json!("sig"))], [ALG], [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"use\" does not permit decryption",
        ),
        (
            DecryptionKeys::new([with("key_ops", json!(["wrapKey"]))], [ALG], [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"key_ops\" does not permit decryption",
        ),
        (
            DecryptionKeys::new([with("key_ops", json!(["unwrapKey", "unwrapKey"]))], [ALG], [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"key_ops\" has a value twice",
        ),
        (
            DecryptionKeys::new([with("key_ops", json!(["unwrapKey", "sign"]))], [ALG], [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"key_ops\" does not permit decryption",
        ),
        (
            DecryptionKeys::new([with("alg", json!("RSA1_5"))], [ALG], [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"alg\" is not among the permitted algorithms (A128GCMKW)",
        ),
        (
            DecryptionKeys::new([with("k", json!("AAAA"))], [ALG], [ENC]),
            "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"k\" has 3 octets, but it must have 16",
        ),
        (
            DecryptionKeys::new([without_alg(24)], [ALG], [ENC]),
            "a decryption key cannot be used: key 0: its member \"alg\" is missing, and no permitted algorithm (A128GCMKW) is for such keys",
        ),
        (
            DecryptionKeys::new([without_alg(16)], [ALG, KeyManagementAlgorithm::Dir], [ENC]),
            "a decryption key cannot be used: key 0: its member \"alg\" is missing, and several permitted algorithms (dir, A128GCMKW) are for such keys; add it to the key",
        ),
    ];
    for (keys, text) in rows {
        assert_eq!(error(keys), text);
    }
}

#[test]
fn one_key_is_for_one_purpose() {
    let issuer = TestIssuer::new(ISSUER);
    let with_alg = |alg: &str, kid: &str| {
        let recipient = TestRecipient::generate("enc-1", ALG);
        let mut jwk = recipient.private_jwk();
        (jwk["alg"], jwk["kid"], jwk["k"]) =
            (json!(alg), json!(kid), json!("AAAAAAAAAAAAAAAAAAAAAA"));
        DecryptionKey::from_jwk(jwk.to_string()).unwrap()
    };
    let build = |keys: [DecryptionKey; 2]| {
        let algs = [ALG, KeyManagementAlgorithm::Dir];
        build_sealed(provider(), &issuer, DecryptionKeys::new(keys, algs, [ENC]), Limits::default())
    };
    assert!(build([with_alg("A128GCMKW", "1"), with_alg("A128GCMKW", "2")]).is_ok(), "two names");
    let error = build([with_alg("A128GCMKW", "1"), with_alg("dir", "2")]).unwrap_err();
    let text = "a decryption key cannot be used: key 1 (kid \"2\"): its member \"k\" is that of another key too, \
                which is for another algorithm; use one key for each";
    assert_eq!(error.to_string(), text, "KEY-06");

    let secret = [7; 32];
    let of_two = |decryption: &[u8]| {
        let shared = SharedSecret::new(MacAlgorithm::Hs256, &secret).unwrap();
        let key = DecryptionKey::from_secret(decryption).unwrap();
        let keys = DecryptionKeys::new(
            [key],
            [KeyManagementAlgorithm::Dir],
            [ContentEncryptionAlgorithm::A256Gcm],
        );
        let builder = support::validator_builder(Profile::access_token());
        builder.shared_secret(ISSUER, shared).audience(AUDIENCE).encrypted_to(keys).build()
    };
    if provider().content_encryption_algorithms().contains(&ContentEncryptionAlgorithm::A256Gcm) {
        assert_eq!(of_two(&secret).unwrap_err(), ConfigError::SecretForTwo, "KEY-06");
        assert!(of_two(&[8; 32]).is_ok());
    }
}

#[test]
fn what_the_provider_lacks_does_not_build() {
    let issuer = TestIssuer::new(ISSUER);
    for alg in KeyManagementAlgorithm::ALL {
        for enc in ContentEncryptionAlgorithm::ALL {
            let key = DecryptionKey::from_secret(&[7; 16]).unwrap();
            let built = build_sealed(
                provider(),
                &issuer,
                DecryptionKeys::new([key], [*alg], [*enc]),
                Limits::default(),
            );
            let has = provider().key_management_algorithms().contains(alg)
                && provider().content_encryption_algorithms().contains(enc);
            let lacks = matches!(built, Err(ConfigError::AlgorithmUnsupportedByProvider { .. }));
            assert_eq!(lacks, !has, "{alg} {enc}");
        }
    }
}

/// A public key is no password, whatever it is written in.
#[test]
fn what_everybody_knows_is_no_password() {
    let issuer = TestIssuer::new(ISSUER);
    let passwords = [KeyManagementAlgorithm::Pbes2Hs256A128Kw];
    let build = |password: &[u8]| {
        let key = DecryptionKey::from_secret(password).unwrap();
        let keys = DecryptionKeys::new([key], passwords, [ENC]);
        build_sealed(provider(), &issuer, keys, Limits::default())
    };
    if !provider().key_management_algorithms().contains(&passwords[0]) {
        return;
    }
    assert!(build(b"correct horse battery staple").is_ok());
    let jwks = issuer.jwks();
    let jwk = issuer.key().jwk().to_string();
    for public in [jwks.as_str(), &jwk, "-----BEGIN PUBLIC KEY-----", "ssh-ed25519 AAAAC3NzaC1l"] {
        let error = build(public.as_bytes()).unwrap_err().to_string();
        let text = "a decryption key cannot be used: key 0: its member \"k\" is the text of a public key, which is no secret";
        assert_eq!(error, text, "{public}");
    }
}
