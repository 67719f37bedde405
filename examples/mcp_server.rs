//! An MCP server with two tools that need different scopes, guarded by this crate.
//!
//! `cargo run --example mcp_server` is a demonstration, with an issuer of its own and requests to try;
//! `cargo run --example mcp_server -- https://as.example.com https://mcp.example.com/mcp 0.0.0.0:8080`
//! trusts an authorization server, is known to clients by the second URL, and listens at the last. The
//! environment variables `MCP_ISSUER`, `MCP_RESOURCE` and `MCP_LISTEN` say the same.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use http::Uri;
use http::request::Parts;
use jwt_appraisal::http::{McpScopes, ResourceServer};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{
    Accepted, AccessTokenClaims, Clock, Profile, SignatureAlgorithm, SystemClock, Validator, remote,
};
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::wrapper::Parameters;
use rmcp::model::{ServerCapabilities, ServerConfig};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{ErrorData, RoleServer, ServerHandler, schemars, tool, tool_handler, tool_router};
use serde_json::json;
use time::Duration;
use tokio::net::TcpListener;

type Fault = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let argument = |number, name| env::args().nth(number).or_else(|| env::var(name).ok());
    let listen = argument(3, "MCP_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let (listener, issuer, resource) =
        match (argument(1, "MCP_ISSUER"), argument(2, "MCP_RESOURCE")) {
            (Some(issuer), Some(resource)) => (TcpListener::bind(listen).await?, issuer, resource),
            (None, None) => {
                let listener = TcpListener::bind("127.0.0.1:0").await?;
                let resource = format!("http://{}/mcp", listener.local_addr()?);
                let issuer = demonstrate(&resource).await?;
                (listener, issuer, resource)
            }
            _ => return Err("an issuer needs a resource, and the other way round".into()),
        };
    serve(listener, Config { issuer, resource, clock: SystemClock::default() }, Notes::new()).await
}

/// Whom to trust, and who this server is.
pub(crate) struct Config<K> {
    /// The authorization server's issuer identifier.
    pub(crate) issuer: String,
    /// The URL by which clients know this server, which tokens have to be meant for.
    pub(crate) resource: String,
    pub(crate) clock: K,
}

/// Serves tools at `/mcp` to whom they are permitted.
pub(crate) async fn serve(
    listener: TcpListener,
    config: Config<impl Clock + Clone + 'static>,
    tools: impl ServerHandler + Clone,
) -> Result<(), Fault> {
    let Config { issuer, resource, clock } = config;
    let host = resource.parse::<Uri>()?.authority().ok_or("the resource has no host")?.to_string();
    // Without sessions: those would have to be bound to their callers, too. And without browsers.
    let transport = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_allowed_hosts([host])
        .enforce_origin_validation();
    let mcp = StreamableHttpService::new(
        move || Ok(tools.clone()),
        Arc::new(NeverSessionManager::default()),
        transport,
    );

    // The guard.
    let trusted = remote::issuer(issuer)
        .algorithms([SignatureAlgorithm::Es256])
        .allow_http_on_loopback() // for the demonstration
        .clock(clock.clone())
        .connect()
        .await?;
    let validator = Validator::builder(Profile::mcp_access_token())
        .issuer(trusted)
        .audience(resource)
        .clock(clock)
        .build()?;
    let server = ResourceServer::builder(validator)
        .scopes_supported(["notes:read", "notes:delete"])
        .initial_scopes(["notes:read"])
        .allow_http_on_loopback()
        .build()?;
    let scopes = McpScopes::new()
        .tool("read_note", ["notes:read"])
        .tool("delete_note", ["notes:read", "notes:delete"]);
    let app = Router::new().nest_service("/mcp", mcp).layer(server.mcp_layer(scopes)?);

    axum::serve(listener, app).await?;
    Ok(())
}

/// The tools: notes, and what may be done with them.
#[derive(Clone)]
pub(crate) struct Notes {
    notes: Arc<Mutex<BTreeMap<String, String>>>,
    tool_router: ToolRouter<Self>,
}

/// Which note it is about.
#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Named {
    /// Its name.
    name: String,
}

#[tool_router]
impl Notes {
    pub(crate) fn new() -> Self {
        let notes = [("milk", "Buy some."), ("plants", "Water them on Friday.")];
        let notes = notes.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self { notes: Arc::new(Mutex::new(notes.into())), tool_router: Self::tool_router() }
    }

    #[tool(description = "Reads a note.")]
    async fn read_note(
        &self,
        Parameters(Named { name }): Parameters<Named>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        let caller = caller(&context)?;
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let text = notes.get(&name).ok_or_else(unknown_note)?;
        Ok(format!("For {}: {text}", caller.claims().sub))
    }

    #[tool(description = "Deletes a note, and says what it was.")]
    async fn delete_note(
        &self,
        Parameters(Named { name }): Parameters<Named>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        let caller = caller(&context)?;
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let text = notes.remove(&name).ok_or_else(unknown_note)?;
        Ok(format!("Deleted by {}: {text}", caller.claims().sub))
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Notes {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }
}

/// Who calls: what the guard accepted. The token itself stays outside.
fn caller(context: &RequestContext<RoleServer>) -> Result<&Accepted<AccessTokenClaims>, ErrorData> {
    let parts = context.extensions.get::<Parts>();
    parts
        .and_then(|parts| parts.extensions.get())
        .ok_or_else(|| ErrorData::internal_error("this server is not guarded", None))
}

fn unknown_note() -> ErrorData {
    ErrorData::invalid_params("there is no such note", None)
}

/// Starts an issuer on loopback and prints what to try.
async fn demonstrate(resource: &str) -> Result<String, Fault> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let issuer = TestIssuer::new(&url);

    let metadata = json!({ "issuer": url, "jwks_uri": format!("{url}/jwks") }).to_string();
    let json = |body: String| {
        axum::routing::get(async move || ([(http::header::CONTENT_TYPE, "application/json")], body))
    };
    let routes = Router::new()
        .route("/.well-known/oauth-authorization-server", json(metadata))
        .route("/jwks", json(issuer.jwks()));
    tokio::spawn(async { axum::serve(listener, routes).await });

    let evening = SystemClock::default().now().saturating_add(Duration::hours(12));
    let token = |scope: &str| {
        let draft = issuer.access_token(resource).claim("exp", evening.unix_timestamp());
        draft.claim("scope", scope).sign()
    };
    let call = |tool: &str, header: &str| {
        let params = json!({ "name": tool, "arguments": { "name": "milk" } });
        let message =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        println!("curl -i -w '\\n' {resource} {header}-H 'Content-Type: application/json' \\");
        println!("  -H 'Accept: application/json, text/event-stream' -d '{message}'\n");
    };
    println!("# An MCP server at {resource}, for tokens of {url}. Try it:\n");
    println!("READER={}\nOWNER={}\n", token("notes:read"), token("notes:read notes:delete"));
    println!("# Without a token: 401, and where to get one");
    call("read_note", "");
    println!("# With a token that permits to read");
    call("read_note", "-H \"Authorization: Bearer $READER\" ");
    println!("# With the same token: 403, and the scopes that it takes");
    call("delete_note", "-H \"Authorization: Bearer $READER\" ");
    println!("# With a token that permits to delete");
    call("delete_note", "-H \"Authorization: Bearer $OWNER\" ");
    Ok(url)
}
