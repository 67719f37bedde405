//! Tokens that wait for keys, and drivers that wait for tokens.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use jwt_appraisal::Verdict;
use jwt_appraisal::remote::FetchAnswer;
use jwt_appraisal::testing::TestIssuer;

use super::sim::{HOUR, Sim, discovering, issuer, keys, known, metadata};
use super::support::AUDIENCE;

type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Counts how often it was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn under_way(sim: &Sim, issuer: &TestIssuer) -> Option<Ended> {
    sim.validator.keys_under_way(issuer.access_token(AUDIENCE).at(sim.now).sign())
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
    assert!(under_way(&sim, &k2).is_none(), "nobody asked");
    let refused = sim.appraise(&k2).into_result().unwrap_err();
    assert!(refused.awaits_keys());
    let mut ended = under_way(&sim, &k2).expect("it was asked for, though nobody polled yet");
    assert!(!is_over(&mut ended));
    let request = sim.request();
    assert!(!is_over(&mut ended));
    sim.complete(request, keys(&k2));
    assert!(is_over(&mut ended));
    assert_eq!(sim.verdict(&k2), Verdict::Accepted);
    assert!(under_way(&sim, &k2).is_none());
}

#[test]
fn a_token_waits_for_all_of_a_round_and_not_for_a_retry() {
    let (mut sim, k1) = (Sim::new(discovering()), issuer("k1"));
    let request = sim.request();
    let mut ended = under_way(&sim, &k1).unwrap();
    sim.complete(request, metadata());
    assert!(!is_over(&mut ended), "metadata is no keys");
    sim.serve(FetchAnswer::new(503, ""));
    assert!(is_over(&mut ended));
    assert!(under_way(&sim, &k1).is_none());
    sim.now += 5;
    let request = sim.request();
    let mut ended = under_way(&sim, &k1).unwrap();
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
    let mut ended = under_way(&sim, &k2).unwrap();
    assert_eq!(sim.wait(), 29);
    assert!(is_over(&mut ended));
    assert!(under_way(&sim, &k2).is_none());
}

#[test]
fn a_token_does_not_wait_for_a_cache_that_is_gone() {
    let (sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    let request = sim.request_at(sim.now + HOUR);
    let Sim { cache, validator, now } = sim;
    let token = k2.access_token(AUDIENCE).at(now).sign();
    let mut ended = validator.keys_under_way(&token).unwrap();
    drop((cache, request));
    assert!(is_over(&mut ended));
    let later = time::OffsetDateTime::from_unix_timestamp(now + 60).unwrap();
    assert_eq!(validator.appraise_at(&token, later).verdict(), Verdict::Rejected);
    assert!(validator.keys_under_way(&token).is_none());
}

#[test]
fn everybody_who_waits_is_woken_once() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    let all: Vec<_> = (0..100).map(|_| Arc::new(Woken::default())).collect();
    let mut waiting: Vec<_> = all.iter().map(|_| under_way(&sim, &k1).unwrap()).collect();
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
    assert_eq!(sim.verdict(&k2), Verdict::Rejected);
    assert!(Box::pin(sim.cache.asked()).as_mut().poll(cx).is_ready(), "it asked before we looked");
}
