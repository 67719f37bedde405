//! Stands where the crate's own guard will: the same checks, with less care.

mod keys;

pub(crate) use keys::issuer;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, Uri, header};
use jwt_appraisal::{Accepted, AccessTokenClaims, Refused, Validator};
use serde_json::{Value, json};

/// What a request's body may have, as in `rmcp`.
const BODY_BYTES: usize = 4 * 1024 * 1024;

/// Which scopes a tool needs.
#[derive(Clone, Default)]
pub(crate) struct ToolScopes(BTreeMap<&'static str, Vec<&'static str>>);

impl ToolScopes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn tool(
        mut self,
        name: &'static str,
        scopes: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        self.0.insert(name, scopes.into_iter().collect());
        self
    }
}

struct Guard {
    validator: Validator<AccessTokenClaims>,
    tools: ToolScopes,
    metadata_url: String,
    metadata_path: String,
    metadata: Value,
}

pub(crate) fn layers(
    app: Router,
    (validator, issuer): (Validator<AccessTokenClaims>, &str),
    resource: &str,
    tools: ToolScopes,
) -> Router {
    let uri: Uri = resource.parse().unwrap_or_default();
    let origin = resource.strip_suffix(uri.path()).unwrap_or(resource);
    let metadata_path = format!("/.well-known/oauth-protected-resource{}", uri.path());
    let mut scopes: Vec<_> = tools.0.values().flatten().collect();
    scopes.sort_unstable();
    scopes.dedup();
    let guard = Arc::new(Guard {
        metadata: json!({
            "resource": resource,
            "authorization_servers": [issuer],
            "scopes_supported": scopes,
            "bearer_methods_supported": ["header"],
        }),
        metadata_url: format!("{origin}{metadata_path}"),
        metadata_path,
        validator,
        tools,
    });
    app.layer(from_fn(move |request, next| {
        let guard = Arc::clone(&guard);
        async move { guard.pass(request, next).await.unwrap_or_else(|refusal| refusal) }
    }))
}

impl Guard {
    async fn pass(&self, mut request: Request, next: Next) -> Result<Response, Response> {
        if request.method() == Method::GET && request.uri().path() == self.metadata_path {
            return Ok(axum::Json(&self.metadata).into_response());
        }
        let token = bearer(request.headers()).ok_or_else(|| self.unauthorized(""))?.to_owned();
        let accepted = match self.appraise(&token).await {
            Ok(accepted) => accepted,
            Err(Refused::Rejected(_)) => {
                return Err(self.unauthorized(r#"error="invalid_token", "#));
            }
            Err(Refused::Undetermined(_)) => {
                return Err(StatusCode::SERVICE_UNAVAILABLE.into_response());
            }
        };
        request.headers_mut().remove(header::AUTHORIZATION);
        request.extensions_mut().insert(accepted.clone());

        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_BYTES).await;
        let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
        if let Some(refusal) = self.scopes_missing(&accepted, &body) {
            return Err(refusal);
        }
        Ok(next.run(Request::from_parts(parts, Body::from(body))).await)
    }

    async fn appraise(&self, token: &str) -> Result<Accepted<AccessTokenClaims>, Refused> {
        let first = self.validator.appraise(token).into_result();
        if first.as_ref().is_err_and(Refused::awaits_keys)
            && let Some(fetched) = self.validator.keys_under_way(token)
        {
            fetched.await;
            return self.validator.appraise(token).into_result();
        }
        first
    }

    fn scopes_missing(
        &self,
        caller: &Accepted<AccessTokenClaims>,
        body: &[u8],
    ) -> Option<Response> {
        let message: Value = serde_json::from_slice(body).unwrap_or_default();
        message.get("method").filter(|method| *method == "tools/call")?;
        let name = message.pointer("/params/name").and_then(Value::as_str).unwrap_or_default();
        let Some(needed) = self.tools.0.get(name) else {
            return Some(StatusCode::FORBIDDEN.into_response());
        };
        if needed.iter().all(|scope| caller.claims().scopes.contains(scope)) {
            return None;
        }
        let words = format!(r#"error="insufficient_scope", scope="{}", "#, needed.join(" "));
        Some(self.challenge(StatusCode::FORBIDDEN, &words))
    }

    fn unauthorized(&self, words: &str) -> Response {
        self.challenge(StatusCode::UNAUTHORIZED, words)
    }

    fn challenge(&self, status: StatusCode, words: &str) -> Response {
        let value = format!(r#"Bearer {words}resource_metadata="{}""#, self.metadata_url);
        (status, [(header::WWW_AUTHENTICATE, value)]).into_response()
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let only = values.next().filter(|_| values.next().is_none())?;
    let (scheme, token) = only.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
