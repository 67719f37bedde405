//! J. Tokens that are bound to a key or to an actor, and requests without any token.

use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{ConfigError, Limits, Profile, SignatureAlgorithm, TrustedIssuer};
use serde_json::{Value, json};

use super::support::{
    AUDIENCE, NOW, Scene, expect_accepted, expect_rejected, now, validator_builder,
};
use super::{b64, builder};

#[test]
fn lesson_082_a_bound_token_is_no_bearer_token() {
    let scene = Scene::new();
    let holder = TestKey::generate("holder", SignatureAlgorithm::Es256);
    let own = scene.validator_of(Profile::<Value>::new("receipt+jwt"));
    let receipt = || scene.issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE);
    for cnf in [
        json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
        json!({"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}),
        json!({"jwk": holder.jwk()}),
        json!({"jku": "https://evil.example/jwks", "kid": "k1"}),
        json!({"kid": "k1"}),
        json!({"osc": {}}),
        json!({"a-method-of-tomorrow": true}),
        json!({"jkt": null}),
        json!({}),
    ] {
        let what = cnf.to_string();
        let token = scene.token().claim("cnf", cnf.clone()).header("jwk", holder.jwk()).sign();
        scene.refuses("082", "claims.cnf", &what, token);
        let appraisal = own.appraise_at(receipt().claim("cnf", cnf).sign(), now());
        expect_rejected("082", &["claims.cnf"], &what, &appraisal);
    }
    expect_accepted("082", "not bound", &own.appraise_at(receipt().sign(), now()));
}

fn actors(depth: usize) -> Value {
    let first = json!({"sub": "agent-0"});
    (1..depth).fold(first, |act, nth| json!({"sub": format!("agent-{nth}"), "act": act}))
}

#[test]
fn lesson_083_actors_are_objects_and_few() {
    let scene = Scene::new();
    let with = |act: Value| scene.token().claim("act", act).sign();
    for act in [
        json!("admin"),
        json!(["admin"]),
        json!([{"sub": "admin"}]),
        json!(true),
        json!(null),
        json!({"sub": ["admin"]}),
        json!({"sub": "agent", "act": "admin"}),
        json!({"sub": "agent", "act": [{"sub": "admin"}]}),
        json!({"sub": "agent", "act": {"act": {"sub": "admin"}}}),
    ] {
        scene.refuses("083", "claims.act", &act.to_string(), with(act.clone()));
    }
    scene.refuses("083", "payload.json", "61 deep", with(actors(61)));
    let mut limits = Limits::default();
    limits.json_depth = 64;
    let deep = builder(&scene).limits(limits).build().unwrap();
    let appraisal = deep.appraise_at(with(actors(61)), now());
    expect_rejected("083", &["claims.act"], "61 deep, where JSON may be", &appraisal);
    let accepted = scene.appraise(with(actors(8))).into_result().unwrap();
    assert_eq!(accepted.claims().act.as_ref().unwrap().history().count(), 7);
}

#[test]
fn lesson_084_cve_2026_59726_no_token_is_no_caller() {
    let scene = Scene::new();
    let good = scene.token().sign();
    for text in ["", " ", "null", "undefined", "none", "Bearer", "Bearer ", "Basic YTpi", "\0"] {
        scene.refuses("084", "form.compact", text, text);
    }
    scene.refuses("084", "form.compact", "the scheme left on", format!("Bearer {good}"));
    scene.refuses("084", "form.compact", "two tokens", format!("{good},{good}"));
    let nobody = validator_builder(Profile::access_token()).issuers(Vec::<TrustedIssuer>::new());
    let nobody = nobody.audience(AUDIENCE).build();
    assert_eq!(nobody.unwrap_err(), ConfigError::NoIssuer, "no way to let everybody in");
    scene.accepts("084", "the token", good);
}

#[test]
fn lesson_085_a_key_binding_is_not_skipped() {
    let scene = Scene::new();
    let holder = TestKey::generate("holder", SignatureAlgorithm::Es256);
    let credential = || {
        let claims = scene.issuer.token("dc+sd-jwt").at(NOW).claim("aud", AUDIENCE);
        claims.claim("_sd_alg", "sha-256").claim("_sd", json!([b64(&[1; 32])]))
    };
    let bound = credential().claim("cnf", json!({"jwk": holder.jwk()}));
    let disclosure = b64(br#"["salt","given_name","Ada"]"#);
    let binding = |draft: TestToken| draft.header("typ", "kb+jwt").signed_by(&holder).sign();
    let binding = binding(scene.token().claim("nonce", "n").claim("sd_hash", b64(&[2; 32])));
    let verifier = scene.validator_of(Profile::<Value>::new("dc+sd-jwt"));
    for presentation in [
        format!("{}~", bound.sign()),
        format!("{}~{disclosure}~", bound.sign()),
        format!("{}~{disclosure}~{binding}", bound.sign()),
        format!("{}~~{binding}", bound.sign()),
        format!("~{binding}"),
    ] {
        scene.refuses("085", "form.compact", "a presentation", &presentation);
        let appraisal = verifier.appraise_at(&presentation, now());
        expect_rejected("085", &["form.compact"], "a presentation", &appraisal);
    }
    let stripped = verifier.appraise_at(bound.sign(), now());
    expect_rejected("085", &["claims.cnf"], "stripped of its key binding", &stripped);
    scene.refuses("085", "header.typ", "in place of an access token", credential().sign());
    scene.refuses("085", "header.typ", "the key binding alone", binding);
}
