//! The digest that names a policy in every record.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

mod support;

use std::sync::Arc;

use jwt_appraisal::dialect::Dialect;
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    AccessTokenClaims, JwkSet, Limits, MemoryReplayGuard, Profile, SignatureAlgorithm,
    TrustedIssuer, Validator, ValidatorBuilder, danger,
};
use support::{AUDIENCE, ISSUER, key_store, now, validator_builder};
use time::Duration;

fn issuer(name: &str, algorithms: &[SignatureAlgorithm]) -> TrustedIssuer {
    let key = TestKey::generate("k1", SignatureAlgorithm::Es256);
    let jwks = TestIssuer::new(name).with_key(key).jwks();
    let set = JwkSet::from_json(jwks).unwrap();
    TrustedIssuer::new(name, key_store(algorithms.iter().copied(), set).unwrap())
}

fn es256(name: &str) -> TrustedIssuer {
    issuer(name, &[SignatureAlgorithm::Es256])
}

fn of(profile: Profile<AccessTokenClaims>) -> ValidatorBuilder<AccessTokenClaims, Issued, Ready> {
    validator_builder(profile).issuer(es256(ISSUER)).audience(AUDIENCE)
}

fn good() -> ValidatorBuilder<AccessTokenClaims, Issued, Ready> {
    of(Profile::access_token())
}

fn digest(validator: &Validator<AccessTokenClaims>) -> String {
    let appraisal = validator.appraise_at("x", now());
    appraisal.record().policy_digest().unwrap().to_owned()
}

/// Every run generates other keys, so keys do not count.
#[test]
fn the_same_policy_has_the_same_digest() {
    let digest = |builder: ValidatorBuilder<_, _, _>| digest(&builder.build().unwrap());
    assert_eq!(digest(good()), digest(good()));
    assert_eq!(digest(good()), digest(good().name("orders")));
    assert_eq!(digest(good()).len(), 43);
}

/// The order in which issuers are listed does not count, with and without dialects.
#[test]
fn the_order_of_issuers_does_not_change_the_digest() {
    let other = "https://other.example.com";
    let of = |issuers: [jwt_appraisal::dialect::IssuerTrust; 2]| {
        let builder = validator_builder(Profile::access_token()).issuers(issuers);
        digest(&builder.audience(AUDIENCE).build().unwrap())
    };
    let acme = || Dialect::new("acme").typ("acme+jwt").client("cid");
    let plain = of([es256(ISSUER).into(), es256(other).into()]);
    assert_eq!(plain, of([es256(other).into(), es256(ISSUER).into()]));
    let mixed = of([es256(ISSUER).dialect(acme()), es256(other).into()]);
    assert_eq!(mixed, of([es256(other).into(), es256(ISSUER).dialect(acme())]));
    assert_ne!(mixed, of([es256(ISSUER).into(), es256(other).dialect(acme())]));
    assert_ne!(mixed, plain);
}

/// A bound of the caller counts although the kind's own is shorter, because a dialect may permit more.
#[test]
fn a_bound_of_the_caller_changes_the_digest_beside_a_dialect() {
    let of = |days: i64| {
        let month = Dialect::new("acme").max_lifetime(Duration::days(30)).client("cid");
        let profile = Profile::access_token().max_lifetime(Duration::days(days));
        let builder = validator_builder(profile).issuer(es256(ISSUER).dialect(month));
        digest(&builder.audience(AUDIENCE).build().unwrap())
    };
    assert_ne!(of(20), of(10));
}

#[test]
fn each_setting_changes_the_digest() {
    let guard = || Arc::new(MemoryReplayGuard::new(10));
    let proofs = |age| {
        let profile = Profile::dpop_proof().max_token_age(age);
        let builder = validator_builder(profile).algorithms([SignatureAlgorithm::Es256]);
        builder.replay_guard(guard()).build().unwrap()
    };
    let mut limits = Limits::default();
    limits.token_bytes = 4_096;
    let two = [SignatureAlgorithm::Es256, SignatureAlgorithm::Ed25519];
    let with = |issuer: TrustedIssuer| {
        validator_builder(Profile::access_token()).issuer(issuer).audience(AUDIENCE)
    };
    let dialect = Dialect::new("acme").client("cid");
    let of_dialect = validator_builder(Profile::access_token())
        .issuer(es256(ISSUER).dialect(dialect))
        .audience(AUDIENCE);
    let settings = [
        ("nothing", good()),
        ("audience", good_for("https://other.example.com")),
        ("issuer", with(es256("https://other.example.com"))),
        ("algorithms", with(issuer(ISSUER, &two))),
        ("dialect", of_dialect),
        ("leeway", good().leeway(Duration::seconds(30))),
        ("limits", good().limits(limits)),
        ("rule", good().rule("order.number", |_, _| Ok(()))),
        ("hierarchy", good().scope_hierarchy(|_, _| false)),
        ("max_lifetime", of(Profile::access_token().max_lifetime(Duration::minutes(5)))),
        ("max_token_age", of(Profile::access_token().max_token_age(Duration::minutes(5)))),
        ("require", of(Profile::access_token().require("azp"))),
        ("matches_fact", of(Profile::access_token().matches_fact("tenant"))),
        ("actors", of(Profile::access_token().actors(["agent-1"]))),
        ("single_use", of(Profile::access_token().single_use()).replay_guard(guard())),
        ("danger", of(danger::without_max_lifetime(Profile::access_token()))),
        ("mcp", of(Profile::mcp_access_token())),
        ("dpop", good().dpop(proofs(Duration::seconds(60)))),
        ("dpop, older proofs", good().dpop(proofs(Duration::seconds(90)))),
    ];
    let mut digests: Vec<(String, &str)> = Vec::new();
    for (setting, builder) in settings {
        let digest = digest(&builder.build().unwrap());
        let same = digests.iter().find(|(known, _)| *known == digest);
        assert!(same.is_none(), "{setting} has the digest of {same:?}");
        digests.push((digest, setting));
    }
}

fn good_for(audience: &str) -> ValidatorBuilder<AccessTokenClaims, Issued, Ready> {
    validator_builder(Profile::access_token()).issuer(es256(ISSUER)).audience(audience.to_owned())
}

#[test]
fn the_record_has_the_digest_in_json() {
    let validator = good().build().unwrap();
    let json = serde_json::to_value(validator.appraise_at("x", now()).record()).unwrap();
    assert_eq!(json.get("policy_digest").unwrap().as_str().unwrap(), digest(&validator));
}
