//! The JOSE cookbook (RFC 7520 and what was added to it since), read in place.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod in_place;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use in_place::key_store;
use in_place::{Policy, Recipient, Refusal, find, provider, read};
use jwt_appraisal::{
    Jwk, JwkSet, KeyError, MacAlgorithm, SharedSecret, SignatureAlgorithm, Verdict,
};
use serde_json::{Value, json};

/// Compact tokens of the cookbook that are refused: how, and why that is right. One that no longer
/// is fails.
const DIVERGENCES: &[(&str, &str, &str)] = &[
    ("4_3.ecdsa_signature", "UnsupportedByProvider ES512", "ES512 is not in ring"),
    (
        "4_5.signature_with_detached_content",
        "form.compact Detached",
        "detached content (RFC 7515 appendix F) is none that a JWT has",
    ),
    (
        "hmac-sha2_b64_false",
        "form.compact Alphabet",
        "the payload is not encoded: `b64` false is for JWS, not for JWT (RFC 7797 section 7)",
    ),
];

/// Each of the two JSON serializations: a JWT is compact (RFC 7519 section 1).
const NOT_COMPACT: &str = "form.compact Alphabet";

/// RSA1_5 has no name here (RFC 8725 section 3.2), so its key is bound to no algorithm.
const RSA1_5: &str = "RSA1_5 is no key management";

const NOT_ON_RING: &str = "is not supported by the crypto provider ring";

/// The keys of section 3: their thumbprints, and why a published set does not take them.
const KEYS: &[(&str, &str, Option<&str>)] = &[
    ("3_1.ec_public_key", "dHri3SADZkrush5HU_50AoRhcKFryN-PI6jPBtPL55M", Some(NOT_ON_RING)),
    (
        "3_2.ec_private_key",
        "dHri3SADZkrush5HU_50AoRhcKFryN-PI6jPBtPL55M",
        Some("belongs to a private key, but a published set has public keys only; replace the key"),
    ),
    ("3_3.rsa_public_key", "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI", None),
    (
        "3_4.rsa_private_key",
        "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI",
        Some("belongs to a private key, but a published set has public keys only; replace the key"),
    ),
    (
        "3_5.symmetric_key_mac_computation",
        "RtoRur_1Dir5M4wuOfqNkDYOf9O_4RJ-aHkTA75RLA8",
        Some(
            "belongs to a symmetric key, but a published set has public keys only; replace the key",
        ),
    ),
    (
        "3_6.symmetric_key_encryption",
        "VDMp1ZgGGv1OKgOeDc1EUKHXNQzMdLkCnxPETHdA4v0",
        Some(
            "belongs to a symmetric key, but a published set has public keys only; replace the key",
        ),
    ),
];

/// The cookbook's files by their names, sorted by what they show.
#[derive(Default)]
struct Cookbook {
    keys: BTreeMap<String, Value>,
    signed: BTreeMap<String, Value>,
    encrypted: BTreeMap<String, Value>,
    nested: BTreeMap<String, Value>,
}

impl Cookbook {
    fn open() -> Option<Self> {
        let mut cookbook = Self::default();
        let folder = find("rfc7520", "ietf-jose/cookbook (as the folder rfc7520)")?;
        cookbook.add(&folder);
        let Self { keys, signed, encrypted, nested } = &cookbook;
        let counts = [keys.len(), signed.len(), encrypted.len(), nested.len()];
        assert_eq!(counts, [6, 11, 14, 1]);
        Some(cookbook)
    }

    fn add(&mut self, path: &Path) {
        if path.is_dir() {
            fs::read_dir(path).unwrap().for_each(|entry| self.add(&entry.unwrap().path()));
            return;
        }
        let document = read(path);
        let kind = match &document {
            key if key.get("kty").is_some() => &mut self.keys,
            nested if nested.get("sign").is_some() => &mut self.nested,
            jwe if jwe["input"].get("plaintext").is_some() => &mut self.encrypted,
            _ => &mut self.signed,
        };
        kind.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), document);
    }
}

#[test]
fn keys() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    for (name, thumbprint, fault) in KEYS {
        let jwk = Jwk::from_json(cookbook.keys[*name].to_string()).unwrap();
        assert_eq!(jwk.thumbprint().to_string(), *thumbprint, "{name}");
        let algorithms = [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es512];
        let report = key_store(algorithms, JwkSet::from_keys([jwk])).unwrap().report();
        let found = report.skipped().first().map(|problem| problem.kind().to_string());
        let lacking = |fault: &&str| on_ring() || *fault != NOT_ON_RING;
        assert_eq!(found.as_deref(), fault.filter(lacking), "{name}");
    }
    println!("rfc7520 keys: {} of {} files", KEYS.len(), cookbook.keys.len());
}

/// Only the key that is for MACs makes a shared secret.
#[test]
fn secrets() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    for (name, key) in &cookbook.keys {
        let jwk = Jwk::from_json(key.to_string()).unwrap();
        match SharedSecret::from_jwk(MacAlgorithm::Hs256, &jwk) {
            Ok(_) => assert_eq!(name, "3_5.symmetric_key_mac_computation"),
            Err(KeyError::Key(problem)) if problem.member() == Some("kty") => {
                assert_ne!(key["kty"], "oct");
            }
            Err(_) => assert_eq!(name, "3_6.symmetric_key_encryption"),
        }
    }
}

#[test]
fn signed() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, document) in &cookbook.signed {
        let input = &document["input"];
        let policy = policy(first(&input["key"]), first(&input["alg"]));
        for (form, output) in document["output"].as_object().unwrap() {
            let expected = expected(name, form);
            assert_eq!(refusal(&policy, output).as_deref(), expected, "{name} {form}");
            *counts.entry(expected.unwrap_or("accepted")).or_default() += 1;
        }
    }
    println!("rfc7520 signed: {} of 11 files {counts:?}", cookbook.signed.len());
}

/// The provider `ring` has no ES512.
fn on_ring() -> bool {
    provider().name() == "ring"
}

/// How a form of an example is refused, if it is. Where there is no policy there is no token.
fn expected(name: &str, form: &str) -> Option<&'static str> {
    let applies = |refusal: &str| on_ring() || !refusal.starts_with("Unsupported");
    let mut listed = DIVERGENCES.iter().filter(|(_, refusal, _)| applies(refusal));
    match listed.find(|(listed, ..)| *listed == name) {
        Some((_, refusal, _)) if form == "compact" || refusal.starts_with("Unsupported") => {
            Some(refusal)
        }
        _ if form == "compact" => None,
        _ => Some(NOT_COMPACT),
    }
}

#[test]
fn every_divergence_is_of_the_cookbook() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    for (name, refusal, reason) in DIVERGENCES {
        let compact = &cookbook.signed[*name]["output"]["compact"];
        assert!(compact.is_string() && !reason.is_empty(), "{name}: {refusal}");
    }
}

/// The signatures of all forms verify where the header is protected and the content attached: also
/// those that the cookbook shows detached or in JSON.
#[test]
fn signatures_with_their_content() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    let (mut verified, mut unsupported) = (0, 0);
    for (name, document) in &cookbook.signed {
        let (input, signing) = (&document["input"], &document["signing"]);
        let all = list(signing).iter().zip(list(&input["key"])).zip(list(&input["alg"]));
        for ((signing, key), alg) in all {
            let protected = &signing["protected"];
            if protected.is_null() || protected["b64"] == false {
                continue;
            }
            let token = format!("{}.{}", text(&signing["sig-input"]), text(&signing["sig"]));
            match refusal(&policy(key, alg), &json!(token)) {
                None => verified += 1,
                Some(refusal) => {
                    assert_eq!(refusal, "UnsupportedByProvider ES512", "{name}");
                    unsupported += 1;
                }
            }
        }
    }
    assert_eq!((verified, unsupported), if on_ring() { (8, 1) } else { (9, 0) });
}

/// Refused for what its header says even where its payload has no character that is not permitted.
#[test]
fn unencoded_payloads() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    for (name, expected) in [
        ("hmac-sha2_b64_false", "header.crit NotUnderstood, header.b64 NotPermitted"),
        ("4.2.hmac-sha2_b64_false", "header.b64 NotPermitted"),
    ] {
        let document = &cookbook.signed[name];
        let flat = &document["output"]["json_flat"];
        let token = format!("{}.JC4wMg.{}", text(&flat["protected"]), text(&flat["signature"]));
        let policy = policy(&document["input"]["key"], &json!("HS256"));
        assert_eq!(refusal(&policy, &json!(token)).as_deref(), Some(expected), "{name}");
    }
}

#[test]
fn encrypted() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    let (mut opened, mut json, mut rsa1_5) = (0, 0, 0);
    for (name, document) in &cookbook.encrypted {
        for (form, output) in document["output"].as_object().unwrap() {
            let recipient = recipient(&document["input"]);
            let expected = match (&recipient, &**form) {
                (Err(refusal), _) => Some(refusal.as_str()),
                (Ok(_), "compact") => None,
                (Ok(_), _) => Some("form.jwe Alphabet"),
            };
            match expected {
                None => opened += 1,
                Some(RSA1_5) => rsa1_5 += 1,
                Some(_) => json += 1,
            }
            let refusal = match &recipient {
                Ok(recipient) => recipient.refusal(&as_text(output)),
                Err(refusal) => Some(refusal.clone()),
            };
            assert_eq!(refusal.as_deref(), expected, "{name} {form}");
        }
    }
    assert_eq!((opened, json, rsa1_5), (9, 24, 4));
    println!(
        "rfc7520 encrypted: {} of 14 files: {opened} compact tokens opened, {json} in JSON refused, \
         {rsa1_5} forms with RSA1_5 refused",
        cookbook.encrypted.len()
    );
}

fn recipient(input: &Value) -> Result<Recipient, Refusal> {
    let algorithm = text(first(&input["alg"]));
    match input["pwd"].as_str() {
        Some(password) => Recipient::of_password(password, algorithm),
        None => Recipient::of_key(first(&input["key"]), algorithm, None),
    }
}

fn as_text(output: &Value) -> String {
    output.as_str().map_or_else(|| output.to_string(), str::to_owned)
}

/// The one token of the cookbook that is a JWT: all of it is accepted, alone and encrypted.
#[test]
fn nested() {
    let Some(cookbook) = Cookbook::open() else {
        return;
    };
    for document in cookbook.nested.values() {
        let (sign, encrypt) = (&document["sign"], &document["encrypt"]);
        let policy = policy(&sign["input"]["key"], &sign["input"]["alg"]).unwrap();
        assert_eq!(policy.verdict(text(&sign["output"]["compact"])), Verdict::Accepted);
        let signer = public(&sign["input"]["key"]);
        let signed_by = (&signer, text(&sign["input"]["alg"]).parse().unwrap());
        let (key, algorithm) = (&encrypt["input"]["key"], text(&encrypt["input"]["alg"]));
        let recipient = Recipient::of_key(key, algorithm, Some(signed_by)).unwrap();
        let token = text(&encrypt["output"]["compact"]);
        assert_eq!(recipient.refusal(token), None);
        assert_eq!(recipient.verdict(token), Verdict::Accepted);
    }
    println!("rfc7520 nested: {} of 1 files", cookbook.nested.len());
}

/// Why an example is refused, if it is.
fn refusal(policy: &Result<Policy, Refusal>, output: &Value) -> Option<Refusal> {
    match policy {
        Ok(policy) => policy.refusal(&as_text(output)),
        Err(refusal) => Some(refusal.clone()),
    }
}

/// The policy of who was given the public part of a key, or a secret.
fn policy(key: &Value, algorithm: &Value) -> Result<Policy, Refusal> {
    Policy::of_key(&public(key), text(algorithm))
}

fn public(key: &Value) -> Value {
    let mut key = key.clone();
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        key.as_object_mut().unwrap().remove(member);
    }
    key
}

/// What the cookbook gives as a list if there are several, and as it is if there is one.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

fn first(value: &Value) -> &Value {
    &list(value)[0]
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}
