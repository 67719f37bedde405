//! What the public types are: sizes, threads, and what a mistake of the caller comes to.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use std::sync::Arc;

use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::{
    Accepted, AccessTokenClaims, Appraisal, ConfigError, FixedClock, JwkSet, KeyStore, Limits,
    MacAlgorithm, MediaType, Outcome, Profile, Refused, SharedSecret, SignatureAlgorithm,
    TrustedIssuer, UntrustedStr, Validator, ValidatorBuilder, Verdict, danger,
};
use serde_json::Value;
use support::{AUDIENCE, ISSUER, Scene, key_store, now, provider, validator_builder};
use time::Duration;

#[test]
fn types_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    fn cloned<T: Clone>() {}
    struct NotClone;
    shared::<Validator<AccessTokenClaims>>();
    shared::<Accepted<AccessTokenClaims>>();
    shared::<Appraisal<AccessTokenClaims>>();
    shared::<Refused>();
    shared::<KeyStore>();
    shared::<TrustedIssuer>();
    shared::<ConfigError>();
    cloned::<Accepted<NotClone>>();
    cloned::<Validator<NotClone>>();
    cloned::<KeyStore>();
}

#[test]
fn a_refusal_is_small() {
    assert!(size_of::<Refused>() < 160, "{}", size_of::<Refused>());
    assert!(size_of::<Appraisal<AccessTokenClaims>>() < 160);
    assert_eq!(size_of::<Accepted<AccessTokenClaims>>(), size_of::<usize>());
}

#[test]
fn one_validator_serves_many_threads() {
    let scene = Scene::new();
    let token = scene.token().sign();
    let validator = &scene.validator;
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                for _ in 0..50 {
                    let appraisal = validator.appraise_at(&token, now());
                    assert_eq!(appraisal.verdict(), Verdict::Accepted);
                }
            });
        }
    });
}

#[test]
fn clocks() {
    let scene = Scene::new();
    let build = |clock: FixedClock| {
        validator_builder(Profile::access_token())
            .issuer(trusted(&scene))
            .audience(AUDIENCE)
            .clock(clock)
            .build()
            .unwrap()
    };
    let token = scene.token().sign();
    assert_eq!(build(FixedClock::new(now())).appraise(&token).verdict(), Verdict::Accepted);
    let later = FixedClock::new(now() + Duration::hours(1));
    assert_eq!(build(later).appraise(&token).verdict(), Verdict::Rejected);
    let fresh = scene.issuer.access_token(AUDIENCE).sign();
    assert_eq!(scene.validator.appraise(fresh).verdict(), Verdict::Accepted, "the system's clock");
}

fn trusted(scene: &Scene) -> TrustedIssuer {
    let set = JwkSet::from_json(scene.issuer.jwks()).unwrap();
    TrustedIssuer::new(ISSUER, key_store([SignatureAlgorithm::Es256], set).unwrap())
}

fn store() -> KeyStore {
    key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap()
}

/// What `build` says of a profile for one good issuer and audience.
fn builder(profile: Profile<Value>) -> ValidatorBuilder<Value, Issued, Ready> {
    let builder = validator_builder(profile).issuer(TrustedIssuer::new(ISSUER, store()));
    builder.audience(AUDIENCE)
}

fn built(profile: Profile<Value>) -> Result<Validator<Value>, ConfigError> {
    builder(profile).build()
}

#[track_caller]
fn expect_error<T>(built: Result<T, ConfigError>, text: &str) {
    let Err(error) = built else {
        unreachable!("was built, but expected: {text}");
    };
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_wrong_issuer_is_not_built() {
    let build = |issuers: Vec<TrustedIssuer>| {
        let builder = validator_builder(Profile::access_token()).issuers(issuers);
        builder.audience(AUDIENCE).build()
    };
    let named = |name: &str| TrustedIssuer::new(name, store());
    expect_error(
        build(vec![]),
        "no issuer is trusted, so no token could be accepted; give at least one with its keys",
    );
    expect_error(
        build(vec![named("")]),
        "the issuer's name is \"\", but it must be a URI or a non-empty text without a colon",
    );
    expect_error(
        build(vec![named("a b:c")]),
        "the issuer's name is \"a b:c\", but it must be a URI or a non-empty text without a colon",
    );
    let twice = vec![named(ISSUER), named(ISSUER)];
    expect_error(
        build(twice),
        "two issuers have the name \"https://as.example.com\"; give all keys of one issuer in one key store",
    );
    let keys = key_store([SignatureAlgorithm::Ed448], JwkSet::default()).unwrap();
    let unsupported = vec![named("https://other.example"), TrustedIssuer::new(ISSUER, keys)];
    let text = "the issuer \"https://as.example.com\" signs with Ed448, which the crypto provider";
    let fix = "does not support; choose another provider or another algorithm";
    expect_error(build(unsupported), &format!("{text} {} {fix}", provider().name()));
    assert!(build(vec![named("joe")]).is_ok());
    let shared = store();
    let sharing = ["a", "b"].map(|name| TrustedIssuer::new(name, shared.clone())).to_vec();
    expect_error(
        build(sharing),
        "the issuers \"a\" and \"b\" share a key store, so each could sign in the other\'s name; give each its own",
    );
}

#[test]
fn a_wrong_audience_is_not_built() {
    let build = |audiences: Vec<&str>| {
        let builder = validator_builder(Profile::access_token());
        builder.issuer(TrustedIssuer::new(ISSUER, store())).audiences(audiences).build()
    };
    let text = "no audience is given, so tokens for other services could be accepted; give the name of this service";
    expect_error(build(vec![]), text);
    let text = "the audience is \"\", but it must be a URI or a non-empty text without a colon";
    expect_error(build(vec![""]), text);
    expect_error(build(vec![AUDIENCE, ""]), text);
    let text =
        "the audience is \"my api: v1\", but it must be a URI or a non-empty text without a colon";
    expect_error(build(vec!["my api: v1"]), text);
    assert!(build(vec![AUDIENCE, "https://alias.example"]).is_ok());
}

#[test]
fn wrong_settings_are_not_built() {
    let builder = || {
        let builder = validator_builder(Profile::access_token());
        builder.issuer(TrustedIssuer::new(ISSUER, store())).audience(AUDIENCE)
    };
    expect_error(
        builder().leeway(Duration::seconds(-1)).build(),
        "the setting leeway is -1, but it must be from 0 to 300 s",
    );
    expect_error(
        builder().leeway(Duration::minutes(15)).build(),
        "the setting leeway is 900, but it must be from 0 to 300 s",
    );
    expect_error(
        builder().leeway(Duration::MAX).build(),
        "the setting leeway is 9223372036854775807, but it must be from 0 to 300 s",
    );
    expect_error(
        builder().leeway(Duration::milliseconds(-1)).build(),
        "the setting leeway is -1, but it must be from 0 to 300 s",
    );
    assert!(builder().leeway(Duration::ZERO).build().is_ok());
    let with = |set: fn(&mut Limits)| {
        let mut limits = Limits::default();
        set(&mut limits);
        builder().limits(limits).build()
    };
    expect_error(
        with(|l| l.token_bytes = 0),
        "the setting token_bytes is 0, but it must be from 1 to 1048576 bytes",
    );
    expect_error(
        with(|l| l.token_bytes = 1 << 30),
        "the setting token_bytes is 1073741824, but it must be from 1 to 1048576 bytes",
    );
    expect_error(
        with(|l| l.header_bytes = 8193),
        "the setting header_bytes is 8193, but it must be from 1 to 8192 bytes",
    );
    expect_error(
        with(|l| l.json_depth = 65),
        "the setting json_depth is 65, but it must be from 1 to 64 levels",
    );
    expect_error(
        with(|l| l.actor_depth = 0),
        "the setting actor_depth is 0, but it must be from 1 to 64 actors",
    );
}

#[test]
fn wrong_profiles_are_not_built() {
    for typ in ["", "JWT", "jwt", "application/jwt", "a b", "receipt+jwt;v=1", "a/b/c", "é"] {
        let text = format!(
            "the typ of the kind is {:?}, but it must be an explicit type such as \"receipt+jwt\"",
            MediaType::new(typ)
        );
        expect_error(built(Profile::new(typ)), &text);
    }
    let text =
        "the typ \"AT+jwt\" belongs to a kind that has its own rules; use Profile::access_token()";
    expect_error(built(Profile::new("AT+jwt")), text);
    let receipt = || Profile::<Value>::new("receipt+jwt");
    let text = "the setting max_token_age is -1, but it must be from 1 to 316224000 s";
    expect_error(built(receipt().max_token_age(Duration::seconds(-1))), text);
    let text = "the setting max_lifetime is 0, but it must be from 1 to 316224000 s";
    expect_error(built(receipt().max_lifetime(Duration::ZERO)), text);
    let text = "the setting max_lifetime is 90000, but it must be from 1 to 86400 s";
    let long = Profile::access_token().claims().max_lifetime(Duration::hours(25));
    expect_error(built(long), text);
    assert!(built(receipt().max_lifetime(Duration::days(365))).is_ok());
    let waived = danger::without_max_lifetime(receipt()).max_lifetime(Duration::days(365));
    expect_error(
        built(waived),
        "the setting max_lifetime is given, but its check was waived through danger; remove one of the two",
    );
    let waived = danger::without_max_lifetime(receipt().max_lifetime(Duration::minutes(5)));
    expect_error(
        built(waived),
        "the setting max_lifetime is given, but its check was waived through danger; remove one of the two",
    );
    let text = "the required claim \"\" has an empty name or is required twice; name it once";
    expect_error(built(receipt().require("")), text);
    let text = "the required claim \"a\" has an empty name or is required twice; name it once";
    expect_error(built(receipt().require("a").require("a")), text);
    assert!(built(receipt().require("exp").require("sub")).is_ok());
    for name in [
        "",
        "total",
        "a.b.c",
        "claims.total",
        "form.x",
        "key.x",
        "state.replay",
        "A.b",
        "a.",
        ".b",
        "a b.c",
        "1a.b",
    ] {
        let text = format!(
            "the rule {name:?} has a prefix of this crate, is named twice, or is not named like \"order.total\"; give it a name of its own"
        );
        expect_error(builder(receipt()).rule(name, |_, _| Ok(())).build(), &text);
    }
    let twice = builder(receipt()).rule("a.b", |_, _| Ok(())).rule("a.b", |_, _| Ok(()));
    assert!(matches!(twice.build(), Err(ConfigError::RuleName { .. })));
    assert!(builder(receipt()).rule("order2.total_1", |_, _| Ok(())).build().is_ok());
    let own = built(receipt()).unwrap().checks().count();
    let filled = |checks: usize| {
        let builder = (own..checks).fold(builder(receipt()), |builder, n| {
            builder.rule(format!("rule.n{n}"), |_, _| Ok(()))
        });
        builder.build()
    };
    assert_eq!(filled(128).unwrap().checks().count(), 128);
    assert!(matches!(filled(129), Err(ConfigError::TooManyChecks { found: 129, most: 128, .. })));
    let many = (0..128).fold(receipt(), |profile, n| profile.require(format!("claim{n}")));
    assert!(matches!(built(many), Err(ConfigError::TooManyChecks { most: 128, .. })));
}

#[test]
fn a_shared_secret_stands_for_itself() {
    let secret = SharedSecret::new(MacAlgorithm::Hs512, &[1; 64]).unwrap();
    let validator = validator_builder(danger::untyped_profile::<Value>())
        .shared_secret("", secret)
        .audience(AUDIENCE)
        .build();
    expect_error(
        validator,
        "the issuer's name is \"\", but it must be a URI or a non-empty text without a colon",
    );
}

#[test]
fn media_types_compare_as_rfc_7515_says() {
    let same = |one: &str, other: &str| MediaType::new(one) == MediaType::new(other);
    assert!(same("at+jwt", "application/at+jwt"));
    assert!(same("AT+JWT", "Application/at+jwt"));
    assert!(!same("at+jwt", "text/at+jwt"));
    assert!(!same("application/text/x", "text/x"), "a value with a slash has no implied prefix");
    assert!(!same("at+jwt", "at+jwt;v=1"));
}

#[test]
fn untrusted_text_prints_escaped_and_cut() {
    assert_eq!(
        UntrustedStr::new("a\n\"b\"\\\u{202e}é").to_string(),
        "a\\n\\\"b\\\"\\\\\\u{202e}\\u{e9}"
    );
    let long = "x".repeat(100_000);
    let printed = format!("{:?}", UntrustedStr::new(&long));
    assert_eq!(printed, format!("\"{}… (100000 bytes)\"", "x".repeat(64)));
}

#[test]
fn names_are_compared_exactly() {
    let issuer = jwt_appraisal::Issuer::new(ISSUER);
    assert_eq!(issuer, ISSUER);
    assert_ne!(issuer, "https://as.example.com/");
    assert_eq!("RS256".parse(), Ok(SignatureAlgorithm::Rs256));
    assert!("rs256".parse::<SignatureAlgorithm>().is_err());
    assert!("HS256".parse::<SignatureAlgorithm>().is_err());
    assert!("none".parse::<SignatureAlgorithm>().is_err());
    assert!("RS256".parse::<MacAlgorithm>().is_err());
}

#[test]
fn sources_are_given_by_value_or_shared() {
    let issuer = Arc::new(TrustedIssuer::new(ISSUER, store()));
    let building = validator_builder(Profile::access_token()).issuer(Arc::clone(&issuer));
    assert!(building.audience(AUDIENCE).build().is_ok());
    let building = validator_builder(Profile::access_token()).issuers([issuer]);
    assert!(building.audience(AUDIENCE).build().is_ok());
}

/// What `danger` switched off shows in the validator and in every appraisal.
#[test]
fn what_was_waived_shows() {
    let scene = Scene::new();
    let profile = danger::without_audience(danger::untyped_profile::<Value>());
    let validator = validator_builder(danger::without_max_lifetime(profile))
        .issuer(TrustedIssuer::new(ISSUER, store()))
        .build()
        .unwrap();
    let expected = ["header.typ", "claims.aud", "time.lifetime"];
    assert_eq!(validator.waived().map(|check| check.as_str()).collect::<Vec<_>>(), expected);
    let appraisal = validator.appraise_at(scene.token().sign(), now());
    let waived = appraisal.checks().filter(|check| *check.outcome() == Outcome::Waived);
    assert_eq!(waived.map(|check| check.id().to_string()).collect::<Vec<_>>(), expected);
}

#[test]
fn scopes_audiences_and_actors_are_iterated() {
    let scene = Scene::new();
    let chain = serde_json::json!({"sub": "b", "act": {"sub": "a"}});
    let draft = scene.token().claim("scope", "read write").claim("act", chain);
    let token = draft.sign();
    let accepted = scene.appraise(token).into_result().unwrap();
    let claims = accepted.into_claims();
    let scopes = &claims.scope;
    assert_eq!((scopes.len(), scopes.is_empty()), (2, false));
    assert_eq!(scopes.into_iter().collect::<Vec<_>>(), ["read", "write"]);
    assert_eq!((claims.aud.len(), claims.aud.is_empty()), (1, false));
    for audience in &claims.aud {
        assert_eq!(audience, AUDIENCE);
    }
    assert!(claims.aud.contains(AUDIENCE) && !claims.aud.contains("x"));
    let chain: Vec<_> = claims.act.as_ref().unwrap().into_iter().map(|actor| actor.sub()).collect();
    assert_eq!(chain, [Some("b"), Some("a")]);
    let odd: jwt_appraisal::Scopes = serde_json::from_str("\" a  b \"").unwrap();
    assert_eq!(odd.len(), 2);
    assert!(jwt_appraisal::Scopes::default().is_empty());
}

#[test]
fn an_appraisal_is_accepted_or_refused() {
    let scene = Scene::new();
    let good = scene.appraise(scene.token().sign());
    assert!(good.is_accepted() && good.accepted().is_some() && good.refused().is_none());
    let bad = scene.appraise("");
    assert!(!bad.is_accepted() && bad.accepted().is_none() && bad.refused().is_some());
}
