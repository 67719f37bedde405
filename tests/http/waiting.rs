//! A token that names a key which is being fetched waits for the fetch.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, Response};
use jwt_appraisal::http::ResourceServer;
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    AccessTokenClaims, FixedClock, JwkSet, KeyRefresher, KeyStore, Profile, SignatureAlgorithm,
    TrustedIssuer,
};
use time::OffsetDateTime;
use tokio::sync::watch;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, ServiceExt, service_fn};

use super::site::{RESOURCE, bearer};
use super::support::{ISSUER, NOW, key_store, now, validator_builder};

/// Counts the requests for keys, and knows whether a fetch is pending.
#[derive(Debug)]
pub(crate) struct Refresher {
    asked: AtomicUsize,
    pub(crate) pending: watch::Sender<bool>,
}

impl Refresher {
    pub(crate) fn new() -> Self {
        Self { asked: AtomicUsize::new(0), pending: watch::channel(false).0 }
    }
}

impl KeyRefresher for Refresher {
    fn request(&self, _: OffsetDateTime) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.pending.send_replace(true);
    }

    fn pending_refresh(
        &self,
        _: OffsetDateTime,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let mut pending = self.pending.subscribe();
        if !*pending.borrow() {
            return None;
        }
        Some(Box::pin(async move {
            let _ = pending.wait_for(|pending| !pending).await;
        }))
    }
}

struct Scene {
    old: TestIssuer,
    new: TestIssuer,
    keys: KeyStore,
    refresher: Arc<Refresher>,
    server: ResourceServer<AccessTokenClaims>,
}

fn scene(issuers: &[&str]) -> Scene {
    let key = |kid| TestKey::generate(kid, SignatureAlgorithm::Es256);
    let old = TestIssuer::new(ISSUER).with_key(key("k1"));
    let new = TestIssuer::new(ISSUER).with_key(key("k2"));
    let refresher = Arc::new(Refresher::new());
    let set = JwkSet::from_json(old.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], set).unwrap();
    let asked: Arc<dyn KeyRefresher> = refresher.clone();
    let keys = keys.refreshed_by(asked).unwrap();
    let mut trusted = vec![TrustedIssuer::new(ISSUER, keys.clone())];
    for other in issuers {
        let none = key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap();
        trusted.push(TrustedIssuer::new(*other, none));
    }
    let validator = validator_builder(Profile::mcp_access_token())
        .issuers(trusted)
        .audience(RESOURCE)
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let server = ResourceServer::builder(validator).build().unwrap();
    Scene { old, new, keys, refresher, server }
}

async fn status(server: &ResourceServer<AccessTokenClaims>, token: &str) -> u16 {
    let fine = |_: Request<()>| async { Ok::<_, Infallible>(Response::new(())) };
    let service = server.layer().layer(service_fn(fine));
    service.oneshot(bearer(token)).await.unwrap().status().as_u16()
}

fn token(issuer: &TestIssuer) -> String {
    issuer.access_token(RESOURCE).at(NOW).sign()
}

#[tokio::test]
async fn it_waits_and_is_appraised_again() {
    for others in [&[][..], &["https://other.example"]] {
        let scene = scene(others);
        let token = token(&scene.new);
        let waiting = tokio::spawn({
            let (server, token) = (scene.server.clone(), token.clone());
            async move { status(&server, &token).await }
        });
        while scene.refresher.asked.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        scene.keys.replace(JwkSet::from_json(scene.new.jwks()).unwrap());
        scene.refresher.pending.send_replace(false);
        assert_eq!(waiting.await.unwrap(), 200);
        assert_eq!(status(&scene.server, &token).await, 200);
        assert_eq!(scene.refresher.asked.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn who_waits_does_not_take_the_turn_of_others() {
    let scene = scene(&[]);
    let fine = |_: Request<()>| async { Ok::<_, Infallible>(Response::new(())) };
    let limited = ConcurrencyLimitLayer::new(1).layer(service_fn(fine));
    let service = scene.server.layer().layer(limited);
    let ask = |token: String| {
        let service = service.clone();
        tokio::spawn(
            async move { service.oneshot(bearer(&token)).await.unwrap().status().as_u16() },
        )
    };
    let waiting: Vec<_> = (0..8).map(|_| ask(token(&scene.new))).collect();
    while scene.refresher.asked.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(ask(token(&scene.old)).await.unwrap(), 200);
    scene.keys.replace(JwkSet::from_json(scene.new.jwks()).unwrap());
    scene.refresher.pending.send_replace(false);
    for waiting in waiting {
        assert_eq!(waiting.await.unwrap(), 200);
    }
}

#[tokio::test]
async fn no_request_waits_for_a_fetch_that_is_not_pending() {
    let scene = scene(&[]);
    let token = token(&scene.new);
    let first = tokio::spawn({
        let (server, token) = (scene.server.clone(), token.clone());
        async move { status(&server, &token).await }
    });
    while scene.refresher.asked.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    // It failed, so the token may be good.
    scene.refresher.pending.send_replace(false);
    assert_eq!(first.await.unwrap(), 503);
    assert_eq!(status(&scene.server, &token).await, 503);
    scene.keys.replace(JwkSet::from_json(scene.old.jwks()).unwrap());
    // The fetched keys do not contain it. Within the cooldown they are not requested again.
    for _ in 0..1_000 {
        assert_eq!(status(&scene.server, &token).await, 401);
    }
    assert_eq!(scene.refresher.asked.load(Ordering::Relaxed), 1, "attack 74");
}

#[tokio::test]
async fn so_many_wait_and_no_more() {
    let scene = scene(&[]);
    scene.refresher.pending.send_replace(true);
    let token = token(&scene.new);
    let service = || {
        let fine = |_: Request<()>| async { Ok::<_, Infallible>(Response::new(())) };
        scene.server.layer().layer(service_fn(fine))
    };
    for round in 0..2 {
        let mut waiting: Vec<_> =
            (0..1_000).map(|_| looked_at_once(service().oneshot(bearer(&token)))).collect();
        assert!(waiting.iter_mut().all(|(_, ready)| ready.is_none()), "round {round}");
        // Nobody knows whether that token is good: it is not told to be thrown away.
        for _ in 0..3 {
            let (_, answer) = looked_at_once(service().oneshot(bearer(&token)));
            let status = answer.map(|answer| answer.unwrap().status().as_u16());
            assert_eq!(status, Some(503), "round {round}");
        }
        if round == 0 {
            drop(waiting);
        } else {
            scene.keys.replace(JwkSet::from_json(scene.old.jwks()).unwrap());
            scene.refresher.pending.send_replace(false);
            for (future, _) in waiting {
                assert_eq!(future.await.unwrap().status().as_u16(), 401);
            }
        }
    }
    scene.refresher.pending.send_replace(true);
    let (_, ready) = looked_at_once(service().oneshot(bearer(&token)));
    assert!(ready.is_none(), "there are places again");
}

/// A future after it was looked at once, and what it said.
fn looked_at_once<F: Future>(future: F) -> (Pin<Box<F>>, Option<F::Output>) {
    let mut future = Box::pin(future);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(output) => (future, Some(output)),
        std::task::Poll::Pending => (future, None),
    }
}

#[tokio::test]
async fn a_token_with_a_key_that_is_known_never_waits() {
    let scene = scene(&[]);
    scene.refresher.pending.send_replace(true);
    assert_eq!(status(&scene.server, &token(&scene.old)).await, 200);
    let expired = scene.old.access_token(RESOURCE).at(NOW - 3_600).sign();
    assert_eq!(status(&scene.server, &expired).await, 401);
}

#[tokio::test]
async fn keys_that_are_too_old_are_asked_for_too() {
    let scene = scene(&[]);
    scene.keys.keep_until(now() - time::Duration::seconds(1));
    let token = token(&scene.old);
    let waiting = tokio::spawn({
        let (server, token) = (scene.server.clone(), token.clone());
        async move { status(&server, &token).await }
    });
    while scene.refresher.asked.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    scene.refresher.pending.send_replace(false);
    assert_eq!(waiting.await.unwrap(), 503);
    scene.keys.keep_until(now());
    assert_eq!(status(&scene.server, &token).await, 200, "until that very second");
}
