//! The examples of the RFCs, and negative cases built on them (`tests/vectors`).
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use std::collections::BTreeMap;

use jwt_appraisal::crypto::aws_lc_rs;
use jwt_appraisal::{
    Appraisal, ConfigError, DecryptionKey, DecryptionKeys, Jwk, JwkSet, KeyManagementAlgorithm,
    KeyStore, MacAlgorithm, Outcome, SharedSecret, SignatureAlgorithm, TrustedIssuer, Validator,
    danger,
};
use serde_json::{Value, json};
use support::{key_store, provider, validator_builder};
use time::{Duration, OffsetDateTime};

/// Cases whose expectation is not ours, each with the reason. One that no longer differs fails.
const DIVERGENCES: &[(&str, &str)] = &[
    ("rfc7515-a4", "ES512 is not in ring: build() refuses the algorithm"),
    (
        "rfc7517-a2",
        "a published set has public keys only (RFC 7517 section 9.2 asks to protect private ones)",
    ),
    (
        "rfc7517-a3",
        "a published set has public keys only; a symmetric key is given as a shared secret",
    ),
    ("rfc7797-4.2", "b64 false is for JWS, not for JWT (RFC 7797 section 7)"),
    ("rfc7797-b64-compact", "b64 false is for JWS, not for JWT (RFC 7797 section 7)"),
    ("rfc8037-a7", "no provider has X448"),
    ("ed448-eddsa", "EdDSA stands for Ed25519 keys only"),
    ("ed448-ed448", "no provider has Ed448: build() refuses the algorithm"),
];

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    document["cases"].as_array().unwrap().clone()
}

/// Whether a listed divergence is one with this provider: some are for what `ring` has not.
fn applies(reason: &str) -> bool {
    provider().name() == "ring" || !reason.contains("is not in ring")
}

/// Runs each case and holds the outcome to the expectation or to the list of divergences.
fn run(file: &str, accepts: impl Fn(&Value) -> bool) {
    let cases = cases(file);
    let mut wrong = Vec::new();
    for case in &cases {
        let id = case["id"].as_str().unwrap();
        let expected = case["expect"] == "accept";
        let divergence =
            DIVERGENCES.iter().any(|(listed, reason)| *listed == id && applies(reason));
        if (accepts(case) == expected) == divergence {
            wrong.push(format!("{id}: expected {expected}, listed {divergence}: {case}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{file}: {} of {} cases", cases.len(), cases.len());
}

/// Whether the case is accepted: the whole token where it is a JWT, else its signature.
fn accepts_jws(case: &Value) -> bool {
    if case.get("enc").is_some() {
        return accepts_jwe(case);
    }
    let names = ["compact", "compact_detached", "json_text"];
    let token = names.iter().find_map(|name| case[*name].as_str());
    let (Some(token), Some(validator)) = (token, validator(case)) else {
        return false;
    };
    let now = case["now"].as_i64().unwrap_or(1_300_819_379);
    let now = OffsetDateTime::from_unix_timestamp(now).unwrap();
    let appraisal = validator.appraise_at(token, now);
    let claims = case["claims"].is_object() || case["id"].as_str().unwrap().starts_with("parse-");
    match appraisal.checks().find(|check| check.id() == "crypto.signature") {
        Some(check) if !claims => *check.outcome() == Outcome::Pass,
        _ => is_accepted(&appraisal, case),
    }
}

/// Whether the case is accepted: the whole token where it is a nested JWT, else its encryption. The
/// provider is the one that has every algorithm.
fn accepts_jwe(case: &Value) -> bool {
    let key = match case["password_utf8"].as_str() {
        Some(password) => DecryptionKey::from_secret(password.as_bytes()),
        None => DecryptionKey::from_jwk(case["jwk"].to_string()),
    };
    let Ok(alg) = case["alg"].as_str().unwrap().parse::<KeyManagementAlgorithm>() else {
        return false;
    };
    let Ok(key) = key else {
        return false;
    };
    let keys = DecryptionKeys::new([key], [alg], [case["enc"].as_str().unwrap().parse().unwrap()]);
    let inner = case.get("inner_jwk");
    let set = json!({ "keys": inner.map(|jwk| public(jwk.clone())).as_slice() }).to_string();
    let set = JwkSet::from_json(set).unwrap();
    let store = KeyStore::with_provider(&aws_lc_rs::PROVIDER, [SignatureAlgorithm::Rs256], set);
    let profile = danger::without_audience(danger::untyped_profile());
    let validator = Validator::<Value>::builder_with(&aws_lc_rs::PROVIDER, profile)
        .issuer(TrustedIssuer::new("joe", store.unwrap()))
        .encrypted_to(danger::without_content_type(keys))
        .build()
        .unwrap();
    let now = OffsetDateTime::from_unix_timestamp(1_300_819_379).unwrap();
    let appraisal = validator.appraise_at(case["compact"].as_str().unwrap(), now);
    let mut checks = appraisal.checks();
    let opened = checks.find(|check| check.id() == "jwe.decrypt").unwrap();
    match inner {
        None => *opened.outcome() == Outcome::Pass,
        Some(_) => is_accepted(&appraisal, case),
    }
}

fn is_accepted(appraisal: &Appraisal<Value>, case: &Value) -> bool {
    let accepted = appraisal.verdict() == jwt_appraisal::Verdict::Accepted;
    assert!(!accepted || case["expect"] == "accept", "{case}\n{appraisal}");
    accepted
}

/// A validator for the case's one key; none where the policy can not be built.
fn validator(case: &Value) -> Option<Validator<Value>> {
    let alg = case["alg"].as_str().unwrap_or("ES256");
    let jwk = case.get("jwk").cloned().unwrap_or_else(|| json!({"kty": "none"}));
    let profile = danger::without_audience(danger::untyped_profile());
    let builder = validator_builder(profile);
    let builder = match alg.parse::<MacAlgorithm>() {
        Ok(mac) => {
            let jwk = Jwk::from_json(jwk.to_string()).ok()?;
            builder.shared_secret("joe", SharedSecret::from_jwk(mac, &jwk).ok()?)
        }
        Err(_) => {
            let algorithm = alg.parse().unwrap_or(SignatureAlgorithm::Es256);
            let set = json!({"keys": [public(jwk)]}).to_string();
            let set = JwkSet::from_json(set).unwrap();
            builder.issuer(TrustedIssuer::new("joe", key_store([algorithm], set).unwrap()))
        }
    };
    let leeway = Duration::seconds(case["leeway"].as_i64().unwrap_or(0));
    match builder.leeway(leeway).build() {
        Ok(validator) => Some(validator),
        Err(ConfigError::UnsupportedByProvider { .. }) => None,
        Err(other) => unreachable!("{other}"),
    }
}

/// The RFCs print private keys; what an issuer publishes is the public part.
fn public(mut jwk: Value) -> Value {
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        jwk.as_object_mut().unwrap().remove(member);
    }
    jwk
}

#[test]
fn rfc7515_appendices() {
    run("rfc7515", accepts_jws);
}

#[test]
fn rfc7516_appendices() {
    let compact = |case: &Value| case.get("compact").is_some();
    run("rfc7516", |case| match case["id"].as_str().unwrap() {
        // What the appendix explains in steps is the token of appendix A.3.
        "rfc7516-b" => cases("rfc7516").iter().any(|other| {
            let same = other["cek_hex"] == case["cek_hex"] && compact(other);
            same && accepts_jwe(other)
        }),
        _ if compact(case) => accepts_jwe(case),
        _ => accepts_jws(case),
    });
}

/// The primitives of appendix B are held by the tests of the provider.
#[test]
fn rfc7518_appendix_c() {
    let all = cases("rfc7518");
    let compact: Vec<_> = all.iter().filter(|case| case.get("compact").is_some()).collect();
    for case in &compact {
        assert_eq!(accepts_jwe(case), case["expect"] == "accept", "{case}");
    }
    println!("rfc7518: {} of {} compact cases", compact.len(), compact.len());
}

#[test]
fn rfc7519_examples() {
    run("rfc7519", accepts_jws);
}

#[test]
fn rfc7797_examples() {
    run("rfc7797", accepts_jws);
}

#[test]
fn rfc8037_appendices() {
    run("rfc8037", |case| match case.get("public_jwk") {
        Some(jwk) => usable(&json!({"keys": [jwk]}).to_string(), case) == 1,
        None => accepts_jws(case),
    });
}

#[test]
fn rfc7517_keys() {
    run("rfc7517", |case| {
        if case.get("alg").is_some_and(|alg| alg == "HS256") {
            let jwk = Jwk::from_json(case["jwk"].to_string()).unwrap();
            return SharedSecret::from_jwk(MacAlgorithm::Hs256, &jwk).is_ok();
        }
        if case.get("compact").is_some() {
            return accepts_jws(case);
        }
        let set = match (&case["jwks"], &case["jwks_text"], &case["jwk_text"]) {
            (Value::Object(set), ..) => Value::Object(set.clone()).to_string(),
            (_, Value::String(text), _) => text.clone(),
            (.., Value::String(text)) => format!(r#"{{"keys":[{text}]}}"#),
            _ => json!({"keys": [case["jwk"]]}).to_string(),
        };
        usable(&set, case) > 0
    });
}

/// How many keys of a published set can be used, for the case's algorithm or any that fits.
fn usable(set: &str, case: &Value) -> usize {
    let Ok(set) = JwkSet::from_json(set) else {
        return 0;
    };
    let algorithms = match case["alg"].as_str() {
        Some(alg) => vec![alg.parse().unwrap()],
        None => vec![
            SignatureAlgorithm::Rs256,
            SignatureAlgorithm::Es256,
            SignatureAlgorithm::Es384,
            SignatureAlgorithm::Ed25519,
        ],
    };
    key_store(algorithms, set).unwrap().report().usable()
}

#[test]
fn rfc7517_skips_what_it_can_not_use() {
    let cases: BTreeMap<String, Value> = cases("rfc7517")
        .into_iter()
        .map(|case| (case["id"].as_str().unwrap().to_owned(), case))
        .collect();
    let case = &cases["jwks-unknown-kty-skipped"];
    let set = JwkSet::from_json(case["jwks"].to_string()).unwrap();
    let algorithms = [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256];
    let report = key_store(algorithms, set).unwrap().report();
    assert_eq!(report.usable(), case["usable_kids"].as_array().unwrap().len());
    assert_eq!(
        report.skipped().len(),
        case["jwks"]["keys"].as_array().unwrap().len() - report.usable()
    );
}

#[test]
fn rfc7638_thumbprints() {
    let (rule, cases) = ("KEY-19", cases("rfc7638"));
    for case in &cases {
        let jwk = Jwk::from_json(case["jwk"].to_string()).unwrap();
        let thumbprint = jwk.thumbprint();
        assert_eq!(
            thumbprint.to_string(),
            case["thumbprint_sha256"].as_str().unwrap(),
            "{rule}: {case}"
        );
        assert_eq!(thumbprint.uri(), case["uri_sha256"].as_str().unwrap(), "{case}");
    }
    println!("rfc7638: {} of {} cases", cases.len(), cases.len());
}

#[test]
fn rfc7518_salt_of_pss() {
    let path = format!("{}/tests/vectors/pss_salt.json", env!("CARGO_MANIFEST_DIR"));
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for case in document["cases"].as_array().unwrap() {
        let mut case = case.clone();
        case["jwk"] = document["jwk"].clone();
        let moment = OffsetDateTime::from_unix_timestamp(1_300_819_379).unwrap();
        let token = case["compact"].as_str().unwrap();
        let appraisal = validator(&case).unwrap().appraise_at(token, moment);
        if case["expect"] == "accept" {
            support::expect_accepted("ALG-05", token, &appraisal);
        } else {
            support::expect_rejected("ALG-05", &["crypto.signature"], token, &appraisal);
        }
    }
}

#[test]
fn every_divergence_is_a_case() {
    let files = ["rfc7515", "rfc7517", "rfc7519", "rfc7797", "rfc8037"];
    let ids: Vec<Value> =
        files.iter().flat_map(|file| cases(file)).map(|case| case["id"].clone()).collect();
    for (listed, reason) in DIVERGENCES {
        assert!(ids.contains(&json!(listed)) && !reason.is_empty(), "{listed}");
    }
}
