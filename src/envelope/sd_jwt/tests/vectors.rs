//! Vectors of RFC 9901, and tokens of a reference implementation.

use std::fs;
use std::path::Path;

use serde_json::Value as Model;

use super::{digest, presented, processed};
use crate::base64url;

/// The cases of a file in the folder that `JOSE_VECTORS` names.
fn cases(file: &str) -> Vec<Model> {
    let Some(folder) = std::env::var_os("JOSE_VECTORS") else {
        println!("{file}: skipped; set JOSE_VECTORS to the folder that has it");
        return Vec::new();
    };
    let text = fs::read_to_string(Path::new(&folder).join(file)).unwrap();
    let mut file: Model = serde_json::from_str(&text).unwrap();
    serde_json::from_value(file["cases"].take()).unwrap()
}

fn text<'a>(case: &'a Model, member: &str) -> &'a str {
    case[member].as_str().unwrap_or_default()
}

/// The presentation of a case, which is in one of three forms.
fn presentation(case: &Model) -> Option<String> {
    let disclosures = |list: &Model| -> Vec<String> {
        let list = list.as_array().into_iter().flatten();
        let text =
            |item: &Model| item.get("disclosure").unwrap_or(item).as_str().map(str::to_owned);
        list.map(|item| text(item).unwrap()).collect()
    };
    match text(case, "interface") {
        "profile" => case["token"].as_str().map(str::to_owned),
        "sd-payload" => {
            let disclosures = disclosures(&case["disclosures"]);
            Some(presented(&case["issuer_jwt_payload"], disclosures.iter().map(String::as_str)))
        }
        "sd-jwt-json" => {
            let json = &case["json"];
            let header = json.get("header").unwrap_or(&json["signatures"][0]["header"]);
            let disclosures = disclosures(&header["disclosures"]).join("~");
            Some(format!("e30.{}.AA~{disclosures}~", text(json, "payload")))
        }
        _ => None,
    }
}

#[test]
fn digests_of_the_rfc() {
    for case in cases("sd_jwt_rfc9901.json") {
        if text(&case, "interface") == "disclosure" {
            let (id, disclosure) = (text(&case, "id"), text(&case, "disclosure"));
            assert_eq!(digest(disclosure), text(&case, "digest_sha256"), "{id}");
            let content: Model =
                serde_json::from_slice(&base64url::decode(disclosure).unwrap()).unwrap();
            assert_eq!(content, case["content"], "{id}");
        }
    }
}

/// Every payload that the RFC or the reference implementation processed.
#[test]
fn processed_payloads_are_the_expected_ones() {
    for (file, expected) in [("sd_jwt_rfc9901.json", 18), ("sd_jwt_generated.json", 50)] {
        let mut count = 0_usize;
        let cases = cases(file);
        for case in cases.iter().filter(|case| case.get("processed").is_some()) {
            let token = presentation(case).unwrap();
            let found = processed(&token).map_err(|reason| reason.to_string());
            assert_eq!(found.as_ref(), Ok(&case["processed"]), "{}", text(case, "id"));
            count = count.saturating_add(1);
        }
        assert!(cases.is_empty() || count == expected, "{file}: {count}");
    }
}

/// The rules that this module decides; the others are about signatures, claims or key binding.
const RULES: [&str; 8] = ["SD-01", "SD-05", "SD-09", "SD-10", "SD-11", "SD-13", "SD-14", "SD-16"];

#[test]
fn presentations_that_break_a_rule_are_refused() {
    let files = ["sd_jwt_rfc9901.json", "profiles_signed.json"].map(cases);
    let about_sd_jwt = |case: &&Model| text(case, "profile").starts_with("sd_jwt");
    for case in files.iter().flatten().filter(about_sd_jwt) {
        let (id, rule, token) = (text(case, "id"), text(case, "rule"), text(case, "token"));
        let found = processed(token).map_err(|reason| reason.to_string());
        let refused = RULES.contains(&rule);
        assert_eq!(found.is_err(), refused, "{id}: {rule}: {} {found:?}", case["description"]);
    }
}
