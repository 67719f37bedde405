//! Good tokens of each dialect, in one validator and alone.

use std::sync::Arc;

use jwt_appraisal::dialect::Dialect;
use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{
    Appraisal, ConfigError, IssuerSource, Leniency, Outcome, Profile, TrustedIssuer, UntrustedStr,
};
use serde_json::{Value, json};

use super::acme::{World, acme, acme_token, appraise, globex, trusted, trusting};
use super::support::{AUDIENCE, NOW, expect_accepted, expect_rejected, validator_builder};

#[test]
fn accepts_the_tokens_of_every_dialect_in_one_validator() {
    let world = World::new();
    let validator = world.validator();
    for (token, dialect, leniencies) in [
        (
            world.acme_token(),
            "acme",
            &[Leniency::Typ, Leniency::ClientElsewhere, Leniency::ScopeElsewhere][..],
        ),
        (
            acme_token(&world.acme_2),
            "acme",
            &[Leniency::Typ, Leniency::ClientElsewhere, Leniency::ScopeElsewhere],
        ),
        (
            world.globex_token(),
            "globex",
            &[Leniency::Typ, Leniency::ScopeElsewhere, Leniency::AudienceElsewhere],
        ),
        (world.standard_token().claim("scope", "read write"), "standard", &[]),
    ] {
        let accepted = appraise(&validator, &token).into_result().unwrap();
        assert_eq!(accepted.record().dialect(), Some(dialect));
        assert!(accepted.record().leniencies().eq(leniencies.iter().copied()), "{dialect}");
        assert_eq!(accepted.client_id(), Some("client-1"));
        assert_eq!(&*accepted.claims().client_id, "client-1");
        assert!(accepted.scopes().eq(["read", "write"]));
        assert!(accepted.claims().scope.iter().eq(["read", "write"]));
        assert!(accepted.audiences().eq([AUDIENCE]));
        assert!(accepted.require_scopes(["write"]).is_ok());
        assert!(accepted.require_scopes(["admin"]).is_err());
    }
}

#[test]
fn accepts_the_tokens_of_a_single_issuer() {
    let world = World::new();
    for (issuer, dialect, token) in [
        (&world.acme, acme(), world.acme_token()),
        (&world.globex, globex(), world.globex_token()),
        (&world.standard, Dialect::standard(), world.standard_token()),
        (&world.standard, Dialect::default(), world.standard_token()),
    ] {
        let name = dialect.name().to_owned();
        let validator = trusting(issuer, dialect, Profile::access_token()).build().unwrap();
        let accepted = appraise(&validator, &token).into_result().unwrap();
        assert_eq!(accepted.record().dialect(), Some(&*name));
    }
}

fn rows<C>(appraisal: &Appraisal<C>) -> Vec<(String, &'static str)> {
    let row =
        |check: jwt_appraisal::CheckResult<'_>| (check.id().to_string(), check.outcome().name());
    appraisal.checks().map(row).collect()
}

/// An issuer with the standard dialect has the same rows beside issuers with dialects as without them.
#[test]
fn other_dialects_change_nothing_for_an_issuer_that_has_none() {
    let world = World::new();
    let beside = world.validator();
    let issuers = [trusted(&world.standard), trusted(&world.acme)];
    let alone = validator_builder(Profile::access_token()).issuers(issuers).audience(AUDIENCE);
    let alone = alone.build().unwrap();
    for token in [
        world.standard_token(),
        world.standard_token().claim("cid", "other").claim("scp", json!(["admin"])),
        world.standard_token().claim("exp", NOW - 100),
        world.standard_token().without("client_id").claim("cid", "client-1"),
        world.standard_token().claim("scope", json!(["read"])),
        world.standard_token().without("sub"),
        world.standard_token().claim("exp", NOW + 27 * 60 * 60),
        world.standard_token().claim("aud", "https://other.example.com"),
    ] {
        let [beside, alone] = [&beside, &alone].map(|validator| appraise(validator, &token));
        assert_eq!(rows(&beside), rows(&alone), "{}", token.claims_json());
        assert_eq!(beside.to_string(), alone.to_string());
        assert_eq!(beside.record().leniencies().count(), 0);
    }
}

#[derive(Debug)]
struct Tenants(Vec<Arc<TrustedIssuer>>);

impl IssuerSource for Tenants {
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        let wanted = |tenant: &&Arc<TrustedIssuer>| *tenant.issuer() == *issuer.expose_untrusted();
        self.0.iter().find(wanted).cloned()
    }
}

#[test]
fn the_issuers_of_a_source_share_a_dialect() {
    let world = World::new();
    let tenants = || Tenants([&world.acme, &world.acme_2].map(trusted).map(Arc::new).to_vec());
    let builder = || validator_builder(Profile::access_token());
    let validator = builder().issuer_source_with(tenants(), acme()).audience(AUDIENCE).build();
    let validator = validator.unwrap();
    for token in [world.acme_token(), acme_token(&world.acme_2)] {
        expect_accepted("-", "tenant", &appraise(&validator, &token));
        let id_token = token.clone().claim("token_use", "id");
        expect_rejected("-", &["dialect.tells"], "ID token", &appraise(&validator, &id_token));
        let typed = token.header("typ", "at+jwt");
        expect_rejected("-", &["header.typ"], "typed", &appraise(&validator, &typed));
    }
    let other = world.acme_token().claim("iss", "https://id.acme.example/3");
    expect_rejected("-", &["key.issuer"], "another tenant", &appraise(&validator, &other));

    let standard = builder().issuer_source(tenants()).audience(AUDIENCE).build().unwrap();
    expect_rejected("-", &["header.typ"], "acme", &appraise(&standard, &world.acme_token()));
    let unsound = Dialect::new("unsound").untyped();
    let built = builder().issuer_source_with(tenants(), unsound).audience(AUDIENCE).build();
    assert!(matches!(built, Err(ConfigError::Dialect { .. })));
}

/// The rows of an issuer's own dialect, and those of no other one.
#[test]
fn an_appraisal_has_the_rows_of_its_issuers_dialect() {
    let world = World::new();
    let validator = world.validator();
    let codes = |token: &TestToken| -> Vec<String> {
        appraise(&validator, token).checks().map(|check| check.id().to_string()).collect()
    };
    let has = |codes: &[String], code: &str| codes.iter().any(|known| known == code);
    let [acme, globex, standard] =
        [world.acme_token(), world.globex_token(), world.standard_token()].map(|t| codes(&t));
    assert!(has(&acme, "dialect.tells") && has(&acme, "dialect.names"));
    assert!(!has(&globex, "dialect.tells") && has(&globex, "dialect.names"));
    assert!(!has(&standard, "dialect.tells") && !has(&standard, "dialect.names"));

    // What the validator lists is an order that fits all of them.
    let all: Vec<String> = validator.checks().map(ToString::to_string).collect();
    for codes in [acme, globex, standard] {
        let mut places = codes.iter().map(|code| all.iter().position(|known| known == code));
        assert!(places.all(|place| place.is_some()));
        let shown: Vec<_> = all.iter().filter(|code| codes.contains(code)).cloned().collect();
        assert_eq!(shown, codes);
    }
}

#[test]
fn a_type_is_accepted_beside_none_if_the_dialect_says_both() {
    let world = World::new();
    let validator = trusting(&world.acme, acme().typ("at+jwt"), Profile::access_token());
    let validator = validator.build().unwrap();
    for (typ, leniencies) in [
        (Value::Null, None),
        ("at+jwt".into(), Some(2)),
        ("application/AT+JWT".into(), Some(2)),
        ("JWT".into(), Some(3)),
        ("jwt".into(), Some(3)),
        ("dpop+jwt".into(), None),
    ] {
        let appraisal = appraise(&validator, &world.acme_token().header("typ", typ.clone()));
        let found = appraisal.accepted().map(|accepted| accepted.record().leniencies().count());
        assert_eq!(found, leniencies, "{typ}");
    }
    let untyped = appraise(&validator, &world.acme_token());
    assert_eq!(untyped.record().leniencies().count(), 3);
}

#[test]
fn a_token_may_lack_what_the_dialect_names() {
    let world = World::new();
    for (claim, leniency) in [
        ("sub", Leniency::NoSubject),
        ("jti", Leniency::NoTokenId),
        ("client_id", Leniency::NoClient),
    ] {
        let profile = Profile::access_token().claims::<Value>();
        let dialect = Dialect::new("sparse").may_lack(claim);
        let validator = trusting(&world.standard, dialect, profile).build().unwrap();
        let appraisal = appraise(&validator, &world.standard_token().without(claim));
        expect_accepted("-", claim, &appraisal);
        assert!(appraisal.record().leniencies().eq([leniency]));
        let row = appraisal.checks().find(|check| check.id() == leniency.code()).unwrap();
        assert!(matches!(row.outcome(), Outcome::Lenient(_)), "{appraisal}");

        // A token that has the claim uses no leniency, and its value is checked.
        let appraisal = appraise(&validator, &world.standard_token());
        assert_eq!(appraisal.record().leniencies().count(), 0);
        let empty = appraise(&validator, &world.standard_token().claim(claim, ""));
        assert!(!empty.is_accepted());
    }
}

#[test]
fn a_token_may_live_as_long_as_the_dialect_says() {
    let world = World::new();
    let lives = |hours: i64| world.globex_token().claim("exp", NOW + hours * 60 * 60);
    for (hours, leniency) in [(24, false), (25, true), (28, true)] {
        let appraisal = appraise(&world.validator(), &lives(hours));
        expect_accepted("-", "lifetime", &appraisal);
        let used = appraisal.record().leniencies().any(|used| used == Leniency::LongLifetime);
        assert_eq!(used, leniency, "{hours} h");
    }
    world.rejects("time.lifetime", "29 h", &lives(29));
    let appraisal = appraise(&world.validator(), &lives(29));
    assert!(appraisal.record().leniencies().all(|used| used != Leniency::LongLifetime));

    // Of the kind's own bound and the dialect's, the dialect's applies, if it is shorter too.
    let dialect = Dialect::new("short").max_lifetime(time::Duration::minutes(4));
    let validator = trusting(&world.standard, dialect, Profile::access_token()).build().unwrap();
    let appraisal = appraise(&validator, &world.standard_token());
    expect_rejected("-", &["time.lifetime"], "five minutes", &appraisal);
}
