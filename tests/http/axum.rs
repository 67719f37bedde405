//! Under axum: a router, an extractor, answers of handlers.

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use http::{Request, Response, StatusCode};
use jwt_appraisal::http::Challenge;
use jwt_appraisal::{Accepted, AccessTokenClaims, IdTokenClaims, InsufficientScope};
use tower::ServiceExt;

use super::site::{METADATA, Site, bearer, challenges, request};

async fn read(caller: Accepted<AccessTokenClaims>) -> String {
    caller.claims().sub.to_string()
}

async fn delete(caller: Accepted<AccessTokenClaims>) -> Result<(), InsufficientScope> {
    caller.require_scopes(["files:read", "files:delete"])
}

async fn transfer(_: Accepted<AccessTokenClaims>) -> Challenge {
    Challenge::insufficient_user_authentication(["phr"], None)
}

async fn wrong_kind(_: Accepted<IdTokenClaims>) {}

fn router() -> Router {
    Router::new()
        .route("/mcp", get(read))
        .route("/delete", get(delete))
        .route("/transfer", post(transfer))
        .route("/wrong", get(wrong_kind))
}

async fn ask(router: Router, mut asked: Request<()>, method: &str, path: &str) -> Response<Body> {
    *asked.uri_mut() = path.parse().unwrap();
    *asked.method_mut() = method.parse().unwrap();
    router.oneshot(asked.map(|()| Body::empty())).await.unwrap()
}

#[tokio::test]
async fn a_guarded_router() {
    let site = Site::new();
    let server = site.server();
    let app = router().layer(server.layer());
    let good = || bearer(&site.token().sign());
    let response = ask(app.clone(), good(), "GET", "/mcp").await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = ask(app.clone(), request(&[]), "GET", "/mcp").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    // The layer is around the whole router, also where there is no route.
    let response = ask(app.clone(), request(&[]), "GET", server.metadata_path()).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = ask(app.clone(), request(&[]), "GET", "/nowhere").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let response = ask(app.clone(), good(), "GET", "/delete").await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let all = "scope=\"files:read files:delete\"";
    let expected =
        format!("Bearer error=\"insufficient_scope\", {all}, resource_metadata=\"{METADATA}\"");
    assert_eq!(challenges(response.headers()), [expected]);
    let response = ask(app, good(), "POST", "/transfer").await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let expected = format!(
        "Bearer error=\"insufficient_user_authentication\", acr_values=\"phr\", \
         scope=\"files:read\", resource_metadata=\"{METADATA}\""
    );
    assert_eq!(challenges(response.headers()), [expected]);
}

#[tokio::test]
async fn a_route_that_nobody_guards() {
    let site = Site::new();
    let good = || bearer(&site.token().sign());
    let response = ask(router(), good(), "GET", "/mcp").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let guarded = router().layer(site.server().layer());
    let response = ask(guarded, good(), "GET", "/wrong").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
