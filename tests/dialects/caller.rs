//! A dialect never loosens what the caller requires or bounds.

use std::sync::Arc;

use jwt_appraisal::dialect::{Dialect, Form, IssuerTrust};
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{
    ConfigError, MemoryReplayGuard, Profile, RequestFacts, ValidatorBuilder, danger,
};
use serde_json::{Value, json};
use time::Duration;

use super::acme::{World, appraise, globex, trusted, trusting};
use super::support::{AUDIENCE, NOW, expect_accepted, expect_rejected, now, validator_builder};

/// Everything that a dialect can permit.
fn loose() -> Dialect {
    Dialect::new("loose")
        .typ("at+jwt")
        .untyped()
        .has("scp")
        .client("azp")
        .scopes("scp", Form::Either)
        .audience("resource", Form::Either)
        .max_lifetime(Duration::days(30))
        .may_lack("sub")
        .may_lack("jti")
        .may_lack("client_id")
}

/// A token that uses every leniency.
fn token(world: &World) -> TestToken {
    let draft = world.standard_token().without_header("typ").claim("exp", NOW + 29 * 24 * 60 * 60);
    let draft = draft.without("sub").without("jti").without("client_id").without("scope");
    draft.without("aud").claim("resource", json!([AUDIENCE])).claim("scp", json!(["read"]))
}

fn profile() -> Profile<Value> {
    Profile::access_token().claims()
}

fn builder(world: &World, profile: Profile<Value>) -> ValidatorBuilder<Value, Issued, Ready> {
    trusting(&world.standard, loose(), profile)
}

#[track_caller]
fn rejects(code: &str, profile: Profile<Value>, change: impl FnOnce(TestToken) -> TestToken) {
    let world = World::new();
    let validator = builder(&world, profile).build().unwrap();
    let appraisal = appraise(&validator, &change(token(&world)));
    expect_rejected("-", &[code], code, &appraisal);
}

#[test]
fn a_loose_dialect_accepts_a_token_that_uses_everything() {
    let world = World::new();
    let validator = builder(&world, profile()).build().unwrap();
    let appraisal = appraise(&validator, &token(&world));
    expect_accepted("-", "everything", &appraisal);
    assert_eq!(appraisal.record().leniencies().count(), 7);
    let named = token(&world).claim("azp", "c");
    let appraisal = appraise(&validator, &named);
    assert_eq!(appraisal.record().leniencies().count(), 7, "{appraisal}");
}

#[test]
fn a_required_claim_is_required() {
    rejects("claims.sub", profile().require("sub"), |token| token);
    rejects("claims.jti", profile().require("jti"), |token| token);
    rejects("claims.client_id", profile().require("client_id"), |token| token);
    rejects("claims.tenant", profile().require("tenant"), |token| token);
    rejects("claims.scope", profile().require("scope"), |token| {
        // The tell is there, but no scope is.
        token.claim("scp", json!([])).claim("scope", Value::Null)
    });
    // The record does not claim that a leniency was used where it was not permitted.
    let world = World::new();
    let validator = builder(&world, profile().require("jti")).build().unwrap();
    let appraisal = appraise(&validator, &token(&world));
    let used: Vec<_> = appraisal.record().leniencies().map(|used| used.name()).collect();
    assert!(!used.contains(&"no_jti") && used.contains(&"no_sub"), "{used:?}");
}

/// The name that a dialect grafts is the claim that a caller requires.
#[test]
fn a_required_claim_may_have_the_issuers_name() {
    let world = World::new();
    let validator = builder(&world, profile().require("client_id").require("scope"));
    let appraisal = appraise(&validator.build().unwrap(), &token(&world).claim("azp", "c"));
    expect_accepted("-", "azp", &appraisal);
}

#[test]
fn the_shorter_lifetime_applies() {
    let bounded = || profile().max_lifetime(Duration::hours(1));
    rejects("time.lifetime", bounded(), |token| token);
    rejects("time.lifetime", bounded(), |token| token.claim("exp", NOW + 3601));
    let world = World::new();
    let validator = builder(&world, bounded()).build().unwrap();
    let appraisal = appraise(&validator, &token(&world).claim("exp", NOW + 3600));
    expect_accepted("-", "an hour", &appraisal);
    assert!(appraisal.record().leniencies().all(|used| used.name() != "long_lifetime"));

    // The caller may set what the longest dialect permits, and no more; an issuer whose tokens may not live
    // that long is not concerned.
    let both = |lifetime: Duration| {
        let issuers = [trusted(&world.standard).into(), trusted(&world.globex).dialect(loose())];
        let profile = profile().max_lifetime(lifetime);
        validator_builder(profile).issuers(issuers).audience(AUDIENCE).build()
    };
    let validator = both(Duration::days(20)).unwrap();
    let long = world.standard_token().claim("exp", NOW + 25 * 60 * 60);
    expect_rejected("-", &["time.lifetime"], "25 h", &appraise(&validator, &long));
    let day = 24 * 60 * 60;
    let of_loose = |days: i64| {
        let draft = world.globex.access_token(AUDIENCE).at(NOW);
        draft.claim("exp", NOW + days * day).claim("scp", "read")
    };
    expect_accepted("-", "20 days", &appraise(&validator, &of_loose(20)));
    expect_rejected("-", &["time.lifetime"], "21 days", &appraise(&validator, &of_loose(21)));
    let error = both(Duration::days(31)).unwrap_err();
    assert!(matches!(error, ConfigError::OutOfRange(range) if range.most == 30 * day), "{error}");
}

#[test]
fn the_age_of_a_token_is_bounded() {
    let profile = || profile().max_token_age(Duration::minutes(5));
    rejects("time.age", profile(), |token| token.claim("iat", NOW - 1000));
    rejects("claims.iat", profile(), |token| token.without("iat"));
}

#[test]
fn the_audience_is_the_verifier() {
    let other = "https://other.example.com";
    rejects("claims.aud", profile(), |token| token.claim("resource", json!([other])));
    rejects("claims.aud", profile(), |token| token.without("resource"));
    rejects("claims.aud", profile().refuse_other_audiences(), |token| {
        token.claim("resource", json!([AUDIENCE, other]))
    });
    rejects("claims.aud", profile(), |token| token.without("resource").claim("aud", other));
}

#[test]
fn an_audience_of_a_resource_is_compared_as_one() {
    let world = World::new();
    let profile = Profile::mcp_access_token().claims::<Value>();
    let validator = trusting(&world.standard, loose(), profile).build().unwrap();
    let named = |name: &str| token(&world).claim("resource", json!([name]));
    expect_accepted("-", "a slash", &appraise(&validator, &named("https://api.example.com/")));
    let other = appraise(&validator, &named("https://api.example.com/x"));
    expect_rejected("-", &["claims.aud"], "a path", &other);
}

#[test]
fn a_token_that_is_good_for_one_use_has_an_identity() {
    let world = World::new();
    let guarded = builder(&world, profile().single_use());
    let validator = guarded.replay_guard(Arc::new(MemoryReplayGuard::new(10))).build().unwrap();
    let appraisal = appraise(&validator, &token(&world));
    expect_rejected("-", &["claims.jti"], "no jti", &appraisal);
    let named = token(&world).claim("jti", "j-1");
    expect_accepted("-", "the first use", &appraise(&validator, &named));
    expect_rejected("-", &["state.replay"], "the second use", &appraise(&validator, &named));
    // One token in the two types that the dialect accepts is one token.
    let typed = named.header("typ", "at+jwt");
    expect_rejected("-", &["state.replay"], "another type", &appraise(&validator, &typed));
}

#[test]
fn facts_of_the_request_are_compared() {
    rejects("request.tenant", profile().matches_fact("tenant"), |token| token);
    rejects("actor.allowed", profile().actors(["a-1"]), |token| {
        token.claim("act", json!({ "sub": "a-2" }))
    });
    let world = World::new();
    let validator = builder(&world, profile()).build().unwrap();
    let appraise =
        |facts: &RequestFacts<'_>| validator.appraise_with_at(token(&world).sign(), facts, now());
    let facts = RequestFacts::new().required_scopes(["write"]);
    expect_rejected("-", &["request.scopes"], "write", &appraise(&facts));
    let facts = RequestFacts::new().required_scopes(["read"]);
    expect_accepted("-", "read", &appraise(&facts));
    let facts = RequestFacts::new().acr_values(["phr"]);
    expect_rejected("-", &["claims.acr"], "acr", &appraise(&facts));
    let facts = RequestFacts::new().parent_scopes(["write"]);
    expect_rejected("-", &["claims.scope"], "more scopes", &appraise(&facts));
}

#[test]
fn rules_of_the_caller_run_last() {
    let world = World::new();
    let validator = builder(&world, profile()).rule("order.client", |claims: &Value, _| {
        if claims["client_id"] == "c" { Ok(()) } else { Err("is another client") }
    });
    let validator = validator.build().unwrap();
    expect_accepted("-", "c", &appraise(&validator, &token(&world).claim("azp", "c")));
    let other = appraise(&validator, &token(&world).claim("azp", "d"));
    expect_rejected("-", &["order.client"], "d", &other);
}

/// A claim that the type needs is needed, whatever the dialect lets be absent.
#[test]
fn the_claims_type_reads_what_is_there() {
    let world = World::new();
    let typed = trusting(&world.standard, loose(), Profile::access_token()).build().unwrap();
    let appraisal = appraise(&typed, &token(&world));
    expect_rejected("-", &["claims.deserialize"], "no sub", &appraisal);
}

/// What was waived through `danger` stays waived, and everything else of the dialect holds.
#[test]
fn what_is_waived_stays_waived() {
    let world = World::new();
    let dialect = || Dialect::new("bounded").untyped().has("scp").max_lifetime(Duration::hours(1));
    let token = world.standard_token().without_header("typ").claim("scp", "read");
    let unbounded = danger::without_max_lifetime(profile());
    let validator = trusting(&world.standard, dialect(), unbounded).build().unwrap();
    let day = token.clone().claim("exp", NOW + 24 * 60 * 60);
    let appraisal = appraise(&validator, &day);
    expect_accepted("-", "a day", &appraisal);
    assert!(validator.waived().any(|id| id == "time.lifetime"));
    let other = appraise(&validator, &token.without("scp"));
    expect_rejected("-", &["dialect.tells"], "no scp", &other);

    // A type that is waived for one issuer shows, whichever issuer comes first.
    let untyped = || danger::untyped_profile::<Value>();
    let typed = || trusted(&world.globex).dialect(globex());
    let both = |issuers: [IssuerTrust; 2]| {
        let builder = validator_builder(untyped()).issuers(issuers).audience(AUDIENCE);
        builder.build().unwrap()
    };
    for validator in [
        both([typed(), trusted(&world.standard).into()]),
        both([trusted(&world.standard).into(), typed()]),
    ] {
        assert!(validator.waived().any(|id| id == "header.typ"));
        let any = world.standard_token().header("typ", "any+jwt");
        let appraisal = appraise(&validator, &any);
        expect_accepted("-", "any type", &appraisal);
        let row = appraisal.checks().find(|check| check.id() == "header.typ").unwrap();
        assert_eq!(row.outcome().name(), "waived");
        expect_accepted("-", "its type", &appraise(&validator, &world.globex_token()));
        let other = world.globex_token().header("typ", "at+jwt");
        expect_rejected("-", &["header.typ"], "another type", &appraise(&validator, &other));
    }

    let unguarded = danger::without_replay_guard(profile().single_use());
    let validator = trusting(&world.standard, loose(), unguarded).build().unwrap();
    let nameless = appraise(&validator, &self::token(&world));
    expect_rejected("-", &["claims.jti"], "the guard of the service needs it", &nameless);

    let aud = danger::without_audience(profile());
    let issuer = trusted(&world.standard).dialect(loose());
    let validator = validator_builder(aud).issuer(issuer).build().unwrap();
    let elsewhere = self::token(&world).claim("resource", json!(["https://other.example.com"]));
    expect_accepted("-", "any audience", &appraise(&validator, &elsewhere));
}

/// A claim that is compared with the request cannot be left out, whatever the dialect.
#[test]
fn a_grant_names_the_client_of_the_request() {
    let world = World::new();
    let dialect = Dialect::new("grants").may_lack("client_id");
    let profile = Profile::id_jag().claims::<Value>();
    let validator = trusting(&world.standard, dialect, profile).build().unwrap();
    let good = world.standard_token().header("typ", "oauth-id-jag+jwt");
    let appraise = |token: &TestToken, facts: &RequestFacts<'_>| {
        validator.appraise_with_at(token.clone().sign(), facts, now())
    };
    let client = good.clone().claim("client_id", "client-1");
    let facts = RequestFacts::new().client_id("client-1");
    expect_accepted("-", "its client", &appraise(&client, &facts));
    for facts in [RequestFacts::new().client_id("attacker"), RequestFacts::new()] {
        let appraisal = appraise(&good.clone().without("client_id"), &facts);
        expect_rejected("-", &["claims.client_id"], "no client", &appraisal);
    }
}

/// A token that was derived from another one shows its scopes, where the dialect does not say how.
#[test]
fn an_issuer_whose_scopes_are_unknown_does_not_go_beyond_the_parent() {
    let world = World::new();
    let dialect = Dialect::new("other").untyped().has("scp");
    let validator = trusting(&world.standard, dialect, profile()).build().unwrap();
    let token = world.standard_token().without_header("typ").claim("scp", json!(["admin"]));
    let token = token.without("scope").sign();
    expect_accepted("-", "not derived", &validator.appraise_at(&token, now()));
    let derived = RequestFacts::new().parent_scopes(["read"]);
    let appraisal = validator.appraise_with_at(&token, &derived, now());
    expect_rejected("-", &["claims.scope"], "derived", &appraisal);
}
