//! Sessions of an MCP server belong to who began them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use jwt_appraisal::http::{McpLayer, McpScopes, ResourceServer};
use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, FixedClock, JwkSet, LegacyAccessTokenClaims, Profile, SignatureAlgorithm,
    TrustedIssuer,
};
use tower::{Layer, ServiceExt, service_fn};

use super::site::{RESOURCE, Site};
use super::support::{ISSUER, NOW, key_store, now, validator_builder};

/// Begins the session `s.1` where none is shown, and says by a header which one it was asked for.
async fn server(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::default());
    match request.headers().get("mcp-session-id") {
        None => response.headers_mut().insert("mcp-session-id", "s.1".parse().unwrap()),
        Some(id) => response.headers_mut().insert("x-seen", id.clone()),
    };
    Ok(response)
}

fn layer(site: &Site) -> McpLayer<AccessTokenClaims> {
    site.builder().build().unwrap().mcp_layer(McpScopes::new()).unwrap()
}

async fn ask(
    layer: &McpLayer<AccessTokenClaims>,
    token: &TestToken,
    sessions: &[&str],
) -> Response<()> {
    let mut asked =
        Request::delete("/mcp").header("authorization", format!("Bearer {}", token.sign()));
    for session in sessions {
        asked = asked.header("mcp-session-id", *session);
    }
    let service = layer.layer(service_fn(server));
    service.oneshot(asked.body(Full::default()).unwrap()).await.unwrap().map(|_| ())
}

fn text<'a>(response: &'a Response<()>, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn a_session_belongs_to_who_began_it() {
    let site = Site::new();
    let layer = layer(&site);
    let alice = site.token().claim("sub", "alice");
    let begun = ask(&layer, &alice, &[]).await;
    let id = text(&begun, "mcp-session-id");
    assert!(id.starts_with("s.1.") && id.len() == 47, "{id}");
    let later = alice.clone().claim("jti", "another").claim("client_id", "another");
    assert_eq!(text(&ask(&layer, &later, &[id]).await, "x-seen"), "s.1", "MCP-17");

    let mallory = site.token().claim("sub", "mallory");
    let tampered = id.replacen("s.1", "s.2", 1);
    let padded = format!("{id}=");
    let (untagged, truncated) = ("s.1", id.split_at(46).0);
    for (what, token, sessions) in [
        ("another's", &mallory, &[id][..]),
        ("another session", &alice, &[&tampered]),
        ("without a tag", &alice, &[untagged]),
        ("with padding", &alice, &[&padded]),
        ("with a part of the tag", &alice, &[truncated]),
        ("no id", &alice, &[""]),
        ("twice", &alice, &[id, id]),
        ("beside its own", &mallory, &[id, untagged]),
    ] {
        let refused = ask(&layer, token, sessions).await;
        assert_eq!(refused.status(), 404, "MCP-17: {what}");
        assert!(!refused.headers().contains_key("x-seen"));
    }
}

#[tokio::test]
async fn parts_of_an_owner_do_not_run_into_each_other() {
    let site = Site::new();
    let layer = layer(&site);
    let begun = ask(&layer, &site.token().claim("sub", "a"), &[]).await;
    let id = text(&begun, "mcp-session-id").to_owned();
    // The tag of `a` and `s.1` is not one of `as` and `.1`.
    let (_, shifted) = id.split_once('s').unwrap();
    let refused = ask(&layer, &site.token().claim("sub", "as"), &[shifted]).await;
    assert_eq!(refused.status(), 404);
}

#[tokio::test]
async fn processes_that_share_a_key_share_sessions() {
    let site = Site::new();
    let token = site.token();
    let begun = ask(&layer(&site).session_key([7; 32]), &token, &[]).await;
    let id = text(&begun, "mcp-session-id");
    let seen = ask(&layer(&site).session_key([7; 32]), &token, &[id]).await;
    assert_eq!(text(&seen, "x-seen"), "s.1");
    for other in [layer(&site).session_key([8; 32]), layer(&site)] {
        assert_eq!(ask(&other, &token, &[id]).await.status(), 404);
    }
    // By default the key is random, and one for all layers of a server.
    let server = site.builder().build().unwrap();
    let [one, same] = [(); 2].map(|()| server.mcp_layer(McpScopes::new()).unwrap());
    let begun = ask(&one, &token, &[]).await;
    let id = text(&begun, "mcp-session-id");
    assert_eq!(text(&ask(&same, &token, &[id]).await, "x-seen"), "s.1");
    for other in [layer(&site), layer(&site).session_key([0; 32])] {
        assert_eq!(ask(&other, &token, &[id]).await.status(), 404);
    }
}

#[tokio::test]
async fn an_owner_is_of_an_issuer_and_a_session_of_a_resource() {
    let (site, second) = (Site::new(), TestIssuer::new("https://as.example.com1:8"));
    let validator = |resource: &str| {
        let set = JwkSet::from_json(second.jwks()).unwrap();
        let keys = key_store([SignatureAlgorithm::Es256], set).unwrap();
        validator_builder(Profile::mcp_access_token())
            .issuers([site.trusted(), TrustedIssuer::new(second.issuer(), keys)])
            .audience(resource)
            .clock(FixedClock::new(now()))
            .build()
            .unwrap()
    };
    let layer = |resource: &str| {
        let server = ResourceServer::builder(validator(resource)).authorization_servers([ISSUER]);
        server.build().unwrap().mcp_layer(McpScopes::new()).unwrap().session_key([7; 32])
    };
    let here = layer(RESOURCE);
    let begun = ask(&here, &site.token().claim("sub", "8"), &[]).await;
    let id = text(&begun, "mcp-session-id");
    let of_other = |sub: &str| second.access_token(RESOURCE).at(NOW).claim("sub", sub);
    for sub in ["8", "", "1:8"] {
        let refused = ask(&here, &of_other(sub), &[id]).await;
        assert_ne!(refused.status(), 200, "the same subject of another issuer: {sub}");
    }
    let elsewhere = "https://mcp.example.com/other";
    let token = site.token().claim("sub", "8").claim("aud", elsewhere);
    assert_eq!(ask(&layer(elsewhere), &token, &[id]).await.status(), 404);
}

#[tokio::test]
async fn a_token_without_subject_and_client_has_no_session() {
    let site = Site::new();
    let validator = super::support::validator_builder::<LegacyAccessTokenClaims, _>(
        Profile::access_token_legacy("scope"),
    )
    .issuer(site.trusted())
    .audience(RESOURCE)
    .clock(jwt_appraisal::FixedClock::new(super::support::now()))
    .build()
    .unwrap();
    let legacy = jwt_appraisal::http::ResourceServer::builder(validator).build().unwrap();
    let service = legacy.mcp_layer(McpScopes::new()).unwrap().layer(service_fn(server));
    let token = site.token().without("sub").without("client_id").sign();
    let asked = Request::delete("/mcp").header("authorization", format!("Bearer {token}"));
    let response = service.oneshot(asked.body(Full::<Bytes>::default()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("mcp-session-id"));
}

/// Asks for the rest of a stream after an event.
async fn resume(layer: &McpLayer<AccessTokenClaims>, site: &Site, method: &str) -> (u16, usize) {
    let asked = Request::builder()
        .method(method)
        .uri("/mcp")
        .header("authorization", format!("Bearer {}", site.token().sign()))
        .header("last-event-id", "7");
    let body = r#"{"method":"ping"}"#.into();
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let service = layer.layer(service_fn(move |request: Request<Full<Bytes>>| {
        assert_eq!(request.headers()["last-event-id"], "7");
        counter.fetch_add(1, Ordering::Relaxed);
        async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
    }));
    let answer = service.oneshot(asked.body(Full::<Bytes>::new(body)).unwrap()).await.unwrap();
    (answer.status().as_u16(), reached.load(Ordering::Relaxed))
}

#[tokio::test]
async fn rejects_event_ids_unless_the_server_binds_them_to_callers() {
    let site = Site::new();
    let unbound = layer(&site);
    let bound = unbound.clone().event_ids_are_bound_to_callers();
    for method in ["GET", "POST"] {
        assert_eq!(resume(&unbound, &site, method).await, (400, 0), "{method}");
        assert_eq!(resume(&bound, &site, method).await, (200, 1), "{method}");
    }
}
