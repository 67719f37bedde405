//! D. What was signed, in which form, and what is said before the signature is verified.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, TestToken, tamper};
use jwt_appraisal::{
    Jwk, KeyManagementAlgorithm, MacAlgorithm, Profile, ReasonKind, SharedSecret,
    SignatureAlgorithm,
};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use time::Duration;

use super::support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, now, validator_builder,
};
use super::{EVIL, b64, draft, encrypted, of_issuers, opening, with_secret};

#[test]
fn lesson_048_cve_2022_39227_one_text_is_one_token() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let forged = b64(scene.token().claim("sub", "admin").claims_json().as_bytes());
    for (start, end) in [("  ", ""), ("", ""), ("x", "y")] {
        let polyglot = format!(
            r#"{{"{start}{header}.{forged}.{end}":"","protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#
        );
        assert_eq!(polyglot.matches('.').count(), 2);
        scene.refuses("048", "form.compact", "three parts, and JSON", polyglot);
    }
    let swapped = format!("{header}.{forged}.{signature}");
    scene.refuses("048", "crypto.signature", "the payload alone", swapped);
}

#[test]
fn lesson_049_cve_2025_65945_unverified_data_does_not_lead_to_the_attackers_key() {
    let evil = TestIssuer::new(EVIL).with_key(TestKey::generate("e1", SignatureAlgorithm::Es256));
    let issuers = [TestIssuer::new(ISSUER), evil];
    let [good, evil] = &issuers;
    let validator = of_issuers(&issuers);
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    let steered = draft(good).signed_by(evil.key());
    expect_rejected("049", &["key.found"], "a kid of another issuer", &appraise(steered.clone()));
    let named = steered.header("kid", "k1");
    expect_rejected("049", &["crypto.signature"], "our kid", &appraise(named));
    let oct = json!({"kty": "oct", "k": b64(&[6; 32]), "kid": "s1"});
    let secret = Jwk::from_json(oct.to_string()).unwrap();
    let secret = SharedSecret::from_jwk(MacAlgorithm::Hs256, &secret).unwrap();
    let shared = validator_builder(Profile::access_token()).shared_secret(ISSUER, secret);
    let shared = shared.audience(AUDIENCE).build().unwrap();
    for kid in ["s2", "", "../s1", "/dev/null", "' or 1=1 --", "S1"] {
        let known = TestKey::secret(kid, MacAlgorithm::Hs256, b"");
        let token = draft(good).signed_by(&known).claim("client_id", kid).sign();
        let appraisal = shared.appraise_at(token, now());
        expect_rejected("049", &["key.found"], kid, &appraisal);
    }
}

#[test]
fn lesson_050_no_signatures_are_no_token() {
    let scene = Scene::new();
    let payload = b64(scene.token().claims_json().as_bytes());
    for signatures in [json!([]), json!([{}]), json!(null), json!({})] {
        let general = json!({"payload": payload, "signatures": signatures}).to_string();
        scene.refuses("050", "form.compact", "general JSON", &general);
        let inside = format!("{}.{payload}.", b64(general.as_bytes()));
        let appraisal = scene.appraise(&inside);
        expect_rejected("050", &["header.alg", "header.typ"], "as a header", &appraisal);
    }
}

#[test]
fn lesson_051_cve_2026_29000_a_plain_token_in_an_envelope_proves_nothing() {
    let scene = Scene::signing_with(SignatureAlgorithm::Rs256);
    let plain = scene.token().claim("sub", "admin").unsecured().sign();
    for alg in ["RSA-OAEP-256", "RSA-OAEP", "RSA1_5", "ECDH-ES", "dir"] {
        let header = json!({"alg": alg, "enc": "A256GCM", "cty": "JWT", "typ": "at+jwt"});
        let appraisal = scene.appraise(encrypted(&header));
        expect_rejected("051", &["form.compact"], alg, &appraisal);
        let reason = appraisal.findings().next().unwrap().outcome().reason().unwrap().kind();
        assert_eq!(reason, ReasonKind::Encrypted, "{alg}");
    }
    for alg in KeyManagementAlgorithm::ALL {
        let sealed = opening(*alg);
        let claims = sealed.draft().claim("sub", "admin");
        let unsecured = sealed.seal(claims.clone().unsecured().sign()).encrypt();
        sealed.refuses("051", "header.alg", alg.name(), unsecured);
        let bare = sealed.seal(claims.claims_json()).encrypt();
        sealed.refuses("051", "form.compact", alg.name(), bare);
    }
    scene.refuses("051", "header.alg", "the plain token itself", &plain);
    let nested = scene.token().header("cty", "JWT").raw_payload(plain).sign();
    scene.refuses("051", "header.cty", "even under our own signature", nested);
}

#[test]
fn lesson_052_cve_2023_51774_encryption_is_no_signature() {
    let validators = [
        ("a public key", Scene::new().validator),
        ("a secret", with_secret(MacAlgorithm::Hs256, &[7; 32])),
    ];
    for (what, validator) in validators {
        for alg in ["dir", "A128KW", "A256GCMKW", "PBES2-HS256+A128KW", "RSA-OAEP", "HS256"] {
            for enc in ["A128CBC-HS256", "A256GCM"] {
                let jwe = encrypted(&json!({"alg": alg, "enc": enc, "typ": "at+jwt"}));
                let appraisal = validator.appraise_at(jwe, now());
                expect_rejected("052", &["form.compact"], what, &appraisal);
                let reason = appraisal.findings().next().unwrap();
                let reason = reason.outcome().reason().unwrap().kind();
                assert_eq!(reason, ReasonKind::Encrypted, "{alg} {enc}");
            }
        }
    }
}

/// How often a claims type was read.
static READ: AtomicUsize = AtomicUsize::new(0);

struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        READ.fetch_add(1, Ordering::Relaxed);
        Value::deserialize(deserializer).map(|_| Self)
    }
}

#[test]
fn lesson_053_no_callback_before_the_signature() {
    let scene = Scene::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let builder = scene.builder_of(Profile::<Counted>::new("receipt+jwt"));
    let builder = builder.rule("replay.jti", move |_, _| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    let validator = builder.build().unwrap();
    let good = scene.issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE).claim("jti", "j1");
    let counts = || (READ.load(Ordering::Relaxed), asked.load(Ordering::Relaxed));
    let forged = tamper(&good.sign(), Segment::Signature, 5);
    let appraisal = validator.appraise_at(forged, now());
    expect_rejected("053", &["crypto.signature"], "forged", &appraisal);
    let unsecured = validator.appraise_at(good.clone().unsecured().sign(), now());
    expect_rejected("053", &["header.alg"], "unsecured", &unsecured);
    let stale = good.clone().at(NOW - 3_600).sign();
    let appraisal = validator.appraise_at(stale, now());
    expect_rejected("053", &["claims.exp"], "expired", &appraisal);
    assert_eq!(counts(), (0, 0), "neither the type nor the rule saw any of them");
    expect_accepted("053", "good", &validator.appraise_at(good.sign(), now()));
    assert_eq!(counts(), (1, 1));
}

#[test]
fn lesson_054_cve_2024_51744_a_forgery_is_never_merely_expired() {
    let scene = Scene::new();
    let stale = scene.token().at(NOW - 3_600);
    let refuse = |token: String| scene.appraise(token).into_result().unwrap_err();
    assert!(refuse(stale.sign()).is_only_expired(), "what a lenient service forgives");
    let stranger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    for (what, token, kind) in [
        ("changed", tamper(&stale.sign(), Segment::Payload, 9), ReasonKind::BadSignature),
        ("a stranger's", stale.clone().signed_by(&stranger).sign(), ReasonKind::BadSignature),
        ("unsecured", stale.clone().unsecured().sign(), ReasonKind::NotPermitted),
    ] {
        let refused = refuse(token);
        assert!(!refused.is_only_expired(), "{what}");
        assert!(!refused.to_string().contains("claims.exp"), "{what}: {refused}");
        let reason = refused.reason().unwrap().outcome().reason().unwrap().kind();
        assert_eq!(reason, kind, "{what}");
    }
    let later = scene.validator.appraise_at(scene.token().sign(), now() + Duration::hours(1));
    expect_rejected("054", &["claims.exp"], "expired", &later);
}
