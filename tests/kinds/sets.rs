//! Several kinds at one endpoint.

use jwt_appraisal::testing::{TestIssuer, TestRecipient, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, ConfigError, ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys,
    JwkSet, KeyManagementAlgorithm, Profile, SignatureAlgorithm, TrustedIssuer, Validator,
    ValidatorSet, danger,
};
use serde_json::Value;

use super::kind::{Party, facts, kinds, names};
use super::support::{
    AUDIENCE, NOW, expect_accepted, expect_rejected, key_store, now, validator_builder,
};
use jwt_appraisal::kind::Kind;

#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "as a service would write it")]
enum Evidence {
    AccessToken(AccessTokenClaims),
    Other(Value),
}

fn of_issuer(name: &str, profile: Profile<Value>) -> (TestIssuer, Validator<Value>) {
    let issuer = TestIssuer::new(name);
    let keys = JwkSet::from_json(issuer.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
    let builder = validator_builder(profile).issuer(TrustedIssuer::new(name, keys));
    (issuer, builder.audience(AUDIENCE).build().unwrap())
}

#[test]
fn each_type_has_its_member() {
    let party = Party::new();
    let access_tokens = validator_builder(Profile::access_token()).issuer(party.trusted());
    let access_tokens = access_tokens.audience(AUDIENCE).build().unwrap();
    let mut set = ValidatorSet::builder().member(access_tokens, Evidence::AccessToken);
    for kind in ["custom", "id-token", "dpop-proof", "security-event", "request-object"] {
        set = set.member(party.validator(kind), Evidence::Other);
    }
    let set = set.build().unwrap();
    for kind in ["access-token", "custom", "id-token", "dpop-proof", "security-event"] {
        let appraisal = set.appraise_with_at(party.good(kind).sign(), &facts(), now());
        expect_accepted("-", kind, &appraisal);
        let accepted = appraisal.into_result().unwrap();
        match accepted.claims() {
            Evidence::AccessToken(claims) => assert_eq!(&*claims.sub, "user-1"),
            Evidence::Other(claims) => assert!(kind != "access-token", "{claims}"),
        }
    }
    let forged = party.good("custom").signature([1; 64]).sign();
    let forged = set.appraise_with_at(forged, &facts(), now());
    expect_rejected("-", &["crypto.signature"], "by its own member", &forged);
    let stranger = party.good("custom").header("typ", "x+jwt").sign();
    let stranger = set.appraise_with_at(stranger, &facts(), now());
    expect_rejected("-", &["header.typ"], "by the first", &stranger);
    for text in ["", "a.b.c", "a.b.c.d.e"] {
        assert!(set.appraise(text).into_result().is_err(), "{text}");
    }
}

#[test]
fn members_that_share_a_type_have_their_own_issuers() {
    let (one, first) = of_issuer("https://one.example", Profile::id_token().claims());
    let (other, second) = of_issuer("https://other.example", Profile::jwt_bearer_grant().claims());
    let set = ValidatorSet::builder().member(first, |claims| (1, claims));
    let set = set.member(second, |claims| (2, claims)).build().unwrap();
    let draft = |issuer: &TestIssuer| -> TestToken {
        issuer.token("JWT").at(NOW).claim("aud", AUDIENCE).claim("sub", "user-1")
    };
    for (issuer, number) in [(&one, 1), (&other, 2)] {
        let appraisal = set.appraise_with_at(draft(issuer).sign(), &facts_without_nonce(), now());
        assert_eq!(appraisal.into_result().unwrap().claims().0, number);
    }
    let posing = draft(&one).claim("iss", "https://other.example").sign();
    let posing = set.appraise_with_at(posing, &facts_without_nonce(), now());
    expect_rejected("-", &["crypto.signature"], "another's name", &posing);
}

fn facts_without_nonce<'a>() -> jwt_appraisal::RequestFacts<'a> {
    jwt_appraisal::RequestFacts::new()
}

/// What is encrypted is for the member that opens it, and what is not is for the other.
#[test]
fn encrypted_tokens_have_a_member_of_their_own() {
    let party = Party::new();
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A128GcmKw);
    let keys = || {
        let key = DecryptionKey::from_jwk(recipient.private_jwk().to_string()).unwrap();
        DecryptionKeys::new(
            [key],
            [KeyManagementAlgorithm::A128GcmKw],
            [ContentEncryptionAlgorithm::A128Gcm],
        )
    };
    let encrypted = || {
        let builder = party.issued(Profile::access_token().claims()).encrypted_to(keys());
        builder.build().unwrap()
    };
    let set = ValidatorSet::builder().member(party.validator("access-token"), |_| "signed");
    let set = set.member(encrypted(), |_| "encrypted").build().unwrap();
    let signed = party.good("access-token").sign();
    let sealed = recipient.encrypt(&signed, ContentEncryptionAlgorithm::A128Gcm);
    for (token, member) in [(signed, "signed"), (sealed, "encrypted")] {
        let appraisal = set.appraise_with_at(token, &facts(), now());
        assert_eq!(appraisal.into_result().unwrap().claims(), &member);
    }
    let two = ValidatorSet::builder().member(encrypted(), |_| 1).member(encrypted(), |_| 2);
    assert!(two.build().is_err());
}

#[test]
fn two_parties_do_not_share_keys() {
    let issuer = TestIssuer::new("https://one.example");
    let keys = JwkSet::from_json(issuer.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
    let of = |name: &str| {
        let builder = validator_builder(Profile::access_token().claims::<Value>());
        let builder = builder.issuer(TrustedIssuer::new(name, keys.clone()));
        builder.audience(AUDIENCE).build().unwrap()
    };
    let pair = |one: &str, other: &str| {
        let set = ValidatorSet::builder().member(of(one), |claims| claims);
        set.member(of(other), |claims| claims).build().map(|_| ())
    };
    let refused = ConfigError::SetSharesKeys;
    assert_eq!(pair("https://one.example", "https://two.example"), Err(refused));
}

#[test]
fn a_token_is_for_one_member() {
    let party = Party::new();
    let refused = ConfigError::AmbiguousSet;
    let pair = |one: Validator<Value>, other: Validator<Value>| {
        let set = ValidatorSet::builder().member(one, |claims| claims);
        set.member(other, |claims| claims).build().map(|_| ())
    };
    let untyped: Vec<_> =
        kinds().filter(Kind::accepts_untyped).map(|kind| kind.name().to_owned()).collect();
    let is_untyped = |kind: &&str| *kind != "custom" && untyped.contains(&(*kind).to_owned());
    for one in &names() {
        for other in &names() {
            let (first, second) = (party.validator(one), party.validator(other));
            let typ = |kind: &&str| match *kind {
                "mcp-access-token" => "access-token".to_owned(),
                "shared-signal" => "security-event".to_owned(),
                kind => kind.trim_end_matches("-legacy").to_owned(),
            };
            let meets = typ(one) == typ(other) || (is_untyped(one) && is_untyped(other));
            let expected = if meets { Err(refused.clone()) } else { Ok(()) };
            assert_eq!(pair(first, second), expected, "{one} and {other}");
        }
    }
    let anything = party.issued(danger::untyped_profile()).build().unwrap();
    assert_eq!(pair(anything, party.validator("custom")), Err(refused.clone()));
    let (_, elsewhere) = of_issuer("https://other.example", Profile::access_token().claims());
    assert_eq!(pair(party.validator("access-token"), elsewhere), Ok(()), "other issuers");
    let nobody = ValidatorSet::<Value>::builder().build();
    assert_eq!(nobody.unwrap_err(), ConfigError::EmptySet);
}

#[test]
fn a_set_lists_its_checks_and_is_cloned() {
    let party = Party::new();
    let set = ValidatorSet::builder()
        .member(party.validator("custom"), Evidence::Other)
        .member(party.validator("dpop-proof"), Evidence::Other)
        .build()
        .unwrap();
    let checks: Vec<_> = set.checks().map(|check| check.as_str()).collect();
    for code in ["form.size", "claims.iss", "claims.htm", "key.embedded"] {
        assert_eq!(checks.iter().filter(|own| **own == code).count(), 1, "{code}");
    }
    let copy = set.clone();
    drop(set);
    expect_accepted("-", "a clone", &copy.appraise_at(party.good("custom").sign(), now()));
}
