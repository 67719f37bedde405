//! The order of the stages: what runs, what does not, and who is to blame.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use std::sync::Arc;

use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, TestToken, tamper};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, IssuerSource, JwkSet, MacAlgorithm, Outcome, Profile, ReasonKind,
    Refused, SharedSecret, SignatureAlgorithm, TrustedIssuer, UntrustedStr, Validator, Verdict,
};
use serde_json::json;
use support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, findings, key_store, now,
    validator_builder,
};
use time::Duration;

const STAGES: [&str; 7] = ["form", "header", "key", "crypto", "payload", "claims", "time"];

/// The stages of which a check was reached.
fn reached<C>(appraisal: &Appraisal<C>) -> Vec<&'static str> {
    let reached = |stage: &&str| {
        let mut checks = appraisal.checks().filter(|c| c.id().as_str().starts_with(*stage));
        checks.any(|check| *check.outcome() != Outcome::NotReached)
    };
    STAGES.into_iter().filter(reached).collect()
}

#[test]
fn every_appraisal_has_the_whole_plan() {
    let scene = Scene::new();
    let plan: Vec<String> = scene.validator.checks().map(ToString::to_string).collect();
    for token in ["", "a.b.c", &scene.token().sign(), &scene.token().unsecured().sign()] {
        let appraisal = scene.appraise(token);
        let checks: Vec<String> = appraisal.checks().map(|c| c.id().to_string()).collect();
        assert_eq!(checks, plan);
    }
}

#[test]
fn stages_end_where_a_check_failed() {
    let scene = Scene::new();
    let good = scene.token();
    for (last, token) in [
        ("form", "not a token".to_owned()),
        ("form", good.clone().raw_header("{").sign()),
        ("header", good.clone().header("typ", "JWT").sign()),
        ("key", good.clone().header("kid", "k9").sign()),
        ("crypto", tamper(&good.sign(), Segment::Signature, 3)),
        ("payload", good.clone().raw_payload("[]").sign()),
        ("time", good.clone().without("sub").sign()),
    ] {
        let appraisal = scene.appraise(token);
        assert_eq!(reached(&appraisal).last(), Some(&last), "{appraisal}");
        assert_eq!(appraisal.verdict(), Verdict::Rejected);
    }
}

#[test]
fn forged_and_expired_is_forged() {
    let scene = Scene::new();
    let expired = scene.token().at(NOW - 100_000).claim("aud", "https://other.example").sign();
    let appraisal = scene.appraise(tamper(&expired, Segment::Signature, 3));
    expect_rejected("CLM-13", &["crypto.signature"], "forged and expired", &appraisal);
    assert_eq!(reached(&appraisal), ["form", "header", "key", "crypto"]);
}

#[test]
fn all_checks_of_a_stage_run() {
    let scene = Scene::new();
    let header = scene.token().header("alg", "none").header("typ", "JWT").header("kid", 7);
    let appraisal = scene.appraise(header.header("zip", "DEF").sign());
    let codes = ["header.alg", "header.typ", "header.zip", "header.kid"];
    expect_rejected("-", &codes, "header", &appraisal);
    let claims = scene.token().at(NOW - 100_000).claim("aud", "https://other.example");
    let claims = claims.claim("sub", 7).claim("scope", 7).without("jti");
    let appraisal = scene.appraise(claims.sign());
    let codes = ["claims.aud", "claims.exp", "claims.sub", "claims.jti", "claims.scope"];
    expect_rejected("-", &codes, "claims", &appraisal);
    assert!(appraisal.findings().all(|check| check.explanation().is_some()));
}

#[test]
fn without_keys_nothing_is_determined() {
    let scene = Scene::new();
    let keys = key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap();
    let validator = validator_builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys.clone()))
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let token = scene.token().sign();
    let appraisal = validator.appraise_at(&token, now());
    assert_eq!(appraisal.verdict(), Verdict::Undetermined);
    assert_eq!(findings(&appraisal), ["key.found"]);
    assert!(matches!(appraisal.into_result(), Err(Refused::Undetermined(_))));
    let bad = validator.appraise_at(scene.token().header("typ", "JWT").sign(), now());
    expect_rejected("-", &["header.typ"], "a fault decides all the same", &bad);
    let report = keys.replace(JwkSet::from_json(scene.issuer.jwks()).unwrap());
    assert_eq!(report.usable(), 1);
    expect_accepted("-", "with keys", &validator.appraise_at(&token, now()));
}

#[test]
fn rotated_keys() {
    let mut issuer = TestIssuer::new(ISSUER);
    let keys = key_store([SignatureAlgorithm::Es256], set(&issuer)).unwrap();
    let validator = validator_builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys.clone()))
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let old = issuer.access_token(AUDIENCE).at(NOW).sign();
    expect_accepted("-", "before", &validator.appraise_at(&old, now()));
    issuer.rotate();
    let new = issuer.access_token(AUDIENCE).at(NOW).sign();
    let refused = validator.appraise_at(&new, now()).into_result().unwrap_err();
    assert!(refused.names_unknown_key());
    assert!(keys.may_refresh(now()));
    assert!(!keys.may_refresh(now()));
    keys.replace(set(&issuer));
    expect_accepted("-", "after", &validator.appraise_at(&new, now()));
    let gone = validator.appraise_at(&old, now());
    expect_rejected("KEY-09", &["key.found"], "a removed key", &gone);
}

fn set(issuer: &TestIssuer) -> JwkSet {
    JwkSet::from_json(issuer.jwks()).unwrap()
}

#[test]
fn cooldown() {
    let keys = key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap();
    let keys = keys.cooldown(Duration::seconds(10)).unwrap();
    let answers: Vec<bool> =
        (0..31).map(|s| keys.may_refresh(now() + Duration::seconds(s))).collect();
    assert_eq!(answers.iter().filter(|yes| **yes).count(), 4);
    assert!(!keys.may_refresh(now() + Duration::seconds(29)), "a clock a second behind");
    assert!(keys.may_refresh(now() - Duration::hours(1)), "a clock that went back");
}

struct Two {
    a: TestIssuer,
    b: TestIssuer,
}

impl Two {
    fn new() -> Self {
        let b = TestKey::generate("k1", SignatureAlgorithm::Ed25519);
        Self {
            a: TestIssuer::new("https://a.example"),
            b: TestIssuer::new("https://b.example").with_key(b),
        }
    }

    fn trusted(&self) -> [TrustedIssuer; 2] {
        let keys = |issuer, algorithm| key_store([algorithm], set(issuer)).unwrap();
        [
            TrustedIssuer::new(self.a.issuer(), keys(&self.a, SignatureAlgorithm::Es256)),
            TrustedIssuer::new(self.b.issuer(), keys(&self.b, SignatureAlgorithm::Ed25519)),
        ]
    }

    fn expect_bound(&self, validator: &Validator<AccessTokenClaims>) {
        let appraise = |token: String| validator.appraise_at(token, now());
        let draft = |issuer: &TestIssuer| issuer.access_token(AUDIENCE).at(NOW);
        for issuer in [&self.a, &self.b] {
            let accepted = appraise(draft(issuer).sign()).into_result().unwrap();
            assert_eq!(accepted.issuer(), &issuer.issuer());
        }
        let b_as_a = draft(&self.b).claim("iss", self.a.issuer());
        expect_rejected("KEY-08", &["key.alg"], "b's key, a's name", &appraise(b_as_a.sign()));
        let relabelled = draft(&self.a).claim("iss", self.b.issuer()).sign();
        expect_rejected("KEY-08", &["key.alg"], "a's key, b's name", &appraise(relabelled));
        for draft in [
            draft(&self.a).claim("iss", "https://c.example"),
            draft(&self.a).claim("iss", "https://a.example/"),
            draft(&self.a).claim("iss", serde_json::json!([self.a.issuer()])),
            draft(&self.a).without("iss"),
            draft(&self.a).raw_payload("not JSON"),
        ] {
            expect_rejected("KEY-08", &["key.issuer"], "no such issuer", &appraise(draft.sign()));
        }
        let twice = draft(&self.a).claims_json();
        let twice = twice.replacen('{', r#"{"x":{"iss":"https://b.example"},"#, 1);
        let nested = draft(&self.a).raw_payload(twice).sign();
        expect_accepted("KEY-08", "iss elsewhere is not the issuer", &appraise(nested));
        let double = draft(&self.a).claims_json();
        let double = double.replacen('{', r#"{"iss":"https://b.example","#, 1);
        let double = appraise(draft(&self.a).raw_payload(double).sign());
        expect_rejected("PAR-10", &["key.issuer"], "iss twice", &double);
        let kind = |token: TestToken| {
            let refused = appraise(token.sign()).into_result().unwrap_err();
            refused.reason().unwrap().outcome().reason().unwrap().kind()
        };
        assert_eq!(kind(draft(&self.a).without("iss")), ReasonKind::Missing);
        for iss in [json!(null), json!(true), json!(7), json!(-7), json!(0.5), json!([]), json!({})]
        {
            assert_eq!(kind(draft(&self.a).claim("iss", iss)), ReasonKind::WrongType);
        }
        let payload = |text: String| kind(draft(&self.a).raw_payload(text));
        let a = self.a.issuer();
        for text in [format!("[{a:?}]"), format!("{a:?}"), "[]".into(), "null".into(), "7".into()] {
            assert_eq!(payload(text), ReasonKind::NotAnObject);
        }
        let twice = format!(r#"{{"iss":{a:?},"\u0069ss":{a:?},"iss":7}}"#);
        assert_eq!(payload(twice), ReasonKind::DuplicateName);
        // A short payload is read as strictly as a verified one.
        let good = draft(&self.a).claims_json();
        let with = |member: &str| good.replacen('{', &format!(r#"{{"x":{member},"#), 1);
        for (member, reason) in [
            (r#"{"y":[{"a":1,"a":2}]}"#.to_owned(), ReasonKind::DuplicateName),
            (format!("{}1{}", "[".repeat(16), "]".repeat(16)), ReasonKind::TooDeep),
            ("1e999".to_owned(), ReasonKind::NumberRange),
            (r#"{"$serde_json::private::Number":"1"}"#.to_owned(), ReasonKind::ReservedName),
            (r#""\ud800""#.to_owned(), ReasonKind::NotJson),
        ] {
            let refused = appraise(draft(&self.a).raw_payload(with(&member)).sign());
            expect_rejected("PAR-10", &["key.issuer"], &member, &refused);
            assert_eq!(payload(with(&member)), reason, "{member}");
        }
        // The rest of a long one is read after the signature.
        for member in [format!("[0{}]", ",0".repeat(5_000)), format!(r#"["\n",{}]"#, "1e999")] {
            let refused = appraise(draft(&self.a).raw_payload(with(&member)).sign());
            expect_rejected("PAR-12", &["payload.json"], "a long payload", &refused);
        }
        let not_utf8 = [good.as_bytes(), b"\xff"].concat();
        assert_eq!(kind(draft(&self.a).raw_payload(not_utf8)), ReasonKind::NotUtf8);
        assert_eq!(kind(draft(&self.a).raw_payload("{")), ReasonKind::NotJson);
    }
}

#[test]
fn several_issuers_are_each_bound_to_their_keys() {
    let two = Two::new();
    let validator = validator_builder(Profile::access_token())
        .issuers(two.trusted())
        .audience(AUDIENCE)
        .build()
        .unwrap();
    two.expect_bound(&validator);
}

#[derive(Debug)]
struct Tenants(Vec<Arc<TrustedIssuer>>);

impl IssuerSource for Tenants {
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        let wanted = |tenant: &&Arc<TrustedIssuer>| *tenant.issuer() == *issuer.expose_untrusted();
        self.0.iter().find(wanted).cloned()
    }
}

#[test]
fn issuers_that_come_and_go() {
    let two = Two::new();
    let source: Arc<dyn IssuerSource> = Arc::new(Tenants(two.trusted().map(Arc::new).to_vec()));
    let validator = validator_builder(Profile::access_token())
        .issuer_source(source)
        .audience(AUDIENCE)
        .build()
        .unwrap();
    two.expect_bound(&validator);
}

#[derive(Debug)]
struct AnyIssuer(Arc<TrustedIssuer>);

impl IssuerSource for AnyIssuer {
    fn find(&self, _: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        Some(Arc::clone(&self.0))
    }
}

#[test]
fn a_source_that_answers_with_another_issuer_is_not_followed() {
    let two = Two::new();
    let [a, _] = two.trusted();
    let source = Arc::new(AnyIssuer(Arc::new(a)));
    let validator = validator_builder(Profile::access_token())
        .issuer_source(source)
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let token = two.a.access_token(AUDIENCE).at(NOW).claim("iss", "https://c.example").sign();
    let appraisal = validator.appraise_at(token, now());
    expect_rejected("KEY-08", &["key.issuer"], "another issuer", &appraisal);
}

/// What `build()` refuses of an issuer that it is given, is refused of one that a source gives.
#[test]
fn a_source_that_answers_with_a_name_that_is_none_is_not_followed() {
    for name in ["", "not a uri: x"] {
        let issuer = TestIssuer::new(name);
        let keys = key_store([SignatureAlgorithm::Es256], set(&issuer)).unwrap();
        let trusted = Arc::new(TrustedIssuer::new(name, keys));
        let validator = validator_builder(Profile::access_token())
            .issuer_source(AnyIssuer(trusted))
            .audience(AUDIENCE)
            .build()
            .unwrap();
        let appraisal = validator.appraise_at(issuer.access_token(AUDIENCE).at(NOW).sign(), now());
        expect_rejected("CLM-10", &["key.issuer"], name, &appraisal);
    }
}

#[test]
fn shared_secrets() {
    let bytes = [0x5a; 64];
    for alg in [MacAlgorithm::Hs256, MacAlgorithm::Hs384, MacAlgorithm::Hs512] {
        let secret = SharedSecret::new(alg, &bytes).unwrap();
        let validator = validator_builder(Profile::access_token())
            .shared_secret(ISSUER, secret)
            .audience(AUDIENCE)
            .build()
            .unwrap();
        let draft =
            |key: &TestKey| TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(key);
        let appraise = |token: String| validator.appraise_at(token, now());
        let ours = TestKey::secret("whatever", alg, &bytes);
        expect_accepted("ALG-01", alg.name(), &appraise(draft(&ours).sign()));
        let theirs = TestKey::secret("k", alg, &[0x5b; 64]);
        let forged = appraise(draft(&theirs).sign());
        expect_rejected("AT-05", &["crypto.signature"], alg.name(), &forged);
        let public = TestKey::generate("k", SignatureAlgorithm::Es256);
        let public = appraise(draft(&public).sign());
        expect_rejected("ALG-10", &["header.alg"], "a signature", &public);
    }
}

#[test]
fn every_algorithm_of_the_provider() {
    let provider = &jwt_appraisal::crypto::ring::PROVIDER;
    let rsa = TestKey::generate("k1", SignatureAlgorithm::Rs256);
    for alg in provider.signature_algorithms() {
        let key = match alg.name().get(..2) {
            Some("RS" | "PS") => rsa.with_alg(*alg),
            _ => TestKey::generate("k1", *alg),
        };
        let scene = Scene::of(TestIssuer::new(ISSUER).with_key(key));
        scene.accepts("ALG-01 AT-05", alg.name(), scene.token().sign());
        let forged = tamper(&scene.token().sign(), Segment::Signature, 9);
        scene.refuses("AT-05", "crypto.signature", alg.name(), forged);
    }
}

#[test]
fn reasons_rank_the_wrong_party_above_the_stale_token() {
    let scene = Scene::new();
    let refuse = |token: String| scene.appraise(token).into_result().unwrap_err();
    let expired = refuse(scene.token().at(NOW - 1_000).sign());
    assert!(expired.is_only_expired());
    let both = refuse(scene.token().at(NOW - 1_000).claim("aud", "https://other.example").sign());
    assert!(!both.is_only_expired());
    assert!(!expired.names_unknown_key());
    let forged = refuse(tamper(&scene.token().sign(), Segment::Signature, 9));
    assert!(!forged.is_only_expired() && !forged.names_unknown_key());
    let kind = both.reason().unwrap().outcome().reason().unwrap().kind();
    assert_eq!(kind, ReasonKind::WrongAudience);
    let stale = refuse(scene.token().at(NOW - 1_000).claim("jti", 7).sign());
    assert_eq!(stale.reason().unwrap().id(), &"claims.jti");
}

#[test]
fn nothing_is_kept_between_tokens() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let bad = tamper(&good, Segment::Payload, 30);
    for _ in 0..3 {
        expect_accepted("-", "good", &scene.appraise(&good));
        expect_rejected("-", &["crypto.signature"], "bad", &scene.appraise(&bad));
        let later = scene.validator.appraise_at(&good, now() + Duration::hours(1));
        expect_rejected("CLM-01", &["claims.exp"], "later", &later);
    }
}
