//! An issuer that is down: for how long its keys are good.

use jwt_appraisal::remote::{FetchAnswer, FetchError, Step, Update};
use jwt_appraisal::testing::TestKey;
use jwt_appraisal::{SignatureAlgorithm, Verdict};
use serde_json::json;
use time::Duration;

use super::sim::{HOUR, MINUTE, Sim, issuer, keys, known};
use super::support::{NOW, findings};

#[test]
fn keys_stay_usable_for_an_hour_after_they_expire_even_without_polls() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.load(&k1);
    for (seconds, verdict) in [
        (0, Verdict::Accepted),
        (HOUR, Verdict::Accepted),
        (2 * HOUR, Verdict::Accepted),
        (2 * HOUR + 1, Verdict::Undetermined),
        (1000 * HOUR, Verdict::Undetermined),
    ] {
        sim.now += seconds;
        assert_eq!(sim.verdict(&k1), verdict, "{seconds}");
        assert_eq!(sim.status().usable, verdict == Verdict::Accepted);
        sim.now -= seconds;
    }
}

#[test]
fn failures_do_not_prolong_keys() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.load(&k1);
    let end = sim.now + 2 * HOUR;
    let set = r#"{"keys":[]}"#;
    while sim.now <= end {
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
        match sim.cache.poll(sim.at()) {
            Step::Fetch(request) => drop(sim.complete(request, FetchAnswer::new(200, set))),
            Step::WaitUntil(due) => sim.now = due.unix_timestamp(),
            other => unreachable!("{other:?}"),
        }
    }
    let appraisal = sim.appraise(&k1);
    assert_eq!(appraisal.verdict(), Verdict::Undetermined);
    assert_eq!(findings(&appraisal), ["key.found"]);
    assert_eq!(sim.status().generation, 1);
}

#[test]
fn keys_that_are_back_are_good_again() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.load(&k1);
    sim.now += 3 * HOUR;
    sim.serve(FetchAnswer::new(503, ""));
    assert_eq!(sim.wait(), 5);
    sim.now += 5;
    let request = sim.request();
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    sim.complete(request, keys(&k1));
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    assert_eq!(sim.wait(), 48 * 60, "the token that found none asks for nothing now");
}

#[test]
fn how_long_stale_keys_are_used_is_the_callers() {
    for (stale, usable) in [(0, HOUR), (60, HOUR + 60), (86_400, 25 * HOUR)] {
        let mut sim = Sim::new(known().stale_for(Duration::seconds(stale)));
        let k1 = issuer("k1");
        sim.load(&k1);
        sim.now += usable;
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
        sim.now += 1;
        assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    }
}

#[test]
fn keys_that_others_took_the_place_of_are_stale_from_then_on() {
    let other = TestKey::generate("k2", SignatureAlgorithm::Es384).jwk();
    let others = json!({"keys": [other]}).to_string();
    for (stale_for, usable) in [(HOUR, HOUR), (0, 0), (24 * HOUR, 24 * HOUR)] {
        let mut sim = Sim::new(known().stale_for(Duration::seconds(stale_for)));
        let k1 = issuer("k1");
        sim.serve(keys(&k1).cache_control("max-age=86400"));
        sim.now += 20 * HOUR;
        let begun = sim.now;
        let update = sim.serve(FetchAnswer::new(200, &*others));
        let Update::Kept { error: FetchError::NoUsableKey { .. }, usable_until, .. } = update
        else {
            unreachable!("{update}");
        };
        assert_eq!(usable_until.unwrap().unix_timestamp(), begun + usable);
        assert_eq!(sim.status().usable_until, usable_until);
        sim.now = begun + usable;
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
        // Told again, they are not good for longer.
        sim.drive(1, |_, _| FetchAnswer::new(200, &*others));
        assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
        // The issuer took it back.
        sim.drive(10 * 60, |_, _| keys(&k1));
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    }
}

#[test]
fn keys_are_never_good_for_longer_than_they_were() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.load(&k1);
    sim.now += 2 * HOUR - 60;
    sim.serve(FetchAnswer::new(200, r#"{"keys":[{"kty":"quantum"}]}"#));
    assert_eq!(sim.status().usable_until.unwrap().unix_timestamp(), NOW + 2 * HOUR);
}

#[test]
fn an_empty_set_takes_the_place_of_nothing() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.serve(keys(&k1).cache_control("max-age=86400"));
    let until = sim.status().usable_until;
    sim.now += 20 * HOUR;
    sim.serve(FetchAnswer::new(200, r#"{"keys":[]}"#));
    assert_eq!(sim.status().usable_until, until);
}

#[test]
fn a_key_that_was_bad_and_is_repaired_is_asked_for() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    let bad = json!({"kty": "EC", "crv": "P-256", "kid": "k2", "x": "AA", "y": "AA"});
    let set = json!({"keys": [k1.key().jwk(), bad]}).to_string();
    sim.serve(FetchAnswer::new(200, set).cache_control("max-age=86400"));
    sim.now += 30;
    let refused = sim.appraise(&k2).into_result().unwrap_err();
    assert_eq!((refused.verdict(), refused.may_succeed_after_refresh()), (Verdict::Rejected, true));
    sim.load(&k2);
    assert_eq!(sim.verdict(&k2), Verdict::Accepted);
}

#[test]
fn failures_are_retried_later_and_later() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    for wait in [5, 10, 20, 40, 80, 160, 300, 300, 300] {
        sim.serve(FetchAnswer::new(503, ""));
        assert_eq!(sim.wait(), wait);
        sim.now += wait;
    }
    sim.load(&k1);
    assert_eq!(sim.wait(), 48 * MINUTE);
    sim.now += HOUR;
    sim.serve(FetchAnswer::new(503, ""));
    assert_eq!(sim.wait(), 5, "from the beginning");
    for _ in 0..200 {
        sim.now += 300;
        sim.serve(FetchAnswer::new(503, ""));
    }
    assert_eq!(sim.wait(), 300);
}

#[test]
fn a_token_that_needs_keys_shortens_a_long_wait_to_the_cooldown() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    for _ in 0..10 {
        sim.serve(FetchAnswer::new(503, ""));
        sim.now += 300;
    }
    sim.serve(FetchAnswer::new(503, ""));
    sim.now += 1;
    assert_eq!(sim.wait(), 299);
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    assert_eq!(sim.wait(), 29);
}
