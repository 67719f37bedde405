//! When a request is due, and what becomes of its answer.

use jwt_appraisal::Verdict;
use jwt_appraisal::remote::{FetchAnswer, FetchError, Update};
use jwt_appraisal::testing::TestKey;
use jwt_appraisal::{KeyError, SignatureAlgorithm as Alg};
use serde_json::json;
use time::Duration;

use super::sim::{HOUR, KEYS, MINUTE, Sim, issuer, keys, known};
use super::texts;

#[test]
fn the_first_request_is_due_at_once() {
    let sim = Sim::new(known());
    let request = sim.request();
    assert_eq!(request.url(), KEYS);
    assert_eq!(request.accept(), "application/jwk-set+json, application/json");
    assert_eq!(request.if_none_match(), None);
    assert_eq!(request.body_limit(), 256 * 1024);
    assert_eq!(request.timeout(), Duration::seconds(10));
}

#[test]
fn tokens_are_undetermined_until_keys_arrive() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    assert_eq!((sim.status().generation, sim.status().usable), (0, false));
    sim.load(&k1);
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    let status = sim.status();
    assert_eq!((status.generation, status.usable, status.report.usable()), (1, true, 1));
    assert_eq!(status.fresh_until.unwrap().unix_timestamp(), sim.now + HOUR);
    assert_eq!(status.usable_until.unwrap().unix_timestamp(), sim.now + 2 * HOUR);
}

#[test]
fn the_next_round_comes_before_the_keys_are_no_longer_fresh() {
    for (cache_control, age, fresh) in [
        (None, None, HOUR),
        (None, Some("10"), HOUR),
        (Some(""), None, HOUR),
        (Some("public"), None, HOUR),
        (Some("s-maxage=7200"), None, HOUR),
        (Some("max-age=7200"), None, 7200),
        (Some("public, MAX-AGE=7200 , must-revalidate"), None, 7200),
        (Some("max-age=\"7200\""), None, 7200),
        (Some("max-age=7200"), Some("1200"), 6000),
        (Some("max-age=7200"), Some(" 1200 "), 6000),
        (Some("max-age=7200"), Some("1200, 60"), 6000),
        (Some("max-age=7200"), Some("-1"), 5 * MINUTE),
        (Some("max-age=7200"), Some("soon"), 5 * MINUTE),
        (Some("max-age=7200"), Some(""), 5 * MINUTE),
        (Some("max-age=7200"), Some(", 60"), 5 * MINUTE),
        (Some("max-age=7200"), Some("99999999999999999999"), 5 * MINUTE),
        (Some("max-age=7200, max-age=600"), None, 600),
        (Some("max-age=600, max-age=7200"), None, 600),
        (Some("max-age=0"), None, 5 * MINUTE),
        (Some("max-age=301"), None, 301),
        (Some("max-age"), None, 5 * MINUTE),
        (Some("max-age=-5"), None, 5 * MINUTE),
        (Some("max-age=1e9"), None, 5 * MINUTE),
        (Some("max-age=31536000"), None, 24 * HOUR),
        (Some("max-age=99999999999999999999"), None, 24 * HOUR),
        (Some("max-age=7200, no-cache"), None, 5 * MINUTE),
        (Some("No-Store"), None, 5 * MINUTE),
        (Some("ext=\"a, max-age=9\", max-age=7200"), None, 5 * MINUTE),
    ] {
        let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
        sim.serve(keys(&k1).cache_control(cache_control).age(age));
        let until = sim.status().fresh_until.unwrap().unix_timestamp();
        assert_eq!(until - sim.now, fresh, "{cache_control:?} {age:?}");
        let wait = fresh * 4 / 5;
        assert_eq!(sim.wait(), wait, "{cache_control:?} {age:?}");
        sim.now += wait - 1;
        assert_eq!(sim.wait(), 1);
        sim.now += 1;
        sim.request();
    }
}

#[test]
fn freshness_counts_from_when_the_server_was_asked() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    sim.now += 10;
    sim.complete(request, keys(&k1));
    assert_eq!(sim.status().fresh_until.unwrap().unix_timestamp(), sim.now - 10 + HOUR);
    assert_eq!(sim.wait(), 48 * MINUTE - 10);
    sim.now += HOUR;
    let request = sim.request();
    sim.now -= MINUTE;
    sim.complete(request, keys(&k1));
    let fresh_until = sim.status().fresh_until.unwrap().unix_timestamp();
    assert_eq!(fresh_until, sim.now + HOUR, "never from a moment that is still to come");
}

#[test]
fn one_request_is_out_at_a_time() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let request = sim.request();
    assert_eq!(sim.wait(), 15, "its timeout and five seconds");
    sim.now += 14;
    assert_eq!(sim.wait(), 1);
    sim.complete(request, keys(&k1));
    assert_eq!(sim.verdict(&k1), Verdict::Accepted, "late, but not given up");
}

#[test]
fn a_request_that_is_never_completed_is_given_up() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let late = sim.request();
    sim.now += 15;
    assert_eq!(sim.wait(), 5, "as after any failure");
    assert_eq!(sim.status().last_failure, Some(FetchError::GivenUp));
    sim.now += 5;
    let request = sim.request();
    assert_eq!(sim.complete(late, keys(&k1)), Update::Ignored);
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    sim.complete(request, keys(&k1));
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    assert_eq!(sim.status().last_failure, None);
}

#[test]
fn a_request_of_another_cache_is_ignored() {
    let (one, other, k1) = (Sim::new(known()), Sim::new(known()), issuer("k1"));
    let (_, request) = (one.request(), other.request());
    assert_eq!(one.complete(request, keys(&k1)), Update::Ignored);
    assert_eq!(one.status().generation, 0);
}

#[test]
fn an_unknown_kid_makes_a_request_due_once_per_cooldown() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += 10;
    assert_eq!(sim.verdict(&k2), Verdict::Rejected);
    assert_eq!(sim.wait(), 20, "a cooldown after the round before");
    sim.now += 20;
    sim.load(&k2);
    assert_eq!(sim.verdict(&k2), Verdict::Accepted);
    assert_eq!(sim.verdict(&k1), Verdict::Rejected, "gone, and asked for");
    assert_eq!(sim.wait(), 48 * MINUTE, "within the store's cooldown");
    sim.now += 30;
    assert_eq!(sim.wait(), 48 * MINUTE - 30, "no token has requested keys since");
    assert_eq!(sim.verdict(&k1), Verdict::Undetermined);
    sim.load(&k1);
}

#[test]
fn what_is_asked_for_during_a_request_is_not_forgotten() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += HOUR;
    let request = sim.request();
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    sim.complete(request, keys(&k1));
    assert_eq!(sim.wait(), 30);
    sim.now += 30;
    sim.load(&k2);
}

/// Keys that were requested before the token may be older than the token's key.
#[test]
fn a_fetch_that_was_sent_before_a_token_requested_keys_does_not_make_its_kid_unknown() {
    for cooldown in [1, 2, 30] {
        let cache = known().cooldown(Duration::seconds(cooldown));
        let (mut sim, k1, k2) = (Sim::new(cache), issuer("k1"), issuer("k2"));
        sim.load(&k1);
        sim.now += HOUR;
        let request = sim.request();
        sim.now += 3;
        assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
        sim.complete(request, keys(&k1));
        let expected = if cooldown == 30 { Verdict::Rejected } else { Verdict::Undetermined };
        assert_eq!(sim.verdict(&k2), expected, "cooldown {cooldown}");
        sim.now += cooldown;
        sim.serve(keys(&k1));
        assert_eq!(sim.verdict(&k2), Verdict::Rejected, "cooldown {cooldown}");
    }
}

#[test]
fn the_cooldown_is_the_callers() {
    let (mut sim, k1, k2) =
        (Sim::new(known().cooldown(Duration::seconds(2))), issuer("k1"), issuer("k2"));
    sim.load(&k1);
    sim.now += 2;
    assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
    sim.load(&k2);
}

#[test]
fn an_entity_tag_comes_back_and_304_prolongs() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.serve(keys(&k1).etag("\"v1\"").cache_control("max-age=600"));
    sim.now += 480;
    let request = sim.request();
    assert_eq!(request.if_none_match(), Some("\"v1\""));
    let update = sim.complete(request, FetchAnswer::new(304, ""));
    assert!(matches!(update, Update::Unchanged { .. }), "{update}");
    assert_eq!(sim.wait(), 480, "as long as before, where it does not say");
    sim.now += 480;
    let request = sim.request();
    assert_eq!(request.if_none_match(), Some("\"v1\""));
    sim.complete(request, FetchAnswer::new(304, "").cache_control("max-age=3600"));
    assert_eq!(sim.wait(), 48 * MINUTE);
    assert_eq!(sim.status().generation, 1);
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
}

#[test]
fn an_unasked_304_is_a_failure() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let text = texts::status(304);
    let (error, until) = kept(sim.serve(FetchAnswer::new(304, "")));
    assert_eq!((error.to_string(), until), (text, None));
    sim.now += 5;
    sim.load(&k1);
    sim.now += HOUR;
    let until = sim.status().usable_until;
    assert_eq!(kept(sim.serve(FetchAnswer::new(304, ""))), (error, until));
}

#[test]
fn what_is_no_entity_tag_does_not_come_back() {
    for tag in [
        "v1",
        "\"",
        "\"a\"b\"",
        "\"a\r\nHost: evil\"",
        "\"a b\"",
        "w/\"a\"",
        "\"é\"",
        &format!("\"{}\"", "x".repeat(255)),
    ] {
        let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
        sim.serve(keys(&k1).etag(tag));
        sim.now += HOUR;
        assert_eq!(sim.request().if_none_match(), None, "{tag}");
    }
    for tag in ["\"\"", "W/\"a\"", "\"a,b\\c\""] {
        let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
        sim.serve(keys(&k1).etag(tag));
        sim.now += HOUR;
        assert_eq!(sim.request().if_none_match(), Some(tag));
    }
}

#[test]
fn the_same_set_again_prolongs_and_is_no_new_generation() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.serve(keys(&k1).cache_control("max-age=7200"));
    sim.now += 2 * HOUR;
    let update = sim.serve(keys(&k1));
    assert!(matches!(update, Update::Unchanged { .. }), "{update}");
    assert_eq!(sim.status().generation, 1);
    assert_eq!(sim.status().usable_until.unwrap().unix_timestamp(), sim.now + 2 * HOUR);
}

#[test]
fn what_is_no_set_keeps_the_keys_and_says_so() {
    let too_many = json!({"keys": vec![json!({"kty": "EC"}); 101]}).to_string();
    let huge = format!("{{\"keys\":[]{}}}", " ".repeat(256 * 1024));
    let missing = FetchAnswer::new(404, "gone");
    for (what, answer, expected) in [
        ("not JSON", FetchAnswer::new(200, "<html>"), texts::not_json("is not well-formed")),
        ("no set", FetchAnswer::new(200, "{}"), KeyError::NotASet.to_string()),
        ("one key", FetchAnswer::new(200, r#"{"kty":"EC"}"#), KeyError::NotASet.to_string()),
        (
            "too many",
            FetchAnswer::new(200, too_many),
            "the JWK set has more than 100 keys; see Limits::keys_per_set".to_owned(),
        ),
        ("huge", FetchAnswer::new(200, huge), texts::too_long(256 * 1024)),
        ("cut", FetchAnswer::too_long(), texts::too_long(256 * 1024)),
        ("slow", FetchAnswer::timed_out(), texts::timed_out(10)),
        ("none", FetchAnswer::failed("no route"), texts::no_answer("no route")),
        ("elsewhere", FetchAnswer::new(302, ""), texts::redirected(302)),
        ("down", FetchAnswer::new(503, "{}"), texts::status(503)),
        ("missing", missing, texts::status(404)),
        ("partial", FetchAnswer::new(206, r#"{"keys":[]}"#), texts::status(206)),
    ] {
        let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
        sim.load(&k1);
        sim.now += HOUR;
        let until = sim.status().usable_until;
        let (error, usable_until) = kept(sim.serve(answer));
        assert_eq!((error.to_string(), usable_until), (expected, until), "{what}");
        let status = sim.status();
        assert_eq!((status.generation, status.failures), (1, 1), "{what}");
        assert_eq!(status.last_failure, Some(error), "{what}");
        assert_eq!(sim.verdict(&k1), Verdict::Accepted, "{what}");
    }
}

#[test]
fn an_answer_may_be_as_long_as_the_limit() {
    let k1 = issuer("k1");
    let padded = k1.jwks();
    let padded = format!("{padded}{}", " ".repeat(256 * 1024 - padded.len()));
    let update = Sim::new(known()).serve(FetchAnswer::new(200, &*padded));
    assert!(matches!(update, Update::Replaced { .. }), "{update}");
    let update = Sim::new(known()).serve(FetchAnswer::new(200, padded + " "));
    assert_eq!(kept(update).0.to_string(), texts::too_long(256 * 1024));
}

#[test]
fn a_set_without_a_usable_key_keeps_the_keys_and_says_so() {
    let rsa = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "weak"});
    let other = TestKey::generate("k1", Alg::Es384).jwk();
    for keys in [json!([]), json!([rsa]), json!([other]), json!([{}, null, 7])] {
        let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
        sim.load(&k1);
        sim.now += HOUR;
        let skipped = keys.as_array().unwrap().len();
        let update = sim.serve(FetchAnswer::new(200, json!({"keys": keys}).to_string()));
        let Update::Kept { error: FetchError::NoUsableKey { report, .. }, .. } = &update else {
            unreachable!("{update}");
        };
        assert_eq!((report.usable(), report.skipped().len()), (0, skipped));
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
        assert_eq!((sim.status().generation, sim.status().report.usable()), (1, 1));
    }
}

#[test]
fn one_bad_key_is_left_out_and_named() {
    let (sim, k1) = (Sim::new(known()), issuer("k1"));
    let set = json!({"keys": [{"kty": "quantum", "kid": "q"}, k1.key().jwk()]});
    let update = sim.serve(FetchAnswer::new(200, set.to_string()));
    let Update::Replaced { report, generation: 1, .. } = &update else { unreachable!("{update}") };
    assert_eq!((report.usable(), report.skipped().len()), (1, 1));
    assert!(
        update.to_string().ends_with(
            "1 usable, 1 not; key 0 (kid \"q\"): its member \"kty\" has a value that this crate does not know"
        ),
        "{update}"
    );
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
}

#[track_caller]
fn kept(update: Update) -> (FetchError, Option<time::OffsetDateTime>) {
    match update {
        Update::Kept { error, usable_until, .. } => (error, usable_until),
        other => unreachable!("{other}"),
    }
}

#[test]
fn what_an_answer_came_to_prints_as_one_line() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    let mut said = vec![sim.serve(FetchAnswer::failed("no route"))];
    sim.now += 5;
    said.push(sim.serve(keys(&k1)));
    sim.now += HOUR;
    said.push(sim.serve(keys(&k1)));
    sim.now += HOUR;
    let weak = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "a\nb"});
    said.push(sim.serve(FetchAnswer::new(200, json!({"keys": [weak]}).to_string())));
    let late = sim.request_at(sim.now + 5);
    sim.now += 60;
    sim.wait();
    said.push(sim.complete(late, keys(&k1)));
    let said: Vec<_> = said.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "no keys yet: there was no answer: no route",
            "keys replaced (generation 1, until 2027-01-15T10:00:05Z): 1 usable, 0 not",
            "keys unchanged (until 2027-01-15T11:00:05Z)",
            "cached keys kept (until 2027-01-15T11:00:05Z): the JWK set has no usable key, and 1 \
             that cannot be used",
            "a late answer was ignored",
        ]
    );
}

#[test]
fn an_answer_prints_without_its_body() {
    let answer = FetchAnswer::new(200, "CANARY").cache_control("a\nb").age("1").etag("\"v1\"");
    assert_eq!(
        format!("{answer:?}"),
        "FetchAnswer { status: 200, body_bytes: 6, cache_control: Some(\"a\\nb\"), \
         age: Some(\"1\"), etag: Some(\"\\\"v1\\\"\") }"
    );
    assert_eq!(format!("{:?}", FetchAnswer::too_long()), "FetchAnswer(TooLong)");
}
