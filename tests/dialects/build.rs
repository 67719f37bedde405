//! Dialects that cannot be carried out, or would accept too much, are found when the validator is built.

use jwt_appraisal::dialect::{Dialect, Form};
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::{ConfigError, Profile, rules};
use serde_json::Value;
use time::Duration;

use super::acme::{World, acme, globex, trusted, trusting};
use super::support::{AUDIENCE, validator_builder};

#[track_caller]
fn refuses(dialect: Dialect, problem: &str) {
    refuses_of(Profile::access_token().claims(), dialect, problem);
}

#[track_caller]
fn refuses_of(profile: Profile<Value>, dialect: Dialect, problem: &str) {
    let world = World::new();
    let debug = format!("{dialect:?}");
    let built = trusting(&world.standard, dialect, profile).build();
    let error = built.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains(problem), "{debug}: {error:?}");
}

fn sound() -> Dialect {
    Dialect::new("acme")
}

#[test]
fn a_dialect_has_a_name_of_its_own() {
    for name in ["", "a b", "acme/1", "standard", "\u{e9}"] {
        refuses(Dialect::new(name).has("scp"), "a name that records cannot show");
    }
    let world = World::new();
    let built = |one: Dialect, other: Dialect| {
        let issuers = [trusted(&world.acme).dialect(one), trusted(&world.acme_2).dialect(other)];
        validator_builder(Profile::access_token()).issuers(issuers).audience(AUDIENCE).build()
    };
    assert!(built(acme(), acme()).is_ok());
    assert!(built(acme(), globex()).is_ok());
    let error = built(acme(), acme().has("x")).unwrap_err().to_string();
    assert!(error.contains("has the name of another dialect of this validator"), "{error}");
}

#[test]
fn a_dialect_names_types_that_no_other_kind_has() {
    for typ in [
        "JWT",
        "application/jwt",
        "logout+jwt",
        "dpop+jwt",
        "kb+jwt",
        "secevent+jwt",
        "",
        "a b",
        "x;y=1",
    ] {
        refuses(sound().typ(typ), "no explicit type or that of another kind");
    }
    refuses(sound().typ("a+jwt").typ("application/A+JWT"), "twice");
    let world = World::new();
    for typ in ["at+jwt", "acme+jwt", "application/okta-internal-at+jwt"] {
        let built = trusting(&world.acme, sound().typ(typ), Profile::access_token()).build();
        assert!(built.is_ok(), "{typ}");
    }
    // The type of an access token is that of another kind where ID tokens are wanted.
    let id_token = Profile::id_token().claims::<Value>();
    refuses_of(id_token, sound().typ("at+jwt"), "that of another kind");
}

#[test]
fn a_dialect_without_a_type_says_how_its_tokens_differ() {
    let problem = "does not say how they differ";
    refuses(sound().untyped(), problem);
    refuses(sound().untyped().has_not("nonce"), problem);
    refuses(sound().untyped().is_not("token_use", "id"), problem);
    refuses(sound().untyped().typ("at+jwt").client("azp"), problem);
}

/// Every token of the issuer has one of these values, so it distinguishes none.
#[test]
fn a_tell_is_no_name_of_a_party() {
    for claim in ["iss", "sub", "aud", "azp"] {
        refuses(sound().untyped().is(claim, "https://id.example.com"), "every kind can have");
    }
}

/// A name that was grafted would satisfy the discriminator of the kind, which an ID token lacks.
#[test]
fn a_dialect_does_not_graft_the_discriminator_of_a_kind() {
    let legacy = || Profile::access_token_legacy("client_id").claims::<Value>();
    refuses_of(legacy(), sound().client("azp"), "distinguishes the kind");
    let world = World::new();
    let other = Profile::access_token_legacy("scp").claims::<Value>();
    assert!(trusting(&world.acme, sound().client("azp"), other).build().is_ok());
}

#[test]
fn a_name_is_not_read_from_the_subject() {
    for claim in ["sub", "jti"] {
        refuses(sound().client(claim), "has a meaning of its own");
        refuses(sound().audience(claim, Form::Text), "has a meaning of its own");
    }
}

/// The holder of an SD-JWT chooses which claims a verifier sees.
#[test]
fn a_dialect_of_a_kind_with_disclosures_depends_on_no_claim_that_can_be_withheld() {
    let disclosed = || {
        let kind = KindBuilder::issued("membership").typ("membership+sd-jwt").rules(rules::COMMON);
        kind.with_disclosures().profile::<Value>()
    };
    refuses_of(disclosed(), sound().client("azp"), "can withhold one of two");
    refuses_of(disclosed(), sound().has("x").may_lack("sub"), "could withhold");
}

#[test]
fn a_tell_distinguishes_something() {
    for claim in ["iss", "sub", "aud", "exp", "iat", "jti", "azp", "cnf"] {
        refuses(sound().has(claim), "tokens of every kind can have");
        refuses(sound().has_one_of(["scp", claim]), "tokens of every kind can have");
    }
    for dialect in [
        sound().has(""),
        sound().has_one_of(["scp", ""]),
        sound().has_one_of([""; 0]),
        sound().is("", "a"),
        sound().is("a", ""),
        sound().has_not(""),
        sound().is_not("a", ""),
    ] {
        refuses(dialect, "empty name or value");
    }
    for dialect in [
        sound().has("a").has_not("a"),
        sound().has_not("a").has("a"),
        sound().is("a", "b").has_not("a"),
        sound().has_one_of(["a"]).has_not("a"),
        sound().is("a", "b").is("a", "c"),
        sound().is("a", "b").is_not("a", "b"),
        sound().has("a").has("a"),
    ] {
        refuses(dialect, "expects");
    }
    let world = World::new();
    let sound = sound().has_one_of(["a", "b"]).has_not("a").is("c", "d").is_not("c", "e").has("c");
    assert!(trusting(&world.acme, sound, Profile::access_token()).build().is_ok());
}

/// A holder could withhold the claim by which the token is one of another kind.
#[test]
fn a_dialect_of_tokens_with_disclosures_has_no_tell_by_absence() {
    let kind = || {
        let kind = KindBuilder::issued("pass").typ("pass+sd-jwt").with_disclosures();
        kind.rules(rules::COMMON).profile::<Value>()
    };
    for dialect in [sound().has_not("a"), sound().has("b").is_not("a", "c")] {
        refuses_of(kind(), dialect, "can withhold a claim");
    }
    let world = World::new();
    assert!(trusting(&world.acme, sound().has("a"), kind()).build().is_ok());
}

#[test]
fn a_dialect_grafts_three_claims_from_others() {
    let problem = "which is empty, has a meaning of its own, or was named twice";
    for name in ["", "iss", "exp", "nbf", "iat", "cnf", "act", "crit", "scope", "aud"] {
        refuses(sound().client(name), problem);
    }
    for name in ["iss", "cnf", "act", "aud", "client_id"] {
        refuses(sound().scopes(name, Form::Either), problem);
    }
    for name in ["iss", "cnf", "act", "scope", "client_id"] {
        refuses(sound().audience(name, Form::Either), problem);
    }
    refuses(sound().client("azp").client("azp"), problem);
    refuses(sound().client("x").scopes("x", Form::Text), problem);
    refuses(sound().scopes("x", Form::Text).audience("x", Form::List), problem);
}

#[test]
fn a_dialect_lets_only_some_claims_be_absent() {
    for claim in [
        "iss", "exp", "nbf", "iat", "cnf", "act", "crit", "aud", "scope", "nonce", "events", "htu",
        "",
    ] {
        refuses(sound().may_lack(claim), "expected one of sub, jti, client_id");
    }
}

#[test]
fn a_dialect_bounds_the_lifetime() {
    let world = World::new();
    let built = |lifetime| {
        let dialect = sound().max_lifetime(lifetime);
        trusting(&world.acme, dialect, Profile::access_token()).build()
    };
    for lifetime in [Duration::ZERO, Duration::seconds(-1), Duration::days(367)] {
        let error = built(lifetime).unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange(_)), "{error}");
    }
    assert!(built(Duration::seconds(1)).is_ok() && built(Duration::days(366)).is_ok());
    let age = Duration::minutes(5);
    let aged = KindBuilder::issued("aged").typ("aged+jwt").max_token_age(age, age);
    let aged = aged.rules([rules::ISS, rules::AUD, rules::EXP, rules::NBF, rules::IAT]);
    let aged = aged.rules([rules::AGE, rules::CNF]).profile::<Value>();
    refuses_of(aged, sound().max_lifetime(Duration::hours(1)), "no check for");
}

/// A mistake is found whichever issuer has the dialect.
#[test]
fn the_dialect_of_each_issuer_is_checked() {
    let world = World::new();
    let issuers =
        [trusted(&world.standard).into(), trusted(&world.acme).dialect(sound().may_lack("exp"))];
    let built = validator_builder(Profile::access_token()).issuers(issuers).audience(AUDIENCE);
    let error = built.build().unwrap_err();
    assert!(matches!(&error, ConfigError::Dialect { dialect, .. } if dialect == "acme"), "{error}");
}
