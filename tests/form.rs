//! The form of a token, its header, its signature and its payload's JSON: one thing of a good token
//! changed at a time, each row with the rule's id and the check that has to fail.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::testing::{Segment, TestKey, tamper};
use jwt_appraisal::{Outcome, ReasonKind, SignatureAlgorithm, Verdict};
use serde_json::{Value, json};
use support::Scene;

#[test]
fn form() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let parts: Vec<&str> = good.split('.').collect();
    scene.accepts("PAR-01", "a good token", &good);
    for character in ["~", "=", " ", "\n", "\t", "\0", "\"", "{", "é", "\u{feff}", "+", "/"] {
        scene.refuses("PAR-01", "form.compact", character, format!("{good}{character}"));
        scene.refuses("PAR-01", "form.compact", character, format!("{character}{good}"));
    }
    scene.refuses("PAR-01", "form.compact", "bytes that are not UTF-8", [0xff; 40]);
    for byte in 0..=u8::MAX {
        if !byte.is_ascii_alphanumeric() && !b"-_.".contains(&byte) {
            let token = [good.as_bytes(), &[byte]].concat();
            scene.refuses("PAR-01", "form.compact", &format!("byte {byte}"), token);
        }
    }
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
    scene.refuses("PAR-17", "form.compact", "detached", format!("{header}..{signature}"));
    let kind_of = |token: String| {
        let appraisal = scene.appraise(token);
        appraisal.findings().next().unwrap().outcome().reason().unwrap().kind()
    };
    assert_eq!(kind_of(format!("{header}.{payload}")), ReasonKind::Segments, "PAR-03");
    assert_eq!(kind_of(format!("{good}.{signature}.{signature}")), ReasonKind::Encrypted, "PAR-03");
    assert_eq!(kind_of(format!("{header}.{payload}=")), ReasonKind::Alphabet, "PAR-01");
    assert_eq!(kind_of(format!("{good}=")), ReasonKind::Alphabet, "PAR-01");
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

/// A segment is taken if and only if it decodes, whatever its length and its last character.
#[test]
fn every_end_of_a_segment() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let (signing_input, _) = good.rsplit_once('.').unwrap();
    for length in 0..=8 {
        for last in ALPHABET.chars() {
            let segment = format!("{}{last}", "_".repeat(length));
            let appraisal = scene.appraise(format!("{signing_input}.{segment}"));
            let row = appraisal.checks().find(|check| check.id() == "form.base64url").unwrap();
            let decodes = URL_SAFE_NO_PAD.decode(&segment).is_ok();
            assert_eq!(*row.outcome() == Outcome::Pass, decodes, "{segment}");
        }
    }
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The same octets with a bit set that no octet has.
fn with_trailing_bits(segment: &str) -> String {
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
        ("PAR-06", "a lone surrogate", good.replace('}', r#","x":"\ud800"}"#)),
        ("PAR-07", "a byte order mark", format!("\u{feff}{good}")),
        ("PAR-08", "alg twice", good.replacen('{', r#"{"alg":"none","#, 1)),
        ("PAR-08", "kid twice, once escaped", good.replacen('{', r#"{"\u006bid":"a","#, 1)),
        ("PAR-08", "a nested name twice", good.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1)),
        ("PAR-12", "nested 40 deep", good.replacen('{', &nested(40), 1)),
        (
            "PAR-12",
            "70 values",
            good.replacen('{', &format!(r#"{{"x":[{}1],"#, "1,".repeat(69)), 1),
        ),
        ("PAR-12", "9 kB", good.replacen('{', &format!(r#"{{"x":"{}","#, "x".repeat(9_000)), 1)),
    ] {
        scene.refuses(rule, "form.header", what, header(&text));
    }
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let token = scene.token().raw_header(utf16).sign();
    scene.refuses("PAR-07", "form.header", "UTF-16", token);
    let latin = [br#"{"alg":"ES256","x":""#.as_slice(), &[0xe9], br#""}"#].concat();
    let token = scene.token().raw_header(latin).sign();
    scene.refuses("PAR-06 PAR-07", "form.header", "Latin-1", token);
    scene.accepts("PAR-06", "white space in the header", header(&format!(" \n{good}\t")));
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
    scene.accepts("HDR-12", "an unknown member", header("x", json!({"y": [1]})));
    scene.refuses("HDR-01", "header.alg", "no alg", scene.token().without_header("alg").sign());
    for alg in [json!(7), json!(null), json!(["ES256"]), json!({})] {
        scene.refuses("HDR-01", "header.alg", "alg of a wrong type", header("alg", alg));
    }
    for alg in ["", "es256", "ES256 ", " ES256", "ES2560", "\u{ff25}S256"] {
        scene.refuses("HDR-01 PAR-11 ALG-01", "header.alg", alg, header("alg", json!(alg)));
    }
    for alg in ["none", "None", "NONE", "nOnE", "noNE"] {
        scene.refuses("ALG-02 PAR-13 AT-05", "header.alg", alg, header("alg", json!(alg)));
        let unsigned = scene.token().header("alg", alg).signature([]).sign();
        scene.refuses("ALG-02 PAR-13", "header.alg", alg, unsigned);
    }
    for alg in ["HS256", "RS256", "ES384", "ES512", "Ed25519"] {
        scene.refuses("ALG-01 ALG-18", "header.alg", alg, header("alg", json!(alg)));
    }
    for kid in [json!(7), json!(null), json!(["k1"])] {
        scene.refuses("HDR-03", "header.kid", "kid of a wrong type", header("kid", kid));
    }
    for kid in ["K1", "k2", "", "../k1", "k1'--", "k1\u{0}"] {
        scene.refuses("HDR-03 KEY-09", "key.found", kid, header("kid", json!(kid)));
    }
    scene.accepts("KEY-09", "no kid, one key", scene.token().without_header("kid").sign());
    scene.refuses("PAR-15 PAR-16", "header.cty", "cty JWT", header("cty", json!("jwt")));
    scene.refuses("PAR-15", "header.cty", "cty a number", header("cty", json!(1)));
    scene.accepts("PAR-15", "another cty", header("cty", json!("json")));
    scene.refuses("HDR-15", "header.zip", "zip", header("zip", json!("DEF")));
    scene.refuses("HDR-16", "header.b64", "b64 a string", header("b64", json!("false")));
    scene.refuses("HDR-16", "header.b64", "b64 false", header("b64", json!(false)));
    scene.accepts("HDR-16", "b64 true", header("b64", json!(true)));
}

#[test]
fn header_types() {
    let scene = Scene::new();
    let header = |typ: Value| scene.token().header("typ", typ).sign();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
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
        scene.refuses("AT-01 HDR-08 HDR-09 CLM-14", "header.typ", typ, header(json!(typ)));
    }
    for typ in [json!(7), json!(null), json!(["at+jwt"])] {
        scene.refuses("AT-01 HDR-08", "header.typ", "typ of a wrong type", header(typ));
    }
}

#[test]
fn critical_extensions() {
    use ReasonKind::{Malformed, NotUnderstood, WrongType};
    let scene = Scene::new();
    for (rule, what, kind, value) in [
        ("CRT-01", "an unknown extension", NotUnderstood, json!(["x"])),
        ("CRT-01", "two unknown extensions", NotUnderstood, json!(["x", "z"])),
        ("CRT-02", "an empty array", Malformed, json!([])),
        ("CRT-02", "a string", WrongType, json!("x")),
        ("CRT-02", "null", WrongType, json!(null)),
        ("CRT-02", "an object", WrongType, json!({"x": 1})),
        ("CRT-02", "a number in it", WrongType, json!(["x", 1])),
        ("CRT-02", "a name twice", Malformed, json!(["x", "x"])),
        ("CRT-03", "a name that is not in the header", Malformed, json!(["y"])),
        ("CRT-04", "alg", Malformed, json!(["alg"])),
        ("CRT-04", "kid", Malformed, json!(["kid"])),
        ("CRT-04", "crit", Malformed, json!(["crit"])),
        ("CRT-04", "a registered name beside an unknown one", Malformed, json!(["x", "typ"])),
    ] {
        let token = scene.token().header("crit", value).header("x", 1).header("z", 1).sign();
        scene.refuses(rule, "header.crit", what, &token);
        let appraisal = scene.appraise(token);
        let finding = appraisal.findings().next().unwrap();
        assert_eq!(finding.outcome().reason().unwrap().kind(), kind, "{rule}: {what}");
    }
    let b64 = scene.token().header("crit", json!(["b64"])).header("b64", true).sign();
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
    scene.refuses("HDR-05", "crypto.signature", "jwk", forged("jwk", jwk.clone()));
    let url = json!("https://attacker.example/jwks");
    scene.refuses("HDR-04", "crypto.signature", "jku", forged("jku", url.clone()));
    scene.refuses("HDR-04", "crypto.signature", "x5u", forged("x5u", url));
    scene.refuses("HDR-06", "crypto.signature", "x5c", forged("x5c", json!(["MIIB"])));
    scene.refuses("HDR-07", "crypto.signature", "x5t", forged("x5t", json!("abc")));
    let ignored = scene.token().header("jwk", jwk).header("x5t#S256", "abc").sign();
    scene.accepts("HDR-05 HDR-07", "brought along, not used", ignored);
    for (name, value) in [
        ("jku", json!(1)),
        ("jwk", json!("x")),
        ("x5u", json!({})),
        ("x5c", json!("MIIB")),
        ("x5c", json!(["MIIB", null])),
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
        assert_eq!(appraisal.verdict(), Verdict::Rejected, "{what}\n{appraisal}");
    }
    let forged = tamper(&good, Segment::Signature, 20);
    scene.refuses("AT-05", "crypto.signature", "signature changed", forged);
    let forged = tamper(&good, Segment::Payload, 20);
    scene.refuses("AT-05", "crypto.signature", "payload changed", forged);
    for octets in [0, 63, 65, 72, 96, 2_000] {
        let token = scene.token().signature(vec![1; octets]).sign();
        scene.refuses("ALG-04", "crypto.signature", "a signature of another length", token);
    }
    let zero = scene.token().signature(vec![0; 64]).sign();
    scene.refuses("ALG-04", "crypto.signature", "r and s zero", zero);
    let stranger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    let forged = scene.token().signed_by(&stranger).sign();
    scene.refuses("AT-05 KEY-08", "crypto.signature", "a stranger's key, our kid", forged);
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
        ("PAR-10", "sub twice", good.replacen('{', r#"{"sub":"root","#, 1)),
        ("PAR-10", "a private claim twice", good.replacen('{', r#"{"x":1,"x":1,"#, 1)),
        ("PAR-10", "a nested name twice", good.replacen('{', r#"{"x":[{"a":1,"a":1}],"#, 1)),
        ("PAR-10", "an escaped name twice", good.replacen('{', r#"{"\u0073ub":"x","#, 1)),
        ("PAR-12", "nested 17 deep", good.replacen('{', &nested(16), 1)),
        (
            "PAR-12",
            "an integer that no double holds",
            good.replacen('{', r#"{"x":18446744073709551616,"#, 1),
        ),
        ("PAR-12", "a number without end", good.replacen('{', r#"{"x":1e999,"#, 1)),
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
            good.replacen('{', r#"{"x":{"a":1,"$serde_json::private::Number":"1"},"#, 1),
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
    scene.accepts("CLM-12", "unknown claims", scene.token().claim("x", json!({"y": null})).sign());
}
