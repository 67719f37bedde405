//! Runs one case so many times: `jwt-appraisal-instructions CASE TIMES`.
//!
//! `.ci/instructions` counts the instructions of a short and of a long run. The difference is the cost of
//! the cases alone, because both runs have the same setup. The tokens, the keys and the time are fixed,
//! since the cost of a signature depends on its value.

use std::hint::black_box;
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::{
    AccessTokenClaims, JwkSet, KeyStore, MacAlgorithm, Profile, SharedSecret, SignatureAlgorithm,
    TrustedIssuer, Validator, Verdict,
};
use ring::hmac;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::json;
use time::OffsetDateTime;

const ISSUER: &str = "https://as.example.com";
const AUDIENCE: &str = "https://api.example.com/v1";
const CLIENT: &str = "s6BhdRkqt3";

/// The claims of RFC 9068 §2.2, and one of the issuer's own that fills the token up to 900 bytes.
const PAYLOAD: &str = include_str!("../payload.json");

/// When the tokens were issued, and when they have expired.
const NOW: i64 = 1_800_000_000;
const LATER: i64 = NOW + 2 * 60 * 60;

const SECRET: [u8; 32] = *b"a secret of the benchmarks alone";

/// A key whose private part was thrown away after it had signed the token.
const X: &str = "TUqd0l0-PZPqe8BXCZZnezV9MlGXN2CsKFIXB4cp81w";
const Y: &str = "5hNr-FQIpTIG0153Hs63pzPxwzTd5D8GJzgMmgRuCnQ";
const SIGNATURE: &str =
    "Pd0eNFNCnoeAbm1diQ8WR-_voyL9hYD_FYOCzx7EctrLRBsqz5YaFBaKdrP4_C3ZzN8vcc4p51FIQhf-ykyzgA";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, times] = arguments.as_slice() else {
        eprintln!("usage: jwt-appraisal-instructions CASE TIMES");
        return ExitCode::FAILURE;
    };
    let case = case_named(case);
    for _ in 0..times.parse().expect("a number of times") {
        case();
    }
    ExitCode::SUCCESS
}

/// What to run. Each case asserts its result, so that no other path is measured.
fn case_named(name: &str) -> Box<dyn Fn()> {
    match name {
        "accept/HS256" => accept(by_secret(), hs256("at+jwt")),
        "accept/ES256" => accept(by_key(), es256()),
        // Before any cryptography, and after the signature.
        "refuse/typ" => refuse("header.typ", hs256("JWT"), NOW),
        "refuse/exp" => refuse("claims.exp", hs256("at+jwt"), LATER),
        "ring/HS256" => bare_hs256(),
        "ring/ES256" => bare_es256(),
        other => unreachable!("no case is named {other}"),
    }
}

fn accept(validator: Validator<AccessTokenClaims>, token: String) -> Box<dyn Fn()> {
    let now = at(NOW);
    Box::new(move || {
        let appraisal = validator.appraise_at(black_box(&token), now);
        let accepted = appraisal.into_result().expect("an accepted token");
        assert_eq!(&*accepted.claims().client_id, CLIENT);
    })
}

fn refuse(check: &'static str, token: String, now: i64) -> Box<dyn Fn()> {
    let (validator, now) = (by_secret(), at(now));
    Box::new(move || {
        let appraisal = validator.appraise_at(black_box(&token), now);
        assert_eq!(appraisal.verdict(), Verdict::Rejected);
        assert!(appraisal.findings().next().is_some_and(|found| *found.id() == check));
    })
}

/// The tag of the same token, by `ring` alone.
fn bare_hs256() -> Box<dyn Fn()> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let input = signing_input("HS256", "at+jwt");
    let tag = hmac::sign(&key, input.as_bytes());
    Box::new(move || {
        let verified = hmac::verify(&key, black_box(input.as_bytes()), black_box(tag.as_ref()));
        verified.expect("a tag by this secret");
    })
}

/// The signature of the same token, by `ring` alone.
fn bare_es256() -> Box<dyn Fn()> {
    let point = [vec![4], decode(X), decode(Y)].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    let (input, signature) = (signing_input("ES256", "at+jwt"), decode(SIGNATURE));
    Box::new(move || {
        let verified = key.verify(black_box(input.as_bytes()), black_box(&signature));
        verified.expect("a signature by this key");
    })
}

fn by_secret() -> Validator<AccessTokenClaims> {
    let secret = SharedSecret::new(MacAlgorithm::Hs256, &SECRET).expect("a secret");
    let builder = Validator::builder(Profile::access_token()).shared_secret(ISSUER, secret);
    builder.audience(AUDIENCE).build().expect("a policy")
}

fn by_key() -> Validator<AccessTokenClaims> {
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "2026-11" });
    let jwks = JwkSet::from_json(json!({ "keys": [jwk] }).to_string()).expect("a key set");
    let keys = KeyStore::new([SignatureAlgorithm::Es256], jwks).expect("a key store");
    let builder = Validator::builder(Profile::access_token());
    let builder = builder.issuer(TrustedIssuer::new(ISSUER, keys));
    builder.audience(AUDIENCE).build().expect("a policy")
}

fn hs256(typ: &str) -> String {
    let input = signing_input("HS256", typ);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
    let tag = hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn es256() -> String {
    format!("{}.{SIGNATURE}", signing_input("ES256", "at+jwt"))
}

fn signing_input(alg: &str, typ: &str) -> String {
    let header = format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"2026-11"}}"#);
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(PAYLOAD))
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(seconds).expect("a date of the calendar")
}
