//! The examples of RFC 7518 that no token shows: its appendices B, and C in its steps. What is
//! decrypted, and when.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

use serde_json::Value;

use super::{agreement, content};
use crate::alg::KeyManagementAlgorithm;
use crate::base64url;
use crate::crypto::decrypt::{AgreementCurve, Parameters, Wrapped};

fn cases() -> Vec<Value> {
    let text = include_str!("../../../tests/vectors/rfc7518.json");
    let document: Value = serde_json::from_str(text).unwrap();
    document["cases"].as_array().unwrap().clone()
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap().as_bytes();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn octets(value: &Value) -> Vec<u8> {
    base64url::decode(value.as_str().unwrap()).unwrap()
}

#[test]
fn appendix_b() {
    let cases: Vec<_> = cases().into_iter().filter(|case| case.get("key_hex").is_some()).collect();
    assert_eq!(cases.len(), 9);
    for case in cases {
        let enc = case["enc"].as_str().unwrap().parse().unwrap();
        let cipher = content::content_cipher(enc, &hex(&case["key_hex"])).unwrap();
        let mut text = [hex(&case["ciphertext_hex"]), hex(&case["tag_hex"])].concat();
        let decrypted = cipher.decrypt(&hex(&case["aad_hex"]), &hex(&case["iv_hex"]), &mut text);
        if case["expect"] == "accept" {
            assert_eq!(text[..decrypted.unwrap()], hex(&case["plaintext_hex"]), "{case}");
        } else {
            assert_eq!(decrypted, None, "{case}");
        }
    }
}

/// What is decrypted in place shows: a text whose tag is wrong is left as it came, although its padding
/// is right.
#[test]
fn nothing_is_decrypted_under_a_wrong_tag() {
    let accepted = cases().into_iter().filter(|case| case["expect"] == "accept");
    let cases: Vec<_> = accepted.filter(|case| case.get("key_hex").is_some()).collect();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let enc = case["enc"].as_str().unwrap().parse().unwrap();
        let cipher = content::content_cipher(enc, &hex(&case["key_hex"])).unwrap();
        let mut text = [hex(&case["ciphertext_hex"]), hex(&case["tag_hex"])].concat();
        *text.last_mut().unwrap() ^= 1;
        let before = text.clone();
        let decrypted = cipher.decrypt(&hex(&case["aad_hex"]), &hex(&case["iv_hex"]), &mut text);
        assert_eq!((decrypted, text), (None, before), "{case}");
    }
}

/// The key that Bob derives is the one that the appendix prints.
#[test]
fn appendix_c() {
    let case = cases().into_iter().find(|case| case["id"] == "rfc7518-c").unwrap();
    let (header, jwk) = (&case["header"], &case["recipient_jwk"]);
    let point = |jwk: &Value| [vec![4], octets(&jwk["x"]), octets(&jwk["y"])].concat();
    let (private, public) = (octets(&jwk["d"]), point(jwk));
    let bob = agreement::import(
        KeyManagementAlgorithm::EcdhEs,
        AgreementCurve::P256,
        &private,
        Some(public.as_slice()),
    );
    let parameters = Parameters::Agreement {
        curve: AgreementCurve::P256,
        ephemeral: point(&header["epk"]),
        apu: octets(&header["apu"]),
        apv: octets(&header["apv"]),
    };
    let enc = header["enc"].as_str().unwrap().parse().unwrap();
    let wrapped = Wrapped { enc, parameters: &parameters, encrypted_key: &[] };
    let mut key = [0; 16];
    bob.unwrap().unwrap(&wrapped, &mut key).unwrap();
    assert_eq!(base64url::encode(&key), case["derived_key_b64u"].as_str().unwrap());
}
