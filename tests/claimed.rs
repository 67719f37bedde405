//! What a refused token says of itself, for validators that record it.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

mod support;

use jwt_appraisal::testing::{Segment, TestIssuer, tamper};
use jwt_appraisal::{AccessTokenClaims, Profile, Validator};
use support::{ISSUER, Scene, now};

fn recording(scene: &Scene) -> Validator<AccessTokenClaims> {
    scene.builder_of(Profile::access_token()).record_claimed().build().unwrap()
}

fn claimed(validator: &Validator<AccessTokenClaims>, token: &str) -> serde_json::Value {
    let appraisal = validator.appraise_at(token, now());
    assert!(!appraisal.record().is_verified());
    let json = serde_json::to_value(appraisal.record()).unwrap();
    json.get("claimed").cloned().unwrap_or_default()
}

#[test]
fn records_what_a_forged_token_says_of_itself() {
    let scene = Scene::new();
    let forged = tamper(&scene.token().sign(), Segment::Signature, 0);
    let validator = recording(&scene);
    let appraisal = validator.appraise_at(&forged, now());
    let record = appraisal.record();
    let claimed = record.claimed().unwrap();
    let shown = |value: Option<jwt_appraisal::UntrustedStr<'_>>| value.unwrap().to_string();
    assert_eq!(shown(claimed.algorithm()), "ES256");
    assert_eq!(shown(claimed.typ()), "at+jwt");
    assert_eq!(shown(claimed.key_id()), "k1");
    assert_eq!(shown(claimed.party()), ISSUER);
    // Nothing of it looks verified.
    assert_eq!((record.party(), record.key_id(), record.algorithm()), (None, None, None));
}

#[test]
fn records_nothing_by_default_or_once_the_signature_passed() {
    let scene = Scene::new();
    let forged = tamper(&scene.token().sign(), Segment::Signature, 0);
    assert!(scene.appraise(&forged).record().claimed().is_none());
    let validator = recording(&scene);
    let expired = scene.token().claim("exp", 1).sign();
    let appraisal = validator.appraise_at(&expired, now());
    assert!(appraisal.record().is_verified() && appraisal.record().claimed().is_none());
    let good = validator.appraise_at(scene.token().sign(), now());
    assert!(good.is_accepted() && good.record().claimed().is_none());
}

#[test]
fn escapes_and_bounds_what_it_records() {
    let scene = Scene::new();
    let validator = recording(&scene);
    let hostile = TestIssuer::new("https://evil.example/\u{1b}[31m\n").access_token("x");
    let hostile = hostile.header("kid", "k".repeat(600)).header("typ", "a\u{202e}b").sign();
    let claimed = claimed(&validator, &hostile);
    let text = claimed.to_string();
    assert!(text.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{text}");
    assert!(claimed.get("kid").unwrap().is_null(), "{text}");
    let printed = format!("{:?}", validator.appraise_at(&hostile, now()).record().claimed());
    assert!(printed.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{printed}");
}

#[test]
fn records_nothing_of_what_is_no_token() {
    let scene = Scene::new();
    let validator = recording(&scene);
    for token in ["", "...", "x.y.z", "a.b.c.d.e", &"a".repeat(100_000)] {
        assert!(claimed(&validator, token).is_null(), "{}", token.len());
    }
}
