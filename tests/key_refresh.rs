//! When a store requests newer keys, and what becomes of tokens meanwhile.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

mod support;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, JwkSet, KeyRefresher, KeyStore, Limits, Profile, ReasonKind,
    SignatureAlgorithm, TrustedIssuer, Validator, Verdict,
};
use support::{AUDIENCE, ISSUER, NOW, key_store, now, validator_builder};
use time::{Duration, OffsetDateTime};

/// Counts the requests for keys, and never finishes a fetch.
#[derive(Debug, Default)]
struct Counter(AtomicUsize);

impl KeyRefresher for Counter {
    fn request(&self, _: OffsetDateTime) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn pending_refresh(
        &self,
        _: OffsetDateTime,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        Some(Box::pin(std::future::pending()))
    }
}

struct Scene {
    issuer: TestIssuer,
    keys: KeyStore,
    requests: Arc<Counter>,
    validator: Validator<AccessTokenClaims>,
}

const ALGORITHMS: [SignatureAlgorithm; 2] = [SignatureAlgorithm::Es256, SignatureAlgorithm::Es384];

impl Scene {
    /// An issuer with key `k1` for ES256, whose keys are fetched if `fetched`.
    fn new(fetched: bool) -> Self {
        let issuer = TestIssuer::new(ISSUER);
        let (requests, set) = (Arc::<Counter>::default(), set(&issuer));
        let mut keys = key_store(ALGORITHMS, set).unwrap();
        if fetched {
            let refresher: Arc<dyn KeyRefresher> = requests.clone();
            keys = keys.refreshed_by(refresher).unwrap();
        }
        let validator = validator_builder(Profile::access_token())
            .issuer(TrustedIssuer::new(ISSUER, keys.clone()))
            .audience(AUDIENCE)
            .build()
            .unwrap();
        Self { issuer, keys, requests, validator }
    }

    fn draft(&self) -> TestToken {
        self.issuer.access_token(AUDIENCE).at(NOW)
    }

    fn unknown(&self) -> TestToken {
        self.draft().signed_by(&TestKey::generate("k2", SignatureAlgorithm::Es256))
    }

    /// The verdict after so many seconds, and the reason.
    fn verdict(&self, token: &TestToken, seconds: i64) -> (Verdict, Option<ReasonKind>) {
        let at = now() + Duration::seconds(seconds);
        let appraisal = self.validator.appraise_at(token.sign(), at);
        let finding = appraisal.findings().next();
        let kind = finding.and_then(|check| Some(check.outcome().reason()?.kind()));
        (appraisal.verdict(), kind)
    }

    fn requests(&self) -> usize {
        self.requests.0.load(Ordering::Relaxed)
    }
}

fn set(issuer: &TestIssuer) -> JwkSet {
    JwkSet::from_json(issuer.jwks()).unwrap()
}

const WAITING: (Verdict, Option<ReasonKind>) =
    (Verdict::Undetermined, Some(ReasonKind::UnknownKeyForNow));
const UNKNOWN: (Verdict, Option<ReasonKind>) = (Verdict::Rejected, Some(ReasonKind::UnknownKey));
const FORGED: (Verdict, Option<ReasonKind>) = (Verdict::Rejected, Some(ReasonKind::BadSignature));

#[test]
fn an_unknown_kid_is_undetermined_until_newer_keys_were_fetched() {
    let scene = Scene::new(true);
    let token = scene.unknown();
    assert_eq!(scene.verdict(&token, 0), WAITING, "requested");
    assert_eq!(scene.verdict(&token, 1), WAITING, "pending");
    scene.keys.replace(set(&scene.issuer));
    assert_eq!(scene.verdict(&token, 2), UNKNOWN, "fetched, and not among them");
    assert_eq!(scene.verdict(&token, 29), UNKNOWN, "within the cooldown");
    assert_eq!(scene.requests(), 1);
    assert_eq!(scene.verdict(&token, 30), WAITING, "requested again");
    scene.keys.keep_until(now() + Duration::seconds(1_000));
    assert_eq!(scene.verdict(&token, 31), UNKNOWN, "fetched, and unchanged");
    assert_eq!(scene.requests(), 2);
}

#[test]
fn an_unknown_kid_is_undetermined_while_fetches_fail() {
    let scene = Scene::new(true);
    let token = scene.unknown();
    assert_eq!(scene.verdict(&token, 0), WAITING);
    scene.keys.refresh_failed();
    assert_eq!(scene.verdict(&token, 1), WAITING);
    assert_eq!(scene.verdict(&token, 40), WAITING);
    scene.keys.replace(set(&scene.issuer));
    assert_eq!(scene.verdict(&token, 41), UNKNOWN);
    scene.keys.refresh_failed();
    assert_eq!(scene.verdict(&token, 42), WAITING, "though no token requested that fetch");
    assert_eq!(scene.requests(), 2, "within the cooldown");
    assert_eq!(scene.verdict(&scene.draft(), 43), (Verdict::Accepted, None));
    let expired = scene.draft().claim("exp", NOW - 1_000);
    assert_eq!(scene.verdict(&expired, 44), (Verdict::Rejected, Some(ReasonKind::Expired)));
}

#[test]
fn random_kids_are_rejected_within_the_cooldown() {
    let scene = Scene::new(true);
    assert_eq!(scene.verdict(&scene.unknown(), 0), WAITING);
    scene.keys.replace(set(&scene.issuer));
    for nth in 0..1_000 {
        let token = scene.draft().header("kid", format!("random-{nth}"));
        assert_eq!(scene.verdict(&token, nth % 30), UNKNOWN);
    }
    assert_eq!(scene.requests(), 1);
}

#[test]
fn without_a_refresher_an_unknown_kid_is_rejected() {
    let scene = Scene::new(false);
    assert_eq!(scene.verdict(&scene.unknown(), 0), UNKNOWN);
    scene.keys.refresh_failed();
    assert_eq!(scene.verdict(&scene.unknown(), 1), UNKNOWN, "no refresher will fetch any");
    assert_eq!(scene.requests(), 0);
}

/// A rotation that keeps its `kid`, or whose keys have none, is noticed by a signature.
#[test]
fn a_failed_signature_requests_newer_keys_once_per_cooldown() {
    let scene = Scene::new(true);
    let next = TestIssuer::new(ISSUER);
    let named = scene.draft().signed_by(next.key());
    let unnamed = named.clone().without_header("kid");
    assert_eq!(scene.verdict(&named, 0), FORGED);
    assert_eq!(scene.requests(), 1);
    for second in 1..30 {
        assert_eq!(scene.verdict(&named, second), FORGED);
        assert_eq!(scene.verdict(&unnamed, second), FORGED);
    }
    assert_eq!(scene.requests(), 1, "a flood of forgeries requests no more");
    assert_eq!(scene.verdict(&unnamed, 30), FORGED);
    assert_eq!(scene.requests(), 2);
    scene.keys.replace(set(&next));
    assert_eq!(scene.verdict(&named, 31), (Verdict::Accepted, None));
    assert_eq!(scene.verdict(&unnamed, 31), (Verdict::Accepted, None));
    assert_eq!(scene.verdict(&scene.draft(), 32), FORGED);
    assert_eq!(scene.requests(), 2, "within the cooldown");
}

/// The cooldown is one, whatever needs newer keys.
#[test]
fn a_forgery_and_an_unknown_kid_share_the_cooldown() {
    let scene = Scene::new(true);
    let forged = scene.draft().signed_by(TestIssuer::new(ISSUER).key());
    assert_eq!(scene.verdict(&forged, 0), FORGED);
    assert_eq!(scene.verdict(&scene.unknown(), 1), WAITING, "the fetch is pending");
    assert_eq!(scene.requests(), 1);
    let refused = scene.validator.appraise_at(forged.sign(), now() + Duration::seconds(2));
    let refused = refused.into_result().unwrap_err();
    assert!(!refused.may_succeed_after_refresh(), "no request waits because of a forgery");
    assert!(!refused.names_unknown_key());
}

#[test]
fn a_kid_that_is_now_for_another_algorithm_requests_newer_keys() {
    let next = TestKey::generate("k1", SignatureAlgorithm::Es384);
    for (what, kid) in [("the same kid", Some("k1")), ("no kid", None)] {
        let scene = Scene::new(true);
        let mut token = scene.draft().signed_by(&next);
        if kid.is_none() {
            token = token.without_header("kid");
        }
        assert_eq!(scene.verdict(&token, 0).0, Verdict::Rejected, "{what}");
        assert_eq!(scene.requests(), 1, "{what}");
        let issuer = TestIssuer::new(ISSUER).with_key(next.clone());
        scene.keys.replace(set(&issuer));
        assert_eq!(scene.verdict(&token, 1).0, Verdict::Accepted, "{what}");
    }
}

/// A token that is refused for its length is not read to find out whose keys it needs.
#[test]
fn a_token_beyond_the_limit_waits_for_no_keys() {
    let scene = Scene::new(true);
    let other = TestIssuer::new("https://other.example");
    let other = TrustedIssuer::new(other.issuer(), key_store(ALGORITHMS, set(&other)).unwrap());
    let token = scene.unknown().sign();
    for others in [vec![], vec![other]] {
        let several = !others.is_empty();
        let waits = |most: usize| {
            let mut limits = Limits::default();
            limits.token_bytes = most;
            let own = TrustedIssuer::new(ISSUER, scene.keys.clone());
            let validator = validator_builder(Profile::access_token())
                .issuers(others.iter().cloned().chain([own]))
                .audience(AUDIENCE)
                .limits(limits)
                .build()
                .unwrap();
            validator.pending_refresh_at(&token, now()).is_some()
        };
        assert!(waits(token.len()), "several issuers: {several}");
        assert!(!waits(token.len() - 1), "several issuers: {several}");
    }
}
