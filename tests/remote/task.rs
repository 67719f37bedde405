//! The task that keeps keys fresh: what it survives, and what it says when it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jwt_appraisal::remote::{FetchAnswer, RemoteError, RemoteIssuerBuilder, Update};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{Clock, Profile, Validator, Verdict};
use time::OffsetDateTime;
use tokio::runtime::{Builder, Runtime};

use super::client::at;
use super::fresh::Hands;
use super::server::{Answer, KEYS, OAUTH, Server, eventually, whole};
use super::sim::{HOUR, Sim, discovering, issuer, keys, metadata};
use super::support::{AUDIENCE, validator_builder};
use super::texts;

type Log = Arc<Mutex<Vec<String>>>;

/// Remembers what is said, with the issuer that it is said of.
fn logged(builder: RemoteIssuerBuilder) -> (RemoteIssuerBuilder, Log) {
    let log = Log::default();
    let said = Arc::clone(&log);
    let builder = builder
        .observe(move |issuer, update| said.lock().unwrap().push(format!("{issuer}: {update}")));
    (builder, log)
}

fn said(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

/// A token that names a key which was never published.
fn stranger(issuer: &TestIssuer, clock: &Hands) -> String {
    let mut stranger = issuer.clone();
    stranger.rotate();
    stranger.access_token(AUDIENCE).at(clock.now().unix_timestamp()).sign()
}

fn validator(
    trusted: impl Into<jwt_appraisal::IssuerTrust>,
    clock: &Hands,
) -> Validator<jwt_appraisal::AccessTokenClaims> {
    let builder = validator_builder(Profile::access_token()).issuer(trusted).audience(AUDIENCE);
    builder.clock(clock.clone()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_observer_stops_nothing() {
    let (server, issuer) = Server::of_issuer().await;
    let (clock, calls) = (Hands::new(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    let builder = at(&server).clock(clock.clone()).observe(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        unreachable!("the observer panics, which is what this test is about");
    });
    let validator = validator(builder.connect().await.unwrap(), &clock);
    for times in 2..5 {
        clock.pass(60);
        let _ = validator.appraise(stranger(&issuer, &clock));
        server.wait_for(KEYS, times).await;
    }
    eventually(|| calls.load(Ordering::Relaxed) == 5).await;
}

#[test]
fn a_task_that_ends_too_early_says_so() {
    let net = Runtime::new().unwrap();
    let (server, issuer) = net.block_on(Server::of_issuer());
    let clock = Hands::new();
    let (builder, log) = logged(at(&server).clock(clock.clone()));
    let short = Runtime::new().unwrap();
    let trusted = short.block_on(builder.connect()).unwrap();
    let status = trusted.status();
    assert!(status.get().unwrap().usable);
    drop(short);
    assert_eq!(
        said(&log).pop().unwrap(),
        format!("{}: the refresh task has ended, so the keys will expire", server.url)
    );
    assert_eq!(status.get(), None);
    let validator = validator(trusted, &clock);
    let token = issuer.access_token(AUDIENCE).at(clock.now().unix_timestamp()).sign();
    assert_eq!(validator.appraise(&token).verdict(), Verdict::Accepted);
    clock.pass(60);
    let token = stranger(&issuer, &clock);
    let _ = validator.appraise(&token);
    assert!(validator.pending_refresh(&token).is_none(), "no token waits for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_whose_keys_are_unused_ends_silently() {
    let (server, _) = Server::of_issuer().await;
    let (builder, log) = logged(at(&server));
    let trusted = builder.connect().await.unwrap();
    let status = trusted.status();
    drop(trusted);
    eventually(|| status.get().is_none()).await;
    server.answer(KEYS, whole(503, ""));
    let (builder, failed) = logged(at(&server));
    assert!(builder.connect().await.is_err());
    let texts = [said(&log), said(&failed)].concat();
    assert_eq!(texts.len(), 4);
    assert!(texts.iter().all(|text| !text.contains("the refresh task has ended")), "{texts:?}");
}

/// A clock that stops working.
#[derive(Clone, Debug)]
struct Broken(Hands, Arc<AtomicUsize>);

impl Clock for Broken {
    fn now(&self) -> OffsetDateTime {
        assert_eq!(self.1.load(Ordering::Relaxed), 0, "the clock panics, as it is to");
        self.0.now()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_that_ends_the_task_is_told() {
    let (server, issuer) = Server::of_issuer().await;
    let clock = Hands::new();
    let broken = Broken(clock.clone(), Arc::default());
    let told = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&told);
    let builder = at(&server).clock(broken.clone()).observe(move |_, update| {
        if *update == Update::Stopped {
            counted.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(500));
        }
    });
    let validator = validator(builder.connect().await.unwrap(), &clock);
    broken.1.store(1, Ordering::Relaxed);
    clock.pass(60);
    let token = stranger(&issuer, &clock);
    let _ = validator.appraise(&token);
    eventually(|| told.load(Ordering::Relaxed) == 1).await;
    assert!(
        validator.pending_refresh(&token).is_none(),
        "no token waits while the observer is called"
    );
}

#[test]
fn a_runtime_without_time_is_none() {
    let net = Runtime::new().unwrap();
    let (server, _) = net.block_on(Server::of_issuer());
    let runtime = Builder::new_current_thread().build().unwrap();
    let connected = AssertUnwindSafe(|| runtime.block_on(at(&server).connect()).map(drop));
    assert_eq!(catch_unwind(connected).unwrap(), Err(RemoteError::NoRuntime));
    let _inside = runtime.enter();
    assert_eq!(at(&server).connect_in_background().unwrap_err(), RemoteError::NoRuntime);
}

#[test]
fn a_runtime_without_io_fetches_nothing_and_says_so() {
    let net = Runtime::new().unwrap();
    let (server, _) = net.block_on(Server::of_issuer());
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let connected = AssertUnwindSafe(|| runtime.block_on(at(&server).connect()).map(drop));
    let error = "the HTTP client panicked, as it does in a runtime without I/O";
    let Err(RemoteError::Fetch(found)) = catch_unwind(connected).unwrap() else {
        unreachable!("it cannot connect");
    };
    assert_eq!(found.to_string(), texts::no_answer(error));
}

#[test]
fn tokens_do_not_wait_for_ever_for_a_task_that_does_not_run() {
    let net = Runtime::new().unwrap();
    let (server, issuer) = net.block_on(Server::of_issuer());
    let clock = Hands::new();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let connected = runtime.block_on(at(&server).clock(clock.clone()).connect());
    let validator = validator(connected.unwrap(), &clock);
    // The runtime is not driven from here on.
    clock.pass(60);
    let token = stranger(&issuer, &clock);
    let _ = validator.appraise(&token);
    let waiting = validator.pending_refresh(&token).unwrap();
    clock.pass(46);
    assert!(validator.pending_refresh(&token).is_none());
    let waited = async { tokio::time::timeout(Duration::from_secs(5), waiting).await };
    net.block_on(waited).unwrap();
    clock.pass(3 * HOUR);
    let token = stranger(&issuer, &clock);
    assert_eq!(validator.appraise(&token).verdict(), Verdict::Undetermined);
    assert!(validator.pending_refresh(&token).is_none());
    drop(runtime);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_tells_how_things_stand() {
    let (server, _) = Server::of_issuer().await;
    server.answer(OAUTH, whole(503, ""));
    let clock = Hands::new();
    let trusted = at(&server).clock(clock.clone()).connect_in_background().unwrap();
    let status = trusted.status();
    eventually(|| status.get().unwrap().failures == 1).await;
    let now = status.get().unwrap();
    assert_eq!((now.usable, now.generation), (false, 0));
    assert_eq!(now.metadata_failure.map(|error| error.to_string()), Some(texts::status(503)));
    drop(trusted);
    eventually(|| status.get().is_none()).await;
    server.answer(OAUTH, whole(200, server.metadata()));
    let trusted = at(&server).clock(clock.clone()).connect().await.unwrap();
    let status = trusted.status();
    assert!(status.clone().get().unwrap().usable);
    clock.pass(2 * HOUR + 1);
    server.answer(KEYS, whole(503, ""));
    assert!(!status.get().unwrap().usable);
    drop(trusted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_tag_is_of_the_resource_that_was_asked_for() {
    let (server, issuer) = Server::of_issuer().await;
    let clock = Hands::new();
    let tagged = Answer::Whole(200, "ETag: \"v1\"\r\n".to_owned(), issuer.jwks());
    server.answer(KEYS, super::server::redirect("/a"));
    server.answer("/a", tagged);
    let validator = validator(at(&server).clock(clock.clone()).connect().await.unwrap(), &clock);
    clock.pass(60);
    let _ = validator.appraise(stranger(&issuer, &clock));
    server.wait_for("/a", 2).await;
    let requests = server.requests();
    assert!(requests.iter().all(|request| !request.contains("if-none-match")), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_ages_are_the_first() {
    for (fields, fresh) in [
        ("Age: 600\r\n", 3000),
        ("Age: 600\r\nAge: 600\r\n", 3000),
        ("Age: 600\r\nAge: 3000\r\n", 3000),
        ("Age: 600, 3000\r\n", 3000),
        ("Age: -1\r\n", 300),
        ("Age: soon\r\nAge: 600\r\n", 300),
        ("Age: \u{e4}\r\n", 300),
    ] {
        let (server, issuer) = Server::of_issuer().await;
        let (clock, until) = (Hands::new(), Arc::new(Mutex::new(None)));
        let fields = format!("Cache-Control: max-age=3600\r\n{fields}");
        server.answer(KEYS, Answer::Whole(200, fields.clone(), issuer.jwks()));
        let seen = Arc::clone(&until);
        let builder = at(&server).clock(clock.clone()).stale_for(time::Duration::ZERO);
        let builder = builder.observe(move |_, update| {
            if let Update::Replaced { usable_until, .. } = update {
                *seen.lock().unwrap() = Some(*usable_until);
            }
        });
        builder.connect().await.unwrap();
        let until = until.lock().unwrap().unwrap();
        assert_eq!((until - clock.now()).whole_seconds(), fresh, "{fields:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_ends_the_task_and_returns_when_it_has_ended() {
    let (server, issuer) = Server::of_issuer().await;
    let (clock, alive) = (Hands::new(), Arc::new(()));
    let (log, life) = (Log::default(), Arc::downgrade(&alive));
    let said_log = Arc::clone(&log);
    let builder = at(&server).clock(clock.clone()).observe(move |_, update| {
        let _ = &alive;
        said_log.lock().unwrap().push(update.to_string());
    });
    let remote = builder.connect().await.unwrap();
    let (validator, status) = (validator(&remote, &clock), remote.status());
    assert!(status.get().is_some());
    remote.shutdown().await;
    assert_eq!(status.get(), None);
    assert!(life.upgrade().is_none(), "everything that belonged to the task is dropped");
    assert_eq!(said(&log).len(), 2, "the observer is not told what the caller asked for");
    // Keys stay usable until they expire, and no token waits for others.
    clock.pass(60);
    let token = stranger(&issuer, &clock);
    let _ = validator.appraise(&token);
    assert!(validator.pending_refresh(&token).is_none());
    let token = issuer.access_token(AUDIENCE).at(clock.now().unix_timestamp()).sign();
    assert_eq!(validator.appraise(&token).verdict(), Verdict::Accepted);
    clock.pass(2 * HOUR);
    assert_eq!(validator.appraise(&token).verdict(), Verdict::Undetermined);
    assert_eq!(server.count(KEYS), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_does_not_wait_for_a_request_that_hangs() {
    let (server, _) = Server::of_issuer().await;
    server.answer(OAUTH, Answer::Silent);
    let builder = at(&server).timeout(time::Duration::MINUTE);
    let remote = builder.connect_in_background().unwrap();
    server.wait_for(OAUTH, 1).await;
    tokio::time::timeout(Duration::from_secs(5), remote.shutdown()).await.unwrap();
}

#[test]
fn shutdown_returns_if_the_runtime_of_the_task_is_gone() {
    let net = Runtime::new().unwrap();
    let (server, _) = net.block_on(Server::of_issuer());
    let short = Runtime::new().unwrap();
    let remote = short.block_on(at(&server).connect()).unwrap();
    drop(short);
    let ended = async { tokio::time::timeout(Duration::from_secs(5), remote.shutdown()).await };
    net.block_on(ended).unwrap();
}

#[test]
fn updates_say_whether_an_operator_should_look() {
    let (sim, k1) = (Sim::new(discovering()), issuer("k1"));
    let mut sim = sim;
    let mut seen = Vec::new();
    let mut serve = |sim: &Sim, answer| {
        let update = sim.serve(answer);
        seen.push((update.to_string().split(' ').next().unwrap().to_owned(), update.is_fault()));
    };
    serve(&sim, FetchAnswer::new(404, ""));
    serve(&sim, FetchAnswer::new(404, ""));
    sim.now += 5;
    serve(&sim, FetchAnswer::new(404, ""));
    serve(&sim, metadata());
    serve(&sim, keys(&k1));
    sim.now += HOUR;
    serve(&sim, keys(&k1));
    sim.now += HOUR;
    serve(&sim, FetchAnswer::new(200, r#"{"keys":[]}"#));
    sim.now += HOUR;
    serve(&sim, FetchAnswer::new(503, ""));
    serve(&sim, keys(&k1));
    let expected = [
        ("metadata", false),
        ("no", true),
        ("metadata", false),
        ("metadata", false),
        ("keys", false),
        ("keys", false),
        ("cached", true),
        ("metadata", false),
        ("keys", true),
    ];
    assert_eq!(seen, expected.map(|(word, fault)| (word.to_owned(), fault)));
    assert!(Update::Stopped.is_fault());
    assert!(!Update::Ignored.is_fault());
}
