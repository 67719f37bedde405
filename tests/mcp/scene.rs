//! An authorization server, and MCP servers that trust it.

use std::sync::{Arc, Mutex};

use http::HeaderMap;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::request::Parts;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, ListToolsResult, PaginatedRequestParams, ServerConfig,
    Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::answer::Answer;
use super::authorization_server::AuthorizationServer;
use super::clock::TestClock;
use super::mcp_server::{self, Config, Notes};

/// An authorization server and an MCP server.
pub(crate) struct Scene {
    pub(crate) clock: TestClock,
    pub(crate) authorization_server: AuthorizationServer,
    pub(crate) mcp: McpServer,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        let clock = TestClock::default();
        let authorization_server = AuthorizationServer::start(clock.clone()).await;
        let mcp = McpServer::start(&authorization_server, &clock).await;
        Self { clock, authorization_server, mcp }
    }

    /// A good token for the MCP server.
    pub(crate) fn token(&self, scope: &str) -> String {
        self.authorization_server.draft(&self.mcp.url, scope).sign()
    }
}

/// The example, running.
pub(crate) struct McpServer {
    pub(crate) url: String,
    http: reqwest::Client,
    seen: Arc<Mutex<Vec<HeaderMap>>>,
}

impl McpServer {
    /// Starts one on a port of its own, which answers when this has returned.
    pub(crate) async fn start(trusted: &AuthorizationServer, clock: &TestClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/mcp", listener.local_addr().unwrap());
        trusted.knows_resource(&url);
        let config = Config {
            issuer: trusted.url().to_owned(),
            resource: url.clone(),
            clock: clock.clone(),
        };
        let watched = Watched { notes: Notes::new(), seen: Arc::default() };
        let server = Self { url, http: reqwest::Client::new(), seen: Arc::clone(&watched.seen) };
        tokio::spawn(async { mcp_server::serve(listener, config, watched).await.unwrap() });
        server.get(&server.url).await;
        server
    }

    /// The URL of its metadata, as RFC 9728 makes it.
    pub(crate) fn metadata_url(&self) -> String {
        self.url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp")
    }

    pub(crate) async fn get(&self, url: &str) -> Answer {
        Answer::of(self.http.get(url).send().await.unwrap()).await
    }

    /// Calls a tool with a token, as a client does.
    pub(crate) async fn call(&self, tool: &str, token: &str) -> Answer {
        self.post(Some(&format!("Bearer {token}")), &call_of(tool)).await
    }

    /// Sends a message of MCP.
    pub(crate) async fn post(&self, authorization: Option<&str>, message: &Value) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, "application/json, text/event-stream".parse().unwrap());
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        }
        self.send(&self.url, headers, message.to_string()).await
    }

    pub(crate) async fn send(&self, url: &str, headers: HeaderMap, body: String) -> Answer {
        Answer::of(self.http.post(url).headers(headers).body(body).send().await.unwrap()).await
    }

    /// The headers of every request that has come to a tool.
    pub(crate) fn seen(&self) -> Vec<HeaderMap> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn call_of(tool: &str) -> Value {
    let params = json!({ "name": tool, "arguments": { "name": "milk" } });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params })
}

/// The example's tools, and what they could see of the requests.
#[derive(Clone)]
struct Watched {
    notes: Notes,
    seen: Arc<Mutex<Vec<HeaderMap>>>,
}

impl ServerHandler for Watched {
    fn get_info(&self) -> ServerConfig {
        self.notes.get_info()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.notes.get_tool(name)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.notes.list_tools(request, context).await
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let parts = context.extensions.get::<Parts>().unwrap();
        self.seen.lock().unwrap().push(parts.headers.clone());
        self.notes.call_tool(request, context).await
    }
}
