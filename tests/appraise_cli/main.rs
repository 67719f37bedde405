//! The example `appraise` as a program: exit codes, messages, batches and cases.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod cases;
mod program;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use jwt_appraisal::testing::{Segment, TestIssuer, TestRecipient, TestToken, tamper};
use jwt_appraisal::{ContentEncryptionAlgorithm, KeyManagementAlgorithm};
use serde_json::{Value, json};

use program::{API, ISSUER, NOW, appraise, file, good, jwks, policy, program};

#[test]
fn the_exit_code_is_the_verdict() {
    let issuer = TestIssuer::new(ISSUER);
    let token = good(&issuer).sign();
    let known = file("verdict.json", policy(jwks(&issuer)).to_string());
    let no_keys = file("no_keys.json", policy(json!({ "keys": [] })).to_string());

    let accepted = appraise(&["--policy", &known, &token], b"");
    assert_eq!(accepted.code, 0, "{}", accepted.stderr);
    assert!(accepted.stdout.starts_with("accepted\n"));
    assert_eq!(accepted.stderr, "");

    for segment in [Segment::Payload, Segment::Signature] {
        let rejected = appraise(&["--policy", &known, &tamper(&token, segment, 9)], b"");
        assert_eq!(rejected.code, 1);
        assert!(rejected.stdout.starts_with("rejected\n"));
        let row = rejected.stdout.lines().find(|row| row.contains("FAIL"));
        assert!(row.unwrap().starts_with("  crypto.signature "));
    }

    let undetermined = appraise(&["--policy", &no_keys, &token], b"");
    assert_eq!(undetermined.code, 3);
    assert!(undetermined.stdout.starts_with("undetermined\n"));
}

#[test]
fn a_token_of_another_library_is_accepted() {
    // The key of RFC 8037 A.1, as PKCS#8 and as a JWK.
    const PKCS8: [u8; 48] = *b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20\
        \x9d\x61\xb1\x9d\xef\xfd\x5a\x60\xba\x84\x4a\xf4\x92\xec\x2c\xc4\
        \x44\x49\xc5\x69\x7b\x32\x69\x19\x70\x3b\xac\x03\x1c\xae\x7f\x60";
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": x });

    let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::EdDSA);
    header.typ = Some("at+jwt".to_owned());
    header.kid = Some("ed".to_owned());
    let claims = good(&TestIssuer::new(ISSUER)).claims_json();
    let claims: Value = serde_json::from_str(&claims).unwrap();
    let signer = jsonwebtoken::EncodingKey::from_ed_der(&PKCS8);
    let token = jsonwebtoken::encode(&header, &claims, &signer).unwrap();

    let mut policy = policy(json!({ "keys": [key] }));
    policy["issuers"][0]["algorithms"] = json!(["EdDSA"]);
    let policy = file("other_library.json", policy.to_string());
    let accepted = appraise(&["--policy", &policy, &token], b"");
    assert_eq!(accepted.code, 0, "{}{}", accepted.stdout, accepted.stderr);
    let changed = tamper(&token, Segment::Payload, 9);
    assert_eq!(appraise(&["--policy", &policy, &changed], b"").code, 1);
}

#[test]
fn a_token_comes_from_the_input_too() {
    let issuer = TestIssuer::new(ISSUER);
    let token = good(&issuer).sign();
    let policy = file("input.json", policy(jwks(&issuer)).to_string());
    for (input, code) in [
        (token.clone(), 0),
        (format!("{token}\n"), 0),
        (format!("{token}\n\n"), 1),
        (format!(" {token}"), 1),
        (format!("{token}\0"), 1),
        ("A".repeat(5_000_000), 1),
        (String::new(), 1),
    ] {
        let (start, length) = (input.get(..20), input.len());
        let context = format!("{start:?} of {length} bytes");
        let unnamed = appraise(&["--policy", &policy], input.as_bytes());
        assert_eq!(unnamed.code, code, "{context}");
        let dash = appraise(&["--policy", &policy, "-"], input.as_bytes());
        assert_eq!(dash.code, code, "{context}");
    }
}

#[test]
fn json_has_claims_only_if_accepted() {
    let issuer = TestIssuer::new(ISSUER);
    let policy = file("json.json", policy(jwks(&issuer)).to_string());
    let report = |token: TestToken| -> Value {
        let run = appraise(&["--policy", &policy, "--json", &token.sign()], b"");
        serde_json::from_str(&run.stdout).unwrap()
    };

    let accepted = report(good(&issuer));
    assert_eq!(accepted["verdict"], "accepted");
    assert_eq!(accepted["claims"]["sub"], "user-1");
    assert_eq!(outcome(&accepted, "header.crit"), "pass");

    let rejected = report(good(&issuer).header("typ", "JWT"));
    assert_eq!(rejected["verdict"], "rejected");
    assert_eq!(rejected.get("claims"), None);
    assert_eq!(outcome(&rejected, "header.typ"), "fail");
    assert_eq!(outcome(&rejected, "crypto.signature"), "not_reached");
}

/// What became of one check.
fn outcome(report: &Value, id: &str) -> String {
    let mut checks = report["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["id"] == id).unwrap();
    check["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn settings_of_the_policy_count() {
    let issuer = TestIssuer::new(ISSUER);
    let token = good(&issuer);
    file("keys.json", issuer.jwks());
    let late = NOW + 300;
    type Setting<'a> = (&'a str, &'a dyn Fn(&mut Value), TestToken, i32);
    let settings: [Setting<'_>; 11] = [
        ("now", &|p| p["now"] = json!(late + 59), token.clone(), 0),
        ("now late", &|p| p["now"] = json!(late + 60), token.clone(), 1),
        ("leeway", &|p| (p["now"], p["leeway_s"]) = (json!(late), json!(0)), token.clone(), 1),
        ("audience", &|p| p["audience"] = json!(API), token.clone(), 0),
        ("other audience", &|p| p["audience"] = json!(["x"]), token.clone(), 1),
        ("require", &|p| p["require"] = json!(["scope"]), token.clone(), 0),
        ("require more", &|p| p["require"] = json!(["email"]), token.clone(), 1),
        ("limits", &|p| p["limits"] = json!({ "token_bytes": 99 }), token.clone(), 1),
        ("algorithms", &|p| p["issuers"][0]["algorithms"] = json!(["RS256"]), token.clone(), 1),
        (
            "custom",
            &|p| (p["profile"], p["typ"]) = (json!("custom"), json!("receipt+jwt")),
            issuer.token("receipt+jwt").at(NOW).claim("aud", API),
            0,
        ),
        (
            "jwks_file",
            &|p| {
                p["issuers"][0] =
                    json!({ "id": ISSUER, "jwks_file": "keys.json", "algorithms": ["ES256"] })
            },
            token.clone(),
            0,
        ),
    ];
    for (nth, (title, change, token, code)) in settings.into_iter().enumerate() {
        let mut policy = policy(jwks(&issuer));
        change(&mut policy);
        let policy = file(&format!("setting_{nth}.json"), policy.to_string());
        let run = appraise(&["--policy", &policy, &token.sign()], b"");
        assert_eq!(run.code, code, "{title}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_key_that_can_not_be_used_is_named() {
    let issuer = TestIssuer::new(ISSUER);
    let mut keys = jwks(&issuer);
    keys["keys"].as_array_mut().unwrap().push(json!({ "kty": "quantum" }));
    let policy = file("skipped_key.json", policy(keys).to_string());
    let run = appraise(&["--policy", &policy, &good(&issuer).sign()], b"");
    assert_eq!(run.code, 0);
    let start = "policy: left out: issuers[0].jwks: key 1: its member \"kty\"";
    assert!(run.stderr.starts_with(start), "{}", run.stderr);
}

#[test]
fn a_bad_policy_is_refused_by_the_name_of_its_member() {
    let issuer = TestIssuer::new(ISSUER);
    let good = policy(jwks(&issuer)).to_string();
    let algorithms = r#""algorithms":["ES256"]"#;
    let beginning = r#"{"audience""#;
    for (old, new, message) in [
        (beginning, r#"{"colour":1,"audience""#, "colour: is not a known member"),
        (beginning, r#"{"expect":{"colour":1},"audience""#, "expect.colour: is not a known member"),
        (beginning, r#"{"expect":{"jkt":"x"},"audience""#, "expect.jkt: "),
        (beginning, r#"{"expect":{"nonce":1},"audience""#, "expect.nonce: is a number"),
        (
            beginning,
            r#"{"discriminator":{},"audience""#,
            "discriminator: is not a member of this profile",
        ),
        (beginning, r#"{"max_token_age_s":0,"audience""#, "max_token_age_s: "),
        (beginning, r#"{"limits":{"bytes":1},"audience""#, "limits.bytes: is not a known member"),
        (beginning, r#"{"limits":{"json_depth":0},"audience""#, "limits.json_depth: "),
        (beginning, r#"{"limits":{"json_depth":"1"},"audience""#, "limits.json_depth: is a string"),
        (beginning, r#"{"leeway_s":301,"audience""#, "leeway_s: "),
        (beginning, r#"{"leeway_s":-1,"audience""#, "leeway_s: "),
        (beginning, r#"{"typ":"a+jwt","audience""#, "typ: "),
        (beginning, r#"{"require":["a","a"],"audience""#, "require[1]: stands twice"),
        (beginning, r#"{"audience":"x","audience""#, "audience: stands twice"),
        (beginning, r#"["audience""#, "is not JSON: "),
        (r#""now":1800000000"#, r#""now":"today""#, "now: is a string; expected an integer"),
        (r#""now":1800000000"#, r#""now":1e30"#, "now: "),
        (r#""access-token""#, r#""sd-jwt""#, "profile: is not a profile"),
        (r#""access-token""#, r#""client-assertion""#, "issuers: is not a member of this profile"),
        (r#""access-token""#, r#""dpop-proof""#, "issuers: is not a member of this profile"),
        (r#""access-token""#, r#""access-token-legacy""#, "discriminator: is missing"),
        (r#""access-token""#, r#""custom""#, "typ: is missing"),
        (r#""access-token""#, r#""custom","typ":"JWT""#, "typ: "),
        (r#"["https://api.example.com"]"#, "[]", "audience: "),
        (r#"["https://api.example.com"]"#, "[1]", "audience[0]: is a number"),
        (r#""kty":"EC""#, r#""kty":"EC","kty":"EC""#, "issuers[0].jwks.keys[0].kty: stands twice"),
        (r#""keys""#, r#""key""#, "issuers[0].jwks: "),
        (r#""jwks""#, r#""jwk""#, "issuers[0].jwk: is not a known member"),
        (r#""jwks""#, r#""jwks_file":"x","jwks""#, "issuers[0].jwks_file: stands beside jwks"),
        (r#""id":"https://as.example.com","#, "", "issuers[0].id: is missing"),
        (r#""id":"https://as.example.com""#, r#""id":"""#, "issuers[0].id: "),
        (algorithms, r#""algorithms":[]"#, "issuers[0].algorithms: is empty"),
        (algorithms, r#""algorithms":["ES256","ES256"]"#, "issuers[0].algorithms[1]: stands twice"),
        (
            algorithms,
            r#""algorithms":["ES256","HS256"]"#,
            r#"issuers[0].algorithms[1]: "HS256" is not a supported signature algorithm; expected some of RS256, "#,
        ),
        (algorithms, r#""algorithms":["none"]"#, r#"issuers[0].algorithms[0]: "none" is not"#),
        (algorithms, r#""algorithms":["Ed448"]"#, r#"issuers[0].algorithms[0]: "Ed448" is not"#),
    ] {
        let bad = good.replacen(old, new, 1);
        assert_ne!(bad, good, "{old} is not in the policy");
        let run = appraise(&["--policy", &file("bad.json", bad), "a.b.c"], b"");
        assert_eq!(run.code, 2, "{new}: {}", run.stdout);
        let expected = format!("policy: {message}");
        assert!(run.stderr.starts_with(&expected), "{new}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn a_policy_without_keys_is_refused() {
    let mut keyless = policy(json!({}));
    keyless["issuers"][0].as_object_mut().unwrap().remove("jwks");
    let run = appraise(&["--policy", &file("keyless.json", keyless.to_string()), "a.b.c"], b"");
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("policy: issuers[0].jwks: is missing"));

    keyless["issuers"][0]["jwks_file"] = json!("nowhere.json");
    let run = appraise(&["--policy", &file("keyless.json", keyless.to_string()), "a.b.c"], b"");
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("policy: issuers[0].jwks_file: can not be read"));
}

#[test]
fn bad_usage_is_refused() {
    for arguments in [
        &[][..],
        &["a.b.c"],
        &["--policy"],
        &["--policy", "nowhere.json", "a.b.c"],
        &["--policy", "a", "--policy", "b"],
        &["--policy", "a", "--batch"],
        &["--batch", "a.b.c"],
        &["--batch", "--json"],
        &["--cases"],
        &["--cases", "nowhere.json"],
        &["--colour"],
    ] {
        let run = appraise(arguments, b"");
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
    let help = appraise(&["--help"], b"");
    assert_eq!(help.code, 0);
    assert!(help.stdout.contains("--batch"));
}

#[test]
fn a_batch_goes_on_after_a_bad_line() {
    let issuer = TestIssuer::new(ISSUER);
    let token = good(&issuer).sign();
    let policy = policy(jwks(&issuer));
    let line = |id: Value, token: &str, policy: &Value| {
        json!({ "id": id, "token": token, "policy": policy }).to_string()
    };
    let lines = [
        line(json!(1), &token, &policy),
        line(json!({ "deep": [null] }), &tamper(&token, Segment::Signature, 0), &policy),
        line(json!("bad policy"), &token, &json!({ "profile": 1 })),
        r#"{"id": "cut off", "#.to_owned(),
        String::new(),
        "[]".to_owned(),
        r#"{"id": "no token"}"#.to_owned(),
        r#"{"id": "twice", "token": "", "policy": {"now": 1, "now": 2}}"#.to_owned(),
        line(json!("control"), "a\0b\nc\u{1F600}", &policy),
        line(json!("long"), &"A".repeat(20_000_000), &policy),
        "[".repeat(1_000_000),
        line(Value::Null, &token, &policy),
    ];
    let run = appraise(&["--batch"], lines.join("\n").as_bytes());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));

    let answers: Vec<Value> =
        run.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let expected = [
        ("1", "accepted"),
        (r#"{"deep":[null]}"#, "rejected"),
        (r#""bad policy""#, "policy: profile: is a number; expected a string"),
        ("null", "line: is not JSON: EOF while parsing"),
        ("null", "line: is not JSON: EOF while parsing"),
        ("null", "line: is an array; expected an object"),
        (r#""no token""#, "line: token: is missing"),
        (r#""twice""#, "line: policy.now: stands twice"),
        (r#""control""#, "rejected"),
        (r#""long""#, "rejected"),
        ("null", "line: is not JSON: recursion limit exceeded"),
        ("null", "accepted"),
    ];
    assert_eq!(answers.len(), expected.len());
    for (answer, (id, words)) in answers.iter().zip(expected) {
        assert_eq!(answer["id"].to_string(), id);
        let said = answer["verdict"].as_str().or(answer["error"].as_str());
        assert!(said.unwrap().starts_with(words), "{id}: {said:?}");
    }
    for answer in &answers {
        let client = answer.get("claims").map(|claims| &claims["client_id"]);
        let accepted = answer["verdict"] == "accepted";
        assert_eq!(client, accepted.then_some(&json!("client-1")));
    }
}

#[test]
fn a_batch_answers_before_the_next_line() {
    let mut child = Command::new(program())
        .arg("--batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..3 {
        stdin.write_all(b"{}\n").unwrap();
        let answer = answers.next().unwrap().unwrap();
        assert_eq!(answer, r#"{"id":null,"error":"line: token: is missing"}"#);
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert!(child.wait().unwrap().success());
}

/// A case about an access token.

#[test]
fn a_token_in_the_place_of_a_file_is_not_printed() {
    let token = good(&TestIssuer::new(ISSUER)).sign();
    for option in ["--policy", "--cases"] {
        let run = appraise(&[option, &token], b"");
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains("found what looks like a token"), "{}", run.stderr);
        assert!(!run.stderr.contains("eyJ"), "{}", run.stderr);
    }
}

#[test]
fn encrypted_tokens_are_opened() {
    let issuer = TestIssuer::new(ISSUER);
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::RsaOaep256);
    let decrypt = json!({
        "jwks": { "keys": [recipient.private_jwk()] },
        "key_management": ["RSA-OAEP-256"],
        "content_encryption": ["A256GCM"],
    });
    let with = |decrypt: Value| {
        let mut policy = policy(jwks(&issuer));
        policy["decrypt"] = decrypt;
        policy.to_string()
    };
    let signed = good(&issuer).sign();
    let token = recipient.encrypt(&signed, ContentEncryptionAlgorithm::A256Gcm);
    let compressed =
        recipient.envelope(&signed, ContentEncryptionAlgorithm::A256Gcm).compressed().encrypt();
    let known = file("decrypt.json", with(decrypt.clone()));
    let accepted = appraise(&["--policy", &known, &token], b"");
    assert_eq!(accepted.code, 0, "{}{}", accepted.stdout, accepted.stderr);
    let row = accepted.stdout.lines().find(|row| row.starts_with("  jwe.decrypt "));
    assert!(row.unwrap().ends_with("pass"));
    for (token, row) in [(&signed, "form.jwe"), (&compressed, "jwe.zip")] {
        let rejected = appraise(&["--policy", &known, token], b"");
        assert_eq!(rejected.code, 1);
        let failed = rejected.stdout.lines().find(|row| row.contains("FAIL")).unwrap();
        assert!(failed.starts_with(&format!("  {row} ")), "{failed}");
    }
    let plain = file("decrypt_plain.json", policy(jwks(&issuer)).to_string());
    assert_eq!(appraise(&["--policy", &plain, &token], b"").code, 1);

    let mut zip = decrypt.clone();
    zip["zip"] = json!(true);
    let zip = file("decrypt_zip.json", with(zip));
    assert_eq!(appraise(&["--policy", &zip, &compressed], b"").code, 0);

    let keys = json!({ "keys": [recipient.private_jwk()] }).to_string();
    file("private.json", keys);
    let mut by_file = decrypt.clone();
    by_file.as_object_mut().unwrap().remove("jwks");
    by_file["jwks_file"] = json!("private.json");
    let by_file = file("decrypt_file.json", with(by_file));
    assert_eq!(appraise(&["--policy", &by_file, &token], b"").code, 0);
}

#[test]
fn a_bad_decrypt_is_refused_by_the_name_of_its_member() {
    let issuer = TestIssuer::new(ISSUER);
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A256Kw);
    let good = json!({
        "jwks": { "keys": [recipient.private_jwk()] },
        "key_management": ["A256KW"],
        "content_encryption": ["A256GCM"],
    });
    let public = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ", "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck" }] });
    for (member, value, expected) in [
        (
            "jwks",
            Value::Null,
            "policy: decrypt.jwks: the text is not a JWK set, which is an object whose member \"keys\" is an array\n",
        ),
        ("jwks", public, "policy: decrypt.jwks: key 0: its member \"d\" is missing\n"),
        (
            "jwks",
            json!({ "keys": [] }),
            "policy: decrypt: no decryption key is given, so no token could be decrypted; give at least one\n",
        ),
        (
            "key_management",
            json!(["A128KW"]),
            "policy: decrypt: a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"alg\" is not among the permitted algorithms (A128KW)\n",
        ),
        (
            "key_management",
            json!(["A256KW", "A256KW"]),
            "policy: decrypt.key_management[1]: stands twice\n",
        ),
        ("zip", json!("DEF"), "policy: decrypt.zip: is a string; expected a boolean\n"),
        (
            "alg",
            json!("A256KW"),
            "policy: decrypt.alg: is not a known member; expected jwks, jwks_file, key_management, content_encryption, zip\n",
        ),
        (
            "content_encryption",
            json!(["A256"]),
            "policy: decrypt.content_encryption[0]: \"A256\" is not a supported content encryption algorithm; expected some of A128GCM, A192GCM, A256GCM, A128CBC-HS256, A192CBC-HS384, A256CBC-HS512\n",
        ),
        (
            "content_encryption",
            json!([]),
            "policy: decrypt.content_encryption: is empty; expected some of A128GCM, A192GCM, A256GCM, A128CBC-HS256, A192CBC-HS384, A256CBC-HS512\n",
        ),
    ] {
        let mut policy = policy(jwks(&issuer));
        policy["decrypt"] = good.clone();
        policy["decrypt"][member] = value;
        let bad = file("bad_decrypt.json", policy.to_string());
        let run = appraise(&["--policy", &bad, "a.b.c"], b"");
        assert_eq!((run.code, run.stderr.as_str()), (2, expected));
    }
}
