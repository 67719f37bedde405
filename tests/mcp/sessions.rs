//! A server of `rmcp` that has sessions: each belongs to who began it.

use std::sync::Arc;

use axum::Router;
use http::header::ACCEPT;
use http::{Method, StatusCode};
use jwt_appraisal::http::{McpScopes, ResourceServer};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
use reqwest::Response;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::mcp_server::Notes;

struct Server {
    url: String,
    issuer: TestIssuer,
    http: reqwest::Client,
}

impl Server {
    async fn start() -> Self {
        let issuer = TestIssuer::new("https://as.example.com");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        let set = JwkSet::from_json(issuer.jwks()).unwrap();
        let keys = KeyStore::new([SignatureAlgorithm::Es256], set).unwrap();
        let validator = Validator::builder(Profile::mcp_access_token())
            .issuer(TrustedIssuer::new(issuer.issuer(), keys))
            .audience(url.as_str())
            .build()
            .unwrap();
        let server = ResourceServer::builder(validator).allow_http_on_loopback().build().unwrap();
        let notes = Notes::new();
        let mcp = StreamableHttpService::new(
            move || Ok(notes.clone()),
            Arc::new(LocalSessionManager::default()),
            StreamableHttpServerConfig::default(),
        );
        let layer = server.mcp_layer(McpScopes::new()).unwrap();
        let app = Router::new().nest_service("/mcp", mcp).layer(layer);
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, issuer, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn ask(&self, method: Method, sub: &str, session: Option<&str>, body: Value) -> Response {
        let token = self.issuer.access_token(&self.url).claim("sub", sub).sign();
        let mut asked = self
            .http
            .request(method, &self.url)
            .bearer_auth(token)
            .header(ACCEPT, "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(body.to_string());
        if let Some(session) = session {
            asked = asked.header("mcp-session-id", session);
            asked = asked.header("mcp-protocol-version", "2025-06-18");
        }
        asked.send().await.unwrap()
    }
}

#[tokio::test]
async fn a_session_belongs_to_who_began_it() {
    let server = Server::start().await;
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "client", "version": "1" },
        },
    });
    let begun = server.ask(Method::POST, "alice", None, hello).await;
    assert_eq!(begun.status(), StatusCode::OK);
    let id = begun.headers()["mcp-session-id"].to_str().unwrap();
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let answer = server.ask(Method::POST, "alice", Some(id), ready).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);

    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    for (method, body) in
        [(Method::GET, json!(null)), (Method::DELETE, json!(null)), (Method::POST, list.clone())]
    {
        let answer = server.ask(method.clone(), "mallory", Some(id), body).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{method}");
    }
    let answer = server.ask(Method::POST, "alice", Some(id), list).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("read_note"));
    let answer = server.ask(Method::DELETE, "alice", Some(id), json!(null)).await;
    assert!(answer.status().is_success());
}
