//! What a layer owes the service behind it and its clients: readiness before each call, no permit that is
//! kept, and nothing left behind by a client that goes away.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use jwt_appraisal::http::{Denied, McpScopes, Requirement, ResourceServer};
use jwt_appraisal::state::Says;
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    FixedClock, JwkSet, KeyRefresher, MemoryReplayGuard, Profile, SignatureAlgorithm,
    TrustedIssuer, ValidatorSet,
};
use tower::{Layer, Service, ServiceExt};

use super::site::{RESOURCE, Site, bearer, failing, with_proof};
use super::state::{Source, server};
use super::support::{ISSUER, key_store, now, validator_builder};
use super::waiting::Refresher;

/// A service that keeps the contract of `tower`, and counts who holds a permit.
#[derive(Debug)]
pub(super) struct Strict {
    ready: bool,
    pub(super) held: Arc<AtomicUsize>,
    pub(super) called: Arc<AtomicUsize>,
    pub(super) broken: Arc<Mutex<Vec<&'static str>>>,
}

impl Strict {
    pub(super) fn new() -> Self {
        Self { ready: false, held: Arc::default(), called: Arc::default(), broken: Arc::default() }
    }
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self {
            ready: false,
            held: Arc::clone(&self.held),
            called: Arc::clone(&self.called),
            broken: Arc::clone(&self.broken),
        }
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        if self.ready {
            self.held.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl<B> Service<Request<B>> for Strict {
    type Response = Response<Full<bytes::Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if !self.ready {
            self.ready = true;
            self.held.fetch_add(1, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        if !self.ready {
            self.broken.lock().unwrap().push("called before it was ready");
        } else {
            self.ready = false;
            self.held.fetch_sub(1, Ordering::Relaxed);
        }
        self.called.fetch_add(1, Ordering::Relaxed);
        ready(Ok(Response::new(Full::default())))
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

/// What comes of each way through the layer.
fn requests(site: &Site, jti: &str) -> [(&'static str, StatusCode, Request<()>); 6] {
    let bound = site.bound_token().sign();
    let proof = site.proof(&bound).claim("jti", jti).sign();
    let forged = Site::new().token().sign();
    let no_scope = site.token().without("scope").sign();
    let metadata = Request::get("/.well-known/oauth-protected-resource/mcp").body(()).unwrap();
    [
        ("fine", StatusCode::OK, bearer(&site.token().sign())),
        ("bound", StatusCode::OK, with_proof(&bound, &proof)),
        ("not a token", StatusCode::UNAUTHORIZED, bearer("x.y.z")),
        ("forged", StatusCode::UNAUTHORIZED, bearer(&forged)),
        ("no scope", StatusCode::FORBIDDEN, bearer(&no_scope)),
        ("metadata", StatusCode::OK, metadata),
    ]
}

/// The connection keeps the service after each call, as one that is kept alive does.
#[tokio::test]
async fn the_service_is_ready_before_each_call_and_keeps_no_permit() {
    let site = Site::new();
    let server = server(&site, &Source::new(Some(Says::Clear)));
    let inner = Strict::new();
    for (what, expected, request) in requests(&site, "p-1") {
        let mut guarded = server.layer().layer(inner.clone());
        let guarded = ServiceExt::<Request<()>>::ready(&mut guarded).await.unwrap();
        let answer = is_send(guarded.call(request)).await.unwrap();
        assert_eq!(answer.status(), expected, "{what}");
        assert_eq!(inner.held.load(Ordering::Relaxed), 0, "{what}");
    }
    let operation = server.requiring(Requirement::scopes(["files:write"])).unwrap();
    for (what, expected, request) in requests(&site, "p-2") {
        let mut guarded = server.layer().layer(operation.layer().layer(inner.clone()));
        let guarded = ServiceExt::<Request<()>>::ready(&mut guarded).await.unwrap();
        let answer = is_send(guarded.call(request)).await.unwrap();
        let is_metadata = what == "metadata";
        let expected =
            if expected.is_success() && !is_metadata { StatusCode::FORBIDDEN } else { expected };
        assert_eq!(answer.status(), expected, "{what}");
        assert_eq!(inner.held.load(Ordering::Relaxed), 0, "{what}");
    }
    assert_eq!(*inner.broken.lock().unwrap(), [""; 0]);
    assert_eq!(
        inner.called.load(Ordering::Relaxed),
        2,
        "with the scope, by bearer token and by proof"
    );
}

/// The client leaves while its request waits for a source of state.
#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing_behind() {
    let site = Site::new();
    let source = Source::new(None);
    let server = server(&site, &source);
    let inner = Strict::new();
    let guarded = server.layer().layer(inner.clone());
    let bound = site.bound_token().sign();
    let proof = site.proof(&bound).sign();
    for _ in 0..50 {
        let waiting = guarded.clone().oneshot(with_proof(&bound, &proof));
        let gone = tokio::time::timeout(Duration::from_millis(1), waiting).await;
        assert!(gone.is_err());
    }
    assert_eq!(inner.held.load(Ordering::Relaxed), 0);
    assert_eq!(inner.called.load(Ordering::Relaxed), 0);
    source.says.send_replace(Some(Says::Clear));
    let answer = guarded.oneshot(with_proof(&bound, &proof)).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "the proof was not used up");
    assert!(inner.broken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_denied_request_does_not_reach_the_service_behind_the_mcp_layer() {
    let site = Site::new();
    let source = Source::new(Some(Says::Denied));
    let server = server(&site, &source);
    let inner = Strict::new();
    let mcp = server.mcp_layer(McpScopes::new()).unwrap().layer(inner.clone());
    let mut request = bearer(&site.token().sign()).map(|()| Full::<bytes::Bytes>::from("{}"));
    *request.method_mut() = Method::POST;
    let answer = mcp.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let denied = answer.extensions().get::<Arc<Denied>>().unwrap();
    assert_eq!(failing(denied), ["state.revoked"]);
    assert_eq!(inner.called.load(Ordering::Relaxed), 0);
}

/// Waits until something is so, for at most ten seconds.
async fn until(condition: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(condition(), "it never came");
}

/// First come the keys, then the source, then the service, and clients go away in each phase. The request that
/// stays passes once, with its single-use token and its proof.
#[tokio::test]
async fn a_request_waits_for_keys_and_then_for_state_and_uses_its_proof_once() {
    let mut site = Site::new();
    let old = JwkSet::from_json(site.issuer.jwks()).unwrap();
    site.issuer =
        TestIssuer::new(ISSUER).with_key(TestKey::generate("k2", SignatureAlgorithm::Es256));
    let refresher = Arc::new(Refresher::new());
    let keys = key_store([SignatureAlgorithm::Es256], old).unwrap();
    let asked: Arc<dyn KeyRefresher> = refresher.clone();
    let keys = keys.refreshed_by(asked).unwrap();
    let source = Source::new(None);
    let tokens = validator_builder(Profile::mcp_access_token().single_use())
        .issuer(TrustedIssuer::new(ISSUER, keys.clone()))
        .audience(RESOURCE)
        .clock(FixedClock::new(now()))
        .replay_guard(Arc::new(MemoryReplayGuard::new(10)))
        .state_source(source.clone())
        .dpop(site.proofs())
        .build()
        .unwrap();
    let set = ValidatorSet::builder().member(tokens, |claims| claims).build().unwrap();
    let server = ResourceServer::builder(set).build().unwrap();
    let inner = Strict::new();
    let guarded = server.layer().layer(inner.clone());
    let token = site.bound_token().claim("jti", "t-1").sign();
    let proof = site.proof(&token).sign();
    let ask = || tokio::spawn(guarded.clone().oneshot(with_proof(&token, &proof)));
    // 1,100 clients that go away while the keys are fetched.
    let gone: Vec<_> = (0..1_100).map(|_| ask()).collect();
    let refused = || gone.iter().filter(|task| task.is_finished()).count();
    until(|| refused() >= 100).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(refused(), 100, "1,000 wait");
    for task in gone {
        task.abort();
        let _ = task.await;
    }
    let stays = ask();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!stays.is_finished(), "there is room again");
    keys.replace(JwkSet::from_json(site.issuer.jwks()).unwrap());
    refresher.pending.send_replace(false);
    let also = ask();
    until(|| source.asked() == 2).await;
    assert!(!stays.is_finished());
    also.abort();
    source.says.send_replace(Some(Says::Clear));
    assert_eq!(stays.await.unwrap().unwrap().status(), StatusCode::OK);
    assert_eq!(inner.called.load(Ordering::Relaxed), 1);
    let again = ask().await.unwrap().unwrap();
    assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
    let denied = again.extensions().get::<Arc<Denied>>().unwrap();
    assert_eq!(failing(denied), ["proof.state.replay"]);
    assert_eq!(inner.held.load(Ordering::Relaxed), 0);
    assert!(inner.broken.lock().unwrap().is_empty());
}
