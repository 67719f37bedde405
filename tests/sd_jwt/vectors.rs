//! Vectors of plain SD-JWTs: of RFC 9901, of a reference implementation, and generated ones.

use std::collections::BTreeMap;

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::{Appraisal, JwkSet, SignatureAlgorithm, TrustedIssuer, Verdict, danger, rules};
use serde_json::Value;
use time::OffsetDateTime;

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

/// A credential has no audience, and lives long.
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
    let validator = validator_builder(profile)
        .issuer(TrustedIssuer::new(issuer.unwrap_or("https://issuer.example.com"), keys))
        .leeway(time::Duration::seconds(case["policy"]["leeway"].as_i64().unwrap_or(0)))
        .build()
        .unwrap();
    let now = OffsetDateTime::from_unix_timestamp(case["now"].as_i64().unwrap()).unwrap();
    validator.appraise_at(text(case, "token"), now)
}

/// What stands in the way of a good SD-JWT, if anything does: a key-binding JWT is not verified yet, so a
/// credential that is bound to a key is not accepted; and the claims of every kind.
fn obstacles(case: &Value, processed: &Value) -> Vec<&'static str> {
    if !text(case, "token").ends_with('~') {
        return vec!["sd_jwt.key_binding"];
    }
    let claims = [("iss", "claims.iss"), ("exp", "claims.exp")];
    let missing = claims.into_iter().filter(|(name, _)| processed.get(name).is_none());
    let bound = processed.get("cnf").map(|_| "claims.cnf");
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
        // A bound credential without a key-binding JWT, or one with it.
        "SD-03" | "SD-18" => &["claims.cnf", "sd_jwt.key_binding"],
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
            let bound = ["claims.cnf", "sd_jwt.key_binding"];
            let expected = |code: &String| codes(rule).contains(&code.as_str());
            let also = |code: &String| bound.contains(&code.as_str());
            let key_binding = found == ["sd_jwt.key_binding"];
            assert!(found.iter().any(expected) || key_binding, "{id} {rule}: {found:?}");
            assert!(
                found.iter().all(|code| expected(code) || also(code)),
                "{id} {rule}: {found:?}"
            );
            *rejected.entry(file).or_insert(0) += 1;
        }
    }
    println!("{rejected:?}");
}

/// The generated credentials are bound to a key; everything else about them is right.
#[test]
fn generated_presentations_lack_only_the_key_binding() {
    for case in cases("profiles_signed.json") {
        if text(&case, "expect") == "accept" {
            let appraisal = appraise(&case);
            let has_key_binding = !text(&case, "token").ends_with('~');
            let code = if has_key_binding { "sd_jwt.key_binding" } else { "claims.cnf" };
            assert_eq!(findings(&appraisal), [code], "{}\n{appraisal}", text(&case, "id"));
        }
    }
}
