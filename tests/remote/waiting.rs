//! Tokens that wait for keys, and drivers that wait for tokens.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use jwt_appraisal::remote::{FetchAnswer, JwksCache, Step, Update};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{AccessTokenClaims, Validator, Verdict};

use super::sim::{HOUR, Sim, discovering, issuer, keys, known, metadata};
use super::support::{AUDIENCE, NOW, now};

type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Counts how often it was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn pending(sim: &Sim, issuer: &TestIssuer) -> Option<Ended> {
    sim.validator.pending_refresh_at(issuer.access_token(AUDIENCE).at(sim.now).sign(), sim.at())
}

fn is_over(future: &mut Ended) -> bool {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_token_waits_for_the_round_that_it_asked_for() {
    let (mut sim, k1, k2) = (Sim::new(discovering()), issuer("k1"), issuer("k2"));
    sim.serve(metadata());
    sim.load(&k1);
    sim.now += 30;
    assert!(pending(&sim, &k2).is_none(), "no token has requested keys");
    let refused = sim.appraise(&k2).into_result().unwrap_err();
    assert!(refused.may_succeed_after_refresh());
    let mut ended =
        pending(&sim, &k2).expect("it was requested, although the driver has not polled yet");
    assert!(!is_over(&mut ended));
    let request = sim.request();
    assert!(!is_over(&mut ended));
    sim.complete(request, keys(&k2));
    assert!(is_over(&mut ended));
    assert_eq!(sim.verdict(&k2), Verdict::Accepted);
    sim.now += 5;
    assert!(pending(&sim, &k2).is_none());
}

#[test]
fn a_token_that_was_refused_just_before_the_keys_came_tries_again() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += 60;
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    sim.load(&k2);
    let mut ended = pending(&sim, &k2).expect("the refusal is older than the keys");
    assert!(is_over(&mut ended));
    assert_eq!(sim.verdict(&k2), Verdict::Accepted);
    sim.now += 5;
    assert!(pending(&sim, &k2).is_none());
    // The same keys again are no news, unless they had been too old.
    sim.now += HOUR;
    sim.serve(keys(&k2));
    assert!(pending(&sim, &k2).is_none());
    sim.now += 3 * HOUR;
    sim.serve(keys(&k2));
    assert!(pending(&sim, &k2).is_some());
}

#[test]
fn a_token_waits_for_all_of_a_round_and_not_for_a_retry() {
    let (mut sim, k1) = (Sim::new(discovering()), issuer("k1"));
    let request = sim.request();
    let mut ended = pending(&sim, &k1).unwrap();
    sim.complete(request, metadata());
    assert!(!is_over(&mut ended), "metadata is no keys");
    sim.serve(FetchAnswer::new(503, ""));
    assert!(is_over(&mut ended));
    assert!(pending(&sim, &k1).is_none());
    sim.now += 5;
    sim.serve(metadata());
    let request = sim.request();
    let mut ended = pending(&sim, &k1).unwrap();
    sim.now += 15;
    drop(request);
    assert_eq!(sim.wait(), 10);
    assert!(is_over(&mut ended), "given up");
}

#[test]
fn a_token_does_not_wait_for_a_cooldown() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += 1;
    assert_eq!(sim.verdict(&k2), Verdict::Rejected);
    let mut ended = pending(&sim, &k2).unwrap();
    assert_eq!(sim.wait(), 29);
    assert!(is_over(&mut ended));
    sim.now += 4;
    assert!(pending(&sim, &k2).is_none());
}

#[test]
fn a_token_does_not_wait_for_a_cache_that_is_gone() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += HOUR;
    let (request, later) = (sim.request(), sim.at());
    let Sim { cache, validator, now } = sim;
    let token = k2.access_token(AUDIENCE).at(now).sign();
    let mut ended = validator.pending_refresh_at(&token, later).unwrap();
    drop((cache, request));
    assert!(is_over(&mut ended));
    assert_eq!(validator.appraise_at(&token, later).verdict(), Verdict::Undetermined);
    assert!(validator.pending_refresh_at(&token, later).is_none());
}

#[test]
fn an_abandoned_round_is_ended_by_the_next_caller() {
    let (mut sim, k1) = (Sim::new(discovering()), issuer("k1"));
    let request = sim.request();
    let mut ended = pending(&sim, &k1).unwrap();
    sim.complete(request, metadata());
    // The driver dies here. Three requests may take 15 s each.
    sim.now += 45;
    assert!(pending(&sim, &k1).is_some());
    assert!(!is_over(&mut ended));
    sim.now += 1;
    assert!(pending(&sim, &k1).is_none());
    assert!(is_over(&mut ended));
    sim.now += 60;
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    assert!(pending(&sim, &k1).is_none(), "the driver has not polled since");
    // The driver is back, in the middle of the round.
    sim.serve(FetchAnswer::new(503, ""));
    sim.now += 30;
    let request = sim.request();
    let mut ended = pending(&sim, &k1).unwrap();
    sim.complete(request, metadata());
    sim.load(&k1);
    assert!(is_over(&mut ended));
}

#[test]
fn a_token_that_requests_keys_ends_an_abandoned_round() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += 60;
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    let mut ended = pending(&sim, &k2).unwrap();
    sim.now += 30;
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    assert!(is_over(&mut ended));
    assert!(pending(&sim, &k2).is_none());
    sim.load(&k2);
    assert_eq!(sim.verdict(&k2), Verdict::Accepted, "what it asked for is not forgotten");
    sim.now += 60;
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    assert!(!is_over(&mut pending(&sim, &k1).unwrap()), "the driver was seen again");
}

#[test]
fn a_dropped_waiter_leaves_no_waker() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let _request = sim.request();
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    for _ in 0..10 {
        let mut waiting = pending(&sim, &k1).unwrap();
        assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let mut asked = Box::pin(sim.cache.asked());
        assert!(asked.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&woken), 1);
}

#[test]
fn abandoned_waiters_take_no_memory() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let _request = sim.request();
    let token = k1.access_token(AUDIENCE).at(sim.now).sign();
    let used = allocation_counter::measure(|| {
        for _ in 0..10_000 {
            let mut waiting = sim.validator.pending_refresh_at(&token, sim.at()).unwrap();
            assert!(!is_over(&mut waiting));
            let mut asked = Box::pin(sim.cache.asked());
            assert!(asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
    });
    assert!(used.bytes_max < 64 * 1024, "{used:?}");
}

#[test]
fn many_may_wait() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    let token = k1.access_token(AUDIENCE).at(sim.now).sign();
    let woken: Vec<_> = (0..50_000).map(|_| Arc::new(Woken::default())).collect();
    let begun = Instant::now();
    let mut waiting: Vec<_> =
        woken.iter().map(|_| sim.validator.pending_refresh_at(&token, sim.at()).unwrap()).collect();
    for (future, woken) in waiting.iter_mut().zip(&woken) {
        let waker = Waker::from(Arc::clone(woken));
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    sim.complete(request, keys(&k1));
    assert!(woken.iter().all(|woken| woken.0.load(Ordering::Relaxed) == 1));
    assert!(waiting.iter_mut().all(is_over));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

/// Looks at the cache, the keys and the token again as soon as it is woken, where it is woken.
struct AtOnce {
    cache: Weak<JwksCache>,
    validator: Validator<AccessTokenClaims>,
    token: String,
    done: Sender<Verdict>,
}

impl Wake for AtOnce {
    fn wake(self: Arc<Self>) {
        if let Some(cache) = self.cache.upgrade() {
            let _ = cache.status(now());
        }
        let _ = self.validator.pending_refresh_at(&self.token, now());
        self.done.send(self.validator.appraise_at(&self.token, now()).verdict()).unwrap();
    }
}

#[test]
fn wakers_are_called_under_no_lock() {
    for (answered, expected) in [(true, Verdict::Accepted), (false, Verdict::Undetermined)] {
        let (done, verdict) = channel();
        std::thread::spawn(move || {
            let (Sim { cache, validator, .. }, k1) = (Sim::new(known()), issuer("k1"));
            let cache = Arc::new(cache);
            let token = k1.access_token(AUDIENCE).at(NOW).sign();
            let Step::Fetch(request) = cache.poll(now()) else { unreachable!() };
            let mut ended = validator.pending_refresh_at(&token, now()).unwrap();
            let (weak, shared) = (Arc::downgrade(&cache), validator.clone());
            let woken = Arc::new(AtOnce { cache: weak, validator: shared, token, done });
            let waker = Waker::from(woken);
            assert!(ended.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            if answered {
                cache.complete(request, keys(&k1), now());
            } else {
                cache.poll(now() + time::Duration::MINUTE);
            }
        });
        assert_eq!(verdict.recv_timeout(Duration::from_secs(10)), Ok(expected), "{answered}");
    }
}

#[test]
fn every_waiter_is_woken_once() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    let all: Vec<_> = (0..100).map(|_| Arc::new(Woken::default())).collect();
    let mut waiting: Vec<_> = all.iter().map(|_| pending(&sim, &k1).unwrap()).collect();
    for (future, woken) in waiting.iter_mut().zip(&all) {
        let waker = Waker::from(Arc::clone(woken));
        for _ in 0..3 {
            assert_eq!(future.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
        }
    }
    sim.complete(request, keys(&k1));
    assert!(all.iter().all(|woken| woken.0.load(Ordering::Relaxed) == 1));
    assert!(waiting.iter_mut().all(is_over));
}

#[test]
fn a_driver_is_told_once_that_a_token_asked() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let cx = &mut Context::from_waker(&waker);
    {
        let mut asked = Box::pin(sim.cache.asked());
        assert!(asked.as_mut().poll(cx).is_pending());
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
        assert!(asked.as_mut().poll(cx).is_pending());
        assert_eq!(sim.verdict(&k2), Verdict::Rejected);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(asked.as_mut().poll(cx).is_ready());
    }
    assert!(Box::pin(sim.cache.asked()).as_mut().poll(cx).is_pending(), "told already");
    sim.now += 60;
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    assert!(Box::pin(sim.cache.asked()).as_mut().poll(cx).is_ready(), "it asked before we looked");
}

/// A waker that panics, as a faulty executor's may.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        unreachable!("this waker panics, which is what the test is about");
    }
}

/// Polls a future with a waker that panics or with one that counts.
fn poll_with(future: &mut Ended, waker: Waker) {
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
}

#[test]
fn a_panicking_waker_leaves_no_other_waiter_unwoken() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    let counters: Vec<_> = (0..100).map(|_| Arc::new(Woken::default())).collect();
    let mut waiting: Vec<_> = counters.iter().map(|_| pending(&sim, &k1).unwrap()).collect();
    for (nth, (future, counter)) in waiting.iter_mut().zip(&counters).enumerate() {
        let panics = nth % 3 == 0;
        poll_with(
            future,
            if panics { Arc::new(Panics).into() } else { Arc::clone(counter).into() },
        );
    }
    let update = sim.complete(request, keys(&k1));
    assert!(
        matches!(update, Update::Replaced { .. }),
        "the driver does not see the panic: {update}"
    );
    for (nth, counter) in counters.iter().enumerate() {
        let expected = usize::from(nth % 3 != 0);
        assert_eq!(counter.0.load(Ordering::Relaxed), expected, "waiter {nth}");
    }
    assert!(waiting.iter_mut().all(is_over), "the futures are done, whatever their wakers did");
}

#[test]
fn a_panicking_waker_of_one_driver_stops_no_appraisal_and_no_other_driver() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += 60;
    let counter = Arc::new(Woken::default());
    let mut drivers: [_; 3] = std::array::from_fn(|_| Box::pin(sim.cache.asked()));
    for (nth, driver) in drivers.iter_mut().enumerate() {
        let waker: Waker =
            if nth == 1 { Arc::clone(&counter).into() } else { Arc::new(Panics).into() };
        assert!(driver.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    assert_eq!(counter.0.load(Ordering::Relaxed), 1);
}
