//! Vectors of plain SD-JWTs: of RFC 9901, of a reference implementation, and generated ones.

use std::collections::BTreeMap;

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::{
    Appraisal, JwkSet, Profile, RequestFacts, SignatureAlgorithm, TrustedIssuer, Verdict, danger,
    rules,
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::support::{findings, key_store, validator_builder};
use super::vectors_folder::{find, read};

const ORIGIN: &str = "the shared test vectors";

fn text<'a>(case: &'a Value, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_default()
}

/// The cases of a file that have a token.
fn cases(file: &str) -> Vec<Value> {
    let cases = find(file, ORIGIN).map(|path| read(&path)["cases"].take());
    let cases: Vec<Value> =
        cases.map(|cases| serde_json::from_value(cases).unwrap()).unwrap_or_default();
    let plain =
        |case: &Value| text(case, "interface") == "profile" && text(case, "profile") == "sd_jwt";
    cases.into_iter().filter(plain).collect()
}

/// A credential has no audience, and lives long. Its key-binding JWT has one.
fn appraise(case: &Value) -> Appraisal<Value> {
    let issuer = case["policy"]["issuer"].as_str().or(case["processed"]["iss"].as_str());
    let typ = case["policy"]["typ"].as_str().unwrap().to_owned();
    let kind = KindBuilder::issued("credential").typ(typ).with_disclosures().rules(rules::COMMON);
    let mut profile = danger::without_max_lifetime(danger::without_audience(kind.profile()));
    for claim in case["policy"]["require"].as_array().into_iter().flatten() {
        profile = profile.require(claim.as_str().unwrap());
    }
    let keys = JwkSet::from_json(case["jwks"].to_string()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
    let builder = validator_builder(profile)
        .issuer(TrustedIssuer::new(issuer.unwrap_or("https://issuer.example.com"), keys))
        .leeway(Duration::seconds(case["policy"]["leeway"].as_i64().unwrap_or(0)));
    let key_binding = &case["policy"]["kb"];
    let validator = if key_binding["required"] == true {
        let most = key_binding["max_age"].as_i64().unwrap_or(600);
        let profile = Profile::key_binding().max_token_age(Duration::seconds(most));
        let holders = validator_builder(profile)
            .algorithms([SignatureAlgorithm::Es256])
            .for_audience(key_binding["audience"].as_str().unwrap())
            .build()
            .unwrap();
        builder.key_binding(holders).build().unwrap()
    } else {
        builder.build().unwrap()
    };
    let nonce = key_binding["nonce"].as_str();
    let facts = nonce.map_or(RequestFacts::new(), |nonce| RequestFacts::new().nonce(nonce));
    let now = OffsetDateTime::from_unix_timestamp(case["now"].as_i64().unwrap()).unwrap();
    validator.appraise_with_at(text(case, "token"), &facts, now)
}

/// What stands in the way of a good SD-JWT, if anything does: the claims of every kind; and a credential
/// that is bound to a key is no bearer token, whatever the policy of a case says.
fn obstacles(case: &Value, processed: &Value) -> Vec<&'static str> {
    match text(case, "id") {
        // Its `kid` is a number, which RFC 7515 §4.1.4 does not permit.
        "py-test-header_mod" => return vec!["header.kid"],
        // It names a key, and no key of the set has a name.
        "vc-example-01" => return vec!["key.found"],
        _ => {}
    }
    let claims = [("iss", "claims.iss"), ("exp", "claims.exp")];
    let missing = claims.into_iter().filter(|(name, _)| processed.get(name).is_none());
    let is_bearer = case["policy"]["kb"]["required"] != true;
    let bound = processed.get("cnf").filter(|_| is_bearer).map(|_| "claims.cnf");
    missing.map(|(_, code)| code).chain(bound).collect()
}

#[test]
fn good_presentations_are_processed() {
    let mut accepted = BTreeMap::new();
    for file in ["sd_jwt_rfc9901.json", "sd_jwt_generated.json"] {
        for case in cases(file).iter().filter(|case| text(case, "expect") == "accept") {
            let (id, processed) = (text(case, "id"), &case["processed"]);
            let appraisal = appraise(case);
            let obstacles = obstacles(case, processed);
            assert_eq!(findings(&appraisal), obstacles, "{id}\n{appraisal}");
            if let Ok(token) = appraisal.into_result() {
                assert_eq!(token.claims(), processed, "{id}");
                *accepted.entry(file).or_insert(0) += 1;
            }
        }
    }
    println!("{accepted:?}");
    expect_of_each(&["sd_jwt_rfc9901.json", "sd_jwt_generated.json"], &accepted);
}

/// A file that is there has cases that count.
fn expect_of_each(files: &[&str], counts: &BTreeMap<&str, i32>) {
    for file in files.iter().filter(|file| find(file, ORIGIN).is_some()) {
        assert!(counts.get(*file).is_some_and(|count| *count > 0), "{file}: {counts:?}");
    }
}

/// The check that rejects a case for the rule that it is about.
fn codes(rule: &str) -> &'static [&'static str] {
    match rule {
        "SD-01" => &["form.sd_jwt"],
        "SD-04" => &["header.alg", "crypto.signature"],
        "SD-05" => &["sd_jwt.alg", "sd_jwt.disclosures"],
        "SD-09" | "SD-10" | "SD-11" | "SD-13" | "SD-14" | "SD-16" => &["sd_jwt.disclosures"],
        "SD-15" => &["claims.exp"],
        "SD-21" => &["header.typ"],
        "SD-03" => &["sd_jwt.key_binding"],
        "SD-18" => &[
            "proof.header.typ",
            "proof.key.confirmed",
            "proof.crypto.signature",
            "proof.claims.iat",
            "proof.time.age",
            "proof.claims.aud",
            "proof.claims.nonce",
            "proof.claims.sd_hash",
        ],
        _ => unreachable!("rule {rule}"),
    }
}

#[test]
fn bad_presentations_are_rejected_for_their_rule() {
    let mut rejected = BTreeMap::new();
    for file in ["sd_jwt_rfc9901.json", "profiles_signed.json"] {
        for case in cases(file).iter().filter(|case| text(case, "expect") == "reject") {
            let (id, rule) = (text(case, "id"), text(case, "rule"));
            let appraisal = appraise(case);
            assert_eq!(appraisal.verdict(), Verdict::Rejected, "{id}\n{appraisal}");
            let found = findings(&appraisal);
            let expected = |code: &String| codes(rule).contains(&code.as_str());
            let also = |code: &String| code == "claims.cnf";
            assert!(found.iter().any(expected), "{id} {rule}: {found:?}");
            assert!(found.iter().all(|code| expected(code) || also(code)), "{id}: {found:?}");
            *rejected.entry(file).or_insert(0) += 1;
        }
    }
    println!("{rejected:?}");
    expect_of_each(&["sd_jwt_rfc9901.json", "profiles_signed.json"], &rejected);
}

/// The generated credentials are bound to a key, so they are accepted only with a key-binding JWT.
#[test]
fn generated_presentations_need_their_key_binding() {
    for case in cases("profiles_signed.json") {
        if text(&case, "expect") == "accept" {
            let (id, appraisal) = (text(&case, "id"), appraise(&case));
            let is_bearer = case["policy"]["kb"]["required"] != true;
            let obstacle = is_bearer.then_some("claims.cnf");
            assert!(findings(&appraisal).iter().eq(obstacle.iter()), "{id}\n{appraisal}");
        }
    }
}
