//! What a request is answered with, one fault at a time.

use jwt_appraisal::http::{Challenge, Requirement, ResourceServer, ToChallenge};
use jwt_appraisal::testing::{Segment, tamper};
use jwt_appraisal::{
    FixedClock, InsufficientScope, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer,
};
use serde_json::json;
use time::Duration;

use super::site::{METADATA, RESOURCE, Site, authenticate, bearer, challenges, request, told};
use super::support::{ISSUER, NOW, key_store, now, validator_builder};

fn with_metadata(before: &str) -> Vec<String> {
    vec![format!("Bearer {before}resource_metadata=\"{METADATA}\"")]
}

#[test]
fn requests_without_a_token_that_could_be_appraised() {
    let server = Site::new().server();
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], u16, &'a str);
    let rows: &[Row<'_>] = &[
        ("MCP-10: none, so no error code (RFC 6750 §3)", &[], 401, ""),
        ("another scheme", &[("authorization", "Basic dTpw")], 401, ""),
        ("DPoP where it is not offered", &[("authorization", "DPoP a.b.c")], 401, ""),
        (
            "MCP-10: malformed",
            &[("authorization", "Bearer a b")],
            400,
            "error=\"invalid_request\", ",
        ),
        (
            "RFC 6750 §2: repeated",
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")],
            400,
            "error=\"invalid_request\", ",
        ),
    ];
    for (rule, headers, status, error) in rows {
        let denied = authenticate(&server, &request(headers)).unwrap_err();
        let scope = "scope=\"files:read\", ";
        assert_eq!(told(&denied), (*status, with_metadata(&format!("{error}{scope}"))), "{rule}");
    }
}

#[test]
fn errors_find_a_scheme_to_stand_on() {
    let site = Site::new();
    let malformed = request(&[("authorization", "DPoP a b")]);
    let denied = authenticate(&site.server(), &malformed).unwrap_err();
    let expected = with_metadata("error=\"invalid_request\", scope=\"files:read\", ");
    assert_eq!(told(&denied), (400, expected), "DPoP is not offered");
    let mixed = request(&[("authorization", "DPoP a"), ("authorization", "Bearer b")]);
    let (status, told) = told(&authenticate(&site.dpop_server(), &mixed).unwrap_err());
    assert_eq!(status, 400);
    assert!(
        told.len() == 2 && told.iter().all(|told| told.contains("invalid_request")),
        "{told:?}"
    );
}

#[test]
fn another_operation_of_the_same_server() {
    let site = Site::new();
    let server = site
        .builder_with(site.proofs())
        .dpop_bound_access_tokens_required()
        .initial_scopes(["files:list"])
        .retry_after(Duration::seconds(7))
        .build()
        .unwrap();
    let other = server.requiring(Requirement::default()).unwrap();
    let denied = authenticate(&other, &request(&[])).unwrap_err();
    let only =
        format!("DPoP scope=\"files:list\", resource_metadata=\"{METADATA}\", algs=\"ES256\"");
    assert_eq!(told(&denied), (401, vec![only]));
    let open = undetermined(&site);
    let told = other.challenge(&open).headers();
    assert_eq!(told["retry-after"], "7");
}

/// A token of an issuer whose keys are not there yet.
fn undetermined(site: &Site) -> jwt_appraisal::Refused {
    let keys = key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap();
    let validator = validator_builder(Profile::mcp_access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(RESOURCE)
        .build()
        .unwrap();
    validator.appraise(site.token().sign()).into_result().unwrap_err()
}

#[test]
fn tokens_that_are_refused() {
    let site = Site::new();
    let server = site.server();
    let good = site.token();
    assert!(authenticate(&server, &bearer(&good.sign())).is_ok());
    let rows = [
        ("MCP-10", "expired", good.clone().at(NOW - 3_600).sign(), "has expired"),
        ("MCP-07", "aud", good.clone().claim("aud", "https://other").sign(), "this resource"),
        ("DP-13", "cnf", site.bound_token().sign(), "proof of possession"),
        ("MCP-10", "forged", tamper(&good.sign(), Segment::Signature, 3), "is not valid"),
        ("MCP-10", "no JWT", "abc".to_owned(), "is not valid"),
        ("AT-03", "iss", good.clone().claim("iss", "https://evil.example").sign(), "is not valid"),
    ];
    for (rule, what, token, words) in rows {
        let denied = authenticate(&server, &bearer(&token)).unwrap_err();
        let expected = with_metadata("error=\"invalid_token\", scope=\"files:read\", ");
        assert_eq!(told(&denied), (401, expected), "AT-08 {rule}: {what}: {denied}");
        let headers = denied.challenge().headers();
        let value = headers["www-authenticate"].to_str().unwrap();
        assert!(value.contains(words), "{rule}: {what}: {value}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(denied.challenge().error(), Some("invalid_token"));
    }
}

#[test]
fn insufficient_scope_names_all_scopes_at_once() {
    let site = Site::new();
    let needed = Requirement::scopes(["files:read", "files:delete"]);
    let server = site.server().requiring(needed).unwrap();
    let denied = authenticate(&server, &bearer(&site.token().sign())).unwrap_err();
    let expected = "error=\"insufficient_scope\", scope=\"files:read files:delete\", ";
    assert_eq!(told(&denied), (403, with_metadata(expected)), "MCP-12");
    assert_eq!(
        denied.to_string(),
        "403: access token rejected: request.scopes: does not have every scope that the operation needs: \
         1 of 2 are missing: files:read files:delete"
    );
    let both = site.token().claim("scope", "files:delete files:read").sign();
    assert!(authenticate(&server, &bearer(&both)).is_ok());
}

#[test]
fn step_up() {
    let site = Site::new();
    let demanded = Requirement::scopes([])
        .acr_values(["phr", "mfa"])
        .max_authentication_age(Duration::minutes(5));
    let server = site.server().requiring(demanded).unwrap();
    let fresh = site.token().claim("acr", "mfa").claim("auth_time", NOW - 10);
    assert!(authenticate(&server, &bearer(&fresh.sign())).is_ok());
    let expected = "error=\"insufficient_user_authentication\", acr_values=\"phr mfa\", \
                    max_age=\"300\", ";
    let rows = [
        ("RFC 9470 §3: acr", fresh.clone().claim("acr", "pwd")),
        ("RFC 9470 §3: no acr", fresh.clone().without("acr")),
        ("RFC 9470 §3: too long ago", fresh.clone().claim("auth_time", NOW - 600)),
        ("RFC 9470 §3: no auth_time", fresh.clone().without("auth_time")),
    ];
    for (rule, draft) in rows {
        let denied = authenticate(&server, &bearer(&draft.sign())).unwrap_err();
        assert_eq!(told(&denied), (401, with_metadata(expected)), "{rule}");
    }
    // A handler that knows the operation gets the same answer.
    let server = site.builder().build().unwrap();
    let demanded = Requirement::default()
        .acr_values(["phr", "mfa"])
        .max_authentication_age(Duration::minutes(5));
    let edge = fresh.clone().claim("auth_time", NOW - 360);
    for (draft, fine) in [
        (fresh.clone(), true),
        (edge.clone(), true),
        (edge.claim("auth_time", NOW - 361), false),
        (fresh.clone().claim("auth_time", NOW + 60), true),
        (fresh.clone().claim("auth_time", NOW + 61), false),
        (fresh.clone().claim("acr", "pwd"), false),
        (fresh.clone().without("acr"), false),
        (fresh.clone().without("auth_time"), false),
    ] {
        let caller = authenticate(&server, &bearer(&draft.sign())).unwrap();
        let told = server.require(&caller, &demanded).map_err(|told| challenges(&told.headers()));
        let expected = if fine { Ok(()) } else { Err(with_metadata(expected)) };
        assert_eq!(told, expected, "RFC 9470 §3");
    }
    let server = site.server().requiring(demanded).unwrap();
    // Whoever has another fault as well is not sent to authenticate again for nothing.
    let expired = fresh.claim("acr", "pwd").at(NOW - 3_600).sign();
    let denied = authenticate(&server, &bearer(&expired)).unwrap_err();
    assert_eq!(denied.challenge().error(), Some("invalid_token"));
}

#[test]
fn nobody_knows_yet() {
    let site = Site::new();
    let keys = key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap();
    let validator = validator_builder(Profile::mcp_access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(RESOURCE)
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let server = ResourceServer::builder(validator);
    let server = server.retry_after(Duration::seconds(7)).build().unwrap();
    let denied = authenticate(&server, &bearer(&site.token().sign())).unwrap_err();
    assert_eq!(told(&denied), (503, vec![]), "the token is not at fault");
    assert_eq!(denied.challenge().headers()["retry-after"], "7");
    assert_eq!(denied.challenge().error(), None);
}

#[test]
fn scopes_for_a_first_token() {
    let site = Site::new();
    let builder = site.builder().requirement(Requirement::scopes(["files:read"]));
    let server = builder.initial_scopes(["files:read", "files:list"]).build().unwrap();
    let expected = with_metadata("scope=\"files:read files:list\", ");
    assert_eq!(told(&authenticate(&server, &request(&[])).unwrap_err()), (401, expected), "MCP-11");
    assert!(authenticate(&server, &bearer(&site.token().sign())).is_ok(), "not demanded");
    let denied = authenticate(&server, &bearer(&site.token().without("scope").sign())).unwrap_err();
    let expected = "error=\"insufficient_scope\", scope=\"files:read\", ";
    assert_eq!(told(&denied), (403, with_metadata(expected)));
    assert!(site.builder().initial_scopes(["offline_access"]).build().is_err(), "MCP-14");
}

#[test]
fn what_says_no_on_its_own() {
    let site = Site::new();
    let expired = site.token().at(NOW - 3_600).sign();
    let refused = site.validator().appraise(expired).into_result().unwrap_err();
    let bare = ["Bearer error=\"invalid_token\""];
    assert_eq!(challenges(&refused.challenge().headers()).join("").trim_end_matches(", "), bare[0]);
    let told = site.server().challenge(&refused).headers();
    let expected = with_metadata("error=\"invalid_token\", scope=\"files:read\", ");
    assert_eq!(challenges(&told), expected);

    let caller = authenticate(&site.server(), &bearer(&site.token().sign())).unwrap();
    let insufficient: InsufficientScope = caller.require_scopes(["admin"]).unwrap_err();
    assert_eq!(Challenge::from(insufficient).status(), 403);
    let step_up = Challenge::insufficient_user_authentication([], None);
    assert_eq!(
        challenges(&step_up.headers()),
        ["Bearer error=\"insufficient_user_authentication\", "]
    );
}

#[test]
fn a_requirement_that_no_challenge_can_name_does_not_build() {
    let server = Site::new().server();
    let error = |requirement| server.requiring(requirement).unwrap_err().to_string();
    assert_eq!(
        error(Requirement::scopes(["a b"])),
        "the scope \"a b\" is one that no token can have; give each scope of RFC 6749 §3.3 on its own"
    );
    assert_eq!(
        error(Requirement::scopes([""])),
        "the scope \"\" is one that no token can have; give each scope of RFC 6749 §3.3 on its own"
    );
    assert_eq!(
        error(Requirement::scopes(["offline_access"])),
        "the scope \"offline_access\" is not for a resource to demand; remove it",
        "MCP-14"
    );
    assert!(error(Requirement::default().acr_values(["a\"b"])).starts_with("the acr value"));
    let ahead = Requirement::default().max_authentication_age(Duration::seconds(-1));
    assert_eq!(
        error(ahead),
        "the setting max_authentication_age is -1, but it must be from 0 to 316224000 s"
    );
}

#[test]
fn a_token_of_another_server_is_refused() {
    let site = Site::new();
    for aud in [json!("https://mcp.example.com/other"), json!(["https://a.example"]), json!([])] {
        let token = site.token().claim("aud", aud).sign();
        let denied = authenticate(&site.server(), &bearer(&token)).unwrap_err();
        assert_eq!(denied.challenge().status(), 401, "MCP-08");
    }
}

#[test]
fn a_denial_has_its_cause_and_its_record() {
    use std::error::Error;

    let site = Site::new();
    let expired = site.token().at(NOW - 600).claim("sub", "alice").sign();
    let denied = authenticate(&site.server(), &bearer(&expired)).unwrap_err();
    let source = denied.source().unwrap().to_string();
    assert!(source.starts_with("rejected: claims.exp: has expired"), "{source}");
    assert_eq!(denied.record().and_then(|record| record.subject()), Some("alice"));
    assert_eq!(denied.operation(), None);
    let json = serde_json::to_value(&denied).unwrap();
    assert_eq!((&json["status"], &json["error"]), (&401.into(), &"invalid_token".into()));
    assert_eq!(json["reason"], denied.to_string());
    assert_eq!(json["refused"]["verdict"], "rejected");
    assert!(!json.to_string().contains("alice"), "{json}");
    let none = authenticate(&site.server(), &request(&[])).unwrap_err();
    assert!(none.record().is_none() && none.source().is_some());
}

#[cfg(feature = "axum")]
#[test]
fn a_denial_is_a_response() {
    use axum::response::IntoResponse;

    let site = Site::new();
    let denied = authenticate(&site.server(), &request(&[])).unwrap_err();
    let expected = denied.challenge().headers();
    let response = denied.into_response();
    assert_eq!((response.status().as_u16(), response.headers()), (401, &expected));
}
