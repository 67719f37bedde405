//! Part H of `manual::lessons` again, with keys that are fetched.

use jwt_appraisal::remote::{FetchAnswer, JwksCache, Step, Update};
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{Profile, SignatureAlgorithm, Verdict};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::client::at;
use super::server::{Server, eventually};
use super::sim::{HOUR, Sim, issuer, keys, known};
use super::support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, findings, now, provider,
    validator_builder,
};

const SECOND: &str = "https://second.example";

/// A cache of an issuer whose keys are known to be at this place.
fn cache(name: &str, keys: &TestIssuer) -> JwksCache {
    let builder = JwksCache::issuer(name).algorithms([SignatureAlgorithm::Es256]);
    let builder = builder.provider(provider()).jwks_uri(format!("{name}/keys"));
    let cache = builder.build().unwrap();
    let Step::Fetch(request) = cache.poll(now()) else { unreachable!("the first is due") };
    cache.complete(request, FetchAnswer::new(200, keys.jwks()), now());
    cache
}

#[test]
fn lesson_073_cve_2025_59936_keys_of_one_issuer_never_serve_another() {
    let (good, second) = (TestIssuer::new(ISSUER), TestIssuer::new(SECOND));
    let evil = TestIssuer::new("https://evil.example");
    let caches = [cache(ISSUER, &good), cache(SECOND, &second)];
    let validator = validator_builder(Profile::access_token())
        .issuers(caches.iter().map(JwksCache::trusted_issuer))
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let later = now() + Duration::minutes(1);
    let appraise = |signer: &TestIssuer, iss: &str| {
        let token = signer.access_token(AUDIENCE).at(NOW).claim("iss", iss).sign();
        validator.appraise_at(token, later)
    };
    for (signer, name) in [(&evil, ISSUER), (&evil, SECOND), (&second, ISSUER), (&good, SECOND)] {
        expect_rejected("073", &["crypto.signature"], name, &appraise(signer, name));
    }
    expect_rejected("073", &["key.issuer"], "evil", &appraise(&evil, "https://evil.example"));
    expect_accepted("073", "the good one", &appraise(&good, ISSUER));
    expect_accepted("073", "the second", &appraise(&second, SECOND));
    // The forgeries may be a rotation, so each issuer's own keys are fetched again.
    for (cache, name) in caches.iter().zip([ISSUER, SECOND]) {
        let Step::Fetch(request) = cache.poll(later) else { unreachable!("a cooldown is over") };
        assert_eq!(request.url(), format!("{name}/keys"));
    }
}

#[test]
fn lesson_074_cve_2026_48524_random_kids_evict_nothing() {
    let (mut sim, k1) = (Sim::new(known()), issuer("k1"));
    sim.load(&k1);
    let begun = sim.now;
    let mut requests = Vec::new();
    let (mut fetched, mut failed) = (begun, false);
    for nth in 0..10_000 {
        sim.now = begun + nth * 600 / 10_000;
        let token = k1.access_token(AUDIENCE).at(sim.now).header("kid", format!("random-{nth}"));
        let appraisal = sim.validator.appraise_at(token.sign(), sim.at());
        assert_eq!(findings(&appraisal), ["key.found"], "074: a random kid");
        let fresh = sim.now - fetched < 30 && !failed;
        let expected = if fresh { Verdict::Rejected } else { Verdict::Undetermined };
        assert_eq!(appraisal.verdict(), expected, "074: {}", sim.now - begun);
        if let Step::Fetch(request) = sim.cache.poll(sim.at()) {
            requests.push(sim.now - begun);
            // What the server gives now and then is no set.
            let empty = FetchAnswer::new(200, r#"{"keys":[]}"#);
            failed = requests.len() == 10;
            let answer = if failed { empty } else { keys(&k1) };
            sim.complete(request, answer);
            fetched = sim.now;
        }
    }
    let expected: Vec<_> = (1..=9).map(|nth| nth * 30).chain([300, 305]).collect();
    assert_eq!(requests[..11], expected, "one per cooldown, and a retry");
    assert!(requests[11..].windows(2).all(|pair| pair[1] - pair[0] == 30), "{requests:?}");
    assert_eq!(requests.len(), 20);
    assert_eq!(sim.verdict(&k1), Verdict::Accepted);
}

#[test]
fn lesson_077_a_removed_key_is_gone() {
    let (mut sim, k1, k2) = (Sim::new(known()), issuer("k1"), issuer("k2"));
    sim.serve(keys(&k1).etag("\"1\""));
    sim.now += HOUR;
    sim.serve(keys(&k2).etag("\"2\""));
    assert_eq!((sim.verdict(&k1), sim.verdict(&k2)), (Verdict::Rejected, Verdict::Accepted));
    sim.now += HOUR;
    sim.serve(FetchAnswer::new(304, ""));
    assert_eq!((sim.verdict(&k1), sim.verdict(&k2)), (Verdict::Rejected, Verdict::Accepted));
}

#[test]
fn lesson_078_one_bad_key_does_not_break_the_set() {
    let k1 = issuer("k1");
    let private = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "AA"});
    for bad in [json!({"kty": "quantum"}), json!({}), json!(null), json!("k1"), private] {
        let sim = Sim::new(known());
        let set = json!({"keys": [bad, k1.key().jwk(), bad]});
        let update = sim.serve(FetchAnswer::new(200, set.to_string()));
        let Update::Replaced { report, .. } = update else { unreachable!("{update}") };
        assert_eq!((report.usable(), report.skipped().len()), (1, 2));
        assert_eq!(sim.verdict(&k1), Verdict::Accepted);
    }
    let shared = [issuer("k1"), issuer("k1")].map(|issuer| issuer.key().jwk());
    let other = TestKey::generate("k2", SignatureAlgorithm::Es256);
    let sim = Sim::new(known());
    let set = json!({"keys": [shared[0], shared[1], other.jwk()]});
    let update = sim.serve(FetchAnswer::new(200, set.to_string()));
    let Update::Replaced { report, .. } = update else { unreachable!("{update}") };
    assert_eq!((report.usable(), report.skipped().len()), (1, 2), "a kid for two leads to neither");
}

#[tokio::test(flavor = "multi_thread")]
async fn lesson_079_a_kid_goes_nowhere() {
    let (server, issuer) = Server::of_issuer().await;
    let builder = at(&server).cooldown(Duration::SECOND);
    let trusted = builder.connect().await.unwrap();
    let validator = validator_builder(Profile::access_token()).issuer(trusted);
    let validator = validator.audience(AUDIENCE).build().unwrap();
    for kid in
        ["k1&iss=https://evil.example/CANARY", "../../CANARY", "k1\r\nHost: CANARY", "?CANARY"]
    {
        let before = server.requests().len();
        eventually(|| {
            let token = issuer.access_token(AUDIENCE).header("kid", kid).sign();
            let at = OffsetDateTime::now_utc();
            assert_eq!(findings(&validator.appraise_at(token, at)), ["key.found"], "079: {kid}");
            server.requests().len() > before
        })
        .await;
    }
    let mut texts = server.requests();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 2, "the same two requests again and again: {texts:?}");
    assert!(texts.iter().all(|text| !text.contains("CANARY")), "{texts:?}");
}
