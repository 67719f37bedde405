//! Mistakes of an author of a kind: each is found when a validator is built, or costs no safety.

use std::sync::Arc;

use jwt_appraisal::json::Value as Claim;
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::kind::tag::{Issued, SignedByClient, SignedByHolder};
use jwt_appraisal::rules::{self, ClaimRule, RuleContext};
use jwt_appraisal::testing::TestIssuer;
use jwt_appraisal::{
    ConfigError, Finding, JwkSet, MemoryReplayGuard, Profile, Reason, ReasonKind, RequestFacts,
    SignatureAlgorithm, TrustedIssuer, Validator, Verdict, danger,
};
use serde_json::{Value, json};
use time::Duration;

use super::support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, key_store, now, validator_builder,
};

fn receipt() -> KindBuilder<Issued> {
    KindBuilder::issued("receipt").typ("receipt+jwt")
}

fn trusted(issuer: &TestIssuer) -> TrustedIssuer {
    let keys = JwkSet::from_json(issuer.jwks()).unwrap();
    TrustedIssuer::new(issuer.issuer(), key_store([SignatureAlgorithm::Es256], keys).unwrap())
}

fn of_profile(
    issuer: &TestIssuer,
    profile: Profile<Value>,
) -> Result<Validator<Value>, ConfigError> {
    let is_single_use = profile.kind().is_single_use();
    let builder = validator_builder(profile).issuer(trusted(issuer)).audience(AUDIENCE);
    let guard = Arc::new(MemoryReplayGuard::new(100));
    if is_single_use { builder.replay_guard(guard).build() } else { builder.build() }
}

fn built(builder: KindBuilder<Issued>) -> Result<Validator<Value>, ConfigError> {
    of_profile(&TestIssuer::new(ISSUER), builder.profile())
}

/// The code of the rule that a kind lacks.
#[track_caller]
fn lacks(built: Result<Validator<Value>, ConfigError>) -> String {
    match built {
        Err(ConfigError::MissingRule { code, .. }) => code.to_owned(),
        Err(error) => error.to_string(),
        Ok(_) => "nothing".to_owned(),
    }
}

fn never(_: Claim<'_>, _: &RuleContext<'_>) -> Finding {
    Finding::Blocked
}

fn always(_: Claim<'_>, _: &RuleContext<'_>) -> Finding {
    Finding::Pass
}

/// A claim that the specification lets no verifier overlook has a rule in every kind.
#[test]
fn rejects_a_kind_that_overlooks_a_registered_claim() {
    assert_eq!(lacks(built(receipt().rules(rules::COMMON))), "nothing");
    for code in ["claims.aud", "claims.exp", "claims.nbf", "claims.cnf", "time.lifetime"] {
        let others = rules::COMMON.into_iter().filter(|rule| rule.code() != code);
        assert_eq!(lacks(built(receipt().rules(others))), code);
    }
    // To forbid the claim is not to overlook it, but an audience that must be absent is not checked.
    let forbidding = [rules::EXP.forbidden(), rules::NBF.forbidden(), rules::CNF.forbidden()];
    assert_eq!(lacks(built(receipt().rules(rules::COMMON).rules(forbidding))), "nothing");
    let without_audience = receipt().rules(rules::COMMON).rules([rules::AUD.forbidden()]);
    assert_eq!(lacks(built(without_audience)), "claims.aud");
}

/// A setting whose rule the kind lacks would do nothing.
#[test]
fn rejects_a_setting_that_no_rule_checks() {
    let without = |code: &'static str| {
        receipt().rules(rules::COMMON.into_iter().filter(move |rule| rule.code() != code))
    };
    let minute = Duration::minutes(1);
    assert_eq!(lacks(built(without("time.age").max_token_age(minute, minute))), "time.age");
    assert_eq!(lacks(built(without("claims.iat").max_token_age(minute, minute))), "claims.iat");
    assert_eq!(lacks(built(without("claims.iat").max_ahead(minute))), "claims.iat");
    assert_eq!(lacks(built(without("claims.jti").single_use())), "claims.jti");
    assert_eq!(lacks(built(without("").discriminator("order_id", None))), "kind.discriminator");
    // The same settings of a caller.
    let of = |profile| lacks(of_profile(&TestIssuer::new(ISSUER), profile));
    assert_eq!(of(without("time.age").profile().max_token_age(minute)), "time.age");
    assert_eq!(of(without("claims.iat").profile().max_token_age(minute)), "claims.iat");
    assert_eq!(of(without("claims.jti").profile().single_use()), "claims.jti");
}

#[test]
fn rejects_bounds_that_are_none() {
    let common = || receipt().rules(rules::COMMON);
    for bound in [Duration::ZERO, Duration::milliseconds(-1), Duration::MIN, Duration::MAX] {
        let lifetime = built(common().max_lifetime(bound));
        let age = built(common().max_token_age(bound, bound));
        for built in [lifetime, age] {
            assert!(matches!(built, Err(ConfigError::OutOfRange(_))), "{bound:?} {built:?}");
        }
    }
    let (short, long) = (Duration::minutes(1), Duration::minutes(2));
    assert!(built(common().max_token_age(short, long)).is_ok());
    assert!(built(common().max_token_age(long, short)).is_err());
    for ahead in [Duration::seconds(-1), Duration::hours(1), Duration::MIN, Duration::MAX] {
        assert!(built(common().max_ahead(ahead)).is_err(), "{ahead:?}");
    }
}

/// A setting of a caller does not permit what the kind forbids.
#[test]
fn a_setting_does_not_permit_a_forbidden_claim() {
    let with = |rule: ClaimRule| receipt().rules(rules::COMMON).rules([rule]);
    let issuer = TestIssuer::new(ISSUER);
    let minute = Duration::minutes(1);
    let eternal = with(rules::EXP.forbidden()).age_replaces_exp();
    let validator = of_profile(&issuer, eternal.profile().max_token_age(minute)).unwrap();
    let draft = issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE);
    let expiring = validator.appraise_at(draft.sign(), now());
    expect_rejected("own kind", &["claims.exp"], "still forbidden", &expiring);
    expect_accepted("-", "no exp", &validator.appraise_at(draft.without("exp").sign(), now()));

    let anonymous = of_profile(&issuer, with(rules::JTI.forbidden()).profile().single_use());
    let error = anonymous.unwrap_err();
    assert!(
        matches!(&error, ConfigError::ForbiddenClaim { claim, .. } if claim == "jti"),
        "{error}"
    );
    let undated = of_profile(&issuer, with(rules::IAT.forbidden()).profile().max_token_age(minute));
    let error = undated.unwrap_err();
    assert!(
        matches!(&error, ConfigError::ForbiddenClaim { claim, .. } if claim == "iat"),
        "{error}"
    );
}

/// The code of a rule is of its author's own, so that it cannot pass for a rule of the crate.
#[test]
fn rejects_a_rule_that_has_a_code_of_this_crate() {
    for code in
        ["claims.exp", "claims.color", "time.lifetime", "state.replay", "cnf.x", "x", "X.y", ""]
    {
        let rule = ClaimRule::new(code, "exp", always);
        let named = built(receipt().rules(rules::COMMON).rules([rule]));
        let error = named.unwrap_err();
        assert!(matches!(&error, ConfigError::RuleName { name, .. } if name == code), "{error}");
    }
}

/// A kind cannot pass for one of the crate.
#[test]
fn rejects_a_kind_that_has_the_name_of_another() {
    let posing = KindBuilder::issued("access-token").typ("at+jwt").rules(rules::COMMON);
    expect_misnamed(built(posing), "access-token");
    let untyped = KindBuilder::issued("id-token").rules(rules::COMMON);
    expect_misnamed(built(untyped), "id-token");
    let typed = built(KindBuilder::issued("mine").typ("at+jwt").rules(rules::COMMON));
    assert!(matches!(typed, Err(ConfigError::TypHasProfile { .. })));
    for name in ["", " ", "a\nb"] {
        let unnamed = KindBuilder::issued(name).typ("receipt+jwt").rules(rules::COMMON);
        expect_misnamed(built(unnamed), name);
    }
}

/// The signer is the party that the token names, whether the kind has a rule for that or not.
#[test]
fn rejects_another_party_without_a_rule_for_it() {
    let issuer = TestIssuer::new(ISSUER);
    let others = rules::COMMON.into_iter().filter(|rule| rule.code() != "claims.iss");
    let validator = of_profile(&issuer, receipt().rules(others).profile()).unwrap();
    let draft = issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE);
    expect_accepted("-", "its issuer", &validator.appraise_at(draft.sign(), now()));
    let posing = draft.clone().claim("iss", "https://other.example.com").sign();
    expect_rejected("-", &["key.issuer"], "another", &validator.appraise_at(posing, now()));
    let nameless = validator.appraise_at(draft.without("iss").sign(), now());
    expect_rejected("-", &["key.issuer"], "none", &nameless);

    let client = TestIssuer::new("client-7");
    for rule in [rules::CLIENT_ID.required(), ClaimRule::new("order.client", "client_id", always)] {
        let order: KindBuilder<SignedByClient> =
            KindBuilder::signed_by_client("order", "client_id")
                .typ("order+jwt")
                .rules(rules::COMMON)
                .rules([rules::ISS.optional(), rule]);
        let validator: Validator<Value> = validator_builder(order.profile())
            .client(trusted(&client))
            .audience(AUDIENCE)
            .build()
            .unwrap();
        let draft = client.token("order+jwt").at(NOW).claim("aud", AUDIENCE);
        let own = draft.clone().claim("client_id", "client-7").sign();
        expect_accepted("-", "its client", &validator.appraise_at(own, now()));
        let posing = draft.clone().claim("client_id", "client-8").sign();
        expect_rejected("-", &["key.client"], "another", &validator.appraise_at(posing, now()));
    }
}

/// A rule that waits for another one, which did not fail, is itself the reason, and the token is not
/// used up.
#[test]
fn a_rule_that_never_concludes_is_a_reason() {
    let issuer = TestIssuer::new(ISSUER);
    let never = ClaimRule::whole("order.never", never);
    let builder = receipt().single_use().rules(rules::COMMON).rules([never]);
    let validator = of_profile(&issuer, builder.profile()).unwrap();
    let draft = issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE).claim("jti", "j-1");
    for _ in 0..2 {
        let appraisal = validator.appraise_at(draft.sign(), now());
        expect_rejected("-", &["order.never"], "no conclusion", &appraisal);
    }
}

/// A single-use token is remembered for as long as it is accepted.
#[test]
fn a_token_is_not_forgotten_before_it_expires() {
    let issuer = TestIssuer::new(ISSUER);
    let builder = receipt().single_use().rules(rules::COMMON);
    let profile = builder.profile().max_token_age(Duration::minutes(1));
    let validator = validator_builder::<Value, _>(profile)
        .issuer(trusted(&issuer))
        .audience(AUDIENCE)
        .replay_guard(Arc::new(MemoryReplayGuard::new(1)))
        .build()
        .unwrap();
    let draft = |jti: &str, at: i64| {
        let draft = issuer.token("receipt+jwt").at(at).claim("exp", at + 3600);
        draft.claim("aud", AUDIENCE).claim("jti", jti).sign()
    };
    let first = draft("j-1", NOW);
    for (seconds, expected) in [(0, Verdict::Accepted), (120, Verdict::Rejected)] {
        let at = now() + Duration::seconds(seconds);
        assert_eq!(validator.appraise_at(&first, at).verdict(), expected, "{seconds}");
    }
    // The guard has room for one token, so a second one makes it forget the first.
    let later = now() + Duration::seconds(121);
    assert_eq!(validator.appraise_at(draft("j-2", NOW + 121), later).verdict(), Verdict::Accepted);
    let replayed = validator.appraise_at(&first, later);
    expect_rejected("-", &["time.age"], "too old", &replayed);
}

/// A demand for scopes is not dropped because the kind has none.
#[test]
fn demanded_scopes_are_demanded_of_every_kind() {
    let issuer = TestIssuer::new(ISSUER);
    let validator = of_profile(&issuer, receipt().rules(rules::COMMON).profile()).unwrap();
    let draft = issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE).claim("scope", "read");
    let facts = RequestFacts::new().required_scopes(["read"]);
    let appraisal = validator.appraise_with_at(draft.sign(), &facts, now());
    expect_rejected("-", &["request.scopes"], "no scopes", &appraisal);
}

/// A report says of a claim that must be absent only that, not which value would be right.
#[test]
fn a_forbidden_claim_has_no_expected_value() {
    let issuer = TestIssuer::new(ISSUER);
    let builder: KindBuilder<SignedByHolder> =
        KindBuilder::signed_with_header_key("proof").typ("proof+jwt").rules([
            rules::EXP.required(),
            rules::NBF,
            rules::CNF.forbidden(),
            rules::LIFETIME,
            rules::AZP.forbidden(),
            rules::AUD.forbidden(),
        ]);
    let validator: Validator<Value> = validator_builder(builder.profile())
        .algorithms([SignatureAlgorithm::Es256])
        .build()
        .unwrap();
    let draft = issuer.token("proof+jwt").at(NOW).header("jwk", issuer.key().jwk());
    let appraisal = validator.appraise_at(draft.claim("aud", AUDIENCE).sign(), now());
    expect_rejected("-", &["claims.aud"], "forbidden", &appraisal);
    assert_eq!(
        appraisal.into_result().unwrap_err().to_string(),
        "rejected: claims.aud: must be absent"
    );
}

/// A program that prints the context of a rule prints nothing of the token.
#[test]
fn the_context_of_a_rule_prints_no_token() {
    fn printed(_: Claim<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
        let text = format!("{cx:?} {:?}", cx.claims());
        let shows = ["user-1", "117, 115, 101, 114", "101, 121, 74"];
        let found = shows.iter().any(|shown| text.contains(shown));
        if found { Err(ReasonKind::Rule.into()) } else { Ok(()) }
    }
    let issuer = TestIssuer::new(ISSUER);
    let builder =
        receipt().rules(rules::COMMON).rules([ClaimRule::whole("order.printed", printed)]);
    let validator = of_profile(&issuer, builder.profile()).unwrap();
    let draft = issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE).claim("sub", "user-1");
    expect_accepted("-", "nothing shown", &validator.appraise_at(draft.sign(), now()));
}

/// What `danger` waives stays waived for a kind of another crate, and nothing else is.
#[test]
fn danger_waives_one_check_of_an_own_kind() {
    let issuer = TestIssuer::new(ISSUER);
    let profile = danger::without_audience(receipt().rules(rules::COMMON).profile::<Value>());
    let validator = validator_builder(profile).issuer(trusted(&issuer)).build().unwrap();
    let waived: Vec<_> = validator.waived().map(|code| code.as_str().to_owned()).collect();
    assert_eq!(waived, ["claims.aud"]);
    let draft = issuer.token("receipt+jwt").at(NOW);
    expect_accepted("-", "no audience", &validator.appraise_at(draft.sign(), now()));
    let mistyped = validator.appraise_at(draft.claim("aud", json!([7])).sign(), now());
    expect_rejected("-", &["claims.aud"], "a failure is not hidden", &mistyped);
}

/// Expects that a kind is refused for its name.
#[track_caller]
fn expect_misnamed<T>(built: Result<T, ConfigError>, kind: &str) {
    let error = built.err().unwrap();
    assert!(matches!(&error, ConfigError::KindName { name, .. } if name == kind), "{error}");
}
