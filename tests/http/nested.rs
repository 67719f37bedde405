//! Two layers of one server, and a middleware between them that leaves another accepted token in the
//! request: the inner layer is about the caller whom the outer one accepted.

use std::convert::Infallible;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use jwt_appraisal::http::{McpScopes, Requirement, ResourceServer};
use jwt_appraisal::{FixedClock, Profile};
use tower::{Layer, ServiceExt, service_fn};

use super::contract::Strict;
use super::site::{Site, bearer};
use super::support::{NOW, now, validator_builder};

#[tokio::test]
async fn an_inner_layer_demands_scopes_of_the_caller_of_the_outer_one() {
    let site = Site::new();
    let server = ResourceServer::builder(site.validator()).build().unwrap();
    let admin = server.requiring(Requirement::scopes(["admin"])).unwrap();
    // Tokens for another service, in which the user is an administrator.
    let elsewhere = validator_builder(Profile::mcp_access_token())
        .issuer(site.trusted())
        .audience("https://other.example.com/")
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let foreign = site.issuer.access_token("https://other.example.com/").at(NOW);
    let foreign = foreign.claim("scope", "admin").sign();
    let foreign = elsewhere.appraise(&foreign).into_result().unwrap();
    let inner = Strict::new();
    let operation = admin.layer().layer(inner.clone());
    let between = service_fn(move |mut request: Request<()>| {
        request.extensions_mut().insert(foreign.clone());
        operation.clone().oneshot(request)
    });
    let answer = server.layer().layer(between).oneshot(bearer(&site.token().sign())).await.unwrap();
    assert_eq!(
        (answer.status(), inner.called.load(Ordering::Relaxed)),
        (StatusCode::FORBIDDEN, 0),
        "the caller has no scope \"admin\" here"
    );
}

#[tokio::test]
async fn an_mcp_session_is_bound_to_the_caller_of_the_outer_layer() {
    let site = Site::new();
    let server = ResourceServer::builder(site.validator()).build().unwrap();
    let foreign = site.token().claim("sub", "someone-else").sign();
    let foreign = site.validator().appraise(&foreign).into_result().unwrap();
    let echo = service_fn(|request: Request<Full<Bytes>>| async move {
        let mut response = Response::new(Full::<Bytes>::default());
        if let Some(id) = request.headers().get("mcp-session-id") {
            response.headers_mut().insert("x-session", id.clone());
        } else {
            response.headers_mut().insert("mcp-session-id", HeaderValue::from_static("s1"));
        }
        Ok::<_, Infallible>(response)
    });
    let mcp = server.mcp_layer(McpScopes::new()).unwrap().layer(echo);
    let get = |session: Option<&str>| {
        let mut request = bearer(&site.token().sign()).map(|()| Full::<Bytes>::default());
        if let Some(session) = session {
            request.headers_mut().insert("mcp-session-id", session.parse().unwrap());
        }
        request
    };
    // The session of the other user.
    let own = bearer(&site.token().claim("sub", "someone-else").sign());
    let own = mcp.clone().oneshot(own.map(|()| Full::<Bytes>::default())).await.unwrap();
    let session = own.headers()["mcp-session-id"].to_str().unwrap().to_owned();
    let denied = mcp.clone().oneshot(get(Some(&session))).await.unwrap();
    assert_eq!(denied.status(), StatusCode::NOT_FOUND);
    // A layer of the same server outside, and a middleware between that notes another token.
    let between = service_fn(move |mut request: Request<Full<Bytes>>| {
        request.extensions_mut().insert(foreign.clone());
        mcp.clone().oneshot(request)
    });
    let answer = server.layer().layer(between).oneshot(get(Some(&session))).await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND, "the session of another user was entered");
}
