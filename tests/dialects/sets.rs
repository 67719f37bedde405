//! Sets of validators, some of whose issuers have dialects.

use jwt_appraisal::dialect::{Dialect, IssuerTrust};
use jwt_appraisal::{ConfigError, Profile, Validator, ValidatorSet};
use serde_json::Value;

use super::acme::{World, acme, globex, trusted};
use super::support::{AUDIENCE, NOW, expect_accepted, findings, now, validator_builder};

fn of(profile: Profile<Value>, issuer: impl Into<IssuerTrust>) -> Validator<Value> {
    validator_builder(profile).issuer(issuer).audience(AUDIENCE).build().unwrap()
}

fn access_tokens(issuer: impl Into<IssuerTrust>) -> Validator<Value> {
    of(Profile::access_token().claims(), issuer)
}

fn set(one: Validator<Value>, other: Validator<Value>) -> Result<ValidatorSet<u8>, ConfigError> {
    ValidatorSet::builder().member(one, |_| 1).member(other, |_| 2).build()
}

#[test]
fn a_token_goes_to_the_member_whose_dialect_has_its_type() {
    let world = World::new();
    let acme = || access_tokens(trusted(&world.acme).dialect(acme()));
    let receipts = || of(Profile::new("receipt+jwt"), trusted(&world.acme_2));
    let set = set(acme(), receipts()).unwrap();
    let receipt = world.acme_2.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE);
    for (token, member) in [(world.acme_token(), 1), (receipt, 2)] {
        let appraisal = set.appraise_at(token.sign(), now());
        expect_accepted("-", "member", &appraisal);
        assert_eq!(appraisal.accepted().map(|accepted| *accepted.claims()), Some(member));
    }
    let id_token = world.acme_token().claim("token_use", "id");
    assert_eq!(findings(&set.appraise_at(id_token.sign(), now())), ["dialect.tells"]);
    let codes: Vec<_> = set.checks().map(ToString::to_string).collect();
    assert!(codes.contains(&"dialect.tells".to_owned()));
}

#[test]
fn members_that_both_accept_untyped_tokens_have_different_issuers() {
    let world = World::new();
    let acme = || access_tokens(trusted(&world.acme).dialect(acme()));
    let id_tokens = |issuer| of(Profile::id_token().claims(), trusted(issuer));
    assert!(set(acme(), id_tokens(&world.acme_2)).is_ok());
    assert!(set(acme(), id_tokens(&world.acme)).is_err());
    assert!(set(id_tokens(&world.acme), acme()).is_err());
}

#[test]
fn members_that_accept_one_type_have_different_issuers() {
    let world = World::new();
    let typed = || of(Profile::new("globex-at+jwt"), trusted(&world.globex));
    let in_dialect = |issuer, dialect| access_tokens(trusted(issuer).dialect(dialect));
    assert!(set(typed(), in_dialect(&world.globex, globex())).is_err());
    assert!(set(in_dialect(&world.globex, globex()), typed()).is_err());
    assert!(set(typed(), in_dialect(&world.acme, globex())).is_ok());
    let other = Dialect::new("other").typ("other+jwt");
    assert!(set(typed(), in_dialect(&world.globex, other)).is_ok());
}
