//! The layer: what the service behind it sees, and what a client gets.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use jwt_appraisal::http::{
    Challenge, ClientCertificate, Denied, Requirement, ResourceServer, ToChallenge,
};
use jwt_appraisal::{Accepted, AccessTokenClaims, danger};
use serde_json::{Value, json};
use time::Duration;
use tokio::time::timeout;
use tower::limit::ConcurrencyLimit;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::site::{METADATA, Site, base64url, bearer, challenges, request, with_proof};

type Body = Full<Bytes>;

/// Nobody who gets a turn at all waits longer.
const A_WHILE: std::time::Duration = std::time::Duration::from_secs(5);

/// What the service saw: the caller, and the names of the headers.
async fn echo(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let caller = request.extensions().get::<Accepted<AccessTokenClaims>>();
    let caller = caller.map(|caller| caller.claims().sub.to_string());
    let names: Vec<_> = request.headers().keys().map(|name| name.as_str().to_owned()).collect();
    let seen = json!({ "caller": caller, "headers": names });
    Ok(Response::new(Full::from(seen.to_string())))
}

async fn ask(
    server: &ResourceServer<AccessTokenClaims>,
    asked: Request<()>,
) -> (Response<()>, String) {
    ask_service(server.layer().layer(service_fn(echo)), asked).await
}

async fn ask_service<S, B>(service: S, asked: Request<()>) -> (Response<()>, String)
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    B: http_body_util::BodyExt<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let response = service.oneshot(asked.map(|()| Body::default())).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(parts, ()), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_service_sees_the_caller_and_not_the_token() {
    let site = Site::new();
    let mut asked = bearer(&site.token().sign());
    asked.headers_mut().insert("x-other", "1".parse().unwrap());
    let (response, seen) = ask(&site.server(), asked).await;
    assert_eq!(response.status(), StatusCode::OK);
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen, json!({ "caller": "user-1", "headers": ["x-other"] }), "MCP-09");
}

#[tokio::test]
async fn nor_the_proof() {
    let site = Site::new();
    let token = site.bound_token().sign();
    let asked = with_proof(&token, &site.proof(&token).sign());
    let (response, seen) = ask(&site.dpop_server(), asked).await;
    assert_eq!(response.status(), StatusCode::OK);
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen, json!({ "caller": "user-1", "headers": [] }));
}

#[tokio::test]
async fn the_token_stays_only_by_name() {
    let site = Site::new();
    let layer = danger::keep_authorization(site.server().layer());
    assert!(format!("{layer:?}").contains("keeps_authorization: true"));
    let service = layer.layer(service_fn(echo));
    let (_, seen) = ask_service(service, bearer(&site.token().sign())).await;
    let seen: Value = serde_json::from_str(&seen).unwrap();
    assert_eq!(seen["headers"], json!(["authorization"]));
}

#[tokio::test]
async fn a_request_that_is_denied_does_not_reach_the_service() {
    let site = Site::new();
    let never = service_fn(|_: Request<Body>| async {
        unreachable!("the service was called");
        #[expect(unreachable_code, reason = "says the type")]
        Ok::<Response<Body>, Infallible>(Response::default())
    });
    let service = site.server().layer().layer(never);
    let (response, body) = ask_service(service, request(&[])).await;
    assert_eq!((response.status(), body.as_str()), (StatusCode::UNAUTHORIZED, ""));
    let expected = format!("Bearer scope=\"files:read\", resource_metadata=\"{METADATA}\"");
    assert_eq!(challenges(response.headers()), [expected], "MCP-04 MCP-11");
    let denied = response.extensions().get::<Arc<Denied>>().unwrap();
    assert_eq!(
        denied.to_string(),
        "401: the request has no access token in its Authorization header"
    );
}

#[tokio::test]
async fn the_metadata_is_for_everybody() {
    let site = Site::new();
    let server = site.server();
    let get =
        |method: &str, path: &str| Request::builder().method(method).uri(path).body(()).unwrap();
    let (response, body) = ask(&server, get("GET", server.metadata_path())).await;
    assert_eq!(response.status(), StatusCode::OK, "MCP-02");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(body, server.metadata().to_json());
    let (response, body) = ask(&server, get("HEAD", server.metadata_path())).await;
    assert_eq!((response.status(), body.as_str()), (StatusCode::OK, ""));
    let (response, _) = ask(&server, get("POST", server.metadata_path())).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()["allow"], "GET, HEAD");
    for elsewhere in ["/.well-known/oauth-protected-resource", "/.well-known/", "/mcp"] {
        let (response, _) = ask(&server, get("GET", elsewhere)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "MCP-16: {elsewhere}");
    }
}

#[tokio::test]
async fn a_challenge_of_the_service_is_completed() {
    let site = Site::new();
    let service = site.server().layer().layer(service_fn(|request: Request<Body>| async move {
        let caller = request.extensions().get::<Accepted<AccessTokenClaims>>().unwrap();
        let insufficient = caller.require_scopes(["files:read", "files:delete"]).unwrap_err();
        let mut response = Response::new(Body::default());
        response.extensions_mut().insert(insufficient.challenge());
        Ok::<_, Infallible>(response)
    }));
    let (response, _) = ask_service(service, bearer(&site.token().sign())).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let expected = format!(
        "Bearer error=\"insufficient_scope\", scope=\"files:read files:delete\", \
         resource_metadata=\"{METADATA}\""
    );
    assert_eq!(challenges(response.headers()), [expected], "MCP-12");
    assert!(response.extensions().get::<Challenge>().is_none());
}

#[tokio::test]
async fn a_nonce_comes_with_every_answer_to_a_request_with_a_proof() {
    let site = Site::new();
    let builder = site.builder_with(site.proofs()).dpop_nonces(Duration::minutes(5));
    let server = builder.build().unwrap();
    let nonce = server.dpop_nonce().unwrap();
    let (response, _) = ask(&server, request(&[])).await;
    assert_eq!(response.headers()["dpop-nonce"], nonce);
    let token = site.bound_token().sign();
    let proof = site.proof(&token).claim("nonce", nonce.to_str().unwrap()).sign();
    let (response, _) = ask(&server, with_proof(&token, &proof)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["dpop-nonce"], nonce, "RFC 9449 §8.2");
    assert_eq!(response.headers()["cache-control"], "no-store", "RFC 9449 §8.2");
    let expired = site.bound_token().at(super::support::NOW - 3_600).sign();
    let (response, _) = ask(&server, with_proof(&expired, &proof)).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(response.headers()["dpop-nonce"], nonce);
    let (response, _) = ask(&server, bearer(&site.token().sign())).await;
    assert!(!response.headers().contains_key("dpop-nonce"));
}

#[tokio::test]
async fn whoever_is_denied_leaves_the_turn_to_others() {
    let site = Site::new();
    let mut service = site.server().layer().layer(ConcurrencyLimit::new(service_fn(echo), 1));
    let strict = site.server();
    let strict = strict.layer().layer(
        strict
            .requiring(Requirement::scopes(["admin"]))
            .unwrap()
            .layer()
            .layer(ConcurrencyLimit::new(service_fn(echo), 1)),
    );
    let ask = |asked: Request<()>| asked.map(|()| Body::default());
    let good = || ask(bearer(&site.token().sign()));
    let metadata = Request::get(site.server().metadata_path()).body(()).unwrap();
    for (asked, status) in [(request(&[]), 401), (metadata, 200)] {
        let answer = service.ready().await.unwrap().call(ask(asked)).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let answer = timeout(A_WHILE, service.clone().oneshot(good())).await.unwrap();
        assert_eq!(answer.unwrap().status(), StatusCode::OK);
    }
    let mut strict = strict;
    for _ in 0..2 {
        let answer = strict.ready().await.unwrap().call(good()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let answer = timeout(A_WHILE, strict.clone().oneshot(good())).await.unwrap();
        assert_eq!(answer.unwrap().status(), StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn an_error_stands_on_the_scheme_that_the_request_used() {
    let site = Site::new();
    let server = site.dpop_server();
    let token = site.bound_token().sign();
    let asked = |jti: &str| with_proof(&token, &site.proof(&token).claim("jti", jti).sign());
    let strict = server.requiring(Requirement::scopes(["admin"])).unwrap();
    let inside = server.layer().layer(strict.layer().layer(service_fn(echo)));
    let of_service = server.layer().layer(service_fn(|_: Request<Body>| async {
        let mut response = Response::new(Body::default());
        let challenge = Challenge::insufficient_user_authentication(["phr"], None);
        response.extensions_mut().insert(challenge);
        Ok::<_, Infallible>(response)
    }));
    let (inner, _) = ask_service(inside, asked("1")).await;
    let (own, _) = ask_service(of_service, asked("2")).await;
    for (response, error) in
        [(inner, "insufficient_scope"), (own, "insufficient_user_authentication")]
    {
        let told = challenges(response.headers());
        let has_error = told.iter().map(|challenge| challenge.contains("error="));
        assert_eq!(has_error.collect::<Vec<_>>(), [false, true], "RFC 9449 §7.1: {told:?}");
        assert!(told[1].starts_with(&format!("DPoP error=\"{error}\"")), "{told:?}");
    }
}

#[tokio::test]
async fn an_operation_inside_demands_more_of_the_same_caller() {
    let site = Site::new();
    let server = site.server();
    let demanded =
        Requirement::scopes(["files:delete"]).max_authentication_age(Duration::minutes(5));
    let strict = server.requiring(demanded).unwrap();
    let service = || server.layer().layer(strict.layer().layer(service_fn(echo)));
    let draft = site.token().claim("scope", "files:read files:delete");
    let fresh = draft.clone().claim("auth_time", super::support::NOW - 10);
    let (response, seen) = ask_service(service(), bearer(&fresh.sign())).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(seen.contains("user-1"));
    let (response, _) = ask_service(service(), bearer(&draft.sign())).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let told = challenges(response.headers()).join("");
    assert!(
        told.contains("insufficient_user_authentication") && told.contains("\"300\""),
        "{told}"
    );
    assert!(response.extensions().get::<Arc<Denied>>().is_some());
    let lacking = fresh.claim("scope", "files:read");
    let (response, _) = ask_service(service(), bearer(&lacking.sign())).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    // A layer of another server, with the same key, audience and claims type, believes nobody.
    let other = site.server();
    let mixed = server.layer().layer(other.layer().layer(service_fn(echo)));
    let (response, _) = ask_service(mixed, bearer(&site.token().sign())).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_certificate_comes_among_the_extensions() {
    let site = Site::new();
    let hash = [7; 32];
    let bound = site.token().claim("cnf", json!({ "x5t#S256": base64url(&hash) })).sign();
    let mut shown = bearer(&bound);
    shown.extensions_mut().insert(ClientCertificate::from_sha256(hash));
    let mut other = bearer(&bound);
    other.extensions_mut().insert(ClientCertificate::from_sha256([8; 32]));
    let mut claimed = bearer(&bound);
    claimed.headers_mut().insert("x-client-cert", base64url(&hash).parse().unwrap());
    for (asked, status) in [(shown, 200), (other, 401), (claimed, 401), (bearer(&bound), 401)] {
        let (response, _) = ask(&site.server(), asked).await;
        assert_eq!(response.status().as_u16(), status, "AT-13");
    }
}

#[tokio::test]
async fn a_session_is_no_authentication() {
    let site = Site::new();
    let session = request(&[("mcp-session-id", "1868a90c")]);
    let (response, _) = ask(&site.server(), session).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "MCP-17");
}

#[test]
fn it_is_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let layer = Site::new().server().layer();
    shared(&layer);
    shared(&layer.layer(service_fn(echo)));
    shared(&Site::new().server());
    fn sent<T: Send + Sync + 'static>() -> usize {
        size_of::<T>()
    }
    assert_eq!(sent::<Denied>(), size_of::<usize>());
    assert!(sent::<Challenge>() <= 128);
}
