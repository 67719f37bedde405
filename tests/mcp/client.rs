//! A client of `rmcp`, and the user who sits before it.

use http::header::LOCATION;
use reqwest::redirect::Policy;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::{ClientInitializeError, RunningService};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{
    AuthClient, AuthorizationCallback, AuthorizationManager, AuthorizationRequest, OAuthState,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient, ServiceError, ServiceExt};
use serde_json::json;

/// Where the client waits for the user to come back.
const REDIRECT: &str = "http://127.0.0.1:9/callback";

/// A client that is connected.
pub(crate) struct Client(RunningService<RoleClient, ()>);

impl Client {
    /// Tries without a token.
    pub(crate) async fn anonymous(url: &str) -> Result<Self, Box<ClientInitializeError>> {
        let transport = StreamableHttpClientTransport::from_uri(url);
        ().serve(transport).await.map(Self).map_err(Box::new)
    }

    /// Connects as who is authorized.
    pub(crate) async fn authorized(url: &str, manager: AuthorizationManager) -> Self {
        Self::connect(url, manager, ClientLifecycleMode::Initialize).await
    }

    /// The same in the protocol of 2026, which has no handshake and names the tool in a header, too.
    pub(crate) async fn without_handshake(url: &str, manager: AuthorizationManager) -> Self {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        Self::connect(url, manager, ClientLifecycleMode::Discover { preferred_versions }).await
    }

    async fn connect(
        url: &str,
        manager: AuthorizationManager,
        lifecycle: ClientLifecycleMode,
    ) -> Self {
        let client = AuthClient::new(reqwest::Client::new(), manager);
        let config = StreamableHttpClientTransportConfig::with_uri(url);
        let transport = StreamableHttpClientTransport::with_client(client, config);
        Self(().serve_with_lifecycle(transport, lifecycle).await.unwrap())
    }

    pub(crate) async fn tools(&self) -> Vec<String> {
        let tools = self.0.list_all_tools().await.unwrap();
        tools.into_iter().map(|tool| tool.name.into_owned()).collect()
    }

    /// Calls a tool, and says what it said.
    pub(crate) async fn call(&self, tool: &'static str) -> Result<String, Box<ServiceError>> {
        let arguments = json!({ "name": "milk" }).as_object().unwrap().clone();
        let request = CallToolRequestParams::new(tool).with_arguments(arguments);
        let result = self.0.call_tool(request).await?;
        let content = result.content.first().and_then(|content| content.as_text());
        Ok(content.unwrap().text.clone())
    }
}

/// Has the user authorize the client, beginning with a challenge and nothing else.
pub(crate) async fn authorize(url: &str, challenge: &str, scopes: &[&str]) -> AuthorizationManager {
    let mut state = OAuthState::new(url, None).await.unwrap();
    let request = AuthorizationRequest::new(REDIRECT).with_challenge(challenge);
    state.start_authorization(request.with_scopes(scopes.iter().copied())).await.unwrap();
    let callback = consent(&state.get_authorization_url().await.unwrap()).await;
    state.handle_callback_url(&callback).await.unwrap();
    state.into_authorization_manager().unwrap()
}

/// The same for more scopes, which a later challenge asked for.
pub(crate) async fn step_up(manager: &AuthorizationManager, scopes: &str) {
    let callback = consent(&manager.request_scope_upgrade(scopes).await.unwrap()).await;
    let AuthorizationCallback { code, csrf_token, issuer, .. } =
        AuthorizationCallback::from_redirect_url(&callback).unwrap();
    let exchanged =
        manager.exchange_code_for_token_with_issuer(&code, &csrf_token, issuer.as_deref()).await;
    exchanged.unwrap();
}

/// What the user's browser does: it opens the URL, and is sent back to the client.
async fn consent(url: &str) -> String {
    let browser = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let answer = browser.get(url).send().await.unwrap();
    answer.headers().get(LOCATION).unwrap().to_str().unwrap().to_owned()
}
