//! The full texts that operators read. A change here is a change of the interface.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::testing::{Segment, tamper};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, Appraisal, JwkSet, MacAlgorithm, Outcome, Profile, Refused,
    SharedSecret,
};
use serde_json::json;
use support::{AUDIENCE, ISSUER, NOW, Scene, key_store, provider, validator_builder};

#[track_caller]
fn expect_table(appraisal: &Appraisal<AccessTokenClaims>, table: &str) {
    let table = table.trim_matches('\n');
    assert_eq!(appraisal.to_string(), table, "\n{appraisal}");
}

#[test]
fn a_forged_token() {
    let scene = Scene::new();
    let forged = tamper(&scene.token().sign(), Segment::Signature, 7);
    expect_table(
        &scene.appraise(forged),
        r#"
rejected
  form.size                     pass
  form.compact                  pass
  form.base64url                pass
  form.header                   pass
  header.alg                    pass
  header.typ                    pass
  header.cty                    absent
  header.crit                   absent
  header.b64                    absent
  header.zip                    absent
  header.kid                    pass
  header.keys                   absent
  key.found                     pass
  key.alg                       pass
  crypto.signature              FAIL  the signature does not verify under key "k1" (ES256)
  payload.json                  -
  claims.iss                    -
  claims.aud                    -
  claims.exp                    -
  claims.nbf                    -
  claims.iat                    -
  time.lifetime                 -
  claims.sub                    -
  claims.jti                    -
  claims.cnf                    -
  claims.act                    -
  claims.client_id              -
  claims.scope                  -
  claims.auth_time              -
  claims.acr                    -
  claims.amr                    -
  claims.authorization_details  -
  claims.may_act                -
  claims.groups                 -
  claims.roles                  -
  claims.entitlements           -
  claims.deserialize            -
  request.scopes                -
  request.proof                 -
"#,
    );
}

/// Each line: a token, and the line of the log for it.
#[test]
fn refusals_in_one_line() {
    let scene = Scene::new();
    let good = scene.token();
    let other = "https://other.example";
    for (token, line) in [
        (
            "x".repeat(20_000),
            "rejected: form.size: has too many bytes: found 20000, expected at most 16384",
        ),
        ("a b".into(), "rejected: form.compact: has a character other than A-Z a-z 0-9 - _ ."),
        ("a.b".into(), "rejected: form.compact: is not three segments: found 2"),
        (
            "a.b.c.d.e".into(),
            "rejected: form.compact: is encrypted (JWE), but a signed token (JWS) is expected",
        ),
        ("e30..AA".into(), "rejected: form.compact: has no payload"),
        (
            "e31.e30.AA".into(),
            "rejected: form.base64url: has a segment that is not canonical base64url without padding",
        ),
        (
            "e30.e30.AA".into(),
            "rejected: header.alg: is missing, expected ES256; header.typ: is missing, expected \"at+jwt\"",
        ),
        ("W10.e30.AA".into(), "rejected: form.header: is not a JSON object: found an array"),
        (
            good.clone().unsecured().sign(),
            "rejected: header.alg: is not permitted: found \"none\", expected ES256",
        ),
        (
            good.clone().header("alg", "XS256").sign(),
            "rejected: header.alg: is not permitted: found a text of 5 bytes, expected ES256",
        ),
        (
            good.clone().header("typ", "JWT").sign(),
            "rejected: header.typ: is not permitted: found \"JWT\", expected \"at+jwt\"",
        ),
        (
            good.clone().header("typ", 7).sign(),
            "rejected: header.typ: has the wrong JSON type: found a number, expected \"at+jwt\"",
        ),
        (
            good.clone().header("crit", json!(["x"])).header("x", 1).sign(),
            "rejected: header.crit: names an extension that is not understood",
        ),
        (
            good.clone().header("kid", "k9").sign(),
            "rejected: key.found: no key of the issuer has this kid: found a text of 2 bytes",
        ),
        (
            good.clone().raw_payload("{\"a\":1,\"a\":2}").sign(),
            "rejected: payload.json: has a member name twice in one object",
        ),
        (
            good.clone().claim("iss", other).sign(),
            "rejected: claims.iss: is not the issuer that the key belongs to: found \"https://other.example\", expected \"https://as.example.com\"",
        ),
        (
            good.clone().claim("aud", json!([other, other])).sign(),
            "rejected: claims.aud: does not contain this service: found [\"https://other.example\", \"https://other.example\"], expected \"https://api.example.com\"",
        ),
        (
            good.clone().at(NOW - 600).sign(),
            "rejected: claims.exp: has expired: 2027-01-15T07:55:00Z",
        ),
        (
            good.clone().claim("exp", NOW + 90_000).sign(),
            "rejected: time.lifetime: is valid for too long: found 90000 s, expected at most 86400 s",
        ),
        (
            good.clone().claim("exp", "soon").sign(),
            "rejected: claims.exp: has the wrong JSON type: found a string",
        ),
        (
            good.clone().claim("exp", -62_167_219_200_i64).sign(),
            "rejected: claims.exp: has expired: 0000-01-01T00:00:00Z",
        ),
        (
            good.clone().claim("nbf", 253_402_300_799_i64).sign(),
            "rejected: claims.nbf: is not valid yet: 9999-12-31T23:59:59Z",
        ),
        (good.clone().without("sub").sign(), "rejected: claims.sub: is missing"),
        (
            good.clone().claim("cnf", json!({"jkt": "x"})).sign(),
            "rejected: claims.cnf: requires a proof of possession that was not presented",
        ),
        (
            good.clone().at(NOW - 600).claim("aud", other).sign(),
            "rejected: claims.aud: does not contain this service: found \"https://other.example\", expected \"https://api.example.com\"; claims.exp: has expired: 2027-01-15T07:55:00Z",
        ),
    ] {
        let refused = scene.appraise(token).into_result().unwrap_err();
        assert_eq!(refused.to_string(), line);
    }
}

/// Keys that a token brings along are ignored, and its report says so.
#[test]
fn ignored_keys_show() {
    let scene = Scene::new();
    let url = "https://attacker.example/jwks";
    let draft = scene.token().header("x5c", json!(["MIIB"])).header("x5t", "abc");
    let token = draft.header("jku", url).sign();
    let appraisal = scene.appraise(token);
    let row = appraisal.checks().find(|check| check.code() == "header.keys").unwrap();
    let Outcome::Ignored(keys) = row.outcome() else { unreachable!() };
    let names: Vec<_> = keys.names().collect();
    assert_eq!(names, ["jku", "x5c"]);
    assert!(
        appraisal.to_string().contains("\n  header.keys                   ignored  jku, x5c\n")
    );
    let json = json!({"id": "header.keys", "outcome": "ignored", "ignored": ["jku", "x5c"]});
    assert_eq!(serde_json::to_value(&row).unwrap(), json);
    assert_eq!(format!("{row:?}"), "header.keys ignored (jku, x5c)");
    assert!(appraisal.is_accepted() && appraisal.findings().next().is_none());
    let hint = scene.appraise(scene.token().header("x5t", "abc").sign());
    let row = hint.checks().find(|check| check.code() == "header.keys").unwrap();
    assert_eq!(*row.outcome(), Outcome::Pass, "a thumbprint is no key");
    let wrong = scene.appraise(scene.token().header("jku", url).header("x5c", "MIIB").sign());
    let row = wrong.checks().find(|check| check.code() == "header.keys").unwrap();
    assert_eq!(row.outcome().name(), "fail");
}

#[test]
fn a_key_that_can_not_be_used() {
    let scene = Scene::new();
    let mut jwk = scene.issuer.key().jwk();
    jwk["use"] = json!("enc");
    let jwks = json!({ "keys": [jwk] }).to_string();
    let algorithms = [jwt_appraisal::SignatureAlgorithm::Es256];
    let scene = Scene::publishing(scene.issuer, &jwks, &algorithms);
    let refused = scene.appraise(scene.token().sign()).into_result().unwrap_err();
    let line = "rejected: key.found: the issuer's key with this kid cannot be used: \
                key 0: its member \"use\" does not permit the verification of signatures";
    assert_eq!(refused.to_string(), line);
}

#[test]
fn without_keys() {
    let scene = Scene::publishing(
        Scene::new().issuer,
        r#"{"keys":[]}"#,
        &[jwt_appraisal::SignatureAlgorithm::Es256],
    );
    let refused = scene.appraise(scene.token().sign()).into_result().unwrap_err();
    assert_eq!(
        refused.to_string(),
        "undetermined: key.found: the issuer's keys are currently unavailable"
    );
    let text = format!("{refused:?}");
    assert_eq!(
        text,
        "Undetermined([key.found undetermined (the issuer's keys are currently unavailable)])"
    );
}

#[test]
fn serialised_forms() {
    let scene = Scene::new();
    let appraisal = scene.appraise(scene.token().header("typ", "JWT").sign());
    let report = serde_json::to_value(&appraisal).unwrap();
    assert_eq!(report["verdict"], "rejected");
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), scene.validator.checks().count());
    assert_eq!(checks[0], json!({"id": "form.size", "outcome": "pass"}));
    let typ = json!({
        "id": "header.typ",
        "outcome": "fail",
        "reason": "is not permitted: found \"JWT\", expected \"at+jwt\"",
        "kind": "not_permitted",
        "expected": "\"at+jwt\"",
        "found": "\"JWT\"",
    });
    assert_eq!(checks[5], typ);
    assert_eq!(checks[12], json!({"id": "key.found", "outcome": "not_reached"}));
    let refused = appraisal.into_result().unwrap_err();
    assert_eq!(serde_json::to_value(&refused).unwrap(), report);
    let accepted = serde_json::to_value(scene.appraise(scene.token().sign())).unwrap();
    assert_eq!(accepted["verdict"], "accepted");
    assert!(accepted.get("claims").is_none());
}

/// Text that no report may repeat.
const CANARY: &str = "kanarienvogel4711";

fn renderings(appraisal: Appraisal<AccessTokenClaims>) -> String {
    let mut text = format!("{appraisal}\n{appraisal:?}\n{appraisal:#?}\n");
    text += &serde_json::to_string(&appraisal).unwrap();
    text += &match appraisal.into_result() {
        Ok(accepted) => format!("{accepted:?} {:?}", accepted.claims()),
        Err(refused) => format!("{refused} {refused:?} {:?}", refused.reason()),
    };
    text
}

#[test]
fn no_report_repeats_what_a_token_says() {
    let scene = Scene::new();
    let member = |name: &str| {
        let header = scene.token().header(name, CANARY).sign();
        let wrong = scene.token().header(name, json!([CANARY])).sign();
        let named = scene.token().header(format!("{name}{CANARY}"), 1).header(name, 1).sign();
        [header, wrong, named]
    };
    let nested = || json!({CANARY: {CANARY: CANARY}});
    let claim = |name: &str| {
        let bad = |value| scene.token().at(NOW - 600).claim(name, value).sign();
        [bad(json!(CANARY)), bad(json!([CANARY])), bad(nested())]
    };
    // The issuer and the audience are shown once the signature has passed, but only as text.
    let named = |name: &str| {
        let bad = |value| scene.token().claim(name, value).sign();
        let forged = |value| tamper(&bad(value), Segment::Signature, 7);
        [forged(json!(CANARY)), forged(json!([CANARY])), forged(nested()), bad(nested())]
    };
    let headers = ["alg", "typ", "kid", "cty", "crit", "b64", "zip", "jku", "jwk", "x5c", "x"];
    let claims = [
        "sub",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "scope",
        "cnf",
        "act",
        "acr",
        "amr",
        "auth_time",
        "authorization_details",
        "x",
    ];
    let mut tokens: Vec<String> = headers.into_iter().flat_map(member).collect();
    tokens.extend(claims.into_iter().flat_map(claim));
    tokens.extend(["iss", "aud"].into_iter().flat_map(named));
    tokens.push(scene.token().raw_header(CANARY).sign());
    tokens.push(scene.token().raw_payload(CANARY).sign());
    tokens.push(format!("{CANARY}.{CANARY}.{CANARY}"));
    tokens.push(CANARY.to_owned());
    for token in &tokens {
        let text = renderings(scene.appraise(token));
        assert!(!text.contains(CANARY), "{token}\n{text}");
    }
    let accepted = scene.token().claim("sub", CANARY).claim("scope", CANARY).sign();
    assert!(!renderings(scene.appraise(accepted)).contains(CANARY), "not even when it is accepted");
}

/// After the signature passed, the row of the issuer and that of the audience show what was found. No other
/// row shows anything.
#[test]
fn shows_the_issuer_and_the_audience_of_a_signed_token() {
    let scene = Scene::new();
    let quoted = format!("\"{CANARY}\"");
    for (name, value, found) in [
        ("iss", json!(CANARY), quoted.clone()),
        ("aud", json!(CANARY), quoted.clone()),
        ("aud", json!([CANARY, CANARY]), format!("[{quoted}, {quoted}]")),
    ] {
        let draft = scene.token().claim("sub", CANARY).claim("jti", CANARY).claim(name, value);
        let appraisal = scene.appraise(draft.sign());
        let code = format!("claims.{name}");
        let mut shown = 0;
        for check in appraisal.checks() {
            let text = serde_json::to_string(&check).unwrap() + &format!("{check:?}");
            assert_eq!(text.contains(CANARY), check.code() == code, "{text}");
            if let Some(kind) = check.kind() {
                assert_eq!((check.code(), check.found()), (&*code, Some(found.clone())));
                let own = if name == "iss" { ISSUER } else { AUDIENCE };
                assert_eq!(check.expected().as_deref(), Some(&*format!("\"{own}\"")));
                assert!(check.explanation().unwrap().starts_with(&kind.to_string()), "{check:?}");
                shown += 1;
            }
        }
        assert_eq!(shown, 1, "{appraisal}");
    }
    let long = format!("https://{}", "a".repeat(500));
    let appraisal = scene.appraise(scene.token().claim("aud", long.as_str()).sign());
    let found = appraisal.findings().next().and_then(|check| check.found()).unwrap();
    assert_eq!(found, format!("\"https://{}… (508 bytes)\"", "a".repeat(120)));
}

#[test]
fn accepted_tokens_print_what_was_verified() {
    let scene = Scene::new();
    let accepted: Accepted<AccessTokenClaims> =
        scene.appraise(scene.token().sign()).into_result().unwrap();
    let text = r#"Accepted { issuer: "https://as.example.com", key_id: Some("k1"), algorithm: "ES256", .. }"#;
    assert_eq!(format!("{accepted:?}"), text);
}

/// What is built says what it demands; of accepted claims only audiences and scopes print.
#[test]
fn what_is_built_prints_its_policy_and_claims_print_little() {
    let scene = Scene::new();
    let profile = Profile::<serde_json::Value>::new("receipt+jwt").require("order_id");
    let text = format!("{profile:?}");
    for part in ["receipt+jwt", "order_id", "claims.exp Required"] {
        assert!(text.contains(part), "{text}");
    }
    let text = format!("{:?}", validator_builder(profile).shared_secret(ISSUER, secret()));
    for part in ["receipt+jwt", "ring", "aws-lc-rs", ISSUER, "SharedSecret"] {
        let other = ["ring", "aws-lc-rs"].contains(&part) && part != provider().name();
        assert_eq!(text.contains(part), !other, "{part}: {text}");
    }
    let appraisal = scene.appraise("");
    let text = r#"Appraisal { verdict: Rejected, findings: [form.compact fail (is not three segments: found 1)], .. }"#;
    assert_eq!(format!("{appraisal:?}"), text);
    let text = format!("{:?}", appraisal.checks());
    assert!(text.starts_with("[form.size pass, form.compact fail (is not"), "{text}");

    let details = json!([{"type": "payment"}]);
    let draft = scene.token().claim("scope", "read").claim("act", json!({"sub": "b"}));
    let token = draft.claim("authorization_details", details).sign();
    let accepted = scene.appraise(token).into_result().unwrap();
    let claims = accepted.claims();
    let printed = [
        format!("{claims:?}"),
        format!("{:?}", claims.aud),
        format!("{:?}", claims.scope),
        format!("{:?}", claims.act),
        format!("{:?}", claims.authorization_details),
    ];
    let expected = [
        "AccessTokenClaims { .. }",
        r#"["https://api.example.com"]"#,
        r#"["read"]"#,
        "Some(Actor { .. })",
        "[AuthorizationDetail { .. }]",
    ];
    assert_eq!(printed, expected);
}

fn secret() -> SharedSecret {
    SharedSecret::new(MacAlgorithm::Hs256, &[7; 32]).unwrap()
}

/// The types that stand in claims of this crate's, in claims of one's own.
#[test]
fn a_deserialize_error_names_what_this_crates_types_expect() {
    let scene = Scene::new();
    let validator = scene.validator_of(Profile::<AccessTokenClaims>::new("own+jwt"));
    let explain = |name: &str, value: serde_json::Value| {
        let token = scene.token().header("typ", "own+jwt").claim(name, value).sign();
        let refused = validator.appraise_at(token, support::now()).into_result().unwrap_err();
        refused.reason().unwrap().explanation().unwrap()
    };
    let start = "does not fit the claims type: member";
    let expected = "auth_time: expected a number of seconds since the epoch, found a string";
    assert_eq!(explain("auth_time", json!("x")), format!("{start} {expected}"));
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Meant {
        targets: jwt_appraisal::Audiences,
    }
    let validator = scene.validator_of(Profile::<Meant>::new("own+jwt"));
    let token = scene.token().header("typ", "own+jwt").claim("targets", 7).sign();
    let refused = validator.appraise_at(token, support::now()).into_result().unwrap_err();
    let expected = "targets: expected a string or an array of strings, found a number";
    assert_eq!(refused.reason().unwrap().explanation().unwrap(), format!("{start} {expected}"));
}

#[test]
fn a_deserialize_error_names_the_member_of_the_callers_type() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Order {
        lines: Vec<Line>,
        state: State,
    }
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Line {
        cents: u64,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only read")]
    enum State {
        Open,
        Paid { by: String },
    }
    let scene = Scene::new();
    let validator = scene.validator_of(Profile::access_token().claims::<Order>());
    let explain = |lines: serde_json::Value, state: serde_json::Value| {
        let token = scene.token().claim("lines", lines).claim("state", state).sign();
        match validator.appraise_at(token, support::now()).into_result() {
            Ok(_) => "accepted".to_owned(),
            Err(refused) => refused.reason().unwrap().explanation().unwrap(),
        }
    };
    let line = || json!([{"cents": 5}]);
    assert_eq!(explain(line(), json!("open")), "accepted");
    assert_eq!(explain(line(), json!({"paid": {"by": "x"}})), "accepted");
    for (lines, state, text) in [
        (
            json!([{"cents": -5}]),
            json!("open"),
            "member lines.cents: expected u64, found another value",
        ),
        (
            json!([{"cents": "5"}]),
            json!("open"),
            "member lines.cents: expected u64, found a string",
        ),
        (json!([{}]), json!("open"), "member lines: member cents is missing"),
        (json!({}), json!("open"), "member lines: expected a sequence, found an object"),
        (line(), json!(0), "member state: expected enum State, found a number"),
        (line(), json!(CANARY), "member state: the claims type does not know a name in it"),
        (line(), json!({CANARY: 1}), "member state: the claims type does not know a name in it"),
        (
            line(),
            json!({"open": 1}),
            "member state: expected a variant without content, found an object",
        ),
        (line(), json!({"paid": {}}), "member state: member by is missing"),
        (
            line(),
            json!({"paid": 1, "open": 1}),
            "member state: expected enum State, found an object",
        ),
        (line(), json!("paid"), "member state: expected a variant with content, found a string"),
    ] {
        let expected = format!("does not fit the claims type: {text}");
        assert_eq!(explain(lines, state), expected);
    }
}

#[test]
fn key_stores_print_what_they_hold() {
    let scene = Scene::new();
    let set = JwkSet::from_json(scene.issuer.jwks()).unwrap();
    let keys = key_store([jwt_appraisal::SignatureAlgorithm::Es256], set).unwrap();
    let text = r#"KeyStore { algorithms: [Es256], provider: "#;
    let report = "report: KeyReport { usable: 1, skipped: [], notes: [] } }";
    assert_eq!(format!("{keys:?}"), format!("{text}{:?}, {report}", provider().name()));
    let text = format!("{:?}", scene.validator);
    assert!(
        text.contains(ISSUER) && text.contains(AUDIENCE) && text.contains("waived: []"),
        "{text}"
    );
    let refused: Refused = scene.appraise("").into_result().unwrap_err();
    assert_eq!(
        format!("{refused:?}"),
        "Rejected([form.compact fail (is not three segments: found 1)])"
    );
}
