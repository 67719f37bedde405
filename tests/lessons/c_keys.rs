//! C. Keys that are empty, weak, degenerate, or that the attacker brought along.

use std::io::ErrorKind;
use std::net::TcpListener;

use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    Jwk, JwkSet, KeyErrorKind, KeyManagementAlgorithm, MacAlgorithm, Profile, SharedSecret,
    SignatureAlgorithm as Alg, TrustedIssuer, Validator, Verdict,
};
use serde_json::{Value, json};

use super::dependencies::Dependencies;
use super::support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, findings, key_store, now,
    validator_builder,
};
use super::{b64, key_fault, left_out, opening, with_secret};

/// A validator whose issuer has no keys yet.
fn without_keys() -> Validator<jwt_appraisal::AccessTokenClaims> {
    let keys = key_store([Alg::Es256], JwkSet::default()).unwrap();
    let builder = validator_builder(Profile::access_token());
    builder.issuer(TrustedIssuer::new(ISSUER, keys)).audience(AUDIENCE).build().unwrap()
}

#[test]
fn lesson_035_cve_2026_44699_no_key_turns_into_an_empty_one() {
    for own in [Alg::Rs256, Alg::Es256, Alg::Ed25519] {
        let key = TestKey::generate("k1", own);
        let mut jwk = key.jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        let issuer = TestIssuer::new(ISSUER).with_key(key);
        let jwks = json!({ "keys": [jwk] }).to_string();
        let scene = Scene::publishing(issuer, &jwks, &[own]);
        scene.accepts("035", "a key without alg", scene.token().sign());
        for mac in MacAlgorithm::ALL {
            let empty = TestKey::secret("k1", *mac, b"");
            let token = scene.token().signed_by(&empty).sign();
            scene.refuses("035", "header.alg", mac.name(), token);
            let token = scene.token().signed_by(&empty).header("alg", own.name()).sign();
            scene.refuses("035", "crypto.signature", mac.name(), token);
        }
    }
}

#[test]
fn lesson_036_cve_2026_45363_an_empty_or_missing_k_is_no_secret() {
    let read = |jwk: Value| {
        let jwk = Jwk::from_json(jwk.to_string())?;
        SharedSecret::from_jwk(MacAlgorithm::Hs256, &jwk)
    };
    let short = "has 0 bytes, but it must have at least 32";
    assert_eq!(key_fault(read(json!({"kty": "oct", "k": ""}))), (Some("k"), short.to_owned()));
    assert_eq!(
        key_fault(read(json!({"kty": "oct"}))),
        (Some("k"), KeyErrorKind::Missing.to_string())
    );
    for k in [json!(null), json!(0), json!(false), json!([]), json!({})] {
        let (member, fault) = key_fault(read(json!({"kty": "oct", "k": k})));
        assert_eq!(member, Some("k"), "{k}");
        assert!(fault.ends_with(", which is not the expected JSON type"), "{k}: {fault}");
    }
}

#[test]
fn lesson_037_ghsa_8wpc_h4q6_8fxv_without_a_key_nothing_passes() {
    let validator = without_keys();
    let scene = Scene::new();
    for signature in [vec![], vec![0; 64]] {
        let token = scene.token().signature(signature).sign();
        let appraisal = validator.appraise_at(token, now());
        assert_eq!(appraisal.verdict(), Verdict::Undetermined, "{appraisal}");
        assert_eq!(findings(&appraisal), ["key.found"]);
        assert!(appraisal.into_result().is_err());
    }
    let unsecured = validator.appraise_at(scene.token().unsecured().sign(), now());
    expect_rejected("037", &["header.alg"], "unsecured", &unsecured);
    let none_usable = Scene::publishing(scene.issuer, r#"{"keys":[{"kty":"x"}]}"#, &[Alg::Es256]);
    let token = none_usable.token().signature([]).sign();
    none_usable.refuses("037", "key.found", "no key of the set can be used", token);
}

#[test]
fn lesson_038_a_mac_under_the_empty_secret_is_a_forgery() {
    for mac in MacAlgorithm::ALL {
        let least = mac.min_secret_bytes();
        let found = SharedSecret::new(*mac, b"");
        let short = format!("has 0 bytes, but it must have at least {least}");
        assert_eq!(key_fault(found), (Some("k"), short), "{mac}");
        let secret: Vec<u8> = (1..=64).collect();
        let validator = with_secret(*mac, &secret);
        let forge = |secret: &[u8]| {
            let forger = TestKey::secret("k1", *mac, secret);
            let token = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&forger);
            validator.appraise_at(token.sign(), now())
        };
        expect_accepted("038", mac.name(), &forge(&secret));
        for other in [&b""[..], &[0], &[0; 64], &secret[..least - 1], &secret[1..]] {
            let what = format!("{mac} under {} other bytes", other.len());
            expect_rejected("038", &["crypto.signature"], &what, &forge(other));
        }
    }
}

#[test]
fn lesson_039_cve_2018_0114_an_embedded_key_is_not_used() {
    let scene = Scene::new();
    let forger = TestKey::generate("forger", Alg::Es256);
    let forged = || scene.token().signed_by(&forger).header("jwk", forger.jwk());
    scene.refuses("039", "key.found", "under its own kid", forged().sign());
    let ours = forged().header("kid", "k1").sign();
    scene.refuses("039", "crypto.signature", "under our kid", ours);
    let nameless = forged().without_header("kid").sign();
    scene.refuses("039", "crypto.signature", "without a kid", nameless);
    let chain = json!([base64_of(&[0x30; 40])]);
    let certified = scene.token().signed_by(&forger).header("x5c", chain).header("kid", "k1");
    scene.refuses("039", "crypto.signature", "with a certificate", certified.sign());
}

fn base64_of(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(octets)
}

#[test]
fn lesson_040_cve_2026_27962_no_key_is_no_reason_to_use_the_tokens() {
    let validator = without_keys();
    let forger = TestKey::generate("k1", Alg::Es256);
    let forged = Scene::new().token().signed_by(&forger).header("jwk", forger.jwk());
    for token in [forged.sign(), forged.without_header("kid").sign()] {
        let appraisal = validator.appraise_at(token, now());
        assert_eq!(appraisal.verdict(), Verdict::Undetermined, "{appraisal}");
        assert_eq!(findings(&appraisal), ["key.found"]);
    }
}

#[test]
fn lesson_041_cve_2024_21643_nothing_that_a_token_names_is_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let scene = Scene::new();
    let forger = TestKey::generate("k1", Alg::Es256);
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{}/jwks.json", listener.local_addr().unwrap());
        for member in ["jku", "x5u"] {
            let good = scene.token().header(member, url.as_str()).sign();
            scene.accepts("041", "our key, and a link that is not followed", good);
            let forged = scene.token().signed_by(&forger).header(member, url.as_str());
            scene.refuses("041", "crypto.signature", member, forged.sign());
        }
        let claimed = scene.token().claim("iss", url.as_str()).sign();
        scene.refuses("041", "claims.iss", "an issuer is no address either", claimed);
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn lesson_042_cve_2022_21449_zero_is_no_signature() {
    let orders = [
        (Alg::Es256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        (
            Alg::Es384,
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ),
    ];
    for (algorithm, order) in orders {
        let scene = Scene::signing_with(algorithm);
        let digits: Vec<char> = order.chars().collect();
        let octet =
            |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
        let order: Vec<u8> = digits.chunks(2).map(octet).collect();
        let zero = vec![0; order.len()];
        let mut one = zero.clone();
        one[order.len() - 1] = 1;
        for (what, r, s) in [
            ("r = s = 0", &zero, &zero),
            ("r = 0", &zero, &one),
            ("s = 0", &one, &zero),
            ("r = s = n", &order, &order),
            ("r = n, s = 1", &order, &one),
            ("r = s = 1", &one, &one),
        ] {
            let what = format!("{what} under {algorithm}");
            let token = scene.token().signature([r.clone(), s.clone()].concat()).sign();
            scene.refuses("042", "crypto.signature", &what, token);
        }
    }
}

#[test]
fn lesson_043_cve_2017_16007_no_points_off_the_curve() {
    let scene = Scene::new();
    let off = json!({"kty": "EC", "crv": "P-256", "x": b64(&[1; 32]), "y": b64(&[2; 32])});
    for alg in [KeyManagementAlgorithm::EcdhEs, KeyManagementAlgorithm::EcdhEsA128Kw] {
        let sealed = opening(alg);
        let token = sealed.envelope().header("epk", off.clone()).encrypt();
        sealed.refuses("043", "jwe.decrypt", alg.name(), token);
    }
    let named = scene.token().header("alg", "ECDH-ES").header("epk", off.clone()).sign();
    scene.refuses("043", "header.alg", "ECDH-ES on a signed token", named);
    for (x, y) in [([1; 32], [2; 32]), ([0; 32], [0; 32]), ([0xff; 32], [0xff; 32])] {
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": b64(&x), "y": b64(&y)});
        assert_eq!(
            left_out(&jwk, &[Alg::Es256]),
            (Some("x"), KeyErrorKind::NotOnCurve.to_string()),
            "{jwk}"
        );
    }
    let agreement = json!({"kty": "OKP", "crv": "X25519", "x": b64(&[9; 32])});
    let (member, fault) = left_out(&agreement, &[Alg::Ed25519]);
    let text = "is missing, and no permitted algorithm (Ed25519) is for such keys";
    assert_eq!((member, fault), (Some("alg"), text.to_owned()));
}

#[test]
fn lesson_044_cve_2020_28042_an_empty_signature_verifies_nothing() {
    for algorithm in [Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::Es384, Alg::Ed25519] {
        let scene = Scene::signing_with(algorithm);
        let good = scene.token().sign();
        let (input, _) = good.rsplit_once('.').unwrap();
        let what = algorithm.name();
        scene.refuses("044", "crypto.signature", what, format!("{input}."));
        scene.refuses("044", "crypto.signature", what, format!("{input}.{}", b64(b"null")));
        scene.refuses("044", "crypto.signature", what, format!("{input}.AA"));
        scene.refuses("044", "form.compact", what, input);
    }
    for mac in MacAlgorithm::ALL {
        let validator = with_secret(*mac, &[5; 64]);
        let key = TestKey::secret("k1", *mac, &[5; 64]);
        let draft = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&key);
        let tag = key.sign(b"");
        for signature in [vec![], vec![0], vec![0; tag.len()], tag] {
            let token = draft.clone().signature(signature).sign();
            let appraisal = validator.appraise_at(token, now());
            expect_rejected("044", &["crypto.signature"], mac.name(), &appraisal);
        }
    }
}

#[test]
fn lesson_045_cve_2025_45768_weak_secrets_are_refused() {
    for mac in MacAlgorithm::ALL {
        let least = mac.min_secret_bytes();
        for text in ["secret", "password", "changeme", "your-256-bit-secret", "0123456789abcdef"] {
            let fault = format!("has {} bytes, but it must have at least {least}", text.len());
            assert_eq!(key_fault(SharedSecret::new(*mac, text.as_bytes())), (Some("k"), fault));
            let oct = json!({"kty": "oct", "k": b64(text.as_bytes()), "alg": mac.name()});
            let oct = Jwk::from_json(oct.to_string()).unwrap();
            assert!(SharedSecret::from_jwk(*mac, &oct).is_err(), "{text} for {mac}");
        }
        let fault = format!("has {} bytes, but it must have at least {least}", least - 1);
        let short = SharedSecret::new(*mac, &vec![0x61; least - 1]);
        assert_eq!(key_fault(short), (Some("k"), fault), "{mac}");
    }
}

#[test]
fn lesson_046_a_short_rsa_key_is_left_out() {
    let modulus = |bits: usize| {
        let mut n = vec![0xc5; bits / 8];
        n[bits / 8 - 1] |= 1;
        json!({"kty": "RSA", "n": b64(&n), "e": "AQAB", "kid": "k1"})
    };
    for bits in [512, 768, 1024, 2040] {
        let fault = (Some("n"), format!("has {bits} bits, but it must have from 2048 to 8192"));
        assert_eq!(left_out(&modulus(bits), &[Alg::Rs256]), fault);
        let jwks = json!({"keys": [modulus(bits)]}).to_string();
        let issuer = TestIssuer::new(ISSUER);
        let scene = Scene::publishing(issuer, &jwks, &[Alg::Rs256]);
        let token = scene.token().header("alg", "RS256").signature(vec![0; bits / 8]).sign();
        scene.refuses("046", "key.found", &format!("{bits} bits"), token);
    }
    let published = json!({"kty": "oct", "k": "", "kid": "k1"});
    assert_eq!(
        left_out(&published, &[Alg::Rs256]),
        (Some("k"), KeyErrorKind::Symmetric.to_string())
    );
}

#[test]
fn lesson_047_rustsec_2023_0071_no_padding_oracle_and_no_double_key_signing() {
    let dependencies = Dependencies::read();
    for absent in ["rsa", "ed25519-dalek", "ed25519", "curve25519-dalek", "num-bigint-dig"] {
        assert!(!dependencies.reach(absent), "{absent} is a dependency");
    }
    let scene = Scene::new();
    for alg in ["RSA1_5", "RSA-OAEP", "RSA-OAEP-256"] {
        let named = scene.token().header("alg", alg).sign();
        scene.refuses("047", "header.alg", alg, named);
    }
    assert!("RSA1_5".parse::<KeyManagementAlgorithm>().is_err());
    let sealed = opening(KeyManagementAlgorithm::RsaOaep256);
    let token = sealed.envelope().header("alg", "RSA1_5").encrypt();
    sealed.refuses("047", "jwe.alg", "RSA1_5", token);
    let mut reports = [vec![0; 256], vec![0xff; 256], vec![1], vec![7; 257]].map(|key| {
        let token = sealed.envelope().encrypted_key(key).encrypt();
        sealed.refuses("047", "jwe.decrypt", "no padding", &token);
        sealed.appraise(token).to_string()
    });
    reports.sort();
    assert_eq!(reports[0], reports[3], "every failure says the same");
}
