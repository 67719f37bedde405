//! What each kind of token demands: one member of a good token changed at a time, each row with
//! the rule's id and the check that has to fail.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use jwt_appraisal::testing::{Segment, TestKey, TestToken, tamper};
use jwt_appraisal::{
    AccessTokenClaims, Profile, SharedSecret, SignatureAlgorithm, Validator, Verdict, danger,
};
use serde_json::{Value, json};
use support::{AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, findings, now};
use time::Duration;

/// A good token's claims with a text put before the first member.
fn claims_beginning_with(draft: TestToken, members: &str) -> String {
    let claims = draft
        .claims_json()
        .replacen('{', &format!("{{{members},"), 1);
    draft.raw_payload(claims).sign()
}

/// A good token with the number of a claim written as given.
fn written(draft: TestToken, claim: &str, number: &str) -> String {
    let claims = draft.without(claim);
    claims_beginning_with(claims, &format!(r#""{claim}":{number}"#))
}

#[test]
fn form() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let parts: Vec<&str> = good.split('.').collect();
    scene.accepts("PAR-01", "a good token", &good);
    for character in [
        "~", "=", " ", "\n", "\t", "\0", "\"", "{", "é", "\u{feff}", "+", "/",
    ] {
        scene.refuses(
            "PAR-01",
            "form.compact",
            character,
            format!("{good}{character}"),
        );
        scene.refuses(
            "PAR-01",
            "form.compact",
            character,
            format!("{character}{good}"),
        );
    }
    scene.refuses(
        "PAR-01",
        "form.compact",
        "bytes that are not UTF-8",
        [0xff; 40],
    );
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let flattened =
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
    scene.refuses("PAR-02", "form.compact", "flattened JSON", &flattened);
    let general = format!(
        r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
    );
    scene.refuses("PAR-02 HDR-14", "form.compact", "general JSON", &general);
    for (what, token) in [
        ("nothing", String::new()),
        ("one segment", header.to_owned()),
        ("two segments", format!("{header}.{payload}")),
        ("four segments", format!("{good}.{signature}")),
        ("five segments", format!("{good}..{signature}")),
        ("six segments", format!("{good}...")),
        ("a flood of dots", ".".repeat(10_000)),
    ] {
        scene.refuses("PAR-03", "form.compact", what, token);
    }
    scene.refuses(
        "PAR-17",
        "form.compact",
        "detached",
        format!("{header}..{signature}"),
    );
    scene.refuses(
        "PAR-04 PAR-05",
        "form.base64url",
        "a segment of 4n + 1 characters",
        format!("{header}.{payload}.{signature}AAA"),
    );
    let trailing = format!("{header}.{payload}.{}", with_trailing_bits(signature));
    scene.refuses("PAR-05", "form.base64url", "trailing bits", trailing);
    scene.refuses("PAR-12", "form.size", "17 kB", "a".repeat(17 * 1024));
}

/// The same octets with a bit set that no octet has.
fn with_trailing_bits(segment: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (start, last) = segment.split_at(segment.len() - 1);
    let place = ALPHABET.find(last).unwrap();
    let other = ALPHABET.chars().nth(place | 1).unwrap();
    assert_ne!(last, other.to_string(), "the segment has no spare bits");
    format!("{start}{other}")
}

#[test]
fn header_json() {
    let scene = Scene::new();
    let header = |text: &str| scene.token().raw_header(text).sign();
    let good = scene.token().header_json();
    for (rule, what, text) in [
        ("PAR-06", "empty", String::new()),
        ("PAR-06", "text after the object", format!("{good}x")),
        ("PAR-06", "two objects", format!("{good}{good}")),
        ("PAR-06", "an array", "[]".to_owned()),
        ("PAR-06", "a string", "\"alg\"".to_owned()),
        ("PAR-06", "null", "null".to_owned()),
        ("PAR-06", "a trailing comma", good.replace('}', ",}")),
        ("PAR-06", "a comment", good.replace('}', "/* */}")),
        (
            "PAR-06",
            "a lone surrogate",
            good.replace('}', r#","x":"\ud800"}"#),
        ),
        ("PAR-07", "a byte order mark", format!("\u{feff}{good}")),
        (
            "PAR-08",
            "alg twice",
            good.replacen('{', r#"{"alg":"none","#, 1),
        ),
        (
            "PAR-08",
            "kid twice, once escaped",
            good.replacen('{', r#"{"\u006bid":"a","#, 1),
        ),
        (
            "PAR-08",
            "a nested name twice",
            good.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1),
        ),
        (
            "PAR-12",
            "nested 40 deep",
            good.replacen('{', &nested(40), 1),
        ),
        (
            "PAR-12",
            "70 values",
            good.replacen('{', &format!(r#"{{"x":[{}1],"#, "1,".repeat(69)), 1),
        ),
        (
            "PAR-12",
            "9 kB",
            good.replacen('{', &format!(r#"{{"x":"{}","#, "x".repeat(9_000)), 1),
        ),
    ] {
        scene.refuses(rule, "form.header", what, header(&text));
    }
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let token = scene.token().raw_header(utf16).sign();
    scene.refuses("PAR-07", "form.header", "UTF-16", token);
    let latin = [br#"{"alg":"ES256","x":""#.as_slice(), &[0xe9], br#""}"#].concat();
    let token = scene.token().raw_header(latin).sign();
    scene.refuses("PAR-06 PAR-07", "form.header", "Latin-1", token);
    scene.accepts(
        "PAR-06",
        "white space in the header",
        header(&format!(" \n{good}\t")),
    );
    let escaped = header(&good.replace("ES256", r"ES\u003256"));
    scene.accepts("PAR-11", "an escaped alg", escaped);
}

fn nested(depth: usize) -> String {
    format!(r#"{{"x":{}{},"#, "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn header_members() {
    let scene = Scene::new();
    let header = |name: &str, value: Value| scene.token().header(name, value).sign();
    scene.accepts(
        "HDR-12",
        "an unknown member",
        header("x", json!({"y": [1]})),
    );
    scene.refuses(
        "HDR-01",
        "header.alg",
        "no alg",
        scene.token().without_header("alg").sign(),
    );
    for alg in [json!(7), json!(null), json!(["ES256"]), json!({})] {
        scene.refuses(
            "HDR-01",
            "header.alg",
            "alg of a wrong type",
            header("alg", alg),
        );
    }
    for alg in ["", "es256", "ES256 ", " ES256", "ES2560", "\u{ff25}S256"] {
        scene.refuses(
            "HDR-01 PAR-11 ALG-01",
            "header.alg",
            alg,
            header("alg", json!(alg)),
        );
    }
    for alg in ["none", "None", "NONE", "nOnE", "noNE"] {
        scene.refuses(
            "ALG-02 PAR-13 AT-05",
            "header.alg",
            alg,
            header("alg", json!(alg)),
        );
        let unsigned = scene.token().header("alg", alg).signature([]).sign();
        scene.refuses("ALG-02 PAR-13", "header.alg", alg, unsigned);
    }
    for alg in ["HS256", "RS256", "ES384", "ES512", "Ed25519"] {
        scene.refuses(
            "ALG-01 ALG-18",
            "header.alg",
            alg,
            header("alg", json!(alg)),
        );
    }
    for kid in [json!(7), json!(null), json!(["k1"])] {
        scene.refuses(
            "HDR-03",
            "header.kid",
            "kid of a wrong type",
            header("kid", kid),
        );
    }
    for kid in ["K1", "k2", "", "../k1", "k1'--", "k1\u{0}"] {
        scene.refuses("HDR-03 KEY-09", "key.found", kid, header("kid", json!(kid)));
    }
    scene.accepts(
        "KEY-09",
        "no kid, one key",
        scene.token().without_header("kid").sign(),
    );
    scene.refuses(
        "PAR-15 PAR-16",
        "header.cty",
        "cty JWT",
        header("cty", json!("jwt")),
    );
    scene.refuses(
        "PAR-15",
        "header.cty",
        "cty a number",
        header("cty", json!(1)),
    );
    scene.accepts("PAR-15", "another cty", header("cty", json!("json")));
    scene.refuses("HDR-15", "header.zip", "zip", header("zip", json!("DEF")));
    scene.refuses(
        "HDR-16",
        "header.b64",
        "b64 a string",
        header("b64", json!("false")),
    );
    scene.refuses(
        "HDR-16",
        "header.b64",
        "b64 false",
        header("b64", json!(false)),
    );
    scene.accepts("HDR-16", "b64 true", header("b64", json!(true)));
}

#[test]
fn header_types() {
    let scene = Scene::new();
    let header = |typ: Value| scene.token().header("typ", typ).sign();
    for typ in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ] {
        scene.accepts("AT-01 HDR-08", typ, header(json!(typ)));
    }
    let absent = scene.token().without_header("typ").sign();
    scene.refuses("AT-01", "header.typ", "no typ", absent);
    for typ in [
        "",
        "JWT",
        "jwt",
        "at-jwt",
        "at+jwt ",
        "at+jwt;v=1",
        "text/at+jwt",
        "application//at+jwt",
        "application/application/at+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "oauth-id-jag+jwt",
        "client-authentication+jwt",
        "token-introspection+jwt",
        "dc+sd-jwt",
    ] {
        scene.refuses(
            "AT-01 HDR-08 HDR-09 CLM-14",
            "header.typ",
            typ,
            header(json!(typ)),
        );
    }
    for typ in [json!(7), json!(null), json!(["at+jwt"])] {
        scene.refuses(
            "AT-01 HDR-08",
            "header.typ",
            "typ of a wrong type",
            header(typ),
        );
    }
}

#[test]
fn critical_extensions() {
    let scene = Scene::new();
    let crit = |crit: Value| scene.token().header("crit", crit).header("x", 1).sign();
    for (rule, what, value) in [
        ("CRT-01", "an unknown extension", json!(["x"])),
        ("CRT-02", "an empty array", json!([])),
        ("CRT-02", "a string", json!("x")),
        ("CRT-02", "null", json!(null)),
        ("CRT-02", "an object", json!({"x": 1})),
        ("CRT-02", "a number in it", json!(["x", 1])),
        ("CRT-02", "a name twice", json!(["x", "x"])),
        ("CRT-03", "a name that is not in the header", json!(["y"])),
        ("CRT-04", "alg", json!(["alg"])),
        ("CRT-04", "kid", json!(["kid"])),
        ("CRT-04", "crit", json!(["crit"])),
        (
            "CRT-04",
            "a registered name beside an unknown one",
            json!(["x", "typ"]),
        ),
    ] {
        scene.refuses(rule, "header.crit", what, crit(value));
    }
    let b64 = scene
        .token()
        .header("crit", json!(["b64"]))
        .header("b64", true)
        .sign();
    scene.refuses("CRT-01 HDR-16", "header.crit", "b64 true, critical", b64);
}

#[test]
fn keys_that_the_token_brings_along() {
    let scene = Scene::new();
    let stranger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    let forged = |name: &str, value: Value| {
        let draft = scene.token().signed_by(&stranger).header(name, value);
        draft.sign()
    };
    let jwk = stranger.jwk();
    scene.refuses(
        "HDR-05",
        "crypto.signature",
        "jwk",
        forged("jwk", jwk.clone()),
    );
    let url = json!("https://attacker.example/jwks");
    scene.refuses(
        "HDR-04",
        "crypto.signature",
        "jku",
        forged("jku", url.clone()),
    );
    scene.refuses("HDR-04", "crypto.signature", "x5u", forged("x5u", url));
    scene.refuses(
        "HDR-06",
        "crypto.signature",
        "x5c",
        forged("x5c", json!(["MIIB"])),
    );
    scene.refuses(
        "HDR-07",
        "crypto.signature",
        "x5t",
        forged("x5t", json!("abc")),
    );
    let ignored = scene
        .token()
        .header("jwk", jwk)
        .header("x5t#S256", "abc")
        .sign();
    scene.accepts("HDR-05 HDR-07", "brought along, not used", ignored);
    for (name, value) in [
        ("jku", json!(1)),
        ("jwk", json!("x")),
        ("x5u", json!({})),
        ("x5c", json!("MIIB")),
        ("x5t", json!(1)),
        ("x5t#S256", json!([])),
    ] {
        let token = scene.token().header(name, value).sign();
        scene.refuses("HDR-04 HDR-06", "header.keys", name, token);
    }
}

#[test]
fn signatures() {
    let scene = Scene::new();
    let good = scene.token().sign();
    for segment in [Segment::Header, Segment::Payload, Segment::Signature] {
        let what = format!("{segment:?} changed");
        let appraisal = scene.appraise(tamper(&good, segment, 20));
        assert_eq!(
            appraisal.verdict(),
            Verdict::Rejected,
            "{what}\n{appraisal}"
        );
    }
    let forged = tamper(&good, Segment::Signature, 20);
    scene.refuses("AT-05", "crypto.signature", "signature changed", forged);
    let forged = tamper(&good, Segment::Payload, 20);
    scene.refuses("AT-05", "crypto.signature", "payload changed", forged);
    for octets in [0, 63, 65, 72, 96, 2_000] {
        let token = scene.token().signature(vec![1; octets]).sign();
        scene.refuses(
            "ALG-04",
            "crypto.signature",
            "a signature of another length",
            token,
        );
    }
    let zero = scene.token().signature(vec![0; 64]).sign();
    scene.refuses("ALG-04", "crypto.signature", "r and s zero", zero);
    let stranger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    let forged = scene.token().signed_by(&stranger).sign();
    scene.refuses(
        "AT-05 KEY-08",
        "crypto.signature",
        "a stranger's key, our kid",
        forged,
    );
}

#[test]
fn payload_json() {
    let scene = Scene::new();
    let payload = |text: String| scene.token().raw_payload(text).sign();
    let good = scene.token().claims_json();
    for (rule, what, text) in [
        ("PAR-09", "an array", "[]".to_owned()),
        ("PAR-09", "a string", "\"x\"".to_owned()),
        ("PAR-09", "null", "null".to_owned()),
        ("PAR-09", "no JSON", "Payload".to_owned()),
        ("PAR-09", "text after the object", format!("{good} {{}}")),
        ("PAR-07", "a byte order mark", format!("\u{feff}{good}")),
        (
            "PAR-10",
            "sub twice",
            good.replacen('{', r#"{"sub":"root","#, 1),
        ),
        (
            "PAR-10",
            "a private claim twice",
            good.replacen('{', r#"{"x":1,"x":1,"#, 1),
        ),
        (
            "PAR-10",
            "a nested name twice",
            good.replacen('{', r#"{"x":[{"a":1,"a":1}],"#, 1),
        ),
        (
            "PAR-10",
            "an escaped name twice",
            good.replacen('{', r#"{"\u0073ub":"x","#, 1),
        ),
        (
            "PAR-12",
            "nested 17 deep",
            good.replacen('{', &nested(16), 1),
        ),
        (
            "PAR-12",
            "an integer that no double holds",
            good.replacen('{', r#"{"x":18446744073709551616,"#, 1),
        ),
        (
            "PAR-12",
            "a number without end",
            good.replacen('{', r#"{"x":1e999,"#, 1),
        ),
        (
            "PAR-12",
            "a name reserved by the reader",
            good.replacen('{', r#"{"x":{"$serde_json::private::Number":"1"},"#, 1),
        ),
        (
            "PAR-12",
            "a name reserved by the reader",
            good.replacen('{', r#"{"x":{"$serde_json::private::RawValue":"1"},"#, 1),
        ),
        (
            "PAR-12",
            "a name reserved by the reader, second",
            good.replacen(
                '{',
                r#"{"x":{"a":1,"$serde_json::private::Number":"1"},"#,
                1,
            ),
        ),
        (
            "PAR-12",
            "an escaped reserved name",
            good.replacen('{', r#"{"x":{"\u0024serde_json::private::Number":"1"},"#, 1),
        ),
    ] {
        scene.refuses(rule, "payload.json", what, payload(text));
    }
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let token = scene.token().raw_payload(utf16).sign();
    scene.refuses("PAR-07", "payload.json", "UTF-16", token);
    let members: String = (0..257).map(|n| format!(r#""m{n}":1,"#)).collect();
    let token = payload(good.replacen('{', &format!("{{{members}"), 1));
    scene.refuses("PAR-12", "payload.json", "too many members", token);
    let token = payload(good.replacen('{', &nested(15), 1));
    scene.accepts("PAR-12", "nested 16 deep", token);
    let token = payload(good.replacen(
        '{',
        r#"{"x":[18446744073709551615,-9223372036854775808,0.5,1e15],"#,
        1,
    ));
    scene.accepts("PAR-12", "numbers that are read exactly", token);
    scene.accepts(
        "CLM-12",
        "unknown claims",
        scene.token().claim("x", json!({"y": null})).sign(),
    );
}

#[test]
fn parties() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    for iss in [
        json!("https://as.example.com/"),
        json!("https://as.example.co"),
        json!("https://as.example.com.attacker.example"),
        json!("HTTPS://as.example.com"),
        json!(""),
        json!(null),
        json!(7),
        json!([ISSUER]),
        json!([ISSUER, "https://attacker.example"]),
        json!({"iss": ISSUER}),
    ] {
        let what = iss.to_string();
        scene.refuses(
            "CLM-08 AT-03 CLM-15",
            "claims.iss",
            &what,
            claim("iss", iss),
        );
    }
    scene.refuses(
        "AT-02",
        "claims.iss",
        "no iss",
        scene.token().without("iss").sign(),
    );
    for aud in [
        json!([AUDIENCE]),
        json!(["https://other.example", AUDIENCE]),
        json!([AUDIENCE, AUDIENCE]),
    ] {
        scene.accepts("CLM-06 AT-04", &aud.to_string(), claim("aud", aud));
    }
    for aud in [
        json!("https://api.example.com/"),
        json!("https://api.example.co"),
        json!("https://API.example.com"),
        json!("https://other.example"),
        json!(""),
        json!([]),
        json!(["https://other.example"]),
        json!([AUDIENCE, null]),
        json!([AUDIENCE, 7]),
        json!([[AUDIENCE]]),
        json!({"aud": AUDIENCE}),
        json!(true),
        json!(7),
        json!(null),
    ] {
        let what = aud.to_string();
        scene.refuses(
            "CLM-06 CLM-07 AT-04 CLM-15",
            "claims.aud",
            &what,
            claim("aud", aud),
        );
    }
    let token = scene.token().without("aud").sign();
    scene.refuses("AT-02 CLM-07", "claims.aud", "no aud", token);
    scene.refuses(
        "CLM-10",
        "claims.aud",
        "no URI",
        claim("aud", json!([AUDIENCE, "a b:c"])),
    );
    for sub in [
        json!(7),
        json!(null),
        json!(["user-1"]),
        json!({}),
        json!(""),
    ] {
        scene.refuses(
            "AT-02 CLM-09 CLM-15",
            "claims.sub",
            &sub.to_string(),
            claim("sub", sub),
        );
    }
    scene.refuses(
        "AT-02",
        "claims.sub",
        "no sub",
        scene.token().without("sub").sign(),
    );
    for sub in ["a b:c", "1:2", ":", "a:\u{e9}", "a:%zz", "a:<b>"] {
        scene.refuses("CLM-10", "claims.sub", sub, claim("sub", json!(sub)));
    }
    for sub in [
        "user 1",
        "é",
        "urn:x:1",
        "repo:o/r:ref:refs/heads/main",
        "a:%2f",
    ] {
        scene.accepts("CLM-10", sub, claim("sub", json!(sub)));
    }
    for (claim_name, code) in [("jti", "claims.jti"), ("client_id", "claims.client_id")] {
        for value in [json!(7), json!(null), json!([]), json!({}), json!("")] {
            let token = claim(claim_name, value.clone());
            scene.refuses("AT-02 AC-05", code, &value.to_string(), token);
        }
        let token = scene.token().without(claim_name).sign();
        scene.refuses("AT-02", code, claim_name, token);
    }
}

#[test]
fn times() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    let draft = || scene.token().claim("iat", NOW - 900);
    for (what, exp) in [("a second within the leeway", NOW - 59), ("ahead", NOW + 1)] {
        scene.accepts("CLM-01 AT-06", what, draft().claim("exp", exp).sign());
    }
    for (what, exp) in [
        ("just beyond the leeway", NOW - 60),
        ("long ago", NOW - 800),
    ] {
        let token = draft().claim("exp", exp).sign();
        scene.refuses("CLM-01 AT-06", "claims.exp", what, token);
    }
    scene.refuses(
        "AT-02",
        "claims.exp",
        "no exp",
        scene.token().without("exp").sign(),
    );
    scene.accepts(
        "CLM-02",
        "nbf just within the leeway",
        claim("nbf", json!(NOW + 60)),
    );
    scene.refuses(
        "CLM-02",
        "claims.nbf",
        "nbf just beyond",
        claim("nbf", json!(NOW + 61)),
    );
    scene.accepts(
        "CLM-03",
        "iat just within the leeway",
        claim("iat", json!(NOW + 60)),
    );
    scene.refuses(
        "CLM-03",
        "claims.iat",
        "iat just beyond",
        claim("iat", json!(NOW + 61)),
    );
    scene.refuses(
        "AT-02",
        "claims.iat",
        "no iat",
        scene.token().without("iat").sign(),
    );
    for (name, code) in [
        ("exp", "claims.exp"),
        ("nbf", "claims.nbf"),
        ("iat", "claims.iat"),
        ("auth_time", "claims.auth_time"),
    ] {
        for value in [
            json!("1800000000"),
            json!(true),
            json!([NOW]),
            json!({}),
            json!(null),
        ] {
            let what = format!("{name} {value}");
            scene.refuses("CLM-04 CLM-15 CLM-03", code, &what, claim(name, value));
        }
        for number in [
            "1e15",
            "-1e15",
            "18446744073709551615",
            "-9223372036854775808",
            "253402300800",
        ] {
            let what = format!("{name} {number}");
            scene.refuses("CLM-04", code, &what, written(scene.token(), name, number));
        }
    }
    scene.accepts(
        "CLM-04",
        "a fraction",
        written(scene.token(), "exp", "1800000100.5"),
    );
    scene.accepts(
        "CLM-04",
        "an exponent",
        written(scene.token(), "exp", "1.8000001e9"),
    );
    let exp = written(draft(), "exp", "1799999940.9");
    scene.refuses("CLM-04", "claims.exp", "a fraction does not prolong", exp);
    let nbf = written(scene.token(), "nbf", "1800000060.1");
    scene.refuses("CLM-04", "claims.nbf", "a fraction does not advance", nbf);
    scene.refuses(
        "CLM-01",
        "claims.exp",
        "before the epoch",
        claim("exp", json!(-1)),
    );
    let day = 24 * 60 * 60;
    scene.accepts("CLM-01", "24 hours", claim("exp", json!(NOW + day)));
    let token = claim("exp", json!(NOW + day + 1));
    scene.refuses("CLM-01", "time.lifetime", "longer than 24 hours", token);
}

#[test]
fn scopes_and_details() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    for scope in ["", "read", "read write", "files:read urn:x/y?z=1"] {
        scene.accepts("AT-09", scope, claim("scope", json!(scope)));
    }
    for scope in [
        json!(7),
        json!(["read"]),
        json!(null),
        json!({}),
        json!(" "),
        json!("read  write"),
        json!("read "),
        json!("read\twrite"),
        json!("re\"ad"),
        json!("re\\ad"),
        json!("réad"),
    ] {
        let what = scope.to_string();
        scene.refuses("AT-09 AC-05", "claims.scope", &what, claim("scope", scope));
    }
    scene.accepts("AT-09", "no scope", scene.token().without("scope").sign());
    let detail = json!([{"type": "payment", "actions": ["pay"], "identifier": "1", "amount": 1}]);
    scene.accepts("AT-17", "a detail", claim("authorization_details", detail));
    scene.accepts(
        "AT-17",
        "no details",
        claim("authorization_details", json!([])),
    );
    for details in [
        json!(null),
        json!("payment"),
        json!({"type": "payment"}),
        json!(["payment"]),
        json!([{}]),
        json!([{"type": 7}]),
        json!([{"type": ""}]),
        json!([{"type": "x", "actions": "pay"}]),
        json!([{"type": "x", "locations": [7]}]),
        json!([{"type": "x", "identifier": 7}]),
        json!([{"type": "x", "datatypes": {}}]),
        json!([{"type": "x", "privileges": [null]}]),
        json!([{"type": "x"}, {"Type": "x"}]),
    ] {
        let what = details.to_string();
        let token = claim("authorization_details", details);
        scene.refuses("AT-17", "claims.authorization_details", &what, token);
    }
    for (name, code, value) in [
        ("acr", "claims.acr", json!(1)),
        ("acr", "claims.acr", json!([])),
        ("amr", "claims.amr", json!("pwd")),
        ("amr", "claims.amr", json!([1])),
    ] {
        scene.refuses("AT-12", code, name, claim(name, value));
    }
    let token = scene
        .token()
        .claim("acr", "high")
        .claim("amr", json!(["pwd"]));
    scene.accepts(
        "AT-12",
        "acr, amr, auth_time",
        token.claim("auth_time", NOW).sign(),
    );
}

#[test]
fn possession_and_delegation() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    for cnf in [
        json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
        json!({"x5t#S256": "abc"}),
        json!({"jwk": {}}),
        json!({"kid": "k1"}),
        json!({"new-method": 1}),
        json!({}),
        json!(null),
        json!("k1"),
        json!([]),
    ] {
        let what = cnf.to_string();
        scene.refuses(
            "AT-13 AT-14 AT-15 KEY-21",
            "claims.cnf",
            &what,
            claim("cnf", cnf),
        );
    }
    for act in [
        json!({"sub": "agent"}),
        json!({"client_id": "tool"}),
        json!({"iss": ISSUER, "sub": "b", "act": {"sub": "a"}}),
    ] {
        scene.accepts("AC-01 AC-02", &act.to_string(), claim("act", act));
    }
    for act in [
        json!("agent"),
        json!(["agent"]),
        json!(null),
        json!({}),
        json!({"sub": 7}),
        json!({"sub": ""}),
        json!({"act": {"sub": "a"}}),
        json!({"sub": "b", "act": "a"}),
        json!({"sub": "b", "act": {"sub": null}}),
        json!({"sub": "b", "exp": NOW + 60}),
        json!({"sub": "b", "act": {"sub": "a", "aud": AUDIENCE}}),
    ] {
        let what = act.to_string();
        scene.refuses("AC-01", "claims.act", &what, claim("act", act));
    }
    scene.accepts("AC-03", "8 actors", claim("act", actors(8)));
    scene.refuses("AC-03", "claims.act", "9 actors", claim("act", actors(9)));
}

fn actors(depth: usize) -> Value {
    (1..depth).fold(
        json!({"sub": "a"}),
        |act, _| json!({"sub": "a", "act": act}),
    )
}

#[test]
fn access_token_claims_are_typed() {
    let scene = Scene::new();
    let act = json!({"sub": "b", "act": {"sub": "a"}});
    let details = json!([{"type": "payment", "amount": 5}]);
    let draft = scene.token().claim("scope", "read write").claim("act", act);
    let token = draft.claim("authorization_details", details).sign();
    let accepted = scene.appraise(token).into_result().unwrap();
    let claims: &AccessTokenClaims = accepted.claims();
    assert_eq!(claims.iss, ISSUER);
    assert_eq!(&*claims.client_id, "client-1");
    assert_eq!(claims.aud.iter().collect::<Vec<_>>(), [AUDIENCE]);
    assert_eq!(claims.iat, now());
    assert_eq!(claims.exp, now() + Duration::minutes(5));
    assert!(claims.scopes.contains("write") && !claims.scopes.contains("writ"));
    let actor = claims.actor.as_ref().unwrap();
    assert_eq!(actor.sub(), Some("b"));
    assert_eq!(
        actor.history().filter_map(|a| a.sub()).collect::<Vec<_>>(),
        ["a"]
    );
    let detail = &claims.authorization_details[0];
    assert_eq!(
        (detail.kind(), detail.get("amount")),
        ("payment", Some(&json!(5)))
    );
    assert_eq!(accepted.issuer(), &ISSUER);
    assert_eq!(accepted.algorithm(), "ES256");
    assert_eq!(accepted.key_id().unwrap(), &"k1");
}

#[test]
fn claims_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct Mine {
        tenant: String,
        level: Option<u8>,
    }
    let scene = Scene::new();
    let validator = scene.validator_of(Profile::access_token_as().require("tenant"));
    let appraise = |draft: TestToken| -> jwt_appraisal::Appraisal<Mine> {
        validator.appraise_at(draft.sign(), now())
    };
    let appraisal = appraise(scene.token().claim("tenant", "t1"));
    assert_eq!(appraisal.into_result().unwrap().claims().tenant, "t1");
    expect_rejected(
        "-",
        &["claims.tenant"],
        "no tenant",
        &appraise(scene.token()),
    );
    let wrong = appraise(scene.token().claim("tenant", "t1").claim("level", "high"));
    expect_rejected("-", &["payload.shape"], "a wrong type", &wrong);
    let reason = wrong.findings().next().unwrap().explanation().unwrap();
    assert_eq!(
        reason,
        "does not fit the claims type: member level: expected u8, found a string"
    );
    let unused = appraise(scene.token().claim("tenant", "t1").without("client_id"));
    expect_rejected(
        "AT-02",
        &["claims.client_id"],
        "a claim that the type lacks",
        &unused,
    );
    let level = appraise(scene.token().claim("tenant", "t1").claim("level", 3));
    assert_eq!(level.into_result().unwrap().claims().level, Some(3));
}

#[test]
fn kinds_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct Receipt {
        order_id: String,
        total_cents: u64,
    }
    let scene = Scene::new();
    let profile = Profile::new("receipt+jwt")
        .require("order_id")
        .max_age(Duration::minutes(5))
        .rule("receipt.total", |receipt: &Receipt, _| {
            if receipt.total_cents > 0 {
                Ok(())
            } else {
                Err("total is zero")
            }
        })
        .rule("receipt.fresh", |_, cx| {
            let issued_by = *cx.issuer() == *ISSUER;
            if issued_by && cx.now() == now() {
                Ok(())
            } else {
                Err("context")
            }
        });
    let validator = scene.validator_of(profile);
    let draft = || {
        let token = scene
            .issuer
            .token("receipt+jwt")
            .at(NOW)
            .claim("aud", AUDIENCE);
        token.claim("order_id", "o1").claim("total_cents", 100)
    };
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    let good = appraise(draft()).into_result().unwrap();
    assert_eq!(good.claims().order_id, "o1");
    expect_accepted("-", "no exp, young", &appraise(draft().without("exp")));
    for (codes, what, token) in [
        (
            vec!["header.typ"],
            "another kind",
            draft().header("typ", "at+jwt"),
        ),
        (vec!["header.typ"], "JWT", draft().header("typ", "JWT")),
        (
            vec!["claims.order_id"],
            "a required claim missing",
            draft().without("order_id"),
        ),
        (
            vec!["claims.order_id"],
            "a required claim null",
            draft().claim("order_id", json!(null)),
        ),
        (
            vec!["receipt.total"],
            "the rule",
            draft().claim("total_cents", 0),
        ),
        (vec!["time.age"], "too old", draft().claim("iat", NOW - 361)),
        (vec!["claims.iat"], "no iat", draft().without("iat")),
        (
            vec!["claims.exp"],
            "expired",
            draft().claim("iat", NOW - 200).claim("exp", NOW - 100),
        ),
        (vec!["claims.aud"], "no aud", draft().without("aud")),
        (
            vec!["claims.cnf"],
            "bound",
            draft().claim("cnf", json!({"jkt": "x"})),
        ),
        (
            vec!["payload.shape"],
            "a type",
            draft().claim("total_cents", "1"),
        ),
    ] {
        expect_rejected("-", &codes, what, &appraise(token));
    }
    expect_accepted(
        "-",
        "just young enough",
        &appraise(draft().claim("iat", NOW - 360)),
    );
    let exp_required: Validator<Value> = scene.validator_of(Profile::new("receipt+jwt"));
    let appraisal = exp_required.appraise_at(draft().without("exp").sign(), now());
    expect_rejected(
        "-",
        &["claims.exp"],
        "exp is required without an age",
        &appraisal,
    );
    let no_iat = exp_required.appraise_at(draft().without("iat").sign(), now());
    expect_accepted("-", "iat is optional without an age", &no_iat);
    let long = draft().without("iat").claim("exp", NOW + 86_401).sign();
    let long = exp_required.appraise_at(long, now());
    expect_rejected("-", &["time.lifetime"], "lifetime without iat", &long);
}

#[test]
fn tighter_profiles() {
    let scene = Scene::new();
    let profile = Profile::access_token()
        .require("scope")
        .require("auth_time");
    let validator = scene.validator_of(profile.max_lifetime(Duration::minutes(5)));
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    let draft = || scene.token().claim("auth_time", NOW);
    expect_accepted("-", "all there", &appraise(draft()));
    let lacks = appraise(scene.token().without("scope"));
    expect_rejected(
        "-",
        &["claims.scope", "claims.auth_time"],
        "both missing",
        &lacks,
    );
    let long = appraise(draft().claim("exp", NOW + 301));
    expect_rejected("-", &["time.lifetime"], "longer than five minutes", &long);
    let aged = scene.validator_of(Profile::access_token().max_age(Duration::minutes(1)));
    let no_exp = aged.appraise_at(scene.token().without("exp").sign(), now());
    expect_rejected("AT-02", &["claims.exp"], "exp stays required", &no_exp);
    let old = aged.appraise_at(scene.token().claim("iat", NOW - 121).sign(), now());
    expect_rejected("-", &["time.age"], "too old", &old);
}

#[test]
fn dangers_show() {
    let scene = Scene::new();
    let untyped: Profile<Value> = danger::untyped_profile();
    let validator = scene.validator_of(untyped.clone());
    let token = scene.token().header("typ", "anything").sign();
    let appraisal = validator.appraise_at(&token, now());
    expect_accepted("-", "typ waived", &appraisal);
    let waived: Vec<_> = appraisal
        .checks()
        .filter(|c| c.outcome().name() == "waived")
        .collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0].id(), &"header.typ");
    assert!(format!("{validator:?}").contains("waived: [header.typ]"));
    let secret = SharedSecret::new(jwt_appraisal::MacAlgorithm::Hs256, &[7; 32]).unwrap();
    let validator = Validator::builder(danger::without_audience(untyped))
        .shared_secret(ISSUER, secret)
        .build()
        .unwrap();
    let key = TestKey::secret("any", jwt_appraisal::MacAlgorithm::Hs256, &[7; 32]);
    let token = scene
        .token()
        .signed_by(&key)
        .claim("aud", "https://other.example");
    expect_accepted(
        "-",
        "aud waived",
        &validator.appraise_at(token.sign(), now()),
    );
    let forever = danger::without_max_lifetime(Profile::access_token());
    let validator = scene.validator_of(forever);
    let token = scene.token().claim("exp", NOW + 1_000_000);
    let appraisal = validator.appraise_at(token.sign(), now());
    expect_accepted("-", "lifetime waived", &appraisal);
    assert_eq!(findings(&appraisal), [""; 0]);
}
