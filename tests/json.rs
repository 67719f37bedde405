//! Is JSON read as RFC 8259 has it, and as another reader reads it?
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;
#[path = "support/values.rs"]
mod values;

use std::sync::LazyLock;

use jwt_appraisal::testing::{TestKey, compact};
use jwt_appraisal::{MacAlgorithm, Profile, ReasonKind, SharedSecret, Validator};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use support::{AUDIENCE, ISSUER, now, validator_builder};
use values::same;

const SECRET: &[u8] = b"a secret of the JSON tests alone";

static KEY: LazyLock<TestKey> =
    LazyLock::new(|| TestKey::secret("k1", MacAlgorithm::Hs256, SECRET));

/// A validator that reads any claims.
static ANY: LazyLock<Validator<Value>> = LazyLock::new(|| {
    validator_builder(Profile::new("json+jwt"))
        .shared_secret(ISSUER, SharedSecret::new(MacAlgorithm::Hs256, SECRET).unwrap())
        .audience(AUDIENCE)
        .build()
        .unwrap()
});

/// Claims, with a text in the place of one claim's value.
fn with(text: &[u8]) -> Vec<u8> {
    let start = format!(r#"{{"iss":"{ISSUER}","aud":"{AUDIENCE}","exp":1800000300,"x":"#);
    [start.as_bytes(), text, b"}"].concat()
}

/// What is read of claims, or why they are not JSON that is read here.
fn read(claims: &[u8]) -> Result<Value, ReasonKind> {
    let header = br#"{"typ":"json+jwt","alg":"HS256","kid":"k1"}"#;
    let appraisal = ANY.appraise_at(compact(header, claims, &KEY), now());
    let row = appraisal.checks().find(|check| check.id() == "payload.json").unwrap();
    match row.outcome().reason().map(|reason| reason.kind()) {
        Some(kind) => Err(kind),
        None => Ok(appraisal.into_result().unwrap().claims().clone()),
    }
}

/// PAR-06, PAR-09, PAR-11
#[test]
fn what_the_grammar_permits_is_read_as_another_reader_reads_it() {
    for text in [
        "null",
        "true",
        " \t\r\n false \t\r\n ",
        "0",
        "-0",
        "-0.0",
        "7",
        "-7",
        "10",
        "18446744073709551615",
        "-9223372036854775808",
        "0.5",
        "-0.5e3",
        "1E2",
        "1e+2",
        "1e-2",
        "1.25e10",
        "9007199254740991.0",
        "5e-324",
        "0.1000000000000000055511151231257827",
        r#""""#,
        r#""seven b""#,
        r#""eight by""#,
        r#""nine byte""#,
        r#""a longer text that has no escapes in it at all""#,
        r#""\"\\\/\b\f\n\r\t""#,
        r#""plain, then \u00e9, then plain again""#,
        r#""\u0000""#,
        r#""\uD83D\uDE00 \ud83d\ude00""#,
        r#""\uD7FF\uE000\uFFFF""#,
        "\"é € 😀 \u{7f} \u{80} \u{2028}\"",
        "[]",
        "[ ]",
        "[1]",
        "[ 1 , [ 2 , [ ] ] , { } ]",
        "{}",
        "{ }",
        r#"{"":1}"#,
        r#"{ "a" : { "a" : [ { "a" : null } ] } , "b" : "" }"#,
        r#"{"\u0061":1,"b\n":2}"#,
    ] {
        let claims = with(text.as_bytes());
        let ours = read(&claims).unwrap();
        assert!(same(&ours, &serde_json::from_slice(&claims).unwrap()), "{text} reads as {ours}");
    }
}

/// PAR-06, PAR-09
#[test]
fn what_the_grammar_does_not_permit_is_refused() {
    for text in [
        "",
        " ",
        "nul",
        "nulll",
        "Null",
        "tru e",
        "NaN",
        "Infinity",
        "undefined",
        "00",
        "01",
        "-01",
        "-",
        "--1",
        "+1",
        ".5",
        "1.",
        "1.e2",
        "1e",
        "1e+",
        "1e+-2",
        "1 2",
        "0x10",
        "1_000",
        "١",
        "\"",
        "\"a",
        "\"\\\"",
        "'a'",
        "\"\u{0}\"",
        "\"a\nb\"",
        "\"a\tb\"",
        "\"eight by\u{1f}\"",
        r#""\a""#,
        r#""\u""#,
        r#""\u12""#,
        r#""\u12g4""#,
        r#""\u+123""#,
        r#""\U0041""#,
        r#""\uD800""#,
        r#""\uDC00""#,
        r#""\uD800x""#,
        r#""\uD800\n""#,
        r#""\uD800A""#,
        r#""\uD800\u0041""#,
        r#""\uD800\uD800""#,
        r#""\uDC00\uD800""#,
        "[",
        "]",
        "[1",
        "[1 2]",
        "[1,]",
        "[,1]",
        "[,]",
        "[1,,2]",
        "[1}",
        "{",
        "{1:2}",
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{"a" 1}"#,
        r#"{"a"::1}"#,
        r#"{"a":1,}"#,
        r#"{,"a":1}"#,
        r#"{"a":1 "b":2}"#,
        r#"{"a":1;"b":2}"#,
        "{a:1}",
        "{null:1}",
        "{'a':1}",
        "1 // comment",
        "/* comment */ 1",
        "1}}",
        "\u{feff}1",
        "1\u{a0}",
        "1\u{c}",
    ] {
        let claims = with(text.as_bytes());
        assert_eq!(read(&claims), Err(ReasonKind::NotJson), "{text}");
        assert!(serde_json::from_slice::<Value>(&claims).is_err(), "the other reader takes {text}");
    }
    assert_eq!(read(&with(b"\"\xff\"")), Err(ReasonKind::NotUtf8));
    assert_eq!(read(&with(b"\"\xed\xa0\x80\"")), Err(ReasonKind::NotUtf8), "a surrogate in UTF-8");
}

/// PAR-08, PAR-10, PAR-12: stricter than the grammar, and said by name.
#[test]
fn what_is_ambiguous_or_not_exact_is_refused() {
    use ReasonKind as Kind;
    for (kind, text) in [
        (Kind::DuplicateName, r#"{"a":1,"a":1}"#),
        (Kind::DuplicateName, r#"{"a":1,"b":2,"\u0061":1}"#),
        (Kind::DuplicateName, r#"[{"b":{"":1,"":2}}]"#),
        (Kind::NumberRange, "18446744073709551616"),
        (Kind::NumberRange, "-9223372036854775809"),
        (Kind::NumberRange, "9007199254740992.0"),
        (Kind::NumberRange, "-1e16"),
        (Kind::NumberRange, "1e999"),
        (Kind::NumberRange, "1e-100000"),
        (Kind::NumberRange, "1e000001"),
        (Kind::NumberRange, "-1e999"),
        (Kind::ReservedName, r#"{"$serde_json::private::Number":"1"}"#),
        (Kind::ReservedName, r#"[{"a":1,"$serde_json::private::":1}]"#),
        (Kind::TooDeep, "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]"),
    ] {
        assert_eq!(read(&with(text.as_bytes())), Err(kind), "{text}");
    }
    assert!(
        read(&with(b"[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]")).is_ok(),
        "16 deep with the claims themselves"
    );
}

/// Text that is JSON or nearly so.
fn nearly_json() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[\\[\\]{},: ]",
        2 => "\"[a-c]?\"",
        2 => "\"[a-c\"\\\\u0-9dD8cC/n é\u{0}\u{1f}]{0,12}\"",
        1 => "\"(\\\\u[dD0][89abcC0][0-9a-f]{2}){1,3}\"",
        3 => "-?[0-9]{0,3}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,3})?",
        1 => "-?[0-9]{15,22}",
        2 => "true|false|null|\"a\":1|\"b\":\\[\\]|\\{\"a\":2\\}",
        1 => "\\PC{0,3}",
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn another_reader_agrees(text in nearly_json()) {
        let claims = with(&text);
        let theirs = serde_json::from_slice::<Value>(&claims);
        match read(&claims) {
            Ok(ours) => prop_assert!(same(&ours, &theirs.unwrap()), "reads as {ours}"),
            Err(ReasonKind::NotJson | ReasonKind::NotUtf8) => prop_assert!(theirs.is_err()),
            // Ours to refuse, whatever the other reader makes of the rest.
            Err(_) => {}
        }
    }
}
