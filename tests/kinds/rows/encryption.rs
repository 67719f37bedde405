//! Encrypted tokens: the header of the JWE, its form and its content.

use jwt_appraisal::testing::{TestEnvelope, TestRecipient, TestToken};
use serde_json::{Value, json};

use super::super::support::{AUDIENCE, ISSUER};
use super::validators::{ENC, OTHER_ISSUER, Setting, recipient};
use super::{Bench, Block, REFERENCE};

const MEMBERS: &[&str] = &[
    "alg", "enc", "cty", "zip", "kid", "typ", "crit", "b64", "iv", "tag", "p2c", "epk", "jwk",
    "iss", "sub", "aud", "unknown",
];

/// The members that replicate claims: what becomes of them is a matter of the kind.
const REPLICATED: &[&str] = &["iss", "sub", "aud"];

pub(super) fn blocks(bench: &Bench<'_>) -> Vec<Block> {
    let members = if bench.kind == REFERENCE { MEMBERS } else { REPLICATED };
    let mut blocks = vec![forms(bench)];
    blocks.extend(members.iter().map(|name| member(bench, name)));
    blocks
}

pub(super) fn envelope(token: &TestToken) -> TestEnvelope {
    recipient().envelope(token.sign(), ENC)
}

fn forms(bench: &Bench<'_>) -> Block {
    let mut block = bench.block("token", Setting::Encrypted);
    let token = bench.good();
    let good = envelope(&token);
    let compact = good.encrypt();
    let segments: Vec<&str> = compact.split('.').collect();
    let with = |nth: usize, segment: &str| {
        let mut changed = segments.clone();
        changed[nth] = segment;
        changed.join(".")
    };
    let other = TestRecipient::generate("enc-1", recipient().algorithm());
    for (label, token) in [
        ("good", compact.clone()),
        ("only signed", token.sign()),
        ("empty", String::new()),
        ("six segments", format!("{compact}.AA")),
        ("encrypted twice", recipient().envelope(&compact, ENC).encrypt()),
        ("claims without a signature", recipient().envelope(token.claims_json(), ENC).encrypt()),
        ("no content", recipient().envelope("", ENC).encrypt()),
        ("an expired token", envelope(&token.clone().claim("exp", 1)).encrypt()),
        ("another recipient", other.envelope(token.sign(), ENC).encrypt()),
        ("compressed", good.clone().compressed().encrypt()),
        ("key wrapped: too short", good.clone().wrapped_key([1; 8]).encrypt()),
        ("header: not JSON", good.clone().raw_header("{").encrypt()),
        ("encrypted key: empty", with(1, "")),
        ("encrypted key: another one", with(1, "AAAAAAAAAAAAAAAAAAAAAA")),
        ("iv: too short", with(2, "AAAA")),
        ("ciphertext: empty", with(3, "")),
        ("tag: another one", with(4, "AAAAAAAAAAAAAAAAAAAAAA")),
        ("tag: padding", with(4, "AAAAAAAAAAAAAAAAAAAAAA==")),
    ] {
        bench.try_bytes(&mut block, label, Setting::Encrypted, token.as_bytes());
    }
    block
}

/// One member of the header of the JWE at a time is left out or changed.
fn member(bench: &Bench<'_>, name: &str) -> Block {
    let mut block = bench.block(name, Setting::Encrypted);
    let good = || envelope(&bench.good());
    let mut add = |label: &str, token: TestEnvelope| {
        bench.try_bytes(&mut block, label, Setting::Encrypted, token.encrypt().as_bytes());
    };
    if !["iv", "tag"].contains(&name) {
        add("absent", good().without_header(name));
    }
    for value in values(name) {
        add(&value.to_string(), good().header(name, value));
    }
    block
}

fn values(name: &str) -> Vec<Value> {
    let mut values = vec![json!(null), json!(1), json!(""), json!("x"), json!([]), json!({})];
    values.extend(match name {
        "alg" => vec![json!("dir"), json!("A256GCMKW"), json!("RSA1_5"), json!("ES256")],
        "enc" => vec![json!("A256GCM"), json!("A128CBC-HS256")],
        "cty" => vec![json!("jwt"), json!("application/jwt"), json!("json")],
        "zip" => vec![json!("DEF")],
        "kid" => vec![json!("enc-2")],
        "typ" => vec![json!("JWT"), json!("at+jwt")],
        "crit" => vec![json!(["exp"])],
        "iss" => vec![json!(ISSUER), json!(OTHER_ISSUER)],
        "aud" => vec![json!(AUDIENCE), json!([AUDIENCE])],
        _ => Vec::new(),
    });
    values
}
