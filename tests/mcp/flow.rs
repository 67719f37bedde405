//! What a client does that knows nothing but the server's URL.

use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Challenge;
use super::client::{self, Client};
use super::scene::{Scene, call_of};

/// The challenge that the server gives to whoever has no token.
async fn first_challenge(url: &str) -> String {
    let refused = Client::anonymous(url).await.map(|_| "connected").unwrap_err();
    refused.auth_challenge().unwrap().to_owned()
}

#[tokio::test]
async fn the_challenge_leads_to_the_metadata_to_a_token_to_the_tool() {
    let scene = Scene::start().await;
    let url = &scene.mcp.url;
    let challenge = first_challenge(url).await;
    let parsed = Challenge::parse(&challenge);
    assert_eq!(parsed.get("resource_metadata"), Some(&*scene.mcp.metadata_url()));
    // No token was wrong.
    assert_eq!(parsed.get("error"), None);

    let manager = client::authorize(url, &challenge, &["notes:read"]).await;
    let client = Client::authorized(url, manager).await;
    let mut tools = client.tools().await;
    tools.sort_unstable();
    assert_eq!(tools, ["delete_note", "read_note"]);
    assert_eq!(client.call("read_note").await.unwrap(), "For user-1: Buy some.");
}

#[tokio::test]
async fn a_client_that_names_no_scopes_gets_those_that_the_server_has() {
    let scene = Scene::start().await;
    let url = &scene.mcp.url;
    let manager = client::authorize(url, &first_challenge(url).await, &[]).await;
    let client = Client::authorized(url, manager).await;
    assert_eq!(client.call("delete_note").await.unwrap(), "Deleted by user-1: Buy some.");
}

#[tokio::test]
async fn a_client_that_lacks_a_scope_learns_which_and_gets_it() {
    let scene = Scene::start().await;
    let url = &scene.mcp.url;
    let manager = client::authorize(url, &first_challenge(url).await, &["notes:read"]).await;
    let reader = Client::authorized(url, manager).await;

    let refused = reader.call("delete_note").await.unwrap_err();
    let challenge = refused.auth_challenge().unwrap();
    let parsed = Challenge::parse(challenge);
    assert_eq!(parsed.get("error"), Some("insufficient_scope"));
    assert_eq!(parsed.get("resource_metadata"), Some(&*scene.mcp.metadata_url()));
    // The connection is still good.
    assert_eq!(reader.call("read_note").await.unwrap(), "For user-1: Buy some.");

    let manager = client::authorize(url, challenge, &["notes:read"]).await;
    client::step_up(&manager, parsed.get("scope").unwrap()).await;
    let owner = Client::authorized(url, manager).await;
    assert_eq!(owner.call("delete_note").await.unwrap(), "Deleted by user-1: Buy some.");
}

#[tokio::test]
async fn a_client_of_the_protocol_without_a_handshake() {
    let scene = Scene::start().await;
    let url = &scene.mcp.url;
    let manager = client::authorize(url, &first_challenge(url).await, &["notes:read"]).await;
    let client = Client::without_handshake(url, manager).await;
    assert_eq!(client.call("read_note").await.unwrap(), "For user-1: Buy some.");
    let seen = scene.mcp.seen();
    assert_eq!(seen.first().and_then(|headers| headers.get("mcp-name")).unwrap(), "read_note");

    let refused = client.call("delete_note").await.unwrap_err();
    let challenge = Challenge::parse(refused.auth_challenge().unwrap());
    assert_eq!(challenge.get("error"), Some("insufficient_scope"));
}

#[tokio::test]
async fn the_metadata_says_who_issues_tokens_for_what() {
    let scene = Scene::start().await;
    let answer = scene.mcp.get(&scene.mcp.metadata_url()).await;
    assert_eq!(answer.status, StatusCode::OK);
    let mut metadata: Value = serde_json::from_str(&answer.body).unwrap();
    let scopes = metadata.get_mut("scopes_supported").and_then(Value::as_array_mut).unwrap();
    scopes.sort_unstable_by_key(ToString::to_string);
    assert_eq!(
        metadata,
        json!({
            "resource": scene.mcp.url,
            "authorization_servers": [scene.authorization_server.url()],
            "scopes_supported": ["notes:delete", "notes:read"],
            "bearer_methods_supported": ["header"],
        })
    );
}

#[tokio::test]
async fn the_tool_does_not_see_the_token() {
    let scene = Scene::start().await;
    let token = scene.token("notes:read");
    assert_eq!(scene.mcp.call("read_note", &token).await.status, StatusCode::OK);
    let lower_case = scene.mcp.post(Some(&format!("bearer {token}")), &call_of("read_note")).await;
    assert_eq!(lower_case.status, StatusCode::OK);

    let seen = scene.mcp.seen();
    assert_eq!(seen.len(), 2);
    for headers in seen {
        assert!(headers.contains_key("host") && !headers.contains_key("authorization"));
        assert!(!format!("{headers:?}").contains(&token));
    }
}
