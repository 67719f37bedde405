//! Do the crypto providers agree, and does the second one have what the first has not?
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;
#[path = "support/vectors.rs"]
mod vectors;

use std::sync::LazyLock;

use jwt_appraisal::crypto::{CryptoProvider, aws_lc_rs, ring};
use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, TestRecipient, tamper};
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, DecryptionKeys, JwkSet, KeyManagementAlgorithm,
    KeyStore, Limits, MacAlgorithm, Outcome, Profile, SharedSecret, SignatureAlgorithm as Alg,
    TrustedIssuer, Validator, Verdict, danger,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{
    AUDIENCE, ISSUER, NOW, Sealed, build_sealed, expect_accepted, expect_rejected, now, private_key,
};
use vectors::{find, read};

const PROVIDERS: [&CryptoProvider; 2] = [&ring::PROVIDER, &aws_lc_rs::PROVIDER];

static RSA: LazyLock<TestKey> = LazyLock::new(|| TestKey::generate("k1", Alg::Rs256));

fn validator(provider: &'static CryptoProvider, key: &TestKey) -> Validator<AccessTokenClaims> {
    let builder = Validator::builder_with(provider, Profile::access_token());
    let trusting = match key.alg_name().parse::<Alg>() {
        Ok(alg) => {
            let set = JwkSet::from_json(json!({ "keys": [key.jwk()] }).to_string()).unwrap();
            let keys = KeyStore::with_provider(provider, [alg], set).unwrap();
            builder.issuer(TrustedIssuer::new(ISSUER, keys))
        }
        Err(_) => {
            let alg: MacAlgorithm = key.alg_name().parse().unwrap();
            builder.shared_secret(ISSUER, SharedSecret::new(alg, &[7; 64]).unwrap())
        }
    };
    trusting.audience(AUDIENCE).build().unwrap()
}

fn key(alg: Alg) -> TestKey {
    match alg.name().split_at(2).0 {
        "RS" | "PS" => RSA.with_alg(alg),
        _ => TestKey::generate("k1", alg),
    }
}

/// A key for each algorithm that both have.
fn keys() -> Vec<TestKey> {
    let signatures = ring::PROVIDER.signature_algorithms().iter().map(|alg| key(*alg));
    let macs = MacAlgorithm::ALL.iter().map(|alg| TestKey::secret("k1", *alg, &[7; 64]));
    signatures.chain(macs).collect()
}

static BOTH: LazyLock<Vec<(TestKey, [Validator<AccessTokenClaims>; 2])>> = LazyLock::new(|| {
    let both = |key: TestKey| {
        let validators = PROVIDERS.map(|provider| validator(provider, &key));
        (key, validators)
    };
    keys().into_iter().map(both).collect()
});

#[test]
fn both_accept_what_is_signed_and_refuse_a_change() {
    for (key, validators) in &*BOTH {
        let token = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(key).sign();
        let forged = tamper(&token, Segment::Signature, 3);
        for validator in validators {
            let what = key.alg_name();
            expect_accepted("ALG-01", what, &validator.appraise_at(&token, now()));
            let appraisal = validator.appraise_at(&forged, now());
            expect_rejected("ALG-04", &["crypto.signature"], what, &appraisal);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    /// An edit of a good token's signature, or of anything of it, comes to the same rows on both.
    #[test]
    fn both_give_the_same_rows(
        which in any::<prop::sample::Index>(),
        signature_only in any::<bool>(),
        at in any::<prop::sample::Index>(),
        character in "[A-Za-z0-9_.-]",
        age in 0..600_i64,
    ) {
        let (key, [one, other]) = &BOTH[which.index(BOTH.len())];
        let token = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(key).sign();
        let start = if signature_only { token.rfind('.').unwrap().saturating_add(1) } else { 0 };
        let at = start.saturating_add(at.index(token.len().saturating_sub(start)));
        let (before, rest) = token.split_at(at);
        let edited = [before, &character, rest.split_at(1).1].concat();
        let at = now().saturating_add(time::Duration::seconds(age));
        let rows = |validator: &Validator<_>| {
            serde_json::to_value(validator.appraise_at(&edited, at)).unwrap()
        };
        prop_assert_eq!(rows(one), rows(other));
    }
}

/// Recipients by each algorithm that both have, and a validator on each provider.
static BOTH_OPEN: LazyLock<Vec<(Sealed, Validator<AccessTokenClaims>)>> = LazyLock::new(|| {
    let pairs = ring::PROVIDER.key_management_algorithms().iter().flat_map(|alg| {
        ring::PROVIDER.content_encryption_algorithms().iter().map(|enc| (*alg, *enc))
    });
    let both = |(alg, enc): (KeyManagementAlgorithm, ContentEncryptionAlgorithm)| {
        let lengths = [
            (KeyManagementAlgorithm::Dir, enc.key_bytes()),
            (KeyManagementAlgorithm::A128GcmKw, 16),
        ];
        let length = lengths.iter().find(|(of, _)| *of == alg);
        let bytes = length.map_or(32, |(_, bytes)| *bytes);
        let recipient = TestRecipient::secret("enc-1", alg, &vec![7; bytes]);
        let keys = DecryptionKeys::new([private_key(&recipient)], [alg], [enc]).allow_deflate();
        let sealed = Sealed::of(&ring::PROVIDER, recipient, enc, keys.clone());
        let limits = Limits::default();
        let other = build_sealed(&aws_lc_rs::PROVIDER, &sealed.issuer, keys, limits).unwrap();
        (sealed, other)
    };
    pairs.map(both).collect()
});

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    /// An edit of a good encrypted token comes to the same rows on both.
    #[test]
    fn both_open_the_same(
        which in any::<prop::sample::Index>(),
        compressed in any::<bool>(),
        edited in prop::option::of((any::<prop::sample::Index>(), "[A-Za-z0-9_.-]")),
    ) {
        let (sealed, other) = &BOTH_OPEN[which.index(BOTH_OPEN.len())];
        let envelope = sealed.envelope();
        let envelope = if compressed { envelope.compressed() } else { envelope };
        let good = envelope.encrypt();
        let token = match &edited {
            None => good,
            Some((at, character)) => {
                let (before, rest) = good.split_at(at.index(good.len()));
                [before, character, rest.split_at(1).1].concat()
            }
        };
        let [one, other] = [&sealed.validator, other].map(|v| v.appraise_at(&token, now()));
        prop_assert!(edited.is_some() || one.verdict() == Verdict::Accepted, "{}", one);
        prop_assert_eq!(serde_json::to_value(one).unwrap(), serde_json::to_value(other).unwrap());
    }
}

#[test]
fn what_only_one_has() {
    let more = [Alg::Es512, Alg::Es256k, Alg::MlDsa44, Alg::MlDsa65, Alg::MlDsa87];
    for alg in more {
        let key = key(alg);
        let validator = validator(&aws_lc_rs::PROVIDER, &key);
        let good = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&key);
        let token = good.clone().sign();
        expect_accepted("ALG-08", alg.name(), &validator.appraise_at(&token, now()));
        for forged in [
            tamper(&token, Segment::Signature, 0),
            good.clone().signature([]).sign(),
            good.clone().signature(vec![0; key.sign(b"").len()]).sign(),
            good.clone().signature([key.sign(b"another"), vec![0]].concat()).sign(),
        ] {
            let appraisal = validator.appraise_at(forged, now());
            expect_rejected("ALG-08", &["crypto.signature"], alg.name(), &appraisal);
        }
    }
}

/// What the manual says of the stack that a thread needs, for the largest signatures.
#[test]
fn a_thread_with_a_small_stack() {
    let key = key(Alg::MlDsa87);
    let validator = validator(&aws_lc_rs::PROVIDER, &key);
    let good = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&key);
    let forged = good.clone().signature(vec![0; 4627]).sign();
    let good = good.sign();
    let appraise =
        move || [good, forged].map(|token| validator.appraise_at(token, now()).verdict());
    let thread = std::thread::Builder::new().stack_size(256 * 1024).spawn(appraise).unwrap();
    assert_eq!(thread.join().unwrap(), [Verdict::Accepted, Verdict::Rejected]);
}

/// The same where tokens are encrypted and compressed: half of it is enough.
#[test]
fn a_thread_with_a_small_stack_opens() {
    let enc = ContentEncryptionAlgorithm::A256CbcHs512;
    for alg in [
        KeyManagementAlgorithm::RsaOaep512,
        KeyManagementAlgorithm::EcdhEsA192Kw,
        KeyManagementAlgorithm::A256GcmKw,
    ] {
        let recipient = TestRecipient::generate("enc-1", alg);
        let keys = DecryptionKeys::new([private_key(&recipient)], [alg], [enc]).allow_deflate();
        let sealed = Sealed::of(&aws_lc_rs::PROVIDER, recipient, enc, keys);
        let token = sealed.envelope().compressed().encrypt();
        let appraise = move || sealed.appraise(&token).verdict();
        let thread = std::thread::Builder::new().stack_size(128 * 1024).spawn(appraise).unwrap();
        assert_eq!(thread.join().unwrap(), Verdict::Accepted, "{alg}");
    }
}

/// RFC 9964's examples, and ES256K with `s` and with `n − s`. Bare primitives have no token.
#[test]
fn vectors_of_what_only_one_has() {
    for file in ["rfc9964_mldsa.json", "es256k.json"] {
        let Some(path) = find(file, "the vectors beside this project") else {
            return;
        };
        let document = read(&path);
        let all = document["cases"].as_array().unwrap();
        let tokens: Vec<_> = all.iter().filter(|case| case["interface"] == "jws").collect();
        for case in &tokens {
            let expected = case["expect"] == "accept";
            assert_eq!(verifies(case), expected, "{file}: {}: {}", case["id"], case["description"]);
        }
        println!("{file}: {} of {} cases, the others are no tokens", tokens.len(), all.len());
    }
}

/// Whether the signature of a case verifies: their payloads are no access tokens.
fn verifies(case: &Value) -> bool {
    let provider = &aws_lc_rs::PROVIDER;
    let listed = case.get("algs").and_then(Value::as_array);
    let algs = listed.map_or_else(|| vec![case["alg"].clone()], Clone::clone);
    let algs = algs.iter().map(|alg| alg.as_str().unwrap().parse::<Alg>().unwrap());
    let mut jwk = case["jwk"].clone();
    if case["expect"] == "accept" {
        // The RFC shows its examples' private keys; what is published is the public half.
        jwk.as_object_mut().unwrap().retain(|name, _| name != "priv" && name != "d");
    }
    let set = JwkSet::from_json(json!({ "keys": [jwk] }).to_string()).unwrap();
    let keys = KeyStore::with_provider(provider, algs, set).unwrap();
    let profile = danger::without_audience(danger::untyped_profile::<Value>());
    let validator = Validator::builder_with(provider, profile)
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .build()
        .unwrap();
    let appraisal = validator.appraise_at(case["compact"].as_str().unwrap(), now());
    assert_ne!(appraisal.verdict(), Verdict::Undetermined);
    let row = appraisal.checks().find(|check| check.id() == "crypto.signature").unwrap();
    *row.outcome() == Outcome::Pass
}
