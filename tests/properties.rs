//! What holds for any token.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use std::sync::LazyLock;

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Appraisal, JwkSet, KeyNote, KeyNoteKind, MacAlgorithm, Outcome, Profile, SharedSecret,
    SignatureAlgorithm, TrustedIssuer, Validator, Verdict, danger,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use support::{AUDIENCE, ISSUER, NOW, Scene, key_store, now, validator_builder};
use time::Duration;

type Claims = Map<String, Value>;

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

/// A validator that reads any claims.
static ANY: LazyLock<Validator<Claims>> =
    LazyLock::new(|| SCENE.validator_of(Profile::access_token().claims()));

/// Any JSON, of the numbers that are read exactly.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e15..1e15).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!(AUDIENCE)),
        Just(json!(NOW)),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any_name(), inner, 0..4).prop_map(|map| Value::from(Map::from_iter(map))),
        ]
    })
}

/// A member's name: one that means something, or any.
fn any_name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "alg",
        "typ",
        "kid",
        "cty",
        "crit",
        "b64",
        "zip",
        "jwk",
        "jku",
        "x5c",
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "scope",
        "act",
        "cnf",
        "acr",
        "amr",
        "auth_time",
        "authorization_details",
        "type",
        "actions",
    ];
    prop_oneof![3 => proptest::sample::select(KNOWN).prop_map(str::to_owned), 1 => "[^$]{0,8}"]
}

/// A token that is good but for some members of header and claims.
fn any_token() -> impl Strategy<Value = TestToken> {
    let members = || btree_map(any_name(), proptest::option::of(any_json()), 0..3);
    (members(), members()).prop_map(|(header, claims)| {
        let token = header.into_iter().fold(SCENE.token(), |token, (name, value)| match value {
            Some(value) => token.header(name, value),
            None => token.without_header(&name),
        });
        claims.into_iter().fold(token, |token, (name, value)| match value {
            Some(value) => token.claim(name, value),
            None => token.without(&name),
        })
    })
}

/// One change of one byte: replaced, inserted or removed.
fn change(token: &str, at: usize, byte: u8, how: u8) -> Vec<u8> {
    let mut bytes = token.as_bytes().to_vec();
    let at = at % bytes.len();
    match how % 3 {
        0 => bytes.splice(at..=at, [byte]).for_each(drop),
        1 => bytes.insert(at, byte),
        _ => drop(bytes.remove(at)),
    }
    bytes
}

fn reached<C>(appraisal: &Appraisal<C>, stage: &str) -> bool {
    let mut checks = appraisal.checks().filter(|check| check.id().as_str().starts_with(stage));
    checks.any(|check| *check.outcome() != Outcome::NotReached)
}

fn passed<C>(appraisal: &Appraisal<C>, code: &str) -> bool {
    appraisal.checks().any(|check| check.id() == code && *check.outcome() == Outcome::Pass)
}

/// What must hold of any appraisal.
fn check_appraisal<C>(appraisal: &Appraisal<C>) {
    let stages = ["form.", "header.", "key.", "crypto.", "payload.json", "claims."];
    let last = stages.iter().rposition(|stage| reached(appraisal, stage)).unwrap();
    for stage in &stages[..last] {
        assert!(reached(appraisal, stage), "{stage} was left out\n{appraisal}");
    }
    if reached(appraisal, "claims.") || reached(appraisal, "payload.") {
        assert!(passed(appraisal, "crypto.signature"), "{appraisal}");
    }
    let refused = appraisal.checks().any(|check| check.outcome().refuses());
    assert_eq!(appraisal.verdict() == Verdict::Accepted, !refused, "{appraisal}");
    assert_eq!(appraisal.as_result().is_ok(), !refused, "{appraisal}");
    let text = format!("{appraisal}{appraisal:?}{}", serde_json::to_string(appraisal).unwrap());
    assert!(!text.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_024, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_token_is_refused(at in any::<usize>(), byte in any::<u8>(), how in any::<u8>()) {
        static GOOD: LazyLock<Vec<(Validator<Claims>, String)>> = LazyLock::new(good_tokens);
        for (validator, token) in GOOD.iter() {
            let changed = change(token, at, byte, how);
            let appraisal = validator.appraise_at(&changed, now());
            check_appraisal(&appraisal);
            let same = changed == token.as_bytes();
            prop_assert_eq!(appraisal.verdict() == Verdict::Accepted, same, "{}", appraisal);
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in vec(any::<u8>(), 0..200)) {
        let appraisal = SCENE.appraise(&bytes);
        check_appraisal(&appraisal);
        prop_assert_eq!(appraisal.verdict(), Verdict::Rejected);
    }

    #[test]
    fn any_segments_are_refused(text in "[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,40}\\.[A-Za-z0-9_-]{0,90}") {
        let appraisal = SCENE.appraise(&text);
        check_appraisal(&appraisal);
        prop_assert_eq!(appraisal.verdict(), Verdict::Rejected);
    }

    #[test]
    fn accepted_claims_are_what_was_signed(token in any_token()) {
        let appraisal = ANY.appraise_at(token.sign(), now());
        check_appraisal(&appraisal);
        if let Ok(accepted) = appraisal.as_result() {
            let signed: Value = serde_json::from_str(&token.claims_json()).unwrap();
            prop_assert_eq!(&Value::from(accepted.claims().clone()), &signed);
        }
    }

    #[test]
    fn unknown_claims_are_read_as_they_were_signed(extra in any_json()) {
        let token = SCENE.token().claim("extra", extra.clone()).sign();
        let accepted = ANY.appraise_at(token, now()).into_result().unwrap();
        prop_assert_eq!(accepted.claims().get("extra").unwrap(), &extra);
    }

    #[test]
    fn any_json_is_a_payload_that_is_appraised(payload in any_json()) {
        let token = SCENE.token().raw_payload(payload.to_string()).sign();
        check_appraisal(&ANY.appraise_at(token, now()));
    }

    #[test]
    fn nobody_elses_signature_is_accepted(token in any_token(), signature in vec(any::<u8>(), 0..100)) {
        let appraisal = ANY.appraise_at(token.signature(signature).sign(), now());
        check_appraisal(&appraisal);
        prop_assert!(appraisal.verdict() == Verdict::Rejected && !reached(&appraisal, "claims."));
    }

    #[test]
    fn an_independent_implementation_agrees_on_signatures(
        token in any_token(), forged in any::<bool>(), at in any::<usize>(), byte in any::<u8>(), how in 0..9_u8,
    ) {
        let signed = if forged { token.signed_by(&STRANGER).header("kid", "k1").sign() } else { token.sign() };
        let text = match how {
            0..3 => String::from_utf8(change(&signed, at, byte & 0x7f, how)).unwrap(),
            _ => signed,
        };
        let appraisal = ANY.appraise_at(&text, now());
        if appraisal.verdict() != Verdict::Accepted && accepted_by_the_other(&text) {
            // What it does not look at, or leaves to its caller.
            let mut findings = appraisal.findings().map(|check| check.id().to_string());
            let stricter = |code: String| code != "crypto.signature" && code != "key.alg";
            prop_assert!(findings.all(stricter), "{}", appraisal);
        }
        if reached(&appraisal, "crypto.") {
            let verified = passed(&appraisal, "crypto.signature");
            prop_assert_eq!(verified, verified_by_the_other(&text), "{}", appraisal);
        }
    }

    #[test]
    fn what_a_tightened_profile_accepts_the_looser_one_accepts(
        token in any_token(), require in proptest::option::of(any_name()), age in 1..600_i64, issued in -600..60_i64,
    ) {
        let token = token.claim("iat", NOW + issued).sign();
        let tight = Profile::access_token().claims().max_token_age(Duration::seconds(age)).max_lifetime(Duration::seconds(age));
        let tight = match require {
            Some(name) if !name.is_empty() => tight.require(name),
            _ => tight,
        };
        let tight = SCENE.builder_of(tight).rule("test.even", |claims: &Claims, _| {
            if claims.len().is_multiple_of(2) { Ok(()) } else { Err("an odd number of claims") }
        });
        let tight: Validator<Claims> = tight.build().unwrap();
        let accepted = tight.appraise_at(&token, now()).verdict() == Verdict::Accepted;
        prop_assert!(!accepted || ANY.appraise_at(&token, now()).verdict() == Verdict::Accepted);
    }

    #[test]
    fn reports_do_not_repeat_the_token(token in any_token(), canary in "[a-z]{20}") {
        let token = token.header("x", canary.clone()).header(canary.clone(), 1)
            .claim("x", canary.clone()).claim(canary.clone(), 1).claim("sub", canary.clone());
        for token in [token.clone().sign(), token.signature(canary.clone()).sign(), canary.clone()] {
            let appraisal = ANY.appraise_at(token, now());
            let mut text = format!("{appraisal}{appraisal:?}{}", serde_json::to_string(&appraisal).unwrap());
            match appraisal.into_result() {
                Ok(accepted) => text += &format!("{accepted:?}"),
                Err(refused) => text += &format!("{refused}{refused:?}"),
            }
            prop_assert!(!text.contains(&canary), "{}", text);
        }
    }

    #[test]
    fn any_bytes_are_a_key_set_or_an_error(bytes in vec(any::<u8>(), 0..200)) {
        drop(JwkSet::from_json(&bytes));
    }

    #[test]
    fn any_keys_load_or_are_named(keys in vec(any_jwk(), 0..4), canary in "[a-z]{20}") {
        let keys: Vec<Value> = keys.into_iter().map(|mut key| { key["x-canary"] = json!(canary); key }).collect();
        let set = JwkSet::from_json(json!({"keys": keys}).to_string()).unwrap();
        let algorithms = [SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256, SignatureAlgorithm::Ed25519];
        let store = key_store(algorithms, set.clone()).unwrap();
        let report = store.report();
        let duplicate = |note: &&KeyNote| matches!(note.kind(), KeyNoteKind::Duplicate { .. });
        let duplicates = report.notes().iter().filter(duplicate).count();
        prop_assert_eq!(report.usable() + report.skipped().len() + duplicates, keys.len());
        prop_assert!(report.skipped().iter().all(|problem| problem.index().unwrap() < keys.len()));
        let text = format!("{set:?}{store:?}{report}{:?}", report.skipped().iter().map(ToString::to_string).collect::<Vec<_>>());
        prop_assert!(!text.contains(&canary), "{}", text);
    }
}

/// Another issuer's key.
static STRANGER: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::generate("k1", SignatureAlgorithm::Es256));

/// The scene's key, for another implementation.
static OTHER_KEY: LazyLock<jsonwebtoken::DecodingKey> = LazyLock::new(|| {
    let jwk = SCENE.issuer.key().jwk();
    let coordinate = |name: &str| jwk[name].as_str().unwrap().to_owned();
    jsonwebtoken::DecodingKey::from_ec_components(&coordinate("x"), &coordinate("y")).unwrap()
});

/// Whether another implementation finds the signature to be the scene's.
fn verified_by_the_other(token: &str) -> bool {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let es256 = jsonwebtoken::Algorithm::ES256;
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), &OTHER_KEY, es256).unwrap_or(false)
}

/// Whether another implementation accepts the token, whatever it says of time and parties.
fn accepted_by_the_other(token: &str) -> bool {
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<Value>(token, &OTHER_KEY, &validation).is_ok()
}

/// A good key with some members changed.
fn any_jwk() -> impl Strategy<Value = Value> {
    let names = ["kty", "crv", "x", "y", "n", "e", "d", "use", "key_ops", "alg", "kid", "x5c", "k"];
    let members = btree_map(proptest::sample::select(names.to_vec()), any_json(), 0..3);
    members.prop_map(|members| {
        let mut jwk = SCENE.issuer.key().jwk();
        for (name, value) in members {
            jwk[name] = value;
        }
        jwk
    })
}

/// A good token for each kind of key, with its validator.
fn good_tokens() -> Vec<(Validator<Claims>, String)> {
    let public =
        [SignatureAlgorithm::Es256, SignatureAlgorithm::Ed25519, SignatureAlgorithm::Ps256];
    let mut good: Vec<_> = public.into_iter().map(signed_with).collect();
    let bytes = [0x5a; 32];
    let secret = SharedSecret::new(MacAlgorithm::Hs256, &bytes).unwrap();
    let profile = danger::untyped_profile();
    let validator = validator_builder(profile).shared_secret(ISSUER, secret).audience(AUDIENCE);
    let key = TestKey::secret("k1", MacAlgorithm::Hs256, &bytes);
    good.push((validator.build().unwrap(), SCENE.token().signed_by(&key).sign()));
    good
}

fn signed_with(algorithm: SignatureAlgorithm) -> (Validator<Claims>, String) {
    let issuer = TestIssuer::new(ISSUER).with_key(TestKey::generate("k1", algorithm));
    let set = JwkSet::from_json(issuer.jwks()).unwrap();
    let keys = key_store([algorithm], set).unwrap();
    let validator = validator_builder(Profile::access_token().claims())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(AUDIENCE)
        .build()
        .unwrap();
    (validator, issuer.access_token(AUDIENCE).at(NOW).sign())
}
