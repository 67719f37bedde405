//! Clocks that are wrong, and others who touch the keys.

use jwt_appraisal::remote::{FetchAnswer, JwksCache, Step, Update};
use jwt_appraisal::{JwkSet, Verdict};

use super::sim::{HOUR, MINUTE, Sim, discovering, issuer, keys, known, metadata};

const YEAR: i64 = 365 * 24 * HOUR;

#[test]
fn a_clock_that_goes_back_a_little_gives_no_request_up() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    sim.now -= 1;
    assert_eq!(sim.wait(), 16);
    sim.now -= 13;
    assert_eq!(sim.wait(), 29);
    let update = sim.complete(request, keys(&k1));
    assert!(matches!(update, Update::Replaced { .. }), "{update}");
    let request = sim.request_at(sim.now + HOUR);
    sim.now += HOUR - 15;
    assert_eq!(sim.wait(), 5, "so far back, it is given up");
    assert_eq!(sim.complete(request, keys(&k1)), Update::Ignored);
}

#[test]
fn keys_from_the_future_are_too_old() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let right = sim.now;
    sim.now += 50 * YEAR;
    sim.load(&k1);
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    for (earlier, verdict) in [
        (1, Verdict::Accepted),
        (24 * HOUR, Verdict::Accepted),
        (24 * HOUR + 1, Verdict::Undetermined),
        (50 * YEAR, Verdict::Undetermined),
    ] {
        let then = sim.now;
        sim.now -= earlier;
        assert_eq!(sim.verdict(&k1), verdict, "{earlier}");
        assert_eq!(sim.status().usable, verdict == Verdict::Accepted, "{earlier}");
        sim.now = then;
    }
    // The clock is set right, and the issuer is down.
    sim.now = right;
    sim.drive(10 * HOUR, |_, _| FetchAnswer::failed("down"));
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    sim.drive(HOUR, |_, _| keys(&k1));
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    assert_eq!(sim.status().generation, 1, "the same keys again");
}

#[test]
fn a_place_from_the_future_is_too_old() {
    let (mut sim, k1) = (Sim::new(discovering()), issuer("k1"));
    let right = sim.now;
    sim.now += YEAR;
    sim.serve(metadata());
    sim.load(&k1);
    sim.now = right;
    assert!(sim.request().url().contains("/.well-known/"));
}

#[test]
fn a_clock_that_went_back_does_not_stop_refreshes() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now -= 10 * 24 * HOUR;
    let request = sim.request();
    sim.now -= HOUR;
    assert_eq!(sim.wait(), 5, "the request is given up");
    sim.now += 5;
    assert_eq!(sim.complete(request, keys(&k2)), Update::Ignored);
    sim.load(&k2);
    assert_eq!(sim.verdict(&k2), Verdict::Accepted);
    assert_eq!(sim.wait(), 48 * MINUTE);
}

#[test]
fn no_time_is_too_extreme() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    for moment in [time::PrimitiveDateTime::MIN, time::PrimitiveDateTime::MAX] {
        let moment = moment.assume_utc();
        if let Step::Fetch(request) = sim.cache.poll(moment) {
            sim.cache.complete(request, keys(&k1), moment);
        }
        sim.cache.poll(moment);
        let _ = sim.cache.status(moment);
    }
}

fn replace(cache: &JwksCache, set: &str) {
    let issuer = cache.trusted_issuer();
    issuer.key_store().unwrap().replace(JwkSet::from_json(set).unwrap());
}

#[test]
fn keys_that_a_caller_put_there_do_not_stay() {
    for tag in [None, Some("\"v1\"")] {
        let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
        sim.serve(keys(&k1).etag(tag));
        replace(&sim.cache, &k2.jwks());
        assert_eq!(sim.verdict(&k2), Verdict::Accepted);
        sim.now += HOUR;
        let request = sim.request();
        assert_eq!(request.if_none_match(), None, "what is there has no tag");
        // They may be replaced during a request as well.
        replace(&sim.cache, &k2.jwks());
        sim.complete(request, keys(&k1));
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
        assert_eq!(sim.verdict(&k2), Verdict::Rejected);
    }
}
