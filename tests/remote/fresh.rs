//! An issuer that keeps itself fresh: rotation, outages, floods of unknown keys, and its end.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use jwt_appraisal::remote::{RemoteIssuerBuilder, Update};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{AccessTokenClaims, Clock, IssuerTrust, Profile, Validator, Verdict};
use time::OffsetDateTime;

use super::client::at;
use super::server::{Answer, KEYS, OAUTH, Server, eventually, whole};
use super::sim::HOUR;
use super::support::{AUDIENCE, NOW, validator_builder};

/// A clock that is moved by hand.
#[derive(Clone, Debug)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOW)))
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }

    fn seconds(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clock for Hands {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.seconds()).unwrap()
    }
}

/// What was said of each answer.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Update>>>);

impl Log {
    fn observe(&self, builder: RemoteIssuerBuilder) -> RemoteIssuerBuilder {
        let log = self.clone();
        builder.observe(move |_, update| log.0.lock().unwrap().push(update.clone()))
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn last(&self) -> Update {
        self.0.lock().unwrap().last().unwrap().clone()
    }
}

struct Scene {
    server: Server,
    issuer: TestIssuer,
    clock: Hands,
    log: Log,
    validator: Validator<AccessTokenClaims>,
}

fn validator(trusted: impl Into<IssuerTrust>, clock: &Hands) -> Validator<AccessTokenClaims> {
    let builder = validator_builder(Profile::access_token()).issuer(trusted).audience(AUDIENCE);
    builder.clock(clock.clone()).build().unwrap()
}

impl Scene {
    async fn connected() -> Self {
        let (server, issuer) = Server::of_issuer().await;
        let (clock, log) = (Hands::new(), Log::default());
        let builder = at(&server).clock(clock.clone()).timeout(time::Duration::MINUTE);
        let trusted = log.observe(builder).connect().await.unwrap();
        let validator = validator(trusted, &clock);
        Self { server, issuer, clock, log, validator }
    }

    fn token(&self, issuer: &TestIssuer) -> String {
        issuer.access_token(AUDIENCE).at(self.clock.seconds()).sign()
    }

    fn verdict(&self, issuer: &TestIssuer) -> Verdict {
        self.validator.appraise(self.token(issuer)).verdict()
    }

    /// The same issuer with a key that it has not published yet.
    fn next(&self) -> TestIssuer {
        let mut next = self.issuer.clone();
        next.rotate();
        next
    }

    /// A token that names an unknown key, and what comes of the request that it causes.
    async fn provoke(&self) -> Update {
        let before = self.log.len();
        assert_ne!(self.verdict(&self.next()), Verdict::Accepted);
        let ended = |update| !matches!(update, Update::InProgress { .. });
        eventually(|| self.log.len() > before && ended(self.log.last())).await;
        self.log.last()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_noticed_by_an_unknown_kid() {
    let scene = Scene::connected().await;
    let next = scene.next();
    scene.server.answer(KEYS, whole(200, next.jwks()));
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Accepted);
    scene.clock.pass(30);
    let token = scene.token(&next);
    let refused = scene.validator.appraise(&token).into_result().unwrap_err();
    assert!(refused.may_succeed_after_refresh());
    // They are being fetched, or were in the meantime.
    if let Some(ended) = scene.validator.pending_refresh(&token) {
        ended.await;
    }
    assert_eq!(scene.validator.appraise(&token).verdict(), Verdict::Accepted);
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Rejected, "a removed key is gone");
    assert_eq!([OAUTH, KEYS].map(|path| scene.server.count(path)), [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_random_kids_make_one_request_per_cooldown() {
    let scene = Scene::connected().await;
    let template = scene.issuer.access_token(AUDIENCE).at(scene.clock.seconds());
    let tokens: Vec<_> =
        (0..100).map(|n| template.clone().header("kid", format!("r{n}")).sign()).collect();
    let refused = AtomicUsize::new(0);
    let flood = |seconds: i64| {
        // 2,500 tokens in each of these seconds, from four threads.
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for nth in 0..2500 {
                        let verdict = scene.validator.appraise(&tokens[nth % 100]).verdict();
                        assert_ne!(verdict, Verdict::Accepted);
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        scene.clock.pass(seconds);
    };
    flood(29);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(scene.server.count(KEYS), 1, "the first one, less than a cooldown ago");
    scene.clock.pass(1);
    for round in 2..5 {
        flood(30);
        scene.server.wait_for(KEYS, round).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(scene.server.count(KEYS), round);
    }
    assert_eq!(refused.into_inner(), 40_000);
    assert_eq!(scene.server.count(OAUTH), 1);
    assert_eq!(scene.validator.appraise(template.sign()).verdict(), Verdict::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_set_keeps_the_keys_and_says_so() {
    let scene = Scene::connected().await;
    for body in [r#"{"keys":[]}"#, "<html>", r#"{"keys":[{"kty":"quantum"}]}"#] {
        scene.server.answer(KEYS, whole(200, body));
        scene.clock.pass(30);
        let update = scene.provoke().await;
        assert!(matches!(update, Update::Kept { usable_until: Some(_), .. }), "{update}");
        assert_eq!(scene.verdict(&scene.issuer), Verdict::Accepted);
        scene.clock.pass(300);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_goes_unnoticed_and_then_tokens_are_undetermined() {
    let scene = Scene::connected().await;
    for (path, answer) in [(KEYS, whole(503, "")), (OAUTH, whole(503, ""))] {
        scene.server.answer(path, answer);
    }
    scene.clock.pass(HOUR);
    assert!(matches!(scene.provoke().await, Update::Kept { .. }));
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Accepted);
    scene.clock.pass(HOUR);
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Accepted);
    scene.clock.pass(1);
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Undetermined);
    // Back again: a token that finds no keys asks for them, if the task was not faster.
    scene.server.answer(KEYS, whole(200, scene.issuer.jwks()));
    scene.clock.pass(HOUR);
    eventually(|| scene.verdict(&scene.issuer) == Verdict::Accepted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn appraisals_do_not_wait_while_a_request_hangs() {
    let scene = Scene::connected().await;
    scene.server.answer(KEYS, Answer::Silent);
    scene.clock.pass(30);
    let next = scene.next();
    assert_eq!(scene.verdict(&next), Verdict::Undetermined);
    scene.server.wait_for(KEYS, 2).await;
    let (good, unknown) = (scene.token(&scene.issuer), scene.token(&next));
    let waiting: Vec<_> = (0..100).map(|_| scene.validator.pending_refresh(&unknown)).collect();
    assert!(waiting.iter().all(Option::is_some));
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..250 {
                    let verdict = |token| scene.validator.appraise(token).verdict();
                    assert_eq!(verdict(&good), Verdict::Accepted);
                    assert_eq!(verdict(&unknown), Verdict::Undetermined);
                }
            });
        }
    });
    assert!(begun.elapsed() < Duration::from_secs(30), "the request hangs for a minute");
    assert_eq!(scene.server.count(KEYS), 2, "one at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_tag_saves_the_body() {
    let scene = Scene::connected().await;
    let fields = "ETag: \"v1\"\r\nCache-Control: max-age=600\r\nCache-Control: public\r\n";
    let next = scene.next();
    scene.server.answer(KEYS, Answer::Whole(200, fields.to_owned(), next.jwks()));
    scene.clock.pass(30);
    let Update::Replaced { usable_until, .. } = scene.provoke().await else { unreachable!() };
    assert_eq!(usable_until.unix_timestamp(), scene.clock.seconds() + 600 + HOUR);
    scene.server.answer(KEYS, Answer::Whole(304, String::new(), String::new()));
    scene.clock.pass(30);
    let mut stranger = next.clone();
    stranger.rotate();
    let before = scene.log.len();
    assert_ne!(scene.verdict(&stranger), Verdict::Accepted);
    eventually(|| scene.log.len() > before).await;
    assert!(matches!(scene.log.last(), Update::Unchanged { .. }));
    let last = scene.server.requests().pop().unwrap();
    assert!(last.contains("\r\nif-none-match: \"v1\"\r\n"), "{last}");
    assert_eq!(scene.verdict(&next), Verdict::Accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_starts_while_its_issuer_is_down() {
    let (server, issuer) = Server::of_issuer().await;
    server.answer(OAUTH, whole(503, ""));
    let trusted = at(&server).connect_in_background().unwrap();
    let builder = validator_builder(Profile::access_token()).issuer(trusted).audience(AUDIENCE);
    let validator = builder.build().unwrap();
    let token = issuer.access_token(AUDIENCE).sign();
    assert_eq!(validator.appraise(&token).verdict(), Verdict::Undetermined);
    server.wait_for(OAUTH, 1).await;
    server.answer(OAUTH, whole(200, server.metadata()));
    let begun = Instant::now();
    eventually(|| validator.appraise(&token).verdict() == Verdict::Accepted).await;
    assert!(begun.elapsed() > Duration::from_secs(3), "five seconds after the failure");
    assert_eq!(server.count(OAUTH), 2);
}

/// Something that lives as long as the task.
fn lifeline(builder: RemoteIssuerBuilder) -> (RemoteIssuerBuilder, Weak<()>) {
    let life = Arc::new(());
    let watched = Arc::downgrade(&life);
    let builder = builder.observe(move |_, _| {
        let _ = &life;
    });
    (builder, watched)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_ends_with_the_last_who_uses_the_keys() {
    let (server, _) = Server::of_issuer().await;
    let (builder, life) = lifeline(at(&server));
    let trusted = builder.connect().await.unwrap();
    let first = validator(&trusted, &Hands::new());
    let second = first.clone();
    drop(trusted);
    drop(first);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(life.upgrade().is_some());
    drop(second);
    eventually(|| life.upgrade().is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_ends_while_a_request_hangs() {
    let (server, _) = Server::of_issuer().await;
    server.answer(OAUTH, Answer::Silent);
    let (builder, life) = lifeline(at(&server).timeout(time::Duration::MINUTE));
    let trusted = builder.connect_in_background().unwrap();
    server.wait_for(OAUTH, 1).await;
    assert!(life.upgrade().is_some());
    drop(trusted);
    eventually(|| life.upgrade().is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_connect_leaves_no_task() {
    let (server, _) = Server::of_issuer().await;
    server.answer(KEYS, Answer::Silent);
    let (builder, life) = lifeline(at(&server));
    let connect = tokio::time::timeout(Duration::from_millis(200), builder.connect()).await;
    assert!(connect.is_err());
    assert!(life.upgrade().is_none());
}

#[test]
fn keys_outlive_the_runtime_and_get_too_old() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::connected());
    drop(runtime);
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Accepted);
    scene.clock.pass(30);
    let next = scene.next();
    assert_eq!(scene.verdict(&next), Verdict::Undetermined);
    assert!(scene.validator.pending_refresh(scene.token(&next)).is_none(), "no task fetches");
    scene.clock.pass(2 * HOUR);
    assert_eq!(scene.verdict(&scene.issuer), Verdict::Undetermined);
}
