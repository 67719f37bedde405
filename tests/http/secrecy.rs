//! What denials and challenges do not tell.

use std::sync::Arc;

use http::StatusCode;
use jwt_appraisal::http::{Denied, RequestHead, Requirement, ResourceServer};
use tower::{Layer, ServiceExt};

use super::contract::Strict;
use super::site::{Site, bearer, with_proof};

#[test]
fn denials_and_challenges_tell_nothing_of_the_tokens() {
    let site = Site::new();
    let server = site.dpop_server();
    let token = site.bound_token().claim("sub", "sub-canary").claim("jti", "jti-canary").sign();
    for draft in [
        site.proof(&token).claim("htm", "htm-canary"),
        site.proof(&token).claim("htu", "https://htu-canary.example"),
        site.proof(&token).claim("jti", "p-canary").signature(b"x"),
        site.proof(&token).header("typ", "typ-canary"),
    ] {
        let proof = draft.sign();
        let request = with_proof(&token, &proof);
        let denied = server.authenticate(&RequestHead::from(&request)).unwrap_err();
        let texts = [
            denied.to_string(),
            format!("{denied:?}"),
            serde_json::to_string(&denied).unwrap(),
            format!("{:?}", denied.challenge().headers()),
        ];
        for text in texts {
            assert!(!text.contains("canary"), "{text}");
            assert!(
                !token.split('.').chain(proof.split('.')).any(|part| text.contains(part)),
                "{text}"
            );
        }
    }
}

/// A denial keeps the record of an accepted caller, which is for the operator.
#[tokio::test]
async fn a_denial_for_a_scope_prints_nothing_of_the_caller() {
    let site = Site::new();
    let server = ResourceServer::builder(site.validator()).build().unwrap();
    let admin = server.requiring(Requirement::scopes(["admin"])).unwrap();
    let token = site.token().claim("sub", "sub-canary").claim("jti", "jti-canary").sign();
    let guarded = server.layer().layer(admin.layer().layer(Strict::new()));
    let answer = guarded.oneshot(bearer(&token)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let denied = answer.extensions().get::<Arc<Denied>>().unwrap();
    for text in
        [denied.to_string(), format!("{denied:?}"), serde_json::to_string(denied.as_ref()).unwrap()]
    {
        assert!(!text.contains("canary"), "{text}");
    }
}
