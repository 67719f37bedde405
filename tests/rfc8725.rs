//! The best current practices of RFC 8725 and its successor, a test a section, on default settings.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::crypto::aws_lc_rs;
use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, TestRecipient, tamper};
use jwt_appraisal::{
    ConfigError, ContentEncryptionAlgorithm, DecryptionKeys, JwkSet, KeyManagementAlgorithm,
    MacAlgorithm, Profile, SharedSecret, SignatureAlgorithm, TrustedIssuer, danger,
};
use serde_json::{Value, json};
use support::{
    AUDIENCE, ISSUER, NOW, Scene, Sealed, expect_accepted, expect_rejected, key_store, now,
    private_key, validator_builder,
};

/// A five-segment token with a header, as an encrypted one has.
fn encrypted(header: &Value) -> String {
    let scene = Scene::new();
    let token = scene.token().raw_header(header.to_string()).sign();
    let header = token.split('.').next().unwrap();
    format!("{header}.AAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA")
}

/// What opens encrypted tokens by this algorithm, on the provider that has them all.
fn opening(alg: KeyManagementAlgorithm) -> Sealed {
    Sealed::new(
        &aws_lc_rs::PROVIDER,
        TestRecipient::generate("enc-1", alg),
        ContentEncryptionAlgorithm::A128Gcm,
    )
}

#[test]
fn section_3_1_perform_algorithm_verification() {
    let scene = Scene::signing_with(SignatureAlgorithm::Rs256);
    let pss = scene.issuer.key().with_alg(SignatureAlgorithm::Ps256);
    let token = scene.token().signed_by(&pss).sign();
    scene.refuses("3.1", "header.alg", "well signed, but not permitted", token);
    let keys = scene.issuer.jwks().replace("RS256", "PS256");
    let both = [SignatureAlgorithm::Rs256, SignatureAlgorithm::Ps256];
    let other = Scene::publishing(scene.issuer.clone(), &keys, &both);
    other.refuses("3.1", "key.alg", "permitted, but not of this key", scene.token().sign());
    for case in ["rs256", "Rs256", "nOnE", "noNE", "none"] {
        let token = scene.token().header("alg", case).sign();
        scene.refuses("3.1", "header.alg", case, token);
    }
    let refused = key_store([], JwkSet::default());
    assert!(refused.is_err(), "an allow-list is not optional");
}

#[test]
fn section_3_2_use_appropriate_algorithms() {
    let scene = Scene::new();
    scene.refuses("3.2", "header.alg", "none", scene.token().unsecured().sign());
    for name in ["none", "RSA1_5", "RS1", "HS1", "HS256"] {
        assert!(name.parse::<SignatureAlgorithm>().is_err(), "{name}");
    }
    let old = TestKey::generate("k1", SignatureAlgorithm::EdDsa);
    let issuer = TestIssuer::new(ISSUER).with_key(old);
    let jwks = issuer.jwks().replace("EdDSA", "Ed25519");
    let scene = Scene::publishing(issuer, &jwks, &[SignatureAlgorithm::Ed25519]);
    let token = scene.token().sign();
    scene.refuses("3.2", "header.alg", "the polymorphic name was not permitted", token);
}

#[test]
fn section_3_3_validate_all_cryptographic_operations() {
    let scene = Scene::new();
    let good = scene.token().sign();
    for segment in [Segment::Payload, Segment::Signature] {
        let changed = tamper(&good, segment, 0);
        scene.refuses("3.3", "crypto.signature", "one bit", changed);
    }
    let nested = scene.token().header("cty", "JWT").raw_payload(good.clone()).sign();
    scene.refuses("3.3", "header.cty", "a token in a token", nested);
    let jwe = encrypted(&json!({"alg": "dir", "enc": "A128GCM", "cty": "JWT"}));
    scene.refuses("3.3", "form.compact", "an encrypted token is not a signed one", jwe);
    let sealed = opening(KeyManagementAlgorithm::A128Kw);
    sealed.refuses("3.3", "form.jwe", "a signed token is not an encrypted one", &good);
    let forged = tamper(&sealed.draft().sign(), Segment::Signature, 0);
    let forged = sealed.seal(forged).encrypt();
    sealed.refuses("3.3", "crypto.signature", "the inner operation", forged);
    let other = sealed.envelope().wrapped_key([7; 16]).encrypt();
    sealed.refuses("3.3", "jwe.decrypt", "the outer operation", other);
}

#[test]
fn section_3_4_validate_cryptographic_inputs() {
    let scene = Scene::new();
    let mut jwk = scene.issuer.key().jwk();
    jwk["y"] = jwk["x"].clone();
    let jwks = json!({ "keys": [jwk] }).to_string();
    let scene = Scene::publishing(scene.issuer, &jwks, &[SignatureAlgorithm::Es256]);
    scene.refuses("3.4", "key.found", "not a point of the curve", scene.token().sign());
    let sealed = opening(KeyManagementAlgorithm::EcdhEs);
    let (x, y) = ("A".repeat(43), "A".repeat(43));
    let epk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let token = sealed.envelope().header("epk", epk).encrypt();
    sealed.refuses("3.4", "jwe.decrypt", "not a point of the curve", token);
}

#[test]
fn section_3_5_ensure_that_the_cryptographic_keys_have_sufficient_entropy() {
    for alg in MacAlgorithm::ALL {
        let short = vec![7; alg.min_secret_bytes() - 1];
        assert!(SharedSecret::new(*alg, &short).is_err(), "{alg}");
        assert!(SharedSecret::new(*alg, b"correct horse battery").is_err(), "{alg}");
        assert!(SharedSecret::new(*alg, b"").is_err(), "{alg}");
    }
}

#[test]
fn section_3_6_avoid_compression_of_encryption_inputs() {
    let scene = Scene::new();
    let token = scene.token().header("zip", "DEF").sign();
    scene.refuses("3.6", "header.zip", "zip on a signed token", token);
    let header = json!({"alg": "dir", "enc": "A128GCM", "zip": "DEF"});
    scene.refuses("3.6", "form.compact", "zip on an encrypted one", encrypted(&header));
    let sealed = opening(KeyManagementAlgorithm::A128Kw);
    let token = sealed.envelope().compressed().encrypt();
    sealed.refuses("3.6", "jwe.zip", "where encrypted ones are opened", token);
}

#[test]
fn section_3_7_use_utf_8() {
    let scene = Scene::new();
    let wide = |text: String| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let header = scene.token().raw_header(wide(scene.token().header_json())).sign();
    scene.refuses("3.7", "form.header", "a header in UTF-16", header);
    let claims = scene.token().raw_payload(wide(scene.token().claims_json())).sign();
    scene.refuses("3.7", "payload.json", "claims in UTF-16", claims);
    let latin = scene.token().raw_payload(*b"{\"sub\":\"caf\xe9\"}").sign();
    scene.refuses("3.7", "payload.json", "claims in Latin-1", latin);
    scene.accepts("3.7", "UTF-8", scene.token().claim("sub", "café ☕").sign());
}

#[test]
fn section_3_8_validate_issuer_and_subject() {
    let (a, b) = (TestIssuer::new("https://a.example"), TestIssuer::new("https://b.example"));
    let trusted = |issuer: &TestIssuer| {
        let set = JwkSet::from_json(issuer.jwks()).unwrap();
        let keys = key_store([SignatureAlgorithm::Es256], set).unwrap();
        TrustedIssuer::new(issuer.issuer(), keys)
    };
    let validator = validator_builder(Profile::access_token())
        .issuers([trusted(&a), trusted(&b)])
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let draft = |issuer: &TestIssuer| issuer.access_token(AUDIENCE).at(NOW);
    expect_accepted("3.8", "a's own", &validator.appraise_at(draft(&a).sign(), now()));
    let b_as_a = draft(&b).claim("iss", a.issuer()).sign();
    let b_as_a = validator.appraise_at(b_as_a, now());
    expect_rejected("3.8", &["crypto.signature"], "b's key, a's name", &b_as_a);
    let scene = Scene::new();
    let other = scene.token().claim("iss", "https://a.example").sign();
    scene.refuses("3.8", "claims.iss", "another issuer", other);
    scene.refuses("3.8", "claims.sub", "no subject", scene.token().without("sub").sign());
}

#[test]
fn section_3_9_use_and_validate_audience() {
    let scene = Scene::new();
    scene.refuses("3.9", "claims.aud", "no audience", scene.token().without("aud").sign());
    let token = scene.token().claim("aud", "https://other.example").sign();
    scene.refuses("3.9", "claims.aud", "another service", token);
    let built = validator_builder(Profile::access_token())
        .issuers(Vec::<TrustedIssuer>::new())
        .audiences(Vec::<String>::new())
        .build();
    assert_eq!(built.unwrap_err(), ConfigError::NoAudience);
}

#[test]
fn section_3_10_carefully_evaluate_received_claims() {
    let scene = Scene::new();
    for kid in ["../../dev/null", "k1' OR '1'='1", "k1\u{0}", "ldap://x/k1", "https://x/k1"] {
        let token = scene.token().header("kid", kid).sign();
        scene.refuses("3.10", "key.found", kid, token);
    }
    let stranger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    for link in ["jku", "x5u"] {
        for url in ["https://attacker.example/keys", "http://127.0.0.1/keys", "file:///keys"] {
            let token = scene.token().signed_by(&stranger).header(link, url).sign();
            scene.refuses("3.10", "crypto.signature", link, token);
        }
    }
}

#[test]
fn section_3_11_use_explicit_typing() {
    let scene = Scene::new();
    scene.accepts("3.11", "implied", scene.token().header("typ", "at+jwt").sign());
    let prefixed = scene.token().header("typ", "application/at+jwt").sign();
    scene.accepts("3.11", "application/ spelled out", prefixed);
    for typ in ["JWT", "logout+jwt", "at"] {
        scene.refuses("3.11", "header.typ", typ, scene.token().header("typ", typ).sign());
    }
    scene.refuses("3.11", "header.typ", "none", scene.token().without_header("typ").sign());
    let untyped = scene.validator_of::<Value>(danger::untyped_profile());
    assert_eq!(untyped.waived().count(), 1, "to go without a type shows");
}

#[test]
fn section_3_12_use_mutually_exclusive_validation_rules() {
    let scene = Scene::new();
    let receipt = scene.validator_of(Profile::<Value>::new("receipt+jwt"));
    let order = scene.validator_of(Profile::<Value>::new("order+jwt"));
    let of_kind = |typ: &str| scene.token().header("typ", typ).sign();
    expect_accepted("3.12", "its own", &receipt.appraise_at(of_kind("receipt+jwt"), now()));
    for (validator, typ) in [(&receipt, "order+jwt"), (&order, "receipt+jwt"), (&order, "at+jwt")] {
        let appraisal = validator.appraise_at(of_kind(typ), now());
        expect_rejected("3.12", &["header.typ"], typ, &appraisal);
    }
    scene.refuses("3.12", "header.typ", "a receipt", of_kind("receipt+jwt"));
}

#[test]
fn section_3_13_limit_hash_iteration_count() {
    let scene = Scene::new();
    let header = json!({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2s": "AAAAAAAAAAA", "p2c": 2_147_483_647});
    scene.refuses("3.13", "form.compact", "an encrypted token", encrypted(&header));
    let sealed = opening(KeyManagementAlgorithm::Pbes2Hs256A128Kw);
    let token = sealed.envelope().header("p2c", 1_200_001).encrypt();
    sealed.refuses("3.13", "jwe.alg", "twice what is recommended, and one", token);
    let token = scene.token().header("p2c", 2_147_483_647).sign();
    scene.accepts("3.13", "it means nothing in a signed token", token);
}

#[test]
fn section_3_14_check_jwt_format_type() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let [header, payload, signature] =
        <[&str; 3]>::try_from(good.split('.').collect::<Vec<_>>()).unwrap();
    let json = json!({"protected": header, "payload": payload, "signature": signature});
    for text in [
        json.to_string(),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}~"),
        format!("{good}="),
    ] {
        scene.refuses("3.14", "form.compact", &text, &text);
    }
}

#[test]
fn section_3_15_limit_jwe_decompression_size() {
    let scene = Scene::new();
    let header = json!({"alg": "A128KW", "enc": "A128GCM", "zip": "DEF"});
    scene.refuses("3.15", "form.compact", "an encrypted token", encrypted(&header));
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A128Kw);
    let (alg, enc) = ([KeyManagementAlgorithm::A128Kw], ContentEncryptionAlgorithm::A128Gcm);
    let keys = DecryptionKeys::new([private_key(&recipient)], alg, [enc]).allow_deflate();
    let sealed = Sealed::of(&aws_lc_rs::PROVIDER, recipient, enc, keys);
    let token = sealed.seal(vec![b'A'; 250_001]).compressed().encrypt();
    sealed.refuses("3.15", "jwe.zip", "more than 250 KB", token);
}
