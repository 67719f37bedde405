//! A. Claims of a wrong type, claims that are not there, and audiences that nobody compared.

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, ConfigError, Outcome, Profile, ReasonKind, SignatureAlgorithm,
    Validator, danger,
};
use serde_json::{Value, json};
use time::Duration;

use super::support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, now, validator_builder,
};
use super::{EVIL, builder, draft, of_issuers, trusted, written};

/// A kind that demands few claims: `exp`, `nbf`, `sub` and `jti` may be left out.
fn lenient(scene: &Scene) -> Validator<Value> {
    scene.validator_of(Profile::new("receipt+jwt").max_token_age(Duration::minutes(5)))
}

fn receipt(scene: &Scene) -> TestToken {
    scene.issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE).without("exp")
}

#[test]
fn lesson_001_cve_2026_25537_wrong_type_is_not_absence() {
    let scene = Scene::new();
    let validator = lenient(&scene);
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    expect_accepted("001", "no exp, no nbf", &appraise(receipt(&scene)));
    for name in ["exp", "nbf"] {
        for value in [
            json!("4102444800"),
            json!("tomorrow"),
            json!(null),
            json!(true),
            json!([NOW]),
            json!({"seconds": NOW}),
        ] {
            let code = format!("claims.{name}");
            let what = format!("{name} {value}");
            let appraisal = appraise(receipt(&scene).claim(name, value));
            expect_rejected("001", &[&code], &what, &appraisal);
        }
    }
}

#[test]
fn lesson_002_names_of_a_wrong_type_are_not_absent() {
    let scene = Scene::new();
    let validator = lenient(&scene);
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    expect_accepted("002", "no sub", &appraise(receipt(&scene)));
    for (name, good) in [("iss", ISSUER), ("aud", AUDIENCE), ("sub", "user-1")] {
        for value in [
            json!(7),
            json!(0),
            json!(false),
            json!(null),
            json!({"value": good}),
            json!({good: true}),
            json!([good, 7]),
            json!([null, good]),
            json!([[good]]),
        ] {
            let code = format!("claims.{name}");
            let what = format!("{name} {value}");
            let appraisal = appraise(receipt(&scene).claim(name, value));
            expect_rejected("002", &[&code], &what, &appraisal);
        }
    }
}

#[test]
fn lesson_003_an_array_of_issuers_is_no_issuer() {
    let scene = Scene::new();
    for iss in [json!([EVIL, ISSUER]), json!([ISSUER, EVIL]), json!([ISSUER]), json!([])] {
        let token = scene.token().claim("iss", iss.clone()).sign();
        scene.refuses("003", "claims.iss", &iss.to_string(), token);
    }
    let one_text = format!("{EVIL} {ISSUER}");
    let token = scene.token().claim("iss", one_text.as_str()).sign();
    scene.refuses("003", "claims.iss", "two names in one text", token);
}

#[test]
fn lesson_004_cve_2025_30144_an_array_of_issuers_finds_no_keys() {
    let issuers = [TestIssuer::new(ISSUER), TestIssuer::new(EVIL)];
    let [good, evil] = &issuers;
    let validator = of_issuers(&issuers);
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    expect_accepted("004", "a tenant's own token", &appraise(draft(evil)));
    for iss in [json!([EVIL, ISSUER]), json!([ISSUER, EVIL]), json!([EVIL])] {
        let what = format!("{iss} under the key of {EVIL}");
        let appraisal = appraise(draft(evil).claim("iss", iss));
        expect_rejected("004", &["key.issuer"], &what, &appraisal);
    }
    let as_good = appraise(draft(evil).claim("iss", good.issuer()));
    expect_rejected("004", &["crypto.signature"], "the other's name", &as_good);
}

#[test]
fn lesson_005_cve_2024_53861_a_part_of_the_issuer_is_another_issuer() {
    let scene = Scene::new();
    let refuses = |iss: &str| {
        let token = scene.token().claim("iss", iss).sign();
        scene.refuses("005", "claims.iss", iss, token);
    };
    for cut in 0..ISSUER.len() {
        let (start, rest) = ISSUER.split_at(cut);
        refuses(start);
        if cut > 0 {
            refuses(rest);
        }
    }
    for other in ["as.example", "example", "https://as.example.com.evil.example"] {
        refuses(other);
    }
    scene.accepts("005", "the whole", scene.token().sign());
}

#[test]
fn lesson_006_cve_2020_26160_an_empty_audience_is_nobodys() {
    let scene = Scene::new();
    for aud in [json!([]), json!(""), json!([""]), json!(["", ""]), json!([[]]), json!([[""]])] {
        let token = scene.token().claim("aud", aud.clone()).sign();
        scene.refuses("006", "claims.aud", &aud.to_string(), token);
    }
    let nobody = validator_builder(Profile::access_token()).issuer(trusted(&scene.issuer));
    let error = nobody.audience("").build().unwrap_err();
    assert!(
        matches!(&error, ConfigError::AudienceName { audience, .. } if *audience == ""),
        "{error}"
    );
}

#[test]
fn lesson_007_cve_2026_44459_falsy_dates_are_checked() {
    let scene = Scene::new();
    for text in ["0", "-0", "0.0", "-0.0", "0e9", "false", r#""""#, "null", "[]", "{}"] {
        let token = written(scene.token(), "exp", text);
        scene.refuses("007", "claims.exp", text, token);
    }
    for name in ["nbf", "iat"] {
        for text in ["false", r#""""#, "null", "[]", r#""0""#] {
            let code = format!("claims.{name}");
            scene.refuses("007", &code, text, written(scene.token(), name, text));
        }
    }
    for name in ["exp", "nbf", "iat"] {
        for text in ["1e999", "-1e999", "NaN", "Infinity", "-Infinity", "0x7fffffff", "+1"] {
            scene.refuses("007", "payload.json", text, written(scene.token(), name, text));
        }
    }
}

#[test]
fn lesson_008_ghsa_687g_22h4_j4w4_no_setting_is_without_end() {
    let scene = Scene::new();
    let extremes =
        [Duration::MAX, Duration::MIN, Duration::nanoseconds(-1), Duration::seconds(1 << 33)];
    for extreme in extremes {
        let of_setting = |built: Result<_, ConfigError>, name: &str| match built {
            Err(ConfigError::OutOfRange(error)) => assert_eq!(error.setting, name),
            other => unreachable!("{name} {extreme}: {other:?}"),
        };
        let of_profile = |profile: Profile<AccessTokenClaims>| {
            let builder = validator_builder(profile).issuer(trusted(&scene.issuer));
            builder.audience(AUDIENCE).build()
        };
        of_setting(builder(&scene).leeway(extreme).build(), "leeway");
        of_setting(of_profile(Profile::access_token().max_token_age(extreme)), "max_token_age");
        of_setting(of_profile(Profile::access_token().max_lifetime(extreme)), "max_lifetime");
    }
    let widest = builder(&scene).leeway(Duration::minutes(5)).build().unwrap();
    let at = |exp: i64| scene.token().claim("iat", NOW - 900).claim("exp", exp).sign();
    expect_accepted("008", "within", &widest.appraise_at(at(NOW - 299), now()));
    let expired = widest.appraise_at(at(NOW - 300), now());
    expect_rejected("008", &["claims.exp"], "the widest leeway", &expired);
}

#[test]
fn lesson_009_cve_2025_62610_a_token_for_another_service_is_refused() {
    let scene = Scene::new();
    let other = "https://billing.example.com";
    let there = validator_builder(Profile::access_token()).issuer(trusted(&scene.issuer));
    let there = there.audience(other).build().unwrap();
    let token = scene.token().claim("aud", other).sign();
    expect_accepted("009", "where it is meant for", &there.appraise_at(&token, now()));
    scene.refuses("009", "claims.aud", "passed on to us", token);
    let ours = there.appraise_at(scene.token().sign(), now());
    expect_rejected("009", &["claims.aud"], "ours, passed on to them", &ours);
}

#[test]
fn lesson_010_an_absent_audience_is_not_any_audience() {
    let scene = Scene::new();
    let nobodys = scene.token().without("aud");
    scene.refuses("010", "claims.aud", "an access token", nobodys.clone().sign());
    let own = lenient(&scene).appraise_at(receipt(&scene).without("aud").sign(), now());
    expect_rejected("010", &["claims.aud"], "a kind of one's own", &own);
    let untyped = scene.validator_of::<Value>(danger::untyped_profile());
    let untyped = untyped.appraise_at(nobodys.clone().sign(), now());
    expect_rejected("010", &["claims.aud"], "a kind without a type", &untyped);
    for name in ["Aud", "AUD", "audience", "aud\u{0}", "azp", "resource"] {
        let token = nobodys.clone().claim(name, AUDIENCE).sign();
        scene.refuses("010", "claims.aud", name, token);
    }
}

#[test]
fn lesson_011_a_huge_date_does_not_saturate() {
    let scene = Scene::new();
    let validator = scene.validator_of(danger::without_max_lifetime(Profile::access_token()));
    let appraise = |text: &str| validator.appraise_at(written(scene.token(), "exp", text), now());
    expect_accepted("011", "the year 9999", &appraise("253402300799"));
    for text in ["253402300800", "9223372036854775807", "9223372036854775808"] {
        let appraisal = appraise(text);
        expect_rejected("011", &["claims.exp"], text, &appraisal);
        let check = appraisal.findings().next().unwrap();
        assert_eq!(check.outcome().reason().unwrap().kind(), ReasonKind::OutsideCalendar, "{text}");
    }
    for text in ["18446744073709551616", "-9223372036854775809", "1e19", "99999999999999999999999"]
    {
        expect_rejected("011", &["payload.json"], text, &appraise(text));
    }
}

#[test]
fn lesson_012_a_setting_for_the_audience_is_heeded() {
    let scene = Scene::new();
    let named = |names: &[&str]| {
        let builder = validator_builder(Profile::access_token()).issuer(trusted(&scene.issuer));
        builder.audiences(names.iter().copied()).build()
    };
    assert_eq!(named(&[]).unwrap_err(), ConfigError::NoAudience);
    let error = named(&[AUDIENCE, ""]).unwrap_err();
    assert!(
        matches!(&error, ConfigError::AudienceName { audience, .. } if *audience == ""),
        "{error}"
    );
    let alias = "https://alias.example.com";
    let both = named(&[AUDIENCE, alias]).unwrap();
    let outcome = |appraisal: Appraisal<_>| {
        let check = appraisal.checks().find(|check| *check.id() == "claims.aud").unwrap();
        check.outcome().clone()
    };
    for mine in [AUDIENCE, alias] {
        let token = scene.token().claim("aud", mine).sign();
        assert_eq!(outcome(both.appraise_at(token, now())), Outcome::Pass, "{mine}");
    }
    let token = scene.token().claim("aud", alias).sign();
    scene.refuses("012", "claims.aud", "an alias that was not set", token);
    assert_eq!(both.waived().count(), 0);
}

#[test]
fn lesson_013_a_resource_server_can_not_forget_its_audience() {
    let issuers = [TestIssuer::new(ISSUER), TestIssuer::new("https://second.example")];
    let server = of_issuers(&issuers);
    for issuer in &issuers {
        let appraisal = server.appraise_at(draft(issuer).without("aud").sign(), now());
        expect_rejected("013", &["claims.aud"], issuer.issuer(), &appraisal);
    }
    let forgetful = danger::without_audience(Profile::access_token().claims::<Value>());
    let forgetful = validator_builder(forgetful).issuers(issuers.iter().map(trusted));
    let forgetful = forgetful.build().unwrap();
    let waived: Vec<&str> = forgetful.waived().map(|check| check.as_str()).collect();
    assert_eq!(waived, ["claims.aud"], "what was left out by name shows");
    let appraisal = forgetful.appraise_at(draft(&issuers[0]).without("aud").sign(), now());
    expect_accepted("013", "which is what was asked for", &appraisal);
    let check = appraisal.checks().find(|check| *check.id() == "claims.aud").unwrap();
    assert_eq!(*check.outcome(), Outcome::Waived, "{appraisal}");
}

#[test]
fn lesson_014_cve_2025_27370_a_client_assertion_is_for_one_server() {
    let scene = Scene::new();
    let client = TestIssuer::new("client-1");
    let client = client.with_key(TestKey::generate("k1", SignatureAlgorithm::Es256));
    let server = validator_builder(danger::without_replay_guard(Profile::client_assertion()))
        .client(trusted(&client))
        .audience(ISSUER)
        .build()
        .unwrap();
    let assertion = |typ: &str, aud: &str| {
        let assertion = client.token(typ).at(NOW).claim("sub", "client-1").claim("aud", aud);
        assertion.claim("jti", "a1").sign()
    };
    let appraise = |token: &str| server.appraise_at(token, now());
    let good = assertion("client-authentication+jwt", ISSUER);
    expect_accepted("014", "its own name", &appraise(&good));
    for endpoint in ["/token", "/par", "/", "?x=1", "#x"] {
        let aud = format!("{ISSUER}{endpoint}");
        let injected = appraise(&assertion("client-authentication+jwt", &aud));
        expect_rejected("014", &["claims.aud"], &aud, &injected);
    }
    let both = client.token("client-authentication+jwt").at(NOW).claim("sub", "client-1");
    let both = both.claim("aud", json!([ISSUER, "https://other.example"])).claim("jti", "a1");
    expect_rejected("014", &["claims.aud"], "and another's", &appraise(&both.sign()));
    expect_accepted("014", "the older form", &appraise(&assertion("JWT", ISSUER)));
    scene.refuses("014", "header.typ", "in place of an access token", good);
}
