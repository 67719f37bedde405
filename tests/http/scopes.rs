//! Scopes: each that is needed, or a broader one.

use jwt_appraisal::{Accepted, AccessTokenClaims, Profile};
use serde_json::Value;

use super::site::Site;

fn caller(site: &Site, scope: impl Into<Value>) -> Accepted<AccessTokenClaims> {
    let validator = site.validator_builder().scope_hierarchy(|granted, needed| {
        needed.strip_prefix(granted).is_some_and(|rest| rest.starts_with(':'))
    });
    let token = site.token().claim("scope", scope).sign();
    validator.build().unwrap().appraise(token).into_result().unwrap()
}

#[test]
fn every_scope_that_is_needed() {
    let site = Site::new();
    let plain = site.validator().appraise(site.token().claim("scope", "a b").sign());
    let caller = plain.into_result().unwrap();
    for (needed, missing) in [
        (&[][..], None),
        (&["a"], None),
        (&["b", "a"], None),
        (&["a", "c"], Some("the token lacks 1 of the 2 scopes that the operation needs: a c")),
        (&["A"], Some("the token lacks the scope that the operation needs: A")),
        (&["a b"], Some("the token lacks the scope that the operation needs: a b")),
        (&[""], Some("the token lacks the scope that the operation needs: ")),
        (&["a:b"], Some("the token lacks the scope that the operation needs: a:b")),
    ] {
        let required = caller.require_scopes(needed.iter().copied());
        assert_eq!(required.err().map(|error| error.to_string()).as_deref(), missing, "MCP-10");
    }
}

#[test]
fn a_broader_scope_implies_a_narrower_one() {
    let site = Site::new();
    let rows = [
        ("files", "files:read", true),
        ("files", "files:read:public", true),
        ("files", "files", true),
        ("files:read", "files", false),
        ("file", "files:read", false),
        ("other files", "files:read", true),
        ("", "files:read", false),
    ];
    for (granted, needed, fine) in rows {
        let caller = caller(&site, granted);
        assert_eq!(caller.has_scope(needed), fine, "MCP-13: {granted} for {needed}");
        assert_eq!(caller.require_scopes([needed]).is_ok(), fine, "MCP-13: {granted} for {needed}");
    }
}

#[test]
fn a_token_without_scopes_has_none() {
    let site = Site::new();
    let token = site.token().without("scope").sign();
    let caller = site.validator().appraise(token).into_result().unwrap();
    assert!(caller.require_scopes(["files:read"]).is_err());
    assert!(caller.require_scopes([]).is_ok());
}

#[test]
fn tokens_that_are_not_typed() {
    let site = Site::new();
    let legacy = Profile::access_token_legacy("scope");
    let validator = super::support::validator_builder(legacy)
        .issuer(site.trusted())
        .audience(super::site::RESOURCE)
        .clock(jwt_appraisal::FixedClock::new(super::support::now()))
        .build()
        .unwrap();
    let draft = site.token().header("typ", "JWT").claim("acr", "phr").claim("auth_time", 7);
    let caller = validator.appraise(draft.sign()).into_result().unwrap();
    assert!(caller.has_scope("files:read") && !caller.has_scope("files:delete"));
    let record = caller.record();
    let authenticated_at = record.authenticated_at().unwrap().unix_timestamp();
    assert_eq!((record.authentication_class(), authenticated_at), (Some("phr"), 7));
    let caller = validator.appraise(draft.claim("auth_time", 1.7e9).sign()).into_result().unwrap();
    let authenticated_at = caller.record().authenticated_at().unwrap();
    assert_eq!(authenticated_at.unix_timestamp(), 1_700_000_000);
}

/// What the record says does not depend on what the claims type reads.
#[test]
fn claims_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct Own {}
    let site = Site::new();
    let validator = super::support::validator_builder(Profile::mcp_access_token().claims::<Own>())
        .issuer(site.trusted())
        .audience(super::site::RESOURCE)
        .clock(jwt_appraisal::FixedClock::new(super::support::now()))
        .build()
        .unwrap();
    let caller = validator.appraise(site.token().sign()).into_result().unwrap();
    assert!(caller.has_scope("files:read") && !caller.has_scope("files:delete"));
    assert_eq!(caller.scopes().collect::<Vec<_>>(), ["files:read"]);
    assert_eq!((caller.subject(), caller.client_id()), (Some("user-1"), Some("client-1")));
    assert_eq!(caller.audiences().collect::<Vec<_>>(), [super::site::RESOURCE]);
    assert!(caller.token_id().is_some() && caller.expires_at().is_some());
    assert!(caller.actor().is_none());
}
