//! H. Key sets, look-ups, and what is remembered between tokens.

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, JwkSet, KeyStore, Profile, SignatureAlgorithm as Alg, TrustedIssuer,
    Validator,
};
use serde_json::{Value, json};
use time::Duration;

use super::support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, key_store, now,
    validator_builder,
};
use super::{EVIL, b64, draft, of_issuers};

/// A store of an issuer's keys, and a validator with a clone of it.
fn stored(issuer: &TestIssuer) -> (KeyStore, Validator<AccessTokenClaims>) {
    let keys = key_store([Alg::Es256], set(issuer)).unwrap();
    let builder = validator_builder(Profile::access_token());
    let builder = builder.issuer(TrustedIssuer::new(issuer.issuer(), keys.clone()));
    (keys, builder.audience(AUDIENCE).build().unwrap())
}

fn set(issuer: &TestIssuer) -> JwkSet {
    JwkSet::from_json(issuer.jwks()).unwrap()
}

#[test]
fn lesson_073_cve_2025_59936_keys_of_one_issuer_never_serve_another() {
    let (good, second) = (TestIssuer::new(ISSUER), TestIssuer::new("https://second.example"));
    let evil = TestIssuer::new(EVIL);
    let validator = of_issuers([&good, &second]);
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    for _ in 0..3 {
        let first = appraise(draft(&evil));
        expect_rejected("073", &["key.issuer"], "a token that would poison", &first);
        expect_accepted("073", "the same kid, another issuer", &appraise(draft(&second)));
        for signer in [&evil, &second] {
            let forged = appraise(draft(signer).claim("iss", ISSUER));
            expect_rejected("073", &["crypto.signature"], signer.issuer(), &forged);
        }
        expect_accepted("073", "the good one", &appraise(draft(&good)));
    }
}

#[test]
fn lesson_074_cve_2026_48524_random_kids_evict_nothing() {
    let issuer = TestIssuer::new(ISSUER);
    let (keys, validator) = stored(&issuer);
    let mut fetches = 0;
    for nth in 0..2_000_i64 {
        let at = now() + Duration::milliseconds(nth * 10);
        let token = draft(&issuer).header("kid", format!("random-{nth}")).sign();
        let appraisal = validator.appraise_at(token, at);
        expect_rejected("074", &["key.found"], "a random kid", &appraisal);
        let unknown = appraisal.into_result().unwrap_err().names_unknown_key();
        fetches += usize::from(unknown && keys.may_refresh(at));
    }
    assert_eq!(fetches, 1, "20 seconds of them are within one cooldown");
    assert!(
        JwkSet::from_json("<html>502 Bad Gateway</html>").is_err(),
        "what a failed fetch gives"
    );
    assert_eq!(keys.report().usable(), 1);
    expect_accepted("074", "a good one", &validator.appraise_at(draft(&issuer).sign(), now()));
}

#[test]
fn lesson_075_cve_2026_35039_no_verdict_is_that_of_another_token() {
    let scene = Scene::new();
    let admin = scene.token().claim("sub", "admin").claim("scope", "admin").claim("jti", "j");
    let user = scene.token().claim("sub", "user").claim("scope", "read").claim("jti", "j");
    let (admin, user) = (admin.sign(), user.sign());
    for _ in 0..3 {
        for (token, sub) in [(&admin, "admin"), (&user, "user")] {
            let accepted = scene.appraise(token).into_result().unwrap();
            assert_eq!(&*accepted.claims().sub, sub, "same issuer, audience, jti and times");
            assert_eq!(accepted.claims().scope.contains("admin"), sub == "admin");
        }
        let [admin, user] = [&admin, &user].map(|token| token.rsplit_once('.').unwrap());
        let glued = [format!("{}.{}", admin.0, user.1), format!("{}.{}", user.0, admin.1)];
        for token in glued {
            scene.refuses("075", "crypto.signature", "another token's signature", token);
        }
    }
}

#[test]
fn lesson_076_an_expired_token_is_not_remembered_as_good() {
    let scene = Scene::new();
    let validator = scene.validator_of(Profile::<Value>::new("receipt+jwt"));
    let token = scene.issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE);
    let token = token.without("iat").sign();
    let at = |seconds: i64| validator.appraise_at(&token, now() + Duration::seconds(seconds));
    for _ in 0..2 {
        expect_accepted("076", "no iat, fresh", &at(0));
        expect_accepted("076", "to the last second", &at(359));
        expect_rejected("076", &["claims.exp"], "expired", &at(360));
        expect_rejected("076", &["claims.exp"], "long expired", &at(1_000_000));
    }
}

#[test]
fn lesson_077_a_removed_key_is_gone() {
    let old = TestIssuer::new(ISSUER);
    let (keys, validator) = stored(&old);
    let clone = validator.clone();
    let appraise = |draft: TestToken| clone.appraise_at(draft.sign(), now());
    expect_accepted("077", "before", &appraise(draft(&old)));
    let next = TestIssuer::new(ISSUER).with_key(TestKey::generate("k2", Alg::Es256));
    keys.replace(set(&next));
    expect_rejected("077", &["key.found"], "its kid", &appraise(draft(&old)));
    let nameless = appraise(draft(&old).without_header("kid"));
    expect_rejected("077", &["crypto.signature"], "no kid", &nameless);
    let reused = next.clone().with_key(TestKey::generate("k1", Alg::Es256));
    keys.replace(set(&reused));
    let again = appraise(draft(&old));
    expect_rejected("077", &["crypto.signature"], "its kid, given to another", &again);
    expect_accepted("077", "the other", &appraise(draft(&reused)));
    let gone = appraise(draft(&next));
    expect_rejected("077", &["key.found"], "the second set", &gone);
}

#[test]
fn lesson_078_one_bad_key_does_not_break_the_set() {
    let good = TestKey::generate("k1", Alg::Es256);
    let issuer = TestIssuer::new(ISSUER).with_key(good.clone());
    let bad = [
        json!({"kty": "quantum", "kid": "q"}),
        json!({"kty": 7}),
        json!({"kty": "EC", "crv": "P-1024", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "P-256", "x": "!!", "y": "AA"}),
        json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "weak"}),
        json!({"kty": "oct", "k": b64(&[1; 32])}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": b64(&[0; 32])}),
        json!({"kty": "AKP", "alg": "ML-DSA-99", "pub": "AA"}),
        json!({"kty": "EC", "kid": ["k1"]}),
        json!({}),
        json!(null),
        json!("k1"),
        json!([]),
    ];
    let all = [&bad[..], &[good.jwk()]].concat();
    let keys = json!({ "keys": all }).to_string();
    let store = key_store([Alg::Es256, Alg::Rs256], JwkSet::from_json(&keys).unwrap()).unwrap();
    let report = store.report();
    assert_eq!((report.usable(), report.skipped().len()), (1, bad.len()));
    let places: Vec<_> = report.skipped().iter().map(|problem| problem.index().unwrap()).collect();
    assert_eq!(places, (0..bad.len()).collect::<Vec<_>>(), "each is named");
    let scene = Scene::publishing(issuer, &keys, &[Alg::Es256, Alg::Rs256]);
    scene.accepts("078", "the good key", scene.token().sign());
    let weak = scene.token().header("kid", "weak").header("alg", "RS256").sign();
    scene.refuses("078", "key.found", "a bad one", weak);
}

#[test]
fn lesson_079_a_kid_goes_nowhere() {
    let scene = Scene::new();
    for kid in [
        "k1&iss=https://evil.example",
        "k1?x=CANARY",
        "k1#CANARY",
        "../../CANARY",
        "https://evil.example/CANARY",
        "k1\r\nHost: CANARY",
        "k1%00CANARY",
        "${jndi:ldap://CANARY}",
        "\u{202e}CANARY",
    ] {
        let appraisal = scene.appraise(scene.token().header("kid", kid).sign());
        expect_rejected("079", &["key.found"], kid, &appraisal);
        let json = serde_json::to_string(&appraisal).unwrap();
        let texts = [appraisal.to_string(), format!("{appraisal:?}"), json];
        let refused = appraisal.into_result().unwrap_err();
        assert!(refused.names_unknown_key(), "all that a fetcher learns");
        for text in texts.into_iter().chain([refused.to_string(), format!("{refused:?}")]) {
            assert!(!text.contains("CANARY") && !text.contains("evil"), "{text}");
        }
    }
}
