//! Servers whose validator asks a source of state, and servers of several kinds of tokens.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use jwt_appraisal::http::{Denied, McpScopes, RequestHead, Requirement, ResourceServer};
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::kind::claims::AccessTokenClaims;
use jwt_appraisal::state::{Answer, AskKind, Question, Remote, Says, StateSource};
use jwt_appraisal::{
    Accepted, FixedClock, MemoryReplayGuard, Profile, RequestFacts, ValidatorSet, rules,
};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::watch;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, ServiceExt, service_fn};

use super::site::{RESOURCE, Site, bearer, failing, with_proof};
use super::support::{now, validator_builder};

/// Answers once it is told to.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) says: Arc<watch::Sender<Option<Says>>>,
    asked: Arc<AtomicUsize>,
}

impl Source {
    pub(super) fn new(says: Option<Says>) -> Self {
        Self { says: Arc::new(watch::channel(says).0), asked: Arc::default() }
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl StateSource for Source {
    fn kinds(&self) -> &[AskKind] {
        &[AskKind::Revoked]
    }

    async fn ask(&self, questions: &[Question], _: OffsetDateTime) -> Vec<Answer> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut told = self.says.subscribe();
        let says = told.wait_for(Option::is_some).await.unwrap().unwrap();
        questions.iter().map(|question| question.answer(says)).collect()
    }
}

pub(super) fn server(site: &Site, source: &Source) -> ResourceServer<AccessTokenClaims, Remote> {
    let builder = site.validator_builder().state_source(source.clone()).dpop(site.proofs());
    ResourceServer::builder(builder.build().unwrap())
        .requirement(Requirement::scopes(["files:read"]))
        .build()
        .unwrap()
}

async fn ok<B>(_: Request<B>) -> Result<Response<String>, Infallible> {
    Ok(Response::new("fine".to_owned()))
}

fn status<T>(authenticated: &Result<T, Denied>) -> u16 {
    authenticated.as_ref().map_or_else(|denied| denied.challenge().status().as_u16(), |_| 200)
}

#[tokio::test]
async fn authenticates_with_the_answers_of_a_source() {
    let site = Site::new();
    let token = site.token().sign();
    for (says, expected) in [(Says::Clear, 200), (Says::Denied, 401), (Says::Unknown, 503)] {
        let server = server(&site, &Source::new(Some(says)));
        let request = bearer(&token);
        let authenticated = server.authenticate_async(&RequestHead::from(&request)).await;
        assert_eq!(status(&authenticated), expected, "{says:?}");
    }
}

/// A request that is denied anyway asks nothing, and its proof is not remembered.
#[tokio::test]
async fn a_denied_request_asks_nothing() {
    let site = Site::new();
    let source = Source::new(Some(Says::Clear));
    let server = server(&site, &source);
    let bound = site.bound_token().sign();
    let wrong = site.proof(&bound).claim("htm", "POST").sign();
    let no_scope = site.token().without("scope").sign();
    for (what, request, code) in [
        ("a wrong proof", with_proof(&bound, &wrong), "proof.claims.htm"),
        ("no scope", bearer(&no_scope), "request.scopes"),
        ("no proof", bearer(&bound), "claims.cnf"),
    ] {
        let denied = server.authenticate_async(&RequestHead::from(&request)).await.unwrap_err();
        assert_eq!(failing(&denied), [code], "{what}");
    }
    assert_eq!(source.asked(), 0);
    let request = with_proof(&bound, &site.proof(&bound).sign());
    assert!(server.authenticate_async(&RequestHead::from(&request)).await.is_ok());
    assert_eq!(source.asked(), 1);
}

/// A request whose token is revoked leaves its proof unused.
#[tokio::test]
async fn a_revoked_token_does_not_use_its_proof_up() {
    let site = Site::new();
    let source = Source::new(Some(Says::Denied));
    let server = server(&site, &source);
    let bound = site.bound_token().sign();
    let request = with_proof(&bound, &site.proof(&bound).sign());
    let denied = server.authenticate_async(&RequestHead::from(&request)).await.unwrap_err();
    assert_eq!(failing(&denied), ["state.revoked"]);
    source.says.send_replace(Some(Says::Clear));
    assert!(server.authenticate_async(&RequestHead::from(&request)).await.is_ok());
}

/// The layer waits for the source without a permit of the service.
#[tokio::test]
async fn the_layer_waits_for_a_source_without_a_permit() {
    let site = Site::new();
    let source = Source::new(None);
    let guarded = server(&site, &source).layer().layer(service_fn(ok::<()>));
    let guarded = ConcurrencyLimitLayer::new(100).layer(guarded);
    let mut waiting = tokio::spawn(guarded.clone().oneshot(bearer(&site.token().sign())));
    let early = tokio::time::timeout(Duration::from_millis(50), &mut waiting).await;
    assert!(early.is_err(), "the source has not answered");
    let denied = guarded.clone().oneshot(bearer("x.y.z")).await.unwrap();
    assert_eq!(denied.status(), StatusCode::UNAUTHORIZED);
    source.says.send_replace(Some(Says::Clear));
    assert_eq!(waiting.await.unwrap().unwrap().status(), StatusCode::OK);
    source.says.send_replace(Some(Says::Unknown));
    let response = guarded.oneshot(bearer(&site.token().sign())).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key("retry-after"));
    let denied = response.extensions().get::<Arc<Denied>>().unwrap();
    assert_eq!(denied.record().unwrap().subject(), Some("user-1"));
}

/// While one request waits, the only permit of the service serves another.
#[tokio::test]
async fn a_waiting_request_holds_no_permit() {
    let site = Site::new();
    let source = Source::new(None);
    let remote = server(&site, &source).layer();
    let local = site.server().layer();
    let limited = ConcurrencyLimitLayer::new(1).layer(service_fn(ok::<()>));
    let waiting = tokio::spawn(remote.layer(limited.clone()).oneshot(bearer(&site.token().sign())));
    while source.asked() == 0 {
        tokio::task::yield_now().await;
    }
    let other = local.layer(limited).oneshot(bearer(&site.token().sign()));
    let served = tokio::time::timeout(Duration::from_secs(10), other).await;
    assert_eq!(served.unwrap().unwrap().status(), StatusCode::OK);
    waiting.abort();
}

#[tokio::test]
async fn the_mcp_layer_waits_too() {
    let site = Site::new();
    let source = Source::new(Some(Says::Clear));
    let scopes = McpScopes::new().tool("read", ["files:read"]);
    let layer = server(&site, &source).mcp_layer(scopes).unwrap();
    let guarded = layer.layer(service_fn(ok));
    let call = |token: &str| {
        let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read"}}"#;
        let request = Request::post("/mcp").header("authorization", format!("Bearer {token}"));
        request.body(http_body_util::Full::<bytes::Bytes>::from(body)).unwrap()
    };
    let token = site.token().sign();
    let answered = guarded.clone().oneshot(call(&token)).await.unwrap();
    assert_eq!(answered.status(), StatusCode::OK);
    source.says.send_replace(Some(Says::Denied));
    let answered = guarded.oneshot(call(&token)).await.unwrap();
    assert_eq!(answered.status(), StatusCode::UNAUTHORIZED);
}

#[derive(Debug)]
enum Evidence {
    AccessToken(Box<AccessTokenClaims>),
    Receipt(Value),
}

/// Two kinds of tokens at one resource, of which only the access tokens may be bound to a key.
fn two_kinds(site: &Site) -> ResourceServer<Evidence> {
    let receipts = validator_builder(Profile::<Value>::new("receipt+jwt"))
        .issuer(site.trusted())
        .audience("receipts")
        .clock(FixedClock::new(now()))
        .build();
    let access_tokens = site.validator_builder().dpop(site.proofs()).build().unwrap();
    let set = ValidatorSet::builder()
        .member(access_tokens, |claims| Evidence::AccessToken(Box::new(claims)))
        .member(receipts.unwrap(), Evidence::Receipt)
        .build()
        .unwrap();
    ResourceServer::builder(set).resource(RESOURCE).build().unwrap()
}

#[test]
fn a_server_takes_a_set_of_validators() {
    let site = Site::new();
    let server = two_kinds(&site);
    let authenticate = |request: &Request<()>| server.authenticate(&request.into());
    let accepted = authenticate(&bearer(&site.token().sign())).unwrap();
    let Evidence::AccessToken(claims) = accepted.claims() else { unreachable!() };
    assert_eq!(&*claims.sub, "user-1");

    let receipt = site.token().header("typ", "receipt+jwt").claim("aud", "receipts");
    let accepted: Accepted<Evidence> = authenticate(&bearer(&receipt.clone().sign())).unwrap();
    let Evidence::Receipt(claims) = accepted.claims() else { unreachable!() };
    assert_eq!(claims["sub"], "user-1");

    let bound = site.bound_token().sign();
    let proof = site.proof(&bound).sign();
    assert!(authenticate(&with_proof(&bound, &proof)).is_ok());
    // The validator of receipts accepts no proof.
    let bound = receipt.claim("cnf", serde_json::json!({ "jkt": site.thumbprint() })).sign();
    let proof = site.proof(&bound).claim("jti", "p-2").sign();
    let denied = authenticate(&with_proof(&bound, &proof)).unwrap_err();
    assert_eq!(failing(&denied), ["claims.cnf"]);

    let metadata = server.metadata_json();
    assert!(metadata.contains(r#""dpop_signing_alg_values_supported":["ES256"]"#), "{metadata}");
}

/// The resource is a setting of its own, because an audience need not be a URL.
#[test]
fn the_resource_need_not_be_an_audience() {
    let site = Site::new();
    let validator = validator_builder(Profile::access_token())
        .issuer(site.trusted())
        .audience("api://files")
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let server = ResourceServer::builder(validator).resource(RESOURCE).build().unwrap();
    let token = site.token().claim("aud", "api://files").sign();
    assert!(server.authenticate(&(&bearer(&token)).into()).is_ok());
    let denied = server.authenticate(&(&bearer(&site.token().sign())).into()).unwrap_err();
    assert_eq!(failing(&denied), ["claims.aud"]);
}

/// A guard in memory answers at once, so that a server with one stays local.
#[test]
fn a_local_guard_keeps_a_server_local() {
    let site = Site::new();
    let validator = validator_builder(Profile::mcp_access_token().single_use())
        .issuer(site.trusted())
        .audience(RESOURCE)
        .replay_guard(Arc::new(MemoryReplayGuard::new(10)))
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let server: ResourceServer<AccessTokenClaims> =
        ResourceServer::builder(validator).build().unwrap();
    let request = bearer(&site.token().claim("jti", "t-1").sign());
    assert!(server.authenticate(&(&request).into()).is_ok());
    let denied = server.authenticate(&(&request).into()).unwrap_err();
    assert_eq!(failing(&denied), ["state.replay"]);
}

/// Behind the MCP layer a denial for a scope names the caller and the operation.
#[tokio::test]
async fn a_denial_for_a_scope_has_the_record_of_the_caller() {
    let site = Site::new();
    let scopes = McpScopes::new().tool("delete", ["files:delete"]);
    let guarded = site.server().mcp_layer(scopes).unwrap().layer(service_fn(ok));
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"delete"}}"#;
    let request = Request::post("/mcp")
        .header("authorization", format!("Bearer {}", site.token().sign()))
        .body(http_body_util::Full::<bytes::Bytes>::from(body))
        .unwrap();
    let response = guarded.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let denied = response.extensions().get::<Arc<Denied>>().unwrap();
    let record = denied.record().unwrap();
    assert_eq!(record.subject(), Some("user-1"));
    assert_eq!(record.verdict(), jwt_appraisal::Verdict::Accepted);
    assert_eq!(denied.operation().unwrap().to_string(), r#"tools/call "delete""#);
    assert!(denied.refused().is_none());
}

/// The same of an operation's own layer inside.
#[tokio::test]
async fn a_denial_by_an_inner_layer_has_the_record_of_the_caller() {
    let site = Site::new();
    let server = site.server();
    let inner = server.requiring(Requirement::scopes(["files:delete"])).unwrap();
    let guarded = server.layer().layer(inner.layer().layer(service_fn(ok::<()>)));
    let response = guarded.oneshot(bearer(&site.token().sign())).await.unwrap();
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let denied = response.extensions().get::<Arc<Denied>>().unwrap();
    assert_eq!(denied.record().unwrap().subject(), Some("user-1"));
}

/// A kind that says nothing of the user's authentication does not meet a demand for one.
#[test]
fn a_kind_without_authentication_does_not_meet_a_demand_for_it() {
    let site = Site::new();
    let validator = validator_builder(Profile::<Value>::new("receipt+jwt"))
        .issuer(site.trusted())
        .audience(RESOURCE)
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let token = site.token().header("typ", "receipt+jwt").claim("acr", "loa1").sign();
    for requirement in [
        Requirement::scopes([]).acr_values(["loa3"]),
        Requirement::scopes([]).acr_values(["loa1"]),
        Requirement::scopes([]).max_authentication_age(time::Duration::minutes(5)),
    ] {
        let builder = ResourceServer::builder(validator.clone());
        let server = builder.requirement(requirement).build().unwrap();
        let denied = server.authenticate(&(&bearer(&token)).into()).unwrap_err();
        assert_eq!(failing(&denied), ["request.authentication"]);
        assert_eq!(denied.challenge().error(), Some("insufficient_user_authentication"));
    }
    let server = ResourceServer::builder(validator).build().unwrap();
    assert!(server.authenticate(&(&bearer(&token)).into()).is_ok());
}

/// Nor does a kind that must not have the claims.
#[test]
fn a_kind_that_forbids_an_authentication_does_not_meet_a_demand_for_it() {
    let site = Site::new();
    let kind = KindBuilder::issued("receipt").typ("receipt+jwt").rules(rules::COMMON);
    let kind = kind.rules([rules::ACR.forbidden(), rules::AUTH_TIME.forbidden()]);
    let validator = validator_builder(kind.profile::<Value>())
        .issuer(site.trusted())
        .audience(RESOURCE)
        .build()
        .unwrap();
    let token = site.token().header("typ", "receipt+jwt").sign();
    for facts in [
        RequestFacts::new().acr_values(["loa3"]),
        RequestFacts::new().max_authentication_age(time::Duration::minutes(5)),
    ] {
        let appraisal = validator.appraise_with_at(&token, &facts, now());
        let findings: Vec<_> = appraisal.findings().map(|row| row.code().to_owned()).collect();
        assert_eq!(findings, ["request.authentication"]);
    }
    assert!(validator.appraise_at(&token, now()).is_accepted());
}
