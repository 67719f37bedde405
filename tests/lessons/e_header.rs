//! E. Headers that demand what is not understood, and tokens of another kind.

use std::sync::Arc;

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{Appraisal, IssuerSource, MacAlgorithm, Profile, ReasonKind, danger};
use serde_json::{Value, json};

use super::support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, now, validator_builder,
};
use super::{Source, b64, of_issuers, trusted, with_secret};

fn kind<C>(appraisal: &Appraisal<C>) -> ReasonKind {
    appraisal.findings().next().unwrap().outcome().reason().unwrap().kind()
}

#[test]
fn lesson_055_cve_2026_35042_a_critical_extension_is_not_overlooked() {
    let scene = Scene::new();
    for name in ["bork", "exp", "http://example.invalid/UNDEFINED", "ppt", "iss", "b64"] {
        let token = scene.token().header("crit", json!([name])).header(name, true).sign();
        let appraisal = scene.appraise(token);
        expect_rejected("055", &["header.crit"], name, &appraisal);
        assert_eq!(kind(&appraisal), ReasonKind::NotUnderstood, "{name}");
        let plain = scene.token().header(name, true).sign();
        scene.accepts("055", "the same member, not critical", plain);
    }
}

#[test]
fn lesson_056_cve_2026_32597_a_policy_in_crit_is_not_waved_through() {
    let validator = with_secret(MacAlgorithm::Hs256, &[4; 32]);
    let key = TestKey::secret("k1", MacAlgorithm::Hs256, &[4; 32]);
    let draft = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&key);
    expect_accepted("056", "no crit", &validator.appraise_at(draft.sign(), now()));
    for crit in [json!(["x-custom-policy"]), json!(["x-custom-policy", "x-other"])] {
        let token = draft.clone().header("x-custom-policy", "require-mfa").header("x-other", 1);
        let appraisal = validator.appraise_at(token.header("crit", crit.clone()).sign(), now());
        expect_rejected("056", &["header.crit"], &crit.to_string(), &appraisal);
        assert_eq!(kind(&appraisal), ReasonKind::NotUnderstood);
    }
}

#[test]
fn lesson_057_cve_2025_59420_a_critical_binding_is_not_dropped() {
    let scene = Scene::new();
    let cnf = json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"});
    let bound = scene.token().header("crit", json!(["cnf"])).header("cnf", cnf.clone());
    let appraisal = scene.appraise(bound.sign());
    expect_rejected("057", &["header.crit"], "cnf in the header", &appraisal);
    assert_eq!(kind(&appraisal), ReasonKind::NotUnderstood);
    let both = scene.appraise(bound.claim("cnf", cnf.clone()).sign());
    expect_rejected("057", &["header.crit"], "cnf in both", &both);
    let missing = scene.token().header("crit", json!(["cnf"])).claim("cnf", cnf).sign();
    let appraisal = scene.appraise(missing);
    expect_rejected("057", &["header.crit"], "named, but only a claim", &appraisal);
    assert_eq!(kind(&appraisal), ReasonKind::Malformed);
}

#[test]
fn lesson_058_there_is_no_way_around_crit() {
    let scene = Scene::new();
    let key = TestKey::secret("k1", MacAlgorithm::Hs256, &[4; 32]);
    let critical = |draft: TestToken| draft.header("crit", json!(["x"])).header("x", 1).sign();
    let signed = critical(scene.token());
    let maced = critical(scene.token().signed_by(&key));
    let receipt = critical(scene.issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE));
    let second = TestIssuer::new("https://second.example");
    let source: Arc<dyn IssuerSource> = Arc::new(Source(vec![Arc::new(trusted(&scene.issuer))]));
    let source = validator_builder(Profile::access_token()).issuer_source(source);
    let loose = danger::without_audience(danger::untyped_profile::<Value>());
    let loose = validator_builder(danger::without_max_lifetime(loose));
    let loose = loose.issuer(trusted(&scene.issuer)).build().unwrap();
    let own = scene.validator_of(Profile::<Value>::new("receipt+jwt"));
    let one_key = critical(scene.token().without_header("kid"));
    let by_issuer = of_issuers([&scene.issuer, &second]);
    let by_source = source.audience(AUDIENCE).build().unwrap();
    let by_secret = with_secret(MacAlgorithm::Hs256, &[4; 32]);
    scene.refuses("058", "header.crit", "one issuer", &signed);
    scene.refuses("058", "header.crit", "no kid", one_key);
    for (what, appraisal) in [
        ("several issuers", by_issuer.appraise_at(&signed, now())),
        ("a source of issuers", by_source.appraise_at(&signed, now())),
        ("a secret", by_secret.appraise_at(&maced, now())),
    ] {
        expect_rejected("058", &["header.crit"], what, &appraisal);
    }
    let appraisal = own.appraise_at(receipt, now());
    expect_rejected("058", &["header.crit"], "a kind of one's own", &appraisal);
    let appraisal = loose.appraise_at(signed, now());
    expect_rejected("058", &["header.crit"], "everything waived that can be", &appraisal);
}

#[test]
fn lesson_059_a_list_of_nothing_is_no_list() {
    let scene = Scene::new();
    for (crit, expected) in [
        (json!([]), ReasonKind::Malformed),
        (json!([""]), ReasonKind::Malformed),
        (json!(["y"]), ReasonKind::Malformed),
        (json!(["x", "x"]), ReasonKind::Malformed),
        (json!(["alg"]), ReasonKind::Malformed),
        (json!(["x", "kid"]), ReasonKind::Malformed),
        (json!([1]), ReasonKind::WrongType),
        (json!([["x"]]), ReasonKind::WrongType),
        (json!("x"), ReasonKind::WrongType),
        (json!(null), ReasonKind::WrongType),
        (json!(false), ReasonKind::WrongType),
        (json!({"x": 1}), ReasonKind::WrongType),
    ] {
        let token = scene.token().header("crit", crit.clone()).header("x", 1).sign();
        let appraisal = scene.appraise(token);
        expect_rejected("059", &["header.crit"], &crit.to_string(), &appraisal);
        assert_eq!(kind(&appraisal), expected, "{crit}");
    }
}

#[test]
fn lesson_060_an_unencoded_payload_is_no_jwt() {
    let scene = Scene::new();
    let unencoded = scene.token().header("b64", false).header("crit", json!(["b64"]));
    let appraisal = scene.appraise(unencoded.sign());
    expect_rejected("060", &["header.crit", "header.b64"], "encoded after all", &appraisal);
    let lax = scene.token().header("b64", false).sign();
    scene.refuses("060", "header.b64", "not even critical", lax);
    let header = b64(unencoded.header_json().as_bytes());
    let claims = scene.token().claims_json();
    let key = scene.issuer.key();
    let signature = b64(&key.sign(format!("{header}.{claims}").as_bytes()));
    scene.refuses("060", "form.compact", "unencoded", format!("{header}.{claims}.{signature}"));
    scene.refuses("060", "form.compact", "detached", format!("{header}..{signature}"));
    let payload = "x".repeat(20_000_000);
    scene.refuses("060", "form.size", "20 MB", format!("{header}.{payload}.{signature}"));
}

#[test]
fn lesson_061_another_kind_of_token_is_no_access_token() {
    let scene = Scene::new();
    let event = "http://schemas.openid.net/event/backchannel-logout";
    let kinds = [
        ("logout+jwt", scene.token().claim("events", json!({event: {}})).claim("sid", "s1")),
        ("dpop+jwt", scene.token().claim("htm", "POST").claim("htu", AUDIENCE)),
        ("oauth-id-jag+jwt", scene.token().claim("resource", AUDIENCE)),
        ("secevent+jwt", scene.token().claim("events", json!({}))),
        ("client-authentication+jwt", scene.token()),
        ("token-introspection+jwt", scene.token()),
        ("oauth-authz-req+jwt", scene.token().claim("response_type", "code")),
        ("JWT", scene.token().claim("nonce", "n").claim("at_hash", "h")),
    ];
    for (typ, draft) in kinds {
        let token = draft.header("typ", typ).sign();
        scene.refuses("061", "header.typ", typ, &token);
    }
    let receipt = scene.token().header("typ", "receipt+jwt").sign();
    scene.refuses("061", "header.typ", "a kind of one's own", &receipt);
    let theirs = scene.validator_of(Profile::<Value>::new("receipt+jwt"));
    expect_accepted("061", "where it belongs", &theirs.appraise_at(receipt, now()));
    let ours = theirs.appraise_at(scene.token().sign(), now());
    expect_rejected("061", &["header.typ"], "an access token there", &ours);
    let untyped = scene.token().without_header("typ").sign();
    scene.refuses("061", "header.typ", "no type", untyped);
}
