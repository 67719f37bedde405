//! What the server refuses, and what it says then.

use http::StatusCode;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use jwt_appraisal::SignatureAlgorithm;
use jwt_appraisal::testing::{Segment, TestKey, tamper};
use time::Duration;

use super::answer::{Answer, Challenge};
use super::scene::{McpServer, Scene, call_of};

/// Holds an answer to a refusal of a token: 401, with the way to a better one.
fn assert_refused(scene: &Scene, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    let challenge = answer.challenge();
    assert_eq!(challenge.get("error"), Some("invalid_token"));
    assert_eq!(challenge.get("resource_metadata"), Some(&*scene.mcp.metadata_url()));
    assert!(scene.mcp.seen().is_empty());
}

/// 403, with the way to a token that would do.
fn insufficient(scene: &Scene, answer: &Answer) -> Challenge {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
    let challenge = answer.challenge();
    assert_eq!(challenge.get("error"), Some("insufficient_scope"));
    assert_eq!(challenge.get("resource_metadata"), Some(&*scene.mcp.metadata_url()));
    assert!(scene.mcp.seen().is_empty());
    challenge
}

#[tokio::test]
async fn requests_without_a_token() {
    let scene = Scene::start().await;
    let token = scene.token("notes:read");
    let call = call_of("read_note");
    let anonymous = [
        scene.mcp.post(None, &call).await,
        scene.mcp.post(Some("Basic dXNlcjpwYXNzd29yZA=="), &call).await,
        scene.mcp.get(&scene.mcp.url).await,
        scene.mcp.get(&format!("{}?access_token={token}", scene.mcp.url)).await,
    ];
    for answer in anonymous {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
        let challenge = answer.challenge();
        assert_eq!(challenge.get("error"), None);
        assert_eq!(challenge.get("resource_metadata"), Some(&*scene.mcp.metadata_url()));
    }
    assert!(scene.mcp.seen().is_empty());
}

#[tokio::test]
async fn two_tokens_in_one_request() {
    let scene = Scene::start().await;
    let mut headers = http::HeaderMap::new();
    headers.insert(ACCEPT, "application/json, text/event-stream".parse().unwrap());
    headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
    for scope in ["notes:read", "notes:read notes:delete"] {
        let value = format!("Bearer {}", scene.token(scope));
        headers.append(AUTHORIZATION, value.parse().unwrap());
    }
    let body = call_of("read_note").to_string();
    let answer = scene.mcp.send(&scene.mcp.url, headers, body).await;
    assert!(answer.status.is_client_error(), "{answer:?}");
    assert!(scene.mcp.seen().is_empty());
}

#[tokio::test]
async fn tokens_with_the_wrong_audience() {
    let scene = Scene::start().await;
    let origin = scene.mcp.url.replace("/mcp", "");
    let longer = format!("{}/tools", scene.mcp.url);
    for audience in ["https://mcp.example.com/mcp", &origin, &longer] {
        let token = scene.authorization_server.draft(audience, "notes:read").sign();
        assert_refused(&scene, &scene.mcp.call("read_note", &token).await);
    }
}

#[tokio::test]
async fn a_token_for_another_server() {
    let scene = Scene::start().await;
    let other = McpServer::start(&scene.authorization_server, &scene.clock).await;
    let token = scene.authorization_server.draft(&other.url, "notes:read").sign();
    assert_eq!(other.call("read_note", &token).await.text(), "For user-1: Buy some.");
    assert_refused(&scene, &scene.mcp.call("read_note", &token).await);
}

#[tokio::test]
async fn an_expired_token() {
    let scene = Scene::start().await;
    scene.authorization_server.set_lifetime(600);
    let token = scene.token("notes:read");
    scene.clock.advance(Duration::minutes(9));
    assert_eq!(scene.mcp.call("read_note", &token).await.status, StatusCode::OK);
    // The leeway is over, too.
    scene.clock.advance(Duration::minutes(3));
    let answer = scene.mcp.call("read_note", &token).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.challenge().get("error"), Some("invalid_token"));
    assert_eq!(scene.mcp.seen().len(), 1);
}

#[tokio::test]
async fn tokens_that_nobody_issued() {
    let scene = Scene::start().await;
    let draft = scene.authorization_server.draft(&scene.mcp.url, "notes:read");
    let forger = TestKey::generate("k1", SignatureAlgorithm::Es256);
    let bad = [
        tamper(&draft.sign(), Segment::Payload, 20),
        draft.clone().signed_by(&forger).sign(),
        draft.clone().unsecured().sign(),
        draft.clone().header("typ", "JWT").sign(),
        draft.claim("iss", "https://as.example.com").sign(),
        "opaque".to_owned(),
    ];
    for token in bad {
        assert_refused(&scene, &scene.mcp.call("read_note", &token).await);
    }
}

#[tokio::test]
async fn a_token_without_the_scopes_of_the_tool() {
    let scene = Scene::start().await;
    let nothing = scene.token("notes:list");
    let answer = scene.mcp.call("read_note", &nothing).await;
    assert_eq!(insufficient(&scene, &answer).scopes(), ["notes:read"]);

    // All that the call takes, so that it works after one more round.
    let answer = scene.mcp.call("delete_note", &nothing).await;
    assert_eq!(insufficient(&scene, &answer).scopes(), ["notes:delete", "notes:read"]);

    let reader = scene.token("notes:read");
    let answer = scene.mcp.call("delete_note", &reader).await;
    assert!(insufficient(&scene, &answer).scopes().contains(&"notes:delete"));
    assert_eq!(scene.mcp.call("read_note", &reader).await.text(), "For user-1: Buy some.");

    let owner = scene.token("notes:read notes:delete");
    let answer = scene.mcp.call("delete_note", &owner).await;
    assert_eq!(answer.text(), "Deleted by user-1: Buy some.");
}

#[tokio::test]
async fn calls_in_disguise() {
    let scene = Scene::start().await;
    let reader = format!("Bearer {}", scene.token("notes:read"));
    let call = call_of("delete_note").to_string();
    let (method, name) = (r#""method":"tools/call""#, r#""name":"delete_note""#);
    assert!(call.contains(method) && call.contains(name), "{call}");
    let disguised = [
        format!("[{call}]"),
        call.replace(method, r#""method":"tools\/call""#),
        call.replace(method, r#""method":"tools/list","method":"tools/call""#),
        call.replace(method, r#""method":"tools/call","method":"tools/list""#),
        call.replace(name, r#""name":"delete\u005fnote""#),
        call.replace(name, r#""name":"read_note","name":"delete_note""#),
        call.replace(name, r#""name":"delete_note","name":"read_note""#),
        call.replace(r#""params":"#, r#""params":{"name":"read_note"},"params":"#),
        format!("\u{feff}{call}"),
        format!(" \n{call}"),
    ];
    for body in disguised {
        for mcp_headers in [None, Some(("tools/call", "read_note")), Some(("tools/list", ""))] {
            let mut headers = http::HeaderMap::new();
            headers.insert(ACCEPT, "application/json, text/event-stream".parse().unwrap());
            headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
            headers.insert(AUTHORIZATION, reader.parse().unwrap());
            if let Some((method, name)) = mcp_headers {
                headers.insert("mcp-method", method.parse().unwrap());
                headers.insert("mcp-name", name.parse().unwrap());
            }
            let answer = scene.mcp.send(&scene.mcp.url, headers, body.clone()).await;
            assert!(!answer.body.contains("Deleted"), "{body}: {answer:?}");
        }
    }
    let owner = scene.token("notes:read notes:delete");
    assert_eq!(scene.mcp.call("delete_note", &owner).await.text(), "Deleted by user-1: Buy some.");
}
