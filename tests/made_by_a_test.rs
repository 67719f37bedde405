//! Accepted tokens that a test makes: they agree with what an appraisal makes of the same claims, and their
//! record says what they are.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

mod support;

use jwt_appraisal::testing::TestAccepted;
use jwt_appraisal::{Accepted, AccessTokenClaims, Outcome, Verdict};
use serde_json::{Value, json};
use support::{AUDIENCE, ISSUER, NOW, Scene};

fn made() -> TestAccepted {
    let actors = json!({"sub": "agent-2", "act": {"sub": "agent-1", "client_id": "x"}});
    TestAccepted::new("access-token")
        .at(NOW)
        .issuer(ISSUER)
        .key_id("k1")
        .subject("alice")
        .client_id("app")
        .audiences([AUDIENCE])
        .scopes(["files:read", "files:write"])
        .token_id("j1")
        .claim("act", actors)
        .claim("acr", "phr")
        .claim("auth_time", NOW - 60)
}

/// The record and the accessors are those of a token with the same claims that a validator accepted.
#[test]
fn agrees_with_an_appraisal() {
    let scene = Scene::new();
    let draft = scene.token().claim("sub", "alice").claim("client_id", "app").claim("jti", "j1");
    let draft = draft.claim("scope", "files:read files:write").claim("acr", "phr");
    let actors = json!({"sub": "agent-2", "act": {"sub": "agent-1", "client_id": "x"}});
    let draft = draft.claim("auth_time", NOW - 60).claim("act", actors);
    let draft = draft.claim("iat", NOW).claim("exp", NOW + 300);
    let real = scene.appraise(draft.sign()).into_result().unwrap();
    let made: Accepted<AccessTokenClaims> = made().build();
    let record = |accepted: &Accepted<AccessTokenClaims>| {
        let mut record = serde_json::to_value(accepted.record().with_subjects()).unwrap();
        let members = record.as_object_mut().unwrap();
        for of_the_appraisal in ["policy", "policy_digest", "checks", "alg"] {
            assert!(members.remove(of_the_appraisal).is_some(), "{of_the_appraisal}");
        }
        record
    };
    assert_eq!(record(&made), record(&real));
    let seen = |accepted: &Accepted<AccessTokenClaims>| {
        let texts =
            |texts: &mut dyn Iterator<Item = &str>| texts.map(str::to_owned).collect::<Vec<_>>();
        (
            accepted.subject().map(str::to_owned),
            accepted.client_id().map(str::to_owned),
            texts(&mut accepted.scopes()),
            texts(&mut accepted.audiences()),
            accepted.actor().and_then(|actor| actor.subject).map(str::to_owned),
            accepted.expires_at(),
            accepted.token_id().map(str::to_owned),
            accepted.issuer().clone(),
            accepted.key_id().cloned(),
            format!("{:?}", accepted.claims()),
        )
    };
    assert_eq!(seen(&made), seen(&real));
    assert_eq!(made.record().authentication_class(), Some("phr"));
    assert_eq!(made.record().authenticated_at(), real.record().authenticated_at());
}

#[test]
fn a_record_says_that_a_test_made_it() {
    let made: Accepted<Value> = made().build();
    let record = made.record();
    assert_eq!((record.policy(), record.verdict()), (Some("made by a test"), Verdict::Accepted));
    assert_eq!(record.algorithm(), Some("none"));
    let checks: Vec<_> =
        record.checks().map(|check| (check.code(), check.outcome().clone())).collect();
    assert_eq!(checks, [("testing.unverified", Outcome::Waived)]);
    let json = serde_json::to_value(&made).unwrap();
    assert_eq!(json["checks"], json!([{"id": "testing.unverified", "outcome": "waived"}]));
}

#[test]
fn scopes_imply_others_and_claims_may_be_ready() {
    let narrow = made().scopes(["files:write"]);
    let flat: Accepted<Value> = narrow.clone().build();
    assert!(flat.require_scopes(["files:read"]).is_err());
    let implying = narrow
        .scope_hierarchy(|granted, needed| (granted, needed) == ("files:write", "files:read"));
    let ready = implying.without("sub").expires_at(NOW + 5).build_with("ready");
    assert!(ready.require_scopes(["files:read"]).is_ok());
    assert_eq!((*ready.claims(), ready.subject()), ("ready", None));
    assert_eq!(ready.expires_at().unwrap().unix_timestamp(), NOW + 5);
}
