//! A stand-in for an authorization server: real requests and answers on loopback, strict where a real
//! one is strict, and a user who consents to everything at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::Clock;
use jwt_appraisal::testing::{TestIssuer, TestToken};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::clock::TestClock;

/// What it can grant.
const SCOPES: [&str; 2] = ["notes:delete", "notes:read"];

/// A running authorization server. Clones are the same one.
#[derive(Clone)]
pub(crate) struct AuthorizationServer(Arc<Shared>);

struct Shared {
    url: String,
    clock: TestClock,
    /// How often its keys were asked for.
    key_requests: AtomicUsize,
    keys_are_served: AtomicBool,
    books: Mutex<Books>,
}

struct Books {
    issuer: TestIssuer,
    /// In seconds.
    lifetime: i64,
    /// The resource servers that it issues tokens for.
    resources: BTreeSet<String>,
    /// By `client_id`, the redirect URIs.
    clients: BTreeMap<String, Vec<String>>,
    codes: BTreeMap<String, Grant>,
    numbered: usize,
}

/// What a code stands for.
struct Grant {
    client_id: String,
    redirect_uri: String,
    challenge: String,
    resource: String,
    scope: String,
}

/// The parameters of a request.
struct Fields(BTreeMap<String, String>);

impl Fields {
    /// [RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1): none twice.
    fn of(pairs: Vec<(String, String)>) -> Option<Self> {
        let count = pairs.len();
        let fields: BTreeMap<_, _> = pairs.into_iter().collect();
        (fields.len() == count).then_some(Self(fields))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl AuthorizationServer {
    /// Starts one on a port of its own.
    pub(crate) async fn start(clock: TestClock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Self(Arc::new(Shared {
            clock,
            key_requests: AtomicUsize::new(0),
            keys_are_served: AtomicBool::new(true),
            books: Mutex::new(Books {
                issuer: TestIssuer::new(&url),
                lifetime: 300,
                resources: BTreeSet::new(),
                clients: BTreeMap::new(),
                codes: BTreeMap::new(),
                numbered: 0,
            }),
            url,
        }));
        let routes = Router::new()
            .route("/.well-known/oauth-authorization-server", get(metadata))
            .route("/jwks", get(keys))
            .route("/register", post(register))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        server
    }

    /// Its issuer identifier.
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    /// From now on it issues tokens for this resource server, too.
    pub(crate) fn knows_resource(&self, resource: &str) {
        self.books().resources.insert(resource.to_owned());
    }

    /// How long its tokens live.
    pub(crate) fn set_lifetime(&self, seconds: i64) {
        self.books().lifetime = seconds;
    }

    /// Replaces its key by another one. The old one is no longer published.
    pub(crate) fn rotate_key(&self) {
        self.books().issuer.rotate();
    }

    /// Whether it answers requests for its keys with them, or with 503.
    pub(crate) fn serve_keys(&self, served: bool) {
        self.0.keys_are_served.store(served, Ordering::SeqCst);
    }

    /// How often its keys were asked for, with or without success.
    pub(crate) fn key_requests(&self) -> usize {
        self.0.key_requests.load(Ordering::SeqCst)
    }

    /// A good token, past all its endpoints, to be spoilt and signed.
    pub(crate) fn draft(&self, resource: &str, scope: &str) -> TestToken {
        let books = self.books();
        books.draft(self.0.clock.now().unix_timestamp(), resource, scope)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.books.lock().unwrap()
    }
}

impl Books {
    fn draft(&self, now: i64, resource: &str, scope: &str) -> TestToken {
        let draft = self.issuer.access_token(resource).claim("scope", scope).at(now);
        draft.claim("exp", now + self.lifetime)
    }

    fn next(&mut self, what: &str) -> String {
        self.numbered += 1;
        format!("{what}-{}", self.numbered)
    }
}

/// [RFC 8414 §3.2](https://www.rfc-editor.org/rfc/rfc8414#section-3.2)
async fn metadata(State(server): State<AuthorizationServer>) -> Json<Value> {
    let url = server.url();
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "registration_endpoint": format!("{url}/register"),
        "jwks_uri": format!("{url}/jwks"),
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(server): State<AuthorizationServer>) -> Response {
    server.0.key_requests.fetch_add(1, Ordering::SeqCst);
    if server.0.keys_are_served.load(Ordering::SeqCst) {
        let jwks = server.books().issuer.jwks();
        ([(header::CONTENT_TYPE, "application/jwk-set+json")], jwks).into_response()
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}

/// [RFC 7591 §3](https://www.rfc-editor.org/rfc/rfc7591#section-3)
async fn register(
    State(server): State<AuthorizationServer>,
    Json(client): Json<Value>,
) -> Result<Response, Response> {
    let strings = |member: &str| -> Option<Vec<String>> {
        serde_json::from_value(client.get(member)?.clone()).ok()
    };
    let uris = strings("redirect_uris").unwrap_or_default();
    if uris.is_empty() || !uris.iter().all(|uri| uri.starts_with("http://127.0.0.1")) {
        return Err(fault("invalid_redirect_uri"));
    }
    if client.get("token_endpoint_auth_method") != Some(&json!("none")) {
        return Err(fault("invalid_client_metadata"));
    }
    let mut books = server.books();
    let id = books.next("client");
    books.clients.insert(id.clone(), uris.clone());
    let answer = json!({
        "client_id": id,
        "client_name": client.get("client_name"),
        "redirect_uris": uris,
        "token_endpoint_auth_method": "none",
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The user consents before the page is shown.
///
/// [RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1)
async fn authorize(
    State(server): State<AuthorizationServer>,
    Query(request): Query<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let request = Fields::of(request).ok_or_else(|| fault("invalid_request"))?;
    let field = |name| request.get(name);
    let mut books = server.books();
    // Whoever it is that asks, they are not redirected to where no client is known to be.
    let uris = books.clients.get(field("client_id")).ok_or_else(|| fault("invalid_client"))?;
    if !uris.iter().any(|uri| uri == field("redirect_uri")) {
        return Err(fault("invalid_redirect_uri"));
    }
    let outcome = if field("response_type") != "code" {
        Err("unsupported_response_type")
    } else if field("code_challenge").len() != 43 || field("code_challenge_method") != "S256" {
        Err("invalid_request")
    } else if !books.resources.contains(field("resource")) {
        Err("invalid_target")
    } else if field("scope").split(' ').any(|scope| !SCOPES.contains(&scope)) {
        Err("invalid_scope")
    } else {
        let code = books.next("code");
        let grant = Grant {
            client_id: field("client_id").to_owned(),
            redirect_uri: field("redirect_uri").to_owned(),
            challenge: field("code_challenge").to_owned(),
            resource: field("resource").to_owned(),
            scope: field("scope").to_owned(),
        };
        books.codes.insert(code.clone(), grant);
        Ok(code)
    };
    let mut callback = reqwest::Url::parse(field("redirect_uri")).unwrap();
    match &outcome {
        Ok(code) => callback.query_pairs_mut().append_pair("code", code),
        Err(error) => callback.query_pairs_mut().append_pair("error", error),
    };
    callback
        .query_pairs_mut()
        .append_pair("state", field("state"))
        .append_pair("iss", server.url());
    Ok((StatusCode::FOUND, [(header::LOCATION, callback.to_string())]).into_response())
}

/// [RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3),
/// [RFC 7636 §4.6](https://www.rfc-editor.org/rfc/rfc7636#section-4.6),
/// [RFC 8707 §2.2](https://www.rfc-editor.org/rfc/rfc8707#section-2.2)
async fn token(
    State(server): State<AuthorizationServer>,
    Form(request): Form<Vec<(String, String)>>,
) -> Result<Response, Response> {
    let request = Fields::of(request).ok_or_else(|| fault("invalid_request"))?;
    let field = |name| request.get(name);
    if field("grant_type") != "authorization_code" {
        return Err(fault("unsupported_grant_type"));
    }
    let now = server.0.clock.now().unix_timestamp();
    let mut books = server.books();
    // It is gone now, whatever becomes of this request.
    let grant = books.codes.remove(field("code")).ok_or_else(|| fault("invalid_grant"))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, field("code_verifier").as_bytes());
    let same = [
        (field("client_id"), &grant.client_id),
        (field("redirect_uri"), &grant.redirect_uri),
        (&URL_SAFE_NO_PAD.encode(digest), &grant.challenge),
    ];
    if same.into_iter().any(|(given, granted)| given != granted) {
        return Err(fault("invalid_grant"));
    }
    if field("resource") != grant.resource {
        return Err(fault("invalid_target"));
    }
    let draft = books.draft(now, &grant.resource, &grant.scope);
    let answer = json!({
        "access_token": draft.claim("client_id", grant.client_id).sign(),
        "token_type": "Bearer",
        "expires_in": books.lifetime,
        "scope": grant.scope,
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}

/// [RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)
fn fault(code: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response()
}
