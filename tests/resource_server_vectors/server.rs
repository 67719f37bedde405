//! A policy of the file as a server of this crate.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use jwt_appraisal::http::{DpopNonces, McpScopes, Requirement, ResourceServer};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, DpopProofClaims, FixedClock, JwkSet, KeyStore, MemoryReplayGuard,
    Profile, SignatureAlgorithm, TrustedIssuer, Validator,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use tower::{Layer as _, Service, ServiceExt as _};

use super::format::{Comparison, Mcp, Needs, OtherAudiences, Policy, Proofs, Sent, Suite, Tokens};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One server of a policy, with what it remembers.
pub(crate) struct Server<'a> {
    policy: &'a Policy,
    server: ResourceServer<AccessTokenClaims>,
}

impl<'a> Server<'a> {
    pub(crate) fn of(suite: &'a Suite, policy: &'a Policy) -> Self {
        let clock = FixedClock::new(OffsetDateTime::from_unix_timestamp(suite.now).unwrap());
        let mut builder = ResourceServer::builder(tokens(suite, policy, clock))
            .scopes_supported(policy.scopes_supported.iter().map(String::as_str))
            .requirement(requirement(&policy.requirement));
        if let Some(dpop) = &policy.dpop
            && let Some(current) = &dpop.nonce
        {
            let previous = dpop.previous_nonce.as_deref().map(Arc::from);
            let nonces = Nonces { current: current.as_str().into(), previous };
            builder = builder.dpop_nonce_source(Arc::new(nonces));
        }
        if !policy.bearer {
            builder = builder.dpop_bound_access_tokens_required();
        }
        Self { policy, server: builder.build().unwrap() }
    }

    /// Sends a request through the layers to a service that says who called.
    pub(crate) async fn answer(&self, sent: &Sent) -> Answer {
        let mut request = Request::builder().method(&*sent.method).uri(&sent.target);
        for (name, value) in &sent.headers {
            request = request.header(name, value);
        }
        let request = request.body(Full::from(sent.body.clone())).unwrap();
        let layer = self.for_operation(sent).layer();
        let response = match &self.policy.mcp {
            None => answered(layer.layer(tower::service_fn(service::<Full<Bytes>>)), request).await,
            Some(mcp) => {
                let inside = self.server.mcp_layer(scopes(mcp)).unwrap();
                let inside = inside.layer(tower::service_fn(service));
                answered(layer.layer(inside), request).await
            }
        };
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn for_operation(&self, sent: &Sent) -> ResourceServer<AccessTokenClaims> {
        let path = sent.target.split('?').next();
        let mut operations = self.policy.operations.iter();
        let operation = operations
            .find(|operation| operation.method == sent.method && Some(&*operation.path) == path);
        match operation {
            Some(operation) => self.server.requiring(requirement(&operation.requirement)).unwrap(),
            None => self.server.clone(),
        }
    }
}

async fn answered<S, B>(service: S, request: Request<Full<Bytes>>) -> Response<Bytes>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>, Error = Infallible>,
    B: axum::body::HttpBody<Data = Bytes>,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = service.oneshot(request).await.unwrap().into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

/// The service behind the layers: it never sees the credentials.
async fn service<B>(request: Request<B>) -> Result<Response<Full<Bytes>>, Infallible> {
    for credentials in ["authorization", "dpop"] {
        assert!(!request.headers().contains_key(credentials), "MCP-09: {credentials}");
    }
    let caller = request.extensions().get::<Accepted<AccessTokenClaims>>().unwrap();
    let claims = caller.claims();
    let caller = json!({ "sub": claims.sub, "client_id": claims.client_id });
    Ok(Response::new(Full::from(caller.to_string())))
}

fn tokens(suite: &Suite, policy: &Policy, clock: FixedClock) -> Validator<AccessTokenClaims> {
    let Tokens::Rfc9068 = policy.tokens;
    let mut profile = match policy.audience {
        Comparison::Exact => Profile::access_token(),
        Comparison::Resource => Profile::mcp_access_token(),
    };
    if policy.other_audiences == OtherAudiences::Refused {
        profile = profile.refuse_other_audiences();
    }
    let issuers = policy.issuers.iter().map(|name| {
        let issuer = &suite.issuers[name];
        let set = issuer.jwks.as_ref().map(|set| JwkSet::from_json(set.to_string()).unwrap());
        let keys = KeyStore::new(algorithms(&issuer.algorithms), set.unwrap_or_default());
        TrustedIssuer::new(&*issuer.issuer, keys.unwrap())
    });
    let implies = policy.implies.clone();
    let builder = Validator::builder(profile)
        .issuers(issuers)
        .audience(&*policy.resource)
        .scope_hierarchy(move |granted, needed| {
            implies
                .get(granted)
                .is_some_and(|narrower| narrower.iter().any(|scope| scope == needed))
        })
        .clock(clock);
    match &policy.dpop {
        Some(dpop) => builder.dpop(proofs(dpop, clock)).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

fn proofs(dpop: &Proofs, clock: FixedClock) -> Validator<DpopProofClaims> {
    Validator::builder(Profile::dpop_proof())
        .algorithms(algorithms(&dpop.algorithms))
        .replay_guard(Arc::new(MemoryReplayGuard::new(100)))
        .clock(clock)
        .build()
        .unwrap()
}

fn algorithms(names: &[String]) -> Vec<SignatureAlgorithm> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn requirement(needs: &Needs) -> Requirement {
    let mut requirement = Requirement::scopes(needs.scopes.iter().map(String::as_str));
    if !needs.acr_values.is_empty() {
        requirement = requirement.acr_values(needs.acr_values.iter().map(String::as_str));
    }
    match needs.max_age {
        Some(age) => requirement.max_authentication_age(Duration::seconds(age)),
        None => requirement,
    }
}

fn scopes(mcp: &Mcp) -> McpScopes {
    let mut scopes = McpScopes::new();
    for (tool, needed) in &mcp.tools {
        scopes = scopes.tool(tool, needed.iter().map(String::as_str));
    }
    for (method, needed) in &mcp.methods {
        scopes = scopes.method(method, needed.iter().map(String::as_str));
    }
    scopes
}

/// The nonces that the file says.
#[derive(Debug)]
struct Nonces {
    current: Arc<str>,
    previous: Option<Arc<str>>,
}

impl DpopNonces for Nonces {
    fn current(&self, _: OffsetDateTime) -> Arc<str> {
        Arc::clone(&self.current)
    }

    fn previous(&self, _: OffsetDateTime) -> Option<Arc<str>> {
        self.previous.clone()
    }
}
