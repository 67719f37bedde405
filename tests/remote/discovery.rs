//! Where the keys are, by the issuer's metadata.

use jwt_appraisal::remote::{FetchAnswer, FetchError, JwksCache, Update, UrlError};
use jwt_appraisal::{SignatureAlgorithm, Verdict};
use serde_json::{Value, json};

use super::sim::{HOUR, KEYS, Sim, discovering, issuer, keys, metadata};
use super::support::{ISSUER, provider};
use super::texts;

const OAUTH: &str = "https://as.example.com/.well-known/oauth-authorization-server";
const OPENID: &str = "https://as.example.com/.well-known/openid-configuration";

fn answer(metadata: &Value) -> FetchAnswer {
    FetchAnswer::new(200, metadata.to_string())
}

/// A cache that has asked at the first place and was told this.
#[track_caller]
fn told(first: FetchAnswer) -> (Sim, Update) {
    let sim = Sim::new(discovering());
    let request = sim.request();
    assert_eq!((request.url(), request.accept()), (OAUTH, "application/json"));
    let update = sim.complete(request, first);
    (sim, update)
}

#[track_caller]
fn error(update: Update) -> FetchError {
    match update {
        Update::Kept { error, .. } => error,
        other => unreachable!("{other}"),
    }
}

#[test]
fn metadata_is_where_the_specifications_say() {
    // <https://www.rfc-editor.org/rfc/rfc8414#section-3.1>
    for (name, oauth, openid) in [
        ("https://as.example.com", OAUTH, OPENID),
        ("https://as.example.com/", OAUTH, OPENID),
        (
            "https://example.com:8443/issuer1",
            "https://example.com:8443/.well-known/oauth-authorization-server/issuer1",
            "https://example.com:8443/issuer1/.well-known/openid-configuration",
        ),
        (
            "https://[2001:db8::1]/a/b/",
            "https://[2001:db8::1]/.well-known/oauth-authorization-server/a/b",
            "https://[2001:db8::1]/a/b/.well-known/openid-configuration",
        ),
    ] {
        let builder = JwksCache::issuer(name).algorithms([SignatureAlgorithm::Es256]);
        let sim = Sim::new(builder.provider(provider()));
        let request = sim.request();
        assert_eq!(request.url(), oauth);
        sim.complete(request, FetchAnswer::new(404, ""));
        assert_eq!(sim.request().url(), openid);
    }
}

#[test]
fn keys_are_fetched_from_where_the_metadata_says() {
    let (sim, update) = told(metadata());
    assert!(matches!(update, Update::InProgress { error: None, .. }), "{update}");
    let (request, k1) = (sim.request(), issuer("k1"));
    assert_eq!(request.url(), KEYS);
    sim.complete(request, keys(&k1));
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
}

#[test]
fn where_there_is_no_metadata_of_oauth_that_of_openid_is_asked_for() {
    let other = json!({"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"});
    for first in [
        FetchAnswer::new(404, ""),
        FetchAnswer::new(410, ""),
        FetchAnswer::new(403, ""),
        FetchAnswer::new(302, ""),
        FetchAnswer::new(200, "<html>"),
        FetchAnswer::new(200, "{}"),
        FetchAnswer::too_long(),
        answer(&other),
    ] {
        let (sim, update) = told(first);
        assert!(matches!(update, Update::InProgress { error: Some(_), .. }), "{update}");
        let request = sim.request();
        assert_eq!(request.url(), OPENID);
        sim.complete(request, metadata());
        assert_eq!(sim.request().url(), KEYS);
    }
}

#[test]
fn a_server_that_is_down_says_nothing_of_where_metadata_is() {
    for (first, expected) in [
        (FetchAnswer::new(500, ""), texts::status(500)),
        (FetchAnswer::new(429, ""), texts::status(429)),
        (FetchAnswer::timed_out(), texts::timed_out(10)),
        (FetchAnswer::failed("no route"), texts::no_answer("no route")),
    ] {
        let (mut sim, update) = told(first);
        assert_eq!(error(update).to_string(), expected);
        assert_eq!(sim.wait(), 5);
        sim.now += 5;
        assert_eq!(sim.request().url(), OAUTH);
    }
}

#[test]
fn metadata_has_to_be_this_issuers_and_to_say_where_keys_are() {
    let with = |name: &str, value: Value| {
        let mut metadata = json!({"issuer": ISSUER, "jwks_uri": KEYS});
        metadata[name] = value;
        answer(&metadata)
    };
    let (other, not) = (texts::other_issuer, texts::not_metadata);
    for (second, expected) in [
        (with("issuer", json!("https://as.example.com/")), other("https://as.example.com/")),
        (with("issuer", json!("https://AS.example.com")), other(ISSUER)),
        (with("issuer", json!("https://as.example.com:443")), other("https://as.example.com:443")),
        (with("issuer", json!("")), other("")),
        (with("issuer", json!([ISSUER])), not("has an \"issuer\" that is no string")),
        (with("issuer", json!(null)), not("has an \"issuer\" that is no string")),
        (with("jwks_uri", json!(7)), not("has a \"jwks_uri\" that is no string")),
        (FetchAnswer::new(200, json!({"issuer": ISSUER}).to_string()), not("has no \"jwks_uri\"")),
        (FetchAnswer::new(200, json!({"jwks_uri": KEYS}).to_string()), not("has no \"issuer\"")),
        (FetchAnswer::new(200, "[]"), not("is not an object")),
        (FetchAnswer::new(200, ""), not("is not well-formed")),
        (FetchAnswer::new(200, [0xff]), not("is not UTF-8")),
        (
            FetchAnswer::new(200, format!(r#"{{"issuer":"x","issuer":"{ISSUER}"}}"#)),
            not("has a member name twice in one object"),
        ),
        (with("jwks_uri", json!("http://as.example.com/keys")), texts::jwks_uri(UrlError::Http)),
        (with("jwks_uri", json!("http://127.0.0.1/keys")), texts::jwks_uri(UrlError::Http)),
        (with("jwks_uri", json!("file:///etc/keys")), texts::jwks_uri(UrlError::NotHttps)),
        (with("jwks_uri", json!("/keys")), texts::jwks_uri(UrlError::NotHttps)),
        (with("jwks_uri", json!("https://u:p@h/keys")), texts::jwks_uri(UrlError::UserInfo)),
        (with("jwks_uri", json!("https://h/keys#a")), texts::jwks_uri(UrlError::Fragment)),
        (with("jwks_uri", json!("https://h\\@evil/")), texts::jwks_uri(UrlError::Characters)),
        (with("jwks_uri", json!("https://h/\r\nHost:")), texts::jwks_uri(UrlError::Characters)),
        (with("jwks_uri", json!("https://")), texts::jwks_uri(UrlError::Host)),
    ] {
        let (sim, _) = told(FetchAnswer::new(404, ""));
        let update = sim.serve(second);
        let text = update.to_string();
        assert_eq!(error(update).to_string(), expected);
        assert!(!text.contains("evil") && !text.contains("AS.example"), "{text}");
        assert_eq!(sim.status().generation, 0);
    }
}

#[test]
fn what_was_wrong_at_the_first_place_is_said_if_there_is_no_second() {
    let other = json!({"issuer": "https://evil.example", "jwks_uri": KEYS});
    let (sim, _) = told(answer(&other));
    let said = error(sim.serve(FetchAnswer::new(404, "")));
    assert_eq!(said.to_string(), texts::other_issuer("https://evil.example"));
    let (sim, _) = told(FetchAnswer::new(404, ""));
    assert_eq!(error(sim.serve(FetchAnswer::new(404, ""))).to_string(), texts::status(404));
}

/// A cache whose keys have arrived.
fn loaded() -> Sim {
    let (sim, _) = told(metadata());
    sim.load(&issuer("k1"));
    sim
}

#[test]
fn metadata_is_asked_for_again_after_a_day() {
    let mut sim = loaded();
    for _ in 0..23 {
        sim.now += HOUR;
        let request = sim.request();
        assert_eq!(request.url(), KEYS);
        sim.complete(request, keys(&issuer("k1")));
    }
    sim.now += HOUR;
    let request = sim.request();
    assert_eq!(request.url(), OAUTH);
    let moved = json!({"issuer": ISSUER, "jwks_uri": "https://keys.example.com/"});
    sim.complete(request, answer(&moved));
    assert_eq!(sim.request().url(), "https://keys.example.com/");
}

#[test]
fn keys_that_moved_are_found_in_the_next_round() {
    let moved = json!({"issuer": ISSUER, "jwks_uri": "https://keys.example.com/"});
    for answer in [
        FetchAnswer::new(404, ""),
        FetchAnswer::new(503, ""),
        FetchAnswer::new(302, ""),
        FetchAnswer::new(200, "<html>"),
        FetchAnswer::new(200, r#"{"keys":[]}"#),
        FetchAnswer::failed("no such host"),
        FetchAnswer::timed_out(),
    ] {
        let mut sim = loaded();
        sim.now += HOUR;
        error(sim.serve(answer));
        sim.now += 5;
        let request = sim.request();
        assert_eq!(request.url(), OAUTH);
        sim.complete(request, self::answer(&moved));
        let (request, k2) = (sim.request(), issuer("k2"));
        assert_eq!(request.url(), "https://keys.example.com/");
        sim.complete(request, keys(&k2));
        assert_eq!(sim.verdict(&k2), Verdict::Accepted);
        sim.now += HOUR;
        assert_eq!(sim.request().url(), "https://keys.example.com/", "no doubt any more");
    }
}

#[test]
fn keys_that_fail_and_metadata_that_fails_leave_the_place_of_before() {
    let mut sim = loaded();
    sim.now += HOUR;
    error(sim.serve(FetchAnswer::new(404, "")));
    sim.now += 5;
    let request = sim.request();
    assert_eq!(request.url(), OAUTH);
    sim.complete(request, FetchAnswer::new(503, ""));
    let request = sim.request();
    assert_eq!(request.url(), KEYS);
    sim.complete(request, keys(&issuer("k2")));
    sim.now += HOUR;
    assert_eq!(sim.request().url(), KEYS, "no doubt any more");
}

#[test]
fn where_metadata_is_gone_the_keys_are_where_they_were() {
    for (first, status) in [(FetchAnswer::new(500, ""), 500), (FetchAnswer::new(404, ""), 404)] {
        let mut sim = loaded();
        assert_eq!(sim.status().metadata_failure, None);
        sim.now += 24 * HOUR;
        let update = sim.serve(first);
        assert!(matches!(update, Update::InProgress { error: Some(_), .. }), "{update}");
        let mut request = sim.request();
        if request.url() == OPENID {
            sim.complete(request, FetchAnswer::new(404, ""));
            request = sim.request();
        }
        let k2 = issuer("k2");
        assert_eq!(request.url(), KEYS);
        let update = sim.complete(request, keys(&k2));
        assert_eq!(sim.verdict(&k2), Verdict::Accepted);
        let expected = sim.status().metadata_failure;
        assert_eq!(expected.as_ref().map(ToString::to_string), Some(texts::status(status)));
        assert!(matches!(&update, Update::Replaced { metadata, .. } if *metadata == expected));
        let said =
            format!("; without metadata: the answer has the status {status}, but it must be 200");
        assert!(update.to_string().ends_with(&said), "{update}");
        sim.now += HOUR;
        sim.serve(metadata());
        assert_eq!(sim.status().metadata_failure, None);
        assert!(matches!(sim.serve(keys(&k2)), Update::Unchanged { metadata: None, .. }));
    }
}

#[test]
fn a_place_is_good_for_a_day_and_for_as_long_as_stale_keys() {
    let other = json!({"issuer": "https://new.example", "jwks_uri": "https://new.example/keys"});
    let other = other.to_string();
    for (status, body) in [(404, ""), (503, ""), (200, "<html>"), (200, &*other)] {
        let (mut sim, k2) = (loaded(), issuer("k2"));
        let begun = sim.now;
        let mut last = 0;
        sim.drive(48 * HOUR, |url, now| {
            if url != KEYS {
                return FetchAnswer::new(status, body);
            }
            last = now;
            keys(&k2)
        });
        let used = last - begun;
        assert!((24 * HOUR..=25 * HOUR).contains(&used), "{used}");
        assert_eq!(sim.verdict(&k2), Verdict::Undetermined);
        let status = sim.status();
        assert!(status.metadata_failure.is_some());
        assert_eq!(status.metadata_failure, status.last_failure);
        // And back again.
        sim.drive(HOUR, |url, _| if url == KEYS { keys(&k2) } else { metadata() });
        assert_eq!(sim.verdict(&k2), Verdict::Accepted);
    }
}

#[test]
fn unreachable_metadata_does_not_starve_the_keys() {
    let (mut sim, k2) = (loaded(), issuer("k2"));
    sim.now += 24 * HOUR;
    let lost = sim.request();
    assert_eq!(lost.url(), OAUTH);
    sim.now += 15;
    let request = sim.request();
    assert_eq!(request.url(), KEYS, "given up is as good as failed");
    sim.complete(request, keys(&k2));
    assert_eq!(sim.status().metadata_failure, Some(FetchError::GivenUp));
    assert_eq!(sim.complete(lost, metadata()), Update::Ignored);
}

#[test]
fn metadata_that_fails_is_not_asked_for_in_every_round_of_tokens() {
    let (mut sim, stranger) = (loaded(), issuer("stranger"));
    sim.now += 24 * HOUR;
    let (mut metadata, mut sets) = (Vec::new(), Vec::new());
    for _ in 0..600 {
        sim.now += 1;
        sim.verdict(&stranger);
        sim.drive(0, |url, now| {
            if url == KEYS {
                sets.push(now);
                return keys(&issuer("k1"));
            }
            metadata.push(now);
            FetchAnswer::new(404, "")
        });
    }
    assert_eq!(sets.len(), 20);
    assert!(sets.windows(2).all(|pair| pair[1] - pair[0] >= 30), "{sets:?}");
    assert_eq!(metadata.len(), 4, "twice at two places: {metadata:?}");
}

#[test]
fn a_cooldown_counts_from_the_request_for_keys() {
    for (slow, cooldown) in [(9, 30), (50, 30), (50, 100)] {
        let seconds = time::Duration::seconds;
        let builder = discovering().timeout(seconds(60)).cooldown(seconds(cooldown));
        let (mut sim, k1, k2) = (Sim::new(builder), issuer("k1"), issuer("k2"));
        for status in [404, 200] {
            let request = sim.request();
            sim.now += slow;
            let found = metadata();
            let answer = if status == 200 { found } else { FetchAnswer::new(status, "") };
            sim.complete(request, answer);
        }
        let (request, first) = (sim.request(), sim.now);
        sim.now += 1;
        sim.complete(request, keys(&k1));
        assert_eq!(sim.verdict(&k2), Verdict::Rejected);
        assert_eq!(sim.wait(), first + cooldown - sim.now);
    }
}

#[test]
fn an_entity_tag_stays_with_its_place() {
    let (mut sim, _) = told(metadata());
    sim.serve(keys(&issuer("k1")).etag("\"v1\""));
    sim.now += 24 * HOUR;
    let moved = json!({"issuer": ISSUER, "jwks_uri": "https://keys.example.com/"});
    let request = sim.request();
    assert_eq!(request.if_none_match(), None, "metadata has none");
    sim.complete(request, answer(&moved));
    assert_eq!(sim.request().if_none_match(), None);
}

#[test]
fn only_an_issuer_on_the_loopback_has_keys_there_without_tls() {
    let local = json!({"issuer": ISSUER, "jwks_uri": "http://127.0.0.1:8000/keys"});
    let sim = Sim::new(discovering().allow_http_on_loopback());
    sim.serve(answer(&local));
    assert_eq!(error(sim.serve(answer(&local))).to_string(), texts::jwks_uri(UrlError::Http));

    let name = "http://localhost:8000";
    let builder = JwksCache::issuer(name).algorithms([SignatureAlgorithm::Es256]);
    let sim = Sim::new(builder.provider(provider()).allow_http_on_loopback());
    let local = json!({"issuer": name, "jwks_uri": "http://127.0.0.1:8000/keys"});
    sim.serve(answer(&local));
    assert_eq!(sim.request().url(), "http://127.0.0.1:8000/keys");
}
