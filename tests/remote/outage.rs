//! An issuer that is down: for how long its keys are good.

use jwt_appraisal::Verdict;
use jwt_appraisal::remote::{FetchAnswer, Step};
use time::Duration;

use super::sim::{HOUR, Sim, issuer, keys, known};
use super::support::findings;

#[test]
fn keys_are_used_for_an_hour_past_their_freshness_even_if_nobody_polls() {
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
