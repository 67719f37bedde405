//! F. Texts that two readers read differently.

use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{Appraisal, Jwk, JwkSet, KeyError, Profile, ReasonKind};
use serde_json::{Value, json};

use super::support::{AUDIENCE, ISSUER, NOW, Scene, expect_rejected, now};
use super::{EVIL, of_issuers};

#[test]
fn lesson_062_no_name_stands_twice() {
    let scene = Scene::new();
    let twice = |json: &str, member: &str, last: bool| {
        let end = json.strip_suffix('}').unwrap();
        let start = json.strip_prefix('{').unwrap();
        if last { format!("{end},{member}}}") } else { format!("{{{member},{start}") }
    };
    for last in [false, true] {
        for member in [
            r#""alg":"none""#,
            r#""alg":"ES256""#,
            r#""typ":"JWT""#,
            r#""kid":"k9""#,
            r#""\u0061lg":"none""#,
        ] {
            let header = twice(&scene.token().header_json(), member, last);
            let token = scene.token().raw_header(header).sign();
            scene.refuses("062", "form.header", member, token);
        }
        for member in [
            r#""sub":"admin""#,
            r#""scope":"admin""#,
            r#""aud":"https://other.example""#,
            r#""exp":4102444800"#,
            r#""iss":"https://evil.example""#,
            r#""s\u0063ope":"admin""#,
        ] {
            let claims = twice(&scene.token().claims_json(), member, last);
            let token = scene.token().raw_payload(claims).sign();
            scene.refuses("062", "payload.json", member, token);
        }
    }
    let nested = r#""act":{"sub":"agent","sub":"admin"}"#;
    let claims = twice(&scene.token().claims_json(), nested, true);
    let token = scene.token().raw_payload(claims).sign();
    scene.refuses("062", "payload.json", nested, token);
    let other = jwt_appraisal::testing::TestIssuer::new(EVIL);
    let both = of_issuers([&scene.issuer, &other]);
    for last in [false, true] {
        let member = format!(r#""iss":"{}""#, if last { EVIL } else { ISSUER });
        let claims = twice(&scene.token().claims_json(), &member, last);
        let appraisal = both.appraise_at(scene.token().raw_payload(claims).sign(), now());
        expect_rejected("062", &["key.issuer"], &member, &appraisal);
    }
}

/// Member names that `serde_json` gives a meaning of their own where a feature of it is on.
const PRIVATE: [&str; 3] = [
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
    "$serde_json::private::Anything",
];

/// Objects that would read as another value than they are.
fn disguised() -> Vec<String> {
    let mut texts = Vec::new();
    for name in PRIVATE {
        let escaped = name.replacen('$', r"\u0024", 1);
        for name in [name, &escaped] {
            for value in [r#""admin""#, r#""\"admin\"""#, r#""4102444800""#, "4102444800", "{}"] {
                texts.push(format!(r#"{{"{name}":{value}}}"#));
            }
            texts.push(format!(r#"{{"{name}":"1","x":2}}"#));
            texts.push(format!(r#"{{"x":2,"{name}":"1"}}"#));
        }
    }
    texts
}

#[test]
fn lesson_063_private_names_of_the_json_reader_are_refused() {
    let scene = Scene::new();
    let untyped = scene.validator_of::<Value>(Profile::access_token().claims());
    let refused = |appraisal: &Appraisal<Value>, code: &str, text: &str| {
        expect_rejected("063", &[code], text, appraisal);
        let reason = appraisal.findings().next().unwrap();
        let kind = reason.outcome().reason().unwrap().kind();
        // A value that is none of the private form's may be refused as what it is not.
        let known = [ReasonKind::ReservedName, ReasonKind::NotJson];
        assert!(known.contains(&kind), "{kind:?}: {text}");
    };
    let with = |json: &str, name: &str, text: &str| {
        json.replacen('{', &format!(r#"{{"{name}":{text},"#), 1)
    };
    for text in disguised() {
        for name in ["scope", "exp", "x"] {
            let draft = scene.token().without(name);
            let claims = with(&draft.claims_json(), name, &text);
            let appraisal = untyped.appraise_at(draft.raw_payload(claims).sign(), now());
            refused(&appraisal, "payload.json", &text);
        }
        let deep = format!("[{{\"y\":{text}}}]");
        let claims = with(&scene.token().claims_json(), "x", &deep);
        let token = scene.token().raw_payload(claims).sign();
        refused(&untyped.appraise_at(token, now()), "payload.json", &deep);
        let token = scene.token().raw_payload(text.as_bytes()).sign();
        refused(&untyped.appraise_at(token, now()), "payload.json", &text);
        for name in ["typ", "x"] {
            let draft = scene.token().without_header(name);
            let header = with(&draft.header_json(), name, &text);
            let token = draft.raw_header(header).sign();
            refused(&untyped.appraise_at(token, now()), "form.header", &text);
        }
        let token = scene.token().raw_header(text.as_bytes()).sign();
        refused(&untyped.appraise_at(token, now()), "form.header", &text);
        let jwk = with(&scene.issuer.key().jwk().to_string(), "z", &text);
        let set = format!(r#"{{"keys":[{jwk}]}}"#);
        for error in [Jwk::from_json(&jwk).unwrap_err(), JwkSet::from_json(&set).unwrap_err()] {
            assert!(matches!(error, KeyError::Json { .. }), "{error}: {text}");
        }
    }
    let signed = |draft: TestToken| scene.appraise(draft.sign()).into_result().unwrap();
    let accepted = signed(scene.token().claim("exp", NOW + 60).claim("x", json!(1.5)));
    assert_eq!(accepted.claims().aud.iter().collect::<Vec<_>>(), [AUDIENCE]);
    assert_eq!(accepted.claims().exp.unix_timestamp(), NOW + 60, "real numbers are read as such");
}
